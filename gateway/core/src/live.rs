//! What is true in the venue right now, for the console, metrics and reports: read-only, bounded, never stored.
//!
//! Only [`Counters`] outlive a restart: they travel in every batch. It decides nothing. Before: pipeline.rs.
//! Next: gateway/server, which shows it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::batch::{NoteRecord, Outgoing, Reason, Withheld};
use crate::event::Weather;

/// Offers that [`Live::offers`] remembers: a screen full, and some to scroll.
pub const OFFERS_RECENT_MAX: usize = 100;

/// Notes that [`Live::notes`] remembers.
pub const NOTES_RECENT_MAX: usize = 100;

/// A picture of the venue and of the gateway's work.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Live {
    /// The gateway's logical time.
    pub now: Timestamp,
    /// Work done, by stage.
    pub counters: Counters,
    /// Every zone, in the venue's order.
    pub zones: Vec<LiveZone>,
    /// Every node, in the venue's order.
    pub nodes: Vec<LiveNode>,
    /// Every signal that has a value, ascending by name.
    pub signals: Vec<LiveSignal>,
    /// The latest offers, newest last.
    pub offers: Vec<Outgoing>,
    /// What journeys did lately beside making offers, newest last.
    pub notes: Vec<NoteRecord>,
    /// Each journey, ascending by name.
    pub journeys: Vec<LiveJourney>,
    /// Subjects known now.
    pub subjects: u64,
    /// Offers that wait for a channel.
    pub outbox: u64,
}

/// Work done since the store was made, by stage.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counters {
    /// Messages that came in, whatever became of them.
    pub received: u64,
    /// Messages that were admitted.
    pub admitted: u64,
    /// Second deliveries of what was admitted before.
    pub duplicates: u64,
    /// Messages that were not admitted, by reason.
    pub dead: BTreeMap<Reason, u64>,
    /// Admitted sightings.
    pub sightings: u64,
    /// Sightings that came too late to be acted on and only corrected the record.
    pub late: u64,
    /// Admitted weather readings.
    pub weather: u64,
    /// Admitted signal values.
    pub signals: u64,
    /// Admitted outcomes.
    pub outcomes: u64,
    /// Admitted consent messages.
    pub consents: u64,
    /// Times that a subject entered a zone.
    pub entries: u64,
    /// Journey steps: events and timers given to the engine.
    pub steps: u64,
    /// Timers fired.
    pub timers: u64,
    /// Offers made.
    pub offers: u64,
    /// Offers withheld, by reason.
    pub withheld: BTreeMap<Withheld, u64>,
    /// What became of offers, journey by journey.
    pub funnel: BTreeMap<String, Funnel>,
}

/// What became of a journey's offers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Funnel {
    /// Offers made.
    pub offers: u64,
    /// Taken by a channel.
    pub delivered: u64,
    /// Seen by the subject.
    pub seen: u64,
    /// The subject asked for more.
    pub clicked: u64,
    /// Accepted.
    pub accepted: u64,
    /// Declined.
    pub declined: u64,
    /// Not answered in time.
    pub expired: u64,
    /// Withheld by `plan`.
    pub withheld: u64,
}

impl Funnel {
    /// Accepted offers as a share of those made, 0 to 1; `None` before the first offer.
    #[must_use]
    pub fn conversion(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a share for people; counts stay far below 2^52")]
        let share = |part: u64, whole: u64| part as f64 / whole as f64;
        (self.offers > 0).then(|| share(self.accepted, self.offers))
    }
}

/// A zone now.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct LiveZone {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// What it is for.
    pub kind: String,
    /// Under the sky.
    pub outdoor: bool,
    /// Its storey.
    pub level: i16,
    /// Subjects in it.
    pub occupancy: u32,
    /// Its weather; what is stale or was never measured is `None`.
    pub weather: Weather,
    /// Minutes of queue, when a fresh signal says so.
    pub queue: Option<f64>,
}

/// A node now.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct LiveNode {
    /// Its name.
    pub name: String,
    /// Its number.
    pub id: u32,
    /// The zone it is mounted in.
    pub zone: Option<String>,
    /// What its birth or will said last; `None` before the first.
    pub online: Option<bool>,
    /// When it last said something that was admitted, by the gateway's time.
    pub seen_at: Option<Timestamp>,
    /// Its messages that were admitted since the gateway started.
    pub admitted: u64,
}

/// A signal now.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct LiveSignal {
    /// Its name.
    pub name: String,
    /// Its last value.
    pub value: f64,
    /// When that was measured.
    pub at: Timestamp,
    /// Fresh enough for guards to read.
    pub fresh: bool,
}

/// A journey now.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct LiveJourney {
    /// Its name.
    pub name: String,
    /// What became of its offers.
    pub funnel: Funnel,
    /// Accepted as a share of made, 0 to 1.
    pub conversion: Option<f64>,
    /// Subjects on each page, in the journey's order.
    pub pages: Vec<(String, u64)>,
    /// How often each way was taken since the gateway started or took up these journeys, in the journey's order.
    pub turns: Vec<LiveTurn>,
}

/// A way from page to page now.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct LiveTurn {
    /// The page it leaves.
    pub page: String,
    /// Which of the page's choices, counted from 0; `None` for an entry of the page it leads to.
    pub choice: Option<u16>,
    /// The page it leads to.
    pub to: String,
    /// How often.
    pub count: u64,
}
