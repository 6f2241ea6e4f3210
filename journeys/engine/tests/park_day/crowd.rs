//! Park-day events from a seed: an ordinary day for measuring, and a hostile stream for testing.
//!
//! The shape is that of the workload's own generator: a day of showers and heat with visitors wandering
//! between 24 zones; or whole minutes, equal instants, midnights, a change of clocks and values on the limits.

use super::event::{Event, Role, ZoneKind};

pub(crate) const MINUTE: i64 = 60_000;
const SLOT: i64 = 5 * MINUTE;

use ZoneKind::{Food, Gate, Indoor, Plaza, Restroom, Ride, Shop};

const ZONES: [(ZoneKind, bool); 24] = [
    (Gate, true),
    (Gate, true),
    (Plaza, true),
    (Plaza, true),
    (Plaza, true),
    (Plaza, false),
    (Ride, true),
    (Ride, true),
    (Ride, true),
    (Ride, true),
    (Ride, true),
    (Ride, true),
    (Ride, false),
    (Ride, false),
    (Food, true),
    (Food, true),
    (Food, false),
    (Food, false),
    (Shop, false),
    (Shop, false),
    (Restroom, false),
    (Restroom, false),
    (Indoor, false),
    (Indoor, false),
];

/// SplitMix64: small, and the same everywhere.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to 1.
    fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.part()
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// A sum of twelve parts is near enough to a bell.
    fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.part()).sum::<f64>() - 6.0
    }

    fn weighted<T: Copy>(&mut self, of: &[(T, f64)]) -> T {
        let mut left = self.part() * of.iter().map(|(_, weight)| weight).sum::<f64>();
        for (item, weight) in of {
            left -= weight;
            if left < 0.0 {
                return *item;
            }
        }
        of[of.len() - 1].0
    }
}

/// Rain and temperature by zone and five minutes since seven o'clock.
fn weather(dice: &mut Dice) -> Vec<[(f64, f64); 193]> {
    let shower = |minute: f64, from: f64, peak: f64| {
        let phase = (minute - from) / 70.0;
        if (0.0..1.0).contains(&phase) { (std::f64::consts::PI * phase).sin() * peak } else { 0.0 }
    };
    let round = |value: f64, digits: f64| (value * digits).round() / digits;
    ZONES
        .iter()
        .map(|(_, outdoor)| {
            let (lag, strength) = (dice.between(-12.0, 12.0), dice.between(0.5, 1.5));
            std::array::from_fn(|slot| {
                let (hour, minute) = (7.0 + slot as f64 / 12.0, slot as f64 * 5.0 + lag);
                let wet = shower(minute, 310.0, 4.0) + shower(minute, 540.0, 7.0);
                let drizzle = if dice.part() < 0.01 { 0.2 } else { 0.0 };
                let rain = if wet > 0.0 { wet * strength * dice.between(0.6, 1.4) } else { drizzle };
                let heat = 19.0 + 14.0 * (-((hour - 15.0) / 4.2).powi(2)).exp();
                let cooled = heat - if wet > 0.0 { 2.5 } else { 0.0 };
                let open = cooled + dice.between(-1.2, 1.2);
                let inside = 22.0 + dice.between(-0.5, 0.5);
                (round(rain, 100.0), round(if *outdoor { open } else { inside }, 10.0))
            })
        })
        .collect()
}

fn zone_of(dice: &mut Dice, kind: ZoneKind) -> usize {
    loop {
        let zone = dice.below(ZONES.len());
        if ZONES[zone].0 == kind {
            return zone;
        }
    }
}

fn stay_minutes(kind: ZoneKind) -> f64 {
    match kind {
        Gate => 6.0,
        Plaza => 14.0,
        Ride => 26.0,
        Food => 24.0,
        Shop => 12.0,
        Restroom => 5.0,
        Indoor => 28.0,
    }
}

fn next_kind(dice: &mut Dice, hour: f64, raining: bool) -> ZoneKind {
    let meal = (11.4..14.0).contains(&hour) || (17.5..19.5).contains(&hour);
    dice.weighted(&[
        (Gate, 0.3),
        (Plaza, 3.2),
        (Ride, 6.0),
        (Food, if meal { 4.5 } else { 1.0 }),
        (Shop, 1.0),
        (Restroom, 1.2),
        (Indoor, if raining { 4.0 } else { 0.8 }),
    ])
}

