//! `turnpage replay`: recorded events through a venue's journeys, NDJSON in, NDJSON out.
//!
//! With `--against`, the same events under two versions, and what differs. Opens the files and says what was done; the
//! replay itself is gateway/core's. Before: load.rs.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use turnpage_gateway_core::{SubjectKind, replay};

use crate::args::{Format, ReplayArgs};
use crate::load::{self, Loaded};
use crate::out;

/// Bytes read at once: large enough that the system calls do not show in a profile.
const READ_BYTES: usize = 1 << 18;

/// Replays a file of events.
pub(crate) fn run(args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    let loaded = match load::all(&args.venue, std::slice::from_ref(&args.journeys))? {
        Ok(loaded) => loaded,
        Err(report) => return Ok(load::print(&report)),
    };
    if let Some(old) = &args.against {
        return against(args, old, loaded);
    }
    if loaded.library.journeys().is_empty() {
        bail!("there is no journey in `{}`", args.journeys.display());
    }
    let name = args.events.display();
    let path = args.out.as_deref().unwrap_or(Path::new("-"));
    let events = load::events(&args.events)?;
    let events = BufReader::with_capacity(READ_BYTES, events);
    let others = loaded.library.journeys().iter().filter(|it| it.subject != SubjectKind::Visitor).count();
    let replayed = if path == Path::new("-") {
        replay::run(&loaded.venue, loaded.library, args.seed, events, std::io::stdout().lock())
    } else {
        let out = File::create(path).with_context(|| format!("cannot write `{}`", path.display()))?;
        let mut out = BufWriter::new(out);
        let replayed = replay::run(&loaded.venue, loaded.library, args.seed, events, &mut out);
        out.flush().with_context(|| format!("cannot write `{}`", path.display()))?;
        replayed
    };
    if let Err(replay::Error::Io(error)) = &replayed
        && path == Path::new("-")
        && error.kind() == ErrorKind::BrokenPipe
    {
        // Whoever read the offers had enough.
        return Ok(ExitCode::SUCCESS);
    }
    let summary = replayed.with_context(|| format!("cannot replay `{name}`"))?;
    eprintln!("{} events of {} subjects made {} offers", summary.events, summary.subjects, summary.offers);
    if summary.missed > 0 {
        eprintln!("{} answers and picks met no offer and no page of theirs", summary.missed);
    }
    if summary.crowd && others > 0 {
        eprintln!(
            "{others} journeys of other subjects than visitors did not run: events of this shape know none"
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The same events under an older version of the journeys and under this one.
fn against(args: &ReplayArgs, old: &Path, loaded: Loaded) -> anyhow::Result<ExitCode> {
    let was = match load::journeys(&loaded.venue, load::journey_sources(&[old.to_owned()])?) {
        Ok(library) => library,
        Err(report) => return Ok(load::print(&report)),
    };
    let name = args.events.display();
    if args.events == Path::new("-") {
        bail!("two versions read the events twice: give `--against` a file of them");
    }
    drop(load::events(&args.events)?);
    let open = || File::open(&args.events).map(|file| BufReader::with_capacity(READ_BYTES, file));
    let diff = replay::against(&loaded.venue, was, loaded.library, args.seed, open);
    let diff = diff.with_context(|| format!("cannot replay `{name}`"))?;
    let text = match args.format {
        Format::Json => serde_json::to_string_pretty(&diff)? + "\n",
        Format::Text => show(&diff),
    };
    match args.out.as_deref().filter(|out| *out != Path::new("-")) {
        Some(out) => {
            std::fs::write(out, text).with_context(|| format!("cannot write `{}`", out.display()))?;
        }
        None => out::put(text)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn show(diff: &replay::Diff) -> String {
    let mut text = format!(
        "{} events of {} subjects: {} offers and outcomes before, {} now\n",
        diff.events, diff.subjects, diff.total.0, diff.total.1
    );
    if diff.rows.is_empty() {
        return text + "nothing differs\n";
    }
    for row in &diff.rows {
        let page = if row.page.is_empty() { String::new() } else { format!(" on {}", row.page) };
        text += &format!("\n{}{page}: {}  {} -> {}\n", row.journey, row.offer, row.old, row.new);
        for (sign, names, count) in [("+", &row.gained, row.gained_count), ("-", &row.lost, row.lost_count)] {
            if count > 0 {
                let more = if count > names.len() as u64 { ", .." } else { "" };
                text += &format!("  {sign} {count}: {}{more}\n", names.join(", "));
            }
        }
    }
    text
}
