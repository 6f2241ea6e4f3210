//! What a venue declares about its subjects: facts that may be said about them, and what kind of subject a role is.
//!
//! Reads its parts of `venue.yaml` and converts values between messages and guards. It knows no subject. Before: read.rs.
//! Next: schema.rs, which makes slots of it.

use turnpage_journeys_document::{Entry, Node, parse_duration};
use turnpage_journeys_engine::SubjectKind;
use turnpage_journeys_expr::{Diagnostic, Expression, SET_MAX, Scope, Symbol, Type, Unit, Value};

use super::Venue;
use super::parts::Names;
use crate::event::FactValue;

/// Facts of one venue: each subject may hold all of them.
const FACTS_MAX: usize = 64;
/// Words of one fact.
const VALUES_MAX: usize = 256;
/// The key among facts that says how long all others stay fresh; no fact can have this name.
const FRESH: &str = "fresh";
/// Whole numbers that a double holds exactly.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

type Problems = Vec<Diagnostic>;

/// A fact that may be said about a subject.
#[derive(Clone, PartialEq, Debug)]
pub struct FactDeclared {
    /// Its name: `tier` is read as `subject.tier`.
    pub name: String,
    /// What its values are.
    pub of: FactOf,
    /// How old it may be before it is unknown, in milliseconds; `None` for as long as the subject is known.
    pub fresh_ms: Option<i64>,
}

/// A group of subjects.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its name, read as `"regular" in segments`.
    pub name: String,
    /// Holds for whoever belongs to it.
    pub guard: Expression,
}

/// What the values of a fact are.
#[derive(Clone, PartialEq, Debug)]
pub enum FactOf {
    /// A truth.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// A number with a unit.
    Quantity(Unit),
    /// A length of time.
    Duration,
    /// One of the venue's roles.
    Role,
    /// One of the venue's zones.
    Zone,
    /// One of the venue's kinds of zone.
    Kind,
    /// One of these words.
    Values(Vec<String>),
}

