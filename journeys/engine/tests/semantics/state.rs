//! Rules 7 and 9: stopping, saving and restoring.

use crate::author::{Does, after, journey, page, when};
use crate::stage::{A, B, HOUR, NONE, Stage};
use turnpage_journeys_engine::{
    Definition, Effect, Error, JourneyIx, Limit, PageIx, Step, SubjectIx, SubjectKind, Value, VariableDef,
};
use turnpage_journeys_expr::{Timestamp, Type};

fn rainy(name: &str) -> Definition {
    let pages = vec![
        page("p", vec![when("a").offers("x").sets("n", "n + 1").turns("q"), after(3 * HOUR).offers("y")]),
        page("q", vec![when("b").turns("p"), after(HOUR).given("a").turns("p"), after(2 * HOUR).turns("p")]),
    ];
    let mut def = journey(name, &["x", "y"], pages);
    def.offers[0].limit = Some(Limit::PerDay { count: 2 }.into());
    def.offers[0].valid_ms = Some((5 * HOUR).into());
    def.offers[1].limit = Some(Limit::PerWindow { count: 2, window_ms: HOUR }.into());
    def.variables.push(VariableDef { name: "n".into(), of: Type::Int.into(), initial: Some("0".into()) });
    def
}

#[test]
fn rule_7_1_stopping_ends_instances_takes_offers_back_and_stops_timers() {
    let mut stage = Stage::new(&[rainy("j"), rainy("k")]);
    stage.see(0, A);
    let said = stage.stop("ada", 5);
    assert_eq!(said, "@5: withdraws x, j ends on q, withdraws x, k ends on q");
    assert_eq!(stage.until(99 * HOUR), "");
    assert_eq!(stage.engine.next_due(), None);
    assert_eq!(stage.stop("ada", 6), "", "there is nothing left to stop");
    let live = |page| stage.engine.live(JourneyIx(0), PageIx(page));
    assert_eq!((live(0), live(1)), (0, 0));
}

#[test]
fn rule_7_2_steps_and_limits_stay_and_a_new_instance_begins() {
    let mut stage = Stage::new(&[rainy("j")]);
    let first = stage.made(0, A);
    stage.stop("ada", 0);
    let second = stage.made(0, A);
    assert_ne!(first, second, "the same instant, the same page, another instance");
    assert_eq!(stage.variable(0), Value::Int(1), "it began anew");
    stage.stop("ada", 0);
    assert_eq!(stage.see(0, A), "@0: j begins on p, keeps x back");
}

#[test]
fn rule_7_3_removing_forgets_everything() {
    let mut stage = Stage::new(&[rainy("j")]);
    let ada = stage.who("ada");
    stage.see(0, A);
    stage.engine.remove(ada);
    stage.engine.remove(ada);
    assert_eq!(
        (stage.engine.find(SubjectKind::Visitor, "ada"), stage.engine.save(ada), stage.engine.subjects()),
        (None, None, 0)
    );
    assert_eq!(stage.engine.live(JourneyIx(0), PageIx(1)), 0);
    assert_eq!(stage.until(99 * HOUR), "");
    let bo = stage.who("bo");
    assert_eq!(bo, ada, "the place is given again");
    assert_eq!(stage.engine.page(bo, JourneyIx(0)), None);
    assert_eq!(stage.see(0, A), "@0: j begins on p, offers x until 18000000, p -0-> q");
}

#[test]
fn rule_7_4_a_barred_journey_ends_and_begins_no_more_until_it_is_let_in() {
    let mut stage = Stage::new(&[rainy("j"), rainy("k")]);
    let ada = stage.who("ada");
    stage.see(0, A);
    let mut step = Step::default();
    stage.engine.bar(ada, JourneyIx(0), Timestamp(5), &mut step);
    let ends = |effect: &Effect| matches!(effect, Effect::Withdrawn { .. } | Effect::Ended { .. });
    assert_eq!((step.effects.len(), step.effects.iter().all(ends)), (2, true));
    assert!(step.effects.iter().all(|effect| effect.journey() == JourneyIx(0)), "the other goes on");
    assert_eq!(stage.engine.page(ada, JourneyIx(1)), Some(PageIx(1)));
    assert_eq!(stage.see(6, A), "", "it does not begin again");
    assert_eq!(stage.engine.page(ada, JourneyIx(0)), None);
    stage.engine.let_in(ada, JourneyIx(0));
    assert!(stage.see(7, A).contains("j begins on p"));
    stage.engine.bar(ada, JourneyIx(0), Timestamp(8), &mut step);
    stage.engine.remove(ada);
    assert_eq!(stage.who("bo"), ada, "the place is given again");
    assert!(stage.see(9, A).contains("j begins on p"), "and nobody else is barred");
}

#[test]
fn rule_9_1_restored_is_as_saved() {
    let mut stage = Stage::new(&[rainy("j"), rainy("k")]);
    stage.see(0, A);
    stage.see(10, B);
    stage.see(20, A);
    stage.see(HOUR + 20, B);
    let ada = stage.who("ada");
    let saved = stage.engine.save(ada).unwrap();
    let mut other = Stage::new(&[rainy("j"), rainy("k")]);
    other.who("cy");
    let restored = other.engine.restore(SubjectKind::Visitor, "ada", &saved).unwrap();
    assert_eq!(other.engine.save(restored), Some(saved.clone()));
    // The same again over what is there.
    assert_eq!(other.engine.restore(SubjectKind::Visitor, "ada", &saved).unwrap(), restored);
    assert_eq!(other.engine.live(JourneyIx(0), PageIx(0)), 1);
    for (at, facts) in [(HOUR + 30, NONE), (2 * HOUR, A), (4 * HOUR, A), (8 * HOUR, A), (30 * HOUR, A)] {
        let said = stage.see(at, facts);
        assert_eq!(other.see(at, facts), said);
        assert!(at == HOUR + 30 || !said.is_empty());
    }
}

