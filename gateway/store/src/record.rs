//! How a commit lies in the log: format, part count, checksum, packed payload; and the keys it lies under.
//!
//! What is written is waited for, several times over where sled writes a page anew, and a group repeats the names of
//! journeys, pages and zones in every record: LZ4 makes a fifth of it faster than any disk takes it.
//!
//! A commit is split into parts small enough for the tree to keep them in its one synced file (disk/log.rs says why).
//! The checksum covers the key, so that a part in the wrong place is noticed like a damaged one. It does no I/O.
//! Before: lib.rs. Next: disk/log.rs, which puts parts into sled.

use std::borrow::Cow;

/// The format of everything written by this version: packed payloads, where somebody is apart from its record. The one
/// before was packed too. Appended to, never changed in meaning.
pub(crate) const FORMAT: u8 = 3;
/// The format of payloads that are not packed.
const FORMAT_PLAIN: u8 = 1;

/// The most that a byte of LZ4 stands for: whatever claims more is damaged, and gets no memory.
const PACKED_MAX: usize = 255;

/// Bytes of a record in one part.
pub(crate) const PART_BYTES_MAX: usize = 96 * 1024;

/// Format, table, part count (2), CRC-32 (4).
const HEADER_BYTES: usize = 8;

/// What keys begin with: commits, and nothing else.
const TABLE: u8 = b'c';

/// Bytes of a part's key: table, commit, nothing (4), part, all big-endian so that keys sort as the log runs.
pub(crate) const KEY_BYTES: usize = 1 + 8 + 4 + 2;

/// The key of one part of a commit.
pub(crate) fn key(number: u64, part: u16) -> [u8; KEY_BYTES] {
    let mut key = [0; KEY_BYTES];
    key[0] = TABLE;
    key[1..9].copy_from_slice(&number.to_be_bytes());
    key[13..].copy_from_slice(&part.to_be_bytes());
    key
}

/// The commit and the part in a key, if it is a key of ours.
pub(crate) fn place(found: &[u8]) -> Option<(u64, u16)> {
    let number = u64::from_be_bytes(found.get(1..9)?.try_into().ok()?);
    let part = u16::from_be_bytes(found.get(13..)?.try_into().ok()?);
    (found == key(number, part)).then_some((number, part))
}

/// A part's key and value.
pub(crate) type Part = ([u8; KEY_BYTES], Vec<u8>);

/// The record of a payload. `None` when it is more than LZ4 can say the length of (4 GiB).
pub(crate) fn pack(payload: &[u8]) -> Option<Vec<u8>> {
    u32::try_from(payload.len()).ok()?;
    Some(lz4_flex::compress_prepend_size(payload))
}

/// The payload of a record; `None` when it is none.
pub(crate) fn unpack(format: u8, record: &[u8]) -> Option<Cow<'_, [u8]>> {
    if format == FORMAT_PLAIN {
        return Some(Cow::Borrowed(record));
    }
    let (length, packed) = lz4_flex::block::uncompressed_size(record).ok()?;
    if length > packed.len().saturating_mul(PACKED_MAX) {
        return None;
    }
    lz4_flex::block::decompress(packed, length).ok().map(Cow::Owned)
}

/// The parts of a record. `None` when it would need more parts than a key can count (6 GiB).
pub(crate) fn parts(number: u64, record: &[u8]) -> Option<Vec<Part>> {
    let count = u16::try_from(record.len().div_ceil(PART_BYTES_MAX).max(1)).ok()?;
    let part = |index: u16| {
        let from = usize::from(index) * PART_BYTES_MAX;
        let bytes = &record[from..record.len().min(from + PART_BYTES_MAX)];
        let key = key(number, index);
        let mut value = Vec::with_capacity(HEADER_BYTES + bytes.len());
        value.extend([FORMAT, TABLE]);
        value.extend(count.to_le_bytes());
        value.extend(checksum(&key, &value, bytes).to_le_bytes());
        value.extend(bytes);
        (key, value)
    };
    Some((0..count).map(part).collect())
}

/// What is wrong with a part.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    /// It is not what was written.
    Checksum,
    /// It is too short to be anything.
    Short,
    /// It is of a format that this version does not read.
    Format(u8),
}

