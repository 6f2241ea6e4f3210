//! A mosquitto that keeps what it has, the network between it and the gateway, and the harbour on its other side.
//!
//! Before: main.rs. Next: broker.rs, outage.rs and silence.rs, each of which spoils another part of it.

use std::sync::Arc;
use std::thread::JoinHandle;

use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;
use turnpage_tests::mosquitto::Mosquitto;
use turnpage_tests::process::Process;

use crate::check::Check;
use crate::ledger::Ledger;
use crate::proxy::Proxy;
use crate::seeded;
use crate::site::Site;
use crate::up::Up;
use crate::witness::Witness;

/// It keeps all that it has not passed on, however much that is: as it comes, it would drop what is over a thousand messages.
const CONFIG: &str =
    "allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\npersistence true\n";

/// A harbour behind a broker.
pub(crate) struct Behind {
    pub(crate) seed: u64,
    pub(crate) random: ChaCha8Rng,
    pub(crate) broker: Mosquitto,
    pub(crate) proxy: Proxy,
    pub(crate) witness: Arc<Witness>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) up: Arc<Up>,
    pub(crate) site: Site,
    clients: Vec<JoinHandle<()>>,
    _directory: TempDir,
}

impl Behind {
    /// `None` with a message where mosquitto is not installed.
    pub(crate) fn start() -> Option<Self> {
        let directory = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory on disk");
        let config = format!("{CONFIG}persistence_location {}/", directory.path().display());
        let broker = Mosquitto::start(directory.path(), &config)?;
        let (random, seed) = seeded();
        let (ledger, up) = (Arc::<Ledger>::default(), Arc::<Up>::default());
        let witness = Arc::new(Witness::new(&ledger));
        let proxy = Proxy::start(broker.port(), seed, Arc::clone(&witness));
        let site = Site::behind(proxy.port());
        let clients = site.clients(&ledger, &up);
        Some(Self { seed, random, broker, proxy, witness, ledger, up, site, clients, _directory: directory })
    }

    /// Starts a gateway, and lets the nodes speak once it listens.
    pub(crate) fn gateway(&self) -> Process {
        let gateway = self.site.gateway();
        self.witness.wait_until_subscribed();
        self.up.rise(self.broker.port());
        gateway
    }

    /// Ends all of it well, and holds the log against what everybody was told; what came of it, in words.
    pub(crate) fn end(mut self, gateway: Process, mut check: Check) -> String {
        let (status, lines) = gateway.interrupt();
        assert!(status.success(), "seed {}: {}", self.seed, lines.join("\n"));
        self.up.end();
        self.broker.stop();
        self.clients.into_iter().for_each(|client| client.join().expect("a client ended well"));
        let said = format!("seed {}, at the end", self.seed);
        check.at_the_end(self.site.data(), &self.ledger, &self.witness.promised(), &said);
        format!("{}; {}", check.summary(&self.ledger), self.witness.summary())
    }
}
