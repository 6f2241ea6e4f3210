//! What a rule says, as it is declared: one key out of sighting, weather, signal, outcome, feedback and profile.
//!
//! ```yaml
//! sighting:                          # CEL throughout
//!   subject: payload.id              # becomes a pseudonym, as the source's `identity` says
//!   zone: zones[matched[0]]          # or point: { lon: .., lat: .., level: .. }
//!                                    # or receiver: matched[1] with heard: { dbm: payload.rssi, metres: payload.distance }
//!   role: payload.role               # may be left out, or be missing in a message
//!   present: payload.state == "home" # false: this observer no longer sees it; absent: true
//! weather: { zone: .., temperature: { celsius: payload.t }, humidity: { percent: payload.h } }   # rain, wind, light
//! signal: { name: '"parking"', value: { percent: payload.used } }
//! outcome: { subject: .., offer: payload.offer, outcome: payload.what, value: payload.total }    # the offer's id; accepted, declined, ..; what it brought
//! feedback: { subject: .., score: payload.stars, about: payload.topic }
//! profile: { subject: .., role: .., language: .., channel: .., facts: { tier: payload.tier } }
//! ```
//!
//! Next: back in declare.rs.

use turnpage_journeys_document::{Fields, Node};
use turnpage_journeys_expr::syntax::Shape;
use turnpage_journeys_expr::{Diagnostic, Span, Unit};

use super::{Names, Problems, one_of, term};
use crate::quantity::{Counts, MEASURES, Measure};
use crate::rule::{Air, Heard, Known, Quantity, Says, Sighted, Term, Where};

/// What a rule may say.
const SAYS: [&str; 6] = ["sighting", "weather", "signal", "outcome", "feedback", "profile"];

/// Reads the one thing that a rule says.
pub(super) fn read(
    rule: &mut Fields<'_>,
    names: &Names,
    signals: &mut Vec<(String, Counts, Span)>,
    problems: &mut Problems,
) -> Option<Says> {
    let said: Vec<(&str, &Node)> =
        SAYS.into_iter().filter_map(|key| Some((key, rule.optional(key, problems)?))).collect();
    let [(key, node)] = said.as_slice() else {
        let message = "a rule says one thing";
        let problem = Diagnostic::error("wrong-rule", rule.anchor(), message);
        problems.push(problem.with_help(format!("write one of: {}", SAYS.join(", "))));
        return None;
    };
    let fields = node.fields(problems)?;
    let mut reader = Reader { fields, names, problems };
    let says = match *key {
        "sighting" => reader.sighting().map(|it| Says::Sighting(Box::new(it))),
        "weather" => reader.weather().map(|it| Says::Weather(Box::new(it))),
        "signal" => reader.signal(signals),
        "outcome" => reader.outcome(),
        "feedback" => reader.feedback(),
        _ => reader.profile().map(|it| Says::Profile(Box::new(it))),
    };
    reader.fields.finish(reader.problems);
    says
}

/// The keys of what is said, while they are read.
struct Reader<'a, 'p> {
    fields: Fields<'a>,
    names: &'p Names,
    problems: &'p mut Problems,
}

impl Reader<'_, '_> {
    fn required(&mut self, key: &'static str, path: &'static str) -> Option<Term> {
        let node = self.fields.required(key, self.problems)?;
        term(node, path, self.names, self.problems)
    }

    fn optional(&mut self, key: &'static str, path: &'static str) -> Option<Term> {
        let node = self.fields.optional(key, self.problems)?;
        term(node, path, self.names, self.problems)
    }

    fn sighting(&mut self) -> Option<Sighted> {
        let subject = self.required("subject", "sighting.subject");
        let role = self.optional("role", "sighting.role");
        let present = self.optional("present", "sighting.present");
        let place = self.place(true);
        Some(Sighted { subject: subject?, role, place: place?, present })
    }

    fn weather(&mut self) -> Option<Air> {
        let place = self.place(false);
        let temperature = self.quantity("temperature", "weather.temperature", Unit::Celsius);
        let rain = self.quantity("rain", "weather.rain", Unit::MmPerHour);
        let wind = self.quantity("wind", "weather.wind", Unit::MetrePerSecond);
        let humidity = self.quantity("humidity", "weather.humidity", Unit::Percent);
        let light = self.quantity("light", "weather.light", Unit::Lux);
        Some(Air { place: place?, temperature, rain, wind, humidity, light })
    }

    fn signal(&mut self, signals: &mut Vec<(String, Counts, Span)>) -> Option<Says> {
        let place = self.fields.optional("name", self.problems).map(|node| node.span);
        let name = self.required("name", "signal.name");
        let node = self.fields.required("value", self.problems)?;
        let value = self.measured(node, "signal.value", |_| true);
        let (name, value) = (name?, value?);
        if let (Shape::Text(constant), Some(span)) = (&name.tree.shape, place) {
            signals.push((constant.clone(), value.measure.counts, span));
        }
        Some(Says::Signal { name, value })
    }

