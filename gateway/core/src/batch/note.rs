//! What steps did beside making offers, and what subjects may pick from: plain data for people and kiosks.
//!
//! Written by pipeline/notes.rs and pipeline/picks.rs. Next: gateway/store keeps the notes, gateway/server tells the picks.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{OfferId, SubjectName};

/// Something a journey did beside making an offer, for whoever asks why.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct NoteRecord {
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub subject: SubjectName,
    /// Which journey.
    pub journey: String,
    /// On which page; empty for an instance that has ended.
    pub page: String,
    /// What.
    pub note: Note,
}

/// What a journey did, or did not do. The log holds these by number: new ones come after the last.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// A choice stayed closed only because its offer's limit is reached.
    Limit {
        /// What would have been offered.
        offer: String,
    },
    /// A choice stayed closed only because a mandated journey is not to be interrupted.
    Held {
        /// What would have been offered.
        offer: String,
    },
    /// Staff were called.
    Dispatch {
        /// The call's id.
        id: OfferId,
        /// Whom.
        role: String,
        /// What for.
        task: String,
    },
    /// A ticket was opened.
    Ticket {
        /// What it says.
        text: String,
    },
    /// A fact of the subject was set.
    Remembered {
        /// Which, such as `subject.tier`.
        fact: String,
        /// To what, in words.
        value: String,
    },
    /// A page of a mandated journey was passed.
    Passed {
        /// The evidence, 32 hexadecimal digits.
        evidence: String,
    },
    /// The order of a mandated journey was broken.
    Breach,
    /// The recommended way was left.
    Strayed,
    /// One of a learning journey's alternatives was chosen.
    Chose {
        /// Which, counted from 0.
        alternative: u16,
        /// What decided: `hold-out`, `floor` or `learned`.
        by: String,
        /// How probable it was, in millionths.
        chance_ppm: u32,
    },
    /// A prediction was settled.
    Foretold {
        /// Whether the goal was reached in time.
        reached: bool,
    },
}

impl Note {
    /// What it is, in one word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Limit { .. } => "limit",
            Self::Held { .. } => "held",
            Self::Dispatch { .. } => "dispatch",
            Self::Ticket { .. } => "ticket",
            Self::Remembered { .. } => "remembered",
            Self::Passed { .. } => "passed",
            Self::Breach => "breach",
            Self::Strayed => "strayed",
            Self::Chose { .. } => "chose",
            Self::Foretold { .. } => "foretold",
        }
    }
}

/// What a subject may pick from now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Choices {
    /// Who.
    pub subject: SubjectName,
    /// The open picks of all its journeys; empty when there is nothing to pick any more.
    pub choices: Vec<Pickable>,
}

/// One open pick, as a kiosk or an app shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Pickable {
    /// The journey.
    pub journey: String,
    /// The page it stands on.
    pub page: String,
    /// Its name: what comes back when it is picked.
    pub pick: String,
    /// What the subject reads, in its language.
    pub label: String,
}
