//! What texts become, and what is said about those that become nothing.

use expect_test::{Expect, expect};

use crate::tests::{drawn, shown};
use crate::{from_bytes, parse};

fn check(texts: &[&str], expected: Expect) {
    let mut table = String::new();
    for text in texts {
        table += &match parse(text) {
            Ok(node) => format!("{text:?}\n{}\n", shown(&node)),
            Err(problems) => format!("{text:?}\n{}", drawn(text, &problems)),
        };
    }
    expected.assert_eq(&table);
}

#[test]
fn yaml_and_json_become_trees() {
    check(
        &[
            "",
            "# only a remark\n",
            "a: 1\nb: [x, {c: d}, 'e', \"f\"]\n",
            "a:\nb: ~\nc: null\nd: ''\n",
            "- a\n- - b\n  - c\n-\n",
            "a: &x [1, 2]\nb: *x\n",
            "text: >\n  one\n  two\n\n  three\nkept: |\n  a\n   b\nplain: more\n  words\n",
            "{\"a\": [1, 2.5, -3e2], \"b\": {\"c\": null, \"d\": true}, \"e\": \"\\ud83d\\ude00 \\/ \\u00e9\"}",
            "{\n\t\"a\":\t1,\n\t\"b\":[\n\t\t1\n\t]\n}",
            "\u{feff}a: 1",
            "a: 1\r\nb: 2\r\n",
            "\"on\": 1\non: 2, 3\n",
            "when: place.outdoor && weather.rain > 0.5\n",
        ],
        expect![[r##"
            ""
            ~
            "# only a remark\n"
            ~
            "a: 1\nb: [x, {c: d}, 'e', \"f\"]\n"
            {a: 1, b: [x, {c: d}, "e", "f"]}
            "a:\nb: ~\nc: null\nd: ''\n"
            {a: ~, b: ~, c: ~, d: ""}
            "- a\n- - b\n  - c\n-\n"
            [a, [b, c], ~]
            "a: &x [1, 2]\nb: *x\n"
            {a: [1, 2], b: [1, 2]}
            "text: >\n  one\n  two\n\n  three\nkept: |\n  a\n   b\nplain: more\n  words\n"
            {text: "one two\nthree\n", kept: "a\n b\n", plain: more words}
            "{\"a\": [1, 2.5, -3e2], \"b\": {\"c\": null, \"d\": true}, \"e\": \"\\ud83d\\ude00 \\/ \\u00e9\"}"
            {a: [1, 2.5, -3e2], b: {c: ~, d: true}, e: "😀 / é"}
            "{\n\t\"a\":\t1,\n\t\"b\":[\n\t\t1\n\t]\n}"
            {a: 1, b: [1]}
            "\u{feff}a: 1"
            {a: 1}
            "a: 1\r\nb: 2\r\n"
            {a: 1, b: 2}
            "\"on\": 1\non: 2, 3\n"
            2:1 `on` duplicate-key: the key `on` is already there
            "when: place.outdoor && weather.rain > 0.5\n"
            {when: place.outdoor && weather.rain > 0.5}
        "##]],
    );
}

#[test]
fn lines_and_quotes() {
    check(
        &[
            "a:\n\t- b\n",
            "a: b: c\n",
            "a: [1, 2\n",
            "a: {b: 1\nc: 2\n",
            "a: \"x\nb: 2\n",
            "a: 'x' y\n",
            "a: \"\\q\"\n",
            "- a\nb: c\n",
            "a: 1\nb\nc: 2\n",
            "a: 1\n b: 2\n",
            "a:\n    b: 1\n  c: 2\n",
        ],
        expect![[r#"
            "a:\n\t- b\n"
            2:2 `-` syntax: a tab in the indentation
                help: indent with spaces
            "a: b: c\n"
            1:5 `:` syntax: a `:` cannot stand here
                help: quote text that holds `: `; or is this line indented too far?
            "a: [1, 2\n"
            1:4 `[` syntax: this `[` is never closed
            "a: {b: 1\nc: 2\n"
            2:2 `:` syntax: expected `,` or `}`, found `:`
            "a: \"x\nb: 2\n"
            2:1 `b` syntax: a quoted text before this place is never closed
                help: close the quote on the line it starts
            "a: 'x' y\n"
            1:8 `y` syntax: something follows a closed quote
                help: quote all of the text, and double a quote inside of it: `'it''s'`
            "a: \"\\q\"\n"
            1:4 `\"` syntax: an escape YAML does not know
                help: in single quotes a `\` is only a `\`
            "- a\nb: c\n"
            2:1 `b` syntax: expected `- `, found `b`
                help: keys of one map, and items of one list, start in one column
            "a: 1\nb\nc: 2\n"
            2:1 `b` syntax: this line is neither `key: value` nor an item
                help: is a `:` missing, or a blank after it?
            "a: 1\n b: 2\n"
            2:3 `:` syntax: a `:` cannot stand here
                help: quote text that holds `: `; or is this line indented too far?
            "a:\n    b: 1\n  c: 2\n"
            3:3 `c` syntax: expected a key, found `c`
                help: keys of one map, and items of one list, start in one column
        "#]],
    );
}

#[test]
fn brackets_and_strange_starts() {
    check(
        &[
            "a: }\n",
            "a: [1}\n",
            "a: @x\n",
            "a: *nope\n",
            "a: %x\n",
            "{\"a\" 1}",
            "{\"a\": 1 \"b\": 2}",
            "[1 2",
        ],
        expect![[r#"
            "a: }\n"
            1:4 `}` syntax: this `}` closes nothing
            "a: [1}\n"
            1:4 `[` syntax: this `[` is not closed by `}`
            "a: @x\n"
            1:4 `@` syntax: a value cannot start with `@`
                help: quote it
            "a: *nope\n"
            1:4 `*` syntax: an alias to an anchor that is not there
                help: quote text that starts with `*`
            "a: %x\n"
            1:4 `%` syntax: a value cannot start with `%`
                help: quote it
            "{\"a\" 1}"
            1:6 `1` syntax: something follows a closed quote
                help: quote all of the text, and double a quote inside of it: `'it''s'`
            "{\"a\": 1 \"b\": 2}"
            1:12 `:` syntax: expected `,` or `}`, found `:`
            "[1 2"
            1:1 `[` syntax: this `[` is never closed
        "#]],
    );
}

#[test]
fn what_yaml_has_and_we_do_not() {
    check(
        &[
            "a: 1\na: 2\nb: 3\nb: 4\n",
            "{\"a\": {\"b\": 1, \"b\": 2}}",
            "? [a]\n: b\n",
            "{[a]: b}",
            "~: b\n",
            "a: !x b\nc: !!str 1\n",
            "base: &base {x: 1}\nmore:\n  <<: *base\n",
            "--- a\n--- b\n",
            "a: &x [*x]\n",
        ],
        expect![[r#"
            "a: 1\na: 2\nb: 3\nb: 4\n"
            2:1 `a` duplicate-key: the key `a` is already there
            4:1 `b` duplicate-key: the key `b` is already there
            "{\"a\": {\"b\": 1, \"b\": 2}}"
            1:16 `\"b\"` duplicate-key: the key `b` is already there
            "? [a]\n: b\n"
            1:3 `[` bad-key: a key must be text, not a list or a map
                help: quote text that holds `{`, `}`, `[` or `]`
            "{[a]: b}"
            1:2 `[` bad-key: a key must be text, not a list or a map
                help: quote text that holds `{`, `}`, `[` or `]`
            "~: b\n"
            1:1 `~` bad-key: a key must be text
            "a: !x b\nc: !!str 1\n"
            1:7 `b` tag: tags are not supported
                help: remove the `!..`; quote the value to make it text
            2:10 `1` tag: tags are not supported
                help: remove the `!..`; quote the value to make it text
            "base: &base {x: 1}\nmore:\n  <<: *base\n"
            3:3 `<<` bad-key: merge keys are not supported
            "--- a\n--- b\n"
            2:1 `---` second-document: a second document starts here; a file holds one
            "a: &x [*x]\n"
            1:8 `*x` cyclic-alias: this alias stands inside the value it repeats
        "#]],
    );
}

#[test]
fn bytes_that_are_not_text_are_told() {
    let problems = from_bytes(b"a: 1\nb: caf\xe9\n").expect_err("0xe9 alone is not UTF-8");
    expect![[r#"
        2:7 `` not-utf8: not UTF-8 text
            help: save the file as UTF-8
    "#]]
    .assert_eq(&drawn("a: 1\nb: caf", &problems));
    assert!(from_bytes("a: café\n".as_bytes()).is_ok());
}
