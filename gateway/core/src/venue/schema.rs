//! What guards may read about a venue, and which of it somebody reads.
//!
//! Declares the facts and their types; their values come from enrich/facts.rs. Next: the journeys' compiler, then
//! enrich.rs.

use turnpage_journeys_engine::{Library, Wording};
use turnpage_journeys_expr::air::CONDITIONS;
use turnpage_journeys_expr::{SET_MAX, Schema, Slot, Symbol, Type, Unit};

use super::{FactOf, Venue};

/// A fact that a venue declares, as what fills it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FactKind {
    Role,
    Zone,
    Kind,
    Level,
    Outdoor,
    Dwell,
    Queue,
    /// People in the zone.
    Count,
    Temperature,
    Rain,
    Wind,
    Humidity,
    Light,
    FeelsLike,
    Condition,
    /// By place in [`Venue::signals`].
    Signal(usize),
    /// By place in [`Venue::kinds`].
    Nearest(usize),
    /// By place in [`Venue::kinds`].
    Distance(usize),
    /// By place in [`Venue::kinds`].
    Next(usize),
    /// The purposes that the subject's consent covers.
    Consents,
    /// By place in [`Venue::facts`].
    Subject(usize),
    Score,
    PartySize,
    PartyRoles,
    Channel,
    Segments,
}

impl FactKind {
    /// Whether every line of a replay says it, or enough for it.
    pub(crate) fn is_in_a_line(self) -> bool {
        matches!(
            self,
            Self::Role
                | Self::Zone
                | Self::Kind
                | Self::Level
                | Self::Outdoor
                | Self::Dwell
                | Self::Queue
                | Self::Temperature
                | Self::Rain
                | Self::Nearest(_)
                | Self::Distance(_)
        )
    }

    pub(crate) fn is_weather(self) -> bool {
        matches!(
            self,
            Self::Temperature
                | Self::Rain
                | Self::Wind
                | Self::Humidity
                | Self::Light
                | Self::FeelsLike
                | Self::Condition
        )
    }
}

/// The schema of a venue, with the meaning of each slot. Symbols of its domains count as the venue's lists do.
pub(super) fn declare(venue: &Venue) -> (Schema, Vec<(Slot, FactKind)>) {
    let mut schema = Schema::new();
    let role = schema.domain("role", venue.roles.iter().map(String::as_str));
    let zones = schema.domain("zone", venue.zones.iter().map(|zone| zone.id.as_str()));
    let kinds = schema.domain("kind", venue.kinds.iter().map(String::as_str));
    let conditions = schema.domain("condition", CONDITIONS);
    let channels = schema.domain("channel", venue.policy.channels.iter().map(String::as_str));
    let about: Vec<_> = venue.facts.iter().map(|fact| type_of(&mut schema, &fact.name, &fact.of)).collect();
    for (symbol, zone) in (0..).map(Symbol).zip(&venue.zones) {
        schema.set_title(zones, symbol, &zone.title);
    }
    let mut slots = Vec::new();
    let mut fact = |path: &str, ty: Type, kind: FactKind| {
        slots.extend(schema.fact(path, ty).map(|slot| (slot, kind)));
    };
    fact("role", Type::Symbol(role), FactKind::Role);
    fact("place.zone", Type::Symbol(zones), FactKind::Zone);
    fact("place.kind", Type::Symbol(kinds), FactKind::Kind);
    fact("place.level", Type::Int, FactKind::Level);
    fact("place.outdoor", Type::Bool, FactKind::Outdoor);
    fact("place.dwell", Type::Duration, FactKind::Dwell);
    fact("place.queue", Type::Quantity(Unit::Minute), FactKind::Queue);
    fact("place.count", Type::Int, FactKind::Count);
    fact("weather.temperature", Type::Quantity(Unit::Celsius), FactKind::Temperature);
    fact("weather.rain", Type::Quantity(Unit::MmPerHour), FactKind::Rain);
    fact("weather.wind", Type::Quantity(Unit::MetrePerSecond), FactKind::Wind);
    fact("weather.humidity", Type::Quantity(Unit::Percent), FactKind::Humidity);
    fact("weather.light", Type::Quantity(Unit::Lux), FactKind::Light);
    fact("weather.feels_like", Type::Quantity(Unit::Celsius), FactKind::FeelsLike);
    fact("weather.condition", Type::Symbol(conditions), FactKind::Condition);
    fact("feedback.score", Type::Int, FactKind::Score);
    fact("party.size", Type::Int, FactKind::PartySize);
    fact("channel", Type::Symbol(channels), FactKind::Channel);
    // A set has room for so many roles; a venue with more of them asks for sizes.
    if venue.roles.len() <= SET_MAX as usize {
        fact("party.roles", Type::Set(role), FactKind::PartyRoles);
    }
    for (ix, signal) in venue.signals.iter().enumerate() {
        let ty = signal.unit.map_or(Type::Double, Type::Quantity);
        fact(&format!("signal.{}", signal.name), ty, FactKind::Signal(ix));
    }
    for (ix, kind) in venue.kinds.iter().enumerate() {
        fact(&format!("nearest.{kind}"), Type::Symbol(zones), FactKind::Nearest(ix));
        fact(&format!("distance.{kind}"), Type::Quantity(Unit::Metre), FactKind::Distance(ix));
        fact(&format!("next.{kind}"), Type::Double, FactKind::Next(ix));
    }
    for (ix, (declared, ty)) in venue.facts.iter().zip(about).enumerate() {
        fact(&format!("subject.{}", declared.name), ty, FactKind::Subject(ix));
    }
    // What journeys name beside their guards. A venue without such a thing has no such list.
    let purposes: Vec<_> = venue.policy.purposes.iter().map(|purpose| purpose.name.as_str()).collect();
    let pools: Vec<_> = venue.pools.iter().map(|pool| pool.name.as_str()).collect();
    let vendors: Vec<_> = venue.auction.vendors.iter().map(|vendor| vendor.name.as_str()).collect();
    for (name, known) in [("pool", pools), ("vendor", vendors)] {
        if !known.is_empty() {
            schema.domain(name, known);
        }
    }
    if !purposes.is_empty() {
        let purpose = schema.domain("purpose", purposes);
        let slot = schema.fact("consents", Type::Set(purpose));
        slots.extend(slot.map(|slot| (slot, FactKind::Consents)));
    }
    // Last, because segments read the others.
    let segments = schema.domain("segment", venue.segments.iter().map(|segment| segment.name.as_str()));
    if !venue.segments.is_empty() {
        let slot = schema.fact("segments", Type::Set(segments));
        slots.extend(slot.map(|slot| (slot, FactKind::Segments)));
    }
    (schema, slots)
}

