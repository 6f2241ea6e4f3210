//! The front door's protocol: MQTT 3.1.1 and 5, sans-IO, acknowledging what is committed and no sooner.
//!
//! A [`Connection`] is one client's protocol state: bytes in, publications and bytes out, and a deadline with its
//! reason. The [`Broker`] is what connections share: sessions, subscriptions, retained messages, wills. Time is a
//! parameter ([`Moment`]); there is no socket, task, lock or clock here, so that a simulation runs the same code.
//!
//! It is no general broker. QoS 2 is refused, a client's message goes to subscribers after its commit and not before,
//! and there is no enhanced authentication. Where each statement of MQTT 5 is held is in
//! tests/conformance/STATEMENTS.md.
//! Before: gateway/server, door.rs, which owns the sockets. Next: topic.rs, then connection.rs and broker.rs.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod acks;
mod broker;
mod connection;
mod counters;
mod frame;
pub mod limits;
mod message;
mod notice;
mod permit;
mod publish;
mod retained;
mod session;
mod shares;
mod subscription;
pub mod topic;
mod trie;

pub use acks::{Answer, Refusal, Token};
pub use broker::{Broker, Effect};
pub use connection::{Closed, Connection, Deadline};
pub use counters::Counters;
pub use message::{ClientId, Message, Moment, Qos, Ticket};
pub use notice::{Lost, Notice};
pub use permit::{Account, Accounts, Credentials, Permit};
pub use publish::Publish;
pub use session::ConnectionId;
pub use topic::{Filter, Topic};
