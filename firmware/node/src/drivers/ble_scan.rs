//! Bluetooth badges, heard by a scanner on a serial line: an Espressif module with its stock ESP-AT firmware.
//!
//! The board switches the module on with `AT+BLEINIT=1`, `AT+BLESCANPARAM=0,..` (passive) and
//! `AT+BLESCAN=1`; from then on the module writes one line for every advertisement it receives
//! (ESP-AT documentation, "Bluetooth LE AT Commands", `AT+BLESCAN`):
//!
//! ```text
//! +BLESCAN:"24:0a:c4:96:e6:88",-59,0201061a21<..>,,0\r\n
//!           address            dBm  advertisement, scan response (both hex), address type
//! ```
//!
//! A badge is an advertiser that carries our [`SERVICE`] as 128-bit service data (Bluetooth Core Supplement,
//! part A, 1.11, type 0x21); what follows the UUID is the badge's role as text, possibly empty. Every other
//! advertiser in radio range is somebody's telephone: it is skipped before anything of it is kept.
//!
//! Next: `node` scans it.

use embedded_io::{Read, ReadReady};
use heapless::Vec;
use turnpage_firmware_wire::Role;

use crate::{Badge, BadgeReader, Fault, Uid};

/// The service a badge advertises: f3a1c7d2-58be-4e0b-9c64-7b1d2e90aa51, in the byte order of the air (least significant first).
pub const SERVICE: [u8; 16] =
    [0x51, 0xaa, 0x90, 0x2e, 0x1d, 0x7b, 0x64, 0x9c, 0x0b, 0x4e, 0xbe, 0x58, 0xd2, 0xc7, 0xa1, 0xf3];

/// Longest line: keyword, quoted address, strength, two times 31 bytes in hex, type and commas. Longer ones are no reports.
const LINE_LEN_MAX: usize = 176;

/// Most bytes of one advertisement (legacy advertising).
const ADVERTISEMENT_LEN_MAX: usize = 31;

/// Advertising data types (Bluetooth Assigned Numbers, 2.3).
const SERVICE_DATA_128: u8 = 0x21;

/// A scanner on a serial line `U`.
#[derive(Debug)]
pub struct BleScanner<U> {
    line: U,
    buffer: Vec<u8, LINE_LEN_MAX>,
    /// The line at hand is longer than any report; the rest of it is skipped.
    overlong: bool,
}

impl<U: Read + ReadReady> BleScanner<U> {
    /// A scanner whose module has been set up.
    pub const fn new(line: U) -> Self {
        Self { line, buffer: Vec::new(), overlong: false }
    }

    /// The serial line.
    pub const fn line_mut(&mut self) -> &mut U {
        &mut self.line
    }

    /// Takes in one byte; gives out what a complete line says.
    fn take(&mut self, byte: u8) -> Option<Result<Badge, Fault>> {
        if byte != b'\n' {
            self.overlong |= self.buffer.push(byte).is_err();
            return None;
        }
        let verdict = if self.overlong { Some(Err(Fault::Format)) } else { report(&self.buffer) };
        self.buffer.clear();
        self.overlong = false;
        verdict
    }
}

impl<U: Read + ReadReady> BadgeReader for BleScanner<U> {
    fn read(&mut self) -> Result<Option<Badge>, Fault> {
        while self.line.read_ready().map_err(|_| Fault::Bus)? {
            let mut byte = [0];
            // Ready with nothing to read is the end of the line, for a line that can end.
            if self.line.read(&mut byte).map_err(|_| Fault::Bus)? == 0 {
                break;
            }
            if let Some(verdict) = self.take(byte[0]) {
                return verdict.map(Some);
            }
        }
        Ok(None)
    }
}

/// What a line says: a badge, a fault, or nothing of ours (an echo, `OK`, somebody's telephone).
fn report(line: &[u8]) -> Option<Result<Badge, Fault>> {
    let fields = line.trim_ascii_end().strip_prefix(b"+BLESCAN:")?;
    match parse(fields) {
        Some(None) => None,
        Some(Some(badge)) => Some(Ok(badge)),
        None => Some(Err(Fault::Format)),
    }
}

/// `None` for a malformed report, `Some(None)` for an advertiser that is no badge.
fn parse(fields: &[u8]) -> Option<Option<Badge>> {
    let mut fields = fields.split(|&byte| byte == b',');
    let uid = address(fields.next()?)?;
    let rssi_dbm = core::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
    let data = hex(fields.next()?)?;
    let (_scan_response, _address_type) = (fields.next()?, fields.next()?);
    if fields.next().is_some() {
        return None;
    }
    Some(service_data(&data).map(|role| Badge { uid, role: role_of(role), rssi_dbm: Some(rssi_dbm) }))
}

/// Six bytes from `24:0a:c4:96:e6:88`, with or without the quotes of newer firmware.
fn address(text: &[u8]) -> Option<Uid> {
    let text = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text);
    let mut bytes = Vec::<u8, 6>::new();
    for pair in text.split(|&byte| byte == b':') {
        bytes.push(digits(pair)?).ok()?;
    }
    if bytes.is_full() { Uid::new(&bytes) } else { None }
}

fn hex(text: &[u8]) -> Option<Vec<u8, ADVERTISEMENT_LEN_MAX>> {
    let mut bytes = Vec::new();
    for pair in text.chunks(2) {
        // Collecting would panic on more than fits, and anybody in radio range may send more.
        bytes.push(digits(pair)?).ok()?;
    }
    Some(bytes)
}

/// One byte from exactly two hexadecimal digits.
fn digits(pair: &[u8]) -> Option<u8> {
    let &[high, low] = pair else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

/// What follows our service's UUID in an advertisement: a sequence of length, type and data.
fn service_data(mut advertisement: &[u8]) -> Option<&[u8]> {
    while let Some((&len, rest)) = advertisement.split_first() {
        // A zero length ends the data early (Core Specification, volume 3, part C, 11).
        let (structure, rest) = rest.split_at_checked(usize::from(len)).filter(|_| len > 0)?;
        if let Some(data) = structure.strip_prefix(&[SERVICE_DATA_128])
            && let Some(data) = data.strip_prefix(&SERVICE)
        {
            return Some(data);
        }
        advertisement = rest;
    }
    None
}

fn role_of(data: &[u8]) -> Option<Role> {
    Role::new(core::str::from_utf8(data).ok()?)
}

#[cfg(test)]
mod tests;
