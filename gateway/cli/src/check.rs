//! `turnpage check`: everything that is wrong with a venue, its journeys or a configuration, all at once.
//!
//! Deliberately starts nothing. Before: args.rs. Next: load.rs.

mod against;

use std::process::ExitCode;

use turnpage_journeys_authoring::Report;

use crate::args::CheckArgs;
use crate::{load, run};

/// Checks what it is given and prints what is wrong; exit 1 when anything is.
pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    if let Some(old) = &args.against {
        return against::run(args, old);
    }
    let checked = match &args.config {
        Some(config) => run::prepare(config)?.map(|prepared| prepared.describe()),
        None => check_journeys(args)?,
    };
    Ok(match checked {
        Ok(fine) => {
            println!("{fine}");
            ExitCode::SUCCESS
        }
        Err(report) => load::print(&report),
    })
}

fn check_journeys(args: &CheckArgs) -> anyhow::Result<Result<String, Report>> {
    let venue = match &args.venue {
        Some(dir) => load::venue(dir)?,
        None => crate::demo::park::venue(),
    };
    let venue = match venue {
        Ok(venue) => venue,
        Err(report) => return Ok(Err(report)),
    };
    if args.journeys.is_empty() {
        return Ok(Ok(format!("the venue `{}` is fine", venue.id)));
    }
    let sources = load::journey_sources(&args.journeys)?;
    Ok(load::journeys(&venue, sources)
        .map(|library| format!("{} fine in the venue `{}`", count(library.journeys().len()), venue.id)))
}

fn count(journeys: usize) -> String {
    if journeys == 1 { "1 journey is".to_owned() } else { format!("{journeys} journeys are") }
}
