//! What can happen to a subject of one journey: zones, facts with values around the thresholds of guards, times.
//!
//! Taken from guards as they were compiled: what a fact is compared with is a threshold, and values on both sides of it flip
//! the guard. Before: `law`. Next: `walk`, which picks from it.

use std::collections::{BTreeMap, BTreeSet};

use turnpage_journeys_document::write_duration;
use turnpage_journeys_engine::{Definition, SubjectKind};
use turnpage_journeys_expr::air;
use turnpage_journeys_expr::{Expression, Schema, Slot, Threshold, Type, Value};

use crate::play::calendar::date_of;
use crate::play::derived::DERIVED;
use crate::play::value::UNKNOWN;
use crate::play::{GivenValue, Stage, StageZone};

/// The fact that a zone's own signal measures, where it has one.
const QUEUE: &str = "place.queue";
/// Values of one fact: a guard that compares it with more constants is generated.
const VALUES_MAX: usize = 24;
/// Zones that are alike in all that guards read: two, so that a subject can go from one to the other.
const ALIKE_MAX: usize = 2;

/// Everything that can happen.
#[derive(Debug, Clone, Default)]
pub(super) struct Vocabulary {
    /// Zones by what guards see of them.
    pub(super) zones: Vec<Vec<String>>,
    /// Facts that guards read and that change by themselves.
    pub(super) facts: Vec<Changing>,
    /// Times of day that something depends on, in milliseconds since midnight.
    pub(super) clocks: Vec<u32>,
    /// Lengths of time that something depends on, in milliseconds.
    pub(super) lengths: Vec<i64>,
    /// Days that something depends on; empty when any day will do.
    pub(super) days: Vec<i32>,
    /// Whether any guard asks for feedback.
    pub(super) feedback: bool,
    /// Whether the subject is a zone, which knows at once what who comes makes of it: `place.count`.
    pub(super) of_zone: bool,
}

/// A fact and what it can be.
#[derive(Debug, Clone)]
pub(super) struct Changing {
    pub(super) path: String,
    /// The last is that it is unknown.
    pub(super) values: Vec<GivenValue>,
}

impl Changing {
    /// Whether it changes without anybody being seen.
    pub(super) fn by_itself(&self) -> bool {
        ["weather.", "signal.", QUEUE].iter().any(|prefix| self.path.starts_with(prefix))
    }
}

/// A Saturday in summer: far from any change of clocks.
pub(super) const DAY: &str = "2026-07-18";

impl Vocabulary {
    /// Facts that come with whoever comes to a zone.
    pub(super) fn of_coming(&self) -> impl Iterator<Item = &Changing> {
        self.facts.iter().filter(|fact| self.of_zone && fact.path.starts_with("place."))
    }

    /// What journeys and properties ask about, on a stage.
    pub(super) fn of(definitions: &[&Definition], expressions: &[Expression], stage: &Stage) -> Vocabulary {
        let mut asked = Asked::default();
        expressions.iter().for_each(|expression| asked.add(expression));
        asked.behind(stage);
        for definition in definitions {
            asked.intent(definition, &stage.schema);
            let choices = definition.pages.iter().flat_map(|page| &page.choices);
            asked.clocks.extend(choices.filter_map(|choice| choice.at_ms.as_ref()).map(|at| at.value));
        }
        let zones = zones(stage, &asked.read(&stage.schema));
        let measured = asked.queues(stage, &zones);
        let mut read = asked.read(&stage.schema);
        // What a signal says of it comes with that signal.
        read.retain(|(_, path, _)| *path != QUEUE || !measured);
        let changing = read.iter().filter(|(_, path, _)| changes(path)).map(|(slot, path, ty)| Changing {
            path: (*path).to_owned(),
            values: values(&stage.schema, *ty, &asked.values(*slot)),
        });
        Vocabulary {
            zones,
            facts: changing.filter(|fact| fact.values.len() > 1).collect(),
            feedback: read.iter().any(|(_, path, _)| *path == "feedback.score")
                || definitions.iter().any(|definition| asks_feedback(definition)),
            of_zone: definitions.iter().any(|definition| definition.subject.value == SubjectKind::Zone),
            clocks: asked.clocks.into_iter().collect(),
            lengths: asked.lengths.into_iter().collect(),
            days: asked.days.into_iter().collect(),
        }
    }
}

