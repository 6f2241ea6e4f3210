//! Typed values out of the tree, collecting what is wrong.
//!
//! Every getter answers `None` after it has pushed exactly one diagnostic, so a reader may go on with `?`-free
//! code and give up at the end if `problems` is not empty.

use core::ops::RangeInclusive;

use turnpage_journeys_expr::{Diagnostic, Span, closest};

use crate::duration::parse_duration;
use crate::node::{Content, Entry, Node, Scalar};

/// A map being read. Remembers which keys were asked for, so that [`Fields::finish`] can name the rest.
#[must_use = "call `finish` so that unknown keys are reported"]
#[derive(Debug)]
pub struct Fields<'a> {
    span: Span,
    entries: &'a [Entry],
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The value of a key that must be there and must not be null.
    pub fn required(&mut self, key: &'static str, problems: &mut Vec<Diagnostic>) -> Option<&'a Node> {
        self.asked.push(key);
        match self.find(key) {
            None => {
                problems.push(self.missing(key));
                None
            }
            Some(entry) if entry.value.is_null() => {
                problems.push(no_value(entry));
                None
            }
            Some(entry) => Some(&entry.value),
        }
    }

    /// The value of a key that may be missing or a written `null`. A key with nothing after it is a problem.
    pub fn optional(&mut self, key: &'static str, problems: &mut Vec<Diagnostic>) -> Option<&'a Node> {
        self.asked.push(key);
        let entry = self.find(key)?;
        if !entry.value.is_null() {
            return Some(&entry.value);
        }
        if entry.value.span.start == entry.value.span.end {
            problems.push(no_value(entry).with_help("remove the key, or write `null`"));
        }
        None
    }

    /// Declares a key known without reading it: what another program put there is none of our business.
    pub fn ignore(&mut self, key: &'static str) {
        self.asked.push(key);
    }

    /// Whether the key is written at all. Does not count as asking for it.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// Where a key stands, if it is there.
    #[must_use]
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.find(key).map(|entry| entry.key_span)
    }

    /// Where to point when the map as a whole is meant: its first key, so that the caret stays on one line.
    #[must_use]
    pub fn anchor(&self) -> Span {
        self.entries.first().map_or(self.span, |entry| entry.key_span)
    }

    /// The keys that were asked for so far, in that order.
    #[must_use]
    pub fn asked(&self) -> &[&'static str] {
        &self.asked
    }

    /// Ends the reading: every key that was never asked for is unknown. A required key that is there under a misspelt name
    /// is wrong once: the misspelling is told, the absence no more.
    pub fn finish(self, problems: &mut Vec<Diagnostic>) {
        for entry in self.entries {
            let key = entry.key.text();
            if self.asked.contains(&key) {
                continue;
            }
            let problem = Diagnostic::error("unknown-key", entry.key_span, format!("unknown key `{key}`"));
            let free: Vec<&str> = self.asked.iter().copied().filter(|asked| !self.contains(asked)).collect();
            let meant = closest(key, free.iter().copied());
            problems.push(match meant {
                Some(meant) => problem.with_help(format!("did you mean `{meant}`?")),
                None if free.is_empty() => problem.with_help("no other key can stand here"),
                None => problem.with_help(format!("keys that can stand here: {}", free.join(", "))),
            });
            if let Some(meant) = meant {
                let missing = self.missing(meant);
                problems.retain(|problem| *problem != missing);
            }
        }
    }

    fn missing(&self, key: &str) -> Diagnostic {
        Diagnostic::error("missing-key", self.anchor(), format!("missing key `{key}`"))
    }

    fn find(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key.text() == key)
    }
}

fn no_value(entry: &Entry) -> Diagnostic {
    Diagnostic::error("missing-value", entry.key_span, format!("`{}` has no value", entry.key.text()))
}

