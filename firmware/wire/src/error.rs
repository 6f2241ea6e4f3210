//! Why bytes are not a frame, or a frame not bytes. One flat list, so that a receiver can count by reason.
//!
//! Deliberately without positions or copies of the input: the receiver keeps the bytes if it wants them.
//!
//! Next: `gateway/core` files each of these under a dead-letter reason.

/// Why a frame was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// More bytes than [`FRAME_LEN_MAX`](crate::FRAME_LEN_MAX); the rest was not looked at.
    #[error("frame is longer than {} bytes", crate::FRAME_LEN_MAX)]
    Oversize,
    /// Not a tagged `COSE_Mac0` with HMAC 256/64 and nothing else around it, or cut short, or with bytes behind it.
    #[error("not a COSE_Mac0 with HMAC 256/64")]
    Envelope,
    /// The payload is not well-formed CBOR, has bytes behind it, or holds what rule 6 of the version policy keeps out.
    #[error("payload is not the CBOR this contract allows")]
    Malformed,
    /// The payload has a shorter or differently ordered encoding: a long integer, an unsorted or a duplicate key.
    #[error("payload is not in deterministic encoding")]
    NotCanonical,
    /// A version this crate does not know.
    #[error("unknown frame version {0}")]
    Version(u64),
    /// A field that every frame (or every clue of its kind) carries is missing.
    #[error("field `{0}` is missing")]
    Missing(&'static str),
    /// A field has the wrong type or a value outside its documented range.
    #[error("field `{0}` has the wrong type or is out of range")]
    Field(&'static str),
    /// The message authentication code is not the one of this key: forged, damaged, or another node's key.
    #[error("message authentication code does not match")]
    Forged,
    /// The buffer given to the encoder is too small.
    #[error("buffer is too small for the frame")]
    Space,
}
