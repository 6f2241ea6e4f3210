//! Rules 2.5 and 1.2: subjects of every kind, each with its own journeys.

use crate::author::{Does, after, journey, page, when};
use crate::stage::{A, MINUTE, Stage};
use turnpage_journeys_engine::{
    Definition, Event, Input, JourneyIx, Step, SubjectIx, SubjectKind, Timestamp, Triggers, Value,
};

fn of(kind: SubjectKind, name: &str) -> Definition {
    let pages = vec![page("p", vec![when("a").turns("q")]), page("q", vec![after(MINUTE).turns("p")])];
    Definition { subject: kind.into(), ..journey(name, &[], pages) }
}

fn event(stage: &mut Stage, kind: SubjectKind, name: &str, at: i64) -> (SubjectIx, Vec<JourneyIx>) {
    let subject = stage.engine.subject(kind, name).expect("a short name");
    let facts = [Value::Bool(true)];
    let event = Event::Context(Triggers::SIGHTING);
    let mut step = Step::default();
    stage.engine.event(&Input { at: Timestamp(at), subject, event, facts: &facts }, &mut step);
    (subject, step.effects.iter().map(|effect| effect.journey()).collect())
}

#[test]
fn rule_2_5_journeys_run_for_subjects_of_their_kind() {
    let definitions: Vec<_> = (SubjectKind::ALL.iter().zip(["f", "e", "d", "c", "b", "a"]))
        .map(|(kind, name)| of(*kind, name))
        .collect();
    let mut stage = Stage::new(&definitions);
    for (kind, own) in SubjectKind::ALL.into_iter().zip((0..6).rev().map(JourneyIx)) {
        let (subject, told) = event(&mut stage, kind, "one", 0);
        assert_eq!(told, [own, own], "it begins and turns, and no other journey does anything");
        assert_eq!((subject.kind(), subject.place()), (kind, 0));
        assert_eq!(stage.engine.library().of(kind), [own]);
        let others = (0..6).map(JourneyIx).filter(|ix| *ix != own);
        assert!(others.into_iter().all(|other| stage.engine.page(subject, other).is_none()));
        assert!(stage.engine.choices(subject, JourneyIx((own.0 + 1) % 6), Timestamp(0), &[]).is_empty());
    }
    assert_eq!(stage.engine.subjects(), 6, "one name, six subjects");
    let team = stage.engine.find(SubjectKind::Team, "one").expect("it is known");
    let saved = stage.engine.save(team).expect("it is known");
    let mut other = Stage::new(&definitions);
    let restored = other.engine.restore(SubjectKind::Team, "one", &saved).expect("the bytes are ours");
    assert_eq!(other.engine.save(restored), Some(saved.clone()));
    let elsewhere = other.engine.restore(SubjectKind::Zone, "one", &saved).expect("the bytes are ours");
    let live = |journey| stage.engine.live(JourneyIx(journey), turnpage_journeys_engine::PageIx(1));
    assert_eq!((0..6).map(live).collect::<Vec<_>>(), [1; 6]);
    assert_eq!(other.engine.page(elsewhere, JourneyIx(1)), None, "a team's journey is no zone's");
}

#[test]
fn rule_1_2_of_one_deadline_visitors_come_first() {
    let mut stage = Stage::new(&[of(SubjectKind::Visitor, "z"), of(SubjectKind::Zone, "a")]);
    event(&mut stage, SubjectKind::Zone, "a", 0);
    event(&mut stage, SubjectKind::Visitor, "z", 0);
    let mut fired = Vec::new();
    while let Some(due) = stage.engine.due(Timestamp(MINUTE)) {
        fired.push(due.subject.kind());
        stage.fire(&due);
    }
    assert_eq!(fired, [SubjectKind::Visitor, SubjectKind::Zone]);
    assert_eq!(stage.see(MINUTE, A), "@60000: z begins on p, p -0-> q", "ada is a visitor, too");
}
