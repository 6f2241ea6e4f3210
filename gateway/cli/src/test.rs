//! `turnpage test`: every play of a set of journeys, what failed and why, and what no play reached.
//!
//! Loads, counts on the terminal, writes and prints; the plays are run by journeys/authoring. Before: bench.rs. Next:
//! test/json.rs and test/junit.rs.

mod json;
mod junit;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use turnpage_journeys_authoring::trial::{self, Trials};

use crate::args::{Format, TestArgs};
use crate::bench::{Bench, golden_path};
use crate::load;
use crate::out;
use crate::progress::with_progress;

/// Runs the plays; exit 1 when one of them fails or cannot be run.
pub(crate) fn run(args: &TestArgs) -> anyhow::Result<ExitCode> {
    let bench = match Bench::load(&args.bench)? {
        Ok(bench) => bench,
        Err(report) => return Ok(load::print(&report)),
    };
    let (mut files, unreadable) = bench.plays(&args.plays)?;
    if args.update {
        for file in &mut files {
            file.golden = None;
        }
    }
    let mut trials = with_progress("plays", trial::count(&files), |done| {
        trial::run(bench.for_trials(), &files, args.filter.as_deref(), done)
    });
    trials.report.merge(unreadable);
    if args.update {
        update(&trials)?;
    }
    if let Some(path) = &args.junit {
        let junit = junit::of(&trials)?;
        std::fs::write(path, junit).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    if trials.trials.is_empty() && trials.report.is_empty() {
        match &args.filter {
            Some(filter) => eprintln!("error: no play and no journey of a play is called `{filter}`"),
            None => eprintln!("error: there are no plays"),
        }
        return Ok(ExitCode::FAILURE);
    }
    match args.format {
        Format::Text => {
            out::put(trial::tell(&trials, console::colors_enabled()))?;
            if args.coverage {
                out::put(format_args!("\n{}", trial::tell_coverage(&trials.coverage, &bench.sources)))?;
            }
        }
        Format::Json => {
            let data = json::of(&trials, args.coverage.then_some(&bench.sources));
            out::put(format_args!("{data:#}\n"))?;
        }
    }
    Ok(if trials.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Writes the golden transcripts that changed.
fn update(trials: &Trials) -> anyhow::Result<()> {
    for (plays, golden) in &trials.golden {
        let path = golden_path(plays);
        if !Path::new(plays).is_file() {
            anyhow::bail!("`{plays}` is in the binary: its golden transcripts cannot be written");
        }
        if load::text(&path).is_ok_and(|old| old == *golden) {
            continue;
        }
        std::fs::write(&path, golden).with_context(|| format!("cannot write `{}`", path.display()))?;
        eprintln!("wrote {}", path.display());
    }
    Ok(())
}
