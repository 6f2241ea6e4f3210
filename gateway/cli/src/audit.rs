//! `turnpage audit`: who did what to a gateway, and whether anything of it was changed. The gateway may run meanwhile.
//!
//! Exit 1 when a line is broken. Before: args.rs. Next: gateway/server/audit.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use turnpage_gateway_server::audit::{self, Broken};

use crate::args::AuditCommand;
use crate::out;

pub(crate) fn run(command: &AuditCommand) -> anyhow::Result<ExitCode> {
    match command {
        AuditCommand::Verify { data, head } => verify(&read(data)?, head.as_deref()),
        AuditCommand::List { data } => {
            out::put(String::from_utf8_lossy(&read(data)?))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn read(data: &Path) -> anyhow::Result<Vec<u8>> {
    audit::read(data).with_context(|| format!("cannot read `{}`", audit::file(data).display()))
}

fn verify(bytes: &[u8], known: Option<&str>) -> anyhow::Result<ExitCode> {
    match audit::verify(bytes, known) {
        Ok((records, head)) => {
            out::put(format_args!("{} lines, the last is\n{head}\n", records.len()))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(Broken { number, why }) => {
            out::put(format_args!("line {number} is broken: {why}\n"))?;
            Ok(ExitCode::FAILURE)
        }
    }
}
