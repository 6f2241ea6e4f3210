//! What happened in a play, moment by moment, and whether it is what was expected.

use std::fmt;

use turnpage_journeys_engine::Outcome;
use turnpage_journeys_expr::Diagnostic;

use super::calendar::Clock;
use super::{Play, WallTime};

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
}

/// One effect in the author's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
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
    /// What became of an offer.
    Outcome(String, Outcome),
    /// A page was turned.
    Turned(String),
    /// An offer was taken back.
    Withdrawn(String),
    /// The journey ended.
    Ended,
}

/// What a play may expect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An offer by name.
    Offer(String),
    /// What became of an offer.
    Outcome(String, Outcome),
}

impl Transcript {
    /// Offers and outcomes in the order they came.
    pub fn emissions(&self) -> impl Iterator<Item = (WallTime, What)> {
        self.moments.iter().flat_map(|moment| {
            moment.happenings.iter().filter_map(|happening| {
                let what = match happening {
                    Happening::Offer { name, .. } => What::Offer(name.clone()),
                    Happening::Outcome(name, outcome) => What::Outcome(name.clone(), *outcome),
                    _ => return None,
                };
                Some((moment.at, what))
            })
        })
    }

    /// The first place where it departs from what the play expects.
    pub fn judge(&self, play: &Play) -> Option<Diagnostic> {
        let mut came = self.emissions();
        for expected in &play.then {
            let wanted = format!("expected {} at {}", expected.what, expected.at);
            let found = match came.next() {
                Some((at, what)) if at == expected.at && what == expected.what => continue,
                Some((at, what)) => format!("{what} came at {at}"),
                None => "nothing more came".to_owned(),
            };
            return Some(Diagnostic::error("play", expected.span, format!("{wanted}, but {found}")));
        }
        came.next().map(|(at, what)| {
            let message = format!("{what} came at {at}, and nothing was expected any more");
            Diagnostic::error("play", play.title.span, message)
        })
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offer(name) => write!(f, "the offer `{name}`"),
            Self::Outcome(name, outcome) => write!(f, "`{name}.{}`", outcome.name()),
        }
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Began(page) => write!(f, "begins on {page}"),
            Self::Offer { name, text } => write!(f, "offers {name}: {text}"),
            Self::Limited(name) => write!(f, "holds {name} back: its limit is reached"),
            Self::Outcome(name, outcome) => write!(f, "records {name}.{}", outcome.name()),
            Self::Turned(page) => write!(f, "turns to {page}"),
            Self::Withdrawn(name) => write!(f, "takes {name} back"),
            Self::Ended => write!(f, "ends"),
        }
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
            writeln!(f, "{} {}", Clock(moment.at.ms), moment.cause)?;
            for happening in &moment.happenings {
                writeln!(f, "    {happening}")?;
            }
        }
        Ok(())
    }
}
