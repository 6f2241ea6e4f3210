//! What is known about a subject at an instant: values for the slots that some journey reads, each with its age.
//!
//! A fact that is missing or stale is unknown, never guessed. Before: presence.rs. Next: the engine's step.

use turnpage_journeys_engine::SubjectKind;
use turnpage_journeys_expr::air::{self, Beside};
use turnpage_journeys_expr::{Env, LocalTime, Symbol, Value};

use crate::Timestamp;
use crate::company::Company;
use crate::house::{House, Measured};
use crate::pipeline::ahead::{self, Ahead};
use crate::plan::{presence, purpose};
use crate::subject::{Known, Subject};
use crate::venue::schema::{Asked, FactKind};
use crate::venue::{Map, Near, Venue};

/// Everything there is to know, and about whom.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) venue: &'a Venue,
    pub(crate) map: &'a Map,
    pub(crate) house: &'a House,
    /// For each zone the signal that measures its queue.
    pub(crate) queues: &'a [Option<usize>],
    /// Who is where, and with whom.
    pub(crate) company: &'a Company,
    pub(crate) asked: &'a Asked,
    /// Where people go next, if a journey asks.
    pub(crate) ahead: Option<&'a Ahead>,
    /// Whom the journey runs for.
    pub(crate) own: &'a Subject,
    /// About whom the facts are: the same, or for a party the member whose event came last.
    pub(crate) subject: &'a Subject,
    pub(crate) at: Timestamp,
    /// What the venue's clock shows then.
    pub(crate) local: LocalTime,
}

/// A score is about today: older, it is unknown.
pub(crate) const FEEDBACK_FRESH_MS: i64 = 24 * 3_600_000;

/// A fact and how old it is, in milliseconds; `None` for what does not age.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Fact {
    pub(crate) value: Value,
    pub(crate) age_ms: Option<i64>,
}

const UNKNOWN: Fact = Fact { value: Value::Unknown, age_ms: None };

/// Fills the slots that are asked for. `facts` is as long as the schema; other slots are never read.
pub(crate) fn fill(asked: &Asked, facts: &mut [Value], mut value: impl FnMut(FactKind) -> Value) {
    for (slot, kind) in &asked.facts {
        if let Some(fact) = facts.get_mut(slot.index()) {
            *fact = value(*kind);
        }
    }
}

/// Fills the segments of a subject, if they are asked for, from the facts that are filled already.
pub(crate) fn fill_segments(
    asked: &Asked,
    venue: &Venue,
    facts: &mut [Value],
    local: LocalTime,
    now: Timestamp,
) {
    let Some(slot) = asked.segments else { return };
    let segments = segments(venue, &Env { facts, locals: &[], local, now });
    if let Some(fact) = facts.get_mut(slot.index()) {
        *fact = segments;
    }
}

/// The segments whose guards hold; one that is unknown does not.
fn segments(venue: &Venue, env: &Env<'_>) -> Value {
    let hold = (0..).map(Symbol).zip(&venue.segments);
    let hold = hold.filter(|(_, segment)| segment.guard.program().holds(env) == Some(true));
    Value::set(hold.map(|(symbol, _)| symbol))
}

