//! Rule 13: journeys that call journeys.

use crate::author::{Does, after, journey, page, when};
use crate::stage::{A, AB, B, HOUR, NONE, Stage, compiled};
use turnpage_journeys_engine::{
    CallDef, ChoiceDef, Definition, Effect, Event, Input, Kind, On, Outcome, PageDef, Severity, Step,
    SubjectKind, Timestamp, Triggers, Value, VariableDef,
};
use turnpage_journeys_expr::Type;

fn number(name: &str, initial: &str) -> VariableDef {
    VariableDef { name: name.into(), of: Type::Int.into(), initial: Some(initial.into()) }
}

fn calling(name: &str, callee: &str, with: &[(&str, &str)], choices: Vec<ChoiceDef>) -> PageDef {
    let with = with.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let call = CallDef { journey: callee.into(), with };
    PageDef { call: Some(call), ..page(name, choices) }
}

fn returned(guard: &str) -> ChoiceDef {
    when(guard).on(On::Returned)
}

/// Asks until `a`, counting down from `patience`; gives back what is left.
fn survey() -> Definition {
    let ask = vec![
        when("a").turns("done"),
        when("b").offers("please").sets("left", "left - 1"),
        after(HOUR).turns("done"),
    ];
    let mut survey = journey("survey", &["please"], vec![page("ask", ask), page("done", vec![])]);
    survey.parameters = vec![number("patience", "3")];
    survey.variables = vec![number("left", "patience * 10")];
    survey.returns = Some("left".into());
    survey
}

/// Calls the survey on its second page, with a patience of its own where one is given.
fn host(with: &[(&str, &str)]) -> Definition {
    let choices = vec![
        returned("result > 25").offers("thanks").turns("happy"),
        returned("true").sets("n", "result").turns("lobby"),
        when("rain > 5.0").turns("lobby"),
    ];
    let pages = vec![
        page("lobby", vec![when("a").turns("desk")]),
        calling("desk", "survey", with, choices),
        page("happy", vec![]),
    ];
    let mut host = journey("host", &["thanks"], pages);
    host.variables = vec![number("n", "2")];
    host
}

fn rain() -> crate::stage::Facts {
    crate::stage::Facts { rain: 6.0, ..NONE }
}

#[test]
fn rule_13_1_every_caller_has_a_copy_of_its_own() {
    let mut other = host(&[("patience", "n")]);
    other.name = "other".into();
    let mut stage = Stage::new(&[survey(), host(&[]), other]);
    let names =
        |stage: &Stage| stage.engine.library().journeys().iter().map(|j| j.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&stage), ["host", "host>survey", "other", "other>survey"]);
    let library = stage.engine.library();
    let copy = library.find("host>survey").and_then(|ix| library.journey(ix)).unwrap();
    assert_eq!(copy.caller, library.find("host"));
    assert_eq!(library.find("survey"), None, "it begins only when it is called");
    assert_eq!(
        stage.see(0, A),
        "@0: host begins on lobby, lobby -0-> desk, calls host>survey, host>survey begins on ask, \
         other begins on lobby, lobby -0-> desk, calls other>survey, other>survey begins on ask"
    );
    assert_eq!(stage.see(1, B), "@1: offers please, offers please", "each its own");
    let mut without = survey();
    without.parameters.clear();
    without.variables = vec![number("left", "1")];
    let stage = Stage::new(&[without, host(&[])]);
    assert_eq!(names(&stage), ["host", "host>survey", "survey"], "without parameters it also runs by itself");
}

