//! Lines of an ESP-AT scanner: reports of badges, of telephones, and of nobody.

extern crate std;

use std::collections::VecDeque;
use std::format;
use std::string::String;
use std::vec::Vec;

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady};
use proptest::prelude::{any, prop_assert_eq, proptest};

use super::{BleScanner, SERVICE};
use crate::{Badge, BadgeReader, Fault};

/// A line that holds what it is given; fails once when told to.
#[derive(Default)]
struct Line {
    bytes: VecDeque<u8>,
    broken: bool,
}

impl ErrorType for Line {
    type Error = ErrorKind;
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        self.bytes.read(buffer).map_err(|never| match never {})
    }
}

impl ReadReady for Line {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        if core::mem::take(&mut self.broken) { Err(ErrorKind::Other) } else { Ok(!self.bytes.is_empty()) }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The advertisement of a badge: flags, then our service's data.
fn advertisement(role: &str) -> String {
    let len = u8::try_from(17 + role.len()).expect("a short role");
    hex(&[&[2, 0x01, 0x06, len, 0x21][..], &SERVICE, role.as_bytes()].concat())
}

/// Everything a scanner says about `text`.
fn scan(text: &str) -> Vec<Result<Badge, Fault>> {
    let mut scanner = BleScanner::new(Line { bytes: text.bytes().collect(), broken: false });
    std::iter::from_fn(|| scanner.read().transpose()).collect()
}

#[test]
fn a_badge_is_its_address_strength_and_role() {
    let line = format!("+BLESCAN:\"24:0a:c4:96:e6:88\",-59,{},,1\r\n", advertisement("vip"));
    let badges = scan(&line);
    let [Ok(badge)] = badges.as_slice() else { panic!("{badges:?}") };
    assert_eq!(badge.uid.as_bytes(), [0x24, 0x0a, 0xc4, 0x96, 0xe6, 0x88]);
    assert_eq!(badge.role.as_deref(), Some("vip"));
    assert_eq!(badge.rssi_dbm, Some(-59));
}

#[test]
fn older_firmware_quotes_nothing_and_a_role_may_be_absent() {
    let line = format!("+BLESCAN:24:0A:C4:96:E6:88,-101,{},0201,0\r\n", advertisement(""));
    let badges = scan(&line);
    let [Ok(badge)] = badges.as_slice() else { panic!("{badges:?}") };
    assert_eq!((badge.role, badge.rssi_dbm), (None, Some(-101)));
}

#[test]
fn telephones_answers_and_noise_are_passed_over() {
    let telephone = hex(&[2, 0x01, 0x1a, 5, 0xff, 0x4c, 0x00, 0x10, 0x05]);
    let text = format!(
        "AT+BLESCAN=1\r\n\r\nOK\r\n+BLESCAN:\"24:0a:c4:96:e6:88\",-59,{telephone},,1\r\n+BLESCAN:24:0a:c4:96:e6:88,-59,,,1\r\nWIFI GOT IP\r\n"
    );
    assert_eq!(scan(&text), []);
}

#[test]
fn a_report_that_makes_no_sense_is_a_fault_and_the_next_line_is_fine() {
    let good = format!("+BLESCAN:24:0a:c4:96:e6:88,-59,{},,1\r\n", advertisement("vip"));
    for bad in [
        "+BLESCAN:24:0a:c4:96:e6,-59,,,1",
        "+BLESCAN:24:0a:c4:96:e6:88:99,-59,,,1",
        "+BLESCAN:24:0a:c4:96:e6:8,-59,,,1",
        "+BLESCAN:24:0a:c4:96:e6:88,-590,,,1",
        "+BLESCAN:24:0a:c4:96:e6:88,-59,0,,1",
        "+BLESCAN:24:0a:c4:96:e6:88,-59,zz,,1",
        "+BLESCAN:24:0a:c4:96:e6:88,-59,",
        "+BLESCAN:24:0a:c4:96:e6:88,-59,,,1,extra",
        &"x".repeat(500),
        &format!("+BLESCAN:24:0a:c4:96:e6:88,-59,{},,1", "00".repeat(32)),
    ] {
        let verdicts = scan(&format!("{bad}\r\n{good}"));
        assert!(matches!(verdicts.as_slice(), [Err(Fault::Format), Ok(_)]), "{bad}: {verdicts:?}");
    }
}

#[test]
fn an_advertisement_cut_short_is_nobody() {
    for data in ["02", "00", "1e21", "0201060021"] {
        assert_eq!(scan(&format!("+BLESCAN:24:0a:c4:96:e6:88,-59,{data},,1\r\n")), [], "{data}");
    }
}

#[test]
fn a_line_arrives_in_pieces_and_the_line_may_fail() {
    let text = format!("+BLESCAN:24:0a:c4:96:e6:88,-59,{},,1\r\n", advertisement("vip"));
    let mut scanner = BleScanner::new(Line::default());
    for byte in text.bytes() {
        assert_eq!(scanner.read(), Ok(None));
        scanner.line_mut().bytes.push_back(byte);
    }
    scanner.line_mut().broken = true;
    assert_eq!(scanner.read(), Err(Fault::Bus));
    assert!(matches!(scanner.read(), Ok(Some(_))), "nothing that had arrived is lost");
}

proptest! {
    #[test]
    fn no_line_panics_and_every_line_ends(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let mut scanner = BleScanner::new(Line { bytes: bytes.into(), broken: false });
        while !matches!(scanner.read(), Ok(None)) {}
        prop_assert_eq!(scanner.line_mut().bytes.len(), 0);
    }
}
