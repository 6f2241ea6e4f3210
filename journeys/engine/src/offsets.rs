//! The venue's clock: UTC offsets as plain sorted data.
//!
//! The engine knows no time zone database; the gateway makes this table from one. Local time is what limits
//! `per day` and guards on `time` read. Durations and deadlines never use it.

use alloc::vec::Vec;
use turnpage_journeys_expr::{LocalTime, Timestamp};

const DAY_MS: i64 = 86_400_000;

/// From an instant on, local time is UTC plus an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The first instant of the offset.
    pub at: Timestamp,
    /// Local time minus UTC, in milliseconds.
    pub offset_ms: i64,
}

/// The UTC offsets of one time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offsets {
    before_ms: i64,
    transitions: Vec<Transition>,
}

/// A stretch of one offset.
struct Stretch {
    from: i128,
    until: i128,
    offset: i128,
}

/// A stretch of one local date with one offset: what a look-up found, kept for the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day {
    from: i64,
    until: i64,
    day: i32,
    /// The instant that would be its midnight under this offset.
    midnight: i64,
}

impl Offsets {
    /// A clock that never changes, `offset_ms` ahead of UTC.
    pub fn fixed(offset_ms: i64) -> Self {
        Offsets::new(offset_ms, Vec::new())
    }

    /// The offset before the first transition, and the transitions. They are sorted here; of two at one
    /// instant the later in the vector holds.
    pub fn new(before_ms: i64, mut transitions: Vec<Transition>) -> Self {
        transitions.sort_by_key(|transition| transition.at);
        Offsets { before_ms, transitions }
    }

    /// Local time minus UTC at an instant, in milliseconds.
    pub fn offset_ms(&self, at: Timestamp) -> i64 {
        let next = self.transitions.partition_point(|transition| transition.at <= at);
        let current = next.checked_sub(1).and_then(|ix| self.transitions.get(ix));
        current.map_or(self.before_ms, |transition| transition.offset_ms)
    }

    /// What a clock on the venue's wall shows at an instant.
    pub fn local(&self, at: Timestamp) -> LocalTime {
        self.day(at).local(at)
    }

    /// The next instant strictly after `after` at which the clock shows `at_ms` since midnight. A time that the clock
    /// skips is the instant of the skip; of one that comes twice it is the first. Nothing past the end of time.
    pub fn next(&self, at_ms: u32, after: Timestamp) -> Option<Timestamp> {
        let (day, at_ms, after) = (i128::from(DAY_MS), i128::from(at_ms), i128::from(after.0));
        // What the clock has shown at its furthest: a time it shows again after going back is not the first.
        let furthest = self.stretches().take_while(|stretch| stretch.from <= after);
        let furthest = furthest.map(|stretch| after.min(stretch.until - 1) + stretch.offset).max()?;
        let next = ((furthest - at_ms).div_euclid(day) + 1) * day + at_ms;
        let found = self.stretches().filter(|stretch| stretch.until > after).find_map(|stretch| {
            let at = stretch.from.max(next - stretch.offset);
            (at < stretch.until).then_some(at)
        });
        found.and_then(|at| i64::try_from(at).ok()).map(Timestamp)
    }

    /// The stretches of one offset, in order, from before to past all time.
    fn stretches(&self) -> impl Iterator<Item = Stretch> {
        const PAST: i128 = 1 << 100;
        let first = core::iter::once((-PAST, self.before_ms));
        let rest = self.transitions.iter().map(|change| (i128::from(change.at.0), change.offset_ms));
        let ends = self.transitions.iter().map(|change| i128::from(change.at.0)).chain([PAST]);
        first
            .chain(rest)
            .zip(ends)
            .filter(|((from, _), until)| from < until)
            .map(|((from, offset), until)| Stretch { from, until, offset: i128::from(offset) })
    }

    /// The local date of an instant, until midnight or the next change of clocks.
    pub(crate) fn day(&self, at: Timestamp) -> Day {
        let offset = self.offset_ms(at);
        let next = self.transitions.partition_point(|transition| transition.at <= at);
        let at_of = |ix: usize| self.transitions.get(ix).map(|transition| transition.at.0);
        let (since, change) = (next.checked_sub(1).and_then(at_of), at_of(next));
        let day = at.0.saturating_add(offset).div_euclid(DAY_MS);
        // Instants beyond the calendar's 32-bit days stand on its first or last day.
        let clamped = day.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
        let midnight = day.saturating_mul(DAY_MS).saturating_sub(offset);
        Day {
            from: midnight.max(since.unwrap_or(i64::MIN)),
            until: midnight.saturating_add(DAY_MS).min(change.unwrap_or(i64::MAX)),
            day: clamped as i32,
            midnight,
        }
    }
}

impl Day {
    /// A day that holds no instant.
    pub(crate) const NONE: Day = Day { from: 0, until: 0, day: 0, midnight: 0 };

    #[inline]
    pub(crate) fn holds(&self, at: Timestamp) -> bool {
        (self.from..self.until).contains(&at.0)
    }

