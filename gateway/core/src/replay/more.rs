//! What a line may say beside where a subject was: the optional object `also`, and the facts that it makes known.
//!
//! Kept apart from what every line says, so that files without it cost what they did. Ages and staleness are those of the
//! live corridor. Before: line.rs. Next: crowd.rs.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use turnpage_journeys_engine::{ChoiceInfo, ChoiceIx, Library, PageIx, PickIn, SubjectIx};
use turnpage_journeys_expr::air::{self, Beside};
use turnpage_journeys_expr::{LocalTime, Symbol, Value};

use super::seen::Seen;
use crate::Timestamp;
use crate::admit::FactPayload;
use crate::company::Company;
use crate::enrich::facts::FEEDBACK_FRESH_MS;
use crate::id::{SubjectName, ZoneIx};
use crate::pipeline::ahead::{self, Ahead};
use crate::subject::{About, Known};
use crate::venue::Venue;
use crate::venue::schema::FactKind;

/// The object `also` of a line. What is not there stays as the subject's last line left it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Also {
    wind: Option<f64>,
    humidity: Option<f64>,
    light: Option<f64>,
    /// By name, for the whole venue.
    pub(super) signals: BTreeMap<String, f64>,
    party: Option<String>,
    channel: Option<String>,
    facts: BTreeMap<String, Option<FactPayload>>,
    /// The subject gave this score with this line.
    pub(super) score: Option<i64>,
    /// The subject picked this with this line.
    pub(super) pick: Option<Pick>,
}

/// A pick, as messages name it.
#[derive(Debug, Deserialize)]
pub(super) struct Pick {
    journey: String,
    page: String,
    pick: String,
}

/// What `also` made known.
pub(super) struct More<'a> {
    venue: &'a Venue,
    about: FxHashMap<SubjectIx, Air>,
    signals: Vec<Option<Known<f64>>>,
    company: Company,
    people: Vec<u32>,
    /// Where people go next, if a journey asks.
    ahead: Option<Ahead>,
}

/// What is known about one subject.
#[derive(Default)]
struct Air {
    about: About,
    /// Wind, humidity and light, as measured with the subject's lines.
    air: [Option<Known<f64>>; 3],
}

impl<'a> More<'a> {
    pub(super) fn new(venue: &'a Venue, next: bool) -> Self {
        Self {
            venue,
            about: FxHashMap::default(),
            signals: vec![None; venue.signals.len()],
            company: Company::new(0),
            people: Vec::new(),
            ahead: next.then(|| Ahead::new(venue)),
        }
    }

    /// Takes what a line says.
    pub(super) fn take(
        &mut self,
        subject: SubjectIx,
        name: &str,
        role: u32,
        at: Timestamp,
        also: &Also,
    ) -> Result<(), String> {
        let venue = self.venue;
        for (name, value) in &also.signals {
            let signal = venue.find_signal(name).ok_or_else(|| format!("unknown signal `{name}`"))?;
            if let Some(slot) = self.signals.get_mut(signal) {
                *slot = Some(Known { value: *value, at });
            }
        }
        let known = self.about.entry(subject).or_default();
        for (slot, value) in known.air.iter_mut().zip([also.wind, also.humidity, also.light]) {
            *slot = value.map(|value| Known { value, at }).or(*slot);
        }
        for (name, value) in &also.facts {
            let fact = venue.find_fact(name).ok_or_else(|| format!("unknown fact `{name}`"))?;
            let declared = venue.facts.get(fact).map(|declared| &declared.of);
            match value {
                None => drop(known.about.facts.remove(&fact)),
                Some(value) => {
                    let value = declared.and_then(|of| of.value(&value.value(), venue));
                    let value = value.ok_or_else(|| format!("`{name}` cannot have this value"))?;
                    known.about.facts.insert(fact, Known { value, at });
                }
            }
        }
        if let Some(channel) = &also.channel {
            let value = venue.find_channel(channel).ok_or_else(|| format!("unknown channel `{channel}`"))?;
            known.about.channel = Some(Known { value, at });
        }
        if let Some(score) = also.score {
            known.about.feedback = Some(Known { value: score, at });
        }
        if let Some(party) = &also.party {
            let member = SubjectName::new(name).ok_or_else(|| format!("`{name}` cannot be in a party"))?;
            let joined =
                SubjectName::of_party(party).ok_or_else(|| format!("`{party}` is no party's name"))?;
            if let Some(left) = known.about.party.replace(joined.clone()).filter(|left| *left != joined) {
                self.company.part(&left, &member);
            }
            self.company.join(&joined, &member, role as usize);
        }
        Ok(())
    }

