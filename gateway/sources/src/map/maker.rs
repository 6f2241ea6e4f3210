//! What one rule makes of one message: its events, that it does not apply, or what is wrong.
//!
//! Every value is read through here, so that what is missing and what is wrong are told apart in one place. Before: map.rs.
//! Next: back in map.rs.

use serde_json::Value as Json;
use turnpage_gateway_core::{
    ContextEvent, FactValue, Heard, OfferId, Outcome, Place, Presence, Profile, ReceiverName, Reception,
    Said, Sighting, SubjectName, TimeQuality, Timestamp, Weather, What, ZoneName,
};

use super::{Applied, EVENTS_MAX, Trouble, TroubleKind};
use crate::Source;
use crate::eval::{Fault, FaultKind, Scope, Value, short, unexpected};
use crate::quantity::Counts;
use crate::rule::{Air, Known, Quantity, Rule, Says, Sighted, Term, Where};

/// Makes the events of one rule.
pub(super) struct Maker<'m, 's> {
    pub(super) source: &'s Source,
    pub(super) scope: &'m mut Scope<'s>,
    pub(super) now: Timestamp,
    /// The rule's, from 1.
    pub(super) number: usize,
}

impl<'s> Maker<'_, 's> {
    pub(super) fn rule(&mut self, rule: &'s Rule, room: usize) -> Result<Applied, Trouble> {
        let Some(each) = &rule.each else {
            return self.one(rule).map(|made| match made {
                Ok(event) => Applied::Said(vec![event]),
                Err(fault) => Applied::Not(fault),
            });
        };
        let list = match self.known(each)? {
            Ok(list) => list.into_owned(),
            Err(fault) => return Ok(Applied::Not(Some(fault))),
        };
        let Json::Array(items) = list else {
            return Err(self.trouble(each, unexpected("a list", &list, each.tree.span)));
        };
        let (mut said, mut last) = (Vec::new(), None);
        for item in items {
            self.scope.names.push(("item", Value::Owned(item)));
            let made = self.one(rule);
            self.scope.names.pop();
            match made? {
                Ok(_) if said.len() == room => {
                    let message = format!("the message says more than {EVENTS_MAX} things");
                    let fault = Fault { kind: FaultKind::Budget, span: each.tree.span, message };
                    return Err(self.trouble(each, fault));
                }
                Ok(event) => said.push(event),
                Err(fault) => last = fault,
            }
        }
        Ok(if said.is_empty() { Applied::Not(last) } else { Applied::Said(said) })
    }

    /// One application of a rule: an event, or why it does not apply.
    fn one(&mut self, rule: &'s Rule) -> Result<Result<ContextEvent, Option<Fault>>, Trouble> {
        if let Some(when) = &rule.when {
            match self.scope.truth(&when.tree) {
                Ok(true) => {}
                Ok(false) => return Ok(Err(None)),
                Err(fault) if fault.kind == FaultKind::Budget => return Err(self.trouble(when, fault)),
                Err(fault) => return Ok(Err(Some(fault))),
            }
        }
        let (at, quality) = self.at(rule)?;
        let what = match &rule.says {
            Says::Sighting(sighted) => self.sighting(sighted, at)?,
            Says::Weather(air) => match self.weather(air)? {
                Some(weather) => weather,
                None => return Ok(Err(None)),
            },
            Says::Signal { name, value } => self.signal(name, value)?,
            Says::Outcome { subject, offer, outcome, value } => {
                let subject = self.subject(subject, at)?;
                let offer = self.word(offer, "an offer's id", OfferId::from_hex)?;
                let said = self.word(outcome, "an outcome", outcome_of)?;
                let value = self.optional(value.as_ref(), Self::number)?;
                What::answered(subject, offer, said, value).ok_or_else(|| {
                    let message =
                        "only what was accepted has a value, and it is an amount of money".to_owned();
                    self.trouble(outcome, Fault::wrong(outcome.tree.span, message))
                })?
            }
            Says::Feedback { subject, score, about } => What::Feedback {
                subject: self.subject(subject, at)?,
                score: self.whole(score)?,
                about: self.optional(about.as_ref(), |maker, term| maker.text(term))?,
            },
            Says::Profile(known) => self.profile(known, at)?,
        };
        Ok(Ok(ContextEvent { at, quality, what }))
    }

    /// When it was observed. Who says no time is given the gateway's.
    fn at(&mut self, rule: &'s Rule) -> Result<(Timestamp, TimeQuality), Trouble> {
        let unknown = (self.now, TimeQuality::Unknown);
        let Some((clock, term)) = &rule.at else { return Ok(unknown) };
        match self.known(term)? {
            Err(_) => Ok(unknown),
            Ok(value) => match clock.read(&value) {
                Some(at) => Ok((at, TimeQuality::Synced)),
                None => Err(self.trouble(term, unexpected("a time", &value, term.tree.span))),
            },
        }
    }

    fn sighting(&mut self, sighted: &'s Sighted, at: Timestamp) -> Result<What, Trouble> {
        let subject = self.subject(&sighted.subject, at)?;
        let role = self.optional(sighted.role.as_ref(), |maker, term| maker.text(term))?;
        let role = role.or_else(|| self.source.role.clone());
        let present = self.optional(sighted.present.as_ref(), |maker, term| {
            maker.scope.truth(&term.tree).map_err(|fault| maker.trouble(term, fault))
        })?;
        let place = match &sighted.place {
            Where::Receiver { name, heard } => {
                let receiver = self.word(name, "a receiver's name", ReceiverName::new)?;
                // Who is no longer heard says nothing: the filter knows silence.
                let heard = self.heard(heard)?;
                return Ok(What::Reception(Reception { subject, role, receiver, heard }));
            }
            other => self.place(other)?,
        };
        let presence = if present == Some(false) { Presence::Left } else { Presence::Seen };
        Ok(What::Sighting(Sighting { subject, role, place, presence }))
    }

    fn heard(&mut self, heard: &'s crate::rule::Heard) -> Result<Heard, Trouble> {
        if let Some((dbm, at_one_metre)) = &heard.dbm
            && let Some(dbm) = self.optional(Some(dbm), Self::number)?
        {
            let at_one_metre = self.optional(at_one_metre.as_ref(), Self::number)?;
            return Ok(Heard::Dbm { dbm, at_one_metre });
        }
        match (&heard.metres, &heard.dbm) {
            (Some(metres), _) => self.number(metres).map(Heard::Metres),
            (None, Some((dbm, _))) => self.number(dbm).map(|dbm| Heard::Dbm { dbm, at_one_metre: None }),
            (None, None) => Ok(Heard::Metres(f64::NAN)),
        }
    }

    fn place(&mut self, place: &'s Where) -> Result<Place, Trouble> {
        match place {
            Where::Zone(zone) => self.word(zone, "a zone", ZoneName::new).map(Place::Zone),
            Where::Point { lon, lat, level } => {
                let mut degrees = |term: &'s Term, max: f64| {
                    let value = self.number(term)?;
                    // A number of a few letters can be one of three hundred digits.
                    let said = value.to_string();
                    let out = || format!("`{}` is not between -{max} and {max} degrees", short(&said));
                    let wrong = |_| self.trouble(term, Fault::wrong(term.tree.span, out()));
                    (value.abs() <= max).then_some(value).ok_or(()).map_err(wrong)
                };
                let (lon, lat) = (degrees(lon, 180.0)?, degrees(lat, 90.0)?);
                let level = self.optional(level.as_ref(), |maker, term| {
                    let level = maker.whole(term)?;
                    let out = |_| maker.trouble(term, Fault::wrong(term.tree.span, "no building is so high"));
                    i16::try_from(level).map_err(out)
                })?;
                Ok(Place::Point { lon, lat, level })
            }
            // Read where it is a sighting's; a declaration has it nowhere else.
            Where::Receiver { name, .. } => {
                Err(self.trouble(name, Fault::wrong(name.tree.span, "a receiver is no place")))
            }
        }
    }

    fn weather(&mut self, air: &'s Air) -> Result<Option<What>, Trouble> {
        let mut measured = |quantity: &'s Option<Quantity>| {
            let Some(quantity) = quantity else { return Ok(None) };
            self.optional(Some(&quantity.value), |maker, _| maker.quantity(quantity))
        };
        let reading = Weather {
            temperature: measured(&air.temperature)?,
            rain: measured(&air.rain)?,
            wind: measured(&air.wind)?,
            humidity: measured(&air.humidity)?,
            light: measured(&air.light)?,
        };
        if reading == Weather::default() {
            return Ok(None);
        }
        Ok(Some(What::Weather { place: self.place(&air.place)?, reading }))
    }

    fn signal(&mut self, name: &'s Term, value: &'s Quantity) -> Result<What, Trouble> {
        let text = self.text(name)?;
        let venue = &self.source.venue;
        let declared = venue.find_signal(&text).and_then(|at| venue.signals.get(at));
        // A signal that the venue does not have is admission's business, like for any other door.
        if let Some(signal) = declared
            && !value.measure.counts.fits(signal.unit)
        {
            let message = format!("the venue's signal `{text}` is not in `{}`", value.measure.word);
            return Err(self.trouble(&value.value, Fault::wrong(value.value.tree.span, message)));
        }
        Ok(What::Signal { name: text, value: self.quantity(value)? })
    }

    fn profile(&mut self, known: &'s Known, at: Timestamp) -> Result<What, Trouble> {
        let subject = self.subject(&known.subject, at)?;
        let role = self.optional(known.role.as_ref(), |maker, term| maker.text(term))?;
        let mut said = |term: &'s Option<Term>| {
            let text = self.optional(term.as_ref(), |maker, term| maker.text(term))?;
            Ok(text.map_or(Said::Nothing, Said::Is))
        };
        let (language, channel) = (said(&known.language)?, said(&known.channel)?);
        let mut facts = Vec::new();
        for (name, term) in &known.facts {
            let value = match self.known(term)? {
                Err(_) => continue,
                Ok(value) => fact(&value).ok_or_else(|| {
                    self.trouble(term, unexpected("a truth, a number or text", &value, term.tree.span))
                })?,
            };
            facts.push((name.clone(), Some(value)));
        }
        let profile = Profile { role, language, channel, facts, ..Profile::default() };
        Ok(What::Profile { subject, profile })
    }

    fn subject(&mut self, term: &'s Term, at: Timestamp) -> Result<SubjectName, Trouble> {
        let id = self.text(term)?;
        self.source.subject(&id, at).ok_or_else(|| {
            // Not the id itself: it may be a person's.
            let message = "this id is no pseudonym: 1 to 32 letters, digits, `_`, `.` or `-`";
            self.trouble(term, Fault::wrong(term.tree.span, message))
        })
    }

    /// A number in the venue's unit.
    fn quantity(&mut self, quantity: &'s Quantity) -> Result<f64, Trouble> {
        let term = &quantity.value;
        let value = self.required(term)?;
        let number = match value.as_ref() {
            Json::Bool(truth) if !matches!(quantity.measure.counts, Counts::Unit(_)) => {
                Some(f64::from(u8::from(*truth)))
            }
            value => value.as_f64(),
        };
        let converted = number.and_then(|number| quantity.measure.convert(number));
        converted.ok_or_else(|| self.trouble(term, unexpected("a number", &value, term.tree.span)))
    }

    fn number(&mut self, term: &'s Term) -> Result<f64, Trouble> {
        self.scope.number(&term.tree).map_err(|fault| self.trouble(term, fault))
    }

    fn whole(&mut self, term: &'s Term) -> Result<i64, Trouble> {
        let number = self.number(term)?;
        // Within the bound a float holds every whole number.
        if number.fract() == 0.0 && number.abs() < 9.0e15 {
            return Ok(number as i64);
        }
        let message = format!("expected a whole number, found `{number}`");
        Err(self.trouble(term, Fault::wrong(term.tree.span, message)))
    }

    fn text(&mut self, term: &'s Term) -> Result<String, Trouble> {
        let text = self.scope.text(&term.tree).map_err(|fault| self.trouble(term, fault))?;
        Ok(text.into_owned())
    }

    /// A text that is one of something.
    fn word<T>(
        &mut self,
        term: &'s Term,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Trouble> {
        let text = self.text(term)?;
        read(&text).ok_or_else(|| {
            let message = format!("`{}` is not {what}", short(&text));
            self.trouble(term, Fault::wrong(term.tree.span, message))
        })
    }

    /// What may be missing: `None` when it is not declared, or when the message does not say it.
    fn optional<T>(
        &mut self,
        term: Option<&'s Term>,
        read: impl FnOnce(&mut Self, &'s Term) -> Result<T, Trouble>,
    ) -> Result<Option<T>, Trouble> {
        let Some(term) = term else { return Ok(None) };
        match read(self, term) {
            Ok(value) => Ok(Some(value)),
            Err(trouble) if trouble.kind == TroubleKind::Missing => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    fn required(&mut self, term: &'s Term) -> Result<Value<'s>, Trouble> {
        self.known(term)?.map_err(|fault| self.trouble(term, fault))
    }

    /// A value, or what is missing.
    fn known(&mut self, term: &'s Term) -> Result<Result<Value<'s>, Fault>, Trouble> {
        match self.scope.eval(&term.tree) {
            Ok(value) => Ok(Ok(value)),
            Err(fault) if fault.kind == FaultKind::Missing => Ok(Err(fault)),
            Err(fault) => Err(self.trouble(term, fault)),
        }
    }

    fn trouble(&self, term: &Term, fault: Fault) -> Trouble {
        let kind = match fault.kind {
            FaultKind::Missing => TroubleKind::Missing,
            FaultKind::Wrong => TroubleKind::Wrong,
            FaultKind::Budget => TroubleKind::Excessive,
        };
        Trouble {
            kind,
            rule: self.number,
            path: term.path,
            text: term.text.clone(),
            span: fault.span,
            message: fault.message,
        }
    }
}

/// Outcomes that others may report; only `plan` withholds.
fn outcome_of(word: &str) -> Option<Outcome> {
    let known = Outcome::ALL.into_iter().filter(|outcome| *outcome != Outcome::Withheld);
    known.into_iter().find(|outcome| outcome.name() == word)
}

fn fact(value: &Json) -> Option<FactValue> {
    match value {
        Json::Bool(truth) => Some(FactValue::Bool(*truth)),
        // Every number of the language is a double; a whole one is what a venue declares as `int`.
        Json::Number(number) => {
            let number = number.as_f64()?;
            let whole = number.fract() == 0.0 && number.abs() < 9.0e15;
            Some(if whole { FactValue::Int(number as i64) } else { FactValue::Number(number) })
        }
        Json::String(text) => Some(FactValue::Text(text.clone())),
        _ => None,
    }
}
