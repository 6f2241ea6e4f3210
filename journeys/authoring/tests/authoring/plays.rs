//! Every shipped journey plays its plays: what must come comes, and the whole transcript is golden.
//!
//! `UPDATE_EXPECT=1 cargo test -p turnpage-journeys-authoring` writes the transcripts anew; look at the diff.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use turnpage_journeys_authoring::library::{BUNDLES, Bundle};
use turnpage_journeys_authoring::{Report, Sources, check, play, render};
use turnpage_journeys_engine::Library;

use crate::stage::stage;

#[test]
fn every_shipped_journey_keeps_to_its_plays() {
    for bundle in BUNDLES {
        for (name, text) in bundle.journeys {
            let journey =
                Path::new(name).file_stem().and_then(|stem| stem.to_str()).expect("embedded by name");
            let sources = Sources::of(*name, *text);
            let checked = check(sources, &stage().schema);
            let library = checked.library.unwrap_or_else(|| panic!("{}", render(&checked.report, false)));
            rehearse(bundle, journey, &library);
        }
    }
}

fn rehearse(bundle: &Bundle, journey: &str, library: &Library) {
    let folder = library_folder().join(bundle.name).join("plays");
    let file = folder.join(format!("{journey}.yaml"));
    let name = format!("journeys/library/{}/plays/{journey}.yaml", bundle.name);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
    let stage = stage();
    let fail = |diagnostics| -> ! { panic!("{}", render(&Report::of(&*name, &*text, diagnostics), false)) };
    let plays = play::read(&text).unwrap_or_else(|diagnostics| fail(diagnostics));
    assert_eq!(plays.of.value, journey);
    assert!(plays.plays.len() > 1, "{name} shows too little");
    let mut golden = String::new();
    for play in &plays.plays {
        let transcript = play::run(library, &stage, play).unwrap_or_else(|diagnostics| fail(diagnostics));
        if let Some(diagnostic) = transcript.judge(play) {
            eprintln!("{transcript}");
            fail(vec![diagnostic]);
        }
        writeln!(golden, "# {}\n{transcript}", play.title.value).expect("a string takes everything");
    }
    expect_file![folder.join(format!("{journey}.expect"))].assert_eq(&golden);
}

fn library_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../library")
}