#[test]
fn rule_13_2_parameters_are_what_the_caller_gives_or_their_defaults() {
    for (with, left) in [(&[][..], 30), (&[("patience", "n + 5")][..], 70)] {
        let mut stage = Stage::new(&[survey(), host(with)]);
        stage.see(0, A);
        let ada = stage.who("ada");
        let ix = stage.engine.library().find("host>survey").unwrap();
        assert_eq!(stage.engine.variables(ada, ix)[1], Value::Int(left));
    }
    let mut unknown = host(&[("patience", "rain > 1.0 ? 1 : 1")]);
    unknown.pages[1].call.as_mut().unwrap().with[0].1 = "a ? 1 : 2".into();
    unknown.pages[0].choices[0].when = Some("b".into());
    let mut stage = Stage::new(&[survey(), unknown]);
    stage.see(0, crate::stage::Facts { a: None, ..B });
    let ada = stage.who("ada");
    let ix = stage.engine.library().find("host>survey").unwrap();
    assert_eq!(stage.engine.variables(ada, ix)[..2], [Value::Unknown; 2], "unknown is not the default");
}

#[test]
fn rule_13_3_what_is_called_does_not_look_at_the_event_that_led_there() {
    let mut stage = Stage::new(&[survey(), host(&[])]);
    let said = stage.see(0, AB);
    assert!(said.ends_with("host>survey begins on ask"), "{said}");
    assert_eq!(stage.see(1, B), "@1: offers please");
    let mut closed = survey();
    closed.admit = Some("b".into());
    let mut stage = Stage::new(&[closed, host(&[])]);
    assert!(stage.see(0, A).ends_with("host>survey begins on ask"), "being called is being admitted");
    assert_eq!(stage.see(1, A), "", "later events are asked");
    assert!(stage.see(2, AB).contains("ask -0-> done"));
}

#[test]
fn rule_13_4_an_end_page_comes_back_and_leaves_offers_standing() {
    let mut stage = Stage::new(&[survey(), host(&[("patience", "2")])]);
    stage.see(0, A);
    let please = stage.made(1, B);
    assert_eq!(
        stage.see(2, A),
        "@2: ask -0-> done, host>survey ends on done, host>survey returns Int(19), desk -1-> lobby"
    );
    assert_eq!(stage.outcome(3, please, Outcome::Accepted), "@3: please accepted");
    let mut stage = Stage::new(&[survey(), host(&[])]);
    stage.see(0, A);
    assert_eq!(
        stage.until(HOUR),
        "@3600000: ask -2-> done, host>survey ends on done, host>survey returns Int(30), offers thanks, \
         desk -0-> happy",
        "a timer ends it as well"
    );
    assert_eq!(stage.see(HOUR + 1, A), "", "and it is over");
}

#[test]
fn rule_13_5_the_page_looks_at_the_result_with_its_choices_on_returned() {
    let mut stage = Stage::new(&[survey(), host(&[])]);
    stage.see(0, A);
    for at in 1..=6 {
        stage.see(at, B);
    }
    let said = stage.see(7, A);
    assert!(said.ends_with("returns Int(24), desk -1-> lobby"), "{said}");
    assert_eq!(stage.variable(0), Value::Int(24), "`set` reads the result");
    let mut silent = survey();
    silent.returns = None;
    let mut caller = host(&[]);
    caller.pages[1].choices = vec![returned("true").turns("happy")];
    let mut stage = Stage::new(&[silent, caller]);
    stage.see(0, A);
    assert!(stage.see(1, A).ends_with("host>survey returns Unknown, desk -0-> happy"));
    let mut stays = host(&[]);
    stays.pages[1].choices.truncate(1);
    let mut stage = Stage::new(&[survey(), stays]);
    stage.see(0, A);
    (1..=6).for_each(|at| drop(stage.see(at, B)));
    assert!(stage.see(7, A).ends_with("returns Int(24)"), "nobody looks at it");
    assert_eq!(stage.see(8, A), "", "and the page calls again only when it is entered again");
}

#[test]
fn rule_13_6_leaving_the_page_or_stopping_ends_the_call() {
    let mut stage = Stage::new(&[survey(), host(&[])]);
    stage.see(0, A);
    stage.see(1, B);
    assert_eq!(
        stage.see(2, rain()),
        "@2: desk -2-> lobby, withdraws please, host>survey ends on ask",
        "left in its midst, it takes back what it offered"
    );
    assert_eq!(stage.until(9 * HOUR), "", "its timers are gone");
    stage.see(9 * HOUR, A);
    stage.see(9 * HOUR + 1, B);
    assert_eq!(
        stage.stop("ada", 10 * HOUR),
        "@36000000: host ends on desk, withdraws please, host>survey ends on ask"
    );
}

