//! Templates: what they print, and what they refuse.

use expect_test::{Expect, expect};

use crate::Template;
use crate::tests::{drawn, stage};

fn check(text: &str, expected: Expect) {
    let stage = stage();
    expected.assert_eq(&match Template::compile(text, &stage.scope()) {
        Ok(template) => template.render(&stage.env(), &stage.schema),
        Err(problems) => drawn(text, &problems),
    });
}

#[test]
fn values_read_as_people_write_them() {
    check("It rains. Cocoa at {nearest('food').name}?", expect![[r#"It rains. Cocoa at The Cocoa Hut?"#]]);
    check("{place.zone.name} is the {place.zone}", expect!["gate is the gate"]);
    check(
        "{weather.temperature} degrees, {weather.wind} m/s, {distance('food')} m",
        expect!["17.2 degrees, 3 m/s, 120 m"],
    );
    check(
        "stayed {place.dwell}, {duration('20m') + place.dwell}, {duration('2h')}",
        expect!["stayed 1m30s, 21m30s, 2h"],
    );
    check("{duration('1h30m5s')} {-rides} {time.hour} {time.weekday}", expect!["1h30m -4 12 sat"]);
    check("{weather.light} lux, {signal.trains} trains", expect!["? lux, ? trains"]);
    check("{place.outdoor ? 'a roof' : 'a seat'} {{braces}} '}}'", expect!["a roof {braces} '}'"]);
    check(
        "{signal.trains > 1 ? 'many' : 'few'} {role == 'vip' ? nearest('food').name : 'a {stall}'}",
        expect!["? The Cocoa Hut"],
    );
    check("", expect![[""]]);
}

#[test]
fn what_is_wrong_is_told_where_it_stands() {
    check(
        "Cocoa at {nearest('fod').name}, {weather.rian} mm, {place.outdoor}",
        expect![[r#"
            Cocoa at {nearest('fod').name}, {weather.rian} mm, {place.outdoor}
                              ^^^^^ unknown-name: unknown kind of zone `fod`
                                    help: did you mean `food`?
            Cocoa at {nearest('fod').name}, {weather.rian} mm, {place.outdoor}
                                             ^^^^^^^^^^^^ unknown-name: unknown fact `weather.rian`
                                                          help: did you mean `weather.rain`?
            Cocoa at {nearest('fod').name}, {weather.rian} mm, {place.outdoor}
                                                                ^^^^^^^^^^^^^ wrong-type: a truth has no words
                                                                              help: choose between texts: `{place.outdoor ? 'outside' : 'inside'}`
        "#]],
    );
    check(
        "Grüße, {role.nam} }",
        expect![[r#"
        Grüße, {role.nam} }
                ^^^^^^^^ unknown-name: unknown fact `role.nam`
        Grüße, {role.nam} }
                          ^ syntax: this `}` closes nothing
                            help: write `}}` for a brace in the text
    "#]],
    );
    check(
        "open {role",
        expect![[r#"
        open {role
             ^ syntax: this `{` is never closed
               help: write `{{` for a brace in the text
    "#]],
    );
    check(
        "{}",
        expect![[r#"
        {}
         ^ syntax: expected an expression, found nothing
    "#]],
    );
    check(
        "{place.level.name} {'a' == 'b' ? 'x' : 'y'}",
        expect![[r#"
            {place.level.name} {'a' == 'b' ? 'x' : 'y'}
             ^^^^^^^^^^^^^^^^ wrong-type: a whole number has no `.name`
        "#]],
    );
}

#[test]
fn a_template_says_what_it_reads() {
    let stage = stage();
    let text = "{weather.light > 1.0 ? nearest('food').name : role} {weather.light}";
    let problems = Template::compile(text, &stage.scope()).expect_err("a name is not text");
    assert_eq!(problems.len(), 1);
    let text = "{weather.light > 1.0 ? nearest('food').name : role.name} {weather.light}";
    let template = Template::compile(text, &stage.scope()).expect("the template is right");
    let paths = template.reads().iter().filter_map(|slot| stage.schema.at(*slot));
    let paths: Vec<&str> = paths.map(|fact| fact.path.as_str()).collect();
    assert_eq!(paths, ["role", "weather.light", "nearest.food"]);
}