/// What expressions read, and the constants that decide them.
#[derive(Default)]
struct Asked {
    reads: Vec<Slot>,
    compared: Vec<(Slot, Value)>,
    clocks: BTreeSet<u32>,
    lengths: BTreeSet<i64>,
    days: BTreeSet<i32>,
}

impl Asked {
    fn add(&mut self, expression: &Expression) {
        self.reads.extend(expression.reads());
        for threshold in expression.thresholds() {
            match threshold {
                Threshold::Fact(slot, value) => self.compared.push((slot, value)),
                Threshold::Clock(ms) => drop(self.clocks.insert(ms)),
                Threshold::Date(day) => drop(self.days.insert(day)),
                // A week from the usual day has each of them.
                Threshold::Weekday => {
                    self.days.extend(date_of(DAY).into_iter().flat_map(|day| day..day + 7));
                }
                Threshold::Length(ms) => drop(self.lengths.insert(ms)),
            }
        }
    }

    /// What facts that follow from others are made of changes in their place.
    fn behind(&mut self, stage: &Stage) {
        let schema = &stage.schema;
        let slot = |path: &str| schema.slot(path);
        let read = |asked: &Self, path: &str| slot(path).filter(|slot| asked.reads.contains(slot));
        if read(self, "segments").is_some() {
            stage.segments.iter().for_each(|guard| self.add(guard));
        }
        if read(self, "weather.condition").is_some() {
            self.asks(slot("weather.rain"), air::CONDITIONS_FROM.map(Value::Double));
        }
        if let Some(felt) = read(self, "weather.feels_like") {
            let thresholds = self.values(felt);
            self.asks(slot("weather.temperature"), thresholds);
            // Calm and windy, dry and damp.
            self.asks(slot("weather.wind"), [1.0, 10.0].map(Value::Double));
            self.asks(slot("weather.humidity"), [30.0, 90.0].map(Value::Double));
        }
    }

    /// Asks the signals that measure the queues of zones, where guards read a queue; whether there are such.
    fn queues(&mut self, stage: &Stage, zones: &[Vec<String>]) -> bool {
        let Some(queue) = stage.schema.slot(QUEUE).filter(|slot| self.reads.contains(slot)) else {
            return false;
        };
        let lengths = self.values(queue);
        let walked = |zone: &&StageZone| zones.iter().flatten().any(|name| *name == zone.name);
        let signals: Vec<&str> =
            stage.zones.iter().filter(walked).filter_map(|zone| zone.queue.as_deref()).collect();
        for signal in &signals {
            self.asks(stage.schema.slot(signal), lengths.iter().copied());
        }
        !signals.is_empty()
    }

    /// The facts that are read, with their paths and types.
    fn read<'a>(&self, schema: &'a Schema) -> Vec<(Slot, &'a str, Type)> {
        let read = schema.facts().filter(|(slot, _)| self.reads.contains(slot));
        read.map(|(slot, fact)| (slot, fact.path.as_str(), fact.ty)).collect()
    }

    fn asks(&mut self, slot: Option<Slot>, compared: impl IntoIterator<Item = Value>) {
        let Some(slot) = slot else { return };
        self.reads.push(slot);
        self.compared.extend(compared.into_iter().map(|value| (slot, value)));
    }

    /// What a journey of intent waits for is no guard.
    fn intent(&mut self, definition: &Definition, schema: &Schema) {
        let Some(intent) = &definition.intent else { return };
        self.reads.extend(schema.slot("place.kind"));
        if let Some(next) = schema.slot(&format!("next.{}", intent.goal.value)) {
            self.reads.push(next);
            self.compared.push((next, Value::Double(intent.likely)));
        }
    }

    fn values(&self, slot: Slot) -> Vec<Value> {
        self.compared.iter().filter(|(known, _)| *known == slot).map(|(_, value)| *value).collect()
    }
}

