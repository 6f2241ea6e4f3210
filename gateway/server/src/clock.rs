//! What time it is for the gateway: the machine's time, or a faster one for rehearsals.
//!
//! The one place where time is read; everything after it takes `now` as a parameter. It sets no timers itself.
//! Before: gateway.rs, which is given one. Next: shard.rs, which asks it once a message.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use turnpage_journeys_expr::Timestamp;

/// A source of the gateway's time.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that began at `origin` when it was `made`, and runs `speed` times as fast as the machine's.
    Scaled {
        /// What it showed at first.
        origin: Timestamp,
        /// When that was.
        made: Instant,
        /// Milliseconds of it in a millisecond of the machine's: finite, above 0.
        speed: f64,
    },
    /// A clock that somebody else sets.
    Led(Arc<Led>),
}

/// A clock that a rehearsal sets as it goes: while nodes or their network are behind, time waits for them, so that no load
/// of the machine makes a message late.
#[derive(Debug)]
pub struct Led {
    shows_ms: AtomicI64,
    speed: f64,
}

impl Led {
    /// A clock that shows `at` until it is set, which happens about `speed` times as fast as the machine's clock runs.
    #[must_use]
    pub fn new(at: Timestamp, speed: f64) -> Self {
        Self { shows_ms: AtomicI64::new(at.0), speed: positive(speed) }
    }

    /// Sets it. It never goes back.
    pub fn set(&self, at: Timestamp) {
        self.shows_ms.fetch_max(at.0, Ordering::Relaxed);
    }
}

/// A speed that is not a positive number is taken for 1.
fn positive(speed: f64) -> f64 {
    if speed.is_finite() && speed > 0.0 { speed } else { 1.0 }
}

impl Clock {
    /// A clock that shows `origin` now and runs `speed` times as fast as the machine's. A speed that is not a
    /// positive number is taken for 1.
    #[must_use]
    pub fn scaled(origin: Timestamp, speed: f64) -> Self {
        Self::Scaled { origin, made: Instant::now(), speed: positive(speed) }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Led(led) => Timestamp(led.shows_ms.load(Ordering::Relaxed)),
            Self::System => {
                // A machine set before 1970 shows 1970: admission then refuses what comes, visibly.
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            &Self::Scaled { origin, made, speed } => {
                let past = made.elapsed().as_secs_f64() * 1000.0 * speed;
                #[expect(clippy::cast_possible_truncation, reason = "saturates, after 292 million years")]
                Timestamp(origin.0.saturating_add(past as i64))
            }
        }
    }

    /// How long the machine takes until this clock shows `at`, or longer where somebody holds it; nothing when that is past.
    #[must_use]
    pub fn until(&self, at: Timestamp) -> Duration {
        let ahead = Duration::from_millis(u64::try_from(at.0.saturating_sub(self.now().0)).unwrap_or(0));
        match self {
            Self::System => ahead,
            Self::Scaled { .. } | Self::Led(_) => {
                Duration::try_from_secs_f64(ahead.as_secs_f64() / self.speed()).unwrap_or(Duration::MAX)
            }
        }
    }

    fn is_machines(&self) -> bool {
        matches!(self, Self::System)
    }

    /// How many times as fast as the machine's clock it runs.
    #[must_use]
    pub fn speed(&self) -> f64 {
        match self {
            Self::System => 1.0,
            Self::Scaled { speed, .. } => *speed,
            Self::Led(led) => led.speed,
        }
    }
}

/// How far a clock may differ from the time that has passed before it counts as set, in milliseconds. What keeps a clock
/// in step moves it by half a millisecond a second.
const SET_MS_MIN: i64 = 5_000;

/// Notices when the machine's clock is set, forward or back, so that somebody is told. What it means for what waits is
/// gateway/core's business.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// What the clock showed last, and when that was by a clock that nobody sets.
    last: Option<(Timestamp, Instant)>,
}

impl Watch {
    /// How far `clock` was set since the last look, in milliseconds; nothing when it went on as time does. It shows `now`
    /// at `at`.
    pub(crate) fn look(&mut self, clock: &Clock, now: Timestamp, at: Instant) -> Option<i64> {
        let (shown, before) = self.last.replace((now, at))?;
        #[expect(clippy::cast_possible_truncation, reason = "saturates, after 292 million years")]
        let passed = (at.saturating_duration_since(before).as_secs_f64() * 1000.0 * clock.speed()) as i64;
        let set = now.0.saturating_sub(shown.0).saturating_sub(passed);
        (set.saturating_abs() > SET_MS_MIN && clock.is_machines()).then_some(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_is_noticed_once() {
        let (clock, began, mut watch) = (Clock::System, Instant::now(), Watch::default());
        let mut look = |seconds: u64, shows: i64| {
            watch.look(&clock, Timestamp(shows * 1000), began + Duration::from_secs(seconds))
        };
        assert_eq!(look(0, 9_000), None, "the first look knows no other");
        assert_eq!(look(10, 9_010), None);
        assert_eq!(look(11, 9_013), None, "a little is how clocks are kept in step");
        assert_eq!(look(12, 9_014 - 3_600), Some(-3_600_000));
        assert_eq!(look(13, 9_015 - 3_600), None);
        assert_eq!(look(14, 9_016 + 82_800), Some(86_400_000));
    }

    #[test]
    fn a_scaled_clock_begins_at_its_origin_and_runs_ahead() {
        let origin = Timestamp(1_000_000);
        let clock = Clock::scaled(origin, 600.0);
        let first = clock.now();
        assert!(first >= origin);
        while clock.now() == first {}
        assert!(clock.now() > first);
        let until = clock.until(Timestamp(clock.now().0 + 600_000));
        assert!(until <= Duration::from_secs(1), "600 s of it are one of ours, not {until:?}");
    }

    #[test]
    fn a_led_clock_shows_what_it_was_set_to_and_never_goes_back() {
        let led = Arc::new(Led::new(Timestamp(1_000), 10.0));
        let clock = Clock::Led(Arc::clone(&led));
        assert_eq!(clock.now(), Timestamp(1_000));
        led.set(Timestamp(3_000));
        led.set(Timestamp(2_000));
        assert_eq!(clock.now(), Timestamp(3_000));
        assert_eq!(clock.until(Timestamp(4_000)), Duration::from_millis(100));
        assert_eq!(clock.until(Timestamp(2_000)), Duration::ZERO);
    }

    #[test]
    fn what_is_past_is_not_waited_for() {
        assert_eq!(Clock::System.until(Timestamp(0)), Duration::ZERO);
        assert_eq!(Clock::scaled(Timestamp(5), 1.0).until(Timestamp(i64::MIN)), Duration::ZERO);
    }

    #[test]
    fn a_speed_that_is_no_speed_is_one() {
        for speed in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Clock::scaled(Timestamp(0), speed).speed(), 1.0);
        }
    }
}
