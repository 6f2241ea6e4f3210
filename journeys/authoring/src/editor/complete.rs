//! What may be written at a place: keys of the map, words, names, and inside guards facts and the members of what they are
//! compared with.

use turnpage_journeys_engine::Outcome;
use turnpage_journeys_expr::{Span, Type};

use super::Desk;
use super::names::asked_by;
use super::place::{Of, form, named_by, root, shape};
use super::skeleton::{Cursor, Skeleton, Step};
use crate::language::journey::{TRIGGERS, UPGRADES};
use crate::language::{Form, Shape};

/// Most suggestions of one answer: more than a person scrolls through.
const SUGGESTIONS_MAX: usize = 500;

/// What a suggestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suggests {
    /// A key of the language.
    Key,
    /// A word of the language.
    Word,
    /// A name of the venue's: a role, a zone, a signal.
    Member,
    /// A fact or a function of guards.
    Fact,
    /// A page.
    Page,
    /// An offer or an outcome of one.
    Offer,
    /// A variable.
    Variable,
    /// A journey or a blueprint.
    Journey,
}

/// Something that may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What is written, whole.
    pub text: String,
    /// What it is.
    pub kind: Suggests,
    /// What it means, in words.
    pub about: String,
    /// What it replaces, up to the place that was asked for.
    pub replaces: Span,
}

struct Gather<'a> {
    desk: Desk<'a>,
    journey: Option<Skeleton<'a>>,
    replaces: Span,
    found: Vec<Suggestion>,
}

impl Desk<'_> {
    /// What may be written at an offset, in the language's order.
    pub fn complete(&self, offset: u32) -> Vec<Suggestion> {
        let text = self.text();
        let offset = text.floor_char_boundary(offset as usize) as u32;
        let skeleton = self.skeleton();
        let root = root(&skeleton);
        let journey = self.journey().map(|(_, skeleton)| skeleton);
        let replaces = Span::new(offset, offset);
        let mut gather = Gather { desk: *self, journey, replaces, found: Vec::new() };
        match Skeleton::cursor(text, offset) {
            Cursor::Key { path, start } => {
                gather.replaces = Span::new(start, offset);
                if let Some(map) = form(root, &path) {
                    gather.keys(map, &path, &skeleton, start);
                }
            }
            Cursor::Value { path, start } => {
                let written = Span::new(start, offset).slice(text).unwrap_or_default();
                if let Some(form) = form(root, &path) {
                    gather.value(form, &path, written);
                }
            }
            Cursor::Nothing => {}
        }
        gather.found.truncate(SUGGESTIONS_MAX);
        gather.found
    }
}

