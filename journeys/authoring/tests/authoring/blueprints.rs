//! Journeys made from blueprints: what they become, and where each slip is told.

use std::fmt::Write as _;
use std::path::Path;

use expect_test::expect_file;
use turnpage_journeys_authoring::{Sources, check, format, render};

use crate::stage::schema;

const BLUEPRINT: &str = r#"# Rain, and somewhere to go.
blueprint: rain-offer
about: Whoever gets wet is asked in.
inputs:
  kind_of_place: { type: kind, default: food, about: where it is dry }
  threshold: { type: mm/h, default: 0.5 }
  what: { type: text }
  patience: { type: duration, default: 20m }
  times: { type: int, default: 3 }
version: 2
admit: role != "staff"
offers:
  come-in:
    text: { en: "It rains. ${what} at {nearest('${kind_of_place}').name}, costs $${x}?" }
    channels: [band, app]
    valid: ${patience}
    limit: ${times} per day
pages:
  strolling:
    choices:
      - { when: "place.outdoor && weather.rain > ${threshold}", offer: come-in, turn_to: shelter }
  shelter:
    choices:
      - { when: 'place.kind == "${kind_of_place}"', outcome: come-in.accepted, turn_to: strolling }
      - { after: "${patience}", turn_to: strolling }
"#;

const WEST: &str =
    "journey: wet-west\nversion: 7\nuse: rain-offer\nwith: { kind_of_place: shop, what: Umbrellas }\n";

fn report(files: &[(&str, &str)]) -> String {
    let mut sources = Sources::default();
    for (name, text) in files {
        sources.add(*name, *text);
    }
    let checked = check(sources, &schema());
    assert_eq!(checked.library.is_some(), checked.report.errors() == 0);
    render(&checked.report, false)
}

#[test]
fn a_journey_is_made_from_a_blueprint() {
    let blueprint = BLUEPRINT.replace("costs $${x}", "costs $${{x}}");
    let mut sources = Sources::of("rain-offer.yaml", blueprint);
    sources.add("wet-west.yaml", WEST);
    sources.add(
        "wet-east.yaml",
        "journey: wet-east\nuse: rain-offer\nwith: { what: Tea, times: 1 }\nadmit: role == \"vip\"\n",
    );
    let checked = check(sources, &schema());
    let library = checked.library.unwrap_or_else(|| panic!("{}", render(&checked.report, false)));
    let journeys: Vec<_> =
        library.journeys().iter().map(|journey| (journey.name.as_str(), journey.version)).collect();
    assert_eq!(journeys, [("wet-east", 2), ("wet-west", 7)]);
    let west = &library.journeys()[1];
    assert_eq!(west.offers[0].valid_ms, Some(20 * 60_000));
    assert_eq!(west.pages()[0].choices[0].guard, "place.outdoor && weather.rain > 0.5");
    assert_eq!(west.pages()[1].choices[0].guard, "place.kind == \"shop\"");
    assert_eq!(library.journeys()[0].pages()[1].choices[0].guard, "place.kind == \"food\"");
}

#[test]
fn a_blueprint_is_made_from_a_blueprint() {
    let inner = "blueprint: shop-rain\ninputs: { what: { type: text } }\nuse: rain-offer\nwith: { kind_of_place: shop, \
                 what: \"${what} and more\" }\nversion: 5\n";
    let outer = "journey: wet\nuse: shop-rain\nwith: { what: Tea }\n";
    let blueprint = BLUEPRINT.replace("$${x}", "much");
    let files = [("a.yaml", blueprint.as_str()), ("b.yaml", inner), ("c.yaml", outer)];
    assert_eq!(report(&files), "");
}

