//! Lists, sets and macros: what they are worth, and what they cost.

use expect_test::{Expect, expect};

use crate::tests::{drawn, stage};
use crate::{Symbol, Type, Value};

fn check(guards: &[&str], expected: Expect) {
    let mut stage = stage();
    let role = stage.schema.domain_id("role").expect("there are roles");
    stage.schema.fact("party.roles", Type::Set(role)).expect("there is room");
    stage.schema.fact("party.absent", Type::Set(role)).expect("there is room");
    stage.facts.extend([Value::set([Symbol(0), Symbol(1)]), Value::Unknown]);
    let mut table = String::new();
    for text in guards {
        let value = match stage.guard(text) {
            Ok(program) => program.holds(&stage.env()).map_or("unknown".into(), |truth| truth.to_string()),
            Err(problems) => drawn(text, &problems),
        };
        table += &format!("{text:<60} {value}\n");
    }
    expected.assert_eq(&table);
}

#[test]
fn lists() {
    check(
        &[
            "[1, 2] == [1, 2] && [1, 2] != [2, 1] && [] == [] && [1] != []",
            "[1, rides] == [1, 4]",
            "[1, signal.trains] == [2, 1]",
            "[[1], []] == [[1], []]",
            "[7, 8, rides][2] == 4",
            "[7, signal.trains][0] == 7",
            "[1] + [rides] == [1, 4]",
            "size([1, 2, 3]) == 3 && [].size() == 0",
            "size([signal.trains]) == 1",
            "role in ['guest'] + ['vip']",
            "weather.rain in [0.5, 1]",
            "'alpha' in ['alpha', 'beta']",
            "'vip' in [role]",
            "[1, 2] in [[1, 2], [3]]",
            "dyn(1) == 1.0",
        ],
        expect![[r#"
            [1, 2] == [1, 2] && [1, 2] != [2, 1] && [] == [] && [1] != [] true
            [1, rides] == [1, 4]                                         true
            [1, signal.trains] == [2, 1]                                 unknown
            [[1], []] == [[1], []]                                       true
            [7, 8, rides][2] == 4                                        true
            [7, signal.trains][0] == 7                                   unknown
            [1] + [rides] == [1, 4]                                      true
            size([1, 2, 3]) == 3 && [].size() == 0                       true
            size([signal.trains]) == 1                                   unknown
            role in ['guest'] + ['vip']                                  true
            weather.rain in [0.5, 1]                                     true
            'alpha' in ['alpha', 'beta']                                 true
            'vip' in [role]                                              true
            [1, 2] in [[1, 2], [3]]                                      true
            dyn(1) == 1.0                                                true
        "#]],
    );
}

#[test]
fn macros() {
    check(
        &[
            "[1, 2, 3].exists(e, e == rides - 1)",
            "[1, 2, 3].all(e, 6 / (2 - e) == 6)",
            "[1, 2, 3].all(e, 6 / (2 - e) > -9)",
            "[1, 2].exists(e, e / (e - 1) == 2)",
            "[1, 2].exists_one(e, e / (e - 1) == 2)",
            "['guest', 'vip'].exists(r, role == r)",
            "[0.5, 1].exists(x, weather.rain >= x)",
            "[20, 30].exists(x, x < place.queue)",
            "[place.zone, nearest('food')].exists(z, z == 'cocoa-hut')",
            "size([1, 2, 3, rides].filter(x, x > 2)) == 2",
            "[1, 2, 3].filter(x, x > 1) == [2, 3]",
            "[1, 2, 3].map(x, x * rides) == [4, 8, 12]",
            "[0, 2].map(x, x != 0, 6 / x) == [3]",
            "4 in [1, 2].map(x, x + x)",
            "size([1, 2].filter(x, x > signal.trains)) >= 0",
            "[1, signal.trains].exists(x, x == 1)",
            "[1, 2].exists(x, [x, 3].all(y, y > x - 1 && y > 1))",
            "[1, 2].exists(x, [3].exists(x, x == 3))",
            "[5, 7, 8].existsOne(i, v, v % 5 == i)",
            "[].all(x, x.wrong > 1)",
            "[1, 2].exists(role, role == 2)",
            "[rides, 2].filter(x, x > 3).map(x, x + 1).exists(x, x == 5)",
        ],
        expect![[r#"
            [1, 2, 3].exists(e, e == rides - 1)                          true
            [1, 2, 3].all(e, 6 / (2 - e) == 6)                           false
            [1, 2, 3].all(e, 6 / (2 - e) > -9)                           unknown
            [1, 2].exists(e, e / (e - 1) == 2)                           true
            [1, 2].exists_one(e, e / (e - 1) == 2)                       unknown
            ['guest', 'vip'].exists(r, role == r)                        true
            [0.5, 1].exists(x, weather.rain >= x)                        true
            [20, 30].exists(x, x < place.queue)                          true
            [place.zone, nearest('food')].exists(z, z == 'cocoa-hut')    true
            size([1, 2, 3, rides].filter(x, x > 2)) == 2                 true
            [1, 2, 3].filter(x, x > 1) == [2, 3]                         true
            [1, 2, 3].map(x, x * rides) == [4, 8, 12]                    true
            [0, 2].map(x, x != 0, 6 / x) == [3]                          true
            4 in [1, 2].map(x, x + x)                                    true
            size([1, 2].filter(x, x > signal.trains)) >= 0               unknown
            [1, signal.trains].exists(x, x == 1)                         unknown
            [1, 2].exists(x, [x, 3].all(y, y > x - 1 && y > 1))          true
            [1, 2].exists(x, [3].exists(x, x == 3))                      true
            [5, 7, 8].existsOne(i, v, v % 5 == i)                        true
            [].all(x, x.wrong > 1)                                       true
            [1, 2].exists(role, role == 2)                               true
            [rides, 2].filter(x, x > 3).map(x, x + 1).exists(x, x == 5)  true
        "#]],
    );
}

#[test]
fn sets() {
    check(
        &[
            "size(party.roles) == 2 && party.roles.size() == 2",
            "party.roles.exists(r, r == 'vip')",
            "party.roles.all(r, r in ['guest', 'vip'])",
            "party.roles.exists_one(r, r == 'guest')",
            "party.roles.exists(r, r == role)",
            "size(party.roles.filter(r, r != 'guest')) == 1",
            "size(party.absent) == 0",
            "party.absent.all(r, true)",
            "party.absent.exists(r, true) && false",
        ],
        expect![[r#"
            size(party.roles) == 2 && party.roles.size() == 2            true
            party.roles.exists(r, r == 'vip')                            true
            party.roles.all(r, r in ['guest', 'vip'])                    true
            party.roles.exists_one(r, r == 'guest')                      true
            party.roles.exists(r, r == role)                             true
            size(party.roles.filter(r, r != 'guest')) == 1               true
            size(party.absent) == 0                                      unknown
            party.absent.all(r, true)                                    unknown
            party.absent.exists(r, true) && false                        false
        "#]],
    );
}

#[test]
fn text() {
    check(
        &[
            "'a' < 'b' && 'abc' >= 'abb' && 'a' + 'b' == 'ab'",
            "size('παρκ') == 4 && 'foobar'.startsWith('foo') && 'foobar'.endsWith('bar') && 'foobar'.contains('ob')",
            "string(12) == '12' && string(true) == 'true' && string(1.5) == '1.5'",
            "int('42') == 42 && double('1.5e2') == 150.0 && bool('true')",
            "int('many') == 1",
            "duration('90m').getHours() == 1 && duration('90m').getMinutes() == 90",
            "place.dwell.getSeconds() == 90 && duration('-1500ms').getMilliseconds() == -500",
            "string(duration('1500ms')) == '1.5s'",
        ],
        expect![[r#"
            'a' < 'b' && 'abc' >= 'abb' && 'a' + 'b' == 'ab'             true
            size('παρκ') == 4 && 'foobar'.startsWith('foo') && 'foobar'.endsWith('bar') && 'foobar'.contains('ob') true
            string(12) == '12' && string(true) == 'true' && string(1.5) == '1.5' true
            int('42') == 42 && double('1.5e2') == 150.0 && bool('true')  true
            int('many') == 1                                             unknown
            duration('90m').getHours() == 1 && duration('90m').getMinutes() == 90 true
            place.dwell.getSeconds() == 90 && duration('-1500ms').getMilliseconds() == -500 true
            string(duration('1500ms')) == '1.5s'                         true
        "#]],
    );
}

#[test]
fn what_is_refused() {
    check(
        &[
            "[1, 2]",
            "[1] == 1",
            "[1] < [2]",
            "[1, 2][rides] == 1",
            "[1, 2][2] == 1",
            "[1, rides].filter(x, x > 1) == [4]",
            "[1, 2].exists(x)",
            "[1, 2].exists(1, true)",
            "[1, 2].exists(x, x)",
            "[1, 2].exists(x, x == 'vip')",
            "[1, 2].exists(x, nothing > x)",
            "[].exists(x, nothing > x)",
            "role.exists(x, true)",
            "has(x.y) && [1].all(x, has(x.y))",
            "(place.outdoor ? [1] : [2]) == [1]",
            "role.startsWith('v')",
            "[1, 2].all(a, [1, 2].all(b, [1, 2].all(c, [1, 2].all(d, [1, 2].all(e, [1, 2].all(f, [1, 2].all(g, [1, 2].all(h, [1, 2].all(i, [1, 2].all(j, [1, 2].all(k, a > k)))))))))))",
        ],
        expect![[r#"
            [1, 2]                                                       [1, 2]
            ^^^^^^ outside-subset: a list is no value of its own here
                   help: ask something about it: `role in ["guest", "vip"]`, `size(..) > 1`, `.exists(..)`

            [1] == 1                                                     [1] == 1
            ^^^^^^^^ wrong-type: a list is not compared with what is none

            [1] < [2]                                                    [1] < [2]
            ^^^^^^^^^ wrong-type: `<` needs an order, and lists have none

            [1, 2][rides] == 1                                           [1, 2][rides] == 1
                   ^^^^^ outside-subset: the index of a list is a constant whole number here

            [1, 2][2] == 1                                               [1, 2][2] == 1
            ^^^^^^^^^ out-of-range: this list has no element 2
                      help: the first element is `[0]`

            [1, rides].filter(x, x > 1) == [4]                           [1, rides].filter(x, x > 1) == [4]
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ outside-subset: how long this list is shows only when it runs, so it cannot be compared
                                               help: ask `size(..)`, `in`, `exists` or `all` of it

            [1, 2].exists(x)                                             [1, 2].exists(x)
            ^^^^^^^^^^^^^^^^ bad-arguments: `exists` takes a name and what is asked of it
                             help: write `.exists(x, x > 1)`

            [1, 2].exists(1, true)                                       [1, 2].exists(1, true)
                          ^ bad-arguments: a macro gives each element a simple name
                            help: write `.exists(x, x > 1)`

            [1, 2].exists(x, x)                                          [1, 2].exists(x, x)
                             ^ wrong-type: `exists` takes truths, and this is a whole number
                               help: compare it with something

            [1, 2].exists(x, x == 'vip')                                 [1, 2].exists(x, x == 'vip')
                             ^^^^^^^^^^ wrong-type: a whole number is not compared with text

            [1, 2].exists(x, nothing > x)                                [1, 2].exists(x, nothing > x)
                             ^^^^^^^ unknown-name: unknown fact `nothing`

            [].exists(x, nothing > x)                                    [].exists(x, nothing > x)
                         ^^^^^^^ unknown-name: unknown fact `nothing`

            role.exists(x, true)                                         role.exists(x, true)
            ^^^^ wrong-type: expected a list or a set, found a role

            has(x.y) && [1].all(x, has(x.y))                             has(x.y) && [1].all(x, has(x.y))
            ^^^^^^^^ unknown-name: unknown fact `x.y`
            has(x.y) && [1].all(x, has(x.y))
                                   ^^^^^^^^ bad-has: `x` is an element of a list here, which has no fields

            (place.outdoor ? [1] : [2]) == [1]                           (place.outdoor ? [1] : [2]) == [1]
             ^^^^^^^^^^^^^^^^^^^^^^^^^ outside-subset: `?:` chooses between values, not between lists
                                       help: put the `?:` inside of the list

            role.startsWith('v')                                         role.startsWith('v')
            ^^^^ outside-subset: `startsWith` is asked of text in quotes alone, and this is a role
                 help: a name is compared as a whole: `role == "guest"`

            [1, 2].all(a, [1, 2].all(b, [1, 2].all(c, [1, 2].all(d, [1, 2].all(e, [1, 2].all(f, [1, 2].all(g, [1, 2].all(h, [1, 2].all(i, [1, 2].all(j, [1, 2].all(k, a > k))))))))))) [1, 2].all(a, [1, 2].all(b, [1, 2].all(c, [1, 2].all(d, [1, 2].all(e, [1, 2].all(f, [1, 2].all(g, [1, 2].all(h, [1, 2].all(i, [1, 2].all(j, [1, 2].all(k, a > k)))))))))))
                                                                                                                                                        ^^^^^^^^^^^^^^^^^^^^ too-costly: the condition of `all` runs 2048 times; at most 1024 are allowed
                                                                                                                                                                             help: nest fewer macros, or use shorter lists

        "#]],
    );
}
