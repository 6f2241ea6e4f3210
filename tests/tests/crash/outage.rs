//! A broker that is gone for long, while nodes go on and keep what they say: the gateway waits, in the room that it has, comes back by
//! itself, and nothing is lost.
//!
//! A usual run takes the broker away for two seconds; `OUTAGE_S=600` is the real thing. Skipped with a message where mosquitto is not
//! installed. Before: broker.rs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use turnpage_tests::mosquitto::Mosquitto;

use crate::broker::CONFIG;
use crate::check::Check;
use crate::ledger::Ledger;
use crate::proxy::Proxy;
use crate::site::{NODES, Site};
use crate::up::Up;
use crate::witness::Witness;
use crate::{linger, seeded, setting};

/// How long the broker is gone in a usual run, in seconds.
const OUTAGE_S: u64 = 2;
/// Frames that the gateway takes before.
const BEFORE: u64 = 1_000;
/// How much the gateway may grow meanwhile: it has nothing to do but to wait, and what comes after is a few megabytes.
const GROWTH_KIB_MAX: u64 = 64 * 1024;

#[test]
fn a_broker_that_is_gone_for_long_loses_nothing() {
    let directory = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory on disk");
    let config = format!("{CONFIG}persistence_location {}/", directory.path().display());
    let Some(mut broker) = Mosquitto::start(directory.path(), &config) else { return };
    let (_, seed) = seeded();
    let (ledger, up) = (Arc::<Ledger>::default(), Arc::<Up>::default());
    let witness = Arc::new(Witness::new(&ledger));
    let proxy = Proxy::start(broker.port(), seed, Arc::clone(&witness));
    proxy.calm();
    let site = Site::behind(proxy.port());
    let clients = site.clients(&ledger, &up);
    let mut check = Check::new(&site, false);
    let mut gateway = site.gateway();
    witness.wait_until_subscribed();
    up.rise(broker.port());
    ledger.wait_for(BEFORE, &mut gateway);

    let before = gateway.resident_kib();
    up.fall();
    broker.stop();
    ledger.away(true);
    up.wait_until_all_wait(NODES + 1, &ledger);
    let (gone, mut most, mut kept) = (Instant::now(), before, 0);
    let outage = Duration::from_secs(setting("OUTAGE_S").unwrap_or(OUTAGE_S));
    while gone.elapsed() < outage {
        // A node sees somebody now and then; what it has no room for, it would see later.
        kept += (1..=NODES).filter(|node| ledger.say_if_room(*node)).count();
        linger(Duration::from_secs(1));
        gateway.assert_alive();
        most = most.max(gateway.resident_kib());
    }
    ledger.away(false);
    broker.again();
    let back = Instant::now();
    up.rise(broker.port());
    ledger.wait_for(1, &mut gateway);
    let waited = back.elapsed();
    ledger.finish(&mut gateway);
    let after = gateway.resident_kib();
    let (status, lines) = gateway.interrupt();
    assert!(status.success(), "seed {seed}: {}", lines.join("\n"));
    up.end();
    broker.stop();
    clients.into_iter().for_each(|client| client.join().expect("a client ended well"));
    check.at_the_end(site.data(), &ledger, &witness.promised(), &format!("seed {seed}"));
    assert!(most < before + GROWTH_KIB_MAX, "{before} KiB before, and up to {most} meanwhile");
    println!(
        "{} s without a broker, in which nodes kept {kept} frames; the first was taken {waited:?} after it came back; resident KiB: {before} \
         before, {most} meanwhile at most, {after} at the end; {}",
        outage.as_secs(),
        check.summary(&ledger)
    );
}
