//! What a declaration may not say, and how it is told.

use expect_test::{Expect, expect};

use super::{declare, told, venue};
use crate::{Bindkeys, Declared, READY};

fn check(text: &str, expected: &Expect) {
    let problems = declare(text, Bindkeys::default()).map(|_| Vec::new()).unwrap_or_else(|problems| problems);
    expected.assert_eq(&told(text, &problems));
}

#[test]
fn expressions_name_what_exists() {
    check(
        r#"
name: tills
topics: till/+/queue
let: { till: 'matched[0]' }
map:
  - when: paylod.open && matched[1] == "x"
    each: payload.lists
    at: { second: payload.t }
    signal: { name: door, value: { minuets: item.wait } }
  - signal: { name: '"wait-" + til', value: { minutes: item.wait.tims(2) } }
  - signal: { name: '"wait"', value: { minutes: 'payload.wait =' } }
  - weather: { zone: '"gate"', temperature: { percent: payload.t }, umidity: { percent: 1 } }
  - sighting: { subject: size(), zone: '"gate"', point: { lon: 1, lat: 2 } }
  - sighting: { subject: payload.id, receiver: '"kitchen"', heard: { volume: 1 } }
  - { when: 'payload.list.exists(1, true)', weather: { zone: gate }, signal: {} }
"#,
        &expect![[r#"
            unknown-name at `paylod`: unknown name `paylod` (did you mean `payload`?)
            no-wildcard at `1`: the topic filter has one wildcard, `matched[0]`
            unknown-word at `second`: unknown word `second` (did you mean `seconds`?)
            unknown-name at `door`: unknown name `door` (for the text, write it in quotes: `'"door"'`)
            unknown-word at `minuets`: unknown word `minuets` (did you mean `minutes`?)
            unknown-name at `til`: unknown name `til` (did you mean `till`?)
            unknown-name at `item`: unknown name `item` (for the text, write it in quotes: `'"item"'`)
            unknown-function at `item.wait.tims(2)`: unknown function `tims`
            syntax at `=`: `=` does not compare (did you mean `==`?)
            syntax at ``: expected a value after `=`
            unknown-word at `percent`: unknown word `percent` (write one of: celsius, fahrenheit, kelvin)
            unknown-key at `umidity`: unknown key `umidity` (did you mean `humidity`?)
            wrong-call at `size()`: `size` is called in another way (write `size(payload.list)`)
            wrong-place at `subject`: it says one place (write one of: zone, point, receiver)
            missing-key at `{ volume: 1 }`: a receiver says `dbm`, `metres`, or both
            unknown-key at `volume`: unknown key `volume` (keys that can stand here: dbm, at_one_metre, metres)
            wrong-call at `1`: the first argument names each item in turn, such as `x`
            wrong-rule at `when`: a rule says one thing (write one of: sighting, weather, signal, outcome, feedback, profile)
        "#]],
    );
}

#[test]
fn what_the_venue_does_not_have_is_told_with_a_suggestion() {
    check(
        r#"
name: tills
topics: till/+
role: gest
map:
  - signal: { name: '"parkin"', value: { percent: payload.used } }
  - signal: { name: '"parking"', value: { minutes: payload.used } }
  - signal: { name: '"door"', value: { declared: payload.used } }
"#,
        &expect![[r#"
            unknown-role at `gest`: source `tills`: the venue has no role `gest` (did you mean `guest`?)
            unknown-signal at `'"parkin"'`: source `tills`: the venue has no signal `parkin` (did you mean `parking`?)
            wrong-unit at `'"parking"'`: the venue's signal `parking` is in percent, and this is not
        "#]],
    );
}

#[test]
fn the_frame_of_a_declaration_is_checked() {
    check(
        "{ use: owntrack }",
        &expect![[r#"
        unknown-word at `owntrack`: unknown word `owntrack` (did you mean `owntracks`?)
    "#]],
    );
    check(
        "{ topics: a/+ }",
        &expect![[r#"
        missing-key at `topics`: a source has `topics` and `map`, or `use` for a ready-made one (ready-made are: owntracks, espresense, openmqttgateway, bthome, zigbee2mqtt, tasmota, homeassistant, json)
        missing-key at `topics`: missing key `name`
    "#]],
    );
    check(
        "{ name: '', topics: a/#/b, map: [] }",
        &expect![[r#"
        bad-filter at `a/#/b`: `a/#/b` is not a topic filter: its wildcard is not alone in its level, or `#` is not the last level
        bad-name at `''`: a source's name has 1 to 64 bytes on one line
    "#]],
    );
    check(
        "{ use: zigbee2mqtt, topics: hall, map: [] }",
        &expect![[r#"
            both at `map`: `map` and `use` do not go together (copy the ready-made declaration and change the copy, or leave `use` out)
            no-wildcard at `hall`: `zigbee2mqtt` reads more wildcards than this filter has (its own is `zigbee2mqtt/+`)
        "#]],
    );
    check(
        "{ use: zigbee2mqtt, tables: { zone: { a: b } }, identity: dayly }",
        &expect![[r#"
        unknown-word at `dayly`: unknown word `dayly` (did you mean `daily`?)
        unknown-key at `zone`: `zigbee2mqtt` has no table `zone` (did you mean `zones`?)
    "#]],
    );
    check(
        "{ name: x, topics: 'turnpage/#', map: [] }",
        &expect![[r#"
        bad-filter at `'turnpage/#'`: `turnpage/#` would take the gateway's own topics, which begin with `turnpage/v1`
    "#]],
    );
    check(
        "{ name: x, topics: '#', map: [] }",
        &expect![[r#"
        bad-filter at `'#'`: `#` would take the gateway's own topics, which begin with `turnpage/v1`
    "#]],
    );
    check(
        "{ name: x, topics: a, tables: { payload: {} }, let: { item: '1' }, map: [] }",
        &expect![[r#"
        taken-name at `payload`: `payload` is something else already
        taken-name at `item`: `item` is something else already
    "#]],
    );
}

#[test]
fn ids_need_a_secret_to_hide_them() {
    let text = "{ use: owntracks }";
    let declared = Declared::of(text).unwrap();
    let problems = declared.resolve(&venue(), None, Bindkeys::default()).unwrap_err();
    expect![[r#"
        missing-secret at `use`: source `owntracks` names subjects by ids of devices (give the configuration the venue's `secret`, under which they become pseudonyms; or write `identity: given` where they are pseudonyms already)
    "#]].assert_eq(&told(text, &problems));
    assert!(declare("{ use: owntracks, identity: given }", Bindkeys::default()).is_ok());
}

/// Each ready-made declaration is one that an operator could have written.
#[test]
fn ready_made_declarations_are_sound() {
    for ready in &READY {
        let text = format!("name: {}\n{}", ready.name, ready.text);
        let problems =
            declare(&text, Bindkeys::default()).map(|_| Vec::new()).unwrap_or_else(|problems| problems);
        assert!(problems.is_empty(), "{}:\n{}", ready.name, told(&text, &problems));
        assert!(declare(&format!("use: {}", ready.name), Bindkeys::default()).is_ok(), "{}", ready.name);
    }
}