impl Gather<'_> {
    fn add(&mut self, text: impl Into<String>, kind: Suggests, about: impl Into<String>) {
        let suggestion = Suggestion { text: text.into(), kind, about: about.into(), replaces: self.replaces };
        if !self.found.iter().any(|other| other.text == suggestion.text) {
            self.found.push(suggestion);
        }
    }

    /// Keys of a map that are not written yet, or names where the author chooses them.
    fn keys(&mut self, form: Form, path: &[Step<'_>], skeleton: &Skeleton<'_>, start: u32) {
        if let Some(Step::Key("set")) = path.last() {
            self.names(Of::Variable);
        }
        if let Some(map) = shape(form) {
            let written = written_beside(map, path, skeleton, start);
            for key in map.keys.iter().filter(|key| !written.contains(&key.name)) {
                self.add(key.name, Suggests::Key, key.about);
            }
        }
        match form {
            Form::MapAndFacts(_) => self.facts(""),
            _ if path == [Step::Key("upgrade")] => {
                self.add("map", Suggests::Key, "Old pages and the new ones to go on on.");
            }
            _ => {}
        }
    }

    fn value(&mut self, form: Form, path: &[Step<'_>], written: &str) {
        let word_start = written.len() - written.rsplit([' ', '"', '\'']).next().map_or(0, str::len);
        let asked = self.replaces.end;
        self.replaces = Span::new(asked - (written.len() - word_start) as u32, asked);
        match form {
            Form::Word(words) => {
                for (word, about) in words() {
                    self.add(word, Suggests::Word, about);
                }
            }
            Form::Upgrade => {
                for (word, about) in UPGRADES {
                    self.add(word, Suggests::Word, about);
                }
            }
            Form::Flag => {
                self.add("true", Suggests::Word, "");
                self.add("false", Suggests::Word, "");
            }
            Form::Trigger => {
                for (word, _, about) in TRIGGERS {
                    self.add(word, Suggests::Word, about);
                }
                for signal in self.members_of("signal") {
                    self.add(format!("signal.{signal}"), Suggests::Member, "this signal changed");
                }
                self.outcomes();
            }
            Form::Outcome | Form::OutcomeWithin => self.outcomes(),
            Form::Duration => self.examples(&["90s", "5m", "20m", "1h", "2h"]),
            Form::Limit => self.examples(&["1 per day", "3 per day", "1 per 4h"]),
            Form::Clock => self.examples(&["\"09:00\"", "\"17:30\""]),
            Form::ListOrWord(_, word) => self.add(word, Suggests::Word, "an empty list"),
            Form::Copy => self.hole(written),
            Form::Guard | Form::Value => self.guard(written),
            _ => {}
        }
        if let Some(of) = named_by(path) {
            self.names(of);
        }
        if let Some((Step::Key("type"), _)) = path.split_last() {
            self.types();
        }
    }

    fn examples(&mut self, examples: &[&str]) {
        for example in examples {
            self.add(*example, Suggests::Word, "for example");
        }
    }

    fn types(&mut self) {
        for word in ["bool", "int", "number", "duration", "role", "zone", "kind"] {
            self.add(word, Suggests::Word, "a type");
        }
        for unit in turnpage_journeys_expr::Unit::ALL {
            self.add(unit.word(), Suggests::Word, "a quantity");
        }
    }

    /// Inside `{..}` of copy, what a guard may read.
    fn hole(&mut self, written: &str) {
        let hole =
            written.rfind('{').filter(|open| written.get(*open..).is_some_and(|rest| !rest.contains('}')));
        if let Some(open) = hole {
            self.guard(written.get(open + 1..).unwrap_or_default());
        }
    }

    /// Inside a guard: members of what is compared in quotes, else facts, functions and variables.
    fn guard(&mut self, written: &str) {
        // The quotes around a whole guard are YAML's.
        let inside = match written.chars().next() {
            Some(quote @ ('"' | '\'')) if !written.get(1..).unwrap_or_default().starts_with(quote) => {
                written.get(1..).unwrap_or_default()
            }
            _ => written,
        };
        match open_quote(inside) {
            Some(at) => {
                let typed = inside.get(at + 1..).unwrap_or_default();
                self.replaces.start = self.replaces.end - typed.len() as u32;
                self.quoted(inside.get(..at).unwrap_or_default());
            }
            None => {
                let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
                let typed = inside.len() - inside.trim_end_matches(name).len();
                self.replaces.start = self.replaces.end - typed as u32;
                let prefix = inside.get(inside.len() - typed..).unwrap_or_default().to_owned();
                self.names(Of::Variable);
                self.facts(&prefix);
                self.functions(&prefix);
            }
        }
    }

    /// In quotes: what the text before them asks for or is compared with.
    fn quoted(&mut self, before: &str) {
        match asked_by(before) {
            group @ ("nearest" | "distance" | "next" | "signal") => {
                for member in self.members_of(group) {
                    self.add(member, Suggests::Member, format!("for `{group}`"));
                }
            }
            "history.visits" => self.names(Of::Page),
            "history.count" | "history.today" | "history.since" => {
                self.names(Of::Offer);
                self.outcomes();
            }
            _ => self.compared(before),
        }
    }

    /// Members of the domain of the fact to the left: `role == "`, `place.kind in ["food", "`.
    fn compared(&mut self, before: &str) {
        let cut = before.rfind("&&").max(before.rfind("||")).map_or(0, |at| at + 2);
        let comparison = before.get(cut..).unwrap_or_default();
        let fact = comparison.trim_start_matches([' ', '(', '!']);
        let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let fact = fact.get(..fact.len() - fact.trim_start_matches(name).len()).unwrap_or_default();
        let schema = self.desk.schema;
        let ty = match fact {
            "time.weekday" => Some(Type::Symbol(turnpage_journeys_expr::Schema::WEEKDAY)),
            _ => schema.slot(fact).and_then(|slot| schema.at(slot)).map(|fact| fact.ty),
        };
        match ty {
            Some(Type::Symbol(domain) | Type::Set(domain)) => {
                let about = format!("a {}", schema.domain_name(domain).unwrap_or("name"));
                let members: Vec<&str> = schema.members(domain).collect();
                for member in members {
                    self.add(member, Suggests::Member, about.as_str());
                }
            }
            _ if fact.is_empty() => {
                // `"regular" in segments`: what stands to the right is not known yet.
                self.domain("segment");
            }
            _ => {}
        }
    }

    fn domain(&mut self, name: &str) {
        let schema = self.desk.schema;
        let Some(domain) = schema.domain_id(name) else { return };
        let members: Vec<&str> = schema.members(domain).collect();
        for member in members {
            self.add(member, Suggests::Member, format!("a {name}"));
        }
    }

    fn facts(&mut self, prefix: &str) {
        for name in self.desk.schema.complete(prefix) {
            self.add(name.text, Suggests::Fact, name.words);
        }
    }

    fn functions(&mut self, prefix: &str) {
        const FUNCTIONS: [(&str, &str); 6] = [
            ("has(", "whether a fact is known"),
            ("duration(", "a length of time: `duration(\"20m\")`"),
            ("history.visits(", "how often this page was entered"),
            ("history.count(", "how often this offer was made, or came to this outcome"),
            ("history.today(", "the same, today"),
            ("history.since(", "how long ago that was"),
        ];
        for (text, about) in FUNCTIONS.into_iter().filter(|(text, _)| text.starts_with(prefix)) {
            self.add(text, Suggests::Fact, about);
        }
    }

    /// Names of the venue's facts of a group: `food` of `nearest.food`.
    fn members_of(&self, group: &str) -> Vec<String> {
        let facts = self.desk.schema.facts();
        let member = |path: &str| path.strip_prefix(group)?.strip_prefix('.').map(str::to_owned);
        facts.filter_map(|(_, fact)| member(&fact.path)).collect()
    }

    fn outcomes(&mut self) {
        let offers: Vec<String> = self.declared("offers");
        for offer in offers {
            for outcome in Outcome::ALL {
                self.add(format!("{offer}.{}", outcome.name()), Suggests::Offer, "an outcome of this offer");
            }
        }
    }

    fn declared(&self, top: &str) -> Vec<String> {
        self.journey.iter().flat_map(|journey| journey.under(top)).map(|entry| entry.key.to_owned()).collect()
    }

    fn names(&mut self, of: Of) {
        match of {
            Of::Page => self.all_of("pages", Suggests::Page, "a page"),
            Of::Offer => self.all_of("offers", Suggests::Offer, "an offer"),
            Of::Variable => {
                self.all_of("variables", Suggests::Variable, "a variable");
                self.all_of("parameters", Suggests::Variable, "a parameter");
            }
            Of::Journey => {
                let names: Vec<String> = self
                    .desk
                    .sources
                    .iter()
                    .filter_map(|source| {
                        let skeleton = Skeleton::of(&source.text);
                        skeleton.top("journey").or(skeleton.top("blueprint")).map(str::to_owned)
                    })
                    .collect();
                for name in names {
                    self.add(name, Suggests::Journey, "in this folder");
                }
            }
            Of::Domain(name) => self.domain(name),
            Of::Signal => {
                for signal in self.members_of("signal") {
                    self.add(signal, Suggests::Member, "a signal");
                }
            }
        }
    }

    fn all_of(&mut self, top: &str, kind: Suggests, about: &str) {
        for name in self.declared(top) {
            self.add(name, kind, about);
        }
    }
}

/// Where a quote opens that is not closed, if one is.
fn open_quote(text: &str) -> Option<usize> {
    let mut open: Option<(usize, char)> = None;
    for (at, c) in text.char_indices().filter(|(_, c)| matches!(c, '"' | '\'')) {
        open = match open {
            None => Some((at, c)),
            Some((_, quote)) if quote == c => None,
            open => open,
        };
    }
    open.map(|(at, _)| at)
}

/// Keys that stand in the same map already. A map of a list is told from the next by which item it is.
fn written_beside(map: &Shape, path: &[Step<'_>], skeleton: &Skeleton<'_>, start: u32) -> Vec<&'static str> {
    let item = skeleton.item_at(start);
    let beside = skeleton.entries.iter().filter(|entry| {
        entry.path == path && entry.key_span.start != start && (item == 0 || entry.item == item)
    });
    beside.filter_map(|entry| map.key(entry.key)).map(|key| key.name).collect()
}
