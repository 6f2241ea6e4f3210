//! Keys of sensors that encrypt what they say, by the sensor's address. Shown to nobody.
//!
//! Next: bthome/seal.rs, the only reader.

use std::collections::BTreeMap;
use std::fmt;

use crate::hex::six_bytes;

/// Bytes of a sensor's key (AES-128).
pub const BINDKEY_LEN: usize = 16;

/// The keys of a source's sensors.
#[derive(Clone, Default)]
pub struct Bindkeys(BTreeMap<[u8; 6], [u8; BINDKEY_LEN]>);

impl Bindkeys {
    /// Adds the key of a sensor; false when its address is no Bluetooth address (six bytes in hexadecimal).
    pub fn insert(&mut self, address: &str, key: [u8; BINDKEY_LEN]) -> bool {
        six_bytes(address).map(|address| self.0.insert(address, key)).is_some()
    }

    pub(crate) fn get(&self, address: [u8; 6]) -> Option<&[u8; BINDKEY_LEN]> {
        self.0.get(&address)
    }
}

impl fmt::Debug for Bindkeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bindkeys(of {} sensors)", self.0.len())
    }
}
