//! What an editor asks while somebody types: what may stand here, what this is, where it comes from, who uses it.
//!
//! Text and place in, plain values out; no protocol, no file, no state. Typing breaks a text more often than not, so answers
//! come from a scan that needs no valid YAML (`skeleton`), from the tables of `language` and from the venue's schema.
//! What is wrong is `check`'s and `play`'s to say. The loop that speaks to an editor is in the command line.
//!
//! Order of reading: `position` (lines and columns), `skeleton` (keys and values), `place` (which key's value this is),
//! `names` (which name that is, and where else it stands), then one file a question.

mod complete;
mod hover;
mod names;
mod outline;
mod place;
mod position;
mod skeleton;

use turnpage_journeys_expr::{Schema, Span};

use crate::source::Source;
use skeleton::Skeleton;

pub use complete::{Suggestion, Suggests};
pub use outline::{Outline, OutlineKind};
pub use position::{Lines, Place};

/// The text somebody is editing, among the texts it lies with.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// The venue's facts.
    pub schema: &'a Schema,
    /// The texts, that one among them.
    pub sources: &'a [Source],
    /// Which of them it is.
    pub at: usize,
}

/// A stretch of one of the desk's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Index into [`Desk::sources`].
    pub source: usize,
    /// Where in it.
    pub span: Span,
}

/// An explanation and the words it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// The words.
    pub span: Span,
    /// Markdown; what authors wrote stands in code spans.
    pub text: String,
}

impl<'a> Desk<'a> {
    /// The text that is edited.
    pub(crate) fn text(&self) -> &'a str {
        self.sources.get(self.at).map_or("", |source| &source.text)
    }

    pub(crate) fn skeleton(&self) -> Skeleton<'a> {
        Skeleton::of(self.text())
    }

    /// The journey that names of pages, offers and variables belong to: this text, or the one its plays are of.
    pub(crate) fn journey(&self) -> Option<(usize, Skeleton<'a>)> {
        let own = self.skeleton();
        let Some(name) = own.top("plays_of") else { return Some((self.at, own)) };
        self.journey_named(name)
    }

    /// The text of a journey or blueprint.
    pub(crate) fn journey_named(&self, name: &str) -> Option<(usize, Skeleton<'a>)> {
        let skeletons = self.sources.iter().map(|source| Skeleton::of(&source.text)).enumerate();
        let mut named = skeletons.filter(|(_, skeleton)| {
            [skeleton.top("journey"), skeleton.top("blueprint")].contains(&Some(name))
        });
        named.next()
    }
}
