//! What one group of messages changed, as plain data: the only thing that crosses to the store and to dispatch.
//!
//! A batch is complete: folding batches over an empty [`State`] in their order gives the pipeline's whole state, so
//! a store needs no knowledge of what is inside. It knows no codec and no disk. Before: plan.rs.
//! Next: gateway/store, which commits it.

mod note;
mod verdict;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::edition::EditionDigest;
use crate::event::ContextEvent;
use crate::id::{NodeId, OfferId, SubjectName};
use crate::ledger::LedgerLine;
use crate::live::Counters;
pub use note::{Choices, Note, NoteRecord, Pickable};
pub use verdict::{Ground, PoolLevel, Verdict, Withheld};

/// Bytes of most entries, names and offers: so that a batch is seldom moved while it is written.
const RECORD_BYTES: usize = 96;

/// Everything that a group of messages changed. Committed whole or not at all.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Batch {
    /// The logical time after this batch.
    pub now: Timestamp,
    /// What was admitted, in the order in which it was processed: the log that a replay reads.
    pub entries: Vec<Entry>,
    /// The new record of each subject of which more changed than where it is, ascending by name.
    pub subjects: Vec<SubjectState>,
    /// The new de-duplication mark of each node that was heard, ascending by node.
    pub marks: Vec<(NodeId, Mark)>,
    /// The new state of what no subject owns (a weather station, a signal, a node) and changed, ascending by key.
    pub house: Vec<HouseState>,
    /// Offers to deliver, in the order in which they were made.
    pub outbox: Vec<Outgoing>,
    /// Offers that need no delivery any more: delivered, expired or withdrawn. May name an offer of this very batch.
    pub settled: Vec<Settled>,
    /// What was not admitted, within a bound.
    pub dead: Vec<DeadLetter>,
    /// Why each offer was made or withheld.
    pub decisions: Vec<DecisionRecord>,
    /// All counters, after this batch.
    pub counters: Counters,
    /// What steps did beside making offers. Written behind the rest: see [`Batch::to_bytes`].
    #[serde(skip)]
    pub notes: Vec<NoteRecord>,
    /// Where offers were decided about and what became of them, in the order in which it happened. Written behind the notes.
    #[serde(skip)]
    pub ledger: Vec<LedgerLine>,
    /// Where each subject is that was touched, ascending by name. Written behind the ledger.
    #[serde(skip)]
    pub stays: Vec<SubjectState>,
    /// What subjects may pick from, where that has changed. Never written: a restart tells it anew.
    #[serde(skip)]
    pub choices: Vec<Choices>,
}

impl Batch {
    /// The batch as the log keeps it. What came later to the format stands behind what was there before, so that bytes
    /// that end early are an older version's, and a batch without anything new has an older version's bytes.
    ///
    /// # Errors
    /// Writing plain data to memory does not fail.
    pub fn to_bytes(&self) -> Result<Vec<u8>, postcard::Error> {
        let states: usize = self.subjects.iter().chain(&self.stays).map(|subject| subject.bytes.len()).sum();
        let records = self.entries.len() + self.subjects.len() + self.stays.len() + self.outbox.len();
        let mut bytes = postcard::to_extend(self, Vec::with_capacity(states + records * RECORD_BYTES))?;
        // Whatever is written behind the rest has all before it.
        let stays = !self.stays.is_empty();
        let ledger = stays || !self.ledger.is_empty();
        if ledger || !self.notes.is_empty() {
            bytes = postcard::to_extend(&self.notes, bytes)?;
        }
        if ledger {
            bytes = postcard::to_extend(&self.ledger, bytes)?;
        }
        if stays { postcard::to_extend(&self.stays, bytes) } else { Ok(bytes) }
    }

    /// A batch of the log, of this version or an older one.
    ///
    /// # Errors
    /// When the bytes are not what [`Batch::to_bytes`] of any version wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, postcard::Error> {
        let (mut batch, mut behind) = postcard::take_from_bytes::<Self>(bytes)?;
        if !behind.is_empty() {
            (batch.notes, behind) = postcard::take_from_bytes(behind)?;
        }
        if !behind.is_empty() {
            (batch.ledger, behind) = postcard::take_from_bytes(behind)?;
        }
        if !behind.is_empty() {
            batch.stays = postcard::from_bytes(behind)?;
        }
        Ok(batch)
    }

    /// Nothing yet, with room for as much as is in this one: groups that follow one another are alike, and whoever grows
    /// from nothing moves each record twice.
    pub(crate) fn alike(&self) -> Self {
        Self {
            entries: Vec::with_capacity(self.entries.len()),
            outbox: Vec::with_capacity(self.outbox.len()),
            decisions: Vec::with_capacity(self.decisions.len()),
            notes: Vec::with_capacity(self.notes.len()),
            ledger: Vec::with_capacity(self.ledger.len()),
            ..Self::default()
        }
    }

    /// Whether nothing happened, so that nothing needs a commit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
            && self.subjects.is_empty()
            && self.stays.is_empty()
            && self.marks.is_empty()
            && self.house.is_empty()
            && self.outbox.is_empty()
            && self.settled.is_empty()
            && self.dead.is_empty()
            && self.decisions.is_empty()
            && self.notes.is_empty()
            && self.ledger.is_empty()
            && self.choices.is_empty()
    }
}

