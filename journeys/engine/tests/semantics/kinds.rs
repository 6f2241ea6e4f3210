//! Rule 8: the kinds of journeys; and rule 10.1, bounds of what may be written.

use crate::author::{Does, after, journey, page, when};
use crate::stage::{A, AB, B, Facts, HOUR, NONE, Stage, compiled};
use turnpage_journeys_engine::{
    ChoiceDef, Definition, EntryDef, Error, Kind, On, Outcome, OutcomeOf, Severity, SubjectKind, Triggers,
    bounds,
};

fn codes(definition: Definition) -> Vec<&'static str> {
    let compiled = compiled(&[definition]);
    let errors = compiled.problems.iter().any(|problem| problem.diagnostic.severity == Severity::Error);
    assert_eq!(compiled.library.is_none(), errors);
    compiled.problems.iter().map(|problem| problem.diagnostic.code).collect()
}

fn three_pages(kind: Kind, targets: [&str; 3]) -> Definition {
    let pages = ["p", "q", "r"].iter().zip(targets).map(|(name, to)| page(name, vec![when("a").turns(to)]));
    Definition { kind: kind.into(), ..journey("j", &[], pages.collect()) }
}

#[test]
fn rule_8_1_guided_turns_anywhere() {
    assert_eq!(codes(three_pages(Kind::Guided, ["r", "p", "q"])), Vec::<&str>::new());
}

#[test]
fn rule_8_2_mandated_skips_no_page() {
    assert_eq!(codes(three_pages(Kind::Mandated, ["q", "r", "p"])), Vec::<&str>::new());
    let skips = three_pages(Kind::Mandated, ["r", "q", "q"]);
    assert_eq!(codes(skips), ["mandated-skip"]);
    let mut late = three_pages(Kind::Mandated, ["q", "r", "p"]);
    late.start = Some("q".into());
    assert_eq!(codes(late), ["mandated-skip"]);
    let mut timed = three_pages(Kind::Mandated, ["q", "r", "p"]);
    timed.pages[0].choices.push(after(HOUR).turns("r"));
    assert_eq!(codes(timed), ["mandated-skip"]);
    let mut stage = Stage::new(&[three_pages(Kind::Mandated, ["q", "r", "p"])]);
    assert_eq!(stage.see(0, A), "@0: j begins on p, p -0-> q, passed p");
    assert_eq!(stage.see(1, A), "@1: q -0-> r, passed q", "every page passed is told");
}

fn entry(on: Option<On>, guard: &str) -> EntryDef {
    EntryDef { on: on.map(Into::into), when: Some(guard.into()), ..EntryDef::default() }
}

/// `wet` is entered when `a`, `dry` when `b`; `wet` turns to `dry` on `b` by itself.
fn ad_hoc() -> Definition {
    let mut wet = page("wet", vec![when("b").turns("dry")]);
    wet.enter = vec![entry(Some(On::Enter), "a"), entry(None, "rain > 5.0")];
    let mut dry = page("dry", vec![after(HOUR).turns("dry")]);
    dry.enter = vec![entry(None, "b")];
    Definition { kind: Kind::AdHoc.into(), ..journey("j", &[], vec![wet, dry]) }
}

#[test]
fn rule_8_3_ad_hoc_begins_where_an_entry_opens() {
    let mut stage = Stage::new(&[ad_hoc()]);
    assert_eq!(stage.see(0, A), "", "the way in is `on: enter`");
    assert_eq!(
        stage.event("ada", 1, Triggers::ENTER, AB),
        "@1: j begins on wet",
        "and `wet` does not see it"
    );
    assert_eq!(stage.event("bo", 1, Triggers::SIGHTING, AB), "bo @1: j begins on dry");
    let rain = Facts { rain: 6.0, ..NONE };
    assert_eq!(stage.event("cy", 1, Triggers::SIGHTING, rain), "cy @1: j begins on wet");
}

#[test]
fn rule_8_4_ad_hoc_looks_at_other_pages_after_its_own_choices() {
    let mut stage = Stage::new(&[ad_hoc()]);
    stage.event("ada", 0, Triggers::ENTER, A);
    assert_eq!(stage.event("ada", 1, Triggers::ENTER, A), "", "its own entry is no choice");
    assert_eq!(stage.see(2, B), "@2: wet -0-> dry", "its own choice comes first");
    assert_eq!(stage.event("ada", 3, Triggers::ENTER, AB), "@3: dry -entry-> wet");
    assert_eq!(stage.see(4, B), "@4: wet -0-> dry");
    assert_eq!(stage.until(HOUR + 4), "@3600004: dry -0-> dry", "its timers run");
}

