//! What is claimed of guards for every instant: a table, and that no instant refutes a claim.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::tests::reference::{World, truth, world};
use crate::tests::{Stage, drawn, stage};
use crate::{
    Env, Expression, History, Local, LocalTime, Schema, Scope, Symbol, Threshold, Timestamp, Type, Unit,
    Value, Verdict,
};

fn check(guards: &[&str], expected: Expect) {
    let mut stage = stage();
    let role = stage.schema.domain_id("role").expect("there are roles");
    for (path, ty) in [
        ("weather.humidity", Type::Quantity(Unit::Percent)),
        ("party.roles", Type::Set(role)),
        ("next.food", Type::Double),
    ] {
        stage.schema.fact(path, ty).expect("there is room");
    }
    let offers = ["cocoa".to_owned()];
    let history = History { pages: &[], offers: &offers, outcomes: &[] };
    let scope = Scope { history: Some(&history), ..stage.scope() };
    let mut table = String::new();
    for text in guards {
        let verdict = match Expression::check(text, &scope, Some(Type::Bool)) {
            Ok(expression) => match expression.verdict() {
                Verdict::Always(reason) => format!("always: {reason}"),
                Verdict::Never(reason) => format!("never: {reason}"),
                Verdict::Sometimes => "sometimes".into(),
            },
            Err(problems) => drawn(text, &problems),
        };
        table += &format!("{text}\n    {verdict}\n");
    }
    expected.assert_eq(&table);
}

