//! `turnpage token new`: a secret for the console and the API, and what to write into the configuration for it.
//!
//! The secret goes to stdout, once, so that it can go into a file unseen; the rest is talk. Nothing is kept. Before: args.rs.
//! Next: gateway/server/access.

use std::process::ExitCode;

use anyhow::Context as _;
use turnpage_gateway_server::access::{self, Fingerprint};

use crate::args::{TokenCommand, TokenNewArgs};
use crate::out;

pub(crate) fn run(command: &TokenCommand) -> anyhow::Result<ExitCode> {
    let TokenCommand::New(TokenNewArgs { role, name, until }) = command;
    let secret = access::fresh().context("the system has no randomness to give")?;
    let until = until.map(|day| format!(", until: {day}")).unwrap_or_default();
    eprintln!("this is shown once; keep it where only its owner can read it");
    out::put(format_args!("{secret}\n"))?;
    eprintln!("in the configuration, taken at the start and at every reload:");
    eprintln!("tokens:");
    eprintln!("  {name}: {{ role: {role}, sha256: {}{until} }}", Fingerprint::of(&secret));
    Ok(ExitCode::SUCCESS)
}
