//! The sample park with the journeys that ship for it, both embedded: a bare binary can show itself.
//!
//! Reads through the same readers as anybody's venue. Next: day.rs.

use turnpage_gateway_core::Venue;
use turnpage_gateway_core::venue::SourceFile;
use turnpage_journeys_authoring::{Report, library};
use turnpage_simulators_venue::park;

use crate::load::{self, Loaded, Outcome};

/// The sample venue.
pub(crate) fn venue() -> Outcome<Venue> {
    let files = park::files();
    let sources: Vec<SourceFile<'_>> = files.iter().map(|&(name, text)| SourceFile { name, text }).collect();
    Venue::read(&sources).map_err(|problems| {
        let mut report = Report::default();
        for problem in problems {
            let text = files.iter().find(|(name, _)| *name == problem.file).map_or("", |(_, text)| text);
            report.merge(Report::of(problem.file, text, problem.diagnostics));
        }
        report
    })
}

/// The sample venue and its journeys, ready to run.
pub(crate) fn load() -> Outcome<Loaded> {
    let venue = venue()?;
    let (library, checked) = load::checked(&venue, library::THEME_PARK.sources())?;
    let pictures = load::pictures(&checked);
    Ok(Loaded { venue, library, pictures, texts: Vec::new() })
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_ships_is_sound() {
        let loaded = super::load().map_err(|report| turnpage_journeys_authoring::render(&report, false));
        let loaded = loaded.unwrap_or_else(|report| panic!("{report}"));
        assert!(loaded.library.journeys().len() >= 3);
        assert!(loaded.venue.zones.len() >= 12);
    }
}
