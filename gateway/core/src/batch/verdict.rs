//! What `plan` decided about an offer, and what decided it: the cap, the purpose, the rival, the pool, the bid.
//!
//! The log holds decisions as the first version wrote them, and those that have a ground under two numbers of their own, so
//! that old logs are read and a venue that declares nothing new writes the bytes that it wrote. Before: plan.rs. Next:
//! batch.rs; why.rs and gateway/cli, which tell it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{DecisionRecord, FactRecord};
use crate::Timestamp;
use crate::id::{OfferId, SubjectName};

/// What `plan` decided about an offer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Made, through this channel.
    Made {
        /// The channel's name.
        channel: String,
    },
    /// Withheld.
    Withheld(Withheld),
}

/// Why an offer was withheld. The log holds these by number: new ones come after the last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Withheld {
    /// No consent, or it was withdrawn.
    Consent,
    /// The venue is quiet now.
    QuietHours,
    /// The subject's offers of the day are used up.
    DailyCap,
    /// The last offer was too short ago.
    MinGap,
    /// None of the offer's channels exists here.
    Channel,
    /// The subject's outbox is full.
    Outbox,
    /// The journey's offers to the subject today are used up.
    JourneyCap,
    /// The offers to the subject's party today are used up.
    PartyCap,
    /// The subject took none of its last offers, and is left alone for longer.
    Fatigue,
    /// The subject is among those that the journey makes no offers to, for comparison.
    HoldOut,
    /// Another offer has the slot.
    Rival,
    /// No unit of the pool is free.
    Full,
    /// The offer's vendor bids nothing for the slot that reaches its floor.
    NoBid,
    /// The offer's vendor has spent what it may have spent by now.
    Budget,
}

impl Withheld {
    /// Every reason, for counters.
    pub const ALL: [Self; 14] = [
        Self::Consent,
        Self::QuietHours,
        Self::DailyCap,
        Self::MinGap,
        Self::Channel,
        Self::Outbox,
        Self::JourneyCap,
        Self::PartyCap,
        Self::Fatigue,
        Self::HoldOut,
        Self::Rival,
        Self::Full,
        Self::NoBid,
        Self::Budget,
    ];

    /// The reason in words of metrics and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::QuietHours => "quiet-hours",
            Self::DailyCap => "daily-cap",
            Self::MinGap => "min-gap",
            Self::Channel => "channel",
            Self::Outbox => "outbox",
            Self::JourneyCap => "journey-cap",
            Self::PartyCap => "party-cap",
            Self::Fatigue => "fatigue",
            Self::HoldOut => "hold-out",
            Self::Rival => "rival",
            Self::Full => "full",
            Self::NoBid => "no-bid",
            Self::Budget => "budget",
        }
    }
}

/// What decided, with its numbers and names as they were. The log holds these by number: new ones come after the last.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// Consent for this purpose is missing.
    Purpose {
        /// The purpose's name.
        purpose: String,
    },
    /// So many offers were made, and no more may be.
    Cap {
        /// Made on this date.
        count: u32,
        /// And at most so many.
        limit: u32,
    },
    /// There is no offer before this.
    Wait {
        /// When the next may be made.
        until: Timestamp,
        /// Offers in a row that the subject did not take; 0 where the wait is everybody's.
        ignored: u32,
    },
    /// The subject is among the share that the journey leaves alone.
    HoldOut {
        /// The share, in millionths.
        share_ppm: u32,
    },
    /// This offer has the slot.
    Rival {
        /// Its id.
        id: OfferId,
        /// Its journey.
        journey: String,
        /// Which of that journey's offers.
        offer: String,
    },
    /// No unit of this pool is free.
    Full {
        /// The pool's name.
        pool: String,
        /// How it stood; `None` while nobody knows how many units are left.
        level: Option<PoolLevel>,
    },
    /// The vendor's best bid for the slot is below its floor.
    NoBid {
        /// The vendor.
        vendor: String,
        /// Its best bid; `None` when none fits the slot.
        bid: Option<u32>,
        /// The least that the slot costs.
        floor: u32,
    },
    /// The vendor's bid does not fit into what is left of its budget.
    Budget {
        /// The vendor.
        vendor: String,
        /// Its best bid.
        bid: u32,
        /// What it has spent on this date.
        spent: u32,
        /// What it may have spent by now.
        limit: u32,
    },
    /// The slot was sold, and the offer made.
    Sold {
        /// To this vendor.
        vendor: String,
        /// Which bid so much.
        bid: u32,
        /// And pays this.
        price: u32,
    },
}

