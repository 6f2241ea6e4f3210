//! What happened, once admitted: the one shape that frames, topics, sources, HTTP and the log share.
//!
//! It knows no bytes and no topics (admit.rs and sources.rs make it) and no consequences (pipeline.rs has them).
//! Next: enrich.rs, which turns it into context.

use serde::{Deserialize, Serialize};
use turnpage_journeys_engine::Outcome;

use crate::Timestamp;
use crate::id::{NodeId, OfferId, PurposeName, ReceiverName, SubjectName, ZoneName};

/// One admitted fact about the venue, at the time it was observed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ContextEvent {
    /// When it was observed, by whoever observed it.
    pub at: Timestamp,
    /// How far that time can be trusted.
    pub quality: TimeQuality,
    /// What was observed.
    pub what: What,
}

/// How an observer knew the time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum TimeQuality {
    /// Its clock was set by a time source.
    #[default]
    Synced,
    /// It counted on from an earlier synchronisation, or the gateway inferred it.
    Estimated,
    /// It had no idea; the gateway's own time stands in.
    Unknown,
}

/// The kinds of facts that the gateway understands.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum What {
    /// A reading that saw a subject.
    Sighting(Sighting),
    /// A reading of the air at a place. Fields that were not measured are `None`.
    Weather {
        /// Where it was measured.
        place: Place,
        /// What was measured.
        reading: Weather,
    },
    /// A named value from another system.
    Signal {
        /// Its name, as the venue declares it.
        name: String,
        /// Its value, in the unit that the venue declares.
        value: f64,
    },
    /// What became of an offer.
    Outcome {
        /// Whose offer it was.
        subject: SubjectName,
        /// Which offer.
        offer: OfferId,
        /// What became of it.
        outcome: Outcome,
    },
    /// A subject's will about a purpose.
    Consent {
        /// Whose will.
        subject: SubjectName,
        /// For what.
        purpose: Purpose,
        /// Given, or withdrawn.
        granted: bool,
    },
    /// A node said that it is there (birth), or the door said that it is gone (will).
    Node {
        /// Which node.
        node: NodeId,
        /// There, or gone.
        online: bool,
        /// The node's boot count when it said so.
        boot: u32,
        /// The sequence number of the birth; [`u32::MAX`] for a will.
        sequence: u32,
    },
    // The log holds these variants by number: new ones come after the last.
    /// What is known about a subject. What is not said stays as it was.
    Profile {
        /// About whom.
        subject: SubjectName,
        /// What is said.
        profile: Profile,
    },
    /// A subject's word on how it was.
    Feedback {
        /// Whose word.
        subject: SubjectName,
        /// The score, on whatever scale the venue asks for.
        score: i64,
        /// What it is about, in the words of whoever asked.
        about: Option<String>,
    },
    /// A choice that a subject picked on a kiosk or in an app.
    Pick {
        /// Who picked.
        subject: SubjectName,
        /// The journey it was shown for.
        journey: String,
        /// The page it was shown on.
        page: String,
        /// The pick's name.
        pick: String,
    },
    /// A receiver heard a subject. Where the subject is, is weighed against what other receivers hear.
    Reception(Reception),
    /// An offer was accepted, and brought something: what a till says.
    Sale {
        /// Whose offer it was.
        subject: SubjectName,
        /// Which offer.
        offer: OfferId,
        /// How much, in the venue's money.
        value: f64,
    },
}

/// What somebody who knows a subject says about it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Profile {
    /// What it is here: one of the venue's roles.
    pub role: Option<String>,
    /// The party it came with.
    pub party: Said<SubjectName>,
    /// What it reads: a language tag.
    pub language: Said<String>,
    /// The channel on which it can be reached now: one of the venue's.
    pub channel: Said<String>,
    /// Facts that the venue declares, by name; `None` takes one back.
    pub facts: Vec<(String, Option<FactValue>)>,
}

/// Something that may be said, taken back, or left alone.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Said<T> {
    /// It was not spoken of.
    #[default]
    Nothing,
    /// It is not known any more.
    Unknown,
    /// It is this.
    Is(T),
}

