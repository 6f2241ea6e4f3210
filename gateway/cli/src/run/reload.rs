//! Reads everything again while the gateway runs, and says what came of it.
//!
//! What is read is checked as at the start, and all that is wrong with it is told at once; then nothing changes. What is right
//! goes to the gateway, which answers once its log says so. Before: run.rs. Next: gateway/server, `Gateway::reload`.

use std::path::PathBuf;

use turnpage_gateway_server::{Fixed, Gateway, Reloaded};

use super::watch::{Seen, Watch};
use super::{Prepared, prepare};
use crate::load;
use crate::moves;

/// Reloads a gateway.
pub(super) struct Reloader {
    config: PathBuf,
    /// What the start read and no reload changes.
    fixed: Fixed,
    watch: Watch,
}

impl Reloader {
    /// Of a gateway that was started with this. Nothing is watched where nothing is `watched`.
    pub(super) fn new(config: PathBuf, fixed: Fixed, (watched, seen): (Vec<PathBuf>, Seen)) -> Self {
        Self { config, fixed, watch: Watch::new(watched, seen) }
    }

    /// Waits until a file has changed that is watched. May be dropped and asked again.
    pub(super) async fn files_changed(&mut self) {
        self.watch.changed().await;
    }

    /// Reads all of it again. Whatever is wrong, the gateway goes on.
    pub(super) async fn reload(&mut self, gateway: &Gateway) {
        match gateway.renew_certificate() {
            Ok(()) => tracing::info!("the front door's certificate was read again"),
            Err(error) => tracing::error!("the front door keeps the certificate it had: {error}"),
        }
        let prepared = match prepare(&self.config) {
            Ok(Ok(prepared)) => prepared,
            Ok(Err(report)) => {
                load::print(&report);
                return self.refused(gateway, "what is wrong is said above");
            }
            Err(error) => return self.refused(gateway, &format!("{error:#}")),
        };
        let Prepared { setup, fixed, watched, seen } = prepared;
        self.watch.instead(watched, seen);
        let restart = fixed.changed(&self.fixed);
        let edition = setup.edition.as_ref().map(|edition| edition.digest().to_string()).unwrap_or_default();
        match gateway.reload(setup).await {
            Ok(reloaded) => tell(&edition, &reloaded, restart),
            Err(error) => eprintln!("not reloaded: {error}"),
        }
    }

    fn refused(&self, gateway: &Gateway, why: &str) {
        gateway.count_refused();
        eprintln!("not reloaded, everything goes on as before: {why}");
    }
}

fn tell(edition: &str, reloaded: &Reloaded, restart: Vec<&'static str>) {
    eprint!("{}", moves::news(&reloaded.moves));
    for key in restart.into_iter().chain(reloaded.restart.iter().copied()) {
        eprintln!("{key} changed: that takes a restart, until then it is as before");
    }
    if reloaded.changed {
        eprintln!("reloaded: edition {edition}");
    } else {
        eprintln!("reloaded: venue and journeys are as before, edition {edition}");
    }
}