impl FactOf {
    /// A value as a message says it, for guards; `None` when it is none of this fact's.
    #[must_use]
    pub fn value(&self, said: &FactValue, venue: &Venue) -> Option<Value> {
        let symbol = |at: Option<usize>| Some(Value::Symbol(Symbol(u32::try_from(at?).ok()?)));
        #[expect(
            clippy::cast_precision_loss,
            reason = "a JSON number without a point is as good as one with it"
        )]
        let number = || match said {
            FactValue::Int(value) => Some(*value as f64),
            FactValue::Number(value) => Some(*value).filter(|value| value.is_finite()),
            _ => None,
        };
        match (self, said) {
            (Self::Bool, FactValue::Bool(value)) => Some(Value::Bool(*value)),
            (Self::Int, FactValue::Int(value)) => Some(Value::Int(*value)),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "it is whole and within what a double holds exactly"
            )]
            (Self::Int, FactValue::Number(value)) if value.fract() == 0.0 && value.abs() <= EXACT_MAX => {
                Some(Value::Int(*value as i64))
            }
            (Self::Number | Self::Quantity(_), _) => number().map(Value::Double),
            (Self::Duration, FactValue::Text(text)) => parse_duration(text).map(Value::Duration),
            (Self::Role, FactValue::Text(text)) => symbol(venue.find_role(text)),
            (Self::Zone, FactValue::Text(text)) => {
                symbol(venue.zones.iter().position(|zone| zone.id.as_str() == text))
            }
            (Self::Kind, FactValue::Text(text)) => symbol(venue.kinds.iter().position(|kind| kind == text)),
            (Self::Values(words), FactValue::Text(text)) => {
                symbol(words.iter().position(|word| word == text))
            }
            _ => None,
        }
    }

    /// A guard's value as messages and records say it, by name; `None` for what is unknown or none of this fact's.
    #[must_use]
    pub fn say(&self, value: Value, venue: &Venue) -> Option<FactValue> {
        let text = |text: &str| FactValue::Text(text.to_owned());
        match (self, value) {
            (Self::Bool, Value::Bool(value)) => Some(FactValue::Bool(value)),
            (Self::Int, Value::Int(value)) => Some(FactValue::Int(value)),
            (Self::Number | Self::Quantity(_), Value::Double(value)) if value.is_finite() => {
                Some(FactValue::Number(value))
            }
            // A length of time below nothing cannot be written, and nothing waits for it.
            (Self::Duration, Value::Duration(ms)) => Some(FactValue::Text(format!("{}ms", ms.max(0)))),
            (_, Value::Symbol(Symbol(at))) => {
                let at = usize::try_from(at).ok()?;
                match self {
                    Self::Role => venue.roles.get(at).map(|role| text(role)),
                    Self::Zone => venue.zones.get(at).map(|zone| text(zone.id.as_str())),
                    Self::Kind => venue.kinds.get(at).map(|kind| text(kind)),
                    Self::Values(words) => words.get(at).map(|word| text(word)),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// The map `facts` of `venue.yaml`.
pub(super) fn facts(node: &Node, problems: &mut Problems) -> Vec<FactDeclared> {
    let entries = node.entries(problems).unwrap_or_default();
    if entries.len() > FACTS_MAX {
        let message = format!("{} facts; a venue has at most {FACTS_MAX}", entries.len());
        problems.push(Diagnostic::error("too-many", node.span, message));
        return Vec::new();
    }
    let fresh = entries.iter().find(|entry| entry.key.text() == FRESH);
    let fresh = fresh.and_then(|entry| entry.value.duration_ms(problems));
    let declared = entries.iter().filter(|entry| entry.key.text() != FRESH);
    declared.filter_map(|entry| fact(entry, fresh, problems)).collect()
}

fn fact(entry: &Entry, fresh: Option<i64>, problems: &mut Problems) -> Option<FactDeclared> {
    if !is_variable(entry, "fact", problems) {
        return None;
    }
    let mut keys = entry.value.fields(problems)?;
    let values = keys.optional("values", problems);
    let of = keys.optional("type", problems);
    let own = keys.optional("fresh", problems).and_then(|node| node.duration_ms(problems));
    let anchor = keys.anchor();
    keys.finish(problems);
    let of = match (values, of) {
        (Some(values), None) => {
            let mut words = Names::new("value", VALUES_MAX);
            for item in values.list(problems)? {
                words.declare(item, problems);
            }
            FactOf::Values(words.into_names())
        }
        (None, Some(of)) => type_of(of, problems)?,
        _ => {
            let message = format!("fact `{}` has either `values` or a `type`", entry.key.text());
            problems.push(Diagnostic::error("bad-fact", anchor, message));
            return None;
        }
    };
    Some(FactDeclared { name: entry.key.text().to_owned(), of, fresh_ms: own.or(fresh) })
}

fn type_of(node: &Node, problems: &mut Problems) -> Option<FactOf> {
    let mut words: Vec<(&str, usize)> = Vec::new();
    let mut types = vec![
        ("bool", FactOf::Bool),
        ("int", FactOf::Int),
        ("number", FactOf::Number),
        ("duration", FactOf::Duration),
        ("role", FactOf::Role),
        ("zone", FactOf::Zone),
        ("kind", FactOf::Kind),
    ];
    types.extend(Unit::ALL.map(|unit| (unit.word(), FactOf::Quantity(unit))));
    words.extend(types.iter().enumerate().map(|(at, (word, _))| (*word, at)));
    let at = node.word(&words, problems)?;
    types.into_iter().nth(at).map(|(_, of)| of)
}

/// Whether a key can be written in a guard after a dot.
pub(super) fn is_variable(entry: &Entry, what: &str, problems: &mut Problems) -> bool {
    let text = entry.key.text();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let fits = (1..=32).contains(&text.len())
        && text.bytes().all(plain)
        && !text.starts_with(|c: char| c.is_ascii_digit());
    if !fits {
        let problem = Diagnostic::error("bad-name", entry.key_span, format!("`{text}` cannot be a {what}"));
        problems
            .push(problem.with_help("1 to 32 letters, digits or `_`, and no digit first: guards read it"));
    }
    fits
}

/// The map `segments` of `venue.yaml`: guards over the facts of `venue`, which has no segments yet.
pub(super) fn segments(node: &Node, venue: &Venue, problems: &mut Problems) -> Vec<Segment> {
    let entries = node.entries(problems).unwrap_or_default();
    if entries.len() > SET_MAX as usize {
        let message = format!("{} segments; a venue has at most {SET_MAX}", entries.len());
        problems.push(Diagnostic::error("too-many", node.span, message));
        return Vec::new();
    }
    let schema = venue.schema();
    let scope = Scope { schema: &schema, locals: &[], history: None };
    let mut segments = Vec::with_capacity(entries.len());
    for entry in entries {
        let named = is_variable(entry, "segment", problems);
        let (Some(text), Some(scalar)) = (entry.value.text(problems), entry.value.scalar()) else { continue };
        match Expression::check(text, &scope, Some(Type::Bool)) {
            Ok(guard) if named => segments.push(Segment { name: entry.key.text().to_owned(), guard }),
            Ok(_) => {}
            Err(wrong) => {
                problems.extend(wrong.into_iter().map(|problem| problem.moved(|span| scalar.locate(span))));
            }
        }
    }
    segments
}

/// The map `subjects` of `venue.yaml`: the kind of subject of each role, in the order of `roles`.
pub(super) fn subjects(node: Option<&Node>, roles: &Names<'_>, problems: &mut Problems) -> Vec<SubjectKind> {
    let mut kinds = vec![SubjectKind::Visitor; roles.len()];
    let Some(mut keys) = node.and_then(|node| node.fields(problems)) else { return kinds };
    let mut taken = vec![false; roles.len()];
    for (key, kind) in [("team", SubjectKind::Team), ("vehicle", SubjectKind::Vehicle)] {
        let Some(items) = keys.optional(key, problems).and_then(|node| node.list(problems)) else { continue };
        for item in items {
            let Some(role) = roles.resolve(item, problems) else { continue };
            if let (Some(slot), Some(taken)) = (kinds.get_mut(role), taken.get_mut(role)) {
                if std::mem::replace(taken, true) {
                    let message = "a role is one kind of subject".to_owned();
                    problems.push(Diagnostic::error("duplicate", item.span, message));
                }
                *slot = kind;
            }
        }
    }
    keys.finish(problems);
    kinds
}
