//! What was said about a subject: its party, language, channel and facts, its last score, its last picks.
//!
//! Each with the time at which it was so. Saved by name like everything, so that an edited venue keeps what it still
//! declares. It decides nothing. Before: pipeline/words.rs, which takes the messages. Next: enrich/facts.rs.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use turnpage_journeys_expr::Value;
use turnpage_journeys_nextplace::Trail;

use crate::Timestamp;
use crate::event::FactValue;
use crate::id::SubjectName;
use crate::venue::Venue;

/// Picks that are remembered, so that a second delivery is known: more than anyone makes while a message is resent.
const PICKS_MAX: usize = 4;
/// Closed choices that are remembered, so that they are told once: more than journeys of one subject close at once.
const TOLD_MAX: usize = 16;

/// What was said about a subject.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct About {
    /// When the latest profile was true.
    pub(crate) said_at: Timestamp,
    pub(crate) party: Option<SubjectName>,
    /// A language tag.
    pub(crate) language: Option<String>,
    /// The channel it was last present on: a place in the venue's channels.
    pub(crate) channel: Option<Known<usize>>,
    /// By place in the venue's facts.
    pub(crate) facts: BTreeMap<usize, Known<Value>>,
    /// The last score.
    pub(crate) feedback: Option<Known<i64>>,
    /// A party's member whose event came last: what is known about the party is known about it.
    pub(crate) speaker: Option<SubjectName>,
    /// Its way so far, while somebody asks where people go next.
    pub(crate) trail: Option<Trail>,
    picks: VecDeque<(Timestamp, u64)>,
    told: VecDeque<Told>,
}

/// Something known, and since when.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Known<T> {
    pub(crate) value: T,
    pub(crate) at: Timestamp,
}

/// A choice that was told to be closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Told {
    /// A hash of what was told.
    pub(crate) what: u64,
    pub(crate) at: Timestamp,
}

impl Default for About {
    fn default() -> Self {
        Self {
            said_at: Timestamp(i64::MIN),
            party: None,
            language: None,
            channel: None,
            facts: BTreeMap::new(),
            feedback: None,
            speaker: None,
            trail: None,
            picks: VecDeque::new(),
            told: VecDeque::new(),
        }
    }
}

/// As it is stored.
#[derive(Serialize, Deserialize)]
pub(super) struct Saved {
    said_at: Timestamp,
    party: Option<SubjectName>,
    language: Option<String>,
    channel: Option<Known<String>>,
    facts: Vec<(String, Known<FactValue>)>,
    feedback: Option<Known<i64>>,
    speaker: Option<SubjectName>,
    trail: Option<Vec<u8>>,
    picks: VecDeque<(Timestamp, u64)>,
    told: VecDeque<Told>,
}

impl About {
    /// Remembers a pick; false when it is a second delivery.
    pub(crate) fn picked(&mut self, at: Timestamp, pick: u64) -> bool {
        let news = !self.picks.contains(&(at, pick));
        if news {
            if self.picks.len() == PICKS_MAX {
                self.picks.pop_front();
            }
            self.picks.push_back((at, pick));
        }
        news
    }

    /// Remembers that something was told; false when it was told less than `again_ms` ago.
    pub(crate) fn tell(&mut self, what: u64, at: Timestamp, again_ms: i64) -> bool {
        if let Some(told) = self.told.iter().find(|told| told.what == what)
            && at.0.saturating_sub(told.at.0) < again_ms
        {
            return false;
        }
        self.told.retain(|told| told.what != what);
        if self.told.len() == TOLD_MAX {
            self.told.pop_front();
        }
        self.told.push_back(Told { what, at });
        true
    }

    pub(super) fn saved(&self, venue: &Venue) -> Saved {
        let channel = self.channel.and_then(|channel| {
            let value = venue.policy.channels.get(channel.value)?.clone();
            Some(Known { value, at: channel.at })
        });
        let facts = self.facts.iter().filter_map(|(fact, known)| {
            let declared = venue.facts.get(*fact)?;
            let value = declared.of.say(known.value, venue)?;
            Some((declared.name.clone(), Known { value, at: known.at }))
        });
        Saved {
            said_at: self.said_at,
            party: self.party.clone(),
            language: self.language.clone(),
            channel,
            facts: facts.collect(),
            feedback: self.feedback,
            speaker: self.speaker.clone(),
            trail: self.trail.as_ref().map(Trail::to_bytes),
            picks: self.picks.clone(),
            told: self.told.clone(),
        }
    }

    /// Takes it back. What the venue no longer declares, or declares to be something else, is let go.
    pub(super) fn read(bytes: &[u8], venue: &Venue) -> Option<Self> {
        postcard::from_bytes(bytes).ok().map(|saved| Self::of(saved, venue))
    }

    /// The same, once read.
    pub(super) fn of(saved: Saved, venue: &Venue) -> Self {
        let channel = saved.channel.and_then(|channel| {
            let value = venue.find_channel(&channel.value)?;
            Some(Known { value, at: channel.at })
        });
        let facts = saved.facts.into_iter().filter_map(|(name, known)| {
            let fact = venue.find_fact(&name)?;
            let value = venue.facts.get(fact)?.of.value(&known.value, venue)?;
            Some((fact, Known { value, at: known.at }))
        });
        Self {
            said_at: saved.said_at,
            party: saved.party,
            language: saved.language,
            channel,
            facts: facts.collect(),
            feedback: saved.feedback,
            speaker: saved.speaker,
            trail: saved.trail.and_then(|trail| Trail::from_bytes(&trail).ok()),
            picks: saved.picks,
            told: saved.told,
        }
    }
}
