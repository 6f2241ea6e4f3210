//! What an editor is told while somebody types. `¦` is the place that is asked about.

use expect_test::{Expect, expect};
use proptest::prelude::{ProptestConfig, any, proptest};
use turnpage_journeys_authoring::Source;
use turnpage_journeys_authoring::editor::{Desk, Lines, Place};

use crate::stage::schema;

const RAINY_DAY: &str = r#"journey: rainy-day
kind: guided
variables: { showers: 0 }
offers:
  cocoa:
    text: { en: "Cocoa 🍫 at {nearest('food').name}?" }
    channels: [band]
    valid: 20m
pages:
  strolling:
    choices:
      - { when: place.outdoor && weather.rain > 0.5, offer: cocoa, set: { showers: showers + 1 }, turn_to: shelter }
  shelter:
    choices:
      - on: cocoa.accepted
        turn_to: cosy
      - when: history.visits("strolling") > 2 && role == "guest"
        turn_to: strolling
  cosy:
"#;

const PLAYS: &str = "plays_of: rainy-day\nplays:\n  - play: rain\n    when:\n      - { at: \"12:00\", zone: square }\n    then:\n      - { at: \"12:00\", offer: cocoa }\n";

/// The texts and the place of the mark in the first.
fn marked(texts: &[&str]) -> (Vec<Source>, u32) {
    let at = texts[0].find('¦').expect("a mark");
    let source = |(index, text): (usize, &&str)| Source {
        name: format!("{index}.yaml"),
        text: text.replace('¦', ""),
    };
    (texts.iter().enumerate().map(source).collect(), at as u32)
}

fn complete_in(texts: &[&str]) -> String {
    let (sources, at) = marked(texts);
    let schema = schema();
    let desk = Desk { schema: &schema, sources: &sources, at: 0 };
    let found = desk.complete(at);
    let replaces = found.first().map(|first| first.replaces.slice(&sources[0].text).unwrap_or("?"));
    let words: Vec<&str> = found.iter().map(|suggestion| suggestion.text.as_str()).collect();
    format!("{:?}: {}", replaces.unwrap_or_default(), words.join(" | "))
}

fn completes(text: &str, expected: &Expect) {
    expected.assert_eq(&complete_in(&[text]));
}

/// The sample journey with a mark put behind the only place where these words stand.
fn at(words: &str) -> String {
    assert_eq!(RAINY_DAY.matches(words.replace('¦', "").as_str()).count(), 1, "{words}");
    RAINY_DAY.replacen(&words.replace('¦', ""), words, 1)
}

