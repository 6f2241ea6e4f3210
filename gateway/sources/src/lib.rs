//! Sensors that are already there: a declared mapping turns what they publish into events.
//!
//! ```text
//! topic, payload -read-> JSON -rules-> what each rule says -admit-> ContextEvents
//! ```
//!
//! A source is a topic filter and rules. A rule is CEL over the topic and the payload: when it applies, and what it says
//! (a sighting, a reading of the air, a signal, an outcome, a profile, feedback). Those with a name of their own
//! (OwnTracks, ESPresense, ..) are declarations in the same language, in `src/ready`, to be read and copied. A decoder
//! stands only where bytes demand one: [BTHome](https://bthome.io), as a function of the language.
//!
//! Ids of devices become pseudonyms here, under the venue's key, in the way the venue's own nodes do it: no raw id goes
//! further. Everything is bounded (the payload's size and depth, the steps of an evaluation, the events of a message),
//! and whatever a stranger publishes is mapped, ignored or malformed: never a panic, never a hang.
//!
//! Deliberately not here: sockets, files, clocks, and whether an event counts, which is admission's business. `README.md`
//! beside this crate is the operators' page. Before: gateway/server, whose doors bring messages and whose config holds
//! declarations. Next: [`Declared`], [`Source`], then `declare`, `check`, `eval`, `map`.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod bthome;
mod check;
mod declare;
mod eval;
mod explain;
mod functions;
mod hex;
mod identity;
mod map;
mod moment;
mod quantity;
mod ready;
mod rule;
mod secrets;
mod source;

pub use declare::Declared;
pub use explain::{Explained, Told};
pub use identity::{Identity, Secret};
pub use map::{EVENTS_MAX, Mapped, PAYLOAD_MAX, Trouble, TroubleKind};
pub use ready::{READY, Ready};
pub use secrets::{BINDKEY_LEN, Bindkeys};
pub use source::Source;

#[cfg(test)]
mod tests;
