//! What holds for every text.

use proptest::prelude::*;
use turnpage_journeys_expr::Span;

use crate::{Content, Limits, Node, format, from_bytes, parse};

/// Pieces of YAML, so that random texts come near being right.
const PIECES: [&str; 34] = [
    "a",
    "b: ",
    ": ",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "'",
    "\"",
    "\\",
    "\\u00e9",
    "&x ",
    "*x",
    "!t ",
    "|\n",
    ">-\n",
    "#",
    "? ",
    "~",
    "null",
    "1.5",
    "---\n",
    "...\n",
    "\t",
    "é",
    "\r\n",
    "<<: ",
    "%YAML 1.2\n",
    "@",
];

fn near_yaml() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..32).prop_map(|pieces| pieces.concat())
}

/// Plain data to print and read back.
#[derive(Clone, Debug, PartialEq)]
enum Plain {
    Null,
    Text(String),
    List(Vec<Plain>),
    Map(Vec<(String, Plain)>),
}

fn plain() -> impl Strategy<Value = Plain> {
    let leaf = prop_oneof![Just(Plain::Null), any::<String>().prop_map(Plain::Text)];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Plain::List),
            prop::collection::btree_map("[a-z ]{0,6}", inner, 0..5)
                .prop_map(|map| Plain::Map(map.into_iter().collect())),
        ]
    })
}

/// JSON, with every character that could hurt escaped.
fn printed(plain: &Plain) -> String {
    match plain {
        Plain::Null => "null".into(),
        Plain::Text(text) => quoted(text),
        Plain::List(items) => format!("[{}]", items.iter().map(printed).collect::<Vec<_>>().join(",")),
        Plain::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}:{}", quoted(key), printed(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

fn quoted(text: &str) -> String {
    let escaped = text.encode_utf16().map(|unit| match u8::try_from(unit) {
        Ok(byte @ (b' ' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9')) => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

fn read(node: &Node) -> Plain {
    match &node.value {
        Content::Null => Plain::Null,
        Content::Scalar(scalar) => Plain::Text(scalar.text().into()),
        Content::List(items) => Plain::List(items.iter().map(read).collect()),
        Content::Map(entries) => {
            Plain::Map(entries.iter().map(|entry| (entry.key.text().into(), read(&entry.value))).collect())
        }
    }
}

/// Parses, and checks that every span and every traced origin lies inside the text, children inside parents.
fn endure(text: &str) -> Result<(), TestCaseError> {
    match parse(text) {
        Err(problems) => {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(problem.span.slice(text).is_some(), "{:?} lies outside of {:?}", problem, text);
            }
        }
        Ok(node) => inside(&node, text)?,
    }
    Ok(())
}

fn inside(node: &Node, text: &str) -> Result<(), TestCaseError> {
    prop_assert!(node.span.slice(text).is_some(), "{:?} lies outside of {:?}", node, text);
    match &node.value {
        Content::Null => {}
        Content::Scalar(scalar) => {
            for (start, found) in scalar.text().char_indices() {
                let span = Span::new(start as u32, (start + found.len_utf8()) as u32);
                let place = scalar.locate(span);
                prop_assert!(place.end as usize <= text.len(), "{:?} of {:?} in {:?}", span, scalar, text);
            }
        }
        Content::List(items) => items.iter().try_for_each(|item| inside(item, text))?,
        Content::Map(entries) => {
            for entry in entries {
                prop_assert!(entry.key_span.slice(text).is_some());
                inside(&entry.value, text)?;
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        let _ = from_bytes(&bytes);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        endure(&text)?;
    }

    #[test]
    fn no_near_yaml_makes_the_reader_panic(text in near_yaml()) {
        endure(&text)?;
    }

    #[test]
    fn what_is_printed_as_json_is_read_back(plain in plain()) {
        let text = printed(&plain);
        let node = parse(&text).map_err(|problems| TestCaseError::fail(format!("{text}: {problems:?}")))?;
        prop_assert_eq!(read(&node), plain);
    }

    #[test]
    fn what_is_formatted_says_the_same_and_is_formatted(plain in plain()) {
        let text = printed(&plain);
        let once = format(&text, Limits::default())
            .map_err(|problems| TestCaseError::fail(format!("{text}: {problems:?}")))?;
        let node = parse(&once).map_err(|problems| TestCaseError::fail(format!("{once}: {problems:?}")))?;
        prop_assert_eq!(read(&node), plain);
        prop_assert_eq!(format(&once, Limits::default()).expect("it was formatted"), once);
    }

    #[test]
    fn near_yaml_is_formatted_once_or_refused(text in near_yaml()) {
        if let Ok(once) = format(&text, Limits::default()) {
            let twice = format(&once, Limits::default());
            prop_assert_eq!(twice.as_deref(), Ok(once.as_str()), "from {:?}", text);
        }
    }
}
