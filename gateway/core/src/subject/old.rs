//! The layouts of a subject's record before where it is had bytes of its own: read, and never written.
//!
//! Before: subject/saved.rs, which writes the record anew as soon as something of its subject changes.

use std::collections::VecDeque;

use serde::Deserialize;
use turnpage_journeys_engine::SubjectIx;

use super::{About, OfferMade, Subject, about};
use crate::Timestamp;
use crate::enrich::presence::{Here, Next, Stay};
use crate::enrich::radio::{self, Radio};
use crate::id::SubjectName;
use crate::plan::Caps;
use crate::venue::{Map, Spot, Venue};

/// The first layout.
const PLAIN: u8 = 1;
/// The same, with what was said about the subject after it.
const TOLD: u8 = 2;
/// The same, with what receivers have heard of the subject between the two.
const HEARD: u8 = 3;
/// Beside the number: the clock that `observed_at` is of may be off.
const UNSURE: u8 = 0x80;

#[derive(Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
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
    offers: VecDeque<OfferMade>,
    #[serde(with = "serde_bytes")]
    engine: &'a [u8],
}

/// Whether a record is of one of these layouts.
pub(super) fn is(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|version| matches!(version & !UNSURE, PLAIN | TOLD | HEARD))
}

/// The instances in a record.
pub(super) fn instances(bytes: &[u8]) -> Option<&[u8]> {
    postcard::take_from_bytes::<Saved<'_>>(bytes).ok().map(|(saved, _)| saved.engine)
}

/// A subject from its record; `None` when the record is not ours.
pub(super) fn read<'a>(
    name: &SubjectName,
    bytes: &'a [u8],
    venue: &Venue,
    map: &Map,
) -> Option<(Subject, &'a [u8])> {
    let (saved, rest) = postcard::take_from_bytes::<Saved<'_>>(bytes).ok()?;
    let (radio, about) = match saved.version & !UNSURE {
        PLAIN => rest.is_empty().then_some((None, None))?,
        TOLD => (None, Some(About::read(rest, venue)?)),
        HEARD => {
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
        offers: saved.offers,
        ..Subject::new(name.clone(), SubjectIx(0), saved.seen_at)
    };
    Some((subject, saved.engine))
}

/// A record as older versions wrote it.
#[cfg(test)]
pub(crate) fn save(subject: &Subject, engine: &[u8], venue: &Venue) -> Vec<u8> {
    let zone = |zone| venue.zone(zone).map(|zone| zone.id.as_str());
    let told = subject.about.as_deref().filter(|about| **about != About::default());
    let version = match (&subject.radio, told) {
        (Some(_), _) => HEARD,
        (None, Some(_)) => TOLD,
        (None, None) => PLAIN,
    };
    let saved = Saved {
        version: version | if subject.observed_sure { 0 } else { UNSURE },
        role: venue.roles.get(subject.role).map_or("", String::as_str),
        here: subject.stay.here.and_then(|here| Some((zone(here.zone)?, here.since))),
        next: subject.stay.next.map(|next| (next.zone.and_then(zone), next.since)),
        spot: subject.spot.map(|spot| (spot.lon, spot.lat, spot.level)),
        seen_at: subject.seen_at,
        observed_at: subject.observed_at,
        consent: subject.consent,
        consent_at: subject.consent_at,
        caps: subject.caps,
        offers: subject.offers.clone(),
        engine,
    };
    let bytes = postcard::to_stdvec(&saved).unwrap();
    let told = told.map(|about| about.saved(venue));
    match (&subject.radio, told) {
        (Some(radio), told) => postcard::to_extend(&(radio.saved(venue), told), bytes).unwrap(),
        (None, Some(told)) => postcard::to_extend(&told, bytes).unwrap(),
        (None, None) => bytes,
    }
}
