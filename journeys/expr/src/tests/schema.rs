//! The schema's own promises: stable slots, growing domains, bounds.

use crate::{Schema, Type, closest};

#[test]
fn a_zone_met_at_run_time_disturbs_nothing() {
    let mut schema = Schema::new();
    let zone = schema.domain("zone", ["gate", "hut"]);
    let gate = schema.symbol(zone, "gate");
    let new = schema.intern(zone, "pop-up stage");
    assert_eq!(schema.symbol(zone, "gate"), gate);
    assert_eq!(schema.intern(zone, "pop-up stage"), new);
    assert_eq!(schema.name(zone, new), Some("pop-up stage"));
    assert_eq!(schema.title(zone, new), Some("pop-up stage"));
    assert_eq!(schema.members(zone).collect::<Vec<_>>(), ["gate", "hut", "pop-up stage"]);
}

#[test]
fn a_fact_declared_twice_keeps_its_slot() {
    let mut schema = Schema::new();
    let first = schema.fact("signal.fuel", Type::Double).expect("there is room");
    schema.fact("role", Type::Bool).expect("there is room");
    assert_eq!(schema.fact("signal.fuel", Type::Int), Some(first));
    assert_eq!(schema.at(first).map(|fact| fact.ty), Some(Type::Int));
    assert_eq!(schema.len(), 2);
}

#[test]
fn facts_and_domains_are_bounded() {
    let mut schema = Schema::new();
    for index in 0..Schema::FACTS_MAX {
        assert!(schema.fact(&format!("signal.{index}"), Type::Int).is_some());
    }
    assert_eq!(schema.fact("one.more", Type::Int), None);
    for index in 0..2 * Schema::DOMAINS_MAX {
        schema.domain(&format!("domain {index}"), []);
    }
    assert_eq!(schema.domain_id("weekday"), Some(Schema::WEEKDAY));
    assert_eq!(schema.domain_id(&format!("domain {}", Schema::DOMAINS_MAX)), None);
}

#[test]
fn an_editor_finds_names_and_what_they_are() {
    let schema = crate::tests::stage().schema;
    let under = |prefix| schema.complete(prefix).into_iter().map(|name| name.text).collect::<Vec<_>>();
    assert_eq!(under("place.o"), ["place.outdoor"]);
    assert_eq!(under("sig"), ["signal[\"fuel-level\"]", "signal[\"trains\"]"]);
    assert_eq!(under("near"), ["nearest(\"food\")"]);
    assert_eq!(under("time.h"), ["time.hour"]);
    assert_eq!(under("nothing"), [""; 0]);
    let describe = |name| schema.describe(name);
    assert_eq!(describe("weather.rain").as_deref(), Some("a quantity in mm/h"));
    assert_eq!(describe("role").as_deref(), Some("a role: `guest`, `vip`, `staff`"));
    assert_eq!(describe("nearest(\"food\")"), describe("nearest.food"));
    assert_eq!(describe("time.local").as_deref(), Some("a time of day, compared with `\"11:30\"`"));
    assert_eq!(describe("nothing"), None);
}

#[test]
fn suggestions_are_near_or_absent() {
    let words = ["guest", "vip", "staff", "place.outdoor"];
    let suggested = |word| closest(word, words);
    assert_eq!(suggested("gest"), Some("guest"));
    assert_eq!(suggested("GUEST"), Some("guest"));
    assert_eq!(suggested("place.outdor"), Some("place.outdoor"));
    assert_eq!(suggested("vpi"), Some("vip"));
    assert_eq!(suggested("driver"), None);
    assert_eq!(suggested("x"), None);
    assert_eq!(suggested(""), None);
}
