//! Bytes as sensors and people write them: hexadecimal digits.
//!
//! Next: bthome.rs, identity.rs and secrets.rs.

/// The bytes that digits stand for, at most so many; `None` where it is something else.
pub(crate) fn hex(text: &str, most: usize) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if digits.len() > 2 * most || !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    digits.chunks(2).map(pair).collect()
}

/// The six bytes of a Bluetooth address, most significant first, with or without `:` or `-` between them.
pub(crate) fn six_bytes(text: &str) -> Option<[u8; 6]> {
    let punctuated = |mark| text.len() == 17 && text.split(mark).all(|pair| pair.len() == 2);
    let plain = text.len() == 12;
    if !(plain || punctuated(':') || punctuated('-')) {
        return None;
    }
    let digits: String = text.chars().filter(|letter| !matches!(letter, ':' | '-')).collect();
    hex(&digits, 6)?.try_into().ok()
}