#[test]
fn rule_13_7_calls_go_on_after_bytes_and_back() {
    let mut stage = Stage::new(&[survey(), host(&[])]);
    stage.see(0, A);
    stage.see(1, B);
    let ada = stage.who("ada");
    let saved = stage.engine.save(ada).unwrap();
    let mut other = Stage::new(&[survey(), host(&[])]);
    let restored = other.engine.restore(SubjectKind::Visitor, "ada", &saved).unwrap();
    assert_eq!(other.engine.save(restored), Some(saved.clone()));
    assert_eq!(other.see(2, A), stage.see(2, A));

    let mut moved = host(&[]);
    moved.pages[1].name = "counter".into();
    moved.pages[0].choices[0].turn_to = Some("counter".into());
    let mut edited = Stage::new(&[survey(), moved]);
    let restored = edited.engine.restore(SubjectKind::Visitor, "ada", &saved).unwrap();
    let ix = edited.engine.library().find("host>survey").unwrap();
    assert_eq!(edited.engine.page(restored, ix), None, "no page calls it any more");
}

#[test]
fn rule_13_8_calls_may_be_nested_but_not_round_or_for_ever() {
    let link = |name: &str, callee: &str| {
        let choices = vec![returned("true").turns("end"), when("b").turns("end")];
        journey(name, &[], vec![calling("call", callee, &[], choices), page("end", vec![])])
    };
    let last = journey("c", &[], vec![page("p", vec![when("a").turns("q")]), page("q", vec![])]);
    let mut stage = Stage::new(&[link("a", "b"), link("b", "c"), last]);
    let said = stage.see(0, NONE);
    assert!(
        said.starts_with(
            "@0: a begins on call, calls a>b, a>b begins on call, calls a>b>c, a>b>c begins on p"
        )
    );
    let a_only = |said: String| said.split(", b ").next().unwrap_or("").to_owned();
    assert_eq!(
        a_only(stage.see(1, A)),
        "@1: p -0-> q, a>b>c ends on q, a>b>c returns Unknown, call -0-> end, a>b ends on end, \
         a>b returns Unknown, call -0-> end, p -0-> q, b>c ends on q, b>c returns Unknown, call -0-> end, p -0-> q"
    );
    let told = |definitions: &[Definition]| {
        let problems = compiled(definitions).problems;
        let errors = problems.iter().filter(|p| p.diagnostic.severity == Severity::Error);
        errors.map(|p| format!("{}: {}", p.diagnostic.code, p.diagnostic.message)).collect::<Vec<_>>()
    };
    assert_eq!(told(&[link("a", "a")]), ["call-cycle: this call comes back to itself: a > a"]);
    assert_eq!(
        told(&[link("a", "b"), link("b", "c"), link("c", "b")]),
        [
            "call-cycle: this call comes back to itself: b > c > b",
            "call-cycle: this call comes back to itself: c > b > c"
        ]
    );
    let names = ["j0", "j1", "j2", "j3", "j4", "j5", "j6", "j7", "j8", "j9"];
    let chain = |n: usize| -> Vec<Definition> {
        let mut last = journey(names[n], &[], vec![page("p", vec![when("a").turns("q")]), page("q", vec![])]);
        last.kind = Kind::Guided.into();
        names[..n].iter().zip(&names[1..]).map(|(a, b)| link(a, b)).chain([last]).collect()
    };
    assert_eq!(told(&chain(8)), Vec::<String>::new());
    assert_eq!(
        told(&chain(9)),
        ["call-depth: calls go at most 8 journeys deep: j0 > j1 > j2 > j3 > j4 > j5 > j6 > j7 > j8 > j9"]
    );
}

