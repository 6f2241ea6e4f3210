//! The frame: one observation (or one word about the node itself) with its header.
//!
//! Plain data. `encode` and `decode` next door turn it into CBOR and back, `sealed` authenticates it.
//! Which clues come together is the node's choice: the type allows any set.
//!
//! Next: `encode` writes it, `sealed` signs it.

use crate::clue::{Birth, Health, Place, Quality, Sighting, Weather};
use crate::{Error, NodeId};

/// The frame version this crate writes and reads; see the version policy at the top of the crate.
pub const VERSION: u8 = 1;

/// Longest frame a receiver looks at, in bytes. Leaves later versions room for as many clues again.
pub const FRAME_LEN_MAX: usize = 256;

/// Longest frame this version's encoder makes (every clue at its largest), in bytes; a test holds it.
/// A sighting with all four clues is at most 128.
pub const ENCODED_LEN_MAX: usize = 186;

/// The sequence number of a will, which is sealed before anything is published and may never be.
pub const WILL_SEQUENCE: u32 = u32::MAX;

/// What every frame carries. `(node, boot, sequence)` is the event's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Header {
    /// Who speaks.
    pub node: NodeId,
    /// How often this node has started, counted in non-volatile memory.
    pub boot: u32,
    /// Counts the frames of this boot from 0. A number that never arrives is a frame the node gave up (it counts them in
    /// [`Health::dropped`]) or a birth that a newer one replaced. The will carries [`WILL_SEQUENCE`].
    pub sequence: u32,
    /// When it was observed (not sent), in milliseconds since 1970-01-01 UTC; see [`Quality::Unknown`] for the exception.
    pub at_ms: u64,
    /// How far to trust that time.
    pub quality: Quality,
}

/// One frame: a header and any of the clues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Frame {
    /// Identity and time.
    pub header: Header,
    /// Who.
    pub sighting: Option<Sighting>,
    /// Where, if not the node's own place.
    pub place: Option<Place>,
    /// What weather.
    pub weather: Option<Weather>,
    /// How the node is.
    pub health: Option<Health>,
    /// Only on the `birth` topic: coming up, or the will.
    pub birth: Option<Birth>,
}

impl Frame {
    /// A frame with a header and nothing else, to be completed with struct update syntax.
    pub const fn new(header: Header) -> Self {
        Self { header, sighting: None, place: None, weather: None, health: None, birth: None }
    }

    /// What the types do not hold, asserted on the way out and on the way in.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.place.as_ref().map_or(Ok(()), Place::check)?;
        self.weather.as_ref().map_or(Ok(()), Weather::check)
    }
}
