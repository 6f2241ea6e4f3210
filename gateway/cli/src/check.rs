//! `turnpage check`: everything that is wrong with a venue, its journeys or a configuration, all at once.
//!
//! Deliberately starts nothing. Before: args.rs. Next: load.rs.

mod against;
mod message;

use std::path::Path;
use std::process::ExitCode;

use turnpage_gateway_core::Venue;
use turnpage_gateway_server::Config;
use turnpage_journeys_authoring::{Report, Sources, check, json, sarif};

use crate::args::{CheckArgs, ReportFormat};
use crate::{load, out, run};

/// Checks what it is given and prints what is wrong; exit 1 when anything is.
pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    if let Some(old) = &args.against {
        return against::run(args, old);
    }
    if let (Some(config), Some(topic), Some(payload)) = (&args.config, &args.topic, &args.payload) {
        return message::run(config, topic, payload);
    }
    if args.format != ReportFormat::Text {
        return machine(args);
    }
    let checked = match &args.config {
        Some(config) => run::prepare(config)?.map(|prepared| prepared.describe()),
        None => check_journeys(args)?,
    };
    Ok(match checked {
        Ok(fine) => {
            out::put(fine + "\n")?;
            ExitCode::SUCCESS
        }
        Err(report) => load::print(&report),
    })
}

/// Everything that was found, warnings too, as data on stdout.
fn machine(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let report = match &args.config {
        Some(config) => config_report(config)?,
        None => match venue(args)? {
            Ok(venue) => check(sources(args)?, &venue.schema()).report,
            Err(report) => report,
        },
    };
    tell(&report, args.format)
}

/// A report in the form asked for.
fn tell(report: &Report, format: ReportFormat) -> anyhow::Result<ExitCode> {
    let data = match format {
        ReportFormat::Text => return Ok(load::print(report)),
        ReportFormat::Json => json(report),
        ReportFormat::Sarif => sarif(report, env!("CARGO_PKG_VERSION")),
    };
    out::put(format_args!("{data:#}\n"))?;
    Ok(if report.errors() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is wrong with a configuration, its venue and its journeys.
fn config_report(path: &Path) -> anyhow::Result<Report> {
    let text = load::text(path)?;
    let name = path.display().to_string();
    let config = match Config::read(&text) {
        Ok(config) => config,
        Err(diagnostics) => return Ok(Report::of(name, text, diagnostics)),
    };
    let base = path.parent().unwrap_or(Path::new(""));
    let venue = match load::venue(&base.join(&config.venue))? {
        Ok(venue) => venue,
        Err(report) => return Ok(report),
    };
    let checked = check(load::journey_sources(&[base.join(&config.journeys)])?, &venue.schema());
    let mut report = checked.report;
    if let Some(library) = checked.library
        && let Err(diagnostics) = config.setup(base, venue, library)
    {
        report.merge(Report::of(name, text, diagnostics));
    }
    Ok(report)
}

fn venue(args: &CheckArgs) -> anyhow::Result<load::Outcome<Venue>> {
    match &args.venue {
        Some(dir) => load::venue(dir),
        None => Ok(crate::demo::park::venue()),
    }
}

fn sources(args: &CheckArgs) -> anyhow::Result<Sources> {
    // A venue alone can be checked, too.
    if args.journeys.is_empty() { Ok(Sources::default()) } else { load::some_sources(&args.journeys) }
}

fn check_journeys(args: &CheckArgs) -> anyhow::Result<Result<String, Report>> {
    let venue = match venue(args)? {
        Ok(venue) => venue,
        Err(report) => return Ok(Err(report)),
    };
    if args.journeys.is_empty() {
        return Ok(Ok(format!("the venue `{}` is fine", venue.id)));
    }
    Ok(load::journeys(&venue, sources(args)?)
        .map(|library| format!("{} fine in the venue `{}`", count(library.journeys().len()), venue.id)))
}

fn count(journeys: usize) -> String {
    if journeys == 1 { "1 journey is".to_owned() } else { format!("{journeys} journeys are") }
}