#[test]
fn rule_8_4_entries_belong_to_ad_hoc_journeys() {
    let guided = Definition { kind: Kind::Guided.into(), ..ad_hoc() };
    assert_eq!(codes(guided), ["enter-not-ad-hoc"; 3]);
    let closed = Definition { kind: Kind::AdHoc.into(), ..journey("j", &[], vec![page("p", vec![])]) };
    assert_eq!(codes(closed), ["no-way-in", "unreachable-page"]);
    let mut started = ad_hoc();
    started.start = Some("wet".into());
    assert_eq!(codes(started), ["start-in-ad-hoc"]);
    let mut answering = ad_hoc();
    answering.offers = journey("j", &["x"], vec![]).offers;
    let of = OutcomeOf { offer: "x".into(), outcome: Outcome::Accepted };
    answering.pages[0].enter.push(entry(Some(On::Outcome(of)), "a"));
    assert_eq!(codes(answering), ["enter-on-outcome", "unused-offer"]);
}

#[test]
fn what_ways_in_and_pages_with_a_way_wait_for_is_known() {
    let waits = |definition: Definition| {
        let stage = Stage::new(&[definition]);
        [Triggers::WEATHER, Triggers::FEEDBACK].map(|on| stage.engine.library().waits_for(on))
    };
    assert_eq!(waits(ad_hoc()), [false, false]);
    let mut entered = ad_hoc();
    entered.pages[0].enter.push(entry(Some(On::Weather), "a"));
    assert_eq!(waits(entered), [true, false]);
    let told = ChoiceDef { on: Some(On::Feedback.into()), ..ChoiceDef::default() };
    let mut strays = journey("j", &[], vec![page("p", vec![told.turns("p")])]);
    strays.pages[0].way = Some("a".into());
    assert_eq!(waits(strays), [false, true]);
}

#[test]
fn rule_8_5_learning_and_intent_say_what_they_need() {
    assert_eq!(codes(three_pages(Kind::Learning, ["q", "r", "p"])), ["nothing-to-learn"]);
    assert_eq!(codes(three_pages(Kind::Intent, ["q", "r", "p"])), ["no-intent"]);
}

#[test]
fn rule_10_1_what_is_too_much_is_refused() {
    let choice = || ChoiceDef::default().turns("p0");
    let many = |pages: usize| (0..pages).map(|nth| page(&format!("p{nth}"), vec![choice()])).collect();
    let has = |def: Definition, code: &str| codes(def).contains(&code);
    assert!(has(journey("j", &[], many(bounds::PAGES_MAX + 1)), "too-many"));
    assert!(!has(journey("j", &[], many(bounds::PAGES_MAX)), "too-many"));
    let choices = |n: usize| journey("j", &[], vec![page("p0", (0..n).map(|_| choice()).collect())]);
    assert!(has(choices(bounds::CHOICES_MAX + 1), "too-many"));
    assert!(!has(choices(bounds::CHOICES_MAX), "too-many"));
    let ways_in = |n: usize| {
        let mut def = journey("j", &[], many(1));
        def.kind = Kind::AdHoc.into();
        def.pages[0].enter = (0..n).map(|_| entry(Some(On::Enter), "true")).collect();
        def
    };
    assert!(has(ways_in(bounds::CHOICES_MAX + 1), "too-many"));
    assert!(!has(ways_in(bounds::CHOICES_MAX), "too-many"));
    let delays = |n: usize| (1..=n).map(|nth| after(nth as i64).turns("p0")).collect();
    assert!(has(journey("j", &[], vec![page("p0", delays(bounds::TIMERS_MAX + 1))]), "too-many"));
    assert!(!has(journey("j", &[], vec![page("p0", delays(bounds::TIMERS_MAX))]), "too-many"));
    assert!(has(journey("j", &[], vec![page("p0", vec![after(0).turns("p0")])]), "bad-after"));
    let beyond = after(bounds::SPAN_MS_MAX + 1).turns("p0");
    assert!(has(journey("j", &[], vec![page("p0", vec![beyond])]), "bad-after"));
    let mut stage = Stage::new(&[journey("j", &[], many(1))]);
    assert_eq!(stage.engine.subject(SubjectKind::Visitor, ""), Err(Error::Name(0)));
    assert_eq!(
        stage.engine.subject(SubjectKind::Visitor, &"x".repeat(bounds::SUBJECT_NAME_MAX + 1)),
        Err(Error::Name(33))
    );
}