    #[inline]
    pub(crate) fn local(&self, at: Timestamp) -> LocalTime {
        LocalTime { day: self.day, ms: at.0.wrapping_sub(self.midnight).clamp(0, DAY_MS - 1) as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    /// New York, 2026: clocks go forward on 8 March at 07:00Z and back on 1 November at 06:00Z.
    fn new_york() -> Offsets {
        Offsets::new(
            -5 * HOUR,
            vec![
                Transition { at: Timestamp(1_793_512_800_000), offset_ms: -5 * HOUR },
                Transition { at: Timestamp(1_772_953_200_000), offset_ms: -4 * HOUR },
            ],
        )
    }

    #[test]
    fn the_clock_jumps_exactly_at_a_transition() {
        let zone = new_york();
        let at = |ms| zone.local(Timestamp(ms)).ms;
        assert_eq!(at(1_772_953_199_999), 2 * HOUR as u32 - 1);
        assert_eq!(at(1_772_953_200_000), 3 * HOUR as u32);
        assert_eq!(at(1_793_512_799_999), 2 * HOUR as u32 - 1);
        assert_eq!(at(1_793_512_800_000), HOUR as u32);
    }

    #[test]
    fn dates_before_the_epoch_and_at_the_ends_of_time_are_total() {
        let zone = Offsets::fixed(-HOUR);
        assert_eq!(zone.local(Timestamp(0)), LocalTime { day: -1, ms: 23 * HOUR as u32 });
        assert_eq!(zone.local(Timestamp(i64::MIN)).day, i32::MIN);
        assert_eq!(zone.local(Timestamp(i64::MAX)).day, i32::MAX);
    }

    #[test]
    fn the_next_time_on_the_clock_is_the_skip_or_the_first_of_two() {
        let zone = new_york();
        let next = |minutes: u32, after| zone.next(minutes * 60_000, Timestamp(after)).map(|at| at.0);
        let (skip, back) = (1_772_953_200_000, 1_793_512_800_000);
        // 02:30 does not exist on 8 March: the clock goes from 02:00 to 03:00.
        assert_eq!(next(150, skip - HOUR), Some(skip));
        assert_eq!(next(150, skip), Some(skip + 23 * HOUR + HOUR / 2));
        // 01:30 comes twice on 1 November: the first is half an hour before the clock goes back.
        assert_eq!(next(90, back - HOUR), Some(back - HOUR / 2));
        assert_eq!(next(90, back - HOUR / 2), Some(back + 24 * HOUR + HOUR / 2));
        assert_eq!(next(90, back), Some(back + 24 * HOUR + HOUR / 2), "not the second of two");
        // 02:00 itself is both the instant of the skip and no longer there.
        assert_eq!(next(120, skip - 1), Some(skip));
        assert_eq!(next(0, i64::MAX), None);
        assert_eq!(Offsets::fixed(0).next(0, Timestamp(i64::MIN)).map(|at| at.0 % DAY_MS), Some(0));
        assert_eq!(Offsets::fixed(i64::MAX).next(1, Timestamp(i64::MAX)), None);
    }

    #[test]
    fn the_next_time_is_the_first_minute_that_shows_it() {
        let zone = new_york();
        // Around both changes: the first minute of all after `from` whose clock reaches the time of some date.
        for (from, at_ms) in [1_772_953_200_000, 1_793_512_800_000_i64]
            .into_iter()
            .flat_map(|change| (-30..30).map(move |quarters| change + quarters * HOUR / 4))
            .flat_map(|from| (0..96).step_by(5).map(move |quarter| (from, quarter * 900_000_u32)))
        {
            let found = zone.next(at_ms, Timestamp(from)).unwrap();
            let mut furthest = (from - 30 * HOUR) + zone.offset_ms(Timestamp(from - 30 * HOUR));
            let mut expected = None;
            for at in (from - 30 * HOUR..from + 50 * HOUR).step_by(900_000) {
                let wall = at + zone.offset_ms(Timestamp(at));
                let reached = (furthest - i64::from(at_ms)).div_euclid(DAY_MS)
                    < (wall - i64::from(at_ms)).div_euclid(DAY_MS);
                if reached && at > from {
                    expected = expected.or(Some(at));
                }
                furthest = furthest.max(wall);
            }
            assert_eq!(Some(found.0), expected, "after {from}, {at_ms} ms on the clock");
        }
    }

    #[test]
    fn a_day_answers_for_itself_only() {
        let zone = new_york();
        let spring = zone.day(Timestamp(1_772_953_200_000));
        // 8 March: five hours of standard time, then 20 hours of daylight saving from 07:00Z to 04:00Z.
        assert!(spring.holds(Timestamp(1_772_953_200_000)) && !spring.holds(Timestamp(1_772_953_199_999)));
        assert!(spring.holds(Timestamp(1_773_028_799_999)) && !spring.holds(Timestamp(1_773_028_800_000)));
        assert!(!Day::NONE.holds(Timestamp(0)));
    }

    #[test]
    fn a_kept_day_says_what_a_look_up_says() {
        let zone = new_york();
        let mut kept = Day::NONE;
        for hour in 0..24 * 400 {
            for at in [-1, 0, 1].map(|off| Timestamp(1_767_225_600_000 + hour * HOUR + off)) {
                if !kept.holds(at) {
                    kept = zone.day(at);
                }
                let wall = at.0 + zone.offset_ms(at);
                let expected =
                    LocalTime { day: wall.div_euclid(DAY_MS) as i32, ms: wall.rem_euclid(DAY_MS) as u32 };
                assert_eq!((kept.local(at), zone.local(at)), (expected, expected));
            }
        }
    }
}
