//! `turnpage replay`: recorded events through a venue's journeys, NDJSON in, NDJSON out.
//!
//! Opens the files and says what was done; the replay itself is gateway/core's. Before: load.rs.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use turnpage_gateway_core::replay;

use crate::args::ReplayArgs;
use crate::load;

/// Bytes read at once: large enough that the system calls do not show in a profile.
const READ_BYTES: usize = 1 << 18;

/// Replays a file of events.
pub(crate) fn run(args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    let loaded = match load::all(&args.venue, std::slice::from_ref(&args.journeys))? {
        Ok(loaded) => loaded,
        Err(report) => return Ok(load::print(&report)),
    };
    let name = args.events.display();
    let events = File::open(&args.events).with_context(|| format!("cannot read `{name}`"))?;
    let events = BufReader::with_capacity(READ_BYTES, events);
    let replayed = if args.out == Path::new("-") {
        replay::run(&loaded.venue, loaded.library, events, std::io::stdout().lock())
    } else {
        let out =
            File::create(&args.out).with_context(|| format!("cannot write `{}`", args.out.display()))?;
        let mut out = BufWriter::new(out);
        let replayed = replay::run(&loaded.venue, loaded.library, events, &mut out);
        out.flush().with_context(|| format!("cannot write `{}`", args.out.display()))?;
        replayed
    };
    let summary = replayed.with_context(|| format!("cannot replay `{name}`"))?;
    eprintln!("{} events of {} subjects made {} offers", summary.events, summary.subjects, summary.offers);
    Ok(ExitCode::SUCCESS)
}
