//! A compiled library as bytes, so that it runs where nothing can be compiled: on a board, or in a build without the parser.
//!
//! A frame of magic, layout, length and hash around postcard of the venue's schema and the tables themselves, less what
//! `place.rs` makes of them. The hash tells damage; it is no seal, so whatever is read is checked as if an enemy had written
//! it (`sound.rs`). What comes back is the library that was written: same effects, same saved state. Next: `sound.rs`.

use super::{Journey, Library, place, sound};
use crate::bounds::{JOURNEYS_MAX, LIBRARY_BYTES_MAX};
use crate::engine::Error;
use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::hash::Hasher;
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;
use turnpage_journeys_expr::stored::list;
use turnpage_journeys_expr::{DomainId, Schema};

const MAGIC: [u8; 4] = *b"tpjl";
/// The layout of what follows. A change of any type that is stored is a new number, and the old one is refused: a library
/// is compiled anew, state is what has to last.
const LAYOUT: u16 = 2;
/// Magic, layout, length and hash of the body, all little-endian.
const HEADER: usize = 4 + 2 + 4 + 8;

const DOMAINS_MAX: usize = Schema::DOMAINS_MAX;

#[derive(Serialize)]
struct Written<'a> {
    schema: &'a Schema,
    members: Vec<(DomainId, usize)>,
    journeys: &'a [Journey],
}

#[derive(Deserialize)]
struct Read {
    schema: Schema,
    /// How many members each domain had that variables are of: a schema grows, and what came later cannot be saved.
    #[serde(deserialize_with = "list::<_, _, DOMAINS_MAX>")]
    members: Vec<(DomainId, usize)>,
    #[serde(deserialize_with = "list::<_, _, JOURNEYS_MAX>")]
    journeys: Vec<Journey>,
}

impl Library {
    /// The library, and the schema it was compiled against, as bytes for `from_bytes`.
    ///
    /// # Errors
    /// The schema is another one, or the library is beyond what is read back.
    pub fn to_bytes(&self, schema: &Schema) -> Result<Vec<u8>, Error> {
        for (domain, names) in &self.members {
            if !schema.members(*domain).take(names.len()).eq(names.iter().map(|name| name.as_str())) {
                return Err(Error::Library("its names are not those of the venue"));
            }
        }
        let members = self.members.iter().map(|(domain, names)| (*domain, names.len())).collect();
        let written = Written { schema, members, journeys: &self.journeys };
        // Writing to memory only fails for types whose length is not known, and there is none.
        let body = postcard::to_allocvec(&written).unwrap_or_default();
        let mut bytes = Vec::with_capacity(HEADER + body.len());
        bytes.extend(MAGIC);
        bytes.extend(LAYOUT.to_le_bytes());
        bytes.extend((body.len() as u32).to_le_bytes());
        bytes.extend(hash(&body).to_le_bytes());
        bytes.extend(body);
        // Nobody is given bytes that nobody can read.
        Library::from_bytes(&bytes)?;
        Ok(bytes)
    }

    /// The library that `to_bytes` wrote, and the schema it was compiled against: where each fact stands, what copy is
    /// rendered with. It takes at most some 100 times the memory of its bytes.
    ///
    /// # Errors
    /// The bytes are not whole, of another layout, or no library that `compile` would have made. Nothing of them is
    /// believed: bytes that are accepted run without panic and without end to no step.
    pub fn from_bytes(bytes: &[u8]) -> Result<(Library, Schema), Error> {
        let read: Read = postcard_of(body_of(bytes)?)?;
        sound::sound(&read.schema, &read.journeys).map_err(Error::Library)?;
        let Read { schema, members, journeys } = read;
        let kept = |domain| members.iter().find(|(known, _)| *known == domain).map_or(0, |(_, len)| *len);
        let names = |domain| schema.members(domain).take(kept(domain)).map(str::to_owned).collect();
        let library = place::library(journeys, names);
        let lens = library.members.iter().map(|(domain, names)| (*domain, names.len()));
        if !lens.eq(members.iter().copied()) {
            return Err(Error::Library("its names are not those of its variables"));
        }
        Ok((library, schema))
    }
}

/// What stands in the frame.
fn body_of(bytes: &[u8]) -> Result<&[u8], Error> {
    if bytes.len() > LIBRARY_BYTES_MAX {
        return Err(Error::Library("it is too long"));
    }
    let cut = Error::Library("it is cut off");
    let (magic, rest) = bytes.split_first_chunk().ok_or(cut.clone())?;
    let (layout, rest) = rest.split_first_chunk().ok_or(cut.clone())?;
    let (len, rest) = rest.split_first_chunk().ok_or(cut.clone())?;
    let (sum, body) = rest.split_first_chunk().ok_or(cut.clone())?;
    if *magic != MAGIC {
        return Err(Error::Library("it is none"));
    }
    if u16::from_le_bytes(*layout) != LAYOUT {
        return Err(Error::Library("its layout is not known"));
    }
    if body.len() != u32::from_le_bytes(*len) as usize {
        return Err(cut);
    }
    if hash(body) != u64::from_le_bytes(*sum) {
        return Err(Error::Library("it is damaged"));
    }
    Ok(body)
}

fn postcard_of(body: &[u8]) -> Result<Read, Error> {
    let garbled = Error::Library("it is garbled, or an expression of it was never compiled");
    let (read, rest) = postcard::take_from_bytes(body).map_err(|_| garbled)?;
    if rest.is_empty() { Ok(read) } else { Err(Error::Library("something follows it")) }
}

fn hash(body: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0, u64::from_le_bytes(*b"library."));
    hasher.write(body);
    hasher.finish()
}
