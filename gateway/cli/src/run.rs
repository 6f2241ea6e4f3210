//! `turnpage run`: the gateway of a venue, until it is told to stop.
//!
//! Reads the configuration and everything it names, starts the gateway, says where it listens, and drains it on ctrl-c or
//! SIGTERM. Before: args.rs. Next: gateway/server.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use turnpage_gateway_server::source::Source;
use turnpage_gateway_server::{Config, Gateway, Setup};
use turnpage_journeys_authoring::Report;

use crate::args::RunArgs;
use crate::load::{self, Loaded, Outcome};

/// A gateway that is ready to be started.
pub(crate) struct Prepared {
    setup: Setup,
}

impl Prepared {
    /// The sources it would ask, in their order.
    pub(crate) fn sources(&self) -> &[Arc<Source>] {
        &self.setup.sources
    }

    /// One line on what was found to be fine.
    pub(crate) fn describe(&self) -> String {
        let Setup { venue, library, .. } = &self.setup;
        format!("the configuration of `{}` is fine; journeys: {}", venue.id, library.journeys().len())
    }
}

/// Reads a configuration, its venue and its journeys; what is wrong with any of them is in the report.
pub(crate) fn prepare(path: &Path) -> anyhow::Result<Outcome<Prepared>> {
    let text = load::text(path)?;
    let name = path.display().to_string();
    let config = match Config::read(&text) {
        Ok(config) => config,
        Err(diagnostics) => return Ok(Err(Report::of(name, text, diagnostics))),
    };
    let base = path.parent().unwrap_or(Path::new(""));
    let loaded = load::all(&base.join(&config.venue), &[base.join(&config.journeys)])?;
    Ok(loaded.and_then(|Loaded { venue, library }| {
        let setup = config.setup(base, venue, library);
        setup.map(|setup| Prepared { setup }).map_err(|diagnostics| Report::of(name, text, diagnostics))
    }))
}

/// Runs the gateway.
pub(crate) fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    let prepared = match prepare(&args.config)? {
        Ok(prepared) => prepared,
        Err(report) => return Ok(load::print(&report)),
    };
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(async {
        let gateway = Gateway::start(prepared.setup).await?;
        if let Some(addr) = gateway.mqtt_addr() {
            eprintln!("mqtt     {addr}");
        }
        if let Some(addr) = gateway.mqtts_addr() {
            eprintln!("mqtts    {addr}");
        }
        if let Some(addr) = gateway.http_addr() {
            eprintln!("console  http://{addr}/");
        }
        eprintln!("ready");
        until_told(&gateway).await?;
        gateway.stop().await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Waits for ctrl-c or SIGTERM; at SIGHUP the front door's certificate is read again. A store that fails meanwhile is
/// opened again by the gateway itself, which says so in its log and at `/readyz`.
async fn until_told(gateway: &Gateway) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut renew = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
    loop {
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => return interrupted.context("cannot listen for ctrl-c"),
            _ = terminate.recv() => return Ok(()),
            _ = renew.recv() => match gateway.renew_certificate() {
                Ok(()) => tracing::info!("the front door's certificate was read again"),
                Err(error) => tracing::error!("the front door keeps the certificate it had: {error}"),
            },
        }
    }
}
