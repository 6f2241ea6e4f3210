//! A subject as bytes: its record, and where it is.
//!
//! Two, because every sighting changes where somebody is, and few change anything else: a commit writes what turned, not
//! all that is known of whoever was seen. Zones and roles are saved by name, so that an edited venue does not move
//! anybody. The layouts before this one are subject/old.rs. Before: pipeline/saved.rs. Next: batch.rs.

use std::borrow::Cow;
use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{About, OfferMade, Subject, about, old};
use crate::Timestamp;
use crate::enrich::presence::{Here, Next, Stay};
use crate::enrich::radio::{self, Radio};
use crate::id::{SubjectName, ZoneIx};
use crate::plan::Caps;
use crate::venue::{Map, Spot, Venue};
use turnpage_journeys_engine::SubjectIx;

/// The layouts below. A change of one is a new number, and the old ones stay readable.
const VERSION: u8 = 4;
/// The same, with what arbitration remembers behind it: most subjects have nothing of that.
const VERSION_BOOKED: u8 = 5;
const STAY_VERSION: u8 = 1;

/// Bytes that a record has beside its instances, for most subjects; and those of where somebody is.
const OWN_BYTES: usize = 96;
const STAY_BYTES: usize = 64;

/// All but where it is.
#[derive(Serialize, Deserialize)]
struct Saved<'a> {
    version: u8,
    role: &'a str,
    consent: Option<bool>,
    consent_at: Timestamp,
    caps: Caps,
    offers: Cow<'a, VecDeque<OfferMade>>,
    #[serde(with = "serde_bytes")]
    engine: &'a [u8],
    radio: Option<radio::Saved>,
    about: Option<about::Saved>,
}

/// Where it is, and since when that is known.
#[derive(Serialize, Deserialize)]
struct SavedStay<'a> {
    version: u8,
    #[serde(borrow)]
    here: Option<(&'a str, Timestamp)>,
    #[serde(borrow)]
    next: Option<(Option<&'a str>, Timestamp)>,
    spot: Option<(f64, f64, Option<i16>)>,
    seen_at: Timestamp,
    observed_at: Timestamp,
    /// Whether the clock that `observed_at` is of was good.
    observed_sure: bool,
}

/// A subject's record: its own state and its instances.
pub(crate) fn save(subject: &Subject, engine: &[u8], venue: &Venue) -> Vec<u8> {
    let told = subject.about.as_deref().filter(|about| **about != About::default());
    let saved = Saved {
        version: if subject.books.is_some() { VERSION_BOOKED } else { VERSION },
        role: venue.roles.get(subject.role).map_or("", String::as_str),
        consent: subject.consent,
        consent_at: subject.consent_at,
        caps: subject.caps,
        offers: Cow::Borrowed(&subject.offers),
        engine,
        radio: subject.radio.as_ref().map(|radio| radio.saved(venue)),
        about: told.map(|about| about.saved(venue)),
    };
    // Writing plain data to memory cannot fail; an empty record would read as a forgotten subject.
    let bytes = postcard::to_extend(&saved, Vec::with_capacity(engine.len() + OWN_BYTES)).unwrap_or_default();
    match &subject.books {
        Some(books) => postcard::to_extend(books, bytes).unwrap_or_default(),
        None => bytes,
    }
}

/// Where a subject is.
pub(crate) fn save_stay(subject: &Subject, venue: &Venue) -> Vec<u8> {
    let zone = |zone: ZoneIx| venue.zone(zone).map(|zone| zone.id.as_str());
    let saved = SavedStay {
        version: STAY_VERSION,
        here: subject.stay.here.and_then(|here| Some((zone(here.zone)?, here.since))),
        next: subject.stay.next.map(|next| (next.zone.and_then(zone), next.since)),
        spot: subject.spot.map(|spot| (spot.lon, spot.lat, spot.level)),
        seen_at: subject.seen_at,
        observed_at: subject.observed_at,
        observed_sure: subject.observed_sure,
    };
    postcard::to_extend(&saved, Vec::with_capacity(STAY_BYTES)).unwrap_or_default()
}

/// The instances in a subject's record.
pub(crate) fn instances(bytes: &[u8]) -> Option<&[u8]> {
    if old::is(bytes) {
        return old::instances(bytes);
    }
    let saved: Saved<'_> = postcard::from_bytes(bytes).ok()?;
    matches!(saved.version, VERSION | VERSION_BOOKED).then_some(saved.engine)
}

/// A subject from its record and where it is, with its instances still to be restored; `None` when one is not ours. A
/// record of an old layout says where its subject is itself.
pub(crate) fn read<'a>(
    name: &SubjectName,
    bytes: &'a [u8],
    stay: Option<&[u8]>,
    venue: &Venue,
    map: &Map,
) -> Option<(Subject, &'a [u8])> {
    if old::is(bytes) {
        return stay.is_none().then(|| old::read(name, bytes, venue, map))?;
    }
    let (saved, rest) = postcard::take_from_bytes::<Saved<'_>>(bytes).ok()?;
    let (stay, more) = postcard::take_from_bytes::<SavedStay<'_>>(stay?).ok()?;
    let books = match saved.version {
        VERSION => rest.is_empty().then_some(None)?,
        VERSION_BOOKED => match postcard::take_from_bytes(rest).ok()? {
            (books, []) => Some(books),
            _ => return None,
        },
        _ => return None,
    };
    if stay.version != STAY_VERSION || !more.is_empty() {
        return None;
    }
    let role = venue.find_role(saved.role).unwrap_or(0);
    let zone = |name: &str| map.zone(name);
    let subject = Subject {
        kind: name.kind().unwrap_or_else(|| venue.kind_of_role(role)),
        role,
        about: saved.about.map(|told| Box::new(About::of(told, venue))),
        radio: saved.radio.map(|heard| Box::new(Radio::read(heard, venue))),
        stay: Stay {
            here: stay.here.and_then(|(name, since)| Some(Here { zone: zone(name)?, since })),
            next: stay.next.map(|(name, since)| Next { zone: name.and_then(zone), since }),
        },
        spot: stay.spot.map(|(lon, lat, level)| Spot { lon, lat, level }),
        seen_at: stay.seen_at,
        observed_at: stay.observed_at,
        observed_sure: stay.observed_sure,
        consent: saved.consent,
        consent_at: saved.consent_at,
        caps: saved.caps,
        books,
        offers: saved.offers.into_owned(),
        whole: false,
        ..Subject::new(name.clone(), SubjectIx(0), stay.seen_at)
    };
    Some((subject, saved.engine))
}