    fn outcome(&mut self) -> Option<Says> {
        let subject = self.required("subject", "outcome.subject");
        let offer = self.required("offer", "outcome.offer");
        let outcome = self.required("outcome", "outcome.outcome");
        let value = self.optional("value", "outcome.value");
        Some(Says::Outcome { subject: subject?, offer: offer?, outcome: outcome?, value })
    }

    fn feedback(&mut self) -> Option<Says> {
        let subject = self.required("subject", "feedback.subject");
        let score = self.required("score", "feedback.score");
        let about = self.optional("about", "feedback.about");
        Some(Says::Feedback { subject: subject?, score: score?, about })
    }

    fn profile(&mut self) -> Option<Known> {
        let subject = self.required("subject", "profile.subject");
        let role = self.optional("role", "profile.role");
        let language = self.optional("language", "profile.language");
        let channel = self.optional("channel", "profile.channel");
        let mut facts = Vec::new();
        let entries =
            self.fields.optional("facts", self.problems).and_then(|node| node.entries(self.problems));
        for entry in entries.unwrap_or_default() {
            if let Some(term) = term(&entry.value, "profile.facts", self.names, self.problems) {
                facts.push((entry.key.text().to_owned(), term));
            }
        }
        Some(Known { subject: subject?, role, language, channel, facts })
    }

    /// Where it was observed. Only subjects are heard by receivers.
    fn place(&mut self, subject: bool) -> Option<Where> {
        let keys: &[&'static str] = if subject { &["zone", "point", "receiver"] } else { &["zone", "point"] };
        let found: Vec<&'static str> = keys.iter().copied().filter(|key| self.fields.contains(key)).collect();
        let [key] = found.as_slice() else {
            let problem = Diagnostic::error("wrong-place", self.fields.anchor(), "it says one place");
            self.problems.push(problem.with_help(format!("write one of: {}", keys.join(", "))));
            keys.iter().chain(&["heard"]).for_each(|key| self.fields.ignore(key));
            return None;
        };
        match *key {
            "zone" => self.required("zone", "zone").map(Where::Zone),
            "point" => self.point(),
            _ => {
                let name = self.required("receiver", "sighting.receiver");
                let heard = self.heard();
                Some(Where::Receiver { name: name?, heard: heard? })
            }
        }
    }

    fn point(&mut self) -> Option<Where> {
        let fields = self.fields.required("point", self.problems)?.fields(self.problems)?;
        let mut inner = Reader { fields, names: self.names, problems: self.problems };
        let (lon, lat) = (inner.required("lon", "point.lon"), inner.required("lat", "point.lat"));
        let level = inner.optional("level", "point.level");
        inner.fields.finish(inner.problems);
        Some(Where::Point { lon: lon?, lat: lat?, level })
    }

    fn heard(&mut self) -> Option<Heard> {
        let node = self.fields.required("heard", self.problems)?;
        let fields = node.fields(self.problems)?;
        let mut inner = Reader { fields, names: self.names, problems: self.problems };
        let dbm = inner.optional("dbm", "heard.dbm");
        let at_one_metre = inner.optional("at_one_metre", "heard.at_one_metre");
        let metres = inner.optional("metres", "heard.metres");
        if !inner.fields.contains("dbm") && !inner.fields.contains("metres") {
            let message = "a receiver says `dbm`, `metres`, or both";
            inner.problems.push(Diagnostic::error("missing-key", node.span, message));
        }
        inner.fields.finish(inner.problems);
        Some(Heard { dbm: dbm.map(|dbm| (dbm, at_one_metre)), metres })
    }

    fn quantity(&mut self, key: &'static str, path: &'static str, unit: Unit) -> Option<Quantity> {
        let node = self.fields.optional(key, self.problems)?;
        self.measured(node, path, |counts| counts == Counts::Unit(unit))
    }

    /// `{ celsius: payload.t }`, in one of the units that are wanted here.
    fn measured(
        &mut self,
        node: &Node,
        path: &'static str,
        wanted: impl Fn(Counts) -> bool,
    ) -> Option<Quantity> {
        let words: Vec<(&'static str, Measure)> =
            MEASURES.into_iter().filter(|it| wanted(it.counts)).map(|it| (it.word, it)).collect();
        let (measure, node) = one_of(node, &words, "the unit", self.problems)?;
        let value = term(node, path, self.names, self.problems)?;
        Some(Quantity { measure, value })
    }
}