    /// A subject came from one zone to another, by their numbers.
    pub(super) fn moved(&mut self, subject: SubjectIx, from: u32, to: u32, at: Timestamp, local: LocalTime) {
        let (from, to) = (from as usize, to as usize);
        if self.people.len() <= to {
            self.people.resize(to + 1, 0);
        }
        if let Some(people) = self.people.get_mut(from) {
            *people = people.saturating_sub(1);
        }
        if let Some(people) = self.people.get_mut(to) {
            *people += 1;
        }
        let zone = u16::try_from(to).ok().map(ZoneIx).filter(|zone| self.venue.zone(*zone).is_some());
        if let (Some(ahead), Some(_)) = (&mut self.ahead, zone) {
            let trail = self.about.entry(subject).or_default().about.trail.get_or_insert_default();
            ahead.learn(self.venue, trail, zone, ahead::at(at, local));
        }
    }

    /// One fact that a line alone does not say.
    pub(super) fn fact(
        &self,
        subject: SubjectIx,
        seen: &Seen,
        kind: FactKind,
        at: Timestamp,
        local: LocalTime,
    ) -> Value {
        let fresh = |known: Known<f64>, ms: i64| (at.0 - known.at.0 <= ms).then_some(known.value);
        let weather_ms = self.venue.weather_fresh_ms;
        let known = self.about.get(&subject);
        let air = |field: usize| known.and_then(|known| fresh((*known.air.get(field)?)?, weather_ms));
        let about = known.map(|known| &known.about);
        let said = |known: Option<Known<Value>>, ms: Option<i64>| {
            known.filter(|known| ms.is_none_or(|ms| at.0 - known.at.0 <= ms)).map(|known| known.value)
        };
        let value = match kind {
            FactKind::Wind => air(0).map(Value::Double),
            FactKind::Humidity => air(1).map(Value::Double),
            FactKind::Light => air(2).map(Value::Double),
            FactKind::FeelsLike => seen
                .temperature(at, weather_ms)
                .and_then(|temperature| {
                    air::feels_like(temperature, |beside| match beside {
                        Beside::Wind => air(0),
                        Beside::Humidity => air(1),
                    })
                })
                .map(Value::Double),
            FactKind::Condition => {
                let rain =
                    seen.rain(at, weather_ms).and_then(|rain| u32::try_from(air::condition(rain)).ok());
                rain.map(|condition| Value::Symbol(Symbol(condition)))
            }
            FactKind::Signal(signal) => {
                let fresh_ms = self.venue.signals.get(signal).map_or(0, |declared| declared.fresh_ms);
                let last = self.signals.get(signal).copied().flatten();
                last.and_then(|last| fresh(last, fresh_ms)).map(Value::Double)
            }
            FactKind::Count => self.people.get(seen.zone()).map(|people| Value::Int(i64::from(*people))),
            FactKind::Subject(fact) => {
                let fresh_ms = self.venue.facts.get(fact).and_then(|declared| declared.fresh_ms);
                said(about.and_then(|about| about.facts.get(&fact).copied()), fresh_ms)
            }
            FactKind::Score => {
                let score = about.and_then(|about| about.feedback);
                said(
                    score.map(|it| Known { value: Value::Int(it.value), at: it.at }),
                    Some(FEEDBACK_FRESH_MS),
                )
            }
            FactKind::Channel => {
                let channel = about.and_then(|about| u32::try_from(about.channel?.value).ok());
                channel.map(|channel| Value::Symbol(Symbol(channel)))
            }
            FactKind::PartySize => {
                let party = about.and_then(|about| about.party.as_ref());
                party
                    .and_then(|party| i64::try_from(self.company.members(party).count()).ok())
                    .map(Value::Int)
            }
            FactKind::PartyRoles => about.and_then(|about| about.party.as_ref()).map(|party| {
                let roles = self.company.roles(party).filter_map(|role| u32::try_from(role).ok());
                Value::set(roles.map(Symbol))
            }),
            FactKind::Next(kind) => {
                let trail = about.and_then(|about| about.trail.as_ref());
                self.ahead.as_ref().zip(trail).map(|(ahead, trail)| {
                    Value::Double(ahead.probability(self.venue, trail, kind, ahead::at(at, local)))
                })
            }
            _ => None,
        };
        value.unwrap_or_default()
    }
}

impl Pick {
    /// The choice that was picked.
    pub(super) fn find(&self, library: &Library) -> Result<PickIn, String> {
        let unknown = || format!("there is no pick `{}` on `{}` of `{}`", self.pick, self.page, self.journey);
        let journey = library.find(&self.journey).ok_or_else(unknown)?;
        let pages = library.journey(journey).map(|journey| journey.pages()).unwrap_or_default();
        let page = pages.iter().position(|page| page.name == self.page).ok_or_else(unknown)?;
        let is = |choice: &ChoiceInfo| choice.pick.as_deref() == Some(&*self.pick);
        let choice = pages.get(page).and_then(|page| page.choices.iter().position(is));
        let number = |at: usize| u16::try_from(at).map_err(|_| unknown());
        let choice = ChoiceIx(number(choice.ok_or_else(unknown)?)?);
        Ok(PickIn { journey, page: PageIx(number(page)?), choice })
    }
}
