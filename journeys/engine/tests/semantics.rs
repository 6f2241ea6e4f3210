//! SEMANTICS.md, rule by rule. Each test names its rule; the last one holds that none is forgotten.

#[path = "common/also.rs"]
mod also;
#[path = "common/author.rs"]
mod author;
#[path = "semantics/calls.rs"]
mod calls;
#[path = "semantics/choices.rs"]
mod choices;
#[path = "semantics/clocks.rs"]
mod clocks;
#[path = "semantics/does.rs"]
mod does;
#[path = "semantics/intent.rs"]
mod intent;
#[path = "semantics/kinds.rs"]
mod kinds;
#[path = "semantics/learning.rs"]
mod learning;
#[path = "semantics/mandate.rs"]
mod mandate;
#[path = "semantics/offers.rs"]
mod offers;
#[path = "semantics/order.rs"]
mod order;
#[path = "semantics/past.rs"]
mod past;
#[path = "semantics/picks.rs"]
mod picks;
#[path = "semantics/stage.rs"]
mod stage;
#[path = "semantics/state.rs"]
mod state;
#[path = "semantics/subjects.rs"]
mod subjects;
#[path = "semantics/versions.rs"]
mod versions;
#[path = "semantics/way.rs"]
mod way;

#[test]
fn every_rule_has_a_test_and_every_test_a_rule() {
    let document = include_str!("../SEMANTICS.md");
    let tests = [
        include_str!("semantics/calls.rs"),
        include_str!("semantics/choices.rs"),
        include_str!("semantics/clocks.rs"),
        include_str!("semantics/does.rs"),
        include_str!("semantics/kinds.rs"),
        include_str!("semantics/mandate.rs"),
        include_str!("semantics/past.rs"),
        include_str!("semantics/picks.rs"),
        include_str!("semantics/subjects.rs"),
        include_str!("semantics/way.rs"),
        include_str!("semantics/intent.rs"),
        include_str!("semantics/learning.rs"),
        include_str!("semantics/offers.rs"),
        include_str!("semantics/order.rs"),
        include_str!("semantics/state.rs"),
        include_str!("semantics/versions.rs"),
        include_str!("properties.rs"),
        include_str!("properties/stored.rs"),
        include_str!("../src/timers/tests.rs"),
    ]
    .concat();
    let mut rules: Vec<String> = (document.lines())
        .filter_map(|line| line.strip_prefix("- **")?.split_once("**"))
        .map(|(rule, _)| rule.replace('.', "_"))
        .collect();
    assert!(rules.len() > 30, "the document's form has changed: {rules:?}");
    let mut tested: Vec<String> = (tests.split("fn rule_").skip(1))
        .map(|rest| rest.split('_').take(2).collect::<Vec<_>>().join("_"))
        .collect();
    rules.sort();
    tested.sort();
    tested.dedup();
    assert_eq!(rules, tested);
}