#[test]
fn keys_go_by_the_place() {
    completes(
        "journey: x\n¦",
        &expect![[
            r#""": use | version | kind | subject | serves | purpose | priority | hold_out | admit | start | upgrade | learn | intent | parameters | returns | with | variables | offers | pages"#
        ]],
    );
    completes(
        "journey: x\noffers:\n  cocoa:\n    va¦\n",
        &expect![[r#""va": text | channels | valid | limit | purpose | priority | hold | vendor"#]],
    );
    completes(
        "journey: x\npages:\n  a:\n    choices:\n      - { on: enter, ¦\n  b:\n",
        &expect![[
            r#""": after | at | pick | label | when | once | offer | alternatives | withdraw | outcome | dispatch | ticket | remember | set | turn_to"#
        ]],
    );
    completes(
        "journey: x\npages:\n  a:\n    choices:\n      - on: enter\n      - when: true\n        ¦\n",
        &expect![[
            r#""": on | after | at | pick | label | once | offer | alternatives | withdraw | outcome | dispatch | ticket | remember | set | turn_to"#
        ]],
    );
    completes("blueprint: x\ninputs:\n  a:\n    ¦\n", &expect![[r#""": type | default | about"#]]);
    completes("plays_of: x\nplays:\n  - ¦\n", &expect![[r#""": play | given | when | until | then"#]]);
}

#[test]
fn words_and_names_go_by_the_key() {
    completes("journey: x\nkind: ¦\n", &expect![[r#""": guided | ad-hoc | mandated | learning | intent"#]]);
    completes(
        &at("turn_to: shelter¦").replace("shelter¦", "sh¦"),
        &expect![[r#""sh": strolling | shelter | cosy"#]],
    );
    completes(&at("offer: cocoa¦").replace("cocoa¦", "¦"), &expect![[r#""": cocoa"#]]);
    completes(&at("channels: [band¦").replace("[band¦", "[ba¦"), &expect![[r#""ba": band | app | kiosk"#]]);
    completes(
        &at("on: cocoa.accepted¦").replace("cocoa.accepted¦", "¦"),
        &expect![[
            r#""": sighting | enter | exit | weather | signal | feedback | returned | reached | signal.parking | signal.comet-queue | cocoa.delivered | cocoa.seen | cocoa.clicked | cocoa.accepted | cocoa.declined | cocoa.expired | cocoa.withheld"#
        ]],
    );
}

#[test]
fn guards_know_facts_members_and_variables() {
    completes(
        "journey: x\nadmit: weather.¦\n",
        &expect![[
            r#""weather.": weather.temperature | weather.rain | weather.wind | weather.humidity | weather.light"#
        ]],
    );
    completes("journey: x\nadmit: role == \"¦\n", &expect![[r#""": guest | vip | staff | cleaner"#]]);
    completes(
        "journey: x\nadmit: 'weather.rain > 1 && place.kind in [\"food\", \"¦'\n",
        &expect![[r#""": gate | plaza | ride | food | shop | restroom | indoor"#]],
    );
    completes(
        "journey: x\nadmit: distance(\"¦\n",
        &expect![[r#""": gate | plaza | ride | food | shop | restroom | indoor"#]],
    );
    completes(
        &at("set: { showers: showers¦ + 1").replace("showers¦ + 1", "sho¦"),
        &expect![[r#""sho": showers"#]],
    );
    completes(
        &at("history.visits(\"strolling¦").replace("strolling¦", "¦"),
        &expect![[r#""": strolling | shelter | cosy"#]],
    );
}

#[test]
fn plays_know_their_journey() {
    let play = PLAYS.replacen("offer: cocoa", "offer: ¦", 1);
    expect![[r#""": cocoa"#]].assert_eq(&complete_in(&[&play, RAINY_DAY]));
    let play = PLAYS.replacen("rainy-day", "¦", 1);
    expect![[r#""": rainy-day"#]].assert_eq(&complete_in(&[&play, RAINY_DAY]));
}

fn hover(text: &str, expected: &Expect) {
    let (sources, at) = marked(&[text]);
    let schema = schema();
    let hover = Desk { schema: &schema, sources: &sources, at: 0 }.hover(at);
    expected.assert_eq(&hover.map_or(String::new(), |hover| {
        format!("[{}] {}", hover.span.slice(&sources[0].text).unwrap_or("?"), hover.text)
    }));
}

#[test]
fn words_explain_themselves() {
    hover(&at("weather.ra¦in"), &expect!["[weather.rain] `weather.rain`: a quantity in mm/h"]);
    hover(
        &at("ki¦nd: guided"),
        &expect![[r#"
        [kind] `kind` of a journey

        How strictly it holds its order; absent: `guided`."#]],
    );
    hover(&at("kind: gui¦ded"), &expect!["[guided] `guided`: a recommended way; straying is allowed"]);
    hover(
        &at("offer: coc¦oa"),
        &expect![[r#"
        [cocoa] offer `cocoa`

        `en`: `Cocoa 🍫 at {nearest('food').name}?`

        valid: `20m`"#]],
    );
    hover(
        &at("turn_to: shel¦ter"),
        &expect![[r#"
        [shelter] page `shelter`

        from `strolling`

        on to `cosy`, `strolling`"#]],
    );
    hover(
        &at("visits(\"stro¦lling"),
        &expect![[r#"
        [strolling] page `strolling`

        the journey begins here; back from `shelter`

        on to `shelter`"#]],
    );
    hover(&at("showers¦ + 1"), &expect!["[showers] variable `showers`: begins as `0`"]);
    hover(
        &at("nearest('fo¦od')"),
        &expect![
            "[food] `nearest.food`: a zone: `gate`, `square`, `hall`, `comet`, `mine`, `grill`, `cafe`, `shop`, `arcade`"
        ],
    );
    hover(&at("> 0¦.5"), &expect![[""]]);
}

/// Stretches as line:column-column of their text.
fn stretches(
    sources: &[Source],
    found: impl IntoIterator<Item = turnpage_journeys_authoring::editor::Found>,
) -> String {
    let shown = found.into_iter().map(|found| {
        let text = &sources[found.source].text;
        let lines = Lines::of(text);
        let (from, to) = (lines.place(found.span.start), lines.place(found.span.end));
        format!(
            "{} {}:{}-{}",
            found.span.slice(text).unwrap_or("?"),
            from.line + 1,
            from.column + 1,
            to.column + 1
        )
    });
    shown.collect::<Vec<String>>().join(", ")
}

#[test]
fn names_lead_to_their_place_and_their_users() {
    let look = |text: &str| {
        let (sources, at) = marked(&[text, PLAYS]);
        let schema = schema();
        let desk = Desk { schema: &schema, sources: &sources, at: 0 };
        format!(
            "{} <- {}",
            stretches(&sources, desk.definition(at)),
            stretches(&sources, desk.references(at))
        )
    };
    expect!["shelter 13:3-10 <- shelter 12:108-115, shelter 13:3-10"]
        .assert_eq(&look(&at("turn_to: shel¦ter")));
    expect!["cocoa 5:3-8 <- cocoa 5:3-8, cocoa 12:61-66, cocoa 15:13-18, cocoa 7:31-36"]
        .assert_eq(&look(&at("on: coc¦oa.accepted")));
    expect!["showers 3:14-21 <- showers 3:14-21, showers 12:75-82, showers 12:84-91"]
        .assert_eq(&look(&at("showers¦ + 1")));
    expect!["strolling 10:3-12 <- strolling 10:3-12, strolling 17:31-40, strolling 18:18-27"]
        .assert_eq(&look(&at("  stro¦lling:")));
    expect!["rainy-day 1:10-19 <- rainy-day 1:10-19, rainy-day 1:11-20"]
        .assert_eq(&look(&at("journey: rainy¦-day")));
}

#[test]
fn only_names_of_the_journey_are_renamed_and_only_to_names() {
    let (sources, page) = marked(&[&at("turn_to: shel¦ter")]);
    let (_, key) = marked(&[&at("turn_t¦o: shelter")]);
    let (_, variable) = marked(&[&at("showers¦ + 1")]);
    let schema = schema();
    let desk = Desk { schema: &schema, sources: &sources, at: 0 };
    assert_eq!(desk.rename(page, "roof").len(), 2);
    for wrong in ["", "a b", "a: b", "dach-ü", "}\n"] {
        assert_eq!(desk.rename(page, wrong), [], "{wrong:?}");
    }
    assert_eq!(desk.rename(key, "roof"), []);
    assert_eq!(desk.rename(variable, "rain-count"), [], "a guard would read a minus");
    assert_eq!(desk.rename(variable, "rain_count").len(), 3);
}

#[test]
fn the_outline_is_what_the_text_holds() {
    let sources = [Source { name: "a".into(), text: RAINY_DAY.into() }];
    let schema = schema();
    let outline = Desk { schema: &schema, sources: &sources, at: 0 }.outline();
    let shown: Vec<String> = outline.iter().map(|entry| format!("{:?} {}", entry.kind, entry.name)).collect();
    expect!["Whole rainy-day, Variable showers, Offer cocoa, Page strolling, Page shelter, Page cosy"]
        .assert_eq(&shown.join(", "));
    for entry in &outline {
        assert!(entry.whole.start <= entry.span.start && entry.span.end <= entry.whole.end, "{entry:?}");
    }
}

#[test]
fn columns_are_utf16() {
    let lines = Lines::of("a🍫é\r\nb\n");
    for (offset, line, column) in
        [(0, 0, 0), (1, 0, 1), (5, 0, 3), (7, 0, 4), (9, 1, 0), (10, 1, 1), (11, 2, 0)]
    {
        assert_eq!(lines.place(offset), Place { line, column }, "{offset}");
        assert_eq!(lines.offset(Place { line, column }), offset);
    }
    assert_eq!(lines.place(3), Place { line: 0, column: 1 }, "inside the character");
    assert_eq!(lines.offset(Place { line: 0, column: 2 }), 1, "between the two units of one character");
    assert_eq!(lines.offset(Place { line: 0, column: 99 }), 7, "before the line break");
    assert_eq!(lines.offset(Place { line: 99, column: 0 }), 11);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Any text at any place gives answers whose stretches lie in it.
    #[test]
    fn no_text_is_too_strange(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "journey: ", "pages:", "\n", "  ", "- ", "{", "}", "[", "]", "\"", "'", ": ", "when: ", "on: ", "a", "🍫", "|\n", "#",
        ", ", "turn_to: ", "\\", "role == ", "plays_of: x\n", "offers:\n  cocoa:\n", "\t", "\r\n", "&x ", "*x", "{{", "history.visits(\"",
    ]), 0..40), at in any::<proptest::sample::Index>()) {
        let text = pieces.concat();
        let offset = at.index(text.len() + 2) as u32;
        let sources = [Source { name: "a".into(), text: text.clone() }];
        let schema = schema();
        let desk = Desk { schema: &schema, sources: &sources, at: 0 };
        for suggestion in desk.complete(offset) {
            assert!(suggestion.replaces.slice(&text).is_some(), "{text:?} {offset}");
        }
        if let Some(hover) = desk.hover(offset) {
            assert!(hover.span.slice(&text).is_some(), "{text:?} {offset}");
        }
        for found in desk.references(offset) {
            assert!(found.span.slice(&text).is_some(), "{text:?} {offset}");
        }
        for entry in desk.outline() {
            assert_eq!(entry.span.slice(&text), Some(entry.name.as_str()), "{text:?}");
        }
    }
}

#[test]
fn brackets_without_end_come_to_one() {
    for text in ["[".repeat(5_000), "{a: ".repeat(5_000), "[{a: ".repeat(5_000), "{a: [".repeat(5_000)] {
        complete_in(&[&format!("journey: x\npages: {text}¦")]);
    }
}
