//! Mutants that nobody notices, and why nobody need.

pub(super) const THEME_PARK: &[&str] = &[
    // A zone is a ride or a plaza: no event opens both, so their order decides nothing.
    "lunch 29: after the next: - when: time.between(\"11:30\", \"13:30\") && place.kind == \"plaza\"",
];

pub(super) const PARK_DAY: &[&str] = &[];

pub(super) const DAY_OUT: &[&str] = &[
    // One zone or the other.
    "climb 22: after the next: - { on: enter, when: place.zone == \"comet\", offer: film, turn_to: at-the-ride }",
    // A day has one afternoon in which to leave, and one question: thanks cannot come twice.
    "farewell 17: `1` -> `2` in `limit: 1 per day`",
    "farewell 17: without `limit: 1 per day`",
    // Four and more, or one and two.
    "farewell 26: after the next: - on: returned",
    // Half past nine comes once a day.
    "rest 32: `1` -> `2` in `limit: 1 per day`",
    "rest 32: without `limit: 1 per day`",
];
