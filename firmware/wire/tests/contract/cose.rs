//! `COSE_Mac0` a second time, from the RFCs and by hand: HMAC from its definition over bare SHA-256 (RFC 2104), the
//! `MAC_structure` (RFC 9052, section 6.3) as bytes. Shares nothing with the crate but the hash function.

use sha2::{Digest, Sha256};
use turnpage_firmware_wire::{Error, Key, Sealed};

use crate::samples::{key, seal, v1};

fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

/// The parts of a frame, by RFC 9052: tag 17, array of four, protected header, empty unprotected header, payload, code.
fn parts(frame: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let (protected, rest) = frame.strip_prefix(&[0xd1, 0x84]).expect("COSE_Mac0_Tagged").split_at(4);
    let rest = rest.strip_prefix(&[0xa0]).expect("an empty unprotected header");
    let (payload, tag) = rest.split_at(rest.len() - 9);
    (protected, payload, tag.strip_prefix(&[0x48]).expect("eight bytes of code"))
}

#[test]
fn every_sample_carries_the_code_the_standard_asks_for() {
    let secret: Vec<u8> = (0..32).collect();
    for (name, frame) in v1() {
        let bytes = seal(&frame);
        let (protected, payload, tag) = parts(&bytes);
        assert_eq!(protected, [0x43, 0xa1, 1, 4], "{name}: {{alg: HMAC 256/64}}");
        // ["MAC0", protected, external_aad = h'', payload]
        let mac_structure = [&[0x84, 0x64], b"MAC0".as_slice(), protected, &[0x40], payload].concat();
        assert_eq!(tag, &hmac_sha256(&secret, &mac_structure)[..8], "{name}");
    }
}

#[test]
fn every_bit_of_a_frame_is_covered() {
    let bytes = seal(&v1()[1].1);
    for index in 0..bytes.len() {
        for bit in 0..8 {
            let mut bent = bytes.clone();
            bent[index] ^= 1 << bit;
            let verdict = Sealed::parse(&bent).and_then(|sealed| sealed.verify(&key()));
            assert!(verdict.is_err(), "byte {index} bit {bit} was bent unnoticed");
        }
    }
}

#[test]
fn another_nodes_key_does_not_do() {
    let bytes = seal(&v1()[0].1);
    let other = Key::new(&[9; Key::LEN]);
    assert_eq!(Sealed::parse(&bytes).and_then(|sealed| sealed.verify(&other)), Err(Error::Forged));
}