/// The type of a subject's fact; its words, if it has some, are a domain of their own.
fn type_of(schema: &mut Schema, name: &str, of: &FactOf) -> Type {
    match of {
        FactOf::Bool => Type::Bool,
        FactOf::Int => Type::Int,
        FactOf::Number => Type::Double,
        FactOf::Quantity(unit) => Type::Quantity(*unit),
        FactOf::Duration => Type::Duration,
        // Declared before any fact is, so these are there.
        FactOf::Role => Type::Symbol(schema.domain("role", [])),
        FactOf::Zone => Type::Symbol(schema.domain("zone", [])),
        FactOf::Kind => Type::Symbol(schema.domain("kind", [])),
        FactOf::Values(words) => {
            Type::Symbol(schema.domain(&format!("subject.{name}"), words.iter().map(String::as_str)))
        }
    }
}

/// The facts that some journey waits for: what enrichment fills for every step. What only an offer's text says is
/// filled when the offer is made.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) schema: Schema,
    /// Ascending by slot.
    pub(crate) facts: Vec<(Slot, FactKind)>,
    /// Some of them is a weather fact.
    pub(crate) weather: bool,
    /// Where the subject's segments go, if somebody reads them.
    pub(crate) segments: Option<Slot>,
    /// Somebody asks where people go next, be it only in an offer's text.
    pub(crate) next: bool,
    /// Every fact of the venue, by slot.
    all: Vec<(Slot, FactKind)>,
}

impl Asked {
    /// Of all facts of a venue, those that the guards of these journeys read, themselves or through segments.
    pub(crate) fn new(venue: &Venue, library: &Library) -> Self {
        let (schema, all) = declare(venue);
        let segments = schema.slot("segments").filter(|slot| library.reads().contains(slot));
        let behind = venue.segments.iter().flat_map(|segment| segment.guard.reads());
        let behind: Vec<_> = behind.copied().collect();
        let reads = |slot: &Slot| {
            // Segments are filled after the facts that they read.
            Some(*slot) != segments
                && (library.reads().contains(slot) || segments.is_some() && behind.contains(slot))
        };
        let facts: Vec<_> = all.iter().filter(|(slot, _)| reads(slot)).copied().collect();
        let weather = facts.iter().any(|(_, kind)| kind.is_weather());
        let said: Vec<_> = copies(library).flat_map(|copy| copy.template.reads().to_vec()).collect();
        let said_behind = said.iter().any(|slot| schema.slot("segments") == Some(*slot));
        let mut asked = all
            .iter()
            .filter(|(slot, _)| reads(slot) || said.contains(slot) || said_behind && behind.contains(slot));
        let next = asked.any(|(_, kind)| matches!(kind, FactKind::Next(_)));
        Self { facts, weather, segments, next, all, schema }
    }

    /// The slot of a fact of the venue.
    pub(crate) fn slot(&self, kind: FactKind) -> Option<Slot> {
        self.all.iter().find(|(_, known)| *known == kind).map(|(slot, _)| *slot)
    }

    /// What a slot means.
    pub(crate) fn kind(&self, slot: Slot) -> Option<FactKind> {
        let at = self.all.binary_search_by_key(&slot, |(slot, _)| *slot).ok()?;
        self.all.get(at).map(|(_, kind)| *kind)
    }
}

/// Every text of a library.
fn copies(library: &Library) -> impl Iterator<Item = &Wording> {
    let offers = library.journeys().iter().flat_map(|journey| &journey.offers).flat_map(|offer| &offer.text);
    let pages = library.journeys().iter().flat_map(|journey| journey.pages());
    let choices = pages.flat_map(|page| page.choices.iter().chain(&page.nudge));
    let said = choices.flat_map(|choice| {
        let task = choice.dispatch.iter().flat_map(|dispatch| &dispatch.task);
        choice.label.iter().chain(&choice.ticket).chain(task)
    });
    offers.chain(said)
}
