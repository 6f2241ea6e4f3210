//! What expressions are worth, and what a rule makes of them.

use expect_test::{Expect, expect};

use super::{mapped, source};

/// The value of an expression over one payload, as the number of a signal or the subject of a sighting.
fn value(expression: &str, payload: &str) -> String {
    let quoted = expression.replace('\'', "''");
    let text = format!(
        "{{ name: x, topics: a/+/#, tables: {{ zones: {{ k: gate }} }}, map: [{{ signal: {{ name: '\"door\"', \
         value: {{ declared: 'double({quoted})' }} }} }}] }}"
    );
    mapped(&source(&text), "a/b/c/d", payload).replace("door = ", "")
}

fn check(lines: &[(&str, &str)], expected: &Expect) {
    let told: String = lines
        .iter()
        .map(|(expression, payload)| format!("{expression} over {payload}: {}\n", value(expression, payload)))
        .collect();
    expected.assert_eq(&told);
}

#[test]
fn every_number_is_a_double_and_null_is_missing() {
    check(
        &[
            ("payload.n * 2 + 1", r#"{"n":3}"#),
            ("(payload.f - 32) / 1.8", r#"{"f":212}"#),
            ("7 / 2", "{}"),
            ("7 % 4", "{}"),
            ("-payload.n", r#"{"n":3}"#),
            ("1 / 0", "{}"),
            ("payload.n", r#"{"n":null}"#),
            ("payload.n", "{}"),
            ("payload.n", r#"{"n":"12.5"}"#),
            ("payload.n", r#"{"n":"inf"}"#),
            ("payload.list[1]", r#"{"list":[1,2]}"#),
            ("payload.list[2]", r#"{"list":[1,2]}"#),
            ("payload.list[0.5]", r#"{"list":[1,2]}"#),
            ("payload[\"rssi@1m\"]", r#"{"rssi@1m":-59}"#),
            ("payload.a.b", r#"{"a":1}"#),
            ("size(topic)", "{}"),
            ("size(matched[1])", "{}"),
        ],
        &expect![[r#"
            payload.n * 2 + 1 over {"n":3}: 7
            (payload.f - 32) / 1.8 over {"f":212}: 100
            7 / 2 over {}: 3.5
            7 % 4 over {}: 3
            -payload.n over {"n":3}: -3
            1 / 0 over {}: malformed (wrong): rule 1, signal.value: this is no finite number
            payload.n over {"n":null}: malformed (missing): rule 1, signal.value: `n` is null
            payload.n over {}: malformed (missing): rule 1, signal.value: `n` is missing
            payload.n over {"n":"12.5"}: 12.5
            payload.n over {"n":"inf"}: malformed (wrong): rule 1, signal.value: expected a number, found the text `inf`
            payload.list[1] over {"list":[1,2]}: 2
            payload.list[2] over {"list":[1,2]}: malformed (missing): rule 1, signal.value: the list has no item 2
            payload.list[0.5] over {"list":[1,2]}: malformed (wrong): rule 1, signal.value: expected a place in the list
            payload["rssi@1m"] over {"rssi@1m":-59}: -59
            payload.a.b over {"a":1}: malformed (wrong): rule 1, signal.value: expected a map, found the number `1`
            size(topic) over {}: 7
            size(matched[1]) over {}: 3
        "#]],
    );
}

#[test]
fn truths_decide_as_cel_has_them() {
    check(
        &[
            ("true || payload.missing", "{}"),
            ("payload.missing || true", "{}"),
            ("false && payload.missing", "{}"),
            ("payload.missing && true", "{}"),
            ("has(payload.a) ? 1 : 2", r#"{"a":null}"#),
            ("has(payload.a.b)", "{}"),
            ("\"k\" in zones && zones.k == \"gate\"", "{}"),
            ("2 in [1, 2.0]", "{}"),
            ("payload.s < \"b\"", r#"{"s":"a"}"#),
            ("payload.s < 1", r#"{"s":"a"}"#),
            ("payload.a == payload.b", r#"{"a":{"x":[1]},"b":{"x":[1]}}"#),
            ("!payload.n", r#"{"n":1}"#),
        ],
        &expect![[r#"
            true || payload.missing over {}: 1
            payload.missing || true over {}: 1
            false && payload.missing over {}: 0
            payload.missing && true over {}: malformed (missing): rule 1, signal.value: `missing` is missing
            has(payload.a) ? 1 : 2 over {"a":null}: 2
            has(payload.a.b) over {}: 0
            "k" in zones && zones.k == "gate" over {}: 1
            2 in [1, 2.0] over {}: 1
            payload.s < "b" over {"s":"a"}: 1
            payload.s < 1 over {"s":"a"}: malformed (wrong): rule 1, signal.value: expected text, found the number `1.0`
            payload.a == payload.b over {"a":{"x":[1]},"b":{"x":[1]}}: 1
            !payload.n over {"n":1}: malformed (wrong): rule 1, signal.value: expected a truth, found the number `1`
        "#]],
    );
}

#[test]
fn macros_and_functions_do_what_they_say() {
    check(
        &[
            ("payload.filter(x, x > 1).map(x, x * 10)[1]", "[1,2,3]"),
            ("payload.exists(x, x.a)", r#"[{},{"a":true}]"#),
            ("payload.all(x, x.a)", r#"[{},{"a":false}]"#),
            ("payload.all(x, x.a)", r#"[{},{"a":true}]"#),
            ("payload.exists_one(x, x == 1)", "[1,1]"),
            ("payload.exists(key, key == \"b\")", r#"{"a":1,"b":2}"#),
            ("find(payload, \"t\")", r#"{"deep":{"t":1},"t":2}"#),
            ("find(payload, \"t\")", r#"{"a":[{"t":1}],"t":null}"#),
            ("find(payload, \"t\")", "{}"),
            ("payload.split(\",\")[1]", "\"1,2\""),
            ("payload.replace(\"a\", \"\").trim()", "\" a1a \""),
            ("size(payload.lowerAscii())", "\"\u{c4}A\""),
            ("string(payload.n) == \"7\"", r#"{"n":7.0}"#),
            ("int(payload)", "7.9"),
        ],
        &expect![[r#"
            payload.filter(x, x > 1).map(x, x * 10)[1] over [1,2,3]: 30
            payload.exists(x, x.a) over [{},{"a":true}]: 1
            payload.all(x, x.a) over [{},{"a":false}]: 0
            payload.all(x, x.a) over [{},{"a":true}]: malformed (missing): rule 1, signal.value: `a` is missing
            payload.exists_one(x, x == 1) over [1,1]: 0
            payload.exists(key, key == "b") over {"a":1,"b":2}: 1
            find(payload, "t") over {"deep":{"t":1},"t":2}: 2
            find(payload, "t") over {"a":[{"t":1}],"t":null}: 1
            find(payload, "t") over {}: malformed (missing): rule 1, signal.value: there is no `t` anywhere
            payload.split(",")[1] over "1,2": 2
            payload.replace("a", "").trim() over " a1a ": 1
            size(payload.lowerAscii()) over "ÄA": 2
            string(payload.n) == "7" over {"n":7.0}: 1
            int(payload) over 7.9: 7
        "#]],
    );
}

#[test]
fn a_rule_applies_or_not_and_a_message_is_mapped_whole_or_not_at_all() {
    let text = r#"
name: tills
topics: till/+/state
let: { till: 'matched[0]', broken: payload.no.such }
map:
  - when: payload.open
    signal: { name: '"door"', value: { truth: payload.open } }
  - each: payload.lanes
    when: item.wait > 0
    at: { seconds: payload.time }
    signal: { name: '"wait"', value: { seconds: item.wait } }
  - when: has(payload.seen)
    sighting: { subject: payload.seen, zone: '"grill"', role: payload.role, present: '!payload.gone' }
"#;
    let tills = source(text);
    let map = |payload| mapped(&tills, "till/7/state", payload);
    let lines = [
        r#"{"open":true}"#,
        r#"{"open":false}"#,
        r#"{"open":"yes"}"#,
        r#"{}"#,
        r#"{"lanes":[{"wait":90},{"wait":0},{},{"wait":30}],"time":1784360000}"#,
        r#"{"lanes":[{"wait":90}],"time":"noon"}"#,
        r#"{"lanes":7}"#,
        r#"{"open":true,"lanes":7}"#,
        r#"{"seen":"tag","role":"cleaner","gone":true}"#,
        r#"{"seen":"tag"}"#,
        r#"{"seen":7}"#,
        r#"[]"#,
        r#"nonsense"#,
    ];
    let told: String = lines.iter().map(|line| format!("{line}: {}\n", map(line))).collect();
    expect![[r#"
        {"open":true}: door = 1
        {"open":false}: ignored
        {"open":"yes"}: ignored
        {}: ignored
        {"lanes":[{"wait":90},{"wait":0},{},{"wait":30}],"time":1784360000}: wait = 1.5 @1784360000000; wait = 0.5 @1784360000000
        {"lanes":[{"wait":90}],"time":"noon"}: malformed (wrong): rule 2, at: expected a time, found the text `noon`
        {"lanes":7}: malformed (wrong): rule 2, each: expected a list, found the number `7`
        {"open":true,"lanes":7}: malformed (wrong): rule 2, each: expected a list, found the number `7`
        {"seen":"tag","role":"cleaner","gone":true}: 4f4f361362e6acc0 Left at grill as Some("cleaner")
        {"seen":"tag"}: 4f4f361362e6acc0 Seen at grill as None
        {"seen":7}: malformed (wrong): rule 3, sighting.subject: expected text, found the number `7`
        []: malformed (wrong): rule 2, each: expected a map, found a list
        nonsense: malformed (unreadable): the payload is not JSON: expected ident at line 1 column 2
    "#]].assert_eq(&told);
}

#[test]
fn what_others_know_of_offers_and_subjects_comes_in_too() {
    let text = r#"
name: tills
identity: given
topics: till/#
map:
  - when: has(payload.offer)
    outcome: { subject: payload.who, offer: payload.offer, outcome: payload.what, value: payload.total }
  - when: has(payload.stars)
    feedback: { subject: payload.who, score: payload.stars, about: payload.about }
  - when: has(payload.tier)
    profile: { subject: payload.who, role: payload.role, language: payload.lang, facts: { tier: payload.tier } }
"#;
    let tills = source(text);
    let lines = [
        r#"{"who":"a","offer":"2c62261f93b8b330cd433bcc8af8c19f","what":"accepted"}"#,
        r#"{"who":"a","offer":"2c62261f93b8b330cd433bcc8af8c19f","what":"withheld"}"#,
        r#"{"who":"a","offer":"7","what":"accepted"}"#,
        r#"{"who":"a","offer":"2c62261f93b8b330cd433bcc8af8c19f","what":"accepted","total":4.5}"#,
        r#"{"who":"a","offer":"2c62261f93b8b330cd433bcc8af8c19f","what":"accepted","total":-4.5}"#,
        r#"{"who":"a","offer":"2c62261f93b8b330cd433bcc8af8c19f","what":"seen","total":4.5}"#,
        r#"{"who":"a","stars":4,"about":"cocoa"}"#,
        r#"{"who":"a","stars":4.5}"#,
        r#"{"who":"a","tier":"gold","lang":"de"}"#,
        r#"{"who":"not a name","stars":4}"#,
    ];
    let told: String = lines.iter().map(|line| format!("{}\n", mapped(&tills, "till/7", line))).collect();
    expect![[r#"
        Outcome { subject: SubjectName("a"), offer: OfferId(58995650140028273219415772114156306847), outcome: Accepted }
        malformed (wrong): rule 1, outcome.outcome: `withheld` is not an outcome
        malformed (wrong): rule 1, outcome.offer: `7` is not an offer's id
        Sale { subject: SubjectName("a"), offer: OfferId(58995650140028273219415772114156306847), value: 4.5 }
        malformed (wrong): rule 1, outcome.outcome: only what was accepted has a value, and it is an amount of money
        malformed (wrong): rule 1, outcome.outcome: only what was accepted has a value, and it is an amount of money
        Feedback { subject: SubjectName("a"), score: 4, about: Some("cocoa") }
        malformed (wrong): rule 2, feedback.score: expected a whole number, found `4.5`
        Profile { subject: SubjectName("a"), profile: Profile { role: None, party: Nothing, language: Is("de"), channel: Nothing, facts: [("tier", Some(Text("gold")))] } }
        malformed (wrong): rule 2, feedback.subject: this id is no pseudonym: 1 to 32 letters, digits, `_`, `.` or `-`
    "#]].assert_eq(&told);
}

#[test]
fn what_a_message_costs_is_bounded() {
    let nested = "payload.all(a, payload.all(b, payload.all(c, payload.all(d, a + b + c + d >= 0))))";
    let list = format!("[{}]", vec!["1"; 200].join(","));
    assert_eq!(
        value(nested, &list),
        "malformed (excessive): rule 1, signal.value: this message takes more work than a message may"
    );
    let copies = "size(payload.map(x, payload.map(y, payload)))";
    assert!(value(copies, &list).contains("excessive"), "{}", value(copies, &list));
    let named = "payload.map(x, payload).all(y, y == y && y == y && y == y && y == y)";
    assert!(value(named, &list).contains("excessive"), "{}", value(named, &list));
    let long = format!("\"{}\"", "a".repeat(9_000));
    assert!(value("size(payload + payload)", &long).contains("longer than 16384 bytes"));
    let huge = format!("\"{}\"", "a".repeat(17_000));
    assert!(value("size(payload)", &huge).starts_with("malformed (oversized)"));
    let deep = "[".repeat(2_000) + &"]".repeat(2_000);
    assert!(value("size(payload)", &deep).starts_with("malformed (unreadable)"));
    let many = source(
        "{ name: x, topics: a, map: [{ each: payload, signal: { name: '\"door\"', value: { number: item } } }] }",
    );
    assert!(
        mapped(&many, "a", &list).starts_with("malformed (excessive): rule 1, each: the message says more")
    );
}
