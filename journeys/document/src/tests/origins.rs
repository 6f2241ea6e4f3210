//! From a span in decoded text back to the file.

use turnpage_journeys_expr::Span;

use crate::{Content, parse};

/// Finds `word` in the decoded value of the key `v` and checks that it is traced back to `written` in the file.
fn check(text: &str, word: &str, written: &str) {
    let node = parse(text).expect("the text is right");
    let Content::Map(entries) = &node.value else { panic!("{text:?} is a map") };
    let scalar = entries[0].value.scalar().expect("the value is a scalar");
    let start = scalar.text().find(word).expect("the word is in the decoded text") as u32;
    let span = scalar.locate(Span::new(start, start + word.len() as u32));
    assert_eq!(span.slice(text), Some(written), "{text:?} decoded as {:?}", scalar.text());
}

#[test]
fn words_are_found_where_they_were_written() {
    check("v: role == guest\n", "guest", "guest");
    check("v: 'role == guest'\n", "guest", "guest");
    check("v: \"role == guest\"\n", "guest", "guest");
    check("v: 'it''s a guest'\n", "guest", "guest");
    check("v: 'it''s a guest'\n", "'", "''");
    check("v: \"a\\tb \\u00e9\\ud83d\\ude00 guest\\n\"\n", "guest", "guest");
    check("v: \"a\\tb\\u00e9c\"\n", "é", "\\u00e9");
    check("v: \"\\ud83d\\ude00\"\n", "😀", "\\ud83d\\ude00");
    check("v: \"one \\\n  two three\"\n", "three", "three");
    check("v: \"one \\\n  two three\"\n", "two", "two");
    check("v: one\n  two\n\n  three four\n", "four", "four");
    check("v: \"one\n  two\n  three four\"\n", "four", "four");
    check("v: |\n  one\n    two\n  three\n", "three", "three");
    check("v: |\n  one\n    two\n  three\n", "two", "two");
    check("v: >-\n  one\n  two\n\n  three\n", "three", "three");
    check("v: >\r\n  one\r\n  two three\r\n", "three", "three");
    check("v: größer als 'x'\n", "'x'", "'x'");
}

#[test]
fn ends_and_empty_spans_stay_inside() {
    let text = "v: \"a\\tb\"\n";
    let node = parse(text).expect("the text is right");
    let Content::Map(entries) = &node.value else { panic!("a map") };
    let scalar = entries[0].value.scalar().expect("a scalar");
    assert_eq!(scalar.locate(Span::new(0, 3)).slice(text), Some("a\\tb"));
    assert_eq!(scalar.locate(Span::new(3, 3)).slice(text), Some(""));
    assert_eq!(scalar.locate(Span::new(2, 3)).slice(text), Some("b"));
}

#[test]
fn blocks_end_with_their_last_value() {
    let text = "a:\n  b: 1\n  c: [2]\n\n# remark\nd: 3\n";
    let node = parse(text).expect("the text is right");
    let Content::Map(entries) = &node.value else { panic!("a map") };
    assert_eq!(entries[0].value.span.slice(text), Some("b: 1\n  c: [2]"));
    assert_eq!(node.span.slice(text), Some("a:\n  b: 1\n  c: [2]\n\n# remark\nd: 3"));
}

#[test]
fn replaced_text_comes_from_what_stood_there() {
    let found = |text: &str, edits: &[(&str, &str)], word: &str| -> String {
        let node = parse(text).expect("the text is right");
        let Content::Map(entries) = &node.value else { panic!("a map") };
        let mut value = entries[0].value.clone();
        value.shift(100);
        let Content::Scalar(scalar) = &value.value else { panic!("a scalar") };
        let place = |old: &str| {
            let start = scalar.text().find(old).expect("it is there") as u32;
            Span::new(start, start + old.len() as u32)
        };
        let edits: Vec<(Span, &str)> = edits.iter().map(|(old, new)| (place(old), *new)).collect();
        let new = scalar.replaced(&edits, false);
        let start = new.text().find(word).expect("it is in the new text") as u32;
        let span = new.locate(Span::new(start, start + word.len() as u32));
        Span::new(span.start - 100, span.end - 100).slice(text).expect("inside").to_owned()
    };
    let plain = "v: a > ${x} && b < ${y}\n";
    assert_eq!(found(plain, &[("${x}", "1.25"), ("${y}", "a long one")], "a >"), "a >");
    assert_eq!(found(plain, &[("${x}", "1.25"), ("${y}", "a long one")], "1.25"), "${x}");
    assert_eq!(found(plain, &[("${x}", "1.25"), ("${y}", "a long one")], "long"), "${y}");
    assert_eq!(found(plain, &[("${x}", "1.25"), ("${y}", "")], "b <"), "b <");
    let quoted = "v: \"\\tcaf\\u00e9 ${x} \\\"there\\\"\"\n";
    assert_eq!(found(quoted, &[("${x}", "is")], "é"), "\\u00e9");
    assert_eq!(found(quoted, &[("${x}", "is")], "is"), "${x}");
    assert_eq!(found(quoted, &[("${x}", "is")], "there"), "there");
    assert_eq!(found(quoted, &[("${x}", "")], "there"), "there");
}
