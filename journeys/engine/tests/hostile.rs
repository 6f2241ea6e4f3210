//! Journeys nobody would write by hand: a thousand choices, every bound at once, all kinds of waiting on one page.

#[path = "common/also.rs"]
mod also;
#[path = "common/author.rs"]
mod author;

use also::Also;
use author::{Does, after, journey, page, when};
use turnpage_journeys_engine::{
    ChoiceDef, Definition, Engine, Event, Input, JourneyIx, Kind, Offsets, On, Outcome, Step, SubjectKind,
    Timestamp, Triggers, Value, VariableDef, bounds, compile,
};
use turnpage_journeys_expr::{Schema, Type};

fn schema() -> Schema {
    let mut schema = Schema::new();
    for path in ["a", "b"] {
        schema.fact(path, Type::Bool);
    }
    for nth in 0..bounds::REMEMBERS_MAX {
        schema.fact(&format!("subject.f{nth}"), Type::Int);
    }
    schema
}

/// A choice of the nth sort of waiting.
fn waiting(nth: usize) -> ChoiceDef {
    let guard = if nth.is_multiple_of(2) { "a" } else { "b && history.visits(\"p0\") >= 0" };
    match nth % 5 {
        0 if nth.is_multiple_of(3) => when(guard).answers("x", Outcome::Seen).turns("p2"),
        0 => when(guard).once().turns("p1"),
        1 => when(guard).on(On::Enter).offers("x"),
        2 => when(guard).picked(&format!("pick-{nth}")).turns("p2"),
        3 => after(1 + (nth as i64 % 8)).given(guard).turns("p3"),
        _ => ChoiceDef::default().at((nth as u32 % 8) * 1_000).given(guard).turns("p0"),
    }
}

fn crowded(choices: usize) -> Definition {
    let page_of = |name: &str| page(name, (0..choices).map(waiting).collect());
    journey("j", &["x"], ["p0", "p1", "p2", "p3"].iter().map(|name| page_of(name)).collect())
}

#[test]
fn a_thousand_choices_on_a_page_are_refused_and_a_thousand_in_a_journey_run() {
    let refused = compile(&[crowded(1_000)], &schema());
    assert!(refused.library.is_none());
    assert!(refused.problems.iter().any(|problem| problem.diagnostic.code == "too-many"));
    let compiled = compile(&[crowded(250)], &schema());
    let library = compiled.library.unwrap_or_else(|| panic!("{:?}", compiled.problems));
    let mut engine = Engine::new(library, Offsets::fixed(0), 7);
    let ada = engine.subject(SubjectKind::Visitor, "ada").expect("a short name");
    let (mut step, facts) = (Step::default(), [Value::Bool(false), Value::Bool(true)]);
    for at in 0..2_000 {
        while let Some(due) = engine.due(Timestamp(at)) {
            engine.timer(&due, &facts, &mut step);
        }
        let event = Event::Context(Triggers::ENTER);
        engine.event(&Input { at: Timestamp(at), subject: ada, event, facts: &facts }, &mut step);
        assert_eq!(engine.choices(ada, JourneyIx(0), Timestamp(at), &facts).len(), 250);
        let picks = engine.picks(ada, Timestamp(at), &facts);
        assert_eq!(picks.len(), 25, "those whose guard is `b`");
        let event = Event::Pick(picks[0]);
        engine.event(&Input { at: Timestamp(at), subject: ada, event, facts: &facts }, &mut step);
        assert!(step.changed);
        assert!(step.effects.len() <= 250 + 1 + bounds::EFFECTS_MORE_MAX);
        let saved = engine.save(ada).expect("she is known");
        assert_eq!(engine.restore(SubjectKind::Visitor, "ada", &saved), Ok(ada));
        assert_eq!(engine.save(ada), Some(saved));
    }
}

#[test]
fn a_choice_that_does_all_it_may_stays_within_the_bound() {
    let all = (0..bounds::REMEMBERS_MAX)
        .fold(when("a"), |choice, nth| choice.remembers(&format!("f{nth}"), "n"))
        .records("x", Outcome::Declined)
        .withdraws("y")
        .offers("x")
        .sets("n", "n + 1")
        .turns("q");
    let mut def = journey("j", &["x", "y"], vec![page("p", vec![all.clone()]), page("q", vec![all])]);
    def.kind = Kind::Mandated.into();
    def.pages[1].choices[0].turn_to = Some("p".into());
    for page in &mut def.pages {
        page.breach = Some("a".into());
    }
    def.variables.push(VariableDef { name: "n".into(), of: Type::Int.into(), initial: Some("0".into()) });
    let compiled = compile(&[def], &schema());
    let library = compiled.library.unwrap_or_else(|| panic!("{:?}", compiled.problems));
    let mut engine = Engine::new(library, Offsets::fixed(0), 7);
    let ada = engine.subject(SubjectKind::Visitor, "ada").expect("a short name");
    let (mut step, facts) = (Step::default(), [Value::Bool(true); 2]);
    for at in 0..4 {
        let event = Event::Context(Triggers::SIGHTING);
        engine.event(&Input { at: Timestamp(at), subject: ada, event, facts: &facts }, &mut step);
        let room = bounds::EFFECTS_MORE_MAX;
        assert!(step.effects.len() > bounds::REMEMBERS_MAX && step.effects.len() <= room, "{step:?}");
    }
}
