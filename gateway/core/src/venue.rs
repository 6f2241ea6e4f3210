//! One site as plain data: zones, levels, kinds, roles, nodes, signals, presence and policy.
//!
//! A value of this type is sound: names resolve, polygons are closed, the time zone exists. venue/read.rs makes it
//! from `venue.yaml` and its map; venue/schema.rs says what guards may read about it; venue/map.rs finds zones by
//! coordinates. Keys of nodes are not here: they are secrets, the venue is not. Next: pipeline.rs.
//!
//! # `venue.yaml`
//!
//! ```yaml
//! venue: harbour-park               # required: the id, third level of every topic
//! title: Harbour Park               # what people call it; the id where absent
//! time_zone: America/New_York       # required: IANA name
//! map: zones.geojson                # a file beside this one: a FeatureCollection of Polygons and MultiPolygons with
//!                                   # the properties id, kind (both required), title, outdoor, level
//! levels: [{ level: 0, title: Ground }, { level: 1, title: Upper deck }]   # absent: 0 only
//! kinds: [gate, plaza, ride, food]  # required: what zones are for
//! roles: [guest, vip, staff]        # required: what subjects are; the first is taken when an observer does not say
//! zones:                            # zones without a polygon
//!   - { id: gate, title: Main gate, kind: gate, outdoor: true, level: 0 }
//! nodes:
//!   - { id: 1, name: gate-1, zone: gate, senses: [badge] }
//!   - { id: 9, name: mast, lon: -73.57, lat: 45.51, level: 0, senses: [weather] }
//! signals:
//!   - { name: parking, unit: percent, fresh: 30m }            # read as signal["parking"]; celsius, mm/h,
//!                                                             # m/s, percent, lux, metres, minutes; absent: a number
//!   - { name: wait-coaster, queue_of: coaster, fresh: 15m }   # also place.queue while in that zone; minutes
//!                                                             # fresh is 1h where absent
//! weather: { fresh: 90m }           # older readings are unknown; absent: 2h
//! presence:
//!   settle: 10s                     # a change of zone counts once it has lasted this long; absent: at once
//!   margin: 5                       # metres a point must be outside its zone to leave it; absent: 0
//!   away_after: 30m                 # unseen this long is gone; absent: never
//! receivers:                        # of other systems, by the names these use: whom they hear is where they are
//!   - { name: hall, zone: gate, offset: 3 }   # or lon, lat, level; offset: dB added to what it hears; absent: 0
//! radio:                            # how what several hear becomes a zone; absent: these
//!   { smooth: 10s, margin: 5, silence: 30s, fade: 0.3, one_metre: -59, path_loss: 2.5 }
//! policy:
//!   consent: assumed                # assumed | required
//!   offers_per_day: 6               # for each subject and venue-local day; absent: no cap
//!   min_gap: 10m                    # between two offers to a subject; absent: none
//!   quiet_hours: { from: "22:00", to: "08:00" }   # no offers from, until; absent: never quiet
//!                                   # and more, absent where nothing of it is wanted: policy.rs
//! channels: [band, app, kiosk]      # channels that exist here, also read as channel; absent: any
//! purposes: { service: assumed, adverts: required }     # what consent is asked for; absent: one consent for all
//! pools: { cups: { size: 40, back: 10m } }              # what offers may hold a unit of: pools.rs
//! auction: { vendors: { grill: { budget: 500, bids: [{ amount: 9 }] } } }     # who pays for slots: auction.rs
//! facts:                            # what may be said about subjects, read as subject.tier
//!   tier: { values: [silver, gold] }
//!   visits: { type: int, fresh: 365d }     # bool, int, number, duration, a unit's word, role, zone, kind
//!   fresh: 30d                      # of those that do not say; absent: as long as the subject is known
//! segments:                         # CEL over facts, read as "regular" in segments
//!   regular: subject.visits >= 3
//! subjects: { team: [cleaner], vehicle: [shuttle] }     # roles that are no visitors'; all others are
//! ```

mod about;
mod auction;
mod clock;
mod geojson;
mod map;
mod parts;
mod policy;
mod polygon;
mod pools;
mod read;
mod receivers;
pub(crate) mod schema;
#[cfg(test)]
mod tests;

