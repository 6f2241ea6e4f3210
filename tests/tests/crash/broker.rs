//! The same behind a mosquitto, with a bad network between it and the gateway: both are killed and stopped at random instants.
//!
//! What a node had acknowledged is then with the broker, whose durability is part of the promise. One run only stops the broker,
//! which so keeps what it has: nothing at all may be lost. The other kills it too, and asks of the gateway what
//! it acknowledged itself. Skipped with a message where mosquitto is not installed. Before: main.rs. Next: proxy.rs.

use std::sync::Arc;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;
use turnpage_tests::mosquitto::Mosquitto;
use turnpage_tests::process::Process;

use crate::check::Check;
use crate::ledger::Ledger;
use crate::proxy::Proxy;
use crate::site::Site;
use crate::up::Up;
use crate::witness::Witness;
use crate::{ACKNOWLEDGED_MAX, LINGER_MAX, STARTING_MAX, kills, linger, seeded};

/// Kills of the gateway in a usual run; beside each, connections go bad by the dozen and the broker goes away now and then.
const KILLS: u64 = 6;
/// It keeps all that it has not passed on, however much that is: as it comes, it would drop what is over a thousand messages.
pub(crate) const CONFIG: &str =
    "allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\npersistence true\n";

#[test]
fn a_broker_that_ends_well_and_a_bad_network_lose_nothing() {
    through_a_broker(false);
}

#[test]
fn what_the_gateway_acknowledged_outlives_a_broker_under_kill_9() {
    through_a_broker(true);
}

fn through_a_broker(lossy: bool) {
    let directory = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory on disk");
    let config = format!("{CONFIG}persistence_location {}/", directory.path().display());
    let Some(broker) = Mosquitto::start(directory.path(), &config) else { return };
    let (mut random, seed) = seeded();
    let (ledger, up) = (Arc::<Ledger>::default(), Arc::<Up>::default());
    let witness = Arc::new(Witness::new(&ledger));
    let proxy = Proxy::start(broker.port(), seed, Arc::clone(&witness));
    let site = Site::behind(proxy.port());
    let clients = site.clients(&ledger, &up);
    let mut check = Check::new(&site, lossy);
    let mut stage = Stage { broker, lossy, ledger: &ledger, up: &up };

    let mut gateway = site.gateway();
    witness.wait_until_subscribed();
    up.rise(stage.broker.port());
    let (mut killed, kills) = (0, kills(KILLS));
    while killed < kills {
        stage.live(&mut gateway, &mut random);
        if random.random_ratio(1, 3) {
            stage.without_broker(&mut random);
            continue;
        }
        gateway.kill();
        killed += 1;
        check.after_kill(site.data(), &ledger, &witness.promised(), &format!("seed {seed}, kill {killed}"));
        gateway = site.gateway();
        if random.random_ratio(1, 8) {
            linger(random.random_range(std::time::Duration::ZERO..STARTING_MAX));
            gateway.kill();
            gateway = site.gateway();
        }
    }
    proxy.calm();
    if lossy {
        ledger.finish_with_losses(&mut gateway);
    } else {
        ledger.finish(&mut gateway);
    }
    let (status, lines) = gateway.interrupt();
    assert!(status.success(), "seed {seed}: {}", lines.join("\n"));
    up.end();
    stage.broker.stop();
    clients.into_iter().for_each(|client| client.join().expect("a client ended well"));
    let said = format!("seed {seed}, at the end");
    check.at_the_end(site.data(), &ledger, &witness.promised(), &said);
    println!("{kills} kills: {}; {}", check.summary(&ledger), witness.summary());
}

/// The broker and what it is held against.
struct Stage<'a> {
    broker: Mosquitto,
    lossy: bool,
    ledger: &'a Ledger,
    up: &'a Up,
}

impl Stage<'_> {
    /// Lets a random number of messages through, and a random time pass.
    fn live(&self, gateway: &mut Process, random: &mut ChaCha8Rng) {
        self.ledger.wait_for(random.random_range(0..ACKNOWLEDGED_MAX), gateway);
        linger(random.random_range(std::time::Duration::ZERO..LINGER_MAX));
    }

    /// Takes the broker away for a while.
    fn without_broker(&mut self, random: &mut ChaCha8Rng) {
        self.up.fall();
        if self.lossy && random.random() {
            self.broker.kill();
        } else {
            self.broker.stop();
        }
        linger(random.random_range(std::time::Duration::ZERO..STARTING_MAX));
        self.broker.again();
        self.up.rise(self.broker.port());
    }
}
