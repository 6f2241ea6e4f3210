//! Lengths of time as authors write them: `20m`, `90s`, `1h30m`, `2d`.

/// The units, longest first, in milliseconds.
const UNITS: [(&str, i64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Milliseconds of a length of time: whole numbers with a unit each, longest unit first, each once.
/// `None` for anything else and for what overflows.
#[must_use]
pub fn parse_duration(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total = 0_i64;
    let mut units = UNITS.iter();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (word, tail) = tail.split_at_checked(letters)?;
        let (_, unit) = units.find(|(name, _)| *name == word)?;
        total = number.parse::<i64>().ok()?.checked_mul(*unit)?.checked_add(total)?;
        rest = tail;
    }
    Some(total)
}

/// A length of time as authors write it, longest unit first: what [`parse_duration`] reads back, unless it is negative.
#[must_use]
pub fn write_duration(ms: i64) -> String {
    if ms == 0 {
        return "0s".to_owned();
    }
    let mut rest = ms.unsigned_abs();
    let mut text = String::from(if ms < 0 { "-" } else { "" });
    for (word, unit) in UNITS {
        let unit = unit.unsigned_abs();
        if rest >= unit {
            text.push_str(&format!("{}{word}", rest / unit));
            rest %= unit;
        }
    }
    text
}
