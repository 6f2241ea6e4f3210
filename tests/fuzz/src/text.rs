//! What authors write: documents, journeys with their blueprints, plays, and models that are brought over.
//!
//! Problems lie in the text; what is printed is read alike, and printing it again changes nothing.

use std::sync::LazyLock;
use std::sync::atomic::AtomicUsize;

use turnpage_gateway_core::Venue;
use turnpage_journeys_authoring::guards::Guards;
use turnpage_journeys_authoring::import::aws_iot_events;
use turnpage_journeys_authoring::play::{self, Stage, StageZone, Value};
use turnpage_journeys_authoring::script::Scripts;
use turnpage_journeys_authoring::trial::{self, Bench, PlayFile};
use turnpage_journeys_authoring::{Checked, Source, Sources, check, format, json, render};
use turnpage_journeys_document::{Content, Limits, Node, parse};
use turnpage_journeys_engine::Library;
use turnpage_tests::case::Case;

use crate::stage::{BUNDLE, placed, stage, texts};

/// A tree without its places.
fn told(node: &Node, out: &mut String) {
    match &node.value {
        Content::Null => out.push('~'),
        Content::Scalar(scalar) => out.push_str(&format!("{:?}", scalar.text())),
        Content::List(items) => {
            out.push('[');
            items.iter().for_each(|item| told(item, out));
            out.push(']');
        }
        Content::Map(entries) => {
            out.push('{');
            for entry in entries {
                out.push_str(&format!("{:?}:", entry.key.text()));
                told(&entry.value, out);
            }
            out.push('}');
        }
    }
}

/// Any text: a tree within its bounds, or problems with places.
pub(crate) fn document(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let tree = match parse(text) {
        Ok(tree) => tree,
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            return placed(text, &problems);
        }
    };
    let Ok(printed) = turnpage_journeys_document::format(text, Limits::default()) else { return };
    let again = parse(&printed).unwrap_or_else(|problems| panic!("{printed:?}: {problems:?}"));
    let (mut was, mut is) = (String::new(), String::new());
    told(&tree, &mut was);
    told(&again, &mut is);
    assert_eq!(was, is, "printed as {printed:?}");
    let twice = turnpage_journeys_document::format(&printed, Limits::default());
    assert_eq!(twice.as_deref(), Ok(printed.as_str()), "printed twice it differs");
}

fn checked(texts: &[String]) -> Checked {
    let mut sources = Sources::default();
    for (number, text) in texts.iter().enumerate() {
        sources.add(format!("{number}.yaml"), text.as_str());
    }
    check(sources, &stage().schema)
}

/// Journeys and blueprints: reported or run, and in canonical form they are the same journeys.
pub(crate) fn journeys(bytes: &[u8]) {
    let texts = texts(bytes);
    let Checked { library, report, .. } = checked(&texts);
    for finding in report.findings() {
        let text = &report.sources()[finding.source].text;
        placed(text, std::slice::from_ref(&finding.diagnostic));
    }
    assert_eq!(render(&report, false).is_empty(), report.is_empty());
    json(&report);
    let Some(library) = library else { return assert!(report.errors() > 0, "refused without a reason") };
    let bytes = |library: &Library| library.to_bytes(&stage().schema).expect("what was compiled is written");
    let own = bytes(&library);
    let (back, schema) = Library::from_bytes(&own).expect("what was written is read");
    assert_eq!(back.to_bytes(&schema).as_ref(), Ok(&own));
    let Ok(printed) = texts.iter().map(|text| format(text)).collect::<Result<Vec<_>, _>>() else { return };
    let again = checked(&printed);
    let again = again.library.unwrap_or_else(|| panic!("{printed:?}: {}", render(&again.report, false)));
    assert!(bytes(&again) == own, "in canonical form it is another journey: {printed:#?}");
}

/// A file of plays for what ships: refused with places, or played.
pub(crate) fn plays(bytes: &[u8]) {
    static BENCH: LazyLock<(Library, Scripts, Guards, Stage)> = LazyLock::new(|| {
        let Checked { library, scripts, .. } = check(BUNDLE.sources(), &stage().schema);
        let library = library.expect("what ships is sound");
        let guards = Guards::of(&library, &scripts, &stage().schema);
        (library, scripts, guards, rehearsal(&stage().venue))
    });
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(problems) = play::read(text) {
        return placed(text, &problems);
    }
    let (library, scripts, guards, stage) = &*BENCH;
    let source = Source { name: "play.yaml".into(), text: text.into() };
    let file = PlayFile { source, golden: None };
    let trials = trial::run(Bench { library, scripts, guards, stage }, &[file], None, &AtomicUsize::new(0));
    for finding in trials.report.findings() {
        placed(&trials.report.sources()[finding.source].text, std::slice::from_ref(&finding.diagnostic));
    }
}

/// The venue as far as plays need it here: what is near is not.
fn rehearsal(venue: &Venue) -> Stage {
    let schema = venue.schema();
    let zones = venue.zones.iter().map(|zone| StageZone {
        name: zone.id.as_str().to_owned(),
        facts: vec![("place.outdoor".to_owned(), Value::Bool(zone.outdoor))],
        queue: None,
    });
    let segments = venue.segments.iter().map(|segment| segment.guard.clone()).collect();
    Stage { zones: zones.collect(), offsets: venue.offsets(), segments, schema }
}

/// A model of another system: problems have places, and what comes of it is a text that can be read.
pub(crate) fn model(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match aws_iot_events::import(text) {
        Err(problems) => placed(text, &problems),
        Ok(imported) => {
            parse(&imported.text).unwrap_or_else(|problems| panic!("{}: {problems:?}", imported.text));
            assert!(!imported.text.contains(|c: char| c.is_control() && c != '\n'), "{:?}", imported.text);
        }
    }
}

/// A conformance case: refused, or printed as it is read again.
pub(crate) fn case(bytes: &[u8]) {
    let Ok(case) = Case::read(&String::from_utf8_lossy(bytes)) else { return };
    let printed = case.to_string();
    let again = Case::read(&printed).unwrap_or_else(|wrong| panic!("{wrong}:\n{printed}"));
    assert_eq!(again.to_string(), printed);
}
