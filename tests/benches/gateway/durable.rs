//! The gateway itself, through its own front door.

use std::path::Path;

use turnpage_gateway_server::Gateway;

use crate::load::{Boards, Pace};
use crate::park::{Day, Park};

/// Messages a second: authenticated, stepped, synced, acknowledged.
pub(crate) async fn rate(park: &Park, day: Day, pace: Pace, dir: &Path) -> f64 {
    let gateway = Gateway::start(park.setup(&dir.join("data"))).await.expect("a gateway");
    let count: usize = day.by_node.iter().map(Vec::len).sum();
    let boards = Boards::connect(gateway.mqtt_addr().expect("a door"), day, pace).await;
    let began = boards.go().await;
    boards.done().await;
    let took = began.elapsed();
    let live = gateway.live();
    gateway.stop().await.expect("stopped");
    let counters = live.borrow().counters.clone();
    assert_eq!(counters.admitted, count as u64, "everything was admitted: {:?}", counters.dead);
    count as f64 / took.as_secs_f64()
}
