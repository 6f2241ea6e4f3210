//! The JSON Schemas by a validator that is not ours: what ships and what the page shows is valid, and slips of the pen are not.

use std::path::Path;

use serde_json::{Map, Value};
use turnpage_journeys_authoring::library::BUNDLES;
use turnpage_journeys_authoring::{schema_of_blueprints, schema_of_journeys, schema_of_plays};
use turnpage_journeys_document::{Content, Node, parse};

/// What is wrong with a text by a schema, one line each.
fn slips(schema: &Value, text: &str) -> Vec<String> {
    let validator = jsonschema::draft202012::new(schema).expect("the schema is one");
    let node = parse(text).unwrap_or_else(|problems| panic!("{problems:?} in\n{text}"));
    validator.iter_errors(&json(&node)).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The value that a YAML 1.2 reader gives to an editor.
fn json(node: &Node) -> Value {
    match &node.value {
        Content::Null => Value::Null,
        Content::List(items) => items.iter().map(json).collect(),
        Content::Map(entries) => {
            let entries = entries.iter().map(|entry| (entry.key.text().to_owned(), json(&entry.value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Content::Scalar(scalar) if scalar.quoted() => scalar.text().into(),
        Content::Scalar(scalar) => match scalar.text() {
            "true" => true.into(),
            "false" => false.into(),
            text => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(whole), _) => whole.into(),
                (_, Ok(number)) if number.is_finite() => number.into(),
                _ => text.into(),
            },
        },
    }
}

#[test]
fn every_schema_is_a_schema() {
    for schema in [schema_of_journeys(), schema_of_blueprints(), schema_of_plays()] {
        jsonschema::draft202012::meta::validate(&schema).expect("2020-12 has such schemas");
    }
}

#[test]
fn what_ships_is_valid() {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../library");
    for bundle in BUNDLES {
        for (name, text) in bundle.journeys {
            let schema =
                if text.contains("\nblueprint: ") { schema_of_blueprints() } else { schema_of_journeys() };
            assert_eq!(slips(&schema, text), Vec::<String>::new(), "{name}");
        }
        for file in std::fs::read_dir(library.join(bundle.name).join("plays")).expect("it has plays") {
            let path = file.expect("it can be listed").path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                let text = std::fs::read_to_string(&path).expect("it can be read");
                assert_eq!(slips(&schema_of_plays(), &text), Vec::<String>::new(), "{}", path.display());
            }
        }
    }
}

#[test]
fn what_the_page_shows_is_valid() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md"))
        .expect("the page is there");
    let mut seen = 0;
    for fenced in page.split("```").skip(1).step_by(2) {
        let (info, text) = fenced.split_once('\n').expect("a block has lines");
        let schema = match info {
            "yaml journey" | "yaml callee" | "yaml caller" | "yaml user" => schema_of_journeys(),
            "yaml blueprint" => schema_of_blueprints(),
            "yaml plays" => schema_of_plays(),
            _ => continue,
        };
        assert_eq!(slips(&schema, text), Vec::<String>::new(), "{text}");
        seen += 1;
    }
    assert!(seen > 3, "the page shows {seen} files");
}

/// Everything a journey may say.
const WHOLE: &str = include_str!("whole.yaml");

#[test]
fn slips_of_the_pen_are_not_valid() {
    assert_eq!(slips(&schema_of_journeys(), WHOLE), Vec::<String>::new());
    for (right, wrong) in [
        ("journey: whole", "jurney: whole"),
        ("journey: whole", "journey: a whole one"),
        ("version: 4", "version: four"),
        ("version: 4", "version: 0"),
        ("kind: guided", "kind: guide"),
        ("subject: visitor", "subject: guest"),
        ("upgrade: { map:", "upgrade: { maps:"),
        ("floor: 0.2", "floor: 20"),
        ("within: 20m", "within: 20"),
        ("en: \"Cocoa?\"", "english: \"Cocoa?\""),
        ("channels: [band, sign]", "channels: band"),
        ("limit: 3 per day", "limit: 3 a day"),
        ("valid: 20m", "valid: 20 minutes"),
        ("turn_to: full", "turn-to: full"),
        ("on: signal.parking", "on: signals"),
        ("at: \"17:30\"", "at: half past five"),
        ("once: true", "once: maybe"),
        ("outcome: cocoa.accepted", "outcome: cocoa.taken"),
        ("dispatch: { role: cleaner,", "dispatch: {"),
        ("pick: rest, ", ""),
        ("    call: survey\n", ""),
        ("- { after: 20m, ", "- { after: 20m, on: enter, "),
        ("{ type: zone }", "{ typ: zone }"),
    ] {
        assert!(WHOLE.contains(right), "`{right}` is not in the journey");
        let text = WHOLE.replacen(right, wrong, 1);
        assert!(!slips(&schema_of_journeys(), &text).is_empty(), "{wrong:?} is not noticed");
    }
}
