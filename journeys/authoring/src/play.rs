//! Plays: a journey rehearsed on one subject, as `given` / `when` / `then`.
//!
//! A play file names facts as guards do, moves time forward and says which offers and outcomes must come, all of
//! them and nothing else. The [`Transcript`] also tells pages and copy. It drives the engine itself: no gateway, no caps, no
//! consent, so what a play shows is what the journey wants, not what the venue lets out.
//!
//! Order of reading: `read` (file to plays), `stage` (facts and zones), `run` (the engine's turn), `transcript`.

mod calendar;
mod read;
mod run;
mod stage;
mod transcript;

use turnpage_journeys_engine::{Outcome, Spanned};
use turnpage_journeys_expr::Span;

pub use read::read;
pub use run::run;
pub use stage::{Stage, StageZone};
pub use transcript::{Happening, Moment, Transcript, What};

/// Most plays of one file.
pub const PLAYS_MAX: usize = 1_000;

/// Most events of one play.
pub const BEATS_MAX: usize = 10_000;

/// The plays of one journey.
#[derive(Debug, Clone, Default)]
pub struct Plays {
    /// The journey's name.
    pub of: Spanned<String>,
    /// In the order written.
    pub plays: Vec<Play>,
}

/// One rehearsal.
#[derive(Debug, Clone, Default)]
pub struct Play {
    /// What it shows, in words.
    pub title: Spanned<String>,
    /// Facts before the first event, those of the file before its own.
    pub given: Vec<GivenFact>,
    /// What happens, in order of time.
    pub when: Vec<Beat>,
    /// How long time goes on after the last event, so that timers can fire.
    pub until: Option<Spanned<WallTime>>,
    /// The offers and outcomes that must come: all of them, in order.
    pub then: Vec<Expected>,
}

/// A fact by its path, with its value as written.
#[derive(Debug, Clone)]
pub struct GivenFact {
    /// As a guard names it: `weather.rain`.
    pub path: Spanned<String>,
    /// `guest`, `0.5`, `true`, `20m`, or `unknown`.
    pub value: Spanned<String>,
}

/// One event of a play.
#[derive(Debug, Clone)]
pub struct Beat {
    /// The first key of the event, for diagnostics.
    pub span: Span,
    /// When.
    pub at: Spanned<WallTime>,
    /// What happens.
    pub happens: Happens,
    /// Facts that change with it.
    pub facts: Vec<GivenFact>,
}

/// What an event of a play is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happens {
    /// The subject is seen, in this zone or where it was.
    Seen(Option<Spanned<String>>),
    /// The subject leaves its zone.
    Leaves,
    /// Only the weather changes.
    Weather,
    /// Only a signal changes.
    Signal,
    /// An answer to the latest offer of this name.
    Answer(Spanned<(String, Outcome)>),
}

/// A date and time on the venue's wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct WallTime {
    /// Days since 1970-01-01.
    pub day: i32,
    /// Milliseconds since midnight.
    pub ms: u32,
}

/// An offer or an outcome that must come.
#[derive(Debug, Clone)]
pub struct Expected {
    /// What is expected, for diagnostics.
    pub span: Span,
    /// When.
    pub at: WallTime,
    /// What.
    pub what: What,
}
