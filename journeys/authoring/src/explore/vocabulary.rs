//! What can happen to a subject of one journey: zones, facts with values around the thresholds of guards, times.
//!
//! Taken from the texts of guards: a number that stands in a guard is a threshold of the facts that guard names, and
//! values on both sides of it flip the guard. Before: `law`. Next: `walk`, which picks from it.

use std::collections::{BTreeMap, BTreeSet};

use turnpage_journeys_engine::Definition;
use turnpage_journeys_expr::{Schema, Type, Value};

use super::property::{Law, Properties};
use crate::play::calendar::date_of;
use crate::play::value::{UNKNOWN, duration};
use crate::play::{GivenValue, Stage};

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
        ["weather.", "signal.", "place.queue"].iter().any(|prefix| self.path.starts_with(prefix))
    }
}

/// A Saturday in summer: far from any change of clocks.
pub(super) const DAY: &str = "2026-07-18";

impl Vocabulary {
    /// What journeys and properties ask about, on a stage.
    pub(super) fn of(definitions: &[&Definition], properties: &Properties, stage: &Stage) -> Vocabulary {
        let texts = texts(definitions, properties);
        let literals: Vec<(&str, Literals)> =
            texts.iter().map(|text| (text.as_str(), Literals::of(text))).collect();
        let read: Vec<(&str, Type)> = (stage.schema.facts())
            .filter(|(_, fact)| texts.iter().any(|text| names(text, &fact.path)))
            .map(|(_, fact)| (fact.path.as_str(), fact.ty))
            .collect();
        let changing = read.iter().filter(|(path, _)| changes(path)).map(|(path, ty)| Changing {
            path: (*path).to_owned(),
            values: values(&stage.schema, path, *ty, &literals),
        });
        let mut vocabulary = Vocabulary {
            zones: zones(stage, &read),
            facts: changing.filter(|fact| fact.values.len() > 1).collect(),
            feedback: texts.iter().any(|text| text.contains("feedback"))
                || definitions.iter().any(|definition| asks_feedback(definition)),
            ..Vocabulary::default()
        };
        let (mut clocks, mut lengths, mut days) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for (text, literals) in &literals {
            clocks.extend(&literals.clocks);
            if text.contains("time.hour") {
                let hours = literals.numbers.iter().filter(|hour| (0.0..24.0).contains(*hour));
                clocks.extend(hours.map(|hour| (*hour * 3_600_000.0) as u32));
            }
            lengths.extend(&literals.lengths);
            days.extend(&literals.days);
            if text.contains("time.weekday") {
                days.extend(date_of(DAY).into_iter().flat_map(|day| day..day + 7));
            }
        }
        for choice in
            definitions.iter().flat_map(|definition| &definition.pages).flat_map(|page| &page.choices)
        {
            clocks.extend(choice.at_ms.as_ref().map(|at| at.value));
        }
        (vocabulary.clocks, vocabulary.lengths, vocabulary.days) =
            (clocks.into_iter().collect(), lengths.into_iter().collect(), days.into_iter().collect());
        vocabulary
    }
}

/// Every text that facts are read in.
fn texts(definitions: &[&Definition], properties: &Properties) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for definition in definitions {
        let pages = &definition.pages;
        let choices = || pages.iter().flat_map(|page| &page.choices);
        let entries = pages.iter().flat_map(|page| &page.enter).filter_map(|entry| entry.when.as_ref());
        let ways = pages.iter().flat_map(|page| page.way.iter().chain(&page.breach));
        let guards = choices().filter_map(|choice| choice.when.as_ref());
        let all = definition.admit.iter().chain(entries).chain(ways).chain(guards);
        texts.extend(all.map(|text| text.value.clone()));
        texts.extend(choices().flat_map(|choice| &choice.set).map(|(_, value)| value.value.clone()));
        if let Some(intent) = &definition.intent {
            let goal = &intent.goal.value;
            texts.push(format!("next(\"{goal}\") >= {}", intent.likely));
            texts.push(format!("place.kind == \"{goal}\""));
        }
    }
    for property in &properties.properties {
        if let Law::Always(guard) | Law::Never(guard) = &property.law {
            texts.push(guard.value.clone());
        }
    }
    texts
}