/// The most that one offer can have brought: more is a till's mistake, and would outweigh a year of offers.
const VALUE_MAX: f64 = 1e7;

impl What {
    /// What became of an offer, and what it brought where somebody says so. `None` for what cannot be: a value of what was
    /// not accepted, or none that anybody pays.
    #[must_use]
    pub fn answered(
        subject: SubjectName,
        offer: OfferId,
        outcome: Outcome,
        value: Option<f64>,
    ) -> Option<Self> {
        match value {
            None => Some(Self::Outcome { subject, offer, outcome }),
            Some(value) if outcome == Outcome::Accepted && (0.0..=VALUE_MAX).contains(&value) => {
                Some(Self::Sale { subject, offer, value })
            }
            Some(_) => None,
        }
    }
}

impl<T> Said<T> {
    /// What is said, in other words; the first word that has none ends it.
    pub(crate) fn try_map<U, E>(self, to: impl FnOnce(T) -> Result<U, E>) -> Result<Said<U>, E> {
        Ok(match self {
            Self::Nothing => Said::Nothing,
            Self::Unknown => Said::Unknown,
            Self::Is(value) => Said::Is(to(value)?),
        })
    }
}

/// The value of a subject's fact, as messages and records carry it; the venue says what it means.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum FactValue {
    /// A truth.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Number(f64),
    /// A word, or a length of time such as `20m`.
    Text(String),
}

/// A subject was seen.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Sighting {
    /// Who.
    pub subject: SubjectName,
    /// What the subject is here, when the observer knows: one of the venue's roles.
    pub role: Option<String>,
    /// Where.
    pub place: Place,
    /// Coming, staying or going, as far as the observer can tell.
    pub presence: Presence,
}

/// A subject was heard by a receiver of the venue, however far off.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reception {
    /// Who.
    pub subject: SubjectName,
    /// What the subject is here, when the observer knows: one of the venue's roles.
    pub role: Option<String>,
    /// By which receiver.
    pub receiver: ReceiverName,
    /// How loud.
    pub heard: Heard,
}

/// How loud a receiver heard a subject, as it says it: calibration is the venue's.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub enum Heard {
    /// Received strength.
    Dbm {
        /// In dBm.
        dbm: f64,
        /// What the subject gives at one metre, in dBm, where the receiver knows.
        at_one_metre: Option<f64>,
    },
    /// An estimate of the distance, in metres.
    Metres(f64),
}

/// What an observer says about a stay in its range.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Presence {
    /// Seen; the gateway decides whether that is news.
    #[default]
    Seen,
    /// No longer seen by this observer.
    Left,
}

/// A place, as precisely as the observer knows it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Place {
    /// Where this node is mounted.
    Node(NodeId),
    /// This zone.
    Zone(ZoneName),
    /// These coordinates.
    Point {
        /// Degrees east of Greenwich.
        lon: f64,
        /// Degrees north of the equator.
        lat: f64,
        /// The storey, where known; 0 is the ground.
        level: Option<i16>,
    },
    // The log holds these variants by number: new ones come after the last.
    /// Somewhere here: the venue as a whole.
    Venue,
}

/// The air, in the venue's units. What was not measured is `None`.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Weather {
    /// Degrees Celsius.
    pub temperature: Option<f64>,
    /// Millimetres an hour.
    pub rain: Option<f64>,
    /// Metres a second.
    pub wind: Option<f64>,
    /// Relative humidity in percent.
    pub humidity: Option<f64>,
    /// Lux.
    pub light: Option<f64>,
}

/// What stands for all purposes in messages; no purpose can have this name.
pub(crate) const ALL_PURPOSES: &str = "offers";

/// What consent is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Being offered things, whatever for.
    Offers,
    // The log holds these variants by number: new ones come after the last.
    /// One of the venue's purposes.
    Named(PurposeName),
}

impl Purpose {
    /// The purpose of a word, as messages say it: `offers` stands for all.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        if word == ALL_PURPOSES { Some(Self::Offers) } else { PurposeName::new(word).map(Self::Named) }
    }
}