impl Node {
    /// A map with known keys.
    pub fn fields(&self, problems: &mut Vec<Diagnostic>) -> Option<Fields<'_>> {
        let entries = self.entries(problems)?;
        Some(Fields { span: self.span, entries, asked: Vec::new() })
    }

    /// A map whose keys are names the author chose.
    pub fn entries(&self, problems: &mut Vec<Diagnostic>) -> Option<&[Entry]> {
        match &self.value {
            Content::Map(entries) => Some(entries),
            _ => self.mismatch("a map", problems),
        }
    }

    /// A list.
    pub fn list(&self, problems: &mut Vec<Diagnostic>) -> Option<&[Node]> {
        match &self.value {
            Content::List(items) => Some(items),
            _ => self.mismatch("a list", problems),
        }
    }

    /// A scalar of any kind, as it was written.
    pub fn text(&self, problems: &mut Vec<Diagnostic>) -> Option<&str> {
        self.expect_scalar("text", problems).map(Scalar::text)
    }

    /// A whole number.
    pub fn int(&self, problems: &mut Vec<Diagnostic>) -> Option<i64> {
        self.number("a whole number", problems, |text| text.parse().ok())
    }

    /// A whole number within bounds.
    pub fn int_in(&self, bounds: RangeInclusive<i64>, problems: &mut Vec<Diagnostic>) -> Option<i64> {
        let value = self.int(problems)?;
        if bounds.contains(&value) {
            return Some(value);
        }
        let (low, high) = bounds.into_inner();
        let message = format!("`{value}` is not between {low} and {high}");
        problems.push(Diagnostic::error("out-of-range", self.span, message));
        None
    }

    /// A finite number.
    pub fn double(&self, problems: &mut Vec<Diagnostic>) -> Option<f64> {
        self.number("a number", problems, |text| {
            let first = text.trim_start_matches(['+', '-']).bytes().next();
            // `f64` would also read `inf` and `nan`.
            let digits = first.is_some_and(|byte| byte.is_ascii_digit() || byte == b'.');
            text.parse().ok().filter(|value: &f64| digits && value.is_finite())
        })
    }

    /// `true` or `false`.
    pub fn bool(&self, problems: &mut Vec<Diagnostic>) -> Option<bool> {
        let scalar = self.expect_scalar("`true` or `false`", problems)?;
        let meant = match scalar.text() {
            "true" if !scalar.quoted() => return Some(true),
            "false" if !scalar.quoted() => return Some(false),
            "true" | "yes" | "on" | "Yes" | "On" | "True" | "TRUE" | "YES" | "ON" => "true",
            "false" | "no" | "off" | "No" | "Off" | "False" | "FALSE" | "NO" | "OFF" => "false",
            other => {
                let message = format!("expected `true` or `false`, found `{}`", shown(other));
                problems.push(Diagnostic::error("wrong-type", self.span, message));
                return None;
            }
        };
        let message = format!("expected `true` or `false`, found `{}`", scalar.text());
        problems.push(
            Diagnostic::error("wrong-type", self.span, message)
                .with_help(format!("write `{meant}` without quotes")),
        );
        None
    }

    /// A length of time (`20m`, `90s`, `4h`, `1h30m`, `2d`) in milliseconds.
    pub fn duration_ms(&self, problems: &mut Vec<Diagnostic>) -> Option<i64> {
        let scalar = self.expect_scalar("a length of time", problems)?;
        let parsed = parse_duration(scalar.text());
        if parsed.is_none() {
            let message = format!("`{}` is not a length of time", shown(scalar.text()));
            problems.push(
                Diagnostic::error("bad-duration", self.span, message)
                    .with_help("write a number with a unit: `90s`, `20m`, `4h`, `2d`, or several: `1h30m`"),
            );
        }
        parsed
    }

    /// One of a few words, each standing for a value.
    pub fn word<T: Copy>(&self, words: &[(&str, T)], problems: &mut Vec<Diagnostic>) -> Option<T> {
        let scalar = self.expect_scalar("a word", problems)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == scalar.text()) {
            return Some(*value);
        }
        let known = words.iter().map(|(word, _)| *word);
        let message = format!("unknown word `{}`", shown(scalar.text()));
        let problem = Diagnostic::error("unknown-word", self.span, message)
            .with_help(format!("write one of: {}", known.clone().collect::<Vec<_>>().join(", ")));
        problems.push(problem.suggesting(scalar.text(), known));
        None
    }

    fn number<T>(
        &self,
        wanted: &str,
        problems: &mut Vec<Diagnostic>,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let scalar = self.expect_scalar(wanted, problems)?;
        let value = parse(scalar.text());
        if !scalar.quoted() && value.is_some() {
            return value;
        }
        let text = scalar.text();
        let digits = text.strip_prefix('-').unwrap_or(text);
        let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if whole && value.is_none() && !scalar.quoted() {
            let message = format!("the number `{}` is too large", shown(text));
            problems.push(Diagnostic::error("out-of-range", self.span, message));
            return None;
        }
        let message = format!("expected {wanted}, found `{}`", shown(text));
        let problem = Diagnostic::error("wrong-type", self.span, message);
        problems.push(if value.is_some() { problem.with_help("remove the quotes") } else { problem });
        None
    }

    fn expect_scalar(&self, wanted: &str, problems: &mut Vec<Diagnostic>) -> Option<&Scalar> {
        match &self.value {
            Content::Scalar(scalar) => Some(scalar),
            _ => self.mismatch(wanted, problems),
        }
    }

    fn mismatch<T>(&self, wanted: &str, problems: &mut Vec<Diagnostic>) -> Option<T> {
        let message = format!("expected {wanted}, found {}", self.describe());
        problems.push(Diagnostic::error("wrong-type", self.head(), message));
        None
    }

    /// Where to point when the value as a whole is meant: the first thing in it, so that a caret stays short.
    fn head(&self) -> Span {
        match &self.value {
            Content::Map(entries) => entries.first().map_or(self.span, |entry| entry.key_span),
            Content::List(items) => items.first().map_or(self.span, Node::head),
            _ => self.span,
        }
    }
}

/// The author's words, short enough for a message.
fn shown(text: &str) -> String {
    const SHOWN_MAX: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    if line.len() == text.len() && text.chars().count() <= SHOWN_MAX {
        return text.into();
    }
    line.chars().take(SHOWN_MAX).chain("..".chars()).collect()
}