/// How a pool stood: `held + used + free == size`, unless more is out than there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PoolLevel {
    /// Units that there are.
    pub size: u32,
    /// Units that an offer may hold.
    pub free: u32,
    /// Units that live offers hold.
    pub held: u32,
    /// Units that accepted offers use.
    pub used: u32,
}

/// In words, for people.
impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Purpose { purpose } => write!(f, "no consent for {purpose}"),
            Self::Cap { count, limit } => write!(f, "{count} of {limit} today"),
            Self::Wait { ignored: 0, until } => write!(f, "not before {}", until.0),
            Self::Wait { ignored, until } => {
                write!(f, "{ignored} in a row not taken, not before {}", until.0)
            }
            Self::HoldOut { share_ppm } => {
                write!(f, "among the {} % that are left alone", f64::from(*share_ppm) / 10_000.0)
            }
            Self::Rival { journey, offer, .. } => write!(f, "{offer} of {journey} has the slot"),
            Self::Full { pool, level: None } => write!(f, "nobody knows what is left of {pool}"),
            Self::Full { pool, level: Some(PoolLevel { size, free, held, used }) } => {
                write!(f, "{pool}: {free} of {size} free, {held} held, {used} used")
            }
            Self::NoBid { vendor, bid: None, .. } => write!(f, "{vendor} bids nothing for this slot"),
            Self::NoBid { vendor, bid: Some(bid), floor } => {
                write!(f, "{vendor} bids {bid}, and the slot costs at least {floor}")
            }
            Self::Budget { vendor, bid, spent, limit } => {
                write!(f, "{vendor} bids {bid}, and has spent {spent} of the {limit} it may by now")
            }
            Self::Sold { vendor, bid, price } => write!(f, "{vendor} bid {bid} and pays {price}"),
        }
    }
}

/// A verdict as the log holds it, with its ground where it has one. New ones come after the last.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Written {
    Made { channel: String },
    Withheld(Withheld),
    MadeFor { channel: String, ground: Ground },
    WithheldFor { why: Withheld, ground: Ground },
}

/// A decision as the log holds it.
#[derive(Serialize, Deserialize)]
struct Stored<S, F> {
    id: OfferId,
    at: Timestamp,
    subject: SubjectName,
    journey: S,
    page: S,
    offer: S,
    guard: Option<S>,
    facts: F,
    verdict: Written,
}

impl Serialize for DecisionRecord {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let verdict = match (self.verdict.clone(), self.ground.clone()) {
            (Verdict::Made { channel }, None) => Written::Made { channel },
            (Verdict::Made { channel }, Some(ground)) => Written::MadeFor { channel, ground },
            (Verdict::Withheld(why), None) => Written::Withheld(why),
            (Verdict::Withheld(why), Some(ground)) => Written::WithheldFor { why, ground },
        };
        let stored: Stored<&str, &[FactRecord]> = Stored {
            id: self.id,
            at: self.at,
            subject: self.subject.clone(),
            journey: &self.journey,
            page: &self.page,
            offer: &self.offer,
            guard: self.guard.as_deref(),
            facts: &self.facts,
            verdict,
        };
        stored.serialize(to)
    }
}

impl<'de> Deserialize<'de> for DecisionRecord {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let stored: Stored<String, Vec<FactRecord>> = Stored::deserialize(from)?;
        let (verdict, ground) = match stored.verdict {
            Written::Made { channel } => (Verdict::Made { channel }, None),
            Written::Withheld(why) => (Verdict::Withheld(why), None),
            Written::MadeFor { channel, ground } => (Verdict::Made { channel }, Some(ground)),
            Written::WithheldFor { why, ground } => (Verdict::Withheld(why), Some(ground)),
        };
        let Stored { id, at, subject, journey, page, offer, guard, facts, .. } = stored;
        Ok(Self { id, at, subject, journey, page, offer, guard, facts, verdict, ground })
    }
}
