//! A broker that is gone for long, while nodes go on and keep what they say: the gateway waits, in the room that it has, comes back by
//! itself, and nothing is lost.
//!
//! A usual run takes the broker away for two seconds; `OUTAGE_S=600` is the real thing. Skipped with a message where mosquitto is not
//! installed. Before: behind.rs.

use std::time::{Duration, Instant};

use crate::behind::Behind;
use crate::check::Check;
use crate::site::NODES;
use crate::{linger, setting};

/// How long the broker is gone in a usual run, in seconds.
const OUTAGE_S: u64 = 2;
/// Frames that the gateway takes before.
const BEFORE: u64 = 1_000;
/// How much the gateway may grow meanwhile: it has nothing to do but to wait, and what comes after is a few megabytes.
const GROWTH_KIB_MAX: u64 = 64 * 1024;

#[test]
fn a_broker_that_is_gone_for_long_loses_nothing() {
    let Some(mut behind) = Behind::start() else { return };
    behind.proxy.calm();
    let check = Check::new(&behind.site, false);
    let mut gateway = behind.gateway();
    behind.ledger.wait_for(BEFORE, &mut gateway);

    let before = gateway.resident_kib();
    behind.up.fall();
    behind.broker.stop();
    behind.ledger.away(true);
    behind.up.wait_until_all_wait(NODES + 1, &behind.ledger);
    let (gone, mut most, mut kept) = (Instant::now(), before, 0);
    let outage = Duration::from_secs(setting("OUTAGE_S").unwrap_or(OUTAGE_S));
    while gone.elapsed() < outage {
        // A node sees somebody now and then; what it has no room for, it would see later.
        kept += (1..=NODES).filter(|node| behind.ledger.say_if_room(*node)).count();
        linger(Duration::from_secs(1));
        gateway.assert_alive();
        most = most.max(gateway.resident_kib());
    }
    behind.ledger.away(false);
    behind.broker.again();
    let back = Instant::now();
    behind.up.rise(behind.broker.port());
    behind.ledger.wait_for(1, &mut gateway);
    let waited = back.elapsed();
    behind.ledger.finish(&mut gateway);
    let after = gateway.resident_kib();
    assert!(most < before + GROWTH_KIB_MAX, "{before} KiB before, and up to {most} meanwhile");
    println!(
        "{} s without a broker, in which nodes kept {kept} frames; the first was taken {waited:?} after it came back; resident KiB: {before} \
         before, {most} meanwhile at most, {after} at the end; {}",
        outage.as_secs(),
        behind.end(gateway, check)
    );
}
