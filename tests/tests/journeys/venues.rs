//! Every bundle that brings a venue fits it: the file reads, and nothing in the journeys is wrong there.

use turnpage_gateway_core::Venue;
use turnpage_gateway_core::venue::SourceFile;
use turnpage_journeys_authoring::library::{BUNDLES, Bundle};
use turnpage_journeys_authoring::{check, render};

/// The venue of a bundle, which must be without fault.
pub(crate) fn venue(bundle: &Bundle) -> Option<Venue> {
    let file = |(name, text): &(&'static str, &'static str)| SourceFile {
        name: name.rsplit('/').next().unwrap_or(name),
        text,
    };
    let files: Vec<SourceFile<'_>> = bundle.venue.iter().map(file).collect();
    if files.is_empty() {
        return None;
    }
    Some(Venue::read(&files).unwrap_or_else(|problems| panic!("{}: {problems:#?}", bundle.name)))
}

#[test]
fn journeys_fit_the_venues_they_ship_with() {
    let mut fitted = 0;
    for bundle in BUNDLES {
        let Some(venue) = venue(bundle) else { continue };
        let checked = check(bundle.sources(), &venue.schema());
        assert!(checked.report.is_empty(), "{}", render(&checked.report, false));
        fitted += 1;
    }
    assert!(fitted > 0, "some bundle brings its venue");
}