#[test]
fn slips_are_told_where_they_are() {
    let ways: [(&str, &str); 20] = [
        ("use: rain-offer", "use: rain-ofer"),
        ("what: Umbrellas", "wat: Umbrellas"),
        (", what: Umbrellas", ""),
        ("kind_of_place: shop", "kind_of_place: shp"),
        ("what: Umbrellas", "what: Umbrellas, threshold: much"),
        ("what: Umbrellas", "what: Umbrellas, patience: 20"),
        ("what: Umbrellas", "what: Umbrellas, times: 0"),
        ("what: Umbrellas", "what: [Umbrellas]"),
        ("what: Umbrellas", "what: \"{weather.rian}\""),
        ("use: rain-offer\n", ""),
        ("> ${threshold}", "> ${treshold}"),
        ("> ${threshold}", "> ${threshold} + place.queue"),
        ("turn_to: shelter", "turn_to: sheltr"),
        ("    limit: ${times} per day\n", ""),
        ("type: mm/h", "type: mm"),
        ("{ type: int, default: 3 }", "3"),
        ("default: 20m", "default: soon"),
        ("valid: ${patience}", "valid: ${patience"),
        ("version: 2", "verzion: 2"),
        ("version: 2", "use: rain-offer"),
    ];
    let mut told = String::new();
    let sound = BLUEPRINT.replace("$${x}", "much");
    assert_eq!(report(&[("rain-offer.yaml", &sound), ("wet-west.yaml", WEST)]), "");
    for (right, wrong) in ways {
        let (blueprint, west) = (sound.replacen(right, wrong, 1), WEST.replacen(right, wrong, 1));
        assert!(blueprint != sound || west != WEST, "`{right}` is nowhere");
        writeln!(told, "# {right:?} written as {wrong:?}\n").expect("a string takes everything");
        let told_here = report(&[("rain-offer.yaml", &blueprint), ("wet-west.yaml", &west)]);
        assert!(!told_here.is_empty(), "{wrong:?} is not noticed");
        told.push_str(&told_here);
        told.push('\n');
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/authoring/diagnostics");
    expect_file![folder.join("blueprints.expect")].assert_eq(&told);
}

#[test]
fn what_is_wrong_in_a_blueprint_is_told_once_with_its_users() {
    let blueprint = BLUEPRINT.replace("turn_to: shelter", "turn_to: sheltr").replace("$${x}", "much");
    let east = WEST.replace("west", "east");
    let north = WEST.replace("west", "north");
    let files = [("b.yaml", blueprint.as_str()), ("w.yaml", WEST), ("e.yaml", &east), ("n.yaml", &north)];
    let told = report(&files);
    assert_eq!(told.matches("has no page `sheltr`").count(), 1, "{told}");
    assert!(told.contains("the journey `wet-east` and 2 more use this blueprint"), "{told}");
    // Nobody uses it, and it is wrong all the same.
    let alone = blueprint.replace("what: { type: text }", "what: { type: text, default: Tea }");
    assert!(report(&[("b.yaml", &alone)]).contains("has no page `sheltr`"));
    assert_eq!(report(&[("b.yaml", &alone.replace("sheltr", "shelter"))]), "");
}

#[test]
fn blueprints_that_hurt_are_refused() {
    let mut chain = Vec::new();
    for level in 0..12 {
        chain.push((format!("{level}.yaml"), format!("blueprint: b{level}\nuse: b{}\n", level + 1)));
    }
    chain.push(("j.yaml".to_owned(), "journey: j\nuse: b0\n".to_owned()));
    let files: Vec<(&str, &str)> = chain.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert!(report(&files).contains("more than 8 blueprints are made from one another"));
    // Each level says its input twice to the next: it doubles until a bound stops it.
    let mut doubling: Vec<(String, String)> = (0..7)
        .map(|level| {
            let with = if level < 6 {
                format!("use: d{}\nwith: {{ x: \"{}\" }}\n", level + 1, "${x}".repeat(200))
            } else {
                "admit: \"${x}\"\npages: { a: }\n".to_owned()
            };
            (
                format!("{level}.yaml"),
                format!("blueprint: d{level}\ninputs: {{ x: {{ type: text }} }}\n{with}"),
            )
        })
        .collect();
    doubling.push(("j.yaml".to_owned(), "journey: j\nuse: d0\nwith: { x: word }\n".to_owned()));
    let files: Vec<(&str, &str)> =
        doubling.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert!(report(&files).contains("blueprints were filled with more than"));
    for text in
        ["blueprint: [\n", "blueprint:\n", "blueprint: a\ninputs: 3\n", "blueprint: a\nuse: [b]\nwith: c\n"]
    {
        assert!(report(&[("b.yaml", text)]).ends_with('\n'), "{text}");
    }
}

#[test]
fn a_blueprint_is_formatted_like_a_journey() {
    let formatted = format(BLUEPRINT).expect("it can be read");
    assert_eq!(format(&formatted).as_deref(), Ok(formatted.as_str()));
    assert!(formatted.starts_with("# Rain, and somewhere to go.\nblueprint: rain-offer\n"));
}
