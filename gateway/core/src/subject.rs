//! What the gateway knows about one subject beside its journeys: role, stay, consent, caps, offers on their way.
//!
//! What somebody said about it (facts, party, channel) is in subject/about.rs. Journeys' instances live in the engine;
//! saved, both are one record, and where it is another: subject/saved.rs. Next: enrich.rs, which changes it.

mod about;
pub(crate) mod old;
mod saved;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use turnpage_journeys_engine::{Outcome, SubjectIx, SubjectKind};

use crate::Timestamp;
use crate::enrich::presence::Stay;
use crate::enrich::radio::Radio;
use crate::id::{OfferId, SubjectName, ZoneIx};
use crate::plan::{Books, Caps};
use crate::venue::Spot;
pub(crate) use about::{About, Known};
pub(crate) use saved::{instances, read, save, save_stay};

/// Offers a subject is remembered to have: a day of eager journeys. Outcomes of older ones are unknown offers.
pub(crate) const OFFERS_MAX: usize = 32;
/// Among an offer's outcomes, which are seven: it was told what the offer brought.
const PAID: u8 = 0x80;
/// How far two good clocks may be apart, in milliseconds. A node that keeps in step by SNTP is within a fraction of it, and
/// nobody crosses a venue in so short a time.
const SKEW_MS: i64 = 3_000;

/// A subject.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Subject {
    pub(crate) name: SubjectName,
    pub(crate) ix: SubjectIx,
    /// What it is: by its name, or else by its role.
    pub(crate) kind: SubjectKind,
    /// Which of the venue's roles; means nothing for a party, a zone or the venue.
    pub(crate) role: usize,
    pub(crate) stay: Stay,
    /// The last coordinates, when the last sighting had some.
    pub(crate) spot: Option<Spot>,
    /// The logical time of the last sighting.
    pub(crate) seen_at: Timestamp,
    /// The latest time at which an observer saw it, by the observer's clock.
    pub(crate) observed_at: Timestamp,
    /// Whether that clock was good.
    pub(crate) observed_sure: bool,
    /// Its word on offers; `None` when it never said.
    pub(crate) consent: Option<bool>,
    /// When it said so.
    pub(crate) consent_at: Timestamp,
    pub(crate) caps: Caps,
    /// What else arbitration remembers of it; of most there is nothing.
    pub(crate) books: Option<Box<Books>>,
    /// Offers made to it, oldest first.
    pub(crate) offers: VecDeque<OfferMade>,
    /// The earliest wake that is scheduled.
    pub(crate) wake: Option<Timestamp>,
    /// It changed since the last batch.
    pub(crate) dirty: bool,
    /// And more of it than where it is, so that its record is written too. What its instances are is the engine's to say.
    pub(crate) whole: bool,
    /// What was said about it; most are never spoken of.
    pub(crate) about: Option<Box<About>>,
    /// What receivers have heard of it, where it is known by such.
    pub(crate) radio: Option<Box<Radio>>,
}

/// An offer that was made, until it is long over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct OfferMade {
    pub(crate) id: OfferId,
    pub(crate) journey: String,
    pub(crate) valid_until: Timestamp,
    /// It waits in the outbox.
    pub(crate) pending: bool,
    /// Taken back.
    pub(crate) withdrawn: bool,
    /// A bit for each [`Outcome`] that came, in the order of [`Outcome::ALL`], and [`PAID`]. Withheld is one that was never
    /// made: see [`OfferMade::shadow`].
    outcomes: u8,
}

impl OfferMade {
    pub(crate) fn new(id: OfferId, journey: &str, valid_until: Timestamp) -> Self {
        let journey = journey.to_owned();
        Self { id, journey, valid_until, pending: true, withdrawn: false, outcomes: 0 }
    }

    /// An offer that was not made, to somebody whom its journey leaves alone for comparison. Its journey goes on as if it had
    /// been, so that what it notes of it tells what comes anyway.
    pub(crate) fn shadow(id: OfferId, journey: &str, valid_until: Timestamp) -> Self {
        let outcomes = bit(Outcome::Withheld);
        Self { pending: false, outcomes, ..Self::new(id, journey, valid_until) }
    }