#[test]
fn rule_9_2_an_edited_journey_finds_what_is_still_there() {
    let mut stage = Stage::new(&[rainy("j"), rainy("gone")]);
    let ada = stage.who("ada");
    stage.see(0, A);
    let saved = stage.engine.save(ada).unwrap();
    let mut edited = rainy("j");
    edited.pages.reverse();
    edited.pages[0].choices.insert(0, after(HOUR / 2).offers("y"));
    edited.start = Some("p".into());
    edited
        .variables
        .insert(0, VariableDef { name: "m".into(), of: Type::Int.into(), initial: Some("40 + 2".into()) });
    edited.variables.push(VariableDef { name: "k".into(), of: Type::Bool.into(), initial: Some("a".into()) });
    let mut after_edit = Stage::new(&[edited.clone(), rainy("new")]);
    let restored = after_edit.engine.restore(SubjectKind::Visitor, "ada", &saved).unwrap();
    assert_eq!(after_edit.engine.page(restored, JourneyIx(0)), Some(PageIx(0)), "`q`, wherever it stands");
    assert_eq!(after_edit.engine.page(restored, JourneyIx(1)), None);
    let values = [0, 1, 2].map(|nth| after_edit.variable(nth));
    assert_eq!(values, [Value::Int(42), Value::Int(1), Value::Unknown], "`a` is a fact, and there is none");
    assert_eq!(after_edit.until(HOUR / 2), "@1800000: offers y", "a new timer of an old visit");

    edited.variables[1].of = Type::Bool.into();
    edited.variables[1].initial = Some("true".into());
    edited.pages[1].choices[0].set.clear();
    let mut retyped = Stage::new(&[edited.clone()]);
    retyped.engine.restore(SubjectKind::Visitor, "ada", &saved).unwrap();
    assert_eq!(retyped.variable(1), Value::Bool(true));

    edited.pages[0].name = "shelter".into();
    edited.pages[1].choices[0].turn_to = Some("shelter".into());
    let mut renamed = Stage::new(&[edited]);
    let restored = renamed.engine.restore(SubjectKind::Visitor, "ada", &saved).unwrap();
    assert_eq!(renamed.engine.page(restored, JourneyIx(0)), None);
    assert_eq!(renamed.see(1, B), "@1: j begins on p", "the page is gone: anew, but with the limit's count");
    assert_eq!(renamed.see(2, A), "@2: offers x until 18000002, p -0-> shelter");
}

#[test]
fn rule_9_5_the_layout_before_is_read() {
    // Saved by the layout of version 1 on page `q` at 0: one `x` standing, `n` 1, step 1.
    let old =
        [&[1, 1, 1, b'j', 1, 1, 1, b'q', 0, 0, 1, 1, b'n', 2, 2][..], &[1, 1, b'x', 0, 1, 1, 1, 0, 1][..]]
            .concat();
    let mut stage = Stage::new(&[rainy("j")]);
    let ada = stage.engine.restore(SubjectKind::Visitor, "ada", &old).expect("the bytes are ours");
    assert_eq!(stage.engine.page(ada, JourneyIx(0)), Some(PageIx(1)));
    assert_eq!(stage.variable(0), Value::Int(1));
    let mut fresh = Stage::new(&[rainy("j")]);
    fresh.see(0, A);
    let same = fresh.who("ada");
    assert_eq!(stage.engine.save(ada), fresh.engine.save(same));
}

#[test]
fn rule_9_3_what_was_not_saved_is_refused_and_changes_nothing() {
    let mut stage = Stage::new(&[rainy("j"), rainy("k")]);
    stage.see(0, A);
    let ada = stage.who("ada");
    let saved = stage.engine.save(ada).unwrap();
    for cut in 0..saved.len() {
        assert!(
            matches!(stage.engine.restore(SubjectKind::Visitor, "ada", &saved[..cut]), Err(Error::State(_))),
            "cut at {cut}"
        );
    }
    let refused = |bytes: &[u8]| {
        Stage::new(&[rainy("j")]).engine.restore(SubjectKind::Visitor, "ada", bytes).unwrap_err().to_string()
    };
    let longer = [&saved[..], &[0]].concat();
    let newer = [&[200], &saved[1..]].concat();
    assert_eq!(refused(&[]), "saved state cannot be read: it is empty");
    assert_eq!(refused(&longer), "saved state cannot be read: something follows it");
    assert_eq!(refused(&newer), "saved state cannot be read: its version is not known");
    assert_eq!(refused(&[1, 1, 0xff]), "saved state cannot be read: it is cut off or garbled");
    assert_eq!(stage.engine.save(ada), Some(saved.clone()));
    assert_eq!(stage.engine.restore(SubjectKind::Visitor, "", &saved), Err(Error::Name(0)));
    assert_eq!(stage.engine.save(SubjectIx(99)), None);
}
