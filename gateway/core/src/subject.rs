//! What the gateway knows about one subject beside its journeys: role, stay, consent, caps, offers on their way.
//!
//! What somebody said about it (facts, party, channel) is in subject/about.rs. Journeys' instances live in the engine;
//! saved, both are one record. Zones and roles are saved by name, so that an edited venue does not move anybody. Next:
//! enrich.rs, which changes it.

mod about;

use std::borrow::Cow;
use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use turnpage_journeys_engine::{Outcome, SubjectIx, SubjectKind};

use crate::Timestamp;
use crate::enrich::presence::{Here, Next, Stay};
use crate::enrich::radio::{self, Radio};
use crate::id::{OfferId, SubjectName, ZoneIx};
use crate::plan::Caps;
use crate::venue::{Map, Spot, Venue};
pub(crate) use about::{About, Known};

/// Offers a subject is remembered to have: a day of eager journeys. Outcomes of older ones are unknown offers.
pub(crate) const OFFERS_MAX: usize = 32;
/// The encoding of saved subjects; a number that is neither is not read.
const VERSION: u8 = 1;
/// The same, with what was said about the subject after it.
const VERSION_TOLD: u8 = 2;
/// The same, with what receivers have heard of the subject between the two.
const VERSION_HEARD: u8 = 3;
/// Among an offer's outcomes, which are seven: it was told what the offer brought.
const PAID: u8 = 0x80;
/// Beside the version: the clock that `observed_at` is of may be off.
const UNSURE: u8 = 0x80;

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
    /// Offers made to it, oldest first.
    pub(crate) offers: VecDeque<OfferMade>,
    /// The earliest wake that is scheduled.
    pub(crate) wake: Option<Timestamp>,
    /// It changed since the last batch.
    pub(crate) dirty: bool,
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
    /// A bit for each [`Outcome`] that came, in the order of [`Outcome::ALL`], and [`PAID`].
    outcomes: u8,
}

impl OfferMade {
    pub(crate) fn new(id: OfferId, journey: &str, valid_until: Timestamp) -> Self {
        let journey = journey.to_owned();
        Self { id, journey, valid_until, pending: true, withdrawn: false, outcomes: 0 }
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
        self.withdrawn || Outcome::ALL.into_iter().any(|outcome| outcome.settles() && self.has(outcome))
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
            offers: VecDeque::new(),
            wake: None,
            dirty: false,
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

/// A subject as it is stored.
#[derive(Serialize, Deserialize)]
struct Saved<'a> {
    version: u8,
    role: &'a str,
    #[serde(borrow)]
    here: Option<(&'a str, Timestamp)>,
    #[serde(borrow)]
    next: Option<(Option<&'a str>, Timestamp)>,
    spot: Option<(f64, f64, Option<i16>)>,
    seen_at: Timestamp,
    observed_at: Timestamp,
    consent: Option<bool>,
    consent_at: Timestamp,
    caps: Caps,
    offers: Cow<'a, VecDeque<OfferMade>>,
    #[serde(with = "serde_bytes")]
    engine: &'a [u8],
}

/// Bytes that a record has beside its instances, for most subjects.
const OWN_BYTES: usize = 128;

/// A subject's record: its own state and its instances.
pub(crate) fn save(subject: &Subject, engine: &[u8], venue: &Venue) -> Vec<u8> {
    let zone = |zone: ZoneIx| venue.zone(zone).map(|zone| zone.id.as_str());
    let told = subject.about.as_deref().filter(|about| **about != About::default());
    let saved = Saved {
        version: match (&subject.radio, told) {
            (Some(_), _) => VERSION_HEARD,
            (None, Some(_)) => VERSION_TOLD,
            (None, None) => VERSION,
        } | if subject.observed_sure { 0 } else { UNSURE },
        role: venue.roles.get(subject.role).map_or("", String::as_str),
        here: subject.stay.here.and_then(|here| Some((zone(here.zone)?, here.since))),
        next: subject.stay.next.map(|next| (next.zone.and_then(zone), next.since)),
        spot: subject.spot.map(|spot| (spot.lon, spot.lat, spot.level)),
        seen_at: subject.seen_at,
        observed_at: subject.observed_at,
        consent: subject.consent,
        consent_at: subject.consent_at,
        caps: subject.caps,
        offers: Cow::Borrowed(&subject.offers),
        engine,
    };
    // Writing plain data to memory cannot fail; an empty record would read as a forgotten subject.
    let room = Vec::with_capacity(engine.len() + OWN_BYTES);
    let bytes = postcard::to_extend(&saved, room).unwrap_or_default();
    match (&subject.radio, told) {
        (Some(radio), told) => {
            let told = told.map(|about| about.saved(venue));
            postcard::to_extend(&(radio.saved(venue), told), bytes).unwrap_or_default()
        }
        (None, Some(about)) => postcard::to_extend(&about.saved(venue), bytes).unwrap_or_default(),
        (None, None) => bytes,
    }
}

/// The instances in a subject's record.
pub(crate) fn instances(bytes: &[u8]) -> Option<&[u8]> {
    let (saved, _) = postcard::take_from_bytes::<Saved<'_>>(bytes).ok()?;
    matches!(saved.version & !UNSURE, VERSION | VERSION_TOLD | VERSION_HEARD).then_some(saved.engine)
}

/// A subject from its record, with its instances still to be restored; `None` when the record is not ours.
pub(crate) fn read<'a>(
    name: &SubjectName,
    bytes: &'a [u8],
    venue: &Venue,
    map: &Map,
) -> Option<(Subject, &'a [u8])> {
    let (saved, rest) = postcard::take_from_bytes::<Saved<'_>>(bytes).ok()?;
    let (radio, about) = match saved.version & !UNSURE {
        VERSION => rest.is_empty().then_some((None, None))?,
        VERSION_TOLD => (None, Some(About::read(rest, venue)?)),
        VERSION_HEARD => {
            let (heard, told): (radio::Saved, Option<about::Saved>) = postcard::from_bytes(rest).ok()?;
            (Some(Box::new(Radio::read(heard, venue))), told.map(|told| About::of(told, venue)))
        }
        _ => return None,
    };
    let about = about.map(Box::new);
    let role = venue.find_role(saved.role).unwrap_or(0);
    let zone = |name: &str| map.zone(name);
    let subject = Subject {
        kind: name.kind().unwrap_or_else(|| venue.kind_of_role(role)),
        role,
        about,
        radio,
        stay: Stay {
            here: saved.here.and_then(|(name, since)| Some(Here { zone: zone(name)?, since })),
            next: saved.next.map(|(name, since)| Next { zone: name.and_then(zone), since }),
        },
        spot: saved.spot.map(|(lon, lat, level)| Spot { lon, lat, level }),
        seen_at: saved.seen_at,
        observed_at: saved.observed_at,
        observed_sure: saved.version & UNSURE == 0,
        consent: saved.consent,
        consent_at: saved.consent_at,
        caps: saved.caps,
        offers: saved.offers.into_owned(),
        ..Subject::new(name.clone(), SubjectIx(0), saved.seen_at)
    };
    Some((subject, saved.engine))
}
