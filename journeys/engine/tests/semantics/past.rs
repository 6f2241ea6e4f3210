//! Rule 12: what an instance keeps of its own past; and rule 9.4, variables that hold names.

use crate::author::{Does, journey, page, when};
use crate::stage::{A, AB, B, DAY, HOUR, NONE, Stage, compiled, schema};
use turnpage_journeys_engine::{
    Definition, JourneyIx, Outcome, Spanned, TypeDef, Value, VariableDef, WordingDef, compile,
};
use turnpage_journeys_expr::{Env, LocalTime, Schema, Timestamp, Type};

/// Two pages to and fro; `x` is made on `p` with every `a`, and `y` says what a question of the past finds.
fn asking(question: &str) -> Definition {
    let choices =
        vec![when("a && b").turns("q"), when("a").offers("x"), when(&format!("b && {question}")).offers("y")];
    journey("j", &["x", "y"], vec![page("p", choices), page("q", vec![when("b").turns("p")])])
}

#[test]
fn rule_12_1_only_what_is_asked_is_kept_and_from_the_beginning_of_the_instance() {
    let mut stage = Stage::new(&[journey("j", &["x"], vec![page("p", vec![when("a").offers("x")])])]);
    stage.see(0, A);
    let ada = stage.who("ada");
    assert_eq!(stage.engine.variables(ada, JourneyIx(0)), [], "nobody asks");
    let mut stage = Stage::new(&[asking("history.count(\"x\") == 2")]);
    assert_eq!(stage.see(0, A), "@0: j begins on p, offers x");
    assert_eq!(stage.see(1, B), "");
    stage.see(2, A);
    assert_eq!(stage.see(3, B), "@3: offers y");
    let mut later = stage.moved_to(&[asking("history.count(\"x\") == 2 && history.visits(\"q\") == 1")]);
    assert_eq!(later.see(4, AB), "@4: p -0-> q");
    later.see(5, B);
    assert_eq!(later.see(6, B), "@6: offers y", "counts go on, and what is new is answered from now on");
    stage.stop("ada", 7);
    stage.see(8, A);
    assert_eq!(stage.see(9, B), "", "another instance, another past");
}

#[test]
fn rule_12_2_visits_count_enterings() {
    let mut stage = Stage::new(&[asking("history.visits(\"p\") == 2")]);
    stage.see(0, NONE);
    assert_eq!(stage.see(1, B), "");
    stage.see(2, AB);
    assert_eq!(stage.see(3, B), "@3: q -0-> p");
    assert_eq!(stage.see(4, B), "@4: offers y");
}

#[test]
fn rule_12_3_offers_and_outcomes_are_counted_apart() {
    let mut stage = Stage::new(&[asking("history.count(\"x.accepted\") == 1 && history.count(\"x\") == 2")]);
    let first = stage.made(0, A);
    assert_eq!(stage.outcome(1, first, Outcome::Accepted), "@1: x accepted");
    assert_eq!(stage.outcome(2, first, Outcome::Accepted), "", "it stands no more");
    assert_eq!(stage.see(3, B), "");
    stage.see(4, A);
    assert_eq!(stage.see(5, B), "@5: offers y");
    // An outcome that leaves the offer standing is counted as well.
    let mut stage = Stage::new(&[asking("history.since(\"x.seen\") >= duration(\"1h\")")]);
    let id = stage.made(0, A);
    assert_eq!(stage.see(HOUR, B), "", "never seen");
    stage.outcome(HOUR, id, Outcome::Seen);
    assert_eq!(stage.see(2 * HOUR - 1, B), "");
    assert_eq!(stage.see(2 * HOUR, B), "@7200000: offers y");
}

