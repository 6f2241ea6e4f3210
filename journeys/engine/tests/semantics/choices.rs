//! Rules 3 and 4: choices and taking them.

use crate::author::{Does, after, journey, page, when};
use crate::stage::{A, AB, B, Facts, HOUR, NONE, Stage, schema};
use turnpage_journeys_engine::{ChoiceDef, Limit, On, Outcome, Triggers, Value, VariableDef};
use turnpage_journeys_expr::Type;

fn anything() -> ChoiceDef {
    ChoiceDef::default()
}

#[test]
fn rule_3_1_the_first_open_choice_is_taken_and_only_that() {
    let choices = vec![when("b").offers("x"), when("a").offers("y"), anything().offers("x")];
    let mut stage = Stage::new(&[journey("j", &["x", "y"], vec![page("p", choices)])]);
    stage.see(0, NONE);
    assert_eq!(stage.see(1, AB), "@1: offers x");
    assert_eq!(stage.see(2, A), "@2: offers y");
    assert_eq!(stage.see(3, NONE), "@3: offers x");
}

#[test]
fn rule_3_1_many_guards_open_as_few_do() {
    // More conditions than a word of them has bits: on one page, in one guard, and in `admit`.
    let name = |nth| if nth % 2 == 0 { "x" } else { "y" };
    let among = |nth| when(&format!("rain >= {nth}.0 && rain < {}.0", nth + 1)).offers(name(nth));
    let mut many = journey("j", &["x", "y"], vec![page("p", (0..120).map(among).collect())]);
    let joined = |terms: Vec<String>| terms.join(" && ");
    many.admit = Some(joined((0..12).map(|nth| format!("rain != {nth}.5")).collect()).as_str().into());
    let long = joined((0..60).map(|nth| format!("rain > {nth}.0")).collect());
    let long = journey("k", &["z"], vec![page("q", vec![when(&long).offers("z")])]);
    let mut stage = Stage::new(&[many, long]);
    for nth in 0..120_i64 {
        let told = stage.see(2 * nth, Facts { rain: nth as f64 + 0.25, ..NONE });
        let offered = ["x", "y", "z"].map(|offer| told.contains(&format!("offers {offer}")));
        assert_eq!(offered, [nth % 2 == 0, nth % 2 == 1, nth >= 59], "{told}");
        let told = stage.see(2 * nth + 1, Facts { rain: nth as f64 + 0.5, ..NONE });
        assert_eq!(told.contains("offers x") || told.contains("offers y"), nth >= 12, "{told}");
    }
}

#[test]
fn rule_3_2_trigger_guard_and_limit_open_a_choice() {
    let on = [On::Sighting, On::Enter, On::Exit, On::Weather, On::Signal];
    let triggers = [Triggers::SIGHTING, Triggers::ENTER, Triggers::EXIT, Triggers::WEATHER, Triggers::SIGNAL];
    for (nth, on) in on.iter().enumerate() {
        let choices = vec![when("a").on(on.clone()).offers("x"), when("b").offers("y")];
        let mut stage = Stage::new(&[journey("j", &["x", "y"], vec![page("p", choices)])]);
        stage.see(0, NONE);
        for (other, trigger) in triggers.iter().enumerate() {
            let expected = if other == nth { "@1: offers x" } else { "@1: offers y" };
            assert_eq!(stage.event("ada", 1, *trigger, AB), expected, "{on:?} at {trigger:?}");
        }
        let all = triggers.into_iter().fold(Triggers::NONE, Triggers::with);
        assert_eq!(stage.event("ada", 2, all, A), "@2: offers x");
        assert_eq!(stage.event("ada", 3, all, Facts::default()), "", "unknown does not hold");
        assert_eq!(
            stage.event("ada", 4, Triggers::NONE, B),
            "@4: offers y",
            "without `on` any event will do"
        );
    }
}

#[test]
fn rule_3_3_a_limit_that_closes_a_choice_is_told_and_the_next_is_looked_at() {
    let choices = vec![when("a").offers("x"), when("a").offers("y")];
    let mut def = journey("j", &["x", "y"], vec![page("p", choices)]);
    def.offers[0].limit = Some(Limit::PerDay { count: 1 }.into());
    let mut stage = Stage::new(&[def]);
    assert_eq!(stage.see(0, A), "@0: j begins on p, offers x");
    assert_eq!(stage.see(1, A), "@1: keeps x back, offers y");
    assert_eq!(stage.see(2, NONE), "", "a guard that is closed says nothing about limits");
}

