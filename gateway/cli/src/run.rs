//! `turnpage run`: the gateway of a venue, until it is told to stop.
//!
//! Reads the configuration and everything it names, starts the gateway, says where it listens, reloads on SIGHUP or when a file
//! changes, and drains it on ctrl-c or SIGTERM. Before: args.rs. Next: run/reload.rs, gateway/server.

mod reload;
mod service;
mod watch;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use turnpage_gateway_server::source::Source;
use turnpage_gateway_server::{Config, Fixed, Gateway, Setup, edition};
use turnpage_journeys_authoring::Report;

use crate::args::RunArgs;
use crate::load::{self, Loaded, Outcome};
use crate::moves;
use reload::Reloader;
use service::Service;
use watch::{Seen, look_at};

/// A gateway that is ready to be started.
pub(crate) struct Prepared {
    setup: Setup,
    /// What only a start reads of the configuration.
    fixed: Fixed,
    /// The files and directories that it was read from, if they are to be watched.
    watched: Vec<PathBuf>,
    /// As they were before they were read.
    seen: Seen,
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
    let mut seen = look_at(&[path.to_owned()]);
    let text = load::text(path)?;
    let name = path.display().to_string();
    let config = match Config::read(&text) {
        Ok(config) => config,
        Err(diagnostics) => return Ok(Err(Report::of(name, text, diagnostics))),
    };
    let base = path.parent().unwrap_or(Path::new(""));
    let (venue, journeys) = (base.join(&config.venue), base.join(&config.journeys));
    seen.extend(look_at(&[venue.clone(), journeys.clone()]));
    let loaded = load::all(&venue, std::slice::from_ref(&journeys))?;
    let fixed = config.fixed();
    let watched = if config.watch { vec![path.to_owned(), venue, journeys] } else { Vec::new() };
    Ok(loaded.and_then(|Loaded { venue, library, pictures, texts }| {
        let setup = config.setup(base, venue, library);
        let setup = setup.map_err(|diagnostics| Report::of(name, text, diagnostics))?;
        Ok(Prepared {
            setup: Setup { edition: Some(edition(&texts)), pictures, ..setup },
            fixed,
            watched,
            seen,
        })
    }))
}

/// Runs the gateway.
pub(crate) fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    let prepared = match prepare(&args.config)? {
        Ok(prepared) => prepared,
        Err(report) => return Ok(load::print(&report)),
    };
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let ended = runtime.block_on(async {
        let Prepared { setup, fixed, watched, seen } = prepared;
        let gateway = Gateway::start(setup).await?;
        let reloader = Reloader::new(args.config.clone(), fixed, (watched, seen));
        // Before anybody is told that it is ready: from then on signals are answered and not deadly.
        let mut signals = Signals::listen()?;
        let mut service = Service::new();
        eprint!("{}", moves::news(gateway.moves()));
        if let Some(addr) = gateway.mqtt_addr() {
            eprintln!("mqtt     {addr}");
        }
        if let Some(addr) = gateway.mqtts_addr() {
            eprintln!("mqtts    {addr}");
        }
        if let Some(url) = gateway.console_url() {
            eprintln!("console  {url}");
        }
        eprintln!("ready");
        service.ready();
        until_told(&gateway, &mut signals, reloader, &mut service).await;
        service.stopping();
        tokio::select! {
            stopped = gateway.stop() => stopped?,
            () = signals.stop() => {
                eprintln!("stopped at once: what was not acknowledged is its senders' to send again");
                return Ok(ExitCode::FAILURE);
            }
        }
        anyhow::Ok(ExitCode::SUCCESS)
    });
    // Whoever is told twice to stop does not wait for threads.
    runtime.shutdown_background();
    ended
}

/// What the system may tell.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen for signals");
        let (interrupt, terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
        Ok(Self { interrupt, terminate, hangup: listen(SignalKind::hangup())? })
    }

    /// Waits until it is told to stop.
    async fn stop(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Waits for ctrl-c or SIGTERM; at SIGHUP and when files change everything is read again. A store that fails meanwhile is
/// opened again by the gateway itself, which says so in its log and at `/readyz`.
async fn until_told(gateway: &Gateway, signals: &mut Signals, mut reloader: Reloader, service: &mut Service) {
    loop {
        tokio::select! {
            _ = signals.interrupt.recv() => return,
            _ = signals.terminate.recv() => return,
            _ = signals.hangup.recv() => {}
            () = reloader.files_changed() => {}
            () = service.watch(gateway) => {}
        }
        service.reloading();
        reloader.reload(gateway).await;
        service.ready();
    }
}
