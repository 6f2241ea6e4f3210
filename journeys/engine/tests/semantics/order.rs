//! Rules 1, 2 and 5: time and order, beginning, timers.

use crate::author::{Does, after, journey, page, when};
use crate::stage::{A, AB, B, DAY, Facts, HOUR, NONE, Stage};
use turnpage_journeys_engine::{Definition, Outcome, Triggers, Value, VariableDef};
use turnpage_journeys_expr::Type;

/// Turns to `there` on `a`, and back after an hour.
fn there_and_back(name: &str) -> Definition {
    journey(name, &["x"], vec![page("here", vec![when("a").turns("there")]), page("there", vec![back()])])
}

fn back() -> turnpage_journeys_engine::ChoiceDef {
    after(HOUR).turns("here")
}

#[test]
fn rule_1_1_nothing_happens_by_itself() {
    let mut stage = Stage::new(&[there_and_back("j")]);
    stage.who("ada");
    assert_eq!(stage.engine.next_due(), None);
    assert_eq!(stage.see(0, NONE), "@0: j begins on here");
    assert_eq!(stage.see(1, NONE), "");
    assert_eq!(stage.see(2, A), "@2: here -0-> there");
    assert_eq!(stage.see(2, A), "", "an event twice is two events");
}

#[test]
fn rule_1_2_due_timers_fire_first_by_deadline_subject_and_journey() {
    let mut stage = Stage::new(&[there_and_back("zoo"), there_and_back("ark")]);
    for who in ["bo", "ada", "ad"] {
        stage.event(who, 10, Triggers::SIGHTING, A);
    }
    stage.event("cy", 9, Triggers::SIGHTING, A);
    let fired = stage.event("bo", HOUR + 10, Triggers::SIGHTING, A);
    let expected = [
        "cy @3600009: there -0-> here",
        "cy @3600009: there -0-> here",
        "ad @3600010: there -0-> here",
        "ad @3600010: there -0-> here",
        "@3600010: there -0-> here",
        "@3600010: there -0-> here",
        "bo @3600010: there -0-> here",
        "bo @3600010: there -0-> here",
        // The event at the deadline comes after: it finds the page the timer turned to.
        "bo @3600010: here -0-> there, here -0-> there",
    ];
    assert_eq!(fired.split("; ").collect::<Vec<_>>(), expected);
}

#[test]
fn rule_1_2_of_one_deadline_and_subject_journeys_come_by_name() {
    let mut stage = Stage::new(&[there_and_back("zoo"), there_and_back("ark")]);
    stage.see(0, A);
    let mut names = Vec::new();
    while let Some(due) = stage.engine.next_due() {
        names.push(stage.engine.library().journey(due.journey).unwrap().name.clone());
        stage.fire(&due);
    }
    assert_eq!(names, ["ark", "zoo"]);
}

#[test]
fn rule_1_2_of_one_journey_pages_come_in_document_order_before_offers() {
    let mut def = journey(
        "j",
        &["x"],
        vec![
            page("p", vec![when("a").offers("x").turns("q")]),
            page("q", vec![after(HOUR).given("b").turns("p"), after(HOUR).records("x", Outcome::Declined)]),
        ],
    );
    def.offers[0].valid_ms = Some(HOUR.into());
    let mut stage = Stage::new(&[def]);
    stage.see(0, A);
    assert_eq!(stage.until(HOUR), "@3600000: x declined", "the end of the offer finds it settled");
}

#[test]
fn rule_1_3_a_timer_fired_late_has_its_deadline() {
    let mut def =
        journey("j", &["x"], vec![page("p", vec![after(HOUR).given("time.hour == 2").offers("x")])]);
    def.offers[0].valid_ms = Some(5.into());
    let mut stage = Stage::new(&[def]);
    assert_eq!(stage.see(0, NONE), "@0: j begins on p");
    // The stage's clock is an hour ahead on its first day: 02:00 is the deadline's hour, not the event's.
    assert_eq!(stage.see(9 * HOUR, NONE), "@3600000: offers x until 3600005; @3600005: x expired");
}

#[test]
fn rule_1_4_journeys_share_nothing_and_come_by_name() {
    let mut b =
        journey("b", &["x"], vec![page("p", vec![when("n == 1").offers("x"), when("a").sets("n", "1")])]);
    b.variables.push(VariableDef { name: "n".into(), of: Type::Int.into(), initial: Some("0".into()) });
    let mut a = b.clone();
    a.name = "a".into();
    a.pages[0].choices.pop();
    let mut stage = Stage::new(&[b, a]);
    assert_eq!(stage.see(0, A), "@0: a begins on p, b begins on p");
    assert_eq!(stage.see(1, A), "@1: offers x");
    assert_eq!(stage.variable(0), Value::Int(0), "the other journey's variable of the same name");
}

