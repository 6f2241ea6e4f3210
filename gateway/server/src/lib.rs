//! The running gateway: doors, shard, dispatch, HTTP, console, config.
//!
//! Everything impure is here: sockets, threads, clocks, files. It decides nothing about journeys or offers; that is
//! gateway/core, which it feeds and whose batches it commits before it acknowledges anything. Before: gateway/cli, which
//! reads the files. Next: config.rs and setup.rs, then gateway.rs, then in the order of the flow door.rs, shard.rs,
//! dispatch.rs and http.rs.

pub mod access;
pub mod audit;
pub mod books;
mod broker;
mod certificates;
pub mod clock;
mod config;
pub mod control;
mod dispatch;
pub mod door;
mod error;
mod gateway;
mod history;
mod http;
mod inbound;
mod keeper;
mod measured;
mod opener;
mod outward;
mod permits;
mod pulse;
mod recent;
mod reload;
#[cfg(test)]
mod sample;
mod setup;
mod shard;
pub mod source;
mod traces;
pub mod trust;
pub mod webhook;

pub use clock::{Clock, Led};
pub use config::{Config, Fixed};
pub use error::Error;
pub use gateway::Gateway;
#[doc(hidden)]
pub use http::messages_of;
pub use http::{For, ROUTES, Route};
pub use pulse::Beat;
pub use reload::{Reloaded, edition, promises};
pub use setup::{BrokerSetup, ConsoleSetup, DoorSetup, Login, OpenStore, Opener, Pictures, Setup, Storage};
pub use traces::TracesSetup;
