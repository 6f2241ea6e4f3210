//! `turnpage import`: a model of another system as a journey, and on stderr everything that could not be carried over.
//!
//! Before: args.rs. Next: journeys/authoring, which reads the model.

use std::process::ExitCode;

use turnpage_journeys_authoring::Report;
use turnpage_journeys_authoring::import::aws_iot_events;

use crate::args::ImportArgs;
use crate::{draw, load};

/// Writes the journey; exit 1 only when there is none, because hardly any model comes over whole.
pub(crate) fn run(args: &ImportArgs) -> anyhow::Result<ExitCode> {
    let text = load::text(&args.model)?;
    let imported = match aws_iot_events::import(&text) {
        Ok(imported) => imported,
        Err(diagnostics) => {
            return Ok(load::print(&Report::of(args.model.display().to_string(), text, diagnostics)));
        }
    };
    draw::write(args.out.as_deref(), &imported.text)?;
    for left in &imported.left {
        eprintln!("left: {}: {}", left.place, left.reason);
    }
    for (name, value) in &imported.signals {
        eprintln!("declare in venue.yaml: signal `{name}`, the input's {value}");
    }
    Ok(ExitCode::SUCCESS)
}
