//! A network that falls silent: nothing passes any more, and neither side is told. Only the keep-alive can tell.
//!
//! What the broker sent into the silence comes again once the gateway has gone another way. Skipped with a message where
//! mosquitto is not installed. Before: behind.rs.

use crate::behind::Behind;
use crate::check::Check;

/// Frames that the gateway takes before.
const BEFORE: u64 = 1_000;

#[test]
fn a_connection_over_which_nothing_passes_is_left_and_nothing_is_lost() {
    let Some(behind) = Behind::start() else { return };
    behind.proxy.calm();
    let check = Check::new(&behind.site, false);
    let mut gateway = behind.gateway();
    behind.ledger.wait_for(BEFORE, &mut gateway);
    behind.proxy.fall_silent();
    // Both connections have to be made anew for that: frames come in over the one, offers go out over the other.
    behind.ledger.finish(&mut gateway);
    println!("{}", behind.end(gateway, check));
}
