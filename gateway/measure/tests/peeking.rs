//! What the two kinds of interval promise, held against many days whose truth is known: one that is looked at once, and one
//! that is looked at after every visitor. The chances come from one seed.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use turnpage_gateway_measure::{ALPHA, Lift, Mean, Rate};

const DAYS: u32 = 400;
const VISITORS: u32 = 400;

/// In what part of the days something came true.
fn share_of_days(seed: u64, mut day: impl FnMut(&mut ChaCha8Rng) -> bool) -> f64 {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let days = (0..DAYS).filter(|_| day(&mut random)).count();
    f64::from(u32::try_from(days).unwrap()) / f64::from(DAYS)
}

#[test]
fn looked_at_once_an_interval_misses_one_time_in_twenty() {
    for truth in [0.02, 0.3, 0.5] {
        let missed = share_of_days(1, |random| {
            let mut rate = Rate::default();
            (0..VISITORS).for_each(|_| rate.count(random.random_bool(truth)));
            !rate.interval().contains(truth)
        });
        assert!((0.02..0.07).contains(&missed), "{truth}: {missed}");
    }
}

#[test]
fn looked_at_all_day_only_one_of_the_two_still_holds() {
    let ever = |of: fn(Rate) -> turnpage_gateway_measure::Interval| {
        share_of_days(2, |random| {
            let mut rate = Rate::default();
            (0..VISITORS)
                .filter(|_| {
                    rate.count(random.random_bool(0.3));
                    !of(rate).contains(0.3)
                })
                .count()
                > 0
        })
    };
    assert!(ever(Rate::always) <= ALPHA);
    assert!(ever(Rate::interval) > 0.2, "whoever looks often enough finds what is not there");
}

#[test]
fn a_lift_that_is_not_there_is_not_found_by_looking() {
    let found = share_of_days(3, |random| {
        let mut lift = Lift::default();
        (0..VISITORS).any(|visitor| {
            let group = if random.random_bool(0.1) { &mut lift.held_out } else { &mut lift.treated };
            group.count(random.random_bool(0.3));
            visitor % 10 == 0 && lift.is_settled()
        })
    });
    assert!(found <= ALPHA, "{found}");
    let found = share_of_days(4, |random| {
        let mut lift = Lift::default();
        (0..VISITORS).any(|visitor| {
            let treated = random.random_bool(0.5);
            let group = if treated { &mut lift.treated } else { &mut lift.held_out };
            group.count(random.random_bool(if treated { 0.5 } else { 0.2 }));
            visitor % 10 == 0 && lift.is_settled()
        })
    });
    assert!(found > 0.9, "one that is there is: {found}");
}

#[test]
fn a_mean_of_many_values_holds_at_every_look() {
    let missed = share_of_days(5, |random| {
        let mut mean = Mean::default();
        // Most spend nothing, some much. The promise is one for many values.
        (0..VISITORS).for_each(|_| {
            mean.count(if random.random_bool(0.3) { random.random_range(0.0..40.0) } else { 0.0 });
        });
        (0..VISITORS).any(|_| {
            mean.count(if random.random_bool(0.3) { random.random_range(0.0..40.0) } else { 0.0 });
            !mean.always().unwrap().contains(6.0)
        })
    });
    assert!(missed <= ALPHA, "{missed}");
}
