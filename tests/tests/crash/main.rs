//! A gateway that is killed again and again under load, at random instants, and what it promised each time.
//!
//! The gateway is a process of its own; nodes and a band here speak MQTT to it and write down what they heard. After each
//! kill this process reads the log and holds it against that: whatever was acknowledged is in the log once and in its
//! node's order, the log alone makes the same day under whatever journeys it says, and an offer that was delivered does not come again.
//!
//! A usual run kills 20 times here and 6 times in each test behind a broker; `KILLS=200` is the long form. The instants come from a printed seed; `TURNPAGE_SEED`
//! repeats them. What kills do to the store alone is in gateway/store/tests/kill.rs. Next: site.rs, behind.rs, drain.rs.

mod band;
mod behind;
mod broker;
mod check;
mod drain;
mod ledger;
mod link;
mod node;
mod outage;
mod proxy;
mod silence;
mod site;
mod up;
mod witness;

use std::process::Command;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use turnpage_tests::workspace::turnpage;

use check::Check;
use ledger::Ledger;
use site::Site;
use up::Up;

/// Kills in a usual run: a few seconds each where nothing is optimised.
const KILLS: u64 = 20;
/// Acknowledgements that a gateway lives for at most, once it is ready.
const ACKNOWLEDGED_MAX: u64 = 1_000;
/// What is added to that, so that a kill may fall anywhere within a group or between two.
const LINGER_MAX: Duration = Duration::from_millis(30);
/// The instant of a kill that may come before the gateway is ready.
const STARTING_MAX: Duration = Duration::from_millis(400);

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

/// How often to kill: what was asked for, or what is usual.
fn kills(usual: u64) -> u64 {
    setting("KILLS").unwrap_or(usual)
}

/// Where chance comes from, and its seed, which is said.
fn seeded() -> (ChaCha8Rng, u64) {
    let seed = setting("TURNPAGE_SEED").unwrap_or_else(|| std::process::id().into());
    println!("TURNPAGE_SEED={seed}");
    (ChaCha8Rng::seed_from_u64(seed), seed)
}

#[test]
fn what_the_front_door_promised_is_kept_under_kill_9() {
    let (mut random, seed) = seeded();
    let site = Site::new();
    let (ledger, up) = (Arc::<Ledger>::default(), Arc::<Up>::default());
    let clients = site.clients(&ledger, &up);
    let mut check = Check::new(&site, false);
    let kills = kills(KILLS);
    for kill in 1..=kills {
        live_and_die(&site, &ledger, &up, &mut random);
        check.after_kill(site.data(), &ledger, &ledger.promised(), &format!("seed {seed}, kill {kill}"));
    }
    end_well(&site, &ledger, &up, clients, &mut check, seed);
    println!("{kills} kills: {}", check.summary(&ledger));
}

/// Starts a gateway once more, lets everybody finish, and holds the log against what they were told.
fn end_well(
    site: &Site,
    ledger: &Ledger,
    up: &Up,
    clients: Vec<JoinHandle<()>>,
    check: &mut Check,
    seed: u64,
) {
    let mut gateway = site.gateway();
    up.rise(site.port(&mut gateway));
    ledger.finish(&mut gateway);
    let (status, lines) = gateway.interrupt();
    assert!(status.success(), "seed {seed}: {}", lines.join("\n"));
    up.end();
    clients.into_iter().for_each(|client| client.join().expect("a client ended well"));
    check.at_the_end(site.data(), ledger, &ledger.promised(), &format!("seed {seed}, at the end"));
}

/// Starts a gateway and kills it: most often under load, now and then while it starts or tidies up.
fn live_and_die(site: &Site, ledger: &Ledger, up: &Up, random: &mut ChaCha8Rng) {
    let mut gateway = site.gateway();
    if random.random_ratio(1, 8) {
        linger(random.random_range(Duration::ZERO..STARTING_MAX));
        return gateway.kill();
    }
    up.rise(site.port(&mut gateway));
    ledger.wait_for(random.random_range(0..ACKNOWLEDGED_MAX), &mut gateway);
    // The kill comes before, while or after the gateway goes on under it; the next one begins under it in any case.
    if random.random_ratio(1, 2) {
        site.edit();
        gateway.signal("HUP");
    }
    // A snapshot and the merge of all layers beside the commits; whether it gets to the end is left to chance.
    let tidying = random.random_ratio(1, 4).then(|| {
        let compact = Command::new(turnpage()).arg("store").arg("compact").arg(site.data()).output();
        std::thread::spawn(move || compact)
    });
    linger(random.random_range(Duration::ZERO..LINGER_MAX));
    up.fall();
    gateway.kill();
    if let Some(tidying) = tidying {
        tidying.join().expect("no panic").expect("it starts");
    }
}

/// Lets a random time pass. Nothing is waited for: that the instant means nothing is the point.
fn linger(time: Duration) {
    std::thread::park_timeout(time);
}
