//! `turnpage why`: one subject at one instant on one screen: why it was offered what it was, and why not.
//!
//! Opens the files and prints; what was open and closed is told by gateway/core, from a replay or from the log of a data
//! directory. Changes nothing. Before: args.rs. Next: why/log.rs and why/screen.rs.

mod log;
mod screen;

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde::Serialize;
use turnpage_gateway_core::{Timestamp, Venue, Why, replay};

use crate::args::{Format, WhyArgs};
use crate::demo::park;
use crate::load::{self, Loaded};
use crate::out;

/// What was so, and what happened around it.
#[derive(Serialize)]
struct Answer {
    why: Option<Why>,
    before: Vec<Happened>,
    after: Vec<Happened>,
}

/// One thing that happened to the subject.
#[derive(Clone, Serialize)]
struct Happened {
    at: Timestamp,
    what: String,
}

/// What happened until the instant is told this many things back,
const BEFORE_MAX: usize = 12;
/// and this many on.
const AFTER_MAX: usize = 8;

/// Says why; exit 1 when there was no such subject.
pub(crate) fn run(args: &WhyArgs) -> anyhow::Result<ExitCode> {
    let loaded = match (&args.venue, &args.journeys) {
        (Some(venue), Some(journeys)) => load::all(venue, std::slice::from_ref(journeys))?,
        _ => park::load(),
    };
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(report) => return Ok(load::print(&report)),
    };
    let zone = loaded.venue.time_zone;
    let at = instant(&args.time, &loaded.venue)?;
    let answer = match (&args.events, &args.data) {
        (Some(events), None) => {
            let name = events.display();
            let file = load::events(events)?;
            let Loaded { venue, library, .. } = loaded;
            let answer = replay::why(&venue, library, file, &args.subject, at);
            told(answer.with_context(|| format!("cannot replay `{name}`"))?, at)
        }
        (None, Some(data)) => log::answer(data, loaded, &args.subject, at, args.seed)?,
        _ => bail!("why needs `--events FILE` or `--data DIR`"),
    };
    match args.format {
        Format::Json => out::put(serde_json::to_string_pretty(&answer)? + "\n")?,
        Format::Text => out::put(screen::show(&answer, &args.subject, at, zone))?,
    }
    Ok(if answer.why.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a replay told, around the instant.
fn told(answer: replay::Answer, at: Timestamp) -> Answer {
    let happened = answer.told.into_iter().map(|told| {
        let replay::Told { at, journey, page, what, name, .. } = told;
        let what = match (journey.as_str(), page.as_str()) {
            ("", _) => format!("{what} {name}"),
            (journey, "") => format!("{what} {name} ({journey})"),
            (journey, page) => format!("{what} {name} ({journey}, page {page})"),
        };
        Happened { at, what }
    });
    around(answer.why, happened.collect(), at)
}

/// What is near enough to the instant to be told.
fn around(why: Option<Why>, happened: Vec<Happened>, at: Timestamp) -> Answer {
    let (mut before, mut after): (Vec<_>, Vec<_>) = happened.into_iter().partition(|it| it.at <= at);
    before.drain(..before.len().saturating_sub(BEFORE_MAX));
    after.truncate(AFTER_MAX);
    Answer { why, before, after }
}

/// A time on the venue's clock, or an instant of RFC 3339.
fn instant(text: &str, venue: &Venue) -> anyhow::Result<Timestamp> {
    venue.instant(text).map_err(anyhow::Error::msg)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    #[test]
    fn times_are_the_venues_or_the_worlds() {
        let venue = park::venue().unwrap();
        let hours = |text: &str| instant(text, &venue).map(|at| at.0 / 3_600_000);
        assert_eq!(hours("2026-07-20T16:00:00Z").unwrap(), hours("2026-07-20T12:00:00-04:00").unwrap());
        let local = venue.time_zone.with_ymd_and_hms(2026, 7, 20, 12, 0, 0).unwrap().timestamp_millis();
        assert_eq!(instant("2026-07-20 12:00", &venue).unwrap(), Timestamp(local));
        assert!(hours("noon").is_err());
    }
}
