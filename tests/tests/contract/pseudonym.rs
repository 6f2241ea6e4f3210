//! A badge is one subject, whoever saw it: a node and a source make the same pseudonym of the same number on the same day.

use turnpage_firmware_node::{DailyKey, Uid};
use turnpage_gateway_sources::Secret;

#[test]
fn a_node_and_a_source_name_a_badge_alike() {
    let address = [0xa4, 0xc1, 0x38, 0x8d, 0x18, 0xb2];
    let uid = Uid::new(&address).expect("six bytes are a badge's number");
    for (secret, day) in [([7; 32], 20_652), ([0; 32], 0), ([255; 32], -1)] {
        let node = DailyKey::of_day(secret, day).pseudonym(&uid).to_string();
        let source = Secret::new(secret).daily("A4:C1:38:8D:18:B2", day).expect("hexadecimal is a name");
        assert_eq!(source.as_str(), node, "on day {day}");
    }
}
