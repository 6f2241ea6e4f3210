//! Places that do not exist: crowd, weather, queues and radio around the real node logic.
//!
//! A day here is an event-driven simulation in virtual time from one seed: visitors walk a venue, badges and
//! sensors are read through the same `firmware/node` that runs on a board, and what the nodes say goes either
//! nowhere (tests, digests) or over MQTT to a running gateway. It knows nothing of journeys: it sees offers as a
//! visitor does, on the band. In the order to read:
//!
//! - [`park`]: the sample venue and its one real day, embedded.
//! - [`day`]: posted queue minutes and hourly weather, read from text.
//! - [`provision`]: node keys, passwords and the daily badge key, derived from the seed.
//! - [`sky`]: the weather at an instant.
//! - [`world`]: who is where at what time, what they decide, and whose radio hears them.
//! - [`board`]: a node of the venue: the real firmware over simulated parts.
//! - [`live`]: that world against a gateway over TCP, at a speed, with an exact ledger.

pub mod board;
pub mod day;
pub mod live;
pub mod park;
pub mod provision;
pub mod sky;
pub mod world;
