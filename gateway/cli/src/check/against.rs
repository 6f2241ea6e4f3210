//! `turnpage check --against`: what a new version of the journeys changes, and for how many people inside.
//!
//! Changes nothing: what is written differently is told by journeys/authoring, where everyone would go on is counted by the engine
//! over a data directory or a file of events. Before: check.rs. Next: load.rs.

mod told;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use turnpage_gateway_core::upgrade::{self, Moves};
use turnpage_gateway_core::{Venue, replay};
use turnpage_gateway_store::{Disk, Store as _, disk};

use turnpage_journeys_authoring::{Checked, check};

use self::told::Told;
use crate::args::{CheckArgs, ReportFormat};
use crate::load::{self, Library};
use crate::out;

/// Says what changed; exit 1 when somebody would have no page.
pub(super) fn run(args: &CheckArgs, old: &Path) -> anyhow::Result<ExitCode> {
    let venue = match super::venue(args)? {
        Ok(venue) => venue,
        Err(report) => return super::tell(&report, args.format),
    };
    let was = match checked(&venue, &[old.to_owned()])? {
        Ok(was) => was,
        Err(report) => return super::tell(&report, args.format),
    };
    let is = match checked(&venue, &args.journeys)? {
        Ok(is) => is,
        Err(report) => return super::tell(&report, args.format),
    };
    let moves = inside(args, &venue, &was.0, &is.0)?;
    let told = Told::of(&was, &is, moves);
    match args.format {
        ReportFormat::Text => out::put(told.text())?,
        format => out::put(format_args!("{:#}\n", told.data(format)))?,
    }
    Ok(if told.lost() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Journeys with their texts. Warnings about them alone are for `check` without `--against`.
fn checked(venue: &Venue, paths: &[PathBuf]) -> anyhow::Result<load::Outcome<(Library, Checked)>> {
    let mut checked = check(load::journey_sources(paths)?, &venue.schema());
    Ok(match checked.library.take() {
        Some(library) => Ok((library, checked)),
        None => Err(checked.report),
    })
}

/// Who is inside, and where they would go on; `None` without anything to count.
fn inside(
    args: &CheckArgs,
    venue: &Venue,
    was: &Library,
    is: &Library,
) -> anyhow::Result<Option<Vec<Moves>>> {
    if let Some(data) = &args.data {
        if !data.join("log").is_dir() {
            bail!("`{}` holds no log", data.display());
        }
        let store = Disk::open(data, disk::Options::default());
        let mut store =
            store.with_context(|| format!("cannot open `{}`; is its gateway running?", data.display()))?;
        return Ok(Some(upgrade::dry_run(was, is, &store.recover()?.state)?));
    }
    let Some(events) = &args.events else { return Ok(None) };
    let name = events.display();
    let file = load::events(events)?;
    let saved = replay::inside(venue, was.clone(), file);
    let saved = saved.with_context(|| format!("cannot replay `{name}`"))?;
    Ok(Some(upgrade::moves(was, is, &saved)?))
}
