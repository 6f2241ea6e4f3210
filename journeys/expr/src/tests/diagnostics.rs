//! What authors are told: messages with carets, as tables. The terminal's rendering is authoring's; this one is the
//! barest that shows a span.

use expect_test::{Expect, expect};

use crate::tests::{drawn, stage};

pub(super) fn check(guards: &[&str], expected: Expect) {
    let stage = stage();
    let mut table = String::new();
    for text in guards {
        table += &match stage.guard(text) {
            Ok(_) => format!("{text}\n  is right\n"),
            Err(problems) => drawn(text, &problems),
        };
        table += "\n";
    }
    expected.assert_eq(&table);
}

#[test]
fn words_that_are_nearly_right() {
    check(
        &[
            "role == \"gest\"",
            "role in ['guest', 'vp', 'stuff']",
            "wether.rain > 1 && rain > 2 && place.outdor",
            "weather > 1",
            "ride > 1",
            "nearest('fod') == place.zone",
            "nearest(food) == place.zone",
            "distance('cinema') < 100",
            "signal['fuel'] > 0.5",
            "signal[role] > 0.5",
            "time.weekday == 'saturday'",
            "time.betwen('11:30', '13:30')",
            "neerest('food') == place.zone",
            "entirely.wrong",
        ],
        expect![[r#"
            role == "gest"
                    ^^^^^^ unknown-symbol: `gest` is no role
                           help: did you mean `guest`?

            role in ['guest', 'vp', 'stuff']
                              ^^^^ unknown-symbol: `vp` is no role
                                   help: did you mean `vip`?
            role in ['guest', 'vp', 'stuff']
                                    ^^^^^^^ unknown-symbol: `stuff` is no role
                                            help: did you mean `staff`?

            wether.rain > 1 && rain > 2 && place.outdor
            ^^^^^^^^^^^ unknown-name: unknown fact `wether.rain`
                        help: did you mean `weather.rain`?
            wether.rain > 1 && rain > 2 && place.outdor
                               ^^^^ unknown-name: unknown fact `rain`
                                    help: did you mean `weather.rain`?
            wether.rain > 1 && rain > 2 && place.outdor
                                           ^^^^^^^^^^^^ unknown-name: unknown fact `place.outdor`
                                                        help: did you mean `place.outdoor`?

            weather > 1
            ^^^^^^^ unknown-name: `weather` is a group of facts
                    help: take one of them: `weather.temperature`, `weather.rain`, `weather.wind`, `weather.light`

            ride > 1
            ^^^^ unknown-name: unknown fact `ride`
                 help: did you mean `rides`?

            nearest('fod') == place.zone
                    ^^^^^ unknown-name: unknown kind of zone `fod`
                          help: did you mean `food`?

            nearest(food) == place.zone
            ^^^^^^^^^^^^^ bad-arguments: `nearest` takes one kind of zone, in quotes
                          help: write `nearest("food")`

            distance('cinema') < 100
                     ^^^^^^^^ unknown-name: unknown kind of zone `cinema`
                              help: known: `food`

            signal['fuel'] > 0.5
                   ^^^^^^ unknown-name: unknown signal `fuel`
                          help: known: `fuel-level`, `trains`

            signal[role] > 0.5
                   ^^^^ outside-subset: a signal's name is a text in quotes, so that it can be checked

            time.weekday == 'saturday'
                            ^^^^^^^^^^ unknown-symbol: `saturday` is no weekday
                                       help: known: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`

            time.betwen('11:30', '13:30')
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unknown-function: unknown function `betwen`
                                          help: write `time.between("11:30", "13:30")`

            neerest('food') == place.zone
            ^^^^^^^^^^^^^^^ unknown-function: unknown function `neerest`
                            help: did you mean `nearest`?

            entirely.wrong
            ^^^^^^^^^^^^^^ unknown-name: unknown fact `entirely.wrong`

        "#]],
    );
}

#[test]
fn units() {
    check(
        &[
            "place.queue < distance('food')",
            "weather.rain >= weather.temperature",
            "weather.rain > signal['fuel-level']",
            "place.queue > duration('20m')",
            "place.dwell > 20",
            "place.dwell > '20m'",
        ],
        expect![[r#"
            place.queue < distance('food')
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unit-mismatch: a quantity in minutes is not compared with one in metres

            weather.rain >= weather.temperature
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unit-mismatch: a quantity in mm/h is not compared with one in celsius

            weather.rain > signal['fuel-level']
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unit-mismatch: a quantity in mm/h is not compared with a number without a unit
                                                help: write `double(..)` around the quantity to take its unit away

            place.queue > duration('20m')
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unit-mismatch: minutes of a queue are a number, and this is a length of time
                                          help: compare minutes with a number (`place.queue > 20`), dwell with `duration("20m")`

            place.dwell > 20
            ^^^^^^^^^^^^^^^^ wrong-type: a length of time is not compared with a whole number
                             help: write `duration("20m")`

            place.dwell > '20m'
            ^^^^^^^^^^^^^^^^^^^ wrong-type: a length of time is not compared with text
                                help: write `duration("20m")`

        "#]],
    );
}

#[test]
fn types() {
    check(
        &[
            "role > 'guest'",
            "role == place.zone",
            "role && place.outdoor",
            "!rides",
            "-role == 1",
            "rides",
            "'guest'",
        ],
        expect![[r#"
            role > 'guest'
            ^^^^^^^^^^^^^^ wrong-type: `>` needs an order, and a role has none
                           help: only `==`, `!=` and `in` compare names

            role == place.zone
            ^^^^^^^^^^^^^^^^^^ wrong-type: a role is not compared with a zone

            role && place.outdoor
            ^^^^ wrong-type: `&&` takes truths, and this is a role
                 help: compare it with something

            !rides
             ^^^^^ wrong-type: `!` takes truths, and this is a whole number
                   help: compare it with something

            -role == 1
             ^^^^ wrong-type: `-` takes a number, and this is a role

            rides
            ^^^^^ wrong-type: expected a truth, found a whole number
                  help: compare it with something

            'guest'
            ^^^^^^^ wrong-type: expected a truth, found text
                    help: compare it with something

        "#]],
    );
}

#[test]
fn arithmetic() {
    check(
        &[
            "place.level + 1.0 > 2.0",
            "signal['fuel-level'] + 1 > 2.0",
            "weather.rain + weather.temperature > 2",
            "weather.rain * weather.rain > 2",
            "weather.rain % 2 > 1",
        ],
        expect![[r#"
            place.level + 1.0 > 2.0
            ^^^^^^^^^^^^^^^^^ wrong-type: `+` does not take a whole number and a number
                              help: CEL does not mix whole numbers with doubles: write `1.0` for `1`, or `double(..)`

            signal['fuel-level'] + 1 > 2.0
            ^^^^^^^^^^^^^^^^^^^^^^^^ wrong-type: `+` does not take a number and a whole number
                                     help: CEL does not mix whole numbers with doubles: write `1.0` for `1`, or `double(..)`

            weather.rain + weather.temperature > 2
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unit-mismatch: `+` does not take a quantity in mm/h and a quantity in celsius

            weather.rain * weather.rain > 2
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^ unit-mismatch: `*` does not take a quantity in mm/h and a quantity in mm/h

            weather.rain % 2 > 1
            ^^^^^^^^^^^^^^^^ unit-mismatch: `%` does not take a quantity in mm/h and a number

        "#]],
    );
}

#[test]
fn texts_and_branches() {
    check(
        &[
            "'guest' == 'vip'",
            "'guest' in ['vip']",
            "role in 'guest'",
            "role == (place.outdoor ? 'guest' : 1)",
            "place.outdoor ? 1 : 1.0",
            "1 < 2 < 3",
            "weather.rain > 99999999999999999",
        ],
        expect![[r#"
            'guest' == 'vip'
              is right

            'guest' in ['vip']
              is right

            role in 'guest'
                    ^^^^^^^ wrong-type: expected a list after `in`
                            help: write `role in ["guest", "vip"]`

            role == (place.outdoor ? 'guest' : 1)
                                     ^^^^^^^^^^^ wrong-type: both sides of `:` must be alike: a role and a whole number

            place.outdoor ? 1 : 1.0
                            ^^^^^^^ wrong-type: both sides of `:` must be alike: a whole number and a number

            1 < 2 < 3
            ^^^^^^^^^ wrong-type: a truth is not compared with a whole number

            weather.rain > 99999999999999999
                           ^^^^^^^^^^^^^^^^^ out-of-range: this number is too large to be exact as a quantity

        "#]],
    );
}

#[test]
fn what_cel_has_and_the_subset_has_not() {
    check(
        &[
            "[1, 2].all(x, x > 1)",
            "{'a': 1}.a == 1",
            "null == role",
            "1u == 2u",
            "b'x' == b'y'",
            "size(role) > 1",
            "role.startsWith('g')",
            "timestamp('2026-01-01T00:00:00Z') == 1",
            "role[0] == 1",
            "[1] == [1]",
            ".role == 'guest'",
            "place.`zone` == 'gate'",
            "has(role)",
            "has(weather)",
            "has(weather.rian)",
            "has(rides.x)",
            "has()",
        ],
        expect![[r#"
            [1, 2].all(x, x > 1)
              is right

            {'a': 1}.a == 1
            ^^^^^^^^ outside-subset: maps and messages are not in the subset

            null == role
            ^^^^ outside-subset: `null` is not in the subset: a fact is known or unknown, see `has`

            1u == 2u
            ^^ outside-subset: unsigned numbers are not in the subset
            1u == 2u
                  ^^ outside-subset: unsigned numbers are not in the subset

            b'x' == b'y'
            ^^^^ outside-subset: bytes are not in the subset
            b'x' == b'y'
                    ^^^^ outside-subset: bytes are not in the subset

            size(role) > 1
                 ^^^^ wrong-type: `size` takes a list, a set or a text, and this is a role

            role.startsWith('g')
            ^^^^ outside-subset: `startsWith` is asked of text in quotes alone, and this is a role
                 help: a name is compared as a whole: `role == "guest"`

            timestamp('2026-01-01T00:00:00Z') == 1
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ outside-subset: CEL's `timestamp` is not in the subset

            role[0] == 1
            ^^^^^^^ outside-subset: only lists and `signal[".."]` are indexed

            [1] == [1]
              is right

            .role == 'guest'
            ^ syntax: expected a value before `.`

            place.`zone` == 'gate'
                  ^^^^^^ outside-subset: quoted names are not in the subset

            has(role)
            ^^^^^^^^^ bad-has: `has` asks for one fact with a dotted path
                      help: write `has(weather.rain)`

            has(weather)
            ^^^^^^^^^^^^ bad-has: `has` asks for one fact with a dotted path
                         help: write `has(weather.rain)`

            has(weather.rian)
            ^^^^^^^^^^^^^^^^^ unknown-name: unknown fact `weather.rian`
                              help: did you mean `weather.rain`?

            has(rides.x)
            ^^^^^^^^^^^^ unknown-name: unknown fact `rides.x`
                         help: did you mean `rides`?

            has()
            ^^^^^ bad-has: `has` asks for one fact with a dotted path
                  help: write `has(weather.rain)`

        "#]],
    );
}

#[test]
fn arguments() {
    check(
        &[
            "time.between('11:30', '13:3')",
            "time.between('24:00', '25:00')",
            "time.between('12:00', '12:00')",
            "time.between(11, 12)",
            "duration('20 minutes') > place.dwell",
            "duration('1d') > place.dwell",
            "duration('1us') > place.dwell",
            "duration(20) > place.dwell",
            "int(role) > 1",
            "double() > 1.0",
            "place.level.name == 'x'",
            "place.zone.title == 'x'",
        ],
        expect![[r#"
            time.between('11:30', '13:3')
                                  ^^^^^^ bad-time: `13:3` is not a time of day
                                         help: write hours and minutes: `09:00`, `13:30`, `23:59:30`; an end may be `24:00`

            time.between('24:00', '25:00')
                         ^^^^^^^ bad-time: `24:00` is not a time of day
                                 help: write hours and minutes: `09:00`, `13:30`, `23:59:30`; an end may be `24:00`
            time.between('24:00', '25:00')
                                  ^^^^^^^ bad-time: `25:00` is not a time of day
                                          help: write hours and minutes: `09:00`, `13:30`, `23:59:30`; an end may be `24:00`

            time.between('12:00', '12:00')
                         ^^^^^^^^^^^^^^^^ bad-time: the two times are the same, which is no time at all

            time.between(11, 12)
            ^^^^^^^^^^^^^^^^^^^^ bad-arguments: `time.between` takes two times of day, in quotes
                                 help: write `time.between("11:30", "13:30")`

            duration('20 minutes') > place.dwell
                     ^^^^^^^^^^^^ bad-duration: `20 minutes` is not a length of time: the unit is unknown
                                  help: units are `h`, `m`, `s` and `ms`: `90s`, `20m`, `1h30m`, `1.5h`

            duration('1d') > place.dwell
                     ^^^^ bad-duration: `1d` is not a length of time: CEL has no days, write hours
                          help: units are `h`, `m`, `s` and `ms`: `90s`, `20m`, `1h30m`, `1.5h`

            duration('1us') > place.dwell
                     ^^^^^ bad-duration: `1us` is not a length of time: it is finer than a millisecond
                           help: units are `h`, `m`, `s` and `ms`: `90s`, `20m`, `1h30m`, `1.5h`

            duration(20) > place.dwell
            ^^^^^^^^^^^^ bad-arguments: `duration` takes one text
                         help: write `duration("20m")`

            int(role) > 1
                ^^^^ wrong-type: `int` takes a number, and this is a role

            double() > 1.0
            ^^^^^^^^ bad-arguments: `double` takes one number

            place.level.name == 'x'
            ^^^^^^^^^^^^^^^^ wrong-type: a whole number has no `.name`

            place.zone.title == 'x'
            ^^^^^^^^^^^^^^^^ unknown-name: unknown fact `place.zone.title`

        "#]],
    );
}