    /// Whether it was never made.
    pub(crate) fn is_shadow(&self) -> bool {
        self.has(Outcome::Withheld)
    }

    /// A call for staff: on its way like an offer, but none of the subject's.
    pub(crate) fn task(id: OfferId, valid_until: Timestamp) -> Self {
        Self::new(id, "", valid_until)
    }

    pub(crate) fn is_task(&self) -> bool {
        self.journey.is_empty()
    }

    /// Whether this outcome came before.
    pub(crate) fn has(&self, outcome: Outcome) -> bool {
        self.outcomes & bit(outcome) != 0
    }

    /// Whether nothing that comes now changes anything.
    pub(crate) fn over(&self) -> bool {
        let ends = [Outcome::Accepted, Outcome::Declined, Outcome::Expired];
        self.withdrawn || ends.into_iter().any(|outcome| self.has(outcome))
    }

    pub(crate) fn note(&mut self, outcome: Outcome) {
        self.outcomes |= bit(outcome);
    }

    /// Whether it was told what it brought.
    pub(crate) fn is_paid(&self) -> bool {
        self.outcomes & PAID != 0
    }

    pub(crate) fn pay(&mut self) {
        self.outcomes |= PAID;
    }
}

fn bit(outcome: Outcome) -> u8 {
    Outcome::ALL.into_iter().position(|known| known == outcome).map_or(0, |at| 1 << at)
}

impl Subject {
    pub(crate) fn new(name: SubjectName, ix: SubjectIx, now: Timestamp) -> Self {
        Self {
            kind: name.kind().unwrap_or_default(),
            name,
            ix,
            role: 0,
            stay: Stay::default(),
            spot: None,
            seen_at: now,
            observed_at: Timestamp(i64::MIN),
            observed_sure: true,
            consent: None,
            consent_at: Timestamp(i64::MIN),
            caps: Caps::default(),
            books: None,
            offers: VecDeque::new(),
            wake: None,
            dirty: false,
            whole: true,
            about: None,
            radio: None,
        }
    }

    /// Whether observers see it: it comes, moves and goes. A party is where its members are, a zone stays.
    pub(crate) fn walks(&self) -> bool {
        matches!(self.kind, SubjectKind::Visitor | SubjectKind::Vehicle | SubjectKind::Team)
    }

    /// Whether it counts among the people of a zone.
    pub(crate) fn is_person(&self) -> bool {
        matches!(self.kind, SubjectKind::Visitor | SubjectKind::Team)
    }

    /// Whether an observation is older than what is known. Only good clocks can tell: of two times of which one may be
    /// off, the one that comes later is taken for the later.
    pub(crate) fn is_past(&self, at: Timestamp, sure: bool) -> bool {
        sure && self.observed_sure && at.0 < self.observed_at.0.saturating_sub(SKEW_MS)
    }

    /// Notes an observation. A good clock's word replaces one that may be off.
    pub(crate) fn observe(&mut self, at: Timestamp, sure: bool) {
        if at >= self.observed_at || (sure && !self.observed_sure) {
            (self.observed_at, self.observed_sure) = (at, sure);
        }
    }

    /// What was said about it, to be changed.
    pub(crate) fn about_mut(&mut self) -> &mut About {
        self.about.get_or_insert_default()
    }

    /// The party it belongs to.
    pub(crate) fn party(&self) -> Option<&SubjectName> {
        self.about.as_ref()?.party.as_ref()
    }

    /// What it reads, where somebody said so.
    pub(crate) fn language(&self) -> Option<&str> {
        self.about.as_ref()?.language.as_deref()
    }

    /// The zone it is in.
    pub(crate) fn zone(&self) -> Option<ZoneIx> {
        self.stay.here.map(|here| here.zone)
    }

    pub(crate) fn offer(&mut self, id: OfferId) -> Option<&mut OfferMade> {
        self.offers.iter_mut().rev().find(|offer| offer.id == id)
    }

    /// Offers that wait for a channel.
    pub(crate) fn pending(&self) -> impl Iterator<Item = &OfferMade> {
        self.offers.iter().filter(|offer| offer.pending)
    }
}