impl Context<'_> {
    /// One fact.
    pub(crate) fn fact(&self, kind: FactKind) -> Fact {
        let zone = || self.venue.zone(self.subject.zone()?);
        let seen = self.subject.walks().then(|| self.at.0 - self.subject.seen_at.0);
        match kind {
            FactKind::Role => Fact { value: symbol(self.own.walks().then_some(self.own.role)), age_ms: None },
            FactKind::Zone => {
                Fact { value: symbol(self.subject.zone().map(|zone| usize::from(zone.0))), age_ms: seen }
            }
            FactKind::Kind => Fact { value: symbol(zone().map(|zone| zone.kind)), age_ms: seen },
            FactKind::Level => {
                let level = zone().map(|zone| Value::Int(i64::from(zone.level)));
                Fact { value: level.unwrap_or_default(), age_ms: seen }
            }
            FactKind::Outdoor => {
                Fact { value: zone().map(|zone| Value::Bool(zone.outdoor)).unwrap_or_default(), age_ms: seen }
            }
            FactKind::Dwell => {
                let here = self.subject.stay.here.filter(|_| self.subject.walks());
                let dwell = here.map(|here| Value::Duration(self.at.0 - here.since.0));
                Fact { value: dwell.unwrap_or_default(), age_ms: seen }
            }
            FactKind::Queue => {
                let queue = self.subject.zone().and_then(|zone| *self.queues.get(usize::from(zone.0))?);
                let queue = queue.and_then(|signal| self.signal(signal));
                self.measured(queue.filter(|minutes| minutes.value >= 0.0))
            }
            FactKind::Count => {
                let count = self.subject.zone().map(|zone| Value::Int(i64::from(self.company.people(zone))));
                Fact { value: count.unwrap_or_default(), age_ms: None }
            }
            FactKind::Temperature => self.measured(self.air(0)),
            FactKind::Rain => self.measured(self.air(1)),
            FactKind::Wind => self.measured(self.air(2)),
            FactKind::Humidity => self.measured(self.air(3)),
            FactKind::Light => self.measured(self.air(4)),
            FactKind::FeelsLike => self.measured(self.feels_like()),
            FactKind::Condition => {
                let rain = self.air(1);
                let condition = rain.map(|rain| air::condition(rain.value));
                Fact { value: symbol(condition), ..self.measured(rain) }
            }
            FactKind::Signal(signal) => self.measured(self.signal(signal)),
            FactKind::Nearest(kind) => {
                let near = self.near(kind).map(|near| usize::from(near.zone.0));
                Fact { value: symbol(near), age_ms: seen }
            }
            FactKind::Distance(kind) => {
                let metres = self.near(kind).and_then(|near| near.metres);
                Fact { value: metres.map(Value::Double).unwrap_or_default(), age_ms: seen }
            }
            FactKind::Next(kind) => {
                let trail = self.subject.about.as_ref().and_then(|about| about.trail.as_ref());
                let at = ahead::at(self.at, self.local);
                let next = self.ahead.zip(trail.filter(|_| self.subject.zone().is_some()));
                let next = next.map(|(ahead, trail)| ahead.probability(self.venue, trail, kind, at));
                Fact { value: next.map(Value::Double).unwrap_or_default(), age_ms: seen }
            }
            FactKind::Segments => self.segments(),
            FactKind::Channel => {
                let channel = presence::channel(self.venue, self.subject, self.at);
                let age_ms = channel.map(|(_, since)| (self.at.0 - since.0).max(0));
                Fact { value: symbol(channel.map(|(channel, _)| channel)), age_ms }
            }
            FactKind::Consents => Fact { value: self.consents(), age_ms: None },
            _ => self.told(kind),
        }
    }

    /// The subject's segments; as old as the oldest fact that their guards read.
    fn segments(&self) -> Fact {
        let mut facts = vec![Value::Unknown; self.asked.schema.len()];
        let mut age_ms = None;
        for slot in self.venue.segments.iter().flat_map(|segment| segment.guard.reads()) {
            if let (Some(kind), Some(place)) = (self.asked.kind(*slot), facts.get_mut(slot.index())) {
                let fact = self.fact(kind);
                *place = fact.value;
                age_ms = age_ms.max(fact.age_ms);
            }
        }
        let env = Env { facts: &facts, locals: &[], local: self.local, now: self.at };
        Fact { value: segments(self.venue, &env), age_ms }
    }

    /// The purposes that the subject's consent covers.
    fn consents(&self) -> Value {
        let (policy, books) = (&self.venue.policy, self.subject.books.as_deref());
        let covered = (0..).map(Symbol).zip(&policy.purposes).filter(|(_, purpose)| {
            let own = books.and_then(|books| books.words.of(&purpose.name));
            purpose::covers(policy, Some(&purpose.name), self.subject.consent, own)
        });
        Value::set(covered.map(|(symbol, _)| symbol))
    }

    /// A fact that somebody said about the subject.
    fn told(&self, kind: FactKind) -> Fact {
        if let FactKind::Subject(fact) = kind {
            let fresh_ms = self.venue.facts.get(fact).and_then(|declared| declared.fresh_ms);
            // What a journey remembered of a party is the party's; what it does not know, its member may.
            let of = |subject: &Subject| subject.about.as_ref()?.facts.get(&fact).copied();
            return self.known(of(self.own).or_else(|| of(self.subject)), fresh_ms);
        }
        let Some(about) = self.subject.about.as_deref() else { return UNKNOWN };
        match kind {
            FactKind::Score => {
                let score = about.feedback.map(|said| Known { value: Value::Int(said.value), at: said.at });
                self.known(score, Some(FEEDBACK_FRESH_MS))
            }
            FactKind::PartySize => {
                let size = about.party.as_ref().map(|party| self.company.members(party).count());
                let size = size.and_then(|size| i64::try_from(size).ok()).map(Value::Int);
                Fact { value: size.unwrap_or_default(), age_ms: None }
            }
            FactKind::PartyRoles => {
                let roles = about.party.as_ref().map(|party| self.company.roles(party));
                let roles = roles.map(|roles| roles.filter_map(|role| u32::try_from(role).ok().map(Symbol)));
                Fact { value: roles.map(Value::set).unwrap_or_default(), age_ms: None }
            }
            _ => UNKNOWN,
        }
    }

    /// What was said while it is fresh.
    fn known(&self, said: Option<Known<Value>>, fresh_ms: Option<i64>) -> Fact {
        let fresh = |said: &Known<Value>| fresh_ms.is_none_or(|fresh| self.at.0 - said.at.0 <= fresh);
        said.filter(fresh)
            .map_or(UNKNOWN, |said| Fact { value: said.value, age_ms: Some((self.at.0 - said.at.0).max(0)) })
    }

    /// How warm it feels; as old as the oldest measurement that says so.
    fn feels_like(&self) -> Option<Measured> {
        let temperature = self.air(0)?;
        let mut at = temperature.at;
        let value = air::feels_like(temperature.value, |beside| {
            let field = match beside {
                Beside::Wind => 2,
                Beside::Humidity => 3,
            };
            let beside = self.air(field)?;
            at = at.min(beside.at);
            Some(beside.value)
        })?;
        Some(Measured { value, at })
    }

    /// A signal's value while it is fresh.
    fn signal(&self, signal: usize) -> Option<Measured> {
        let fresh_ms = self.venue.signals.get(signal)?.fresh_ms;
        self.house.signal_value(signal).filter(|measured| self.at.0 - measured.at.0 <= fresh_ms)
    }

    fn air(&self, field: usize) -> Option<Measured> {
        let fresh_ms = self.venue.weather_fresh_ms;
        match self.own.kind {
            SubjectKind::Venue => self.house.air_anywhere(field, self.at, fresh_ms),
            _ => self.house.air(self.subject.zone()?, field, self.at, fresh_ms),
        }
    }

    fn measured(&self, measured: Option<Measured>) -> Fact {
        match measured {
            Some(Measured { value, at }) => {
                Fact { value: Value::Double(value), age_ms: Some((self.at.0 - at.0).max(0)) }
            }
            None => UNKNOWN,
        }
    }

    fn near(&self, kind: usize) -> Option<Near> {
        let zone = self.subject.zone();
        // Coordinates older than the stay say less than the zone.
        self.map.nearest(self.subject.spot.as_ref().filter(|_| zone.is_some()), zone, kind)
    }
}

fn symbol(index: Option<usize>) -> Value {
    let symbol = index.and_then(|index| u32::try_from(index).ok());
    symbol.map_or(Value::Unknown, |index| Value::Symbol(Symbol(index)))
}