pub use about::{FactDeclared, FactOf, Segment};
pub use auction::{Auction, Price, Vendor};
pub use map::{Map, Near, Place, Spot};
pub(crate) use policy::PPM;
pub use policy::{ChannelBy, Consent, Fatigue, Policy, PurposeDeclared, Slots};
pub(crate) use pools::POOL_SIZE_MAX;
pub use pools::{Back, Pool, Size};
pub use read::VENUE_FILE;
pub use receivers::{Radio, Receiver};

use geo::InteriorPoint as _;
use turnpage_journeys_engine::{Offsets, SubjectKind};
use turnpage_journeys_expr::{Diagnostic, LocalTime, Schema, Unit};

use crate::Timestamp;
use crate::id::{NodeId, NodeName, VenueName, ZoneIx, ZoneName};

/// A file beside `venue.yaml`, or `venue.yaml` itself.
#[derive(Clone, Copy, Debug)]
pub struct SourceFile<'a> {
    /// Its name as the venue writes it, without a folder: `zones.geojson`.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// What is wrong with one of a venue's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblems {
    /// The file's name, as in [`SourceFile::name`].
    pub file: String,
    /// Everything that is wrong with it, in the file's order.
    pub diagnostics: Vec<Diagnostic>,
}

/// One site.
#[derive(Clone, Debug)]
pub struct Venue {
    /// Its id.
    pub id: VenueName,
    /// What people call it.
    pub title: String,
    /// Its time zone.
    pub time_zone: chrono_tz::Tz,
    /// Its storeys, ascending.
    pub levels: Vec<Level>,
    /// What zones are for, in the file's order.
    pub kinds: Vec<String>,
    /// What subjects are, in the file's order; the first is taken when an observer does not say.
    pub roles: Vec<String>,
    /// Its zones: those of the file, then those of the map. [`ZoneIx`] counts them.
    pub zones: Vec<Zone>,
    /// Its nodes, in the file's order.
    pub nodes: Vec<Node>,
    /// Its signals, in the file's order.
    pub signals: Vec<Signal>,
    /// How old a weather reading may be before it is unknown, in milliseconds.
    pub weather_fresh_ms: i64,
    /// When a subject counts as being somewhere.
    pub presence: Presence,
    /// Receivers of other systems, in the file's order.
    pub receivers: Vec<Receiver>,
    /// How what they hear becomes a zone.
    pub radio: Radio,
    /// What may be offered when.
    pub policy: Policy,
    /// What there is only so much of, in the file's order.
    pub pools: Vec<Pool>,
    /// Who pays for slots.
    pub auction: Auction,
    /// What may be said about subjects, in the file's order.
    pub facts: Vec<FactDeclared>,
    /// Groups of subjects, in the file's order.
    pub segments: Vec<Segment>,
    /// What kind of subject each of [`Venue::roles`] is.
    pub kinds_of_roles: Vec<SubjectKind>,
    /// The time zone as a table: dear to make, so it is made once.
    offsets: Offsets,
}

impl Venue {
    /// Reads `venue.yaml` and the map it names from `files`; other files are not looked at.
    ///
    /// # Errors
    /// Everything that is wrong with both files, all at once.
    pub fn read(files: &[SourceFile<'_>]) -> Result<Self, Vec<FileProblems>> {
        read::read(files)
    }

    /// What guards may read about this venue.
    #[must_use]
    pub fn schema(&self) -> Schema {
        schema::declare(self).0
    }

    /// A zone by number.
    #[must_use]
    pub fn zone(&self, zone: ZoneIx) -> Option<&Zone> {
        self.zones.get(usize::from(zone.0))
    }

    /// The place of a role in [`Venue::roles`].
    #[must_use]
    pub fn find_role(&self, role: &str) -> Option<usize> {
        self.roles.iter().position(|known| known == role)
    }

    /// The place of a signal in [`Venue::signals`].
    #[must_use]
    pub fn find_signal(&self, name: &str) -> Option<usize> {
        self.signals.iter().position(|signal| signal.name == name)
    }

    /// The place of a receiver in [`Venue::receivers`].
    #[must_use]
    pub fn find_receiver(&self, name: &str) -> Option<usize> {
        self.receivers.iter().position(|receiver| receiver.name.as_str() == name)
    }

    /// The place of a fact in [`Venue::facts`].
    #[must_use]
    pub fn find_fact(&self, name: &str) -> Option<usize> {
        self.facts.iter().position(|fact| fact.name == name)
    }

    /// The place of a channel in [`Policy::channels`].
    #[must_use]
    pub fn find_channel(&self, name: &str) -> Option<usize> {
        self.policy.channels.iter().position(|known| known == name)
    }

    /// What kind of subject a role is.
    #[must_use]
    pub fn kind_of_role(&self, role: usize) -> SubjectKind {
        self.kinds_of_roles.get(role).copied().unwrap_or_default()
    }

    /// The instant of a time that people write: `2026-07-20 12:00` as the venue's clock shows it, or RFC 3339.
    ///
    /// # Errors
    /// What is wrong with it, for whoever wrote it.
    pub fn instant(&self, text: &str) -> Result<Timestamp, String> {
        clock::instant(self.time_zone, text)
    }

    /// An instant as RFC 3339 with the venue's offset.
    #[must_use]
    pub fn written(&self, at: Timestamp) -> String {
        clock::written(self.time_zone, at)
    }

    /// What a clock on the venue's wall shows.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> LocalTime {
        self.offsets.local(at)
    }