fn asks_feedback(definition: &Definition) -> bool {
    let choices = definition.pages.iter().flat_map(|page| &page.choices);
    let mut on = choices.filter_map(|choice| choice.on.as_ref());
    on.any(|on| on.value == turnpage_journeys_engine::On::Feedback)
}

/// Whether a guard names a fact: by its path, or as `nearest("food")`, `signal["parking"]`.
fn names(text: &str, path: &str) -> bool {
    let called = |(family, name): (&str, &str)| {
        [('(', ')'), ('[', ']')].iter().any(|(open, close)| {
            text.contains(&format!("{family}{open}\"{name}\"{close}"))
                || text.contains(&format!("{family}{open}'{name}'{close}"))
        })
    };
    text.contains(path) || path.split_once('.').is_some_and(called)
}

/// Whether a fact is given by what happens, and does not follow from the zone or the clock.
fn changes(path: &str) -> bool {
    let follows = ["place.", "nearest.", "distance.", "time.", "feedback."];
    ["place.queue", "place.count"].contains(&path) || !follows.iter().any(|prefix| path.starts_with(prefix))
}

/// Zones by everything guards see of them.
fn zones(stage: &Stage, read: &[(&str, Type)]) -> Vec<Vec<String>> {
    let by_name = read.iter().any(|(path, _)| *path == "place.zone");
    let mut classes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for zone in &stage.zones {
        let seen = zone.facts.iter().filter(|(path, _)| read.iter().any(|(known, _)| known == path));
        let mut class = format!("{:?}", seen.collect::<Vec<_>>());
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

/// What a fact can be: around every number of the guards that name it, every member of its domain.
fn values(schema: &Schema, path: &str, of: Type, literals: &[(&str, Literals)]) -> Vec<GivenValue> {
    let own = || literals.iter().filter(|(text, _)| names(text, path)).map(|(_, literals)| literals);
    let numbers = || own().flat_map(|literals| literals.numbers.iter().copied());
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
            let lengths = own().flat_map(|literals| &literals.lengths);
            lengths.flat_map(|ms| [ms - 1_000, *ms, ms + 1_000]).map(duration).collect()
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

/// The constants of one guard.
#[derive(Debug, Clone, Default, PartialEq)]
struct Literals {
    numbers: Vec<f64>,
    clocks: Vec<u32>,
    lengths: Vec<i64>,
    days: Vec<i32>,
}

impl Literals {
    /// Reads words of a guard: the guard is sound, so that nothing else looks like these.
    fn of(text: &str) -> Literals {
        let mut literals = Literals::default();
        let apart = |c: char| !(c.is_ascii_alphanumeric() || ".:_-".contains(c));
        for word in text.split(apart).filter(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
            if let Some(at) = crate::play::calendar::wall_time(word, Some(0)) {
                literals.clocks.push(at.ms);
            } else if let Some(day) = date_of(word) {
                literals.days.push(day);
            } else if let Ok(number) = word.parse::<f64>() {
                literals.numbers.push(number);
            } else if let Some(ms) = turnpage_journeys_document::parse_duration(word) {
                literals.lengths.push(ms);
            }
        }
        literals
    }
}

#[cfg(test)]
mod tests {
    use super::{Literals, names};

    #[test]
    fn constants_of_guards_are_found() {
        let literals = Literals::of("time.between(\"11:15\", \"14:00\") && place.queue >= 45 && x > 0.5");
        assert_eq!(literals.clocks, [40_500_000, 50_400_000]);
        assert_eq!(literals.numbers, [45.0, 0.5]);
        let literals = Literals::of("place.dwell > 20m || time.date == \"2026-12-24\" || rides==4");
        assert_eq!(literals.lengths, [1_200_000]);
        assert_eq!(literals.days, [20_811]);
        assert_eq!(literals.numbers, [4.0]);
    }

    #[test]
    fn facts_are_named_by_path_and_by_key() {
        assert!(names("weather.rain > 0.5", "weather.rain"));
        assert!(names("signal[\"parking\"] > 90", "signal.parking"));
        assert!(names("distance('food') < 50", "distance.food"));
        assert!(!names("distance('food') < 50", "distance.ride"));
    }
}
