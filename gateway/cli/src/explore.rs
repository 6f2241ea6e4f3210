//! `turnpage explore`: walks over everything that can happen, in search of what the author did not think of.
//!
//! Loads, counts on the terminal and prints; the walks are gone by journeys/authoring. Before: bench.rs.

#[cfg(test)]
mod mutants;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::json;
use turnpage_journeys_authoring::explore::property::{self, Properties};
use turnpage_journeys_authoring::explore::{self, Explored, Options};
use turnpage_journeys_authoring::play::{Plays, write};
use turnpage_journeys_authoring::{Report, Source};

use crate::args::{ExploreArgs, Format};
use crate::bench::Bench;
use crate::load;
use crate::out;
use crate::progress::with_progress;

/// Explores the journeys; exit 1 when something is found.
pub(crate) fn run(args: &ExploreArgs) -> anyhow::Result<ExitCode> {
    let bench = match Bench::load(&args.bench)? {
        Ok(bench) => bench,
        Err(report) => return Ok(load::print(&report)),
    };
    let (properties, mut report) = properties(&bench)?;
    let names = match args.names.as_slice() {
        [] => explore::journeys(bench.for_trials()),
        some => some.to_vec(),
    };
    let unknown = names.iter().find(|name| bench.scripts.find(name).is_none());
    if let Some(unknown) = unknown {
        bail!("no journey is called `{unknown}`");
    }
    let options = Options {
        seed: args.seed,
        walks: args.walks,
        depth: args.depth,
        exhaustive: args.exhaustive,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        ..Options::default()
    };
    let all = with_progress("walks", names.len() * options.walks, |done| {
        let mut all = Vec::new();
        for name in &names {
            let (source, known) = of(&properties, name);
            match explore::explore(bench.for_trials(), &known, &options, done) {
                Ok(explored) => all.push(explored),
                Err(problems) => {
                    let (file, text) = source.map_or(("", ""), |source| (&source.name, &source.text));
                    report.merge(Report::of(file.to_owned(), text, problems));
                }
            }
        }
        all
    });
    print(&all, args)?;
    load::print(&report);
    if let Some(path) = &args.out {
        keep(&all, path)?;
    }
    let fine = report.errors() == 0 && all.iter().all(|explored| explored.findings.is_empty());
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The properties of every play file, each with its text, and what is wrong with any of them.
fn properties(bench: &Bench) -> anyhow::Result<(Vec<(Source, Properties)>, Report)> {
    let without_plays = bench.plays_folder().is_some_and(|folder| !folder.is_dir());
    if without_plays {
        return Ok((Vec::new(), Report::default()));
    }
    let (files, mut report) = bench.plays(&[])?;
    let mut properties = Vec::new();
    for file in files {
        match property::read(&file.source.text) {
            Ok(read) => properties.push((file.source, read)),
            Err(problems) => report.merge(Report::of(file.source.name, &file.source.text, problems)),
        }
    }
    Ok((properties, report))
}

/// The properties of one journey, from all files that have some.
fn of<'a>(all: &'a [(Source, Properties)], journey: &str) -> (Option<&'a Source>, Properties) {
    let mut own = all.iter().filter(|(_, properties)| properties.of.value == journey);
    let mut found = Properties { of: journey.into(), properties: Vec::new() };
    let first = own.next();
    for (_, more) in first.into_iter().chain(own) {
        found.of = more.of.clone();
        found.properties.extend(more.properties.iter().cloned());
    }
    (first.map(|(source, _)| source), found)
}

fn print(all: &[Explored], args: &ExploreArgs) -> anyhow::Result<()> {
    match args.format {
        Format::Text => {
            let told: Vec<String> = all.iter().map(explore::tell).collect();
            out::put(told.join("\n"))
        }
        Format::Json => {
            let journeys: Vec<_> = all.iter().map(as_json).collect();
            out::put(format_args!("{:#}\n", json!({ "seed": args.seed, "journeys": journeys })))
        }
    }
}

fn as_json(explored: &Explored) -> serde_json::Value {
    let finding = |finding: &explore::Finding| {
        json!({
            "problem": finding.problem.code(),
            "message": finding.message,
            "play": finding.play.as_ref().map(write),
        })
    };
    json!({
        "journey": explored.journey,
        "walks": explored.walks,
        "states": explored.states,
        "findings": explored.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

/// Writes the plays of what was found. A play file is of one journey.
fn keep(all: &[Explored], path: &Path) -> anyhow::Result<()> {
    let mut found = all.iter().filter_map(|explored| {
        let plays: Vec<_> = explored
            .findings
            .iter()
            .filter_map(|finding| finding.play.clone())
            .flat_map(|p| p.plays)
            .collect();
        (!plays.is_empty()).then(|| Plays { of: explored.journey.as_str().into(), plays })
    });
    let Some(first) = found.next() else { return Ok(()) };
    if let Some(second) = found.next() {
        let (one, other) = (&first.of.value, &second.of.value);
        bail!("plays were found of `{one}` and `{other}`, and a file is of one journey: name it");
    }
    std::fs::write(path, write(&first)).with_context(|| format!("cannot write `{}`", path.display()))?;
    eprintln!("wrote {}", path.display());
    Ok(())
}