/// One step of the log: replaying entries in order on the same venue and journeys makes the same day.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The gateway's time when it was processed.
    pub now: Timestamp,
    /// What was processed.
    pub cause: Cause,
}

/// What moved the pipeline.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Cause {
    /// An admitted event.
    Event(ContextEvent),
    /// Time passed and something was due.
    Tick,
    /// From here on the gateway runs this edition, which is in the house of the same batch; everyone inside has gone on
    /// under it as its journeys say. It is the first entry of its batch.
    Edition(EditionDigest),
}

/// A part of a subject's state, in this crate's own versioned encoding: its record, which is its context and its
/// instances, or where it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SubjectState {
    /// Whose state.
    pub name: SubjectName,
    /// The state; a record is empty when its subject is forgotten, and where it was goes with it.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// One thing's state that no subject owns, in this crate's own encoding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HouseState {
    /// What it is, such as `signal/parking`.
    pub key: String,
    /// The state; empty when the venue has no such thing any more.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// How far a node's messages were taken: what makes a second delivery a duplicate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Mark {
    /// The node's boot count; messages of an older boot are refused.
    pub boot: u32,
    /// The highest sequence number taken in this boot.
    pub highest: u32,
    /// Bit n is set when `highest - n` was taken; what is older than the window is refused.
    pub taken: u128,
    /// The gateway's time when something of the node was last admitted.
    pub seen_at: Timestamp,
}

/// An offer on its way to a subject. Delivered at least once; receivers de-duplicate by `id`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Outgoing {
    /// Stable: the same offer always has this id.
    pub id: OfferId,
    /// To whom.
    pub subject: SubjectName,
    /// Through what: a channel's name, such as `band`.
    pub channel: String,
    /// Which journey made it.
    pub journey: String,
    /// On which page.
    pub page: String,
    /// Which of the journey's offers.
    pub offer: String,
    /// What the subject reads.
    pub text: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Not to be delivered at or after this.
    pub valid_until: Timestamp,
}

impl Outgoing {
    /// What the channel of a call for staff begins with; the role follows. No channel's name can.
    pub const STAFF: &str = "staff/";

    /// The role that is called, if this is a call for staff and no offer.
    #[must_use]
    pub fn staff(&self) -> Option<&str> {
        self.channel.strip_prefix(Self::STAFF)
    }
}

/// An offer that needs no delivery any more.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Settled {
    /// Which offer.
    pub id: OfferId,
    /// Whose.
    pub subject: SubjectName,
    /// Why.
    pub how: Settlement,
}

/// Why an offer left the outbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Settlement {
    /// A channel took it.
    Delivered,
    /// Its time ran out before a channel took it.
    Expired,
    /// Its journey or the subject's consent took it back; receivers should hide it.
    Withdrawn,
}

/// A message that was not admitted.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The gateway's time when it came.
    pub now: Timestamp,
    /// The client that sent it, as it is known at the door.
    pub client: String,
    /// Where it was sent, cut to [`DeadLetter::TOPIC_MAX`] bytes.
    pub topic: String,
    /// The first [`DeadLetter::PAYLOAD_MAX`] bytes of what was sent.
    #[serde(with = "serde_bytes")]
    pub payload: Vec<u8>,
    /// Why it was not admitted.
    pub reason: Reason,
}

impl DeadLetter {
    /// A dead letter with what is kept of the message.
    #[must_use]
    pub fn new(now: Timestamp, client: &str, topic: &str, payload: &[u8], reason: Reason) -> Self {
        let (mut topic, mut payload) = (topic.to_owned(), payload.to_vec());
        topic.truncate(topic.floor_char_boundary(Self::TOPIC_MAX));
        payload.truncate(Self::PAYLOAD_MAX);
        Self { now, client: client.to_owned(), topic, payload, reason }
    }

    /// The same without what could name a person. Of what nodes and signals say everything is kept: a frame is sealed and names nobody
    /// but by a pseudonym. Of what is said about subjects the topic is kept, and of what sources say, whose topics and payloads
    /// hold ids of devices and people, neither.
    #[must_use]
    pub fn without_ids(mut self) -> Self {
        let mut levels = self.topic.split('/');
        let ours = levels.next() == Some("turnpage") && levels.next() == Some("v1");
        let kept =
            ours && matches!(levels.nth(1), Some("node" | "signal")) && self.reason != Reason::Impostor;
        if !kept {
            self.payload.clear();
        }
        if !ours {
            Self::LEFT_OUT.clone_into(&mut self.topic);
        }
        self
    }

