//! The shipped journeys are whole: embedded, sound together, and what they need is declared by the park.

use std::collections::BTreeSet;
use std::path::Path;

use turnpage_journeys_authoring::library::BUNDLES;
use turnpage_journeys_authoring::{Sources, check, render};

use crate::stage::schema;

#[test]
fn every_bundle_is_sound() {
    for bundle in BUNDLES {
        let checked = check(bundle.sources(), &schema());
        assert!(checked.report.is_empty(), "{}", render(&checked.report, false));
        let library = checked.library.expect("nothing was found wrong");
        // A blueprint is no journey, and what is called runs in copies named after its callers.
        let text = |of: &str| bundle.journeys.iter().filter(|(_, text)| text.contains(of)).count();
        let own: BTreeSet<&str> = (library.journeys().iter())
            .map(|journey| journey.name.rsplit('>').next().unwrap_or_default())
            .collect();
        assert_eq!(own.len() + text("\nblueprint: "), bundle.journeys.len(), "{own:?}");
    }
}

#[test]
fn what_is_embedded_is_what_lies_in_the_folder() {
    for bundle in BUNDLES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../library").join(bundle.name);
        let loaded = Sources::load(&folder).expect("the folder is there");
        let on_disk: BTreeSet<&str> = loaded.iter().map(|source| source.text.as_str()).collect();
        let embedded: BTreeSet<&str> = bundle.journeys.iter().map(|(_, text)| *text).collect();
        assert_eq!(on_disk, embedded, "{}", bundle.name);
    }
}

#[test]
fn every_offer_speaks_every_language_of_its_bundle() {
    for bundle in BUNDLES {
        let library = check(bundle.sources(), &schema()).library.expect("sound");
        let offers = || library.journeys().iter().flat_map(|journey| &journey.offers);
        let all: BTreeSet<&str> =
            offers().flat_map(|offer| &offer.text).map(|copy| copy.language.as_str()).collect();
        for offer in offers() {
            let own: BTreeSet<&str> = offer.text.iter().map(|copy| copy.language.as_str()).collect();
            assert_eq!(own, all, "{} in {}", offer.name, bundle.name);
        }
    }
}
