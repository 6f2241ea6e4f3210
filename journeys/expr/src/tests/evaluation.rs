//! What guards are worth, known and unknown, as a table.

use expect_test::{Expect, expect};

use crate::tests::{drawn, stage};
use crate::{Program, Type, Unit, Value};

/// One line for each guard: its value at the stage's instant.
fn check(guards: &[&str], expected: Expect) {
    let stage = stage();
    let mut table = String::new();
    for text in guards {
        let value = match stage.guard(text) {
            Ok(program) => match program.holds(&stage.env()) {
                Some(truth) => truth.to_string(),
                None => "unknown".into(),
            },
            Err(problems) => drawn(text, &problems),
        };
        table += &format!("{text:<60} {value}\n");
    }
    expected.assert_eq(&table);
}

#[test]
fn facts_compare_with_constants() {
    check(
        &[
            "place.outdoor",
            "!place.outdoor",
            "place.outdoor == true",
            "weather.rain > 0.5",
            "weather.rain >= 0.5",
            "0.5 <= weather.rain",
            "weather.rain > 0",
            "0 > weather.rain",
            "weather.temperature + 1 > 18",
            "weather.temperature * 2 > 34.5",
            "weather.temperature / 2 >= 8.625",
            "weather.temperature / weather.temperature == 1.0",
            "weather.temperature < warmest",
            "role == 'vip'",
            "'vip' != role",
            "role in ['guest', 'staff']",
            "role in []",
            "place.level in [0, 1]",
            "place.level in [0.5, 1.0]",
            "place.level > 0.5",
            "double(place.level) / 2.0 == 0.5",
            "int(weather.temperature) == 17",
            "double(place.queue) == 25.0",
            "place.dwell >= duration('1m30s')",
            "place.dwell + duration('30s') == duration('2m')",
            "rides + 1 == 5",
            "rides % 3 == 1",
            "-rides < -3",
            "signal['fuel-level'] < 0.8",
            "nearest('food') == 'cocoa-hut'",
            "distance('food') < 100",
            "role == (rides > 3 ? 'vip' : 'guest')",
        ],
        expect![[r#"
            place.outdoor                                                true
            !place.outdoor                                               false
            place.outdoor == true                                        true
            weather.rain > 0.5                                           false
            weather.rain >= 0.5                                          true
            0.5 <= weather.rain                                          true
            weather.rain > 0                                             true
            0 > weather.rain                                             false
            weather.temperature + 1 > 18                                 true
            weather.temperature * 2 > 34.5                               false
            weather.temperature / 2 >= 8.625                             true
            weather.temperature / weather.temperature == 1.0             true
            weather.temperature < warmest                                true
            role == 'vip'                                                true
            'vip' != role                                                false
            role in ['guest', 'staff']                                   false
            role in []                                                   false
            place.level in [0, 1]                                        true
            place.level in [0.5, 1.0]                                    true
            place.level > 0.5                                            true
            double(place.level) / 2.0 == 0.5                             true
            int(weather.temperature) == 17                               true
            double(place.queue) == 25.0                                  true
            place.dwell >= duration('1m30s')                             true
            place.dwell + duration('30s') == duration('2m')              true
            rides + 1 == 5                                               true
            rides % 3 == 1                                               true
            -rides < -3                                                  true
            signal['fuel-level'] < 0.8                                   true
            nearest('food') == 'cocoa-hut'                               true
            distance('food') < 100                                       false
            role == (rides > 3 ? 'vip' : 'guest')                        true
        "#]],
    );
}

#[test]
fn the_clock_is_the_venues() {
    check(
        &[
            "time.hour == 12",
            "time.weekday == 'sat'",
            "time.weekday in ['sat', 'sun']",
            "time.between('12:00', '13:00')",
            "time.between('11:00', '12:00')",
            "time.between('22:00', '12:00')",
            "time.between('22:00', '12:00:01')",
            "time.between('00:00', '24:00')",
        ],
        expect![[r#"
            time.hour == 12                                              true
            time.weekday == 'sat'                                        true
            time.weekday in ['sat', 'sun']                               true
            time.between('12:00', '13:00')                               true
            time.between('11:00', '12:00')                               false
            time.between('22:00', '12:00')                               false
            time.between('22:00', '12:00:01')                            true
            time.between('00:00', '24:00')                               true
        "#]],
    );
}

#[test]
fn unknown_passes_as_cels_errors_do() {
    check(
        &[
            "weather.light > 10",
            "weather.light > 10 && false",
            "false && weather.light > 10",
            "weather.light > 10 && true",
            "weather.light > 10 || true",
            "true || weather.light > 10",
            "weather.light > 10 || false",
            "weather.light > 10 && weather.light > 20 && false",
            "!(weather.light > 10)",
            "weather.light == weather.light",
            "weather.light > 10 ? true : true",
            "place.outdoor ? true : weather.light > 10",
            "place.outdoor ? weather.light > 10 : true",
            "has(weather.light)",
            "has(weather.rain)",
            "has(signal.trains)",
            "has(nearest('food').name)",
            "has(time.hour)",
            "signal.trains in [1, 2]",
            "signal.trains in []",
            "rides in [4, signal.trains]",
            "1 / (rides - 4) == 1 || place.outdoor",
            "1 / (rides - 4) == 1",
            "rides % 0 == 0",
            "9223372036854775807 + rides > 0",
            "-9223372036854775808 - rides < 0",
            "int(1e19) > 0",
            "1.0 / 0.0 > 1e308",
            "0.0 / 0.0 == 0.0 / 0.0",
            "0.0 / 0.0 != 0.0 / 0.0",
        ],
        expect![[r#"
            weather.light > 10                                           unknown
            weather.light > 10 && false                                  false
            false && weather.light > 10                                  false
            weather.light > 10 && true                                   unknown
            weather.light > 10 || true                                   true
            true || weather.light > 10                                   true
            weather.light > 10 || false                                  unknown
            weather.light > 10 && weather.light > 20 && false            false
            !(weather.light > 10)                                        unknown
            weather.light == weather.light                               unknown
            weather.light > 10 ? true : true                             unknown
            place.outdoor ? true : weather.light > 10                    true
            place.outdoor ? weather.light > 10 : true                    unknown
            has(weather.light)                                           false
            has(weather.rain)                                            true
            has(signal.trains)                                           false
            has(nearest('food').name)                                    true
            has(time.hour)                                               true
            signal.trains in [1, 2]                                      unknown
            signal.trains in []                                          unknown
            rides in [4, signal.trains]                                  unknown
            1 / (rides - 4) == 1 || place.outdoor                        true
            1 / (rides - 4) == 1                                         unknown
            rides % 0 == 0                                               unknown
            9223372036854775807 + rides > 0                              unknown
            -9223372036854775808 - rides < 0                             unknown
            int(1e19) > 0                                                unknown
            1.0 / 0.0 > 1e308                                            true
            0.0 / 0.0 == 0.0 / 0.0                                       false
            0.0 / 0.0 != 0.0 / 0.0                                       true
        "#]],
    );
}

#[test]
fn a_value_fits_the_variable_it_is_for() {
    let stage = stage();
    let value =
        |text, ty| Program::compile(text, &stage.scope(), ty).map(|program| program.eval(&stage.env()));
    let celsius = Type::Quantity(Unit::Celsius);
    assert_eq!(value("rides + 1", Type::Int), Ok(Value::Int(5)));
    assert_eq!(value("0", celsius), Ok(Value::Double(0.0)));
    assert_eq!(value("weather.temperature", celsius), Ok(Value::Double(17.25)));
    assert_eq!(value("7 / 2", celsius), Ok(Value::Double(3.0)));
    assert_eq!(value("place.dwell", Type::Duration), Ok(Value::Duration(90_000)));
    assert_eq!(value("weather.light", Type::Quantity(Unit::Lux)), Ok(Value::Unknown));
    assert!(value("weather.rain", celsius).is_err());
    assert!(value("rides", Type::Double).is_err());
    assert!(value("'words'", Type::Text).is_err());
}

#[test]
fn a_program_says_what_it_reads() {
    let stage = stage();
    let text = "role == 'vip' || place.outdoor && weather.rain > 0.5 && has(weather.rain) && rides > 1";
    let program = stage.guard(text).expect("the guard is right");
    let paths = program.reads().iter().filter_map(|slot| stage.schema.at(*slot));
    assert_eq!(
        paths.map(|fact| fact.path.as_str()).collect::<Vec<_>>(),
        ["role", "place.outdoor", "weather.rain"]
    );
}

#[test]
fn facts_that_are_missing_or_of_another_kind_are_unknown() {
    let stage = stage();
    let guard = stage.guard("place.outdoor && weather.rain > 0.5").expect("the guard is right");
    let mut env = stage.env();
    env.facts = &[];
    assert_eq!(guard.holds(&env), None);
    let wrong = vec![Value::Int(1); stage.facts.len()];
    env.facts = &wrong;
    assert_eq!(guard.holds(&env), None);
}