    /// What stands for a topic that is not kept.
    pub const LEFT_OUT: &str = "…";
    /// Bytes of a topic that are kept: more than any topic of ours has.
    pub const TOPIC_MAX: usize = 256;
    /// Bytes of a payload that are kept: a whole frame, or the start of something oversized.
    pub const PAYLOAD_MAX: usize = 256;
}

/// Why a message was not admitted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The topic is none of the gateway's.
    Topic,
    /// The payload is larger than anything the gateway reads.
    Oversized,
    /// The payload is not what its topic asks for.
    Malformed,
    /// No such node, or no key for it.
    UnknownNode,
    /// The authentication code does not fit.
    Forged,
    /// Topic, frame and credential name different nodes, or the client may not say this.
    Impostor,
    /// The node's boot count is older than one already seen.
    OldBoot,
    /// Older than the window in which duplicates can be told from news.
    BeforeWindow,
    /// From further in the future than clocks may differ.
    Future,
    /// From longer ago than the gateway corrects the record.
    Ancient,
    /// No such zone, signal, role or subject here, or no such offer of that subject.
    Unknown,
    /// A bound of the gateway is reached (subjects at once, for example).
    Full,
}

impl Reason {
    /// Every reason, for counters.
    pub const ALL: [Self; 12] = [
        Self::Topic,
        Self::Oversized,
        Self::Malformed,
        Self::UnknownNode,
        Self::Forged,
        Self::Impostor,
        Self::OldBoot,
        Self::BeforeWindow,
        Self::Future,
        Self::Ancient,
        Self::Unknown,
        Self::Full,
    ];

    /// The reason in words of metrics and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Oversized => "oversized",
            Self::Malformed => "malformed",
            Self::UnknownNode => "unknown-node",
            Self::Forged => "forged",
            Self::Impostor => "impostor",
            Self::OldBoot => "old-boot",
            Self::BeforeWindow => "before-window",
            Self::Future => "future",
            Self::Ancient => "ancient",
            Self::Unknown => "unknown",
            Self::Full => "full",
        }
    }
}

/// Why an offer was made, or was not.
#[derive(Clone, PartialEq, Debug)]
pub struct DecisionRecord {
    /// The offer's id; a withheld one has its id too.
    pub id: OfferId,
    /// The time for which it was decided.
    pub at: Timestamp,
    /// For whom.
    pub subject: SubjectName,
    /// Which journey asked.
    pub journey: String,
    /// On which page.
    pub page: String,
    /// Which of the journey's offers.
    pub offer: String,
    /// The guard that held, as its author wrote it; `None` when the choice has none.
    pub guard: Option<String>,
    /// What the guard read.
    pub facts: Vec<FactRecord>,
    /// What was decided.
    pub verdict: Verdict,
    /// What decided it, where that has numbers or names.
    pub ground: Option<Ground>,
}

/// A fact as it was when a decision read it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FactRecord {
    /// The fact, such as `weather.rain`.
    pub path: String,
    /// Its value, in words; `unknown` when it was.
    pub value: String,
    /// How old it was, in milliseconds; `None` for what does not age.
    pub age_ms: Option<i64>,
}

/// The pipeline's whole state: what batches fold into, what a snapshot holds, what a restart begins with.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// The logical time.
    pub now: Timestamp,
    /// Each subject's record.
    pub subjects: BTreeMap<SubjectName, Vec<u8>>,
    /// Where each subject is. A record of an old layout says that itself.
    pub stays: BTreeMap<SubjectName, Vec<u8>>,
    /// Each node's de-duplication mark.
    pub marks: BTreeMap<NodeId, Mark>,
    /// What no subject owns, by key.
    pub house: BTreeMap<String, Vec<u8>>,
    /// Offers that still need delivery.
    pub outbox: BTreeMap<OfferId, Outgoing>,
    /// All counters.
    pub counters: Counters,
}

impl State {
    /// Folds a batch in. Batches must come in the order in which they were taken.
    pub fn absorb(&mut self, batch: Batch) {
        for SubjectState { name, bytes } in batch.subjects {
            if bytes.is_empty() {
                self.subjects.remove(&name);
                self.stays.remove(&name);
            } else {
                self.subjects.insert(name, bytes);
            }
        }
        self.stays.extend(batch.stays.into_iter().map(|SubjectState { name, bytes }| (name, bytes)));
        self.marks.extend(batch.marks);
        for HouseState { key, bytes } in batch.house {
            if bytes.is_empty() {
                self.house.remove(&key);
            } else {
                self.house.insert(key, bytes);
            }
        }
        self.now = batch.now;
        self.outbox.extend(batch.outbox.into_iter().map(|offer| (offer.id, offer)));
        for settled in batch.settled {
            self.outbox.remove(&settled.id);
        }
        self.counters = batch.counters;
    }
}

#[cfg(test)]
mod tests;
