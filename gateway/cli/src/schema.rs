//! `turnpage schema`: the JSON Schema of a kind of file on stdout.
//!
//! Before: args.rs. The schemas are made in journeys/authoring.

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use turnpage_journeys_authoring::{schema_of_blueprints, schema_of_journeys, schema_of_plays};

use crate::args::{SchemaArgs, SchemaOf};

/// Prints one schema.
pub(crate) fn run(args: &SchemaArgs) -> anyhow::Result<ExitCode> {
    let schema = match args.of {
        SchemaOf::Journey => schema_of_journeys(),
        SchemaOf::Play => schema_of_plays(),
        SchemaOf::Blueprint => schema_of_blueprints(),
    };
    let text = serde_json::to_string_pretty(&schema)?;
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}
