//! Who is where at what time: the crowd, its choices, and whose radio hears it. Virtual time, one seed.
//!
//! The world is event-driven: [`World::advance`] jumps from one thing that happens to the next, so quiet hours cost
//! nothing. It has no clock, no sockets and no threads. Same venue, day, options and offers: the same happenings,
//! byte for byte. Next: `board`, where what is heard becomes a frame.

mod person;
mod place;
mod taste;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use chrono::NaiveTime;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use turnpage_firmware_node::{DailyKey, Uid};
use turnpage_gateway_core::{Timestamp, Venue};

use crate::day::Day;
use crate::provision::Provision;
use crate::sky::{Sky, instant};
pub use person::{Answer, Offer, Outcome};
use person::{Person, Reaction, Whereabouts};
use place::Places;

const MINUTE_MS: i64 = 60_000;

/// Park hours, local: gates open, gates close.
const HOURS: (u32, u32) = (8, 22);

/// How often a band speaks, in milliseconds.
const BAND_EVERY_MS: i64 = 60_000;

/// Receptions that get lost on the air.
const MISSED: f64 = 0.05;

/// How often a second node nearby hears a band as loudly as the one it is next to.
const DOUBLE: f64 = 0.02;

/// How far that second node can be, in metres.
const DOUBLE_M: f64 = 60.0;

/// How to fill a venue for a day.
#[derive(Debug, Clone)]
pub struct Options {
    /// Everything random follows from it.
    pub seed: u64,
    /// How many people come over the day, staff included.
    pub visitors: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 7, visitors: 2_000 }
    }
}

/// Why a venue cannot be simulated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody could come in.
    #[error("the venue has no gate with a badge reader")]
    NoGate,
}

/// Something that can be noticed from outside the world.
#[derive(Debug, Clone, PartialEq)]
pub enum Happened {
    /// A node's radio received a band.
    Heard {
        /// The node, by its index in the venue.
        node: usize,
        /// The band's address.
        badge: [u8; 6],
        /// What the band says its wearer is.
        role: &'static str,
        /// How loud it was.
        rssi_dbm: i8,
    },
    /// A sign was read.
    Sign {
        /// The venue's signal for it.
        signal: String,
        /// What it said.
        minutes: u32,
    },
    /// A visitor reacted to an offer.
    Answered(Answer),
}

/// A venue, a day and a crowd, at an instant.
pub struct World {
    opens: Timestamp,
    closes: Timestamp,
    now: Timestamp,
    rng: ChaCha8Rng,
    places: Places,
    sky: Sky,
    /// Minutes posted now, by zone.
    posted: Vec<Option<u32>>,
    signs: Vec<Sign>,
    people: Vec<Person>,
    by_subject: BTreeMap<String, usize>,
    queue: BinaryHeap<Reverse<Due>>,
    order: u64,
    present: u32,
}

struct Sign {
    zone: usize,
    signal: String,
    minutes: u32,
}

/// What is due when. The order of making breaks ties, so that nothing depends on a heap's whim.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at: Timestamp,
    order: u64,
    what: What,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Sign(usize),
    HourBegins,
    Arrives(usize),
    Speaks(usize),
    /// The person's `stay`th walk or stay is over; a stale one is passed over.
    MovesOn(usize, u32),
    Reacts(usize, Reaction),
}

