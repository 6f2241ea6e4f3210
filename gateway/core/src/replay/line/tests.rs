//! What the reader of usual lines reads, what it leaves, and that it never disagrees with the general one.

use proptest::prelude::*;

use super::{general, usual};

const USUAL: &str = r#"{"t":17,"id":1,"visitor":"v1","role":"guest","zone":"café","zone_kind":"food","outdoor":true,"rain":0.25,"temp":-3,"queue":5}"#;

/// Replaces a piece of a usual line; whether it is still read as usual.
fn reads(piece: &str, with: &str) -> bool {
    assert!(USUAL.contains(piece), "`{piece}` stands in the line");
    usual::read(&USUAL.replacen(piece, with, 1)).is_some()
}

#[test]
fn what_is_usual_is_read_and_all_else_is_left() {
    let line = usual::read(USUAL).unwrap();
    assert_eq!((line.t, &*line.visitor, &*line.role), (17, "v1", "guest"));
    assert_eq!((&*line.zone, &*line.zone_kind, line.outdoor), ("café", "food", true));
    assert_eq!((line.rain, line.temp, line.queue), (0.25, -3.0, Some(5.0)));
    for (piece, with) in [
        (r#","id":1"#, ""),
        (r#","queue":5"#, ""),
        ("true", "false"),
        ("0.25", "0"),
        ("0.25", "-0.5"),
        ("17", "999999999999999"),
    ] {
        assert!(reads(piece, with), "{with}");
    }
    for (piece, with) in [
        ("17", "17.0"),
        ("17", "1000000000000000"),
        ("17", "9999999999999999999999999"),
        ("17", " 17"),
        ("0.25", "0."),
        ("0.25", ".25"),
        ("0.25", "00.25"),
        ("0.25", "-0.0"),
        ("0.25", "1e-3"),
        ("0.25", "null"),
        ("0.25", ""),
        ("-3", "--3"),
        ("true", "truer"),
        ("v1", r"v\u0031"),
        ("v1", "v\t1"),
        (r#""v1""#, "1"),
        (r#""id":1"#, r#""id":"1""#),
        (r#","queue":5"#, r#","queue":5,"also":{}"#),
        (r#","queue":5}"#, r#","queue":5} "#),
        (r#","queue":5}"#, r#","queue":5"#),
        (r#""t":17,"id":1"#, r#""id":1,"t":17"#),
        (r#""t":17"#, r#""t":17,"t":17"#),
    ] {
        assert!(!reads(piece, with), "{with}");
    }
}

/// A number as files write it, and much like one.
fn number() -> impl Strategy<Value = String> {
    prop_oneof!["-?[0-9]{1,17}(\\.[0-9]{1,16})?", "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,2})?", "[-0-9.eE+]{0,6}"]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9-]{0,16}", "[a-zé\"\\\\\u{1}\u{7f}, ]{0,8}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    #[test]
    fn what_both_read_they_read_alike(
        (t, rain, temp, queue) in (number(), number(), number(), number()),
        (visitor, role, zone, kind) in (text(), text(), text(), text()),
        outdoor in prop_oneof![9 => "true|false", 1 => "[truefals]{0,5}"],
    ) {
        let line = format!(
            r#"{{"t":{t},"visitor":"{visitor}","role":"{role}","zone":"{zone}","zone_kind":"{kind}","outdoor":{outdoor},"rain":{rain},"temp":{temp},"queue":{queue}}}"#
        );
        if let Some(read) = usual::read(&line) {
            let general = general(&line);
            prop_assert_eq!(format!("{:?}", Ok::<_, String>(read)), format!("{general:?}"));
        }
    }
}
