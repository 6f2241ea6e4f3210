//! Rules 11.3 to 11.5: what is passed, what breaks the order, what is kept away meanwhile.

use crate::author::{Does, journey, page, when};
use crate::stage::{A, AB, B, Facts, NONE, Stage};
use turnpage_journeys_engine::{
    Definition, Effect, Event, Input, Kind, PageDef, Step, Timestamp, Triggers, Value, evidence,
};

fn safety(name: &str) -> Definition {
    let breach = |page: PageDef| PageDef { breach: Some("rain > 5.0".into()), ..page };
    let pages = vec![
        breach(page("briefing", vec![when("a").turns("belt")])),
        page("belt", vec![when("a").turns("ride"), when("b").turns("briefing")]),
        page("ride", vec![]),
    ];
    Definition { kind: Kind::Mandated.into(), ..journey(name, &[], pages) }
}

#[test]
fn rule_11_3_evidence_hangs_together() {
    let mut stage = Stage::new(&[safety("j")]);
    let ada = stage.who("ada");
    let mut chain = Vec::new();
    let facts = |a: bool| [Value::Bool(a), Value::Bool(!a), Value::Double(0.0)];
    for (at, a) in [(1, true), (2, false), (3, true), (4, true)] {
        let event = Event::Context(Triggers::SIGHTING);
        let mut step = Step::default();
        stage.engine.event(&Input { at: Timestamp(at), subject: ada, event, facts: &facts(a) }, &mut step);
        chain.extend(step.effects.iter().filter_map(|effect| match effect {
            Effect::Passed { page, evidence, .. } => Some((at, page.0, *evidence)),
            _ => None,
        }));
        // Through bytes and back: the chain goes on.
        let saved = stage.engine.save(ada).expect("she is known");
        stage.engine.restore(turnpage_journeys_engine::SubjectKind::Visitor, "ada", &saved).expect("ours");
    }
    let seal = |before, page, at| evidence(7, before, "ada", "j", page, Timestamp(at));
    let first = seal(0, "briefing", 1);
    let second = seal(first, "briefing", 3);
    let third = seal(second, "belt", 4);
    assert_eq!(chain, [(1, 0, first), (3, 0, second), (4, 1, third)], "turning back passes nothing");
    stage.stop("ada", 5);
    let said = stage.see(6, A);
    assert_eq!(said, "@6: j begins on briefing, briefing -0-> belt, passed briefing");
    let again = stage.engine.save(ada).expect("she is known");
    let mut other = Stage::new(&[safety("j")]);
    other.see(6, A);
    let fresh = other.who("ada");
    assert_ne!(other.engine.save(fresh), Some(again), "stopping does not begin the chain anew");
}

#[test]
fn rule_11_4_each_time_the_order_is_newly_broken_is_told() {
    let storm = Facts { rain: 9.0, ..NONE };
    let mut stage = Stage::new(&[safety("j")]);
    assert_eq!(stage.see(0, storm), "@0: j begins on briefing, breach of briefing");
    assert_eq!(stage.see(1, storm), "", "told already");
    assert_eq!(stage.see(2, NONE), "");
    assert_eq!(
        stage.see(3, Facts { a: Some(true), ..storm }),
        "@3: breach of briefing, briefing -0-> belt, passed briefing"
    );
    assert_eq!(stage.see(4, storm), "", "this page has no breach");
    stage.see(5, B);
    assert_eq!(stage.see(6, storm), "@6: breach of briefing", "entered again");
    let mut moved = stage.moved_to(&[safety("j")]);
    assert_eq!(moved.see(7, storm), "", "saved, too");
}

#[test]
fn rule_11_5_offers_wait_while_a_mandated_journey_is_on() {
    let other = |name: &str| {
        let choices = vec![when("a").offers("x"), when("a").sets("n", "n + 1").turns("p")];
        let mut def = journey(name, &["x"], vec![page("p", choices)]);
        def.variables.push(turnpage_journeys_engine::VariableDef {
            name: "n".into(),
            of: turnpage_journeys_expr::Type::Int.into(),
            initial: Some("0".into()),
        });
        def
    };
    let mut mandated = safety("m");
    mandated.offers = journey("m", &["seal"], vec![]).offers;
    mandated.pages[1].choices.push(when("!a").offers("seal"));
    let mut second = safety("n");
    second.admit = Some("rain > 99.0".into());
    let mut stage = Stage::new(&[other("a"), mandated, second, other("z")]);
    let said = "@0: a begins on p, offers x, m begins on briefing, briefing -0-> belt, passed briefing, \
                z begins on p, holds x back, p -1-> p";
    assert_eq!(stage.see(0, A), said, "each by its name: `a` came before it had begun");
    let ada = stage.who("ada");
    let held = |stage: &mut Stage| {
        stage.engine.choices(ada, turnpage_journeys_engine::JourneyIx(0), Timestamp(1), &[])[0].held
    };
    assert!(held(&mut stage));
    assert_eq!(stage.see(1, NONE), "@1: offers seal", "its own offers are not held");
    let said = "@2: holds x back, p -1-> p, belt -0-> ride, passed belt, offers x";
    assert_eq!(stage.see(2, A), said, "on its last page it is over");
    assert!(!held(&mut stage));
    assert_eq!(stage.see(3, AB), "@3: offers x, offers x");
}
