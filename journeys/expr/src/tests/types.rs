//! Times of day, dates and sets: types whose values are written as text or come from facts alone.

use expect_test::{Expect, expect};

use crate::tests::{drawn, stage};
use crate::{Program, Symbol, Template, Type, Value};

fn check(guards: &[&str], expected: Expect) {
    let mut stage = stage();
    let segment = stage.schema.domain("segment", ["regular", "local", "lost"]);
    for (path, ty, value) in [
        ("segments", Type::Set(segment), Value::set([Symbol(0), Symbol(1)])),
        ("party.segments", Type::Set(segment), Value::Unknown),
        ("subject.segment", Type::Symbol(segment), Value::Symbol(Symbol(1))),
        ("subject.birthday", Type::Date, Value::Int(20_000)),
        ("subject.lunch", Type::TimeOfDay, Value::Duration(45_000_000)),
        ("next.food", Type::Double, Value::Double(0.4)),
    ] {
        stage.schema.fact(path, ty).expect("there is room");
        stage.facts.push(value);
    }
    let mut table = String::new();
    for text in guards {
        let value = match stage.guard(text) {
            Ok(program) => program.holds(&stage.env()).map_or("unknown".into(), |truth| truth.to_string()),
            Err(problems) => drawn(text, &problems),
        };
        table += &format!("{text:<60} {value}\n");
    }
    expected.assert_eq(&table);
    let copy = "{segments}, {subject.birthday} at {subject.lunch}, {time.date}";
    let copy = Template::compile(copy, &stage.scope()).expect("the copy is right");
    let words = copy.render(&stage.env(), &stage.schema);
    assert_eq!(words, "regular, local, 2024-10-04 at 12:30, 2026-07-18");
}

#[test]
fn values() {
    check(
        &[
            "time.local >= '11:30' && time.local < '12:00:01'",
            "time.local == '12:00'",
            "'12:00' <= time.local",
            "time.local < subject.lunch",
            "time.minute == 0",
            "time.date == '2026-07-18'",
            "time.date < '2026-12-24'",
            "time.date in ['2026-07-17', '2026-07-18']",
            "subject.birthday < time.date",
            "'regular' in segments",
            "'lost' in segments",
            "subject.segment in segments",
            "'regular' in party.segments",
            "'lost' in party.segments && false",
            "segments == segments",
            "next('food') > 0.3",
        ],
        expect![[r#"
            time.local >= '11:30' && time.local < '12:00:01'             true
            time.local == '12:00'                                        true
            '12:00' <= time.local                                        true
            time.local < subject.lunch                                   true
            time.minute == 0                                             true
            time.date == '2026-07-18'                                    true
            time.date < '2026-12-24'                                     true
            time.date in ['2026-07-17', '2026-07-18']                    true
            subject.birthday < time.date                                 true
            'regular' in segments                                        true
            'lost' in segments                                           false
            subject.segment in segments                                  true
            'regular' in party.segments                                  unknown
            'lost' in party.segments && false                            false
            segments == segments                                         true
            next('food') > 0.3                                           true
        "#]],
    );
}

#[test]
fn mistakes() {
    check(
        &[
            "time.local > '25:00'",
            "time.local > '24:00'",
            "time.local > 11",
            "time.local > duration('11h')",
            "time.date > '2026-02-29'",
            "time.date > '2026-1-1'",
            "time.date > 20652",
            "time.date > time.local",
            "'regulars' in segments",
            "role in segments",
            "segments < segments",
            "segments == 'regular'",
            "next('fod') > 0.3",
            "role in role",
        ],
        expect![[r#"
            time.local > '25:00'                                         time.local > '25:00'
                         ^^^^^^^ bad-time: `25:00` is not a time of day
                                 help: write hours and minutes: `09:00`, `13:30`, `23:59:30`; an end may be `24:00`

            time.local > '24:00'                                         time.local > '24:00'
                         ^^^^^^^ bad-time: `24:00` is not a time of day
                                 help: write hours and minutes: `09:00`, `13:30`, `23:59:30`; an end may be `24:00`

            time.local > 11                                              time.local > 11
            ^^^^^^^^^^^^^^^ wrong-type: a time of day is not compared with a whole number
                            help: write a time of day as `"11:30"`

            time.local > duration('11h')                                 time.local > duration('11h')
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ wrong-type: a time of day is not compared with a length of time
                                         help: write a time of day as `"11:30"`

            time.date > '2026-02-29'                                     time.date > '2026-02-29'
                        ^^^^^^^^^^^^ bad-date: `2026-02-29` is not a date
                                     help: write year, month and day: `2026-12-24`

            time.date > '2026-1-1'                                       time.date > '2026-1-1'
                        ^^^^^^^^^^ bad-date: `2026-1-1` is not a date
                                   help: write year, month and day: `2026-12-24`

            time.date > 20652                                            time.date > 20652
            ^^^^^^^^^^^^^^^^^ wrong-type: a date is not compared with a whole number
                              help: write a date as `"2026-12-24"`

            time.date > time.local                                       time.date > time.local
            ^^^^^^^^^^^^^^^^^^^^^^ wrong-type: a date is not compared with a time of day
                                   help: write a time of day as `"11:30"`

            'regulars' in segments                                       'regulars' in segments
            ^^^^^^^^^^ unknown-symbol: `regulars` is no segment
                       help: did you mean `regular`?

            role in segments                                             role in segments
            ^^^^ wrong-type: a role is never in a set of segments

            segments < segments                                          segments < segments
            ^^^^^^^^^^^^^^^^^^^ wrong-type: `<` needs an order, and a set of segments has none
                                help: only `==`, `!=` and `in` compare names

            segments == 'regular'                                        segments == 'regular'
            ^^^^^^^^^^^^^^^^^^^^^ wrong-type: a set of segments is not compared with text

            next('fod') > 0.3                                            next('fod') > 0.3
                 ^^^^^ unknown-name: unknown kind of zone `fod`
                       help: did you mean `food`?

            role in role                                                 role in role
                    ^^^^ wrong-type: expected a list after `in`
                         help: write `role in ["guest", "vip"]`

        "#]],
    );
}

#[test]
fn dates_are_dates() {
    let schema = crate::Schema::new();
    for (days, text) in [
        (0, "1970-01-01"),
        (11_016, "2000-02-29"),
        (20_652, "2026-07-18"),
        (-719_162, "0001-01-01"),
        (2_932_896, "9999-12-31"),
    ] {
        assert_eq!(schema.read(Type::Date, text), Some(Value::Int(days)), "{text}");
        assert_eq!(schema.show(Type::Date, Value::Int(days)), text);
    }
    for text in
        ["1900-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "0000-01-01", "26-01-01", "2026-01-011"]
    {
        assert_eq!(schema.read(Type::Date, text), None, "{text}");
    }
}

#[test]
fn a_late_member_is_in_no_set() {
    let mut stage = stage();
    let names: Vec<String> = (0..70).map(|index| format!("s{index}")).collect();
    let segment = stage.schema.domain("segment", names.iter().map(String::as_str));
    stage.schema.fact("segments", Type::Set(segment)).expect("there is room");
    assert!(Program::compile("'s63' in segments", &stage.scope(), Type::Bool).is_ok());
    let problems =
        Program::compile("'s64' in segments", &stage.scope(), Type::Bool).expect_err("it is the 65th");
    assert_eq!(problems.first().map(|problem| problem.code), Some("too-many"));
}
