//! What happened in a play, moment by moment, in the author's words.
//!
//! Says nothing about whether it should have: `judge` does.

use std::fmt;

use turnpage_journeys_engine::{ChosenBy, Outcome};

use super::calendar::Clock;
use super::{WallTime, What};

/// Everything a play did, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    /// Events and timers.
    pub moments: Vec<Moment>,
}

/// One event or timer and its effects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: WallTime,
    /// What came: the event as the play tells it, or `timer`.
    pub cause: String,
    /// What it did.
    pub happenings: Vec<Happening>,
    /// The page of the journey played once all of it was done; nothing before it begins and after it ends.
    pub page: Option<String>,
}

/// One effect in the author's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// The journey called whose doing it is: `survey`; empty for the journey played.
    pub within: String,
    /// What was done.
    pub did: Did,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// The journey began on a page.
    Began(String),
    /// An offer, with its copy in the author's first language.
    Offer {
        /// Its name.
        name: String,
        /// What the subject reads.
        text: String,
    },
    /// An offer that its limit held back.
    Limited(String),
    /// An offer that a mandated journey of the same subject held back.
    Held(String),
    /// What became of an offer.
    Outcome(String, Outcome),
    /// A page was turned.
    Turned(String),
    /// An offer was taken back.
    Withdrawn(String),
    /// Staff was called.
    Dispatch {
        /// Whom.
        role: String,
        /// What for.
        text: String,
    },
    /// A ticket was opened, with what it says.
    Ticket(String),
    /// A fact of the subject was set.
    Remembered {
        /// Which.
        path: String,
        /// To what.
        value: String,
    },
    /// A page of a mandated journey was passed, with evidence.
    Passed(String),
    /// The order was broken on a page.
    Breach(String),
    /// The recommended way was left on a page.
    Strayed(String),
    /// One of several alternatives was chosen.
    Chose {
        /// Its offer.
        name: String,
        /// What decided.
        by: ChosenBy,
        /// How probable it was, in millionths.
        chance_ppm: u32,
    },
    /// A page called a journey.
    Called(String),
    /// A journey called came back.
    Returned {
        /// Which.
        from: String,
        /// With what.
        result: String,
    },
    /// A prediction was settled.
    Foretold {
        /// Whether the goal was reached in time.
        reached: bool,
    },
    /// The journey ended.
    Ended,
}

/// Something that leaves the journey and that a play must therefore expect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emission {
    /// When.
    pub at: WallTime,
    /// What.
    pub what: What,
    /// What it says, if it says something.
    pub text: Option<String>,
}

impl Transcript {
    /// What left the journey, in the order it came.
    pub fn emissions(&self) -> impl Iterator<Item = Emission> {
        self.moments.iter().flat_map(|moment| {
            let emission = |(what, text)| Emission { at: moment.at, what, text };
            moment.happenings.iter().filter_map(Happening::emission).map(emission)
        })
    }

    /// The page after everything up to and including `at`.
    pub fn page(&self, at: WallTime) -> Option<&str> {
        self.moments.iter().take_while(|moment| moment.at <= at).last()?.page.as_deref()
    }
}

impl Happening {
    fn emission(&self) -> Option<(What, Option<String>)> {
        let name = |name: &String| within(&self.within, name);
        Some(match &self.did {
            Did::Offer { name: offer, text } => (What::Offer(name(offer)), Some(text.clone())),
            Did::Outcome(offer, outcome) => (What::Outcome(name(offer), *outcome), None),
            Did::Dispatch { role, text } => (What::Dispatch(role.clone()), Some(text.clone())),
            Did::Ticket(text) => (What::Ticket, Some(text.clone())),
            Did::Breach(page) => (What::Breach(name(page)), None),
            _ => return None,
        })
    }
}

/// A name as the play of a calling journey says it.
pub(crate) fn within(journey: &str, name: &str) -> String {
    if journey.is_empty() { name.to_owned() } else { format!("{journey}>{name}") }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offer(name) => write!(f, "the offer `{name}`"),
            Self::Outcome(name, outcome) => write!(f, "`{name}.{}`", outcome.name()),
            Self::Dispatch(role) => write!(f, "a call for `{role}`"),
            Self::Ticket => write!(f, "a ticket"),
            Self::Breach(page) => write!(f, "a breach on `{page}`"),
            Self::Page(page) => write!(f, "the page `{page}`"),
            Self::Nothing => write!(f, "nothing"),
        }
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.within.is_empty() {
            write!(f, "{}: ", self.within)?;
        }
        write!(f, "{}", self.did)
    }
}

impl fmt::Display for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Began(page) => write!(f, "begins on {page}"),
            Self::Offer { name, text } => write!(f, "offers {name}: {text}"),
            Self::Limited(name) => write!(f, "holds {name} back: its limit is reached"),
            Self::Held(name) => write!(f, "holds {name} back: a mandated journey is not interrupted"),
            Self::Outcome(name, outcome) => write!(f, "records {name}.{}", outcome.name()),
            Self::Turned(page) => write!(f, "turns to {page}"),
            Self::Withdrawn(name) => write!(f, "takes {name} back"),
            Self::Dispatch { role, text } => write!(f, "dispatches {role}: {text}"),
            Self::Ticket(text) => write!(f, "opens a ticket: {text}"),
            Self::Remembered { path, value } => write!(f, "remembers {path} {value}"),
            Self::Passed(page) => write!(f, "passes {page}, with evidence"),
            Self::Breach(page) => write!(f, "records a breach on {page}"),
            Self::Strayed(page) => write!(f, "has strayed from the way on {page}"),
            Self::Chose { name, by, chance_ppm } => {
                let percent = f64::from(*chance_ppm) / 10_000.0;
                write!(f, "chooses {name}: {}, its chance {percent:.1} %", by_word(*by))
            }
            Self::Called(journey) => write!(f, "calls {journey}"),
            Self::Returned { from, result } => write!(f, "{from} returns {result}"),
            Self::Foretold { reached: true } => write!(f, "foretold right: the goal is reached"),
            Self::Foretold { reached: false } => write!(f, "foretold wrong: the goal is not reached in time"),
            Self::Ended => write!(f, "ends"),
        }
    }
}

fn by_word(by: ChosenBy) -> &'static str {
    match by {
        ChosenBy::HoldOut => "the hold-out's",
        ChosenBy::Floor => "drawn evenly",
        ChosenBy::Learned => "learned",
    }
}

impl fmt::Display for Transcript {
    /// A line a moment, its effects under it; the date where it changes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut day = None;
        for moment in &self.moments {
            if day.replace(moment.at.day) != Some(moment.at.day) {
                let date = moment.at.to_string();
                writeln!(f, "{}", date.split(' ').next().unwrap_or_default())?;
            }
            write!(f, "{moment}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", Clock(self.at.ms), self.cause)?;
        for happening in &self.happenings {
            writeln!(f, "    {happening}")?;
        }
        Ok(())
    }
}