/// 18 July 2026 in New York from seven in the morning, about 100 events a visitor, in order of time.
pub(crate) fn day(seed: u64, visitors: u32) -> Vec<Event> {
    let mut dice = Dice::new(seed);
    let start = 1_784_372_400_000;
    let (end, sky) = (start + 16 * 60 * MINUTE - 1, weather(&mut dice));
    let mut walks: Vec<(i64, u32, Role, usize)> = Vec::new();
    for visitor in 0..visitors {
        let role = dice.weighted(&[(Role::Guest, 90.0), (Role::Vip, 8.0), (Role::Staff, 2.0)]);
        let arrival = (dice.part() + dice.part()) * 150.0;
        let mut at = start + (arrival * MINUTE as f64) as i64;
        let hours = (450.0 + 95.0 * dice.bell()).max(60.0);
        let leave = end.min(at + (hours * MINUTE as f64) as i64);
        let mut zone = zone_of(&mut dice, Gate);
        while at < leave {
            let minutes = stay_minutes(ZONES[zone].0) * (0.6 * dice.bell()).exp();
            let until = at + (minutes * MINUTE as f64) as i64 + 1;
            while at < until.min(leave) {
                walks.push((at, visitor, role, zone));
                at += dice.between(4.0 * MINUTE as f64, 6.0 * MINUTE as f64) as i64;
            }
            at = until + dice.between(1000.0, 90_000.0) as i64;
            let hour = 7.0 + (until - start) as f64 / (60 * MINUTE) as f64;
            let raining = sky[2][(((until - start) / SLOT) as usize).min(192)].0 > 0.5;
            let old = zone;
            while zone == old {
                let kind = next_kind(&mut dice, hour, raining);
                zone = zone_of(&mut dice, kind);
            }
        }
        if at < end {
            walks.push((at.max(leave), visitor, role, zone_of(&mut dice, Gate)));
        }
    }
    walks.retain(|walk| walk.0 <= end);
    walks.sort_by_key(|(at, visitor, _, zone)| (*at, *visitor, *zone));
    let event = |(at, visitor, role, zone): (i64, u32, Role, usize)| {
        let (kind, outdoor) = ZONES[zone];
        let (rain, temperature) = sky[zone][((at - start) / SLOT) as usize];
        Event { at, visitor, role, zone: zone as u16, kind, outdoor, rain, temperature }
    };
    walks.into_iter().map(event).collect()
}

/// A dense stream over the change of clocks of 1 November 2026: whole minutes, so that deadlines tie with
/// events and with each other, equal instants for one visitor, and weather exactly on the limits.
pub(crate) fn hostile(seed: u64, visitors: u32) -> Vec<Event> {
    let mut dice = Dice::new(seed);
    let mut at = 1_793_451_600_000;
    let roles: Vec<Role> = (0..visitors).map(|_| dice.pick(&[Role::Guest, Role::Vip, Role::Staff])).collect();
    (0..visitors * 330)
        .map(|_| {
            let leap = if dice.part() < 0.03 { 30 * MINUTE } else { 0 };
            at += dice.pick(&[0, 0, 0, 0, 0, 0, MINUTE, MINUTE, MINUTE, leap]);
            // A few visitors are seen often.
            let often = dice.part() < 0.6;
            let visitor = dice.below(if often { (visitors as usize / 4).max(1) } else { visitors as usize });
            let zone = if dice.part() < 0.5 {
                dice.pick(&[0, 1, 2, 3, 6, 7, 12, 14, 16, 22])
            } else {
                dice.pick(&[2, 6])
            };
            let (kind, outdoor) = ZONES[zone];
            let rain = dice.pick(&[0.0, 0.05, 0.1, 0.5, 0.51, 2.25]);
            let temperature = dice.pick(&[17.9, 18.0, 18.1, 29.9, 30.0, 31.0]);
            let role = roles[visitor];
            Event { at, visitor: visitor as u32, role, zone: zone as u16, kind, outdoor, rain, temperature }
        })
        .collect()
}
