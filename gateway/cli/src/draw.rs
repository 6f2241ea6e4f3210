//! `turnpage draw`: journeys as a picture, on stdout or in a file.
//!
//! Needs no venue: it draws what is written, also where that does not compile. Before: args.rs. Next: journeys/authoring.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use turnpage_journeys_authoring::draw::{Format, draw};
use turnpage_journeys_authoring::{Report, read};

use crate::args::{DrawArgs, DrawFormat};
use crate::{load, out};

/// Draws every journey that can be read; exit 1 when one could not be, or not wholly.
pub(crate) fn run(args: &DrawArgs) -> anyhow::Result<ExitCode> {
    let sources = load::journey_sources(&args.journeys)?;
    let mut report: Report = sources.report().clone();
    let mut definitions = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        let reading = read(&source.text);
        report.extend(index, reading.diagnostics);
        definitions.extend(reading.definition);
    }
    let code = load::print(&report);
    if definitions.is_empty() {
        eprintln!("error: there is no journey to draw");
        return Ok(ExitCode::FAILURE);
    }
    let format = match args.format {
        DrawFormat::Mermaid => Format::Mermaid,
        DrawFormat::Dot => Format::Dot,
        DrawFormat::Svg => Format::Svg,
    };
    write(args.out.as_deref(), &draw(&definitions, format))?;
    Ok(code)
}

/// To a file, or to stdout without one.
pub(crate) fn write(out: Option<&Path>, text: &str) -> anyhow::Result<()> {
    match out {
        Some(path) => {
            std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
        }
        None => out::put(text),
    }
}
