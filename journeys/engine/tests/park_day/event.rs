//! One event of the park-day workload, as a parser would leave it.

/// What a visitor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Guest,
    Vip,
    Staff,
}

/// What a zone is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ZoneKind {
    Gate,
    Plaza,
    Ride,
    Food,
    Shop,
    Restroom,
    Indoor,
}

/// A sighting with its context. Visitors are numbered; the name of 123 is `v000123`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Event {
    /// Milliseconds since the epoch.
    pub(crate) at: i64,
    pub(crate) visitor: u32,
    pub(crate) role: Role,
    pub(crate) zone: u16,
    pub(crate) kind: ZoneKind,
    pub(crate) outdoor: bool,
    /// mm/h
    pub(crate) rain: f64,
    /// Celsius
    pub(crate) temperature: f64,
}

/// What a rule set says: instant, visitor, journey, and the offer with its outcome if it has one.
pub(crate) type Line = (i64, String, &'static str, &'static str);

/// The name of a visitor.
pub(crate) fn name(visitor: u32) -> String {
    format!("v{visitor:06}")
}
