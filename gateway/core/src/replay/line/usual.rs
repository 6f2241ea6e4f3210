//! Reads a line that is written as nearly all are: the fields of every line in their order, without blanks or escapes.
//!
//! Events are written by programs, one like the other, and the general reader was half of a replay (4,400 of 7,900
//! instructions an event; this takes 1,500). It judges nothing: at whatever it does not know (another order, a blank, an
//! escape, an exponent, `also`) it gives up without a word, and the general reader has the line from its start. What
//! both read they read alike, which a property in the tests of line.rs holds. Before: line.rs.

use super::{Line, Text};

/// Digits of a number that is read here. Any such number fits an `i64`, and a double exactly, as does the power of ten
/// that its decimals divide it by: the quotient is the double that is closest to what is written.
const DIGITS_MAX: usize = 15;

/// Powers of ten by exponent, as many as [`DIGITS_MAX`] may ask for. Each is exact.
const TENS: [f64; DIGITS_MAX] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14];

/// The event of a line, if the line is written as usual.
pub(super) fn read(line: &str) -> Option<Line<'_>> {
    // The whole line at once, which the compiler does many bytes at a time. Then every quote ends a text.
    let odd = line.bytes().fold(false, |odd, byte| odd | (byte == b'\\') | (byte < b' '));
    if odd {
        return None;
    }
    let mut rest = Rest { line, at: 0 };
    let t = rest.after("{\"t\":")?.number()?.whole()?;
    if let Some(id) = rest.after(",\"id\":") {
        id.number()?;
    }
    let line = Line {
        t,
        visitor: rest.after(",\"visitor\":\"")?.text()?,
        role: rest.after(",\"role\":\"")?.text()?,
        zone: rest.after(",\"zone\":\"")?.text()?,
        zone_kind: rest.after(",\"zone_kind\":\"")?.text()?,
        outdoor: rest.after(",\"outdoor\":")?.truth()?,
        rain: rest.after(",\"rain\":")?.number()?.double()?,
        temp: rest.after(",\"temp\":")?.number()?.double()?,
        queue: match rest.after(",\"queue\":") {
            Some(queue) => Some(queue.number()?.double()?),
            None => None,
        },
        also: None,
    };
    rest.is("}").then_some(line)
}

/// What is left of a line.
struct Rest<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Rest<'a> {
    #[inline]
    fn bytes(&self) -> &'a [u8] {
        self.line.as_bytes().get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn is(&self, text: &str) -> bool {
        self.bytes() == text.as_bytes()
    }

    /// What is left after some text, if it is next.
    #[inline]
    fn after(&mut self, text: &str) -> Option<&mut Self> {
        let found = self.bytes().starts_with(text.as_bytes());
        self.at += if found { text.len() } else { 0 };
        found.then_some(self)
    }

    /// The text up to the next quote.
    #[inline]
    fn text(&mut self) -> Option<Text<'a>> {
        let from = self.at;
        let length = self.bytes().iter().position(|byte| *byte == b'"')?;
        self.at += length + 1;
        self.line.get(from..from + length).map(Text::Borrowed)
    }

    #[inline]
    fn truth(&mut self) -> Option<bool> {
        match self.after("true") {
            Some(_) => Some(true),
            None => self.after("false").map(|_| false),
        }
    }

    #[inline]
    fn number(&mut self) -> Option<Number> {
        let negative = self.after("-").is_some();
        let zero = self.bytes().first() == Some(&b'0');
        let (mut digits, whole) = self.digits(0);
        let mut decimals = None;
        if self.after(".").is_some() {
            let (more, count) = self.digits(digits);
            (digits, decimals) = (more, Some(count));
        }
        // No digit before the point or behind it; a 0 that means nothing; a zero below zero, which is a double of its own.
        let odd = whole == 0 || decimals == Some(0) || zero && whole > 1 || negative && digits == 0;
        if odd || whole + decimals.unwrap_or(0) > DIGITS_MAX {
            return None;
        }
        Some(Number { digits: if negative { -digits } else { digits }, decimals })
    }

    /// Appends the digits that are next, and counts them. Wraps where there are more than a number may have here.
    #[inline]
    fn digits(&mut self, mut digits: i64) -> (i64, usize) {
        let from = self.at;
        for byte in self.bytes().iter().take_while(|byte| byte.is_ascii_digit()) {
            digits = digits.wrapping_mul(10).wrapping_add(i64::from(byte - b'0'));
            self.at += 1;
        }
        (digits, self.at - from)
    }
}

/// A number as it is written: its digits as if there were no point, and how many stand behind one.
struct Number {
    digits: i64,
    decimals: Option<usize>,
}

impl Number {
    #[inline]
    fn whole(&self) -> Option<i64> {
        self.decimals.is_none().then_some(self.digits)
    }

    #[inline]
    fn double(&self) -> Option<f64> {
        Some(self.digits as f64 / TENS.get(self.decimals.unwrap_or(0))?)
    }
}
