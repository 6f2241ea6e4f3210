//! Where something stands in a trace: an offer's own id is the trace, and every span's id follows from what it is of.
//!
//! So a trace is found by the id that webhooks, bands and `why` show, what is told after a restart joins what was told before
//! it, and everybody who is asked decides alike whether an offer is told of at all. Pure. The text is `traceparent` of W3C
//! Trace Context. Before: traces.rs and http/intake.rs. Next: traces/span.rs.

use std::fmt;

use sha2::{Digest, Sha256};
use turnpage_gateway_core::OfferId;

/// The header, and the property of MQTT 5.
pub(crate) const TRACEPARENT: &str = "traceparent";

/// Bits of a trace's id that decide: what OpenTelemetry takes for its randomness.
const RANDOM_BITS: u32 = 56;
/// Hexadecimal digits of version, trace, span and flags.
const DIGITS: [usize; 4] = [2, 32, 16, 2];
/// The flag that says that somebody keeps the trace.
const SAMPLED: u8 = 1;

/// A place in a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Context {
    pub(crate) trace: u128,
    pub(crate) span: u64,
    pub(crate) sampled: bool,
}

impl Context {
    /// The span of an offer's trace that goes by a name. `nth` tells those apart of which there are several.
    pub(crate) fn of(offer: OfferId, name: &str, nth: u64, sampled: bool) -> Self {
        let mut hash = Sha256::new();
        hash.update(offer.0.to_be_bytes());
        hash.update(nth.to_be_bytes());
        hash.update(name);
        let bytes = hash.finalize();
        let span = bytes.iter().take(8).fold(0, |span, byte| span << 8 | u64::from(*byte));
        // Zero is no id.
        Self { trace: offer.0, span: span.max(1), sampled }
    }

    /// Reads a `traceparent`; `None` when it is none. Of a later version, as much as this one knows.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut next = |digits: usize| {
            let plain = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            let part = parts.next().filter(|part| part.len() == digits && part.bytes().all(plain))?;
            u128::from_str_radix(part, 16).ok()
        };
        let [version, trace, span, flags] = DIGITS.map(&mut next);
        let version = version.filter(|version| *version != 0xff)?;
        let span = u64::try_from(span?).ok().filter(|span| *span != 0)?;
        let trace = trace.filter(|trace| *trace != 0)?;
        let sampled = u8::try_from(flags?).ok()? & SAMPLED == SAMPLED;
        (version > 0 || parts.next().is_none()).then_some(Self { trace, span, sampled })
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.sampled) * SAMPLED)
    }
}

/// How large a share of all offers is told of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sample {
    /// A trace whose deciding bits are below this is not kept.
    from: u64,
}

impl Sample {
    /// Of a share from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "2^56 is a power of two, and so exact")]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2^56")]
    pub(crate) fn new(share: f64) -> Self {
        let all = 1_u64 << RANDOM_BITS;
        Self { from: ((1.0 - share.clamp(0.0, 1.0)) * all as f64) as u64 }
    }

    /// The same for an offer, whenever and wherever it is asked.
    pub(crate) fn keeps(self, offer: OfferId) -> bool {
        let bits = offer.0 & ((1 << RANDOM_BITS) - 1);
        bits >= u128::from(self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_read_as_the_specification_has_it() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let read = Context::read(text).unwrap();
        assert_eq!((read.span, read.sampled, read.to_string()), (0x00f0_67aa_0ba9_02b7, true, text.into()));
        assert!(!Context::read(&text.replace("-01", "-00")).unwrap().sampled);
        assert!(Context::read(&text.replace("00-4", "cc-4").replace("-01", "-01-what-comes")).is_some());
        for wrong in [
            String::new(),
            text.replace("00-4", "ff-4"),
            text.replace("4bf9", "4BF9"),
            text.replace("00f067aa0ba902b7", "0000000000000000"),
            text.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            text.replace("-01", "-01-more"),
            text.replace("-01", ""),
            text.replace("-00f0", "-+0f0"),
            "-".repeat(55),
            "é".repeat(40),
        ] {
            assert_eq!(Context::read(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_offer_has_the_same_spans_at_any_time_and_each_its_own() {
        let of = |name, nth| Context::of(OfferId(7), name, nth, true);
        assert_eq!(of("commit", 0), of("commit", 0));
        assert_eq!(of("commit", 0).trace, 7);
        assert_ne!(of("commit", 0).span, of("dispatch", 0).span);
        assert_ne!(of("post", 0).span, of("post", 1).span);
        assert_ne!(of("commit", 0).span, Context::of(OfferId(8), "commit", 0, true).span);
    }

    #[test]
    fn a_share_is_kept_by_the_bits_that_opentelemetry_decides_by() {
        let spread = |n: u64| OfferId(u128::from(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let kept = |share| (0..10_000).filter(|n| Sample::new(share).keeps(spread(*n))).count();
        assert_eq!((kept(0.0), kept(1.0), kept(7.0)), (0, 10_000, 10_000));
        assert!(kept(0.25).abs_diff(2_500) < 100, "{}", kept(0.25));
        // What a smaller share keeps, a larger one keeps too.
        assert!((0..1_000).all(|n| !Sample::new(0.1).keeps(spread(n)) || Sample::new(0.5).keeps(spread(n))));
        // Only the lower bits count: the upper ones are not always random in traces of others.
        assert!(!Sample::new(0.5).keeps(OfferId(u128::MAX << RANDOM_BITS)));
    }
}
