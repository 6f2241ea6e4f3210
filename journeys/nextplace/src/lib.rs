//! Where a subject goes next: probabilities learned from sightings, one move at a time.
//!
//! ```text
//! sighting -seen-> Model (counts, trust) -predict-> Prediction -of(kind)-> probability
//!            \---> Trail (one a subject)
//! ```
//!
//! The model counts where people went after a place, after two places, after having dwelt there for so long, and
//! at such an hour. Each way of looking backs off to a coarser one where it has seen little, and how far each is
//! trusted is learned from how well it foretold. `README.md` beside this crate has the numbers on real traces.
//!
//! ```
//! use turnpage_journeys_nextplace::{At, Model, Place, Trail};
//!
//! const GATE: Place = Place(1);
//! const CAFE: Place = Place(2);
//! const RIDE: Place = Place(3);
//!
//! let mut model = Model::new();
//! for place in [GATE, CAFE, RIDE] {
//!     model.know(place);
//! }
//! // Nine of ten go from the gate to the ride.
//! for visitor in 0..100 {
//!     let mut trail = Trail::new();
//!     model.seen(&mut trail, GATE, At { ms: 0, hour: 9 });
//!     let next = if visitor % 10 == 0 { CAFE } else { RIDE };
//!     model.seen(&mut trail, next, At { ms: 60_000, hour: 9 });
//! }
//! let mut trail = Trail::new();
//! let at = At { ms: 0, hour: 9 };
//! model.seen(&mut trail, GATE, at);
//! let next = model.predict(&trail, at);
//! assert!(next.of(|place| place == RIDE) > 0.8);
//! let sum: f64 = next.iter().map(|(_, p)| p).sum();
//! assert!((sum + next.elsewhere() - 1.0).abs() < 1e-9);
//! ```
//!
//! Deliberately not here: zones, kinds and names (a [`Place`] is the caller's number), the time of day (the
//! caller says the hour on the venue's clock), and consent ([`Model::follow`] moves a trail without learning).
//!
//! Order of reading: `trail`, `counts`, `ways`, `trust`, `model`, `saved`. Next: `gateway/core`, which gives
//! guards `next("food")`.
#![no_std]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

extern crate alloc;

pub mod bounds;
mod counts;
mod model;
mod prediction;
mod saved;
mod trail;
mod trust;
mod ways;

pub use model::{Forgotten, Model};
pub use prediction::Prediction;
pub use saved::Error;
pub use trail::{At, Place, Trail};
pub use ways::{DISCOUNT, STRENGTH};
