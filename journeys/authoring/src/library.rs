//! The journeys that ship with Turnpage, embedded so that a bare binary can run them.
//!
//! Their plays are embedded with them; the golden transcripts of these lie beside them in `journeys/library`.

use crate::source::Sources;

/// One shipped set of journeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bundle {
    /// The folder's name under `journeys/library`.
    pub name: &'static str,
    /// File name and text of every journey, by file name.
    pub journeys: &'static [(&'static str, &'static str)],
    /// File name and text of their plays, by file name.
    pub plays: &'static [(&'static str, &'static str)],
    /// File name and text of the venue it brings: `venue.yaml` first, then its map. Nothing where it brings none.
    pub venue: &'static [(&'static str, &'static str)],
}

/// Embeds files of one folder, named as a person reading a report would look for them.
macro_rules! embed {
    ($folder:literal: $($file:literal),+ $(,)?) => {
        &[$((
            concat!("journeys/library/", $folder, "/", $file),
            include_str!(concat!("../../library/", $folder, "/", $file)),
        )),+]
    };
}

/// Rain, lunch and loyalty for the sample theme park.
pub const THEME_PARK: Bundle = Bundle {
    name: "theme-park",
    journeys: embed!("theme-park": "loyalty.yaml", "lunch.yaml", "rainy-day.yaml"),
    plays: embed!("theme-park": "plays/loyalty.yaml", "plays/lunch.yaml", "plays/rainy-day.yaml"),
    venue: &[],
};

/// The five journeys of the park-day workload, with its venue.
pub const PARK_DAY: Bundle = Bundle {
    name: "park-day",
    journeys: embed!("park-day": "heat-rest.yaml", "loyal.yaml", "lunch.yaml", "rainy-day.yaml", "vip-greet.yaml"),
    plays: embed!(
        "park-day": "plays/heat-rest.yaml",
        "plays/loyal.yaml",
        "plays/lunch.yaml",
        "plays/rainy-day.yaml",
        "plays/vip-greet.yaml",
    ),
    venue: embed!("park-day": "venue.yaml"),
};

/// The whole language in one small park: every kind, a call, picks, staff and a blueprint.
pub const DAY_OUT: Bundle = Bundle {
    name: "day-out",
    journeys: embed!(
        "day-out": "briefing.yaml",
        "climb.yaml",
        "come-in.yaml",
        "drinks.yaml",
        "farewell.yaml",
        "quiet-hour.yaml",
        "rest.yaml",
        "survey.yaml",
        "sweep.yaml",
        "table.yaml",
        "tour.yaml",
    ),
    plays: embed!(
        "day-out": "plays/climb.yaml",
        "plays/drinks.yaml",
        "plays/farewell.yaml",
        "plays/quiet-hour.yaml",
        "plays/rest.yaml",
        "plays/sweep.yaml",
        "plays/table.yaml",
        "plays/tour.yaml",
    ),
    venue: embed!("day-out": "venue.yaml", "zones.geojson"),
};

/// Every bundle that ships.
pub const BUNDLES: &[Bundle] = &[THEME_PARK, PARK_DAY, DAY_OUT];

impl Bundle {
    /// The journeys, ready to check.
    pub fn sources(&self) -> Sources {
        let mut sources = Sources::default();
        for (name, text) in self.journeys {
            sources.add(*name, *text);
        }
        sources
    }
}
