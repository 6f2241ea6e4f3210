//! The canonical form: what it looks like, that it says the same, and that it is its own canonical form.

use expect_test::{Expect, expect};

use crate::format::format;
use crate::tests::drawn;
use crate::{Limits, parse};

fn formatted(text: &str) -> String {
    let once = match format(text, Limits::default()) {
        Ok(once) => once,
        Err(problems) => return drawn(text, &problems),
    };
    let twice = format(&once, Limits::default()).expect("what was formatted can be formatted");
    assert_eq!(twice, once, "the canonical form of {text:?} is its own");
    once
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&formatted(text));
}

#[test]
fn indentation_quotes_and_braces_are_one() {
    check(
        "journey:   \"rainy-day\"\nserves: {outcome:   'we reach them' , measure: \"conversion(cocoa)\"}\noffers:\n    cocoa:\n        \
         channels: [ band,app ]\n        text: {en: 'It rains. Cocoa?', es: \"¿Cacao?\"}\npages:\n    a:\n        choices:\n        - {\n            \
         when: 'place.kind == \"food\"',\n            turn_to: a}\n        - on: enter\n          turn_to: b\n    b:\n    c: ~\n",
        expect![[r#"
            journey: rainy-day
            serves: { outcome: "we reach them", measure: "conversion(cocoa)" }
            offers:
              cocoa:
                channels: [band, app]
                text: { en: "It rains. Cocoa?", es: "¿Cacao?" }
            pages:
              a:
                choices:
                  - { when: 'place.kind == "food"', turn_to: a }
                  - on: enter
                    turn_to: b
              b:
              c: ~
        "#]],
    );
}

#[test]
fn comments_and_blank_lines_stay() {
    check(
        "# On top.\n#\n# Twice.\n\n\n\na: 1   # beside\n\n# above b\nb:    # beside a key\n    # first\n    - x # item\n\n\n    # between\n    - y\n    \
         # behind the items\n# above c\nc: {d: 1, # in braces\n  e: 2}\nf: [\n  1, # one\n  # own\n  2\n]\ng: |  # of a block\n  text # none\n# the end\n",
        expect![[r#"
            # On top.
            #
            # Twice.

            a: 1  # beside

            # above b
            b:  # beside a key
              # first
              - x  # item

              # between
              - y
              # behind the items
            # above c
            c:  # in braces
              d: 1
              e: 2
            f:
              - 1  # one
              # own
              - 2
            g: |  # of a block
              text # none
            # the end
        "#]],
    );
}

#[test]
fn long_braces_break_and_blocks_stay() {
    check(
        "- { when: place.outdoor && weather.rain > 0.5 && weather.temperature < 18, offer: cocoa-with-a-long-name, set: {a: 1}, turn_to: shelter }\n\
         - [[1, 2], {a: , b: c}, {}, []]\n- - a\n  - b: c\n    d: e\n- >\n    one\n    two\n\n    three\n- |-\n  kept\n    as\n  it is\n\
         - |\n\n  begins with nothing\n- 'one\n\n  two'\n- this is a plain text\n  over two lines\n",
        expect![[r#"
            - when: place.outdoor && weather.rain > 0.5 && weather.temperature < 18
              offer: cocoa-with-a-long-name
              set: { a: 1 }
              turn_to: shelter
            - - [1, 2]
              - a:
                b: c
              - {}
              - []
            - - a
              - b: c
                d: e
            - >
              one two

              three
            - |-
              kept
                as
              it is
            - "\nbegins with nothing\n"
            - "one\ntwo"
            - this is a plain text over two lines
        "#]],
    );
}

#[test]
fn folded_guards_stay_folded_when_they_are_long() {
    check(
        "admit:\n  role != \"staff\" && place.kind == \"ride\" && weather.temperature > 18 && weather.rain < 0.1 && place.queue > 45\n  \
         && time.between(\"11:30\", \"13:30\")\nother: role ==\n  \"guest\"\n",
        expect![[r#"
            admit: >-
              role != "staff" && place.kind == "ride" && weather.temperature > 18 && weather.rain < 0.1 &&
              place.queue > 45 && time.between("11:30", "13:30")
            other: role == "guest"
        "#]],
    );
}

#[test]
fn anchors_json_and_strange_values() {
    check(
        "base: &b {x: 1}\nmore: [*b, &c y]\nlist:\n- &d\n  k: *c\n",
        expect![[r#"
        base: &b { x: 1 }
        more: [*b, &c y]
        list:
          - &d
            k: *c
    "#]],
    );
    check(
        "{\"a\": [1, 2.5, null, true, \"true\", \"\"], \"b c\": \"x: y\", \"#\": \"\\ud83d\\ude00 \\u0007\"}",
        expect![[r##"
            a: [1, 2.5, null, true, "true", ""]
            "b c": "x: y"
            "#": "😀 \x07"
        "##]],
    );
    check(
        "\u{feff}---\na: \"12:00\"\nb: 'yes'\nc: \"it's \\\"so\\\"\"\nd: - x\n",
        expect![[r#"
        5:4 `-` syntax: a list item cannot stand here
            help: a list starts on a line of its own
    "#]],
    );
    check(
        "a: '- x'\nb: '? x'\nc: ':x'\nd: '*x'\ne: 'x:'\nf: 'x #y'\ng: '---'\nh: ' x'\ni: \"tab\\t\"\n",
        expect![[r#"
            a: "- x"
            b: "? x"
            c: ":x"
            d: "*x"
            e: "x:"
            f: "x #y"
            g: "---"
            h: " x"
            i: "tab\t"
        "#]],
    );
    check("", expect![[r#""#]]);
    check(
        "# only a remark\n",
        expect![[r#"
        # only a remark
    "#]],
    );
    check(
        "just text\n",
        expect![[r#"
        just text
    "#]],
    );
    check(
        "a: [\n",
        expect![[r#"
        1:4 `[` syntax: this `[` is never closed
    "#]],
    );
}

#[test]
fn texts_written_to_hurt_are_refused() {
    for text in ["[".repeat(10_000), "- ".repeat(10_000), "a: &a [*a]".to_owned(), "x".repeat(50 << 20)] {
        assert!(format(&text, Limits::default()).is_err());
    }
    let deep = format!("{}x{}", "[".repeat(60), "]".repeat(60));
    assert!(parse(&formatted(&deep)).is_ok());
    let comments = "# c\n".repeat(20_000) + "a: 1\n";
    assert_eq!(formatted(&comments), comments);
}
