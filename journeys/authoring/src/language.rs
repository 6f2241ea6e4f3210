//! The language as data: every key that may stand in a journey, a blueprint or a play, with what it holds and means.
//!
//! One table a map. Readers hold themselves to it (`Reader::finish` and `play`), the JSON Schema is made from it (`schema`),
//! and editors complete and explain from it, so that none of them knows a key the others do not.
//!
//! Next: `language/journey.rs` and `language/play.rs`, the tables; `read`, which reads by them.

pub mod journey;
pub mod play;

/// A map with known keys.
#[derive(Debug)]
pub struct Shape {
    /// What such a map is called: `a choice`.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// Its keys, in the order a person writes them.
    pub keys: &'static [Key],
}

/// One key of a map.
#[derive(Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// Whether the map is wrong without it.
    pub required: bool,
    /// What stands behind it.
    pub form: Form,
    /// What it means, in a sentence.
    pub about: &'static str,
}

/// Words that may stand somewhere, each with what it means.
pub type Words = fn() -> Vec<(&'static str, &'static str)>;

/// What a value looks like.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// A name: ASCII letters, digits, `-` and `_`.
    Name,
    /// A name of a fact without its first part: `tier` for `subject.tier`, or a key that is a dotted path.
    Path,
    /// Text for people, nothing in it is computed.
    Text,
    /// CEL that is true or false.
    Guard,
    /// CEL of any type, or a plain number or truth.
    Value,
    /// A plain value: text, a number or a truth.
    Scalar,
    /// A whole number from 1.
    Count,
    /// A whole number.
    Whole,
    /// A number from 0 to 1.
    Share,
    /// `true` or `false`.
    Flag,
    /// One of a few words.
    Word(Words),
    /// A length of time: `20m`.
    Duration,
    /// How often: `3 per day`.
    Limit,
    /// A time on the venue's clock: `17:30`.
    Clock,
    /// A date: `2026-07-18`.
    Date,
    /// A time of a play: `12:05`, with a date or without.
    Moment,
    /// What a choice waits for.
    Trigger,
    /// An offer and what became of it: `cocoa.accepted`.
    Outcome,
    /// A name of the journey played, or of one it calls: `survey>question`.
    Within,
    /// What became of such an offer: `survey>question.accepted`.
    OutcomeWithin,
    /// Copy by language, and by channel within it.
    Copy,
    /// A list of channels.
    Channels,
    /// A list of names.
    Names,
    /// Names with values: what is set, given or remembered.
    Values(&'static Form),
    /// Names with first values or types.
    Variables,
    /// What happens to those inside.
    Upgrade,
    /// A map with known keys.
    Map(&'static Shape),
    /// A map with known keys, or nothing.
    MapOrNothing(&'static Shape),
    /// A map with known keys beside keys that are names of facts.
    MapAndFacts(&'static Shape),
    /// A list of maps with known keys.
    List(&'static Shape),
    /// A list of maps with known keys beside keys that are names of facts.
    ListAndFacts(&'static Shape),
    /// A list of maps, or a word that says that it is empty.
    ListOrWord(&'static Shape, &'static str),
    /// Names the author chose, each with a form.
    Named(&'static Form),
}

impl Key {
    const fn needed(name: &'static str, form: Form, about: &'static str) -> Self {
        Self { name, required: true, form, about }
    }

    const fn may(name: &'static str, form: Form, about: &'static str) -> Self {
        Self { name, required: false, form, about }
    }
}

impl Shape {
    /// In debug builds: a reader that asked for these keys reads this shape, no key more and none less.
    pub(crate) fn hold(&self, asked: &[&str]) {
        debug_assert!(self.keys.iter().all(|key| asked.contains(&key.name)), "all of {} is read", self.name);
        debug_assert!(asked.iter().all(|key| self.key(key).is_some()), "{} has all that is read", self.name);
    }

    /// The key of a name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}
