//! `turnpage compile`: a venue's journeys as one file that a device without the compiler runs.
//!
//! What is in the file is the engine's. Before: load.rs. Next: journeys/engine, `Library::from_bytes`.

use std::process::ExitCode;

use anyhow::Context as _;

use crate::args::CompileArgs;
use crate::load::{self, Loaded};

/// Compiles the journeys; a report and exit 1 when there is no library.
pub(crate) fn run(args: &CompileArgs) -> anyhow::Result<ExitCode> {
    let Loaded { venue, library, .. } = match load::all(&args.venue, &args.journeys)? {
        Ok(loaded) => loaded,
        Err(report) => return Ok(load::print(&report)),
    };
    let bytes = library.to_bytes(&venue.schema())?;
    let out = args.out.display();
    std::fs::write(&args.out, &bytes).with_context(|| format!("cannot write `{out}`"))?;
    eprintln!("{} journeys in {} bytes: `{out}`", library.journeys().len(), bytes.len());
    Ok(ExitCode::SUCCESS)
}