/// A part, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Opened<'a> {
    /// The record's format.
    pub(crate) format: u8,
    /// How many parts the record has.
    pub(crate) count: u16,
    /// This one's bytes.
    pub(crate) bytes: &'a [u8],
}

/// Takes a part apart.
pub(crate) fn open<'a>(key: &[u8], value: &'a [u8]) -> Result<Opened<'a>, Damage> {
    let (header, bytes) = value.split_at_checked(HEADER_BYTES).ok_or(Damage::Short)?;
    let (head, crc) = header.split_at(4);
    if crc != checksum(key, head, bytes).to_le_bytes() {
        return Err(Damage::Checksum);
    }
    // Only what is intact can be of a newer format.
    if !(FORMAT_PLAIN..=FORMAT).contains(&head[0]) {
        return Err(Damage::Format(head[0]));
    }
    Ok(Opened { format: head[0], count: u16::from_le_bytes([head[2], head[3]]), bytes })
}

fn checksum(key: &[u8], head: &[u8], bytes: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(key);
    crc.update(head);
    crc.update(bytes);
    crc.finalize()
}

/// A part as older versions wrote it.
#[cfg(test)]
pub(crate) fn plain_for_test(number: u64, payload: &[u8]) -> Part {
    let key = key(number, 0);
    let mut value = vec![FORMAT_PLAIN, TABLE, 1, 0];
    value.extend(checksum(&key, &value, payload).to_le_bytes());
    value.extend(payload);
    (key, value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_sort_as_the_log_runs() {
        let keys = [(1, 0), (1, 1), (255, 9), (256, 0)].map(|(number, part)| key(number, part));
        assert!(keys.is_sorted());
        assert_eq!(place(&keys[2]), Some((255, 9)));
        assert_eq!(place(b"c"), None);
        assert_eq!(place(&[b'c'; KEY_BYTES]), None);
    }

    #[test]
    fn a_newer_format_is_told_from_damage() {
        let (key, mut value) = parts(7, b"payload").unwrap().remove(0);
        value[0] = 9;
        assert_eq!(open(&key, &value), Err(Damage::Checksum));
        let crc = checksum(&key, &value[..4], &value[8..]).to_le_bytes();
        value[4..8].copy_from_slice(&crc);
        assert_eq!(open(&key, &value), Err(Damage::Format(9)));
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(size in prop_oneof![0..300_usize, 90_000..300_000_usize], fill: u8) {
            let payload: Vec<u8> = (0..size).map(|i| fill.wrapping_add(u8::try_from(i % 251).unwrap())).collect();
            let parts = parts(7, &payload).unwrap();
            let mut back: Vec<u8> = Vec::new();
            for (key, value) in &parts {
                let Opened { format, count, bytes } = open(key, value).unwrap();
                prop_assert_eq!((format, usize::from(count)), (FORMAT, parts.len()));
                back.extend(bytes);
            }
            prop_assert_eq!(back, payload);
        }

        #[test]
        fn what_is_packed_is_unpacked(payload: Vec<u8>, times in 1..50_usize) {
            let payload = payload.repeat(times);
            let packed = pack(&payload).unwrap();
            prop_assert_eq!(&*unpack(FORMAT, &packed).unwrap(), &payload[..]);
            prop_assert_eq!(&*unpack(FORMAT_PLAIN, &payload).unwrap(), &payload[..]);
        }

        #[test]
        fn what_was_never_packed_is_no_payload_and_no_panic(record: Vec<u8>) {
            if let Some(payload) = unpack(FORMAT, &record) {
                prop_assert!(payload.len() <= record.len() * PACKED_MAX);
            }
        }

        #[test]
        fn a_flipped_bit_is_noticed(payload: Vec<u8>, at: prop::sample::Index, bit in 0..8_u8) {
            let (key, mut value) = parts(7, &payload).unwrap().remove(0);
            let at = at.index(value.len());
            value[at] ^= 1 << bit;
            prop_assert!(open(&key, &value).is_err());
        }

        #[test]
        fn a_record_in_the_wrong_place_is_noticed(payload: Vec<u8>, other in 8..u64::MAX) {
            let (_, value) = parts(7, &payload).unwrap().remove(0);
            let key = key(other, 0);
            prop_assert_eq!(open(&key, &value), Err(Damage::Checksum));
        }
    }
}
