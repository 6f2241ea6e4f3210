//! The sample venue, Heron Lagoon, and the day that ships with it, embedded in the binary.
//!
//! The park is invented and stands on open land near Orlando, Florida. Its queues are those of a real day and its
//! weather is that of another city on another day; `park/SOURCES.md` says whose and under which licence.
//! Next: `day` reads the data, `gateway/core` reads the venue.

/// The files of the venue, by name: what `core::venue::Venue::read` takes.
#[must_use]
pub fn files() -> [(&'static str, &'static str); 2] {
    [
        ("venue.yaml", include_str!("../park/venue.yaml")),
        ("zones.geojson", include_str!("../park/zones.geojson")),
    ]
}

/// The texts of the sample day: waits, weather, rides, as [`crate::day::Day::parse`] takes them.
pub(crate) const DAY: [&str; 3] = [
    include_str!("../park/day/waits.csv"),
    include_str!("../park/day/weather.csv"),
    include_str!("../park/day/rides.csv"),
];