#[test]
fn rule_3_4_a_page_does_not_see_the_event_that_led_there() {
    let pages = vec![page("p", vec![when("a").turns("q")]), page("q", vec![when("a").turns("p")])];
    let mut stage = Stage::new(&[journey("j", &[], pages)]);
    assert_eq!(stage.see(0, A), "@0: j begins on p, p -0-> q");
    assert_eq!(stage.see(1, A), "@1: q -0-> p");
}

#[test]
fn rule_3_7_a_named_signal_is_waited_for_wherever_it_stands() {
    let waits = ChoiceDef::default().on(On::SignalOf("parking".to_owned())).turns("p");
    let mut def = journey("j", &[], vec![page("p", vec![waits])]);
    for way in [None, Some("a".into())] {
        def.pages[0].way = way;
        let library = Stage::new(&[def.clone()]).engine.library().clone();
        let asks =
            |path| library.waits_for(Triggers::signal(schema().slot(path).expect("a fact of the stage")));
        assert!(asks("signal.parking") && !asks("signal.queue"));
    }
}

#[test]
fn rule_4_1_outcome_offer_variables_turn() {
    let all = when("a").turns("q").sets("n", "7").offers("x").records("x", Outcome::Declined);
    let mut def = journey("j", &["x"], vec![page("p", vec![when("b").offers("x"), all]), page("q", vec![])]);
    def.variables.push(VariableDef { name: "n".into(), of: Type::Int.into(), initial: Some("0".into()) });
    let mut stage = Stage::new(&[def]);
    stage.see(0, B);
    assert_eq!(stage.see(1, A), "@1: x declined, offers x, p -1-> q");
    assert_eq!(stage.variable(0), Value::Int(7));
}

#[test]
fn rule_4_2_variables_are_set_from_their_values_before() {
    let swap = when("a").sets("n", "m").sets("m", "n").sets("k", "b ? k : n + m");
    let mut def = journey("j", &[], vec![page("p", vec![swap])]);
    for (name, initial) in [("n", "1"), ("m", "2"), ("k", "0")] {
        def.variables.push(VariableDef {
            name: name.into(),
            of: Type::Int.into(),
            initial: Some(initial.into()),
        });
    }
    let mut stage = Stage::new(&[def]);
    stage.see(0, A);
    let values = |stage: &mut Stage| [0, 1, 2].map(|nth| stage.variable(nth));
    assert_eq!(values(&mut stage), [Value::Int(2), Value::Int(1), Value::Int(3)]);
    stage.see(1, Facts { a: Some(true), b: None, rain: 0.0 });
    assert_eq!(values(&mut stage), [Value::Int(1), Value::Int(2), Value::Unknown], "unknown is a value");
}

#[test]
fn rule_4_3_a_choice_that_stays_leaves_timers_alone() {
    let choices = vec![when("a").offers("x"), after(HOUR).offers("y")];
    let mut stage = Stage::new(&[journey("j", &["x", "y"], vec![page("p", choices)])]);
    stage.see(0, NONE);
    assert_eq!(stage.see(10, A), "@10: offers x");
    assert_eq!(stage.see(2 * HOUR, A), "@3600000: offers y; @7200000: offers x");
    assert_eq!(stage.until(9 * HOUR), "");
}

#[test]
fn rule_4_4_turning_to_the_same_page_enters_it_again() {
    let choices = vec![when("a").turns("p"), after(HOUR).offers("x")];
    let mut stage = Stage::new(&[journey("j", &["x"], vec![page("p", choices)])]);
    stage.see(0, NONE);
    assert_eq!(stage.see(10, A), "@10: p -0-> p");
    assert_eq!(stage.see(HOUR + 5, NONE), "");
    assert_eq!(stage.see(HOUR + 15, NONE), "@3600010: offers x");
    assert_eq!(stage.see(2 * HOUR, A), "@7200000: p -0-> p");
    assert_eq!(stage.until(9 * HOUR), "@10800000: offers x");
}

#[test]
fn rule_4_5_no_two_offers_share_an_id_and_a_replay_finds_the_same() {
    let def = |name| journey(name, &["x"], vec![page("p", vec![when("a").offers("x")])]);
    let run = |seed_journey: &'static str| {
        let mut stage = Stage::new(&[def(seed_journey)]);
        // Two of one instant, one later.
        [stage.made(5, A), stage.made(5, A), stage.made(6, A)]
    };
    let ids = run("j");
    assert_eq!(ids, run("j"));
    let mut all: Vec<_> = ids.into_iter().chain(run("k")).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 6);
}
