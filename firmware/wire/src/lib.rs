//! The contract: what a node says on the wire, byte for byte.
//!
//! A [`Frame`] is one CBOR map with integer keys inside a `COSE_Mac0` (RFC 9052) under the node's
//! own [`Key`]; `frame.cddl` beside this crate is its grammar, and a [`Topic`] says where it is
//! published. Node, gateway and simulator use this one crate, so none of them can drift.
//!
//! Deliberately absent: an allocator, a clock, a socket, floating point, and any judgement on
//! whether a frame is new, plausible or in time (the gateway's `admit` decides that).
//!
//! # From a reading to bytes, and back
//!
//! ```
//! use turnpage_firmware_wire::{Frame, Header, Key, NodeId, Presence, Pseudonym, Quality};
//! use turnpage_firmware_wire::{FRAME_LEN_MAX, Sealed, Sighting, Text};
//!
//! let key = Key::new(&[7; 32]);
//! let header = Header {
//!     node: NodeId(12), boot: 3, sequence: 41,
//!     at_ms: 1_795_334_400_000, quality: Quality::Synced,
//! };
//! let frame = Frame {
//!     sighting: Some(Sighting {
//!         subject: Pseudonym(*b"\x01\x02\x03\x04\x05\x06\x07\x08"),
//!         role: Text::new("guest"),
//!         presence: Presence::Enter,
//!         rssi_dbm: Some(-61),
//!     }),
//!     ..Frame::new(header)
//! };
//! let mut buffer = [0; FRAME_LEN_MAX];
//! let bytes = frame.seal(&key, &mut buffer)?;
//!
//! // The receiver reads who claims to speak, looks up that node's key, and only then believes it.
//! let sealed = Sealed::parse(bytes)?;
//! assert_eq!(sealed.header().node, NodeId(12));
//! assert_eq!(sealed.verify(&key)?, frame);
//! # Ok::<(), turnpage_firmware_wire::Error>(())
//! ```
//!
//! # Version policy
//!
//! 1. The format is append-only. A key, once given a meaning, keeps that meaning, type and unit for
//!    ever; a key taken out of use is never given out again.
//! 2. A new clue or field gets the next free key above all others of its map. A decoder skips
//!    keys above the ones it knows, so an old gateway reads a new node.
//! 3. Absence is the only default. A field that old nodes do not send is optional for ever.
//! 4. A new value of an enumeration, a key that changes what another one means, or another
//!    algorithm is a new [`VERSION`]. A decoder refuses versions it does not know.
//! 5. Every released version has golden bytes in `tests/golden`, which are never edited.
//! 6. Bytes are deterministic (RFC 8949, section 4.2.1): shortest integers, definite lengths,
//!    ascending keys, no duplicates. Tags, floats and `undefined` do not occur inside a frame, also
//!    not under keys yet to come. Whatever has two encodings is refused, so that equal
//!    readings are equal bytes.
//!
//! Next: `firmware/node` makes frames, `gateway/core` (decode, admit) takes them.
#![no_std]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod canonical;
mod clue;
mod decode;
mod encode;
mod error;
mod frame;
mod id;
mod key;
mod sealed;
mod text;
pub mod topic;

pub use clue::{Birth, Health, Place, Presence, Quality, Senses, Sighting, Weather};
pub use error::Error;
pub use frame::{ENCODED_LEN_MAX, FRAME_LEN_MAX, Frame, Header, VERSION, WILL_SEQUENCE};
pub use id::{NodeId, Pseudonym};
pub use key::Key;
pub use sealed::Sealed;
pub use text::{Name, Role, Text};
pub use topic::Topic;