    /// The venue's clock.
    #[must_use]
    pub fn offsets(&self) -> Offsets {
        self.offsets.clone()
    }
}

/// A storey.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Level {
    /// Its number; 0 is the ground.
    pub level: i16,
    /// What people call it.
    pub title: String,
}

/// A part of the venue.
#[derive(Clone, PartialEq, Debug)]
pub struct Zone {
    /// Its id.
    pub id: ZoneName,
    /// What people call it.
    pub title: String,
    /// What it is for: an index into [`Venue::kinds`].
    pub kind: usize,
    /// Under the sky.
    pub outdoor: bool,
    /// Its storey.
    pub level: i16,
    /// The channel that whoever is here is present on: a place in [`Policy::channels`].
    pub channel: Option<usize>,
    /// Where it is, in degrees (longitude, latitude); `None` without a map.
    pub shape: Option<geo::MultiPolygon<f64>>,
}

impl Zone {
    /// A point that is surely inside, also in a ring or a crescent: longitude and latitude in degrees. `None` without a
    /// map.
    #[must_use]
    pub fn label_point(&self) -> Option<[f64; 2]> {
        self.shape.as_ref()?.interior_point().map(|point| [point.x(), point.y()])
    }
}

/// A sensor board, as the venue knows it.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// Its number on the wire.
    pub id: NodeId,
    /// Its name in topics.
    pub name: NodeName,
    /// Where it is mounted.
    pub mount: Mount,
    /// It reads badges.
    pub badge: bool,
    /// It reads the weather.
    pub weather: bool,
    /// The channel that whoever it sees is present on: a place in [`Policy::channels`].
    pub channel: Option<usize>,
    /// How late what it observed may come and still be acted on, in milliseconds, where that is longer than for others.
    pub late_ms: Option<i64>,
}

/// Where a node is mounted.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Mount {
    /// In this zone.
    Zone(ZoneIx),
    /// At these coordinates, in degrees.
    Point {
        /// Degrees east of Greenwich.
        lon: f64,
        /// Degrees north of the equator.
        lat: f64,
        /// The storey.
        level: i16,
        /// The zone that covers the point, if one does.
        zone: Option<ZoneIx>,
    },
}

impl Mount {
    /// The zone that a reading of this node is about, if any.
    #[must_use]
    pub fn zone(&self) -> Option<ZoneIx> {
        match *self {
            Self::Zone(zone) => Some(zone),
            Self::Point { zone, .. } => zone,
        }
    }
}

/// A named value that another system sends.
#[derive(Clone, PartialEq, Debug)]
pub struct Signal {
    /// Its name, the last level of its topic.
    pub name: String,
    /// What it counts; `None` for a bare number.
    pub unit: Option<Unit>,
    /// How old it may be before it is unknown, in milliseconds.
    pub fresh_ms: i64,
    /// The zone whose queue it measures, if it does.
    pub queue_of: Option<ZoneIx>,
}

/// When a subject counts as being somewhere.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Presence {
    /// A change of zone counts once it has lasted this many milliseconds; 0 at once.
    pub settle_ms: i64,
    /// Metres a point must be outside its zone to leave it.
    pub margin: f64,
    /// Unseen for this many milliseconds is gone; `None` never.
    pub away_after_ms: Option<i64>,
}
