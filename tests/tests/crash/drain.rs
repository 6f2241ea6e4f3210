//! A gateway that is asked to stop again and again under load, at random instants: it ends well, whatever it took is answered, once,
//! and everybody who was connected is told why.
//!
//! Beside a kill, after which more may be in the log than was acknowledged, both are the same here. Before: main.rs.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;

use crate::check::Check;
use crate::ledger::Ledger;
use crate::site::{NODES, Site};
use crate::up::Up;
use crate::{ACKNOWLEDGED_MAX, LINGER_MAX, end_well, linger, seeded, setting};

/// Stops in a usual run.
const STOPS: u64 = 5;

#[test]
fn what_was_taken_before_a_stop_is_answered_once_and_said_goodbye_to() {
    let (mut random, seed) = seeded();
    let site = Site::new();
    let (ledger, up) = (Arc::<Ledger>::default(), Arc::<Up>::default());
    let clients = site.clients(&ledger, &up);
    let mut check = Check::new(&site, false);
    for stop in 1..=setting("KILLS").unwrap_or(STOPS) {
        let said = format!("seed {seed}, stop {stop}");
        let mut gateway = site.gateway();
        up.rise(site.port(&mut gateway));
        ledger.wait_for(random.random_range(0..ACKNOWLEDGED_MAX), &mut gateway);
        linger(random.random_range(Duration::ZERO..LINGER_MAX));
        up.fall();
        gateway.signal("TERM");
        let (status, lines) = gateway.wait();
        assert_eq!(status.code(), Some(0), "{said}: {}", lines.join("\n"));
        // Until then somebody may still read what came before the end.
        up.wait_until_all_wait(NODES + 1, &ledger);
        check.after_kill(site.data(), &ledger, &ledger.promised(), &said);
        check.nothing_is_unanswered(&ledger, &said);
        assert_eq!(ledger.hung_up_on(), 0, "{said}: sessions that ended without a goodbye");
    }
    end_well(&site, &ledger, &up, clients, &mut check, seed);
    println!("{}", check.summary(&ledger));
}
