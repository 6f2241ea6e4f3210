//! The logic of a sensor node: sampling, presence, pseudonyms, backlog and the MQTT session.
//!
//! `no_std` and without an allocator. A board gives it a bus, a byte stream and a clock; the
//! simulator gives the same code simulated ones. [`Node`] is a state machine like quinn-proto's: time is an
//! argument, what is to be published comes back, and so does the deadline of the next poll with its
//! reason. [`session`] carries the publications over MQTT 5 and brings back what became of them;
//! [`shell`] is the loop that ties the two together on a board, and the only code here that waits.
//!
//! ```text
//!  badge reader ─┐                                        ┌─ Acknowledged: the frame is forgotten
//!                ├─> presence ─> frame ─> backlog ─> session
//!  weather ──────┘   pseudonym    (wire)                  └─ Lost, Refused: it waits for its next turn
//! ```
//!
//! Deliberately absent: a board's pins (`boards/`), the meaning of a sighting (the gateway), and
//! non-volatile memory: this backlog is a ring in RAM whose overflow is counted and reported.
//!
//! # A node and its publications
//!
//! ```
//! use turnpage_firmware_node::{Absent, Badge, BadgeReader, Config, DailyKey, Fault, Node, Now, Uid};
//! use turnpage_firmware_wire::{Key, Name, NodeId, Presence, Sealed};
//!
//! /// A reader that sees one badge on every scan.
//! struct Turnstile(Option<Badge>);
//!
//! impl BadgeReader for Turnstile {
//!     fn read(&mut self) -> Result<Option<Badge>, Fault> {
//!         Ok(self.0.take())
//!     }
//! }
//!
//! let key = Key::new(&[1; 32]);
//! let name = |text| Name::new(text).ok_or("not a name");
//! let config = Config::new(NodeId(12), name("gate-1")?, name("park")?, key.clone(), DailyKey::new([2; 32]));
//! let badge = Badge { uid: Uid::new(b"\x04\xa2\x19\x6b").ok_or("not a uid")?, role: None, rssi_dbm: None };
//! let mut node: Node<_, _> = Node::new(config, 3, Turnstile(Some(badge)), Absent);
//!
//! let publish = node.poll(Now::synced(1_000, 1_795_334_400_000)).ok_or("nothing to say")?;
//! assert_eq!(publish.topic, "turnpage/v1/park/node/gate-1/event");
//! let frame = Sealed::parse(publish.payload)?.verify(&key)?;
//! assert_eq!(frame.sighting.map(|sighting| sighting.presence), Some(Presence::Enter));
//! let ticket = publish.ticket;
//! node.acknowledged(ticket);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Next: `gateway/mqtt` is where the session connects to.
#![no_std]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod backlog;
mod config;
pub mod drivers;
mod node;
mod presence;
mod pseudonym;
mod sense;
pub mod session;
pub mod shell;
mod time;

pub use backlog::Ticket;
pub use config::{Config, Intervals};
pub use node::{Node, Publish, Refusal, Will};
pub use presence::Rules;
pub use pseudonym::DailyKey;
pub use sense::{Absent, Badge, BadgeReader, Fault, PulseCounter, Sample, Uid, WeatherSensor};
pub use time::{Deadline, Now, Reason};
