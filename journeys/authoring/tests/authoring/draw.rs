//! Pictures: what they say, that hostile names stay words, and that nothing in an SVG lies on anything else.

use expect_test::{expect, expect_file};
use turnpage_journeys_authoring::draw::{Format, draw};
use turnpage_journeys_authoring::{library, read};
use turnpage_journeys_engine::{ChoiceDef, Definition, OfferDef, PageDef, Spanned};

/// Every mark a picture knows: ways in from anywhere, an end, a page nobody wrote, a choice that stays, one to itself.
const HELP_DESK: &str = r#"
journey: help-desk
version: 2
kind: ad-hoc
offers:
  cocoa: { text: { en: "Cocoa & <b>cake</b> \"now\"?" }, channels: [app] }
pages:
  lost:
    enter: [ { on: enter, when: place.kind == "gate" }, { when: role == "guest" } ]
    choices:
      - { after: 10m, turn_to: found }
      - { when: place.kind == "food", turn_to: nowhere }
      - { after: 90s, turn_to: lost }
  found:
  rest:
    enter: [ { on: exit } ]
    choices:
      - { on: cocoa.accepted, turn_to: found }
      - { on: cocoa.declined, turn_to: found }
      - { offer: cocoa }
"#;

fn definition(text: &str) -> Definition {
    read(text).definition.expect("the text is a journey")
}

fn rainy_day() -> Definition {
    let (_, text) = library::THEME_PARK
        .journeys
        .iter()
        .find(|(name, _)| name.ends_with("rainy-day.yaml"))
        .expect("it ships");
    definition(text)
}

/// Pages in a web with far, near and backward choices, from a fixed sequence of numbers.
fn web(pages: usize, choices: usize) -> Definition {
    let mut seed = 7_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let name = |page: usize| Spanned::from(format!("page-{page}").as_str());
    let mut page = |index: usize| PageDef {
        name: name(index),
        choices: (0..choices)
            .map(|choice| ChoiceDef {
                when: Some("place.outdoor && weather.rain > 0.5".into()),
                offer: (choice == 1).then(|| "cocoa".into()),
                turn_to: match choice {
                    0 => Some(name((index + 1) % pages)),
                    _ => (next(5) > 0).then(|| name(next(pages))),
                },
                ..ChoiceDef::default()
            })
            .collect(),
        ..PageDef::default()
    };
    Definition { name: "web".into(), pages: (0..pages).map(&mut page).collect(), ..Definition::default() }
}

#[test]
fn mermaid_says_pages_choices_and_offers() {
    expect![[r#"
        flowchart TD
          %% help-desk: version 2, ad-hoc, for a visitor
          j0p0("lost")
          j0p0a>"anywhere"] -. "on enter when place.kind #61;#61; #34;gate#34;<br/>when role #61;#61; #34;guest#34;" .-> j0p0
          j0p1(["found"])
          j0p2("rest")
          j0p2a>"anywhere"] -. "on exit" .-> j0p2
          j0p3("nowhere<br/>(no such page)")
          class j0p3 missing
          j0p0 -- "after 10m" --> j0p1
          j0p0 -- "when place.kind #61;#61; #34;food#34;" --> j0p3
          j0p0 -- "after 1m30s" --> j0p0
          j0p2 -- "on cocoa.accepted<br/>on cocoa.declined" --> j0p1
          j0p2 -- "on any event: offer cocoa" --> j0p2
          classDef start stroke-width:3px
          classDef missing stroke:#c00,stroke-dasharray:4 3
    "#]].assert_eq(&draw(&[definition(HELP_DESK)], Format::Mermaid));
}

