//! What an editor asks: which names go on from here, and what one of them is.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::schema::Schema;
use crate::types::Type;

/// A name that may be written, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// As authors write it: `weather.rain`, `signal["fuel-level"]`, `nearest("food")`.
    pub text: String,
    /// Its type in words: `a quantity in mm/h`.
    pub words: String,
}

/// The venue's clock, which needs no fact.
pub(crate) const CLOCK: [(&str, Type); 5] = [
    ("time.local", Type::TimeOfDay),
    ("time.hour", Type::Int),
    ("time.minute", Type::Int),
    ("time.weekday", Type::Symbol(Schema::WEEKDAY)),
    ("time.date", Type::Date),
];

/// Groups whose members are asked for by a name in quotes.
const ASKED: [&str; 3] = ["nearest", "distance", "next"];

impl Schema {
    /// Everything that can be written and begins with `prefix`, facts in their order, then the clock.
    #[must_use]
    pub fn complete(&self, prefix: &str) -> Vec<Name> {
        let facts = self.facts().map(|(_, fact)| (written(&fact.path), fact.ty));
        let clock = CLOCK.iter().map(|(path, ty)| ((*path).to_string(), *ty));
        let between = ("time.between(\"11:30\", \"13:30\")".to_string(), Type::Bool);
        facts
            .chain(clock)
            .chain(core::iter::once(between))
            .filter(|(text, _)| text.starts_with(prefix))
            .map(|(text, ty)| Name { text, words: self.type_words(ty) })
            .collect()
    }

    /// What a name is, in words: `a quantity in mm/h`. The name as written or as a fact's path.
    #[must_use]
    pub fn describe(&self, name: &str) -> Option<String> {
        let known = self.facts().find(|(_, fact)| fact.path == name || written(&fact.path) == name);
        let ty = known
            .map(|(_, fact)| fact.ty)
            .or_else(|| CLOCK.iter().find(|(path, _)| *path == name).map(|(_, ty)| *ty))?;
        let words = self.type_words(ty);
        Some(match ty {
            Type::Symbol(domain) | Type::Set(domain) => match Self::named(self.members(domain)) {
                Some(members) => format!("{words}: {members}"),
                None => words,
            },
            Type::TimeOfDay => format!("{words}, compared with `\"11:30\"`"),
            Type::Date => format!("{words}, compared with `\"2026-12-24\"`"),
            Type::Duration => format!("{words}, compared with `duration(\"20m\")`"),
            _ => words,
        })
    }

    /// A type in words.
    #[must_use]
    pub fn type_words(&self, ty: Type) -> String {
        match ty {
            Type::Bool => "a truth".into(),
            Type::Int => "a whole number".into(),
            Type::Double => "a number".into(),
            Type::Quantity(unit) => format!("a quantity in {}", unit.word()),
            Type::Duration => "a length of time".into(),
            Type::TimeOfDay => "a time of day".into(),
            Type::Date => "a date".into(),
            Type::Symbol(domain) => format!("a {}", self.domain_name(domain).unwrap_or("symbol")),
            Type::Set(domain) => format!("a set of {}s", self.domain_name(domain).unwrap_or("symbol")),
            Type::Text => "text".into(),
        }
    }

    /// The first members of a domain, as people list them.
    fn named<'a>(members: impl Iterator<Item = &'a str>) -> Option<String> {
        const NAMED_MAX: usize = 12;
        let mut names: Vec<String> = members.take(NAMED_MAX + 1).map(|name| format!("`{name}`")).collect();
        if names.len() > NAMED_MAX {
            names.truncate(NAMED_MAX);
            names.push("..".into());
        }
        (!names.is_empty()).then(|| names.join(", "))
    }
}

/// A fact's path as authors write it.
fn written(path: &str) -> String {
    let Some((group, member)) = path.split_once('.') else { return path.into() };
    if ASKED.contains(&group) {
        format!("{group}(\"{member}\")")
    } else if group == "signal" {
        format!("signal[\"{member}\"]")
    } else {
        path.into()
    }
}
