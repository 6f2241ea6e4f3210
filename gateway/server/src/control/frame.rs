//! What goes over the operator's socket: a request of one byte, then frames, of which the last says how it ended.
//!
//! Kind, length, payload. Both ends are this program, perhaps of two versions: what is not understood ends the call.
//! Before: control.rs. Next: client.rs.

use std::io::{self, Read, Write};

use turnpage_gateway_store::Progress;

/// Bytes of payload in one frame.
pub(super) const PAYLOAD_BYTES_MAX: usize = 256 * 1024;
/// Kind and length (4).
const HEADER_BYTES: usize = 5;

/// What may be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Request {
    Verify,
    Compact,
    Backup,
    Report,
}

impl Request {
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Verify => b'v',
            Self::Compact => b'c',
            Self::Backup => b'b',
            Self::Report => b'r',
        }
    }

    pub(super) fn of(byte: u8) -> Option<Self> {
        [Self::Verify, Self::Compact, Self::Backup, Self::Report]
            .into_iter()
            .find(|request| request.byte() == byte)
    }
}

/// What comes back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Frame {
    /// How far it is.
    Progress(Progress),
    /// A piece of the backup, or of the counts.
    Bytes(Vec<u8>),
    /// The last: what came of it, as JSON.
    Done(Vec<u8>),
    /// The last: why nothing came of it.
    Failed(String),
}

impl Frame {
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut numbers = [0; 16];
        let (kind, payload) = match self {
            Self::Progress(Progress { done, total }) => {
                numbers[..8].copy_from_slice(&done.to_le_bytes());
                numbers[8..].copy_from_slice(&total.to_le_bytes());
                (b'p', &numbers[..])
            }
            Self::Bytes(bytes) => (b'b', &bytes[..]),
            Self::Done(json) => (b'd', &json[..]),
            Self::Failed(why) => (b'f', why.as_bytes()),
        };
        let payload = &payload[..payload.len().min(PAYLOAD_BYTES_MAX)];
        let mut header = [kind; HEADER_BYTES];
        let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
        header[1..].copy_from_slice(&length.to_le_bytes());
        out.write_all(&header)?;
        out.write_all(payload)
    }

    pub(super) fn read(input: &mut impl Read) -> io::Result<Self> {
        let mut header = [0; HEADER_BYTES];
        input.read_exact(&mut header)?;
        let [kind, length @ ..] = header;
        let length = u32::from_le_bytes(length) as usize;
        let unknown = || io::Error::other("it says something that this version does not understand");
        if length > PAYLOAD_BYTES_MAX {
            return Err(unknown());
        }
        let mut payload = vec![0; length];
        input.read_exact(&mut payload)?;
        let number = |from: usize| {
            let bytes = payload.get(from..from + 8).and_then(|bytes| bytes.try_into().ok());
            bytes.map(u64::from_le_bytes).ok_or_else(unknown)
        };
        match kind {
            b'p' => Ok(Self::Progress(Progress { done: number(0)?, total: number(8)? })),
            b'b' => Ok(Self::Bytes(payload)),
            b'd' => Ok(Self::Done(payload)),
            b'f' => Ok(Self::Failed(String::from_utf8_lossy(&payload).into_owned())),
            _ => Err(unknown()),
        }
    }
}