#[test]
fn dot_says_pages_choices_and_offers() {
    expect![[r#"
        digraph journeys {
          graph [rankdir=TB fontname="Helvetica" labelloc=t nodesep=0.4 ranksep=0.6]
          node [shape=box style=rounded fontname="Helvetica" fontsize=12]
          edge [fontname="Helvetica" fontsize=9]
          subgraph cluster_0 {
          label="help-desk: version 2, ad-hoc, for a visitor" style=rounded color=gray
          j0p0 [label="lost"]
          j0p0a [shape=plaintext label="anywhere"]
          j0p0a -> j0p0 [style=dashed label="on enter when place.kind == \"gate\"\nwhen role == \"guest\""]
          j0p1 [label="found" peripheries=2]
          j0p2 [label="rest"]
          j0p2a [shape=plaintext label="anywhere"]
          j0p2a -> j0p2 [style=dashed label="on exit"]
          j0p3 [label="nowhere" style="rounded,dashed" color=red fontcolor=red]
          j0p0 -> j0p1 [label="after 10m"]
          j0p0 -> j0p3 [label="when place.kind == \"food\""]
          j0p0 -> j0p0 [label="after 1m30s"]
          j0p2 -> j0p1 [label="on cocoa.accepted\non cocoa.declined"]
          j0p2 -> j0p2 [label="on any event: offer cocoa"]
          }
        }
    "#]]
    .assert_eq(&draw(&[definition(HELP_DESK)], Format::Dot));
}

#[test]
fn svg_is_the_same_to_the_byte() {
    expect_file!["pictures/help-desk.svg"].assert_eq(&draw(&[definition(HELP_DESK)], Format::Svg));
    expect_file!["pictures/rainy-day.svg"].assert_eq(&draw(&[rainy_day()], Format::Svg));
}

#[test]
fn calls_lead_to_the_called_journey() {
    let caller =
        definition("journey: day\npages:\n  one:\n    choices: [ { after: 1m, turn_to: two } ]\n  two:\n");
    let mut calling = caller.clone();
    calling.name = "caller".into();
    calling.pages[0].call =
        Some(turnpage_journeys_engine::CallDef { journey: "day".into(), with: Vec::new() });
    let both = [calling, caller];
    assert!(
        draw(&both, Format::Mermaid).contains("j0p0 -. calls .-> j1p0"),
        "{}",
        draw(&both, Format::Mermaid)
    );
    assert!(draw(&both, Format::Dot).contains("j0p0 -> j1p0 [style=dotted label=calls]"));
    assert!(draw(&both, Format::Svg).contains("calls day"));
}

/// Names, guards and copy that would be code in one of the formats.
const HOSTILE: [&str; 7] = [
    "\"]; end\n  x --> y; click x \"javascript:alert(1)\"",
    "</text><script>alert(1)</script>",
    "a\\\" -> b [URL=\"javascript:1\"] \\N \\",
    "`**bold**` #quot; &lt; %% {init: {}} ]] --> subgraph end",
    "\u{1b}[31mred\u{7}\u{0}\u{ffff}\u{202e}drow",
    "🎡🎢 Zürich 駅前広場 ﷽",
    "",
];

fn hostile(word: &str) -> Definition {
    let text = Spanned::from(word);
    let choice = ChoiceDef {
        when: Some(text.clone()),
        offer: Some(text.clone()),
        set: vec![(text.clone(), text.clone())],
        pick: Some(text.clone()),
        ..ChoiceDef::default()
    };
    let nowhere = ChoiceDef { turn_to: Some(format!("{word} nowhere").as_str().into()), ..choice.clone() };
    Definition {
        name: text.clone(),
        admit: Some(text.clone()),
        offers: vec![OfferDef { name: text.clone(), channels: vec![word.to_owned()], ..OfferDef::default() }],
        pages: vec![PageDef { name: text, choices: vec![choice, nowhere], ..PageDef::default() }],
        ..Definition::default()
    }
}

/// A text with what stands in quotes taken out, a backslash protecting what follows it.
fn outside_quotes(text: &str) -> String {
    let (mut outside, mut inside, mut chars) = (String::new(), false, text.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' if inside => drop(chars.next()),
            '"' => inside = !inside,
            c if !inside => outside.push(c),
            _ => {}
        }
    }
    outside
}

#[test]
fn hostile_words_stay_words() {
    for format in [Format::Mermaid, Format::Dot] {
        let harmless = outside_quotes(&draw(&[hostile("rain")], format));
        for word in HOSTILE {
            let drawn = draw(&[hostile(word)], format);
            // The comment with the title is the one line that is not in quotes.
            let plain =
                |text: &str| text.lines().filter(|l| !l.contains("%%")).collect::<Vec<_>>().join("\n");
            assert_eq!(plain(&outside_quotes(&drawn)), plain(&harmless), "{word:?}:\n{drawn}");
            assert!(!drawn.chars().any(|c| c.is_control() && c != '\n'), "{drawn:?}");
        }
    }
    for word in HOSTILE {
        let svg = draw(&[hostile(word)], Format::Svg);
        let document =
            roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{word:?}: {error}\n{svg}"));
        let allowed = ["svg", "title", "style", "rect", "path", "circle", "g", "text"];
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            assert!(allowed.contains(&node.tag_name().name()), "{}", node.tag_name().name());
            let harmless = |name: &str| !name.starts_with("on") && name != "href" && name != "style";
            assert!(node.attributes().all(|attribute| harmless(attribute.name())));
        }
    }
}

