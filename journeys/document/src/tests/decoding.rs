//! The decoder: values that are right, and every way of being wrong, told together.

use expect_test::{Expect, expect};
use turnpage_journeys_expr::Diagnostic;

use crate::tests::drawn;
use crate::{Node, parse, parse_duration, write_duration};

/// Decodes `text` as an offer and shows the value and the problems.
fn check(text: &str, expected: Expect) {
    let node = parse(text).expect("the syntax is right");
    let mut problems = Vec::new();
    let value = offer(&node, &mut problems);
    expected.assert_eq(&format!("{value:?}\n{}", drawn(text, &problems)));
}

#[derive(Debug)]
#[expect(dead_code, reason = "fields are read through Debug")]
struct Offer {
    text: Option<String>,
    valid_ms: Option<i64>,
    limit: Option<i64>,
    weight: Option<f64>,
    shown: Option<bool>,
    channels: Vec<&'static str>,
}

fn offer(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Offer> {
    let mut fields = node.fields(problems)?;
    let offer = Offer {
        text: fields.required("text", problems).and_then(|node| node.text(problems)).map(String::from),
        valid_ms: fields.required("valid", problems).and_then(|node| node.duration_ms(problems)),
        limit: fields.optional("limit", problems).and_then(|node| node.int_in(1..=100, problems)),
        weight: fields.optional("weight", problems).and_then(|node| node.double(problems)),
        shown: fields.optional("shown", problems).and_then(|node| node.bool(problems)),
        channels: fields
            .optional("channels", problems)
            .and_then(|node| node.list(problems))
            .into_iter()
            .flatten()
            .filter_map(|node| node.word(&[("band", "band"), ("app", "app"), ("kiosk", "kiosk")], problems))
            .collect(),
    };
    fields.ignore("note");
    fields.finish(problems);
    Some(offer)
}

#[test]
fn what_is_right_is_read() {
    check(
        "text: 5 per cent\nvalid: 1h30m\nlimit: 3\nweight: 1e-1\nshown: true\nchannels: [band, 'app']\nnote: {any: [thing]}\n",
        expect![[r#"
            Some(Offer { text: Some("5 per cent"), valid_ms: Some(5400000), limit: Some(3), weight: Some(0.1), shown: Some(true), channels: ["band", "app"] })
        "#]],
    );
    check(
        "text: yes\nvalid: 20m\nlimit: null\nweight: ~\n",
        expect![[r#"
        Some(Offer { text: Some("yes"), valid_ms: Some(1200000), limit: None, weight: None, shown: None, channels: [] })
    "#]],
    );
}

#[test]
fn everything_wrong_is_told_at_once() {
    check(
        "txt: hello\nvalid: 20 minutes\nlimit: 300\nweight: heavy\nshown: yes\nchannels: [band, ap, fax]\nchanels: []\n",
        expect![[r#"
            Some(Offer { text: None, valid_ms: None, limit: None, weight: None, shown: None, channels: ["band"] })
            2:8 `20 minutes` bad-duration: `20 minutes` is not a length of time
                help: write a number with a unit: `90s`, `20m`, `4h`, `2d`, or several: `1h30m`
            3:8 `300` out-of-range: `300` is not between 1 and 100
            4:9 `heavy` wrong-type: expected a number, found `heavy`
            5:8 `yes` wrong-type: expected `true` or `false`, found `yes`
                help: write `true` without quotes
            6:18 `ap` unknown-word: unknown word `ap`
                help: did you mean `app`?
            6:22 `fax` unknown-word: unknown word `fax`
                help: write one of: band, app, kiosk
            1:1 `txt` unknown-key: unknown key `txt`
                help: did you mean `text`?
            7:1 `chanels` unknown-key: unknown key `chanels`
                help: keys that can stand here: text, note
        "#]],
    );
    check(
        "text: [a]\nvalid: {m: 20}\nlimit: '3'\nweight: .inf\nshown: 'true'\nchannels: band\n",
        expect![[r#"
            Some(Offer { text: None, valid_ms: None, limit: None, weight: None, shown: None, channels: [] })
            1:8 `a` wrong-type: expected text, found a list
            2:9 `m` wrong-type: expected a length of time, found a map
            3:8 `\'3\'` wrong-type: expected a whole number, found `3`
                help: remove the quotes
            4:9 `.inf` wrong-type: expected a number, found `.inf`
            5:8 `\'true\'` wrong-type: expected `true` or `false`, found `true`
                help: write `true` without quotes
            6:11 `band` wrong-type: expected a list, found text
        "#]],
    );
    check(
        "text:\nvalid: ~\nlimit:\nweight: 1_0\nshown: TRUE\nchannels:\n",
        expect![[r#"
        Some(Offer { text: None, valid_ms: None, limit: None, weight: None, shown: None, channels: [] })
        1:1 `text` missing-value: `text` has no value
        2:1 `valid` missing-value: `valid` has no value
        3:1 `limit` missing-value: `limit` has no value
            help: remove the key, or write `null`
        4:9 `1_0` wrong-type: expected a number, found `1_0`
        5:8 `TRUE` wrong-type: expected `true` or `false`, found `TRUE`
            help: write `true` without quotes
        6:1 `channels` missing-value: `channels` has no value
            help: remove the key, or write `null`
    "#]],
    );
}

#[test]
fn values_of_another_shape_are_told() {
    check(
        "- text: a\n",
        expect![[r#"
        None
        1:3 `text` wrong-type: expected a map, found a list
    "#]],
    );
    check(
        "just words",
        expect![[r#"
        None
        1:1 `just words` wrong-type: expected a map, found text
    "#]],
    );
    check(
        "",
        expect![[r#"
        None
        1:1 `` wrong-type: expected a map, found nothing
    "#]],
    );
    check(
        "limit: 99999999999999999999\ntext: a\nvalid: 99999999999999d\n",
        expect![[r#"
            Some(Offer { text: Some("a"), valid_ms: None, limit: None, weight: None, shown: None, channels: [] })
            3:8 `99999999999999d` bad-duration: `99999999999999d` is not a length of time
                help: write a number with a unit: `90s`, `20m`, `4h`, `2d`, or several: `1h30m`
            1:8 `99999999999999999999` out-of-range: the number `99999999999999999999` is too large
        "#]],
    );
}

#[test]
fn durations_are_whole_and_ordered() {
    for (text, ms) in [
        ("20m", 1_200_000),
        ("90s", 90_000),
        ("4h", 14_400_000),
        ("1h30m", 5_400_000),
        ("2d", 172_800_000),
        ("1d2h3m4s5ms", 93_784_005),
        ("0s", 0),
        ("250ms", 250),
    ] {
        assert_eq!(parse_duration(text), Some(ms), "{text}");
        assert_eq!(parse_duration(&write_duration(ms)), Some(ms), "{text}");
    }
    for (ms, text) in
        [(90_000, "1m30s"), (0, "0s"), (-5_400_000, "-1h30m"), (i64::MIN, "-106751991167d7h12m55s808ms")]
    {
        assert_eq!(write_duration(ms), text);
    }
    for text in [
        "",
        "20",
        "m",
        "20 m",
        "-20m",
        "1.5h",
        "30m1h",
        "1h1h",
        "20min",
        "1h30",
        "9999999999999999999s",
        "１m",
    ] {
        assert_eq!(parse_duration(text), None, "{text}");
    }
}
