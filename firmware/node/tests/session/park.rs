//! What the session tests share: a node with a badge reader that is fed by hand, a clock that runs as fast as it is waited
//! on, and the frames a gateway would make of its publications.

use std::cell::Cell;
use std::collections::VecDeque;

use turnpage_firmware_node::shell::Clock;
use turnpage_firmware_node::{
    Absent, Badge, BadgeReader, Config, DailyKey, Fault, Intervals, Node, Now, Uid,
};
use turnpage_firmware_wire::{Frame, Key, Name, NodeId, Sealed};

pub(crate) const EVENT: &str = "turnpage/v1/park/node/gate-1/event";
pub(crate) const BIRTH: &str = "turnpage/v1/park/node/gate-1/birth";

/// The wall clock when the nodes of these tests started.
pub(crate) const BOOT_AT_MS: u64 = 1_795_334_400_000;

/// A reader that has the given badges in its line.
#[derive(Default)]
pub(crate) struct Queue(pub(crate) VecDeque<Badge>);

impl BadgeReader for Queue {
    fn read(&mut self) -> Result<Option<Badge>, Fault> {
        Ok(self.0.pop_front())
    }
}

pub(crate) type Gate = Node<Queue, Absent, 64, 64>;

pub(crate) fn key() -> Key {
    Key::new(&[1; Key::LEN])
}

/// A node at a gate that has the badges `0..badges` before its reader.
pub(crate) fn gate(badges: u32) -> Gate {
    let name = |name| Name::new(name).expect("a name");
    let mut config = Config::new(NodeId(12), name("gate-1"), name("park"), key(), DailyKey::new([2; 32]));
    config.intervals = Intervals { heartbeat_s: 3_600, ..Intervals::default() };
    let badge = |number: u32| Badge {
        uid: Uid::new(&number.to_be_bytes()).expect("a uid"),
        role: None,
        rssi_dbm: Some(-60),
    };
    Node::new(config, 3, Queue((0..badges).map(badge).collect()), Absent)
}

/// Opens a publication of [`gate`].
pub(crate) fn open(payload: &[u8]) -> Frame {
    Sealed::parse(payload).and_then(|sealed| sealed.verify(&key())).expect("a frame of the gate")
}

/// A clock on which every wait ends at once and moves time to its end, but lets everybody else run first.
#[derive(Default)]
pub(crate) struct Hasty(Cell<u64>);

impl Clock for Hasty {
    fn now(&self) -> Now {
        Now::synced(self.0.get(), BOOT_AT_MS + self.0.get())
    }

    async fn until(&self, uptime_ms: u64) {
        tokio::task::yield_now().await;
        self.0.set(self.0.get().max(uptime_ms));
    }
}

/// A clock that stands still.
pub(crate) struct Still(pub(crate) u64);

impl Clock for Still {
    fn now(&self) -> Now {
        Now::synced(self.0, BOOT_AT_MS + self.0)
    }

    async fn until(&self, uptime_ms: u64) {
        if uptime_ms > self.0 {
            std::future::pending::<()>().await;
        }
    }
}