/// Boxes of pages and ends of lanes of a picture: (x, y, width, height) and (x, y, to x).
fn geometry(svg: &str) -> (Vec<[f64; 4]>, Vec<[f64; 3]>, [f64; 2]) {
    let document = roxmltree::Document::parse(svg).expect("well-formed");
    let number = |node: roxmltree::Node<'_, '_>, name: &str| {
        node.attribute(name).and_then(|value| value.parse::<f64>().ok()).expect("a number")
    };
    let class = |node: &roxmltree::Node<'_, '_>, class: &str| {
        node.attribute("class").is_some_and(|own| own.split(' ').any(|own| own == class))
    };
    let boxes = document.descendants().filter(|node| class(node, "box"));
    let boxes = boxes.map(|node| ["x", "y", "width", "height"].map(|name| number(node, name))).collect();
    let wires = document.descendants().filter(|node| class(node, "wire"));
    let lane = |path: &str| {
        let (start, x) = path.strip_prefix('M')?.split_once('H')?;
        let (from, y) = start.split_once(' ')?;
        Some([from.parse().ok()?, y.parse().ok()?, x.parse().ok()?])
    };
    let lanes = wires.filter_map(|node| lane(node.attribute("d")?)).collect();
    (boxes, lanes, [number(document.root_element(), "width"), number(document.root_element(), "height")])
}

#[test]
fn pages_and_lines_keep_apart() {
    for (pages, choices) in [(1, 1), (2, 3), (5, 2), (20, 3), (60, 3), (60, 8), (200, 2)] {
        let (boxes, lanes, [width, height]) = geometry(&draw(&[web(pages, choices)], Format::Svg));
        assert_eq!(boxes.len(), pages);
        for (index, [x, y, w, h]) in boxes.iter().enumerate() {
            assert!(*x > 0.0 && *y > 0.0 && x + w < width && y + h < height, "page {index} leaves the paper");
            for [ox, oy, ow, oh] in boxes.iter().skip(index + 1) {
                let apart = x + w < *ox || ox + ow < *x || y + h < *oy || oy + oh < *y;
                assert!(apart, "page {index} of {pages} lies on another");
            }
            for [from, level, to] in &lanes {
                let crosses = from < &(x + w) && to > x && level > y && *level < y + h;
                assert!(!crosses, "a line crosses page {index} of {pages}");
            }
        }
    }
}

#[test]
fn every_line_that_turns_somewhere_is_there() {
    let svg = draw(&[web(60, 4)], Format::Svg);
    let turns =
        web(60, 4).pages.iter().flat_map(|page| &page.choices).filter(|c| c.turn_to.is_some()).count();
    let shown = svg.matches("class=\"to f").count();
    assert_eq!(shown, turns);
    for format in [Format::Mermaid, Format::Dot] {
        let drawn = draw(&[web(60, 4)], format);
        for page in 0..60 {
            assert!(drawn.contains(&format!("j0p{page} -")), "page {page} has no way out");
        }
    }
}

/// The largest journey that compiles is drawn; its cost is a fixed number of passes, so this ends.
#[test]
fn a_journey_of_1024_pages_is_drawn() {
    for format in [Format::Mermaid, Format::Dot, Format::Svg] {
        let drawn = draw(&[web(1_024, 4)], format);
        assert!(drawn.contains("page-1023") || drawn.contains("page-1"), "{}", drawn.len());
        assert!(drawn.len() < 8 << 20, "{} bytes", drawn.len());
    }
}

#[test]
fn nothing_at_all_is_a_picture_too() {
    for format in [Format::Mermaid, Format::Dot, Format::Svg] {
        assert!(!draw(&[], format).is_empty());
        assert!(!draw(&[Definition::default()], format).is_empty());
    }
}