#[test]
fn rule_1_5_a_late_event_is_taken_as_it_comes() {
    let mut stage = Stage::new(&[there_and_back("j")]);
    stage.see(5 * HOUR, NONE);
    assert_eq!(stage.late("ada", HOUR, Triggers::SIGHTING, A), "@3600000: here -0-> there");
    // Its timer was due long before what is already past.
    assert_eq!(stage.until(5 * HOUR), "@7200000: there -0-> here");
}

#[test]
fn rule_2_1_an_event_that_is_not_admitted_is_no_event() {
    let mut def = there_and_back("j");
    def.admit = Some("b".into());
    let mut stage = Stage::new(&[def]);
    assert_eq!(stage.see(0, A), "");
    assert_eq!(stage.see(1, Facts { a: Some(true), b: None, rain: 0.0 }), "", "unknown does not admit");
    assert_eq!(stage.see(2, B), "@2: j begins on here");
    assert_eq!(stage.see(3, A), "");
    assert_eq!(stage.see(4, AB), "@4: here -0-> there");
}

#[test]
fn rule_2_2_an_instance_begins_with_the_first_event_which_its_page_sees() {
    let mut stage = Stage::new(&[there_and_back("j")]);
    assert_eq!(stage.see(0, A), "@0: j begins on here, here -0-> there");
    let mut def = there_and_back("j");
    def.start = Some("there".into());
    let mut stage = Stage::new(&[def]);
    assert_eq!(stage.see(0, A), "@0: j begins on there");
    assert_eq!(stage.until(HOUR), "@3600000: there -0-> here", "its timers run");
}

#[test]
fn rule_2_3_variables_start_over_the_facts_of_the_beginning() {
    let mut def = there_and_back("j");
    def.variables.push(VariableDef {
        name: "n".into(),
        of: Type::Int.into(),
        initial: Some("a ? 1 : 2".into()),
    });
    def.variables.push(VariableDef { name: "m".into(), of: Type::Bool.into(), initial: Some("b".into()) });
    let mut stage = Stage::new(&[def]);
    stage.see(0, Facts { a: Some(true), b: None, rain: 0.0 });
    assert_eq!((stage.variable(0), stage.variable(1)), (Value::Int(1), Value::Unknown));
    stage.see(1, B);
    assert_eq!((stage.variable(0), stage.variable(1)), (Value::Int(1), Value::Unknown));
}

#[test]
fn rule_2_4_timers_and_outcomes_are_not_asked_for_admission() {
    let mut def = there_and_back("j");
    def.admit = Some("a".into());
    def.pages[0].choices[0] = when("a").offers("x").turns("there");
    def.pages[1].choices.push(when("b").answers("x", Outcome::Accepted).turns("here"));
    let mut stage = Stage::new(&[def]);
    let id = stage.made(0, A);
    assert_eq!(stage.see(1, B), "", "not admitted");
    assert_eq!(stage.outcome(2, id, Outcome::Accepted), "@2: x accepted, there -1-> here");
    stage.see(3, A);
    stage.see(4, NONE);
    assert_eq!(stage.until(3 + HOUR), "@3600003: there -0-> here");
}

#[test]
fn rule_5_1_a_deadline_is_elapsed_time_though_the_clock_changes() {
    let mut stage = Stage::new(&[there_and_back("j")]);
    // The stage's clock goes back an hour at the end of its first day.
    stage.see(DAY - 1, A);
    assert_eq!(stage.until(DAY + HOUR - 2), "");
    assert_eq!(stage.until(DAY + HOUR - 1), format!("@{}: there -0-> here", DAY + HOUR - 1));
}

#[test]
fn rule_5_2_leaving_stops_timers_and_entering_starts_them_anew() {
    let pages = vec![
        page("p", vec![when("a").turns("q"), after(HOUR).offers("x")]),
        page("q", vec![when("b").turns("p")]),
    ];
    let mut stage = Stage::new(&[journey("j", &["x"], pages)]);
    stage.see(0, NONE);
    assert_eq!(stage.see(10, A), "@10: p -0-> q");
    assert_eq!(stage.see(HOUR, NONE), "");
    assert_eq!(stage.see(HOUR + 1, B), "@3600001: q -0-> p");
    assert_eq!(stage.see(HOUR + 2, A), "@3600002: p -0-> q");
    assert_eq!(stage.see(HOUR + 2, B), "@3600002: q -0-> p");
    assert_eq!(stage.until(3 * HOUR), "@7200002: offers x", "the first of two visits started for nothing");
}

#[test]
fn rule_5_3_a_timer_is_spent_at_its_deadline_whatever_comes_of_it() {
    let pages = vec![page(
        "p",
        vec![
            after(HOUR).given("a").offers("x"),
            after(HOUR).given("b").offers("y"),
            after(HOUR).offers("x"),
            after(2 * HOUR).given("a").offers("y"),
        ],
    )];
    let mut stage = Stage::new(&[journey("j", &["x", "y"], pages)]);
    stage.see(0, B);
    assert_eq!(stage.until(9 * HOUR), "@3600000: offers y", "the first that is open, and then no more");
}
