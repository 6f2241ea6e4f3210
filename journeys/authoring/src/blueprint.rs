//! Blueprints: journeys with inputs, from which journeys are made.
//!
//! Filling happens on the tree, before a journey is read: the blueprint's values take the place of `${name}`, its keys come behind
//! those of the journey that uses it, and its places behind those of the journey's text, so that each problem finds its way back to
//! the file it is in. Nothing here knows what a journey's keys mean.
//!
//! Order of reading: `blueprint/head.rs` (name and inputs), `blueprint/hole.rs` (`${..}` in texts), `blueprint/fill.rs` (a journey
//! made). Next: `read`, which reads what was made.

mod fill;
mod head;
mod hole;

use std::collections::BTreeMap;

use turnpage_journeys_document::{Entry, Node, Scalar};
use turnpage_journeys_engine::Spanned;
use turnpage_journeys_expr::{Diagnostic, Span, Type};

pub(crate) use head::read;

/// Most blueprints made from one another: nobody follows more.
const DEPTH_MAX: usize = 8;

/// Most bytes of blueprints that one check fills, counted once for each use. A thousand uses of a long journey.
const FILLED_BYTES_MAX: usize = 16 << 20;

/// One blueprint.
#[derive(Debug, Clone)]
pub(crate) struct Blueprint {
    pub(crate) name: Spanned<String>,
    /// Index of its text.
    pub(crate) source: usize,
    /// Bytes of its text.
    pub(crate) length: usize,
    inputs: Vec<Input>,
    uses: Option<Use>,
    /// The keys of a journey in it.
    body: Vec<Entry>,
    /// Something is wrong with itself: what is made from it is not looked at, for it would only say so again.
    pub(crate) broken: bool,
}

/// What a journey says to its blueprint.
#[derive(Debug, Clone)]
struct Input {
    name: Spanned<String>,
    of: Spanned<Of>,
    default: Option<Scalar>,
    about: Option<String>,
}

/// What an input takes.
#[derive(Debug, Clone, PartialEq)]
enum Of {
    Text,
    Name,
    Plain(Type),
    /// A member of one of the venue's domains.
    Domain(String),
}

/// `use:` and `with:`.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    name: Spanned<String>,
    with: Vec<(Spanned<String>, Node)>,
}

/// The blueprints of a check, by name.
#[derive(Debug, Default)]
pub(crate) struct Blueprints {
    by_name: BTreeMap<String, Blueprint>,
    /// Bytes filled so far.
    filled: usize,
}

/// Where a part of a filled journey comes from: places from `base` on are those of another text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) source: usize,
    pub(crate) base: u32,
}

impl Blueprints {
    /// Adds one, unless there is one of its name.
    pub(crate) fn add(&mut self, blueprint: Blueprint) -> Option<Diagnostic> {
        let Spanned { value: name, span } = blueprint.name.clone();
        if self.by_name.contains_key(&name) {
            let message = format!("another blueprint is named `{name}`, too");
            return Some(Diagnostic::error("duplicate-blueprint", span, message));
        }
        self.by_name.insert(name, blueprint);
        None
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Blueprint> {
        self.by_name.values()
    }
}

impl Blueprint {
    /// Whether it can be looked at without a journey that uses it.
    pub(crate) fn stands_alone(&self) -> bool {
        self.inputs.iter().all(|input| input.default.is_some())
    }

    /// A use of it that gives no input, at the place of its own name.
    pub(crate) fn itself(&self) -> Use {
        Use { name: self.name.clone(), with: Vec::new() }
    }
}

/// The text and the place of a place in a filled journey.
pub(crate) fn place(parts: &[Part], own: usize, span: Span) -> (usize, Span) {
    match parts.iter().rfind(|part| part.base <= span.start) {
        Some(part) => (part.source, Span::new(span.start - part.base, span.end.saturating_sub(part.base))),
        None => (own, span),
    }
}