#[test]
fn rule_13_9_a_call_that_means_nothing_is_refused() {
    let codes = |callee: Definition, host: Definition| {
        let problems = compiled(&[callee, host]).problems;
        problems.iter().map(|p| p.diagnostic.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(survey(), host(&[])), Vec::<&str>::new());
    let mut missing = host(&[]);
    missing.pages[1].call.as_mut().unwrap().journey = "surveys".into();
    assert_eq!(codes(survey(), missing)[..2], ["never-called", "unknown-journey"]);
    assert_eq!(codes(survey(), host(&[("patients", "1")])), ["unknown-parameter"]);
    assert_eq!(codes(survey(), host(&[("patience", "1"), ("patience", "2")])), ["duplicate-name"]);
    assert_eq!(codes(survey(), host(&[("patience", "true")])), ["wrong-type"]);
    let edited = |edit: &dyn Fn(&mut Definition)| {
        let mut callee = survey();
        edit(&mut callee);
        codes(callee, host(&[]))
    };
    assert_eq!(edited(&|d| d.pages.reverse()), ["unreachable-page", "call-ends-at-once"]);
    assert_eq!(edited(&|d| d.subject = SubjectKind::Party.into()).last(), Some(&"call-subject"));
    assert!(edited(&|d| d.kind = Kind::AdHoc.into()).contains(&"call-kind"));
    assert_eq!(edited(&|d| d.returns = Some("lefd".into()))[..1], ["unknown-variable"]);
    assert_eq!(
        edited(&|d| d.pages[0].choices[1].set = vec![("patience".into(), "1".into())]),
        ["set-parameter"]
    );
    let mut nowhere = host(&[]);
    nowhere.pages[0].choices.push(returned("true").turns("happy"));
    assert_eq!(codes(survey(), nowhere), ["returned-without-call"]);
    let mut named = host(&[]);
    named.variables[0].name = "result".into();
    named.pages[1].choices[1].set.clear();
    assert_eq!(codes(survey(), named), ["duplicate-name"; 2]);
    let mut elsewhere = host(&[]);
    elsewhere.pages[1].choices[2].when = Some("result > 2".into());
    assert_eq!(codes(survey(), elsewhere), ["unknown-name"], "only what waits for it reads it");
    assert_eq!(codes(survey(), journey("k", &[], vec![page("p", vec![])])), ["never-called"]);
}

#[test]
fn rule_13_1_a_library_of_callers_is_bounded() {
    // Ten pages of eight journeys each call the next: more copies than there is room for.
    let many = |name: String, next: usize| {
        let call = |nth: usize| {
            let callee = format!("j{next}-{nth}");
            calling(&format!("p{nth}"), &callee, &[], vec![when("a").turns(&format!("p{nth}"))])
        };
        journey(&name, &[], (0..8).map(call).collect())
    };
    let mut all: Vec<Definition> = vec![many("top".to_owned(), 1)];
    for depth in 1..5 {
        all.extend((0..8).map(|nth| many(format!("j{depth}-{nth}"), depth + 1)));
    }
    let leaf = || vec![page("p", vec![when("a").turns("p")])];
    all.extend((0..8).map(|nth| journey(&format!("j5-{nth}"), &[], leaf())));
    let compiled = compiled(&all);
    assert!(compiled.library.is_none());
    assert!(compiled.problems.iter().any(|problem| problem.diagnostic.code == "too-many"));
}

#[test]
fn rule_10_2_calls_have_few_effects() {
    let mut stage = Stage::new(&[survey(), host(&[])]);
    let ada = stage.who("ada");
    let facts = [Value::Bool(true), Value::Bool(false), Value::Double(0.0)];
    let mut step = Step::default();
    let input = |at| Input {
        at: Timestamp(at),
        subject: ada,
        event: Event::Context(Triggers::SIGHTING),
        facts: &facts,
    };
    stage.engine.event(&input(0), &mut step);
    stage.engine.event(&input(1), &mut step);
    assert!(step.effects.iter().any(|effect| matches!(effect, Effect::Returned { .. })));
    assert!(step.effects.len() <= 12);
}
