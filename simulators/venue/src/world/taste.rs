//! What people like: how long they stay somewhere, and what pulls them from one place to the next.
//!
//! Numbers are a crowd's habits, chosen to be plausible and checked by properties, not fitted to any real park.

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, LogNormal};

const MINUTE_MS: f64 = 60_000.0;

/// Minutes of a queue at which half of those who would like a ride walk past it.
const PATIENCE_MIN: f64 = 30.0;

/// How people feel when they choose.
pub(super) struct Mood {
    /// 0 to 1.
    pub(super) hungry: f64,
    pub(super) raining: bool,
    /// Local minutes since midnight.
    pub(super) minutes_of_day: i64,
    pub(super) role: &'static str,
}

/// How much a kind of place pulls, before distance.
pub(super) fn pull(kind: &str, outdoor: bool, wait: Option<u32>, mood: &Mood) -> f64 {
    let meal_time = matches!(mood.minutes_of_day, 675..=840 | 1_050..=1_170);
    let liking = match kind {
        "ride" if mood.role == "staff" => 0.5,
        "ride" => 6.0 * (-f64::from(wait.unwrap_or(5)) / PATIENCE_MIN * std::f64::consts::LN_2).exp(),
        "food" => mood.hungry * mood.hungry * if meal_time { 14.0 } else { 6.0 },
        "plaza" => 3.0,
        "shop" => 1.0,
        "restroom" => 1.2,
        "indoor" => 0.8,
        // Nobody goes to a gate but to leave.
        _ => 0.0,
    };
    match (mood.raining, outdoor) {
        (true, true) => liking * 0.2,
        (true, false) => liking * 2.0,
        (false, _) => liking,
    }
}

/// How long somebody stays. A ride takes its posted queue, which is what signs overstate, and the ride.
pub(super) fn stay_ms(rng: &mut ChaCha8Rng, kind: &str, wait: Option<u32>) -> i64 {
    let (median_min, spread) = match kind {
        "gate" => (3.0, 0.4),
        "plaza" => (11.0, 0.6),
        "ride" => (f64::from(wait.unwrap_or(5)) * 0.8 + 7.0, 0.25),
        "food" => (28.0, 0.4),
        "shop" => (12.0, 0.5),
        "restroom" => (5.0, 0.4),
        _ => (24.0, 0.5),
    };
    let drawn =
        LogNormal::new(f64::ln(median_min), spread).map_or(median_min, |law: LogNormal<f64>| law.sample(rng));
    (drawn.clamp(0.5, 240.0) * MINUTE_MS) as i64
}
