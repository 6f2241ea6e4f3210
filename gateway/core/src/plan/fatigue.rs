//! Who takes nothing is left alone longer.
//!
//! Counted are offers in a row that were declined or ran out; one that is accepted ends the row. Pure arithmetic over the
//! venue's `fatigue`. Before: caps.rs. Next: holdout.rs.

use crate::venue::Fatigue;

/// How long after the last offer there is no other, in milliseconds: nothing before the row is long enough, then `wait`,
/// twice as long with each further offer, and at most `most`.
pub(crate) fn wait_ms(fatigue: &Fatigue, ignored: u32) -> i64 {
    let Some(further) = ignored.checked_sub(fatigue.after) else { return 0 };
    let factor = 1_i64.checked_shl(further).filter(|factor| *factor > 0).unwrap_or(i64::MAX);
    fatigue.wait_ms.saturating_mul(factor).min(fatigue.most_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_and_is_bounded() {
        let fatigue = Fatigue { after: 3, wait_ms: 10, most_ms: 35 };
        let waits: Vec<_> = [0, 2, 3, 4, 5, 70, u32::MAX].map(|ignored| wait_ms(&fatigue, ignored)).into();
        assert_eq!(waits, [0, 0, 10, 20, 35, 35, 35]);
    }
}
