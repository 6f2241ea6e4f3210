//! Plays: a journey rehearsed on one subject, as `given` / `when` / `then`.
//!
//! A play file names facts as guards do, moves time forward and says what must come of it: offers, outcomes, calls for
//! staff, tickets and breaches, all of them and nothing else; pages and copy where it cares. The [`Transcript`] tells
//! everything. It drives the engine itself: no gateway, no caps, no consent, so what a play shows is what the journey
//! wants, not what the venue lets out.
//!
//! Order of reading: `read` (file to plays), `stage` (facts and zones), `derived` (facts that follow from others), `rehearsal` (the engine's turn), `happening`
//! (effects in words), `transcript`, `judge` (expected against came), `write` (plays to file).

pub(crate) mod calendar;
pub(crate) mod derived;
mod happening;
mod judge;
pub(crate) mod look;
mod read;
mod rehearsal;
mod stage;
pub(crate) mod transcript;
pub(crate) mod value;
mod watch;
mod write;

use turnpage_journeys_engine::{Library, Outcome, Spanned};
use turnpage_journeys_expr::{Diagnostic, Span};

pub use judge::{Departure, Judgement, Row, judge};
pub use read::read;
pub use rehearsal::Rehearsal;
pub use stage::{Stage, StageZone};
pub(crate) use transcript::within;
pub use transcript::{Did, Emission, Happening, Moment, Transcript};
pub use turnpage_journeys_expr::{Schema, Value};
pub use write::write;

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
    /// What it begins with: that of the file, then its own.
    pub given: Given,
    /// What happens, in order of time.
    pub when: Vec<Beat>,
    /// How long time goes on after the last event, so that timers can fire.
    pub until: Option<Spanned<WallTime>>,
    /// What must come.
    pub then: Vec<Expected>,
}

/// What a play begins with.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// What chance draws from: the hold-out and the choosing of learning journeys.
    pub seed: u64,
    /// Facts before the first event.
    pub facts: Vec<GivenFact>,
}

/// A fact by its path, with its value as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenFact {
    /// As a guard names it: `weather.rain`.
    pub path: Spanned<String>,
    /// What it is from now on.
    pub value: Spanned<GivenValue>,
}

/// A fact's value as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenValue {
    /// `guest`, `0.5`, `true`, `20m`, `11:30`, or `unknown`.
    One(String),
    /// The members of a set: `[guest, vip]`.
    Set(Vec<String>),
}

/// One event of a play.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Only signals change: those whose facts come with the event, or this one, which says again what it said.
    Signal(Option<Spanned<String>>),
    /// An answer to the latest offer of this name.
    Answer(Spanned<(String, Outcome)>),
    /// The subject picks a choice of its page, by the name of its `pick`.
    Picks(Spanned<String>),
    /// The subject gives this score.
    Feedback(Spanned<i64>),
    /// The subject withdraws its consent: everything about it stops.
    Stops,
}

/// A date and time on the venue's wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct WallTime {
    /// Days since 1970-01-01.
    pub day: i32,
    /// Milliseconds since midnight.
    pub ms: u32,
}

/// Something that must come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// What is expected, for diagnostics.
    pub span: Span,
    /// When.
    pub at: WallTime,
    /// What.
    pub what: What,
    /// What it must say, of things that say something.
    pub text: Option<Spanned<String>>,
}

/// What a play may expect. Names of a journey that is called by the one played begin with its own: `survey>cocoa`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An offer by name.
    Offer(String),
    /// What became of an offer.
    Outcome(String, Outcome),
    /// Staff of this role is called.
    Dispatch(String),
    /// A ticket is opened.
    Ticket,
    /// The order is broken on this page.
    Breach(String),
    /// After everything that happened until then, the subject is on this page.
    Page(String),
    /// Nothing of the above comes at that time.
    Nothing,
}

/// Runs a play of the journey `of`. The other journeys of `library` run beside it, unrecorded.
///
/// # Errors
/// What the play says and library or stage do not know, or an answer to an offer that was never made.
pub fn run(
    library: &Library,
    stage: &Stage,
    of: &Spanned<String>,
    play: &Play,
) -> Result<Transcript, Vec<Diagnostic>> {
    let mut rehearsal = Rehearsal::begin(library, stage, of, &play.given)?;
    for beat in &play.when {
        rehearsal.beat(beat);
    }
    if let Some(until) = &play.until {
        rehearsal.pass(until.value);
    }
    rehearsal.finish()
}

impl Happens {
    /// Facts alone make an event of the weather or of a signal; everything else is a sighting.
    pub(crate) fn of_facts(facts: &[GivenFact]) -> Self {
        let all = |prefixes: &[&str]| {
            let one = |fact: &GivenFact| prefixes.iter().any(|prefix| fact.path.value.starts_with(prefix));
            !facts.is_empty() && facts.iter().all(one)
        };
        match () {
            () if all(&["weather."]) => Self::Weather,
            () if all(&["signal.", "place.queue"]) => Self::Signal(None),
            () => Self::Seen(None),
        }
    }
}

impl std::fmt::Display for GivenValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::One(word) => write!(f, "{word}"),
            Self::Set(words) => write!(f, "[{}]", words.join(", ")),
        }
    }
}