#[test]
fn ranges_and_numbers() {
    check(
        &[
            "weather.rain > 1 && weather.rain < 0.5",
            "weather.rain < 0",
            "weather.rain >= 0",
            "weather.humidity > 100",
            "next('food') > 1.0",
            "history.count('cocoa') < 0",
            "history.count('cocoa') < 1 && history.today('cocoa') > 2",
            "history.since('cocoa') < duration('0s')",
            "rides > 3 && rides < 4",
            "rides > 3 && rides < 5",
            "warmest > 3 || warmest <= 3",
            "weather.temperature > 3 || weather.temperature <= 3",
            "weather.temperature + 1 > 3 && weather.temperature + 1 <= 3",
            "signal['fuel-level'] < 0.0",
            "place.queue > 5 && (place.queue < 3 || place.queue == 4)",
        ],
        expect![[r#"
            weather.rain > 1 && weather.rain < 0.5
                never: `weather.rain > 1` and `weather.rain < 0.5` never hold together, whatever `weather.rain` is
            weather.rain < 0
                never: `weather.rain < 0` never holds: `weather.rain` is never below 0
            weather.rain >= 0
                always: `weather.rain >= 0` always holds: `weather.rain` is never below 0
            weather.humidity > 100
                never: `weather.humidity > 100` never holds: `weather.humidity` is always from 0 to 100
            next('food') > 1.0
                never: `next('food') > 1.0` never holds: `next('food')` is always from 0 to 1
            history.count('cocoa') < 0
                never: `history.count('cocoa') < 0` never holds, whatever `history.count('cocoa')` is
            history.count('cocoa') < 1 && history.today('cocoa') > 2
                sometimes
            history.since('cocoa') < duration('0s')
                never: `history.since('cocoa') < duration('0s')` never holds, whatever `history.since('cocoa')` is
            rides > 3 && rides < 4
                never: `rides > 3` and `rides < 4` never hold together, whatever `rides` is
            rides > 3 && rides < 5
                sometimes
            warmest > 3 || warmest <= 3
                sometimes
            weather.temperature > 3 || weather.temperature <= 3
                always: `weather.temperature > 3` or `weather.temperature <= 3` holds whatever `weather.temperature` is
            weather.temperature + 1 > 3 && weather.temperature + 1 <= 3
                sometimes
            signal['fuel-level'] < 0.0
                sometimes
            place.queue > 5 && (place.queue < 3 || place.queue == 4)
                never: `place.queue > 5` and `place.queue < 3 || place.queue == 4` never hold together, whatever `place.queue` is
        "#]],
    );
}

#[test]
fn the_clock_and_names() {
    check(
        &[
            "time.hour > 23",
            "time.hour >= 0",
            "time.hour < 11 && time.between('11:30', '13:30')",
            "time.local < '09:00' && time.hour == 9",
            "time.minute < 60",
            "time.weekday == 'sat' && time.weekday == 'sun'",
            "time.date < '2026-12-24' && time.date > '2026-12-31'",
            "role == 'guest' && role == 'vip'",
            "role == 'guest' || role != 'guest'",
            "role in []",
            "'vip' in party.roles && !('vip' in party.roles)",
            "party.roles.exists(r, r == 'vip') && !('vip' in party.roles)",
        ],
        expect![[r#"
            time.hour > 23
                never: `time.hour > 23` never holds, whatever `time.hour` is
            time.hour >= 0
                always: `time.hour >= 0` always holds, whatever `time.hour` is
            time.hour < 11 && time.between('11:30', '13:30')
                never: `time.hour < 11` and `time.between('11:30', '13:30')` never hold together, whatever `time.hour` and `time.local` are
            time.local < '09:00' && time.hour == 9
                never: `time.local < '09:00'` and `time.hour == 9` never hold together, whatever `time.local` and `time.hour` are
            time.minute < 60
                always: `time.minute < 60` always holds, whatever `time.minute` is
            time.weekday == 'sat' && time.weekday == 'sun'
                never: `time.weekday == 'sat'` and `time.weekday == 'sun'` never hold together, whatever `time.weekday` is
            time.date < '2026-12-24' && time.date > '2026-12-31'
                never: `time.date < '2026-12-24'` and `time.date > '2026-12-31'` never hold together, whatever `time.date` is
            role == 'guest' && role == 'vip'
                never: `role == 'guest'` and `role == 'vip'` never hold together, whatever `role` is
            role == 'guest' || role != 'guest'
                always: `role == 'guest'` or `role != 'guest'` holds whatever `role` is
            role in []
                never: `role in []` never holds, whatever `role` is
            'vip' in party.roles && !('vip' in party.roles)
                never: `'vip' in party.roles` and `!('vip' in party.roles)` never hold together, whatever `party.roles` is
            party.roles.exists(r, r == 'vip') && !('vip' in party.roles)
                never: `party.roles.exists(r, r == 'vip')` and `!('vip' in party.roles)` never hold together, whatever `party.roles` is
        "#]],
    );
}

#[test]
fn truths_and_lists() {
    check(
        &[
            "weather.rain > 0.5 && place.outdoor && weather.rain < 0.5",
            "place.outdoor && !place.outdoor",
            "place.outdoor == false && place.outdoor",
            "weather.temperature * 2 > 3 && place.outdoor",
            "[1, 2].exists(x, rides == x) && rides > 2",
            "has(weather.rain) || weather.rain > 1",
            "!has(weather.rain) && weather.rain > 1",
            "true",
            "1 > 2 || place.outdoor && false",
            "1 / 0 == 1",
            "place.outdoor ? weather.rain < 0 : false",
        ],
        expect![[r#"
            weather.rain > 0.5 && place.outdoor && weather.rain < 0.5
                never: `weather.rain > 0.5` and `weather.rain < 0.5` never hold together, whatever `weather.rain` is
            place.outdoor && !place.outdoor
                never: `place.outdoor` and `!place.outdoor` never hold together, whatever `place.outdoor` is
            place.outdoor == false && place.outdoor
                never: `place.outdoor == false` and `place.outdoor` never hold together, whatever `place.outdoor` is
            weather.temperature * 2 > 3 && place.outdoor
                sometimes
            [1, 2].exists(x, rides == x) && rides > 2
                never: `[1, 2].exists(x, rides == x)` and `rides > 2` never hold together, whatever `rides` is
            has(weather.rain) || weather.rain > 1
                always: `has(weather.rain)` or `weather.rain > 1` holds whatever `weather.rain` is
            !has(weather.rain) && weather.rain > 1
                never: `!has(weather.rain)` and `weather.rain > 1` never hold together, whatever `weather.rain` is
            true
                always: `true` always holds: it is constant
            1 > 2 || place.outdoor && false
                never: `1 > 2 || place.outdoor && false` never holds, whatever `place.outdoor` is
            1 / 0 == 1
                never: `1 / 0 == 1` never holds: it is constant
            place.outdoor ? weather.rain < 0 : false
                never: `place.outdoor ? weather.rain < 0 : false` never holds, whatever `place.outdoor` and `weather.rain` are
        "#]],
    );
}

fn thresholds(stage: &Stage, expression: &Expression) -> String {
    let mut table = String::new();
    for threshold in expression.thresholds() {
        table += &match threshold {
            Threshold::Fact(slot, value) => {
                let fact = stage.schema.at(slot).expect("it is read");
                format!("{} at {}\n", fact.path, stage.schema.show(fact.ty, value))
            }
            other => format!("{other:?}\n"),
        };
    }
    table
}

#[test]
fn thresholds_of_the_clock_and_of_what_is_computed() {
    let stage = stage();
    let offers = ["cocoa".to_owned()];
    let history = History { pages: &[], offers: &offers, outcomes: &[] };
    let scope = Scope { history: Some(&history), ..stage.scope() };
    let mut table = String::new();
    for text in [
        "time.between(\"11:15\", \"14:00\") && time.hour != 9",
        "time.local >= \"17:30\" || time.weekday in [\"sat\", \"sun\"]",
        "time.date == \"2026-12-24\"",
        "place.dwell > duration(\"20m\") && history.since(\"cocoa\") > duration(\"4h\")",
        "place.queue - 10 > 35",
        "place.queue in [5, 10]",
        "rides > 3",
        "45 < place.queue && 30 < place.queue",
    ] {
        let expression =
            Expression::check(text, &scope, None).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
        table += &format!("{text}\n");
        for line in thresholds(&stage, &expression).lines() {
            table += &format!("    {line}\n");
        }
    }
    expect![[r#"
        time.between("11:15", "14:00") && time.hour != 9
            Clock(40500000)
            Clock(50400000)
            Clock(32400000)
        time.local >= "17:30" || time.weekday in ["sat", "sun"]
            Clock(63000000)
            Weekday
        time.date == "2026-12-24"
            Date(20811)
        place.dwell > duration("20m") && history.since("cocoa") > duration("4h")
            Length(1200000)
            place.dwell at 20m
            Length(14400000)
        place.queue - 10 > 35
            place.queue at 10 minutes
            place.queue at 35 minutes
            place.queue at 45 minutes
            place.queue at -25 minutes
            place.queue at 25 minutes
        place.queue in [5, 10]
            place.queue at 5 minutes
            place.queue at 10 minutes
        rides > 3
        45 < place.queue && 30 < place.queue
            place.queue at 45 minutes
            place.queue at 30 minutes
    "#]]
    .assert_eq(&table);
}

#[test]
fn parts_and_thresholds() {
    let stage = stage();
    let text = "role == 'vip' && (weather.rain > 0.2 + 0.3 || !(rides in [1, 2])) && weather.light < 10";
    let expression = Expression::check(text, &stage.scope(), None).expect("the guard is right");
    let mut table = String::new();
    for part in expression.explain(&stage.env(), &stage.schema) {
        table += &format!("{}{} = {} {:?}\n", "  ".repeat(part.depth), part.text, part.value, part.truth);
    }
    for (leaf, truth) in expression.leaves().zip(expression.leaf_truths(&stage.env())) {
        table += &format!("{} {truth:?}\n", leaf.text);
    }
    table += &thresholds(&stage, &expression);
    expect![[r#"
        role == 'vip' && (weather.rain > 0.2 + 0.3 || !(rides in [1, 2])) && weather.light < 10 = unknown None
          role == 'vip' && (weather.rain > 0.2 + 0.3 || !(rides in [1, 2])) = true Some(true)
            role == 'vip' = true Some(true)
              role = vip None
            weather.rain > 0.2 + 0.3 || !(rides in [1, 2]) = true Some(true)
              weather.rain > 0.2 + 0.3 = false Some(false)
                weather.rain = 0.5 mm/h None
                0.2 + 0.3 = 0.5 mm/h None
              !(rides in [1, 2]) = true Some(true)
                rides in [1, 2] = false Some(false)
                  rides = 4 None
          weather.light < 10 = unknown None
            weather.light = unknown None
        role == 'vip' Some(true)
        weather.rain > 0.2 + 0.3 Some(false)
        rides in [1, 2] Some(false)
        weather.light < 10 None
        role at vip
        weather.rain at 0.5 mm/h
        weather.light at 10 lux
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_macro_is_one_condition() {
    let stage = stage();
    let text = "place.outdoor && [1, 2].exists(x, rides == x && x > 1) && [1, rides].all(x, x > 0)";
    let expression = Expression::check(text, &stage.scope(), Some(Type::Bool)).expect("the guard is right");
    let leaves: Vec<&str> = expression.leaves().map(|leaf| leaf.text.as_str()).collect();
    assert_eq!(
        leaves,
        ["place.outdoor", "[1, 2].exists(x, rides == x && x > 1)", "[1, rides].all(x, x > 0)"]
    );
}

/// Conditions whose constants lie on the grid below, so that the grid is all there is.
const CONDITIONS: [&str; 26] = [
    "weather.rain > 0.5",
    "weather.rain < 1",
    "weather.rain == 0.5",
    "weather.rain >= 0",
    "weather.rain != 1",
    "place.level > 0",
    "place.level <= 1",
    "place.level in [0, 1]",
    "place.level < 0.5",
    "place.outdoor",
    "place.outdoor == false",
    "has(place.outdoor)",
    "has(weather.rain)",
    "role == 'guest'",
    "role in ['guest', 'vip']",
    "role != 'vip'",
    "time.hour < 11",
    "time.hour == 12",
    "time.between('11:00', '12:00')",
    "time.between('23:00', '11:00')",
    "time.local >= '12:00'",
    "[0, 1].exists(x, place.level == x)",
    "[0, 1].exists_one(x, place.level <= x)",
    "size([0, 1].filter(x, place.level > x)) == 1",
    "true",
    "false",
];

fn guard() -> impl Strategy<Value = String> {
    let condition = prop::sample::select(&CONDITIONS[..]).prop_map(str::to_owned);
    condition.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("!({one})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) && ({other})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) || ({other})")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(one, two, three)| format!("({one}) ? ({two}) : ({three})")),
        ]
    })
}

fn schema() -> Schema {
    let mut schema = Schema::new();
    let role = schema.domain("role", ["guest", "vip", "staff"]);
    for (path, ty) in [
        ("role", Type::Symbol(role)),
        ("place.outdoor", Type::Bool),
        ("weather.rain", Type::Quantity(Unit::MmPerHour)),
        ("place.level", Type::Int),
    ] {
        schema.fact(path, ty).expect("four facts fit");
    }
    schema
}

/// Every combination of values around the constants of `CONDITIONS`.
fn everywhere(mut look: impl FnMut(&Env<'_>)) {
    let or_unknown = |values: Vec<Value>| [values, vec![Value::Unknown]].concat();
    let roles = or_unknown((0..3).map(|role| Value::Symbol(Symbol(role))).collect());
    let outdoors = or_unknown(vec![Value::Bool(false), Value::Bool(true)]);
    let rains = or_unknown([0.0, 0.25, 0.5, 0.75, 1.0, 8.0].map(Value::Double).to_vec());
    let levels = or_unknown((-1..3).map(Value::Int).collect());
    let hours = [0, 10, 11, 12, 13, 23];
    for role in &roles {
        for outdoor in &outdoors {
            for rain in &rains {
                for level in &levels {
                    for hour in hours {
                        let facts = [*role, *outdoor, *rain, *level];
                        let local = LocalTime { day: 0, ms: hour * 3_600_000 + 1 };
                        look(&Env { facts: &facts, locals: &[], local, now: Timestamp::default() });
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// On guards of plain comparisons the verdict is exact.
    #[test]
    fn a_verdict_is_what_every_instant_says(text in guard()) {
        let schema = schema();
        let scope = Scope { schema: &schema, locals: &[], history: None };
        let expression = Expression::check(&text, &scope, Some(Type::Bool)).expect("the guard is right");
        let (mut holds, mut fails) = (false, false);
        everywhere(|env| match expression.program().holds(env) {
            Some(true) => holds = true,
            Some(false) => fails = true,
            None => {}
        });
        let verdict = expression.verdict();
        prop_assert_eq!(matches!(verdict, Verdict::Never(_)), !holds, "{}: {:?}", text, verdict);
        prop_assert_eq!(matches!(verdict, Verdict::Always(_)), holds && !fails, "{}: {:?}", text, verdict);
    }

    #[test]
    fn what_hides_a_guard_holds_whenever_it_does(text in guard(), others in prop::collection::vec(guard(), 1..3)) {
        let schema = schema();
        let scope = Scope { schema: &schema, locals: &[], history: None };
        let check = |text: &String| Expression::check(text, &scope, Some(Type::Bool)).expect("the guard is right");
        let (expression, others) = (check(&text), others.iter().map(check).collect::<Vec<_>>());
        let mut hidden = true;
        let mut meets = false;
        everywhere(|env| {
            let one_of_them = others.iter().any(|other| other.program().holds(env) == Some(true));
            let holds = expression.program().holds(env) == Some(true);
            hidden &= !holds || one_of_them;
            meets |= holds && others[0].program().holds(env) == Some(true);
        });
        let others: Vec<&Expression> = others.iter().collect();
        prop_assert_eq!(expression.hidden_by(&others), hidden);
        prop_assert_eq!(expression.meets(others[0]), meets);
    }

    /// On any guard a claim is true, whatever is not claimed.
    #[test]
    fn no_instant_refutes_a_claim(guard in truth(), other in truth(), worlds in prop::collection::vec(world(), 12)) {
        let schema = plain();
        let locals = [Local { name: "count".into(), ty: Type::Int }];
        let scope = Scope { schema: &schema, locals: &locals, history: None };
        let check = |text: String| Expression::check(&format!("[7].all(e, {text})"), &scope, Some(Type::Bool));
        if let (Ok(guard), Ok(other)) = (check(guard.text()), check(other.text())) {
            let (verdict, hidden) = (guard.verdict(), guard.hidden_by(&[&other]));
            for world in worlds {
                let holds = at(&guard, &world);
                let refuted = match verdict {
                    Verdict::Never(_) => holds == Some(true),
                    Verdict::Always(_) => holds == Some(false),
                    Verdict::Sometimes => false,
                };
                prop_assert!(!refuted, "{}: {:?} in {:?}", guard.text(), verdict, world);
                prop_assert!(!hidden || holds != Some(true) || at(&other, &world) == Some(true));
            }
        }
    }
}

/// As the reference's, without units.
fn plain() -> Schema {
    let mut schema = Schema::new();
    let role = schema.domain("role", ["guest", "vip", "staff"]);
    for (path, ty) in [
        ("role", Type::Symbol(role)),
        ("place.outdoor", Type::Bool),
        ("weather.rain", Type::Double),
        ("weather.light", Type::Double),
        ("place.level", Type::Int),
    ] {
        schema.fact(path, ty).expect("five facts fit");
    }
    schema
}

fn at(expression: &Expression, world: &World) -> Option<bool> {
    let mut facts = world.facts();
    for fact in &mut facts {
        // A fact is a number.
        if matches!(fact, Value::Double(value) if value.is_nan()) {
            *fact = Value::Double(0.0);
        }
    }
    let locals = [world.count.map_or(Value::Unknown, Value::Int)];
    let local = LocalTime { day: 0, ms: world.ms };
    expression.program().holds(&Env { facts: &facts, locals: &locals, local, now: Timestamp::default() })
}