#[test]
fn rule_12_4_today_is_the_venues_date() {
    let mut stage =
        Stage::new(&[asking("history.today(\"x\") == 2 && history.since(\"x\") < duration(\"24h\")")]);
    stage.see(0, A);
    stage.see(1, A);
    assert_eq!(stage.see(2, B), "@2: offers y");
    // The clock shows midnight an hour before UTC does.
    assert_eq!(stage.see(DAY - HOUR - 1, B), "@82799999: offers y");
    assert_eq!(stage.see(DAY - HOUR, B), "");
    stage.see(DAY, A);
    stage.see(DAY + 1, A);
    assert_eq!(stage.see(DAY + 2, B), "@86400002: offers y");
    let mut late =
        stage.moved_to(&[asking("history.today(\"x\") == 3 && history.since(\"x\") < duration(\"1h\")")]);
    late.late("ada", 5, turnpage_journeys_engine::Triggers::SIGHTING, A);
    assert_eq!(late.see(DAY + HOUR / 2, B), "@88200000: offers y", "what comes late counts on the last date");
}

#[test]
fn copy_may_ask_about_the_past() {
    let mut def = journey("j", &["x"], vec![page("p", vec![when("a").offers("x")])]);
    let text: Spanned<String> = "No. {history.count('x')}".into();
    def.offers[0].text = vec![WordingDef { language: "en".to_owned(), channel: None, text }];
    let mut stage = Stage::new(&[def]);
    stage.see(0, A);
    stage.see(1, A);
    let ada = stage.who("ada");
    let locals = stage.engine.variables(ada, JourneyIx(0));
    let copy = stage.engine.library().journeys()[0].offers[0].copy(Some("en"), None).expect("there is copy");
    let env = Env { facts: &[], locals, local: LocalTime::default(), now: Timestamp(1) };
    assert_eq!(copy.render(&env, &schema()), "No. 2");
}

fn parking() -> Definition {
    let mut def = journey(
        "j",
        &["x"],
        vec![page("p", vec![when("a").sets("parked", "place.zone"), when("parked == \"mill\"").offers("x")])],
    );
    let zone = TypeDef::Of("zone".into());
    def.variables.push(VariableDef { name: "parked".into(), of: zone, initial: None });
    def
}

#[test]
fn rule_9_4_a_variable_that_holds_a_name_keeps_the_name() {
    let mut stage = Stage::new(&[parking()]);
    stage.know_zone("mill");
    assert_eq!(stage.see(0, B), "@0: j begins on p", "unknown until it is set");
    stage.see(1, A);
    assert_eq!(stage.see(2, B), "@2: offers x");
    let ada = stage.who("ada");
    let saved = stage.engine.save(ada).expect("she is known");
    // The same venue, its zones in another order.
    let mut schema = Schema::new();
    let zone = schema.domain("zone", ["mill", "tower", "square"]);
    for path in ["a", "b"] {
        schema.fact(path, Type::Bool);
    }
    schema.fact("place.zone", Type::Symbol(zone));
    let library = compile(&[parking()], &schema).library.expect("it is all right");
    let mut other =
        turnpage_journeys_engine::Engine::new(library, turnpage_journeys_engine::Offsets::fixed(0), 7);
    let restored = other
        .restore(turnpage_journeys_engine::SubjectKind::Visitor, "ada", &saved)
        .expect("the bytes are ours");
    let mill = schema.symbol(zone, "mill").map(Value::Symbol).expect("it is a zone");
    assert_eq!(other.variables(restored, JourneyIx(0)), [mill]);
    assert_eq!(other.save(restored), Some(saved));
}

#[test]
fn rule_9_4_a_name_that_is_gone_is_unknown_and_a_type_that_is_none_is_told() {
    let mut stage = Stage::new(&[parking()]);
    stage.know_zone("nowhere");
    stage.see(0, A);
    let ada = stage.who("ada");
    let moved = stage.moved_to(&[parking()]);
    assert_eq!(moved.engine.variables(ada, JourneyIx(0)), [Value::Unknown]);
    let mut def = parking();
    def.variables[0].of = TypeDef::Of("zones".into());
    let problems = compiled(&[def]).problems;
    let told: Vec<_> = problems.iter().map(|problem| problem.diagnostic.code).collect();
    assert_eq!(told[0], "unknown-type", "{problems:?}");
}
