//! BTHome v2 (<https://bthome.io/format>): the service data of an advertisement to a map of measurements.
//!
//! Hostile radio bytes in; a map or a reason out. Receivers hand advertisements on as they came, in hexadecimal, so this
//! is the one place of this crate that reads bytes. An encrypted advertisement is opened with its sensor's key
//! (bthome/seal.rs); where a sensor has a key, an advertisement that is not encrypted is refused, because anybody can
//! send one. That an encrypted advertisement is not one that was recorded and sent again cannot be told here: it would take
//! a memory of counters. Before: functions.rs. Next: bthome/objects.rs, the table of what is measured.

mod objects;
mod seal;

use serde_json::{Map, Value as Json};

use crate::hex::{hex, six_bytes};
use crate::secrets::Bindkeys;
use objects::{Body, OBJECTS, Object};

/// Bytes of service data: an extended advertisement carries no more (Core specification, Vol 6, Part B, 2.3.4.9).
const DATA_MAX: usize = 255;
/// The version in the three highest bits of the first byte.
const VERSION: u8 = 2;

/// Why an advertisement says nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("this is not hexadecimal, or longer than {DATA_MAX} bytes")]
    Hex,
    #[error("the address is not six bytes in hexadecimal")]
    Address,
    #[error("it is no advertisement of BTHome version {VERSION}")]
    Version,
    #[error("it is encrypted, and its sensor has no key here")]
    NoKey,
    #[error("it is not encrypted, and its sensor has a key")]
    Downgrade,
    #[error("it does not open with its sensor's key")]
    Sealed,
    #[error("it ends in the middle of a measurement")]
    Truncated,
}

/// The measurements in the service data of an advertisement. Of several of a kind the first has the plain name, the second
/// `name_2`, and so on. After an object that is not known nothing can be read: what came before it counts, for that is
/// how the format grows.
pub(crate) fn read(data: &str, address: &str, keys: &Bindkeys) -> Result<Json, Error> {
    let bytes = hex(data, DATA_MAX).ok_or(Error::Hex)?;
    let address = six_bytes(address).ok_or(Error::Address)?;
    let (info, rest) = bytes.split_first().ok_or(Error::Version)?;
    if info >> 5 != VERSION {
        return Err(Error::Version);
    }
    // Some sensors name themselves behind the first byte.
    let (encrypted, named) = (info & 1 != 0, info & 2 != 0);
    let rest = if named { rest.get(6..).ok_or(Error::Truncated)? } else { rest };
    match (encrypted, keys.get(address)) {
        (false, None) => objects(rest),
        (false, Some(_)) => Err(Error::Downgrade),
        (true, None) => Err(Error::NoKey),
        (true, Some(key)) => objects(&seal::open(key, address, *info, rest).ok_or(Error::Sealed)?),
    }
}

fn objects(mut bytes: &[u8]) -> Result<Json, Error> {
    let mut fields = Map::new();
    while let Some((id, rest)) = bytes.split_first() {
        let Some(object) = OBJECTS.iter().find(|object| object.id == *id) else { break };
        let (length, rest) = match object.body {
            // Texts and raw bytes say their own length.
            Body::Text | Body::Raw => {
                let (length, rest) = rest.split_first().ok_or(Error::Truncated)?;
                (usize::from(*length), rest)
            }
            body => (body.len(), rest),
        };
        let (value, rest) = rest.split_at_checked(length).ok_or(Error::Truncated)?;
        if let Some(value) = object.read(value) {
            put(&mut fields, object, value);
        }
        bytes = rest;
    }
    Ok(Json::Object(fields))
}

fn put(fields: &mut Map<String, Json>, object: &Object, value: Json) {
    let mut name = object.name.to_owned();
    let mut number = 1;
    // Bounded by the data: each turn is a measurement that came before.
    while fields.contains_key(&name) {
        number += 1;
        name = format!("{}_{number}", object.name);
    }
    fields.insert(name, value);
}
