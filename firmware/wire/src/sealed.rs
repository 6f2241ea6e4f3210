//! The envelope: `COSE_Mac0` (RFC 9052, section 6.2) around the payload, and the two steps out of it.
//!
//! [`Sealed::parse`] believes nothing and authenticates nothing: it says who claims to speak, so that
//! the receiver can look up a key. Only [`Sealed::verify`] gives out a [`Frame`]. Every byte of the
//! envelope but the payload and the code is constant, so it is compared rather than interpreted.
//!
//! Next: `gateway/core` admits the frame.

use minicbor::Decoder;

use crate::frame::{FRAME_LEN_MAX, Frame, Header};
use crate::key::TAG_LEN;
use crate::{Error, Key, canonical, decode, encode};

/// Tag 17 (`COSE_Mac0`), an array of four, the protected header `{1: 4}` (HMAC 256/64), no unprotected header.
pub(crate) const PREFIX: [u8; 7] = [0xd1, 0x84, 0x43, 0xa1, 0x01, 0x04, 0xa0];

/// The start of `MAC_structure` (RFC 9052, section 6.3): an array of four with the context `MAC0`, the protected
/// header, and no external data. The payload follows as the byte string the envelope holds.
const MAC_PREFIX: [u8; 11] = [0x84, 0x64, b'M', b'A', b'C', b'0', 0x43, 0xa1, 0x01, 0x04, 0x40];

/// Head of the byte string that holds the code.
const TAG_HEAD: u8 = 0x48;

/// A well-formed frame whose author is not yet proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed<'b> {
    header: Header,
    /// The payload as the byte string in the envelope, its head included: what the code covers.
    covered: &'b [u8],
    payload: &'b [u8],
    tag: &'b [u8],
}

impl<'b> Sealed<'b> {
    /// Checks size, envelope, deterministic encoding, version and header of untrusted bytes.
    pub fn parse(bytes: &'b [u8]) -> Result<Self, Error> {
        if bytes.len() > FRAME_LEN_MAX {
            return Err(Error::Oversize);
        }
        let rest = bytes.strip_prefix(&PREFIX).ok_or(Error::Envelope)?;
        let end = rest.len().checked_sub(1 + TAG_LEN).ok_or(Error::Envelope)?;
        let (covered, tag) = rest.split_at_checked(end).ok_or(Error::Envelope)?;
        let tag = tag.strip_prefix(&[TAG_HEAD]).ok_or(Error::Envelope)?;
        let payload = byte_string(covered)?;
        canonical::check(payload)?;
        Ok(Self { header: decode::header(payload)?, covered, payload, tag })
    }

    /// What the frame claims: whose key to check it with, and which event it would be. Not authenticated.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The frame, if `key` made it. Clues are decoded only after the code has been found right.
    pub fn verify(&self, key: &Key) -> Result<Frame, Error> {
        key.verify([&MAC_PREFIX, self.covered], self.tag)?;
        decode::frame(self.header, self.payload)
    }
}

impl Frame {
    /// Encodes and authenticates the frame into the front of `buffer` and returns that part.
    /// [`ENCODED_LEN_MAX`](crate::ENCODED_LEN_MAX) bytes are always enough.
    ///
    /// # Errors
    /// [`Error::Space`] if `buffer` is too small, [`Error::Field`] if a value is outside its documented range.
    pub fn seal<'b>(&self, key: &Key, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        self.check()?;
        let mut scratch = [0; FRAME_LEN_MAX];
        let payload = encode::frame(self, &mut scratch)?;
        let (prefix, rest) = buffer.split_at_mut_checked(PREFIX.len()).ok_or(Error::Space)?;
        prefix.copy_from_slice(&PREFIX);
        let covered_len = encode::byte_string(payload, rest)?;
        let (covered, rest) = rest.split_at_mut_checked(covered_len).ok_or(Error::Space)?;
        let tag = rest.get_mut(..1 + TAG_LEN).ok_or(Error::Space)?;
        tag.fill(TAG_HEAD);
        tag.get_mut(1..).ok_or(Error::Space)?.copy_from_slice(&key.tag([&MAC_PREFIX, covered]));
        buffer.get(..PREFIX.len() + covered_len + 1 + TAG_LEN).ok_or(Error::Space)
    }
}

/// The content of the byte string that fills `bytes` exactly, its length in the shortest form.
fn byte_string(bytes: &[u8]) -> Result<&[u8], Error> {
    let mut decoder = Decoder::new(bytes);
    let content = decoder.bytes().map_err(|_| Error::Envelope)?;
    let head_len = if content.len() < 24 { 1 } else { 2 };
    if decoder.position() != bytes.len() || bytes.len() != head_len + content.len() {
        return Err(Error::Envelope);
    }
    Ok(content)
}
