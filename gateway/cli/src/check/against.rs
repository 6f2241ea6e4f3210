//! `turnpage check --against`: what a new version of the journeys changes, and for how many people inside.
//!
//! Changes nothing: where everyone would go on is counted by the engine over a data directory or a file of events.
//! Before: check.rs. Next: load.rs.

use std::fs::File;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use turnpage_gateway_core::upgrade::{self, Moves};
use turnpage_gateway_core::{Venue, replay};
use turnpage_gateway_store::{Disk, Store as _, disk};

use crate::args::CheckArgs;
use crate::load::{self, Library};

/// Says what changed; exit 1 when somebody would have no page.
pub(super) fn run(args: &CheckArgs, old: &Path) -> anyhow::Result<ExitCode> {
    let venue = match &args.venue {
        Some(dir) => load::venue(dir)?,
        None => crate::demo::park::venue(),
    };
    let venue = match venue {
        Ok(venue) => venue,
        Err(report) => return Ok(load::print(&report)),
    };
    let was = match load::journeys(&venue, load::journey_sources(&[old.to_owned()])?) {
        Ok(library) => library,
        Err(report) => return Ok(load::print(&report)),
    };
    let is = match load::journeys(&venue, load::journey_sources(&args.journeys)?) {
        Ok(library) => library,
        Err(report) => return Ok(load::print(&report)),
    };
    for line in changes(&was, &is) {
        println!("{line}");
    }
    let moves = inside(args, &venue, &was, &is)?;
    let mut lost = 0;
    for moves in moves.iter().flatten() {
        lost += moves.no_page.iter().map(|(_, count)| count).sum::<u64>();
        print!("{}", show(moves));
    }
    Ok(if lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
    let file = File::open(events).with_context(|| format!("cannot read `{name}`"))?;
    let saved = replay::inside(venue, was.clone(), file);
    let saved = saved.with_context(|| format!("cannot replay `{name}`"))?;
    Ok(Some(upgrade::moves(was, is, &saved)?))
}

/// Journeys and pages that came, went or have another version, a line each.
fn changes(was: &Library, is: &Library) -> Vec<String> {
    let pages = |library: &Library, name: &str| -> Vec<String> {
        let journey = library.find(name).and_then(|ix| library.journey(ix));
        journey
            .map(|journey| journey.pages().iter().map(|page| page.name.clone()).collect())
            .unwrap_or_default()
    };
    let without = |all: &[String], others: &[String]| -> Vec<String> {
        all.iter().filter(|page| !others.contains(page)).cloned().collect()
    };
    let mut lines = Vec::new();
    for journey in was.journeys().iter().filter(|journey| is.find(&journey.name).is_none()) {
        lines.push(format!("{}: gone", journey.name));
    }
    for journey in is.journeys() {
        let Some(old) = was.find(&journey.name).and_then(|ix| was.journey(ix)) else {
            lines.push(format!("{}: new", journey.name));
            continue;
        };
        let (before, now) = (pages(was, &journey.name), pages(is, &journey.name));
        let (gone, new) = (without(&before, &now), without(&now, &before));
        let mut parts = Vec::new();
        if old.version != journey.version {
            parts.push(format!("version {} -> {}", old.version, journey.version));
        } else if !(gone.is_empty() && new.is_empty()) {
            parts.push(format!("still version {}, though its pages changed", journey.version));
        }
        if !gone.is_empty() {
            parts.push(format!("pages gone: {}", gone.join(", ")));
        }
        if !new.is_empty() {
            parts.push(format!("pages new: {}", new.join(", ")));
        }
        if !parts.is_empty() {
            lines.push(format!("{}: {}", journey.name, parts.join("; ")));
        }
    }
    if lines.is_empty() {
        lines.push("no journey, version or page differs".to_owned());
    }
    lines
}

fn show(moves: &Moves) -> String {
    let mut text = format!(
        "{}: {} stay, {} are pinned, {} begin anew\n",
        moves.journey, moves.stay, moves.pinned, moves.restarted
    );
    for (from, to, count) in &moves.moved {
        text += &format!("  {count} move from {from} to {to}\n");
    }
    for (page, count) in &moves.no_page {
        text += &format!("  {count} on {page} have no page and begin anew: map it under `upgrade`\n");
    }
    text
}
