//! Blocks: what files of the store beside sled's are made of. Length, kind, checksum, payload.
//!
//! A block's checksum covers everything before it too, so that a block that was left out, swapped or taken from another
//! file is noticed like a damaged one, and a last block that is intact proves the whole. It knows nothing of what is
//! inside. Before: record.rs. Next: run.rs, which fills blocks with entries.

use std::io::{self, Read, Write};

/// Bytes of payload in one block: far more than any record of a state has, so that a damaged length is told as such.
pub(crate) const BLOCK_BYTES_MAX: u32 = 64 * 1024 * 1024;
/// Length (4), kind (1), checksum (4).
const HEADER_BYTES: usize = 9;
/// What a reader makes room for before it has seen the bytes: a length may lie.
const TRUSTED_BYTES: usize = 1024 * 1024;

/// Writes blocks.
pub(crate) struct Writer<W> {
    out: W,
    chain: u32,
    bytes: u64,
}

impl<W: Write> Writer<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, chain: 0, bytes: 0 }
    }

    pub(crate) fn put(&mut self, kind: u8, payload: &[u8]) -> io::Result<()> {
        let length = u32::try_from(payload.len()).ok().filter(|length| *length <= BLOCK_BYTES_MAX);
        let length = length.ok_or_else(|| io::Error::other("a record is too large for a block"))?;
        self.chain = checksum(self.chain, kind, payload);
        let mut header = [0; HEADER_BYTES];
        header[..4].copy_from_slice(&length.to_le_bytes());
        header[4] = kind;
        header[5..].copy_from_slice(&self.chain.to_le_bytes());
        self.out.write_all(&header)?;
        self.out.write_all(payload)?;
        self.bytes += (HEADER_BYTES + payload.len()) as u64;
        Ok(())
    }

    /// Bytes written so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    #[cfg(test)]
    pub(crate) fn into_inner(self) -> W {
        self.out
    }
}

/// What is wrong with a block.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Damage {
    /// The file ends inside it.
    #[error("it is cut short")]
    Short,
    /// It is not what was written, or not here.
    #[error("the checksum does not fit")]
    Checksum,
    /// It is whole, and not what belongs here.
    #[error("{0}")]
    Content(&'static str),
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Reads blocks back.
pub(crate) struct Reader<R> {
    input: R,
    chain: u32,
    /// Where the next block begins.
    at: u64,
    payload: Vec<u8>,
}

impl<R: Read> Reader<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, chain: 0, at: 0, payload: Vec::new() }
    }

    /// The next block's kind; its payload is then [`Self::payload`]. `None` at the end of the file.
    pub(crate) fn next(&mut self) -> Result<Option<u8>, Damage> {
        let mut header = [0; HEADER_BYTES];
        match read_full(&mut self.input, &mut header)? {
            0 => return Ok(None),
            HEADER_BYTES => {}
            _ => return Err(Damage::Short),
        }
        let [a, b, c, d, kind, sum @ ..] = header;
        let length = u32::from_le_bytes([a, b, c, d]);
        if length > BLOCK_BYTES_MAX {
            return Err(Damage::Checksum);
        }
        self.payload.clear();
        self.payload.reserve((length as usize).min(TRUSTED_BYTES));
        let read = self.input.by_ref().take(u64::from(length)).read_to_end(&mut self.payload)?;
        if read < length as usize {
            return Err(Damage::Short);
        }
        self.chain = checksum(self.chain, kind, &self.payload);
        if self.chain != u32::from_le_bytes(sum) {
            return Err(Damage::Checksum);
        }
        self.at += (HEADER_BYTES + read) as u64;
        Ok(Some(kind))
    }

    /// The payload of the block that was read last.
    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Bytes of whole blocks read so far: where the next one begins.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }
}

/// Fills `buffer` as far as there is anything; returns how far.
fn read_full(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn checksum(chain: u32, kind: u8, payload: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&chain.to_le_bytes());
    crc.update(&(payload.len() as u64).to_le_bytes());
    crc.update(&[kind]);
    crc.update(payload);
    crc.finalize()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(blocks: &[(u8, Vec<u8>)]) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new());
        for (kind, payload) in blocks {
            writer.put(*kind, payload).unwrap();
        }
        writer.into_inner()
    }

    fn read(bytes: &[u8]) -> Result<Vec<(u8, Vec<u8>)>, Damage> {
        let mut reader = Reader::new(bytes);
        let mut blocks = Vec::new();
        while let Some(kind) = reader.next()? {
            blocks.push((kind, reader.payload().to_vec()));
        }
        assert_eq!(reader.at(), bytes.len() as u64);
        Ok(blocks)
    }

    #[test]
    fn a_length_that_lies_reserves_nothing() {
        let mut bytes = vec![0xff, 0xff, 0xff, 0x03];
        bytes.extend([0; 20]);
        assert!(matches!(read(&bytes), Err(Damage::Short)));
        bytes[3] = 0xff;
        assert!(matches!(read(&bytes), Err(Damage::Checksum)));
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(blocks: Vec<(u8, Vec<u8>)>) {
            prop_assert_eq!(read(&written(&blocks)).unwrap(), blocks);
        }

        #[test]
        fn damage_anywhere_is_noticed(blocks in prop::collection::vec(any::<(u8, Vec<u8>)>(), 1..6), at: prop::sample::Index, bit in 0..8_u8) {
            let mut bytes = written(&blocks);
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(read(&bytes).is_err());
            bytes[at] ^= 1 << bit;
            // Cut between two blocks it is a shorter file; whoever writes one says at its end that it ends.
            let short = read(&bytes[..at]);
            prop_assert!(short.is_err() || short.unwrap().len() < blocks.len());
        }

        #[test]
        fn blocks_that_changed_places_are_noticed(one: Vec<u8>, other: Vec<u8>) {
            prop_assume!(one != other);
            let bytes = written(&[(1, one.clone()), (1, other)]);
            let cut = HEADER_BYTES + one.len();
            let swapped = [&bytes[cut..], &bytes[..cut]].concat();
            prop_assert!(read(&swapped).is_err());
        }
    }
}
