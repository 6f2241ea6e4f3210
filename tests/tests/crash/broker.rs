//! The same behind a mosquitto, with a bad network between it and the gateway: both are killed and stopped at random instants.
//!
//! What a node had acknowledged is then with the broker, whose durability is part of the promise. One run only stops the broker,
//! which so keeps what it has: nothing at all may be lost. The other kills it too, and asks of the gateway what
//! it acknowledged itself. Skipped with a message where mosquitto is not installed. Before: behind.rs. Next: proxy.rs.

use std::time::Duration;

use rand::RngExt as _;
use turnpage_tests::process::Process;

use crate::behind::Behind;
use crate::check::Check;
use crate::{ACKNOWLEDGED_MAX, LINGER_MAX, STARTING_MAX, kills, linger};

/// Kills of the gateway in a usual run; beside each, connections go bad by the dozen and the broker goes away now and then.
const KILLS: u64 = 6;

#[test]
fn a_broker_that_ends_well_and_a_bad_network_lose_nothing() {
    through_a_broker(false);
}

#[test]
fn what_the_gateway_acknowledged_outlives_a_broker_under_kill_9() {
    through_a_broker(true);
}

fn through_a_broker(lossy: bool) {
    let Some(mut behind) = Behind::start() else { return };
    let mut check = Check::new(&behind.site, lossy);
    let mut gateway = behind.gateway();
    let (mut killed, kills) = (0, kills(KILLS));
    while killed < kills {
        live(&mut behind, &mut gateway);
        if behind.random.random_ratio(1, 3) {
            without_broker(&mut behind, lossy);
            continue;
        }
        gateway.kill();
        killed += 1;
        let said = format!("seed {}, kill {killed}", behind.seed);
        check.after_kill(behind.site.data(), &behind.ledger, &behind.witness.promised(), &said);
        gateway = behind.site.gateway();
        if behind.random.random_ratio(1, 8) {
            linger(behind.random.random_range(Duration::ZERO..STARTING_MAX));
            gateway.kill();
            gateway = behind.site.gateway();
        }
    }
    behind.proxy.calm();
    if lossy {
        behind.ledger.finish_with_losses(&mut gateway);
    } else {
        behind.ledger.finish(&mut gateway);
    }
    println!("{kills} kills: {}", behind.end(gateway, check));
}

/// Lets a random number of messages through, and a random time pass.
fn live(behind: &mut Behind, gateway: &mut Process) {
    behind.ledger.wait_for(behind.random.random_range(0..ACKNOWLEDGED_MAX), gateway);
    linger(behind.random.random_range(Duration::ZERO..LINGER_MAX));
}

/// Takes the broker away for a while.
fn without_broker(behind: &mut Behind, lossy: bool) {
    behind.up.fall();
    if lossy && behind.random.random() {
        behind.broker.kill();
    } else {
        behind.broker.stop();
    }
    linger(behind.random.random_range(Duration::ZERO..STARTING_MAX));
    behind.broker.again();
    behind.up.rise(behind.broker.port());
}