fn asks_feedback(definition: &Definition) -> bool {
    let choices = definition.pages.iter().flat_map(|page| &page.choices);
    let mut on = choices.filter_map(|choice| choice.on.as_ref());
    on.any(|on| on.value == turnpage_journeys_engine::On::Feedback)
}

/// Whether a fact is given by what happens, and does not follow from the zone or the clock.
fn changes(path: &str) -> bool {
    if DERIVED.contains(&path) {
        return false;
    }
    let follows = ["place.", "nearest.", "distance.", "time.", "feedback."];
    [QUEUE, "place.count"].contains(&path) || !follows.iter().any(|prefix| path.starts_with(prefix))
}

/// Zones by everything guards see of them.
fn zones(stage: &Stage, read: &[(Slot, &str, Type)]) -> Vec<Vec<String>> {
    let reads = |asked: &str| read.iter().any(|(_, path, _)| *path == asked);
    let (by_name, by_queue) = (reads("place.zone"), reads(QUEUE));
    let mut classes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for zone in &stage.zones {
        let seen = zone.facts.iter().filter(|(path, _)| read.iter().any(|(_, known, _)| known == path));
        let measured = by_queue && zone.queue.is_some();
        let mut class = format!("{measured} {:?}", seen.collect::<Vec<_>>());
        if by_name {
            class.push_str(&zone.name);
        }
        let alike = classes.entry(class).or_default();
        if alike.len() < ALIKE_MAX {
            alike.push(zone.name.clone());
        }
    }
    classes.into_values().collect()
}

/// What a fact can be: around every number it is compared with, every member of its domain.
fn values(schema: &Schema, of: Type, compared: &[Value]) -> Vec<GivenValue> {
    let numbers = || {
        compared.iter().filter_map(|value| match *value {
            Value::Int(number) => Some(number as f64),
            Value::Double(number) => Some(number),
            _ => None,
        })
    };
    let mut words: Vec<String> = match of {
        Type::Bool => ["false", "true"].map(str::to_owned).to_vec(),
        Type::Symbol(domain) => schema.members(domain).map(str::to_owned).collect(),
        Type::Int => {
            let around = numbers().map(|number| number as i64).flat_map(|n| [n - 1, n, n + 1]);
            around.map(|n| n.to_string()).collect()
        }
        Type::Double | Type::Quantity(_) => {
            let around = numbers().flat_map(around).filter(|n| of != Type::Double || (0.0..=1.0).contains(n));
            around.map(|n| n.to_string()).collect()
        }
        Type::Duration => {
            let lengths = compared.iter().filter_map(|value| match *value {
                Value::Duration(ms) => Some(ms),
                _ => None,
            });
            lengths.flat_map(|ms| [ms - 1_000, ms, ms + 1_000]).map(write_duration).collect()
        }
        _ => Vec::new(),
    };
    let mut seen = BTreeSet::new();
    words.retain(|word| seen.insert(word.clone()));
    words.truncate(VALUES_MAX);
    let mut values: Vec<GivenValue> = words.into_iter().map(GivenValue::One).collect();
    if let Type::Set(domain) = of {
        let sets = schema.members(domain).take(VALUES_MAX).map(|member| vec![member.to_owned()]);
        values.extend(std::iter::once(Vec::new()).chain(sets).map(GivenValue::Set));
    }
    values.push(GivenValue::One(UNKNOWN.to_owned()));
    // A value that cannot be read back is none.
    values.retain(|given| {
        let value = crate::play::value::value(schema, of, given);
        value.is_some_and(Value::is_known) || *given == GivenValue::One(UNKNOWN.to_owned())
    });
    values
}

/// A little less, the number, a little more: a tenth for numbers with a fraction, one for whole ones.
fn around(number: f64) -> [f64; 3] {
    let step = if number.fract() == 0.0 { 1.0 } else { 0.1 };
    let tidy = |n: f64| (n * 1e6).round() / 1e6;
    [tidy(number - step), number, tidy(number + step)]
}