impl World {
    /// Fills `venue` for the day. Nobody has arrived yet.
    ///
    /// # Errors
    /// When the venue has no way in.
    pub fn new(venue: &Venue, day: &Day, provision: &Provision, options: &Options) -> Result<Self, Error> {
        let places = Places::new(venue);
        if places.gates().is_empty() {
            return Err(Error::NoGate);
        }
        let at =
            |hour| instant(venue, day.date.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()));
        let (opens, closes) = (at(HOURS.0), at(HOURS.1));
        let mut world = Self {
            opens,
            closes,
            now: Timestamp(opens.0),
            rng: ChaCha8Rng::seed_from_u64(options.seed),
            posted: vec![None; venue.zones.len()],
            places,
            sky: Sky::new(venue, day),
            signs: Vec::new(),
            people: Vec::new(),
            by_subject: BTreeMap::new(),
            queue: BinaryHeap::new(),
            order: 0,
            present: 0,
        };
        world.put_up_signs(venue, day);
        world.invite(options.visitors, provision);
        for hour in HOURS.0..HOURS.1 {
            world.due(at(hour), What::HourBegins);
        }
        Ok(world)
    }

    /// When the gates open: the instant at which the day begins.
    #[must_use]
    pub fn opens(&self) -> Timestamp {
        self.opens
    }

    /// When the day ends: the gates are closed, and the last are on their way home.
    #[must_use]
    pub fn closes(&self) -> Timestamp {
        self.closes
    }

    /// How far [`World::advance`] has come.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// People inside now.
    #[must_use]
    pub fn present(&self) -> u32 {
        self.present
    }

    /// The weather of the day.
    #[must_use]
    pub fn sky(&self) -> &Sky {
        &self.sky
    }

    /// People inside each zone now, by the venue's order; who walks is in none.
    #[must_use]
    pub fn occupancy(&self) -> Vec<u32> {
        let mut inside = vec![0; self.posted.len()];
        for person in &self.people {
            if let Whereabouts::In(zone) = person.whereabouts
                && let Some(count) = inside.get_mut(zone)
            {
                *count += 1;
            }
        }
        inside
    }

    /// Lets everything happen that is due up to and including `to`, and tells `notice` of it in order.
    pub fn advance(&mut self, to: Timestamp, notice: &mut impl FnMut(Timestamp, Happened)) {
        while self.queue.peek().is_some_and(|Reverse(due)| due.at <= to) {
            let Some(Reverse(Due { at, what, .. })) = self.queue.pop() else { break };
            self.now = self.now.max(at);
            match what {
                What::Sign(index) => self.read_sign(index, notice),
                What::HourBegins => self.look_up(),
                What::Arrives(who) => self.arrive(who),
                What::Speaks(who) => self.speak(who, notice),
                What::MovesOn(who, stay) => self.move_on(who, stay),
                What::Reacts(who, reaction) => self.react(who, reaction, notice),
            }
        }
        self.now = self.now.max(to);
    }

    /// An offer appeared on a band. Who it is for looks at it in a while, or never does. Unknown subjects have no band.
    pub fn offer(&mut self, offer: &Offer) {
        let Some(&who) = self.by_subject.get(&offer.subject) else { return };
        let Some(person) = self.people.get(who) else { return };
        let looks = self.rng.random_bool(person.attention);
        let after = self.rng.random_range(5_000..90_000);
        if looks && person.whereabouts != Whereabouts::Outside {
            let leads_to = self.places.named_in(&offer.text);
            let reaction = Reaction::Sees { id: offer.id.clone(), leads_to };
            self.due(Timestamp(self.now.0 + after), What::Reacts(who, reaction));
        }
    }

    /// Enough to look for a roof, anywhere in the venue.
    fn raining(&self, at_ms: i64) -> bool {
        self.sky.at(Timestamp(at_ms), 0).rain > 0.5
    }

    fn due(&mut self, at: Timestamp, what: What) {
        self.order += 1;
        self.queue.push(Reverse(Due { at, order: self.order, what }));
    }

    fn put_up_signs(&mut self, venue: &Venue, day: &Day) {
        for wait in &day.waits {
            let Some(zone) = venue.zones.iter().position(|zone| zone.id.as_str() == wait.zone) else {
                continue;
            };
            let signal = venue.signals.iter().find(|s| s.queue_of.is_some_and(|z| usize::from(z.0) == zone));
            let Some(signal) = signal else { continue };
            let at = instant(venue, wait.time);
            // What stood there before the gates opened is what the first visitors read.
            let at = at.max(Timestamp(self.opens.0));
            self.signs.push(Sign { zone, signal: signal.name.clone(), minutes: wait.minutes });
            self.due(at, What::Sign(self.signs.len() - 1));
        }
    }

    fn invite(&mut self, visitors: u32, provision: &Provision) {
        let day_key = DailyKey::new(*provision.badge_key());
        for _ in 0..visitors {
            let who = self.people.len();
            let person = Person::draw(&mut self.rng, self.opens, self.closes);
            if let Some(uid) = Uid::new(&person.badge) {
                self.by_subject.insert(day_key.pseudonym(&uid).to_string(), who);
            }
            let arrives = person.arrives_at;
            self.people.push(person);
            self.due(arrives, What::Arrives(who));
        }
        // A subject is what offers come back under: told once, here, so that no other place derives it.
        for (subject, &who) in &self.by_subject {
            if let Some(person) = self.people.get_mut(who) {
                person.subject.clone_from(subject);
            }
        }
    }

    fn read_sign(&mut self, index: usize, notice: &mut impl FnMut(Timestamp, Happened)) {
        let Some(Sign { zone, signal, minutes }) = self.signs.get(index) else { return };
        if let Some(posted) = self.posted.get_mut(*zone) {
            *posted = Some(*minutes);
        }
        notice(self.now, Happened::Sign { signal: signal.clone(), minutes: *minutes });
    }

    /// When it begins to rain, most of those who stand about outside go somewhere else within minutes.
    fn look_up(&mut self) {
        let wet = self.raining(self.now.0 + 1);
        let dry_before = !self.raining(self.now.0 - 1);
        if !(wet && dry_before) {
            return;
        }
        for who in 0..self.people.len() {
            let Some(person) = self.people.get(who) else { continue };
            let Whereabouts::In(zone) = person.whereabouts else { continue };
            if self.places.is_refuge(zone) || self.places.is_ride(zone) || !self.rng.random_bool(0.7) {
                continue;
            }
            let stay = person.stay;
            let after = self.rng.random_range(MINUTE_MS..12 * MINUTE_MS);
            self.due(Timestamp(self.now.0 + after), What::MovesOn(who, stay));
        }
    }

    fn arrive(&mut self, who: usize) {
        let Some(&gate) = pick(&mut self.rng, self.places.gates()) else { return };
        self.present += 1;
        self.enter(who, gate);
        let first = self.rng.random_range(0..BAND_EVERY_MS);
        self.due(Timestamp(self.now.0 + first), What::Speaks(who));
    }

    fn enter(&mut self, who: usize, zone: usize) {
        let wait = self.posted.get(zone).copied().flatten();
        let Some(person) = self.people.get_mut(who) else { return };
        person.whereabouts = Whereabouts::In(zone);
        person.stay += 1;
        if self.places.is_food(zone) {
            person.ate_at = self.now;
        }
        let stay = person.stay;
        let length = taste::stay_ms(&mut self.rng, self.places.kind(zone), wait);
        self.due(Timestamp(self.now.0 + length), What::MovesOn(who, stay));
    }

    /// The band speaks: the node next to it hears it, most of the time, and now and then another one does too.
    fn speak(&mut self, who: usize, notice: &mut impl FnMut(Timestamp, Happened)) {
        let Some(person) = self.people.get(who) else { return };
        if person.whereabouts == Whereabouts::Outside {
            return;
        }
        if let Whereabouts::In(zone) = person.whereabouts
            && !self.rng.random_bool(MISSED)
        {
            let (badge, role) = (person.badge, person.role);
            let mut heard =
                |node, rssi_dbm| notice(self.now, Happened::Heard { node, badge, role, rssi_dbm });
            if let Some(node) = self.places.node(zone) {
                heard(node, self.rng.random_range(-70..-48));
            }
            if self.rng.random_bool(DOUBLE)
                && let Some(node) = self.places.neighbour(zone, DOUBLE_M)
            {
                heard(node, self.rng.random_range(-84..-68));
            }
        }
        let jitter = self.rng.random_range(-4_000..4_000);
        self.due(Timestamp(self.now.0 + BAND_EVERY_MS + jitter), What::Speaks(who));
    }

    /// A stay or a walk is over: go on to the next place, or home.
    fn move_on(&mut self, who: usize, stay: u32) {
        let Some(person) = self.people.get(who).filter(|person| person.stay == stay) else { return };
        match person.whereabouts {
            Whereabouts::Outside => {}
            Whereabouts::Walking { to } => self.enter(who, to),
            Whereabouts::In(zone) if self.now >= person.leaves_at && self.places.is_gate(zone) => {
                if let Some(person) = self.people.get_mut(who) {
                    person.whereabouts = Whereabouts::Outside;
                    self.present -= 1;
                }
            }
            Whereabouts::In(zone) => {
                let to = self.next_place(who, zone);
                self.walk(who, zone, to);
            }
        }
    }

    fn next_place(&mut self, who: usize, from: usize) -> usize {
        let raining = self.raining(self.now.0);
        let Some(person) = self.people.get_mut(who) else { return from };
        if self.now >= person.leaves_at {
            return self.places.nearest_gate(from).unwrap_or(from);
        }
        if let Some(to) = person.promised.take() {
            return to;
        }
        let hungry = person.hunger(self.now);
        let minutes_of_day = (self.now.0 - self.opens.0) / MINUTE_MS + i64::from(HOURS.0) * 60;
        let mood = taste::Mood { hungry, raining, minutes_of_day, role: person.role };
        let weights: Vec<f64> = (0..self.posted.len())
            .map(|to| {
                let wait = self.posted.get(to).copied().flatten();
                if to == from { 0.0 } else { self.places.appeal(from, to, wait, &mood) }
            })
            .collect();
        weighted(&mut self.rng, &weights).unwrap_or(from)
    }

    fn walk(&mut self, who: usize, from: usize, to: usize) {
        let pace = self.rng.random_range(0.9..1.5);
        let metres = self.places.metres(from, to);
        let Some(person) = self.people.get_mut(who) else { return };
        person.whereabouts = Whereabouts::Walking { to };
        person.stay += 1;
        let stay = person.stay;
        // Paths are not beelines, and nobody starts at once.
        let length = (metres * 1.3 / pace * 1_000.0) as i64 + 20_000;
        self.due(Timestamp(self.now.0 + length), What::MovesOn(who, stay));
    }

    fn react(&mut self, who: usize, reaction: Reaction, notice: &mut impl FnMut(Timestamp, Happened)) {
        let raining = self.raining(self.now.0);
        let Some(person) = self.people.get_mut(who) else { return };
        if person.whereabouts == Whereabouts::Outside {
            return;
        }
        let subject = person.subject.clone();
        let mut answer = |id: &str, outcome| {
            let answer = Answer { subject: subject.clone(), id: id.to_owned(), outcome };
            notice(self.now, Happened::Answered(answer));
        };
        match reaction {
            Reaction::Sees { id, leads_to } => {
                answer(&id, Outcome::Seen);
                let under_the_sky = match person.whereabouts {
                    Whereabouts::In(zone) => !self.places.is_refuge(zone),
                    Whereabouts::Walking { .. } | Whereabouts::Outside => true,
                };
                let wet = raining && under_the_sky;
                let wants = person.wants(self.now, wet, leads_to.is_some());
                let answers = if self.rng.random_bool(wants) {
                    Some(Outcome::Accepted)
                } else {
                    self.rng.random_bool(0.5).then_some(Outcome::Declined)
                };
                let after = self.rng.random_range(3_000..30_000);
                if let Some(outcome) = answers {
                    let decides = Reaction::Decides { id, outcome, leads_to };
                    self.due(Timestamp(self.now.0 + after), What::Reacts(who, decides));
                }
            }
            Reaction::Decides { id, outcome, leads_to } => {
                if outcome == Outcome::Accepted {
                    answer(&id, Outcome::Clicked);
                }
                answer(&id, outcome);
                if outcome == Outcome::Accepted && leads_to.is_some() {
                    person.promised = leads_to;
                    let stay = person.stay;
                    let after = self.rng.random_range(MINUTE_MS..4 * MINUTE_MS);
                    if let Whereabouts::In(_) = person.whereabouts {
                        self.due(Timestamp(self.now.0 + after), What::MovesOn(who, stay));
                    }
                }
            }
        }
    }
}

fn pick<'a, T>(rng: &mut ChaCha8Rng, from: &'a [T]) -> Option<&'a T> {
    if from.is_empty() { None } else { from.get(rng.random_range(0..from.len())) }
}

/// An index, as likely as its weight says; `None` when nothing has any.
fn weighted(rng: &mut ChaCha8Rng, weights: &[f64]) -> Option<usize> {
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return None;
    }
    let mut left = rng.random_range(0.0..total);
    for (index, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return Some(index);
        }
    }
    weights.iter().rposition(|weight| *weight > 0.0)
}

#[cfg(test)]
mod tests;
