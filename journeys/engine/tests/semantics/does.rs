//! Rules 4.6 to 4.8: what a choice does beside its offer; and what is wrong with it when compiled.

use crate::also::Also;
use crate::author::{Does, after, journey, page, when};
use crate::stage::{A, AB, B, HOUR, Stage, compiled};
use turnpage_journeys_engine::{
    ChoiceDef, ChoiceIx, Definition, DispatchDef, On, Outcome, PageIx, VariableDef, WordingDef, bounds,
};
use turnpage_journeys_expr::Type;

fn says(text: &str) -> Vec<WordingDef> {
    vec![WordingDef { language: "en".to_owned(), channel: None, text: text.into() }]
}

#[test]
fn rule_4_6_an_offer_that_stands_is_taken_back() {
    let back = when("b").withdraws("x").turns("q");
    let choices =
        vec![back, when("a").offers("x"), ChoiceDef::default().answers("x", Outcome::Expired).turns("q")];
    let mut def = journey("j", &["x"], vec![page("p", choices), page("q", vec![when("b").turns("p")])]);
    def.offers[0].valid_ms = Some(HOUR.into());
    let mut stage = Stage::new(&[def]);
    let id = stage.made(0, A);
    assert_eq!(stage.see(1, B), "@1: withdraws x, p -0-> q");
    assert_eq!(stage.outcome(2, id, Outcome::Accepted), "");
    assert_eq!(stage.see(3, B), "@3: q -0-> p");
    assert_eq!(stage.until(2 * HOUR), "", "it does not expire");
    assert_eq!(stage.see(2 * HOUR, AB), "@7200000: p -0-> q", "with nothing to take back");
}

#[test]
fn rule_4_7_staff_and_tickets_are_told() {
    let mut mop = when("a");
    mop.dispatch = Some(DispatchDef { role: "cleaner".into(), task: says("Mop at {place.zone.name}") });
    mop.ticket = says("Wet floor");
    let mut stage = Stage::new(&[journey("j", &[], vec![page("p", vec![mop])])]);
    assert_eq!(stage.see(0, A), "@0: j begins on p, calls staff, opens a ticket");
    let choice = stage.engine.library().journeys()[0].choice(PageIx(0), ChoiceIx(0)).expect("it is there");
    let dispatch = choice.dispatch.as_ref().expect("it calls staff");
    assert_eq!((dispatch.role.as_str(), dispatch.task.len(), choice.ticket.len()), ("cleaner", 1, 1));
}

#[test]
fn rule_4_8_facts_to_remember_are_computed_before_and_told() {
    let choice = when("a").sets("n", "n + 1").remembers("tier", "n").remembers("home", "place.zone");
    let mut def = journey("j", &[], vec![page("p", vec![choice])]);
    def.variables.push(VariableDef { name: "n".into(), of: Type::Int.into(), initial: Some("7".into()) });
    let mut stage = Stage::new(&[def]);
    stage.know_zone("mill");
    let said = "@0: j begins on p, remembers 6 Int(7), remembers 7 Symbol(Symbol(2))";
    assert_eq!(stage.see(0, A), said);
    assert_eq!(stage.see(1, A), "@1: remembers 6 Int(8), remembers 7 Symbol(Symbol(2))");
}

fn codes(choice: ChoiceDef) -> Vec<String> {
    problems(journey("j", &["x"], vec![page("p", vec![choice]), page("q", vec![])]))
}

fn problems(def: Definition) -> Vec<String> {
    let compiled = compiled(&[def]);
    let told = compiled.problems.iter().map(|problem| &problem.diagnostic);
    let told = told.filter(|told| !["unused-offer", "unreachable-page", "empty-choice"].contains(&told.code));
    told.map(|told| format!("{}: {}", told.code, told.message)).collect()
}

#[test]
fn what_a_choice_cannot_mean_is_told() {
    let pick = || ChoiceDef::default().picked("go").turns("q");
    assert_eq!(codes(pick()), Vec::<String>::new());
    let both = "waits-twice: a choice waits for one thing, not for";
    assert_eq!(codes(pick().at(0)), [format!("{both} `at` and `pick`")]);
    assert_eq!(codes(pick().on(On::Enter)), [format!("{both} `on` and `pick`")]);
    assert_eq!(
        codes(ChoiceDef { pick: Some("go".into()), ..after(1).turns("q") }),
        [format!("{both} `after` and `pick`")]
    );
    let noon = ChoiceDef::default().at(86_400_000).turns("q");
    assert_eq!(codes(noon), ["bad-at: a day on the clock ends before 24:00; midnight is 00:00"]);
    let label = ChoiceDef { label: says("Go"), ..when("a").turns("q") };
    let told = "label-without-pick: a label is what a kiosk shows for a pick, and this choice has no `pick`";
    assert_eq!(codes(label), [told]);
    let named = ChoiceDef::default().picked("go home").turns("q");
    assert_eq!(codes(named), ["bad-name: `go home` cannot be the name of a pick"]);
    let signal = ChoiceDef::default().on(On::SignalOf("parkin".to_owned())).turns("q");
    assert_eq!(codes(signal), ["unknown-signal: this venue has no signal `parkin`"]);
    assert_eq!(codes(when("a").withdraws("y")), ["unknown-offer: this journey has no offer `y`"]);
    assert_eq!(
        codes(when("a").remembers("tear", "1")),
        ["unknown-fact: this venue declares no fact `subject.tear`"]
    );
    assert_eq!(
        codes(when("a").remembers("tier", "a")),
        ["wrong-type: expected a whole number, found a truth"]
    );
    let twice = when("a").remembers("tier", "1").remembers("tier", "2");
    assert_eq!(codes(twice), ["duplicate-name: this choice remembers `tier` twice"]);
    let mut mop = when("a");
    mop.dispatch = Some(DispatchDef { role: "cleener".into(), task: says("{nobody}") });
    let told = codes(mop);
    assert_eq!(told[0], "unknown-role: this venue has no role `cleener`");
    assert_eq!(told.len(), 2, "and its copy is checked: {told:?}");
    let unknown = when("history.visits(\"nowhere\") > 1").turns("q");
    assert_eq!(codes(unknown).len(), 1);
}

#[test]
fn what_pages_cannot_mean_is_told() {
    use turnpage_journeys_engine::Kind;
    let guided = |change: fn(&mut turnpage_journeys_engine::PageDef)| {
        let mut def = journey("j", &["x"], vec![page("p", vec![])]);
        change(&mut def.pages[0]);
        def
    };
    let breach = guided(|page| page.breach = Some("a".into()));
    let told = "breach-not-mandated: only a mandated journey has an order that can be broken";
    assert_eq!(problems(breach.clone()), [told]);
    assert_eq!(problems(Definition { kind: Kind::Mandated.into(), ..breach }), Vec::<String>::new());
    let way = guided(|page| page.way = Some("a".into()));
    assert_eq!(problems(way.clone()), Vec::<String>::new());
    let told = "way-not-guided: only a guided journey has a recommended way";
    assert_eq!(problems(Definition { kind: Kind::Mandated.into(), ..way }), [told]);
    let nudge = guided(|page| page.nudge = Some("x".into()));
    let told = "nudge-without-way: a nudge is made to who strays, and this page has no `way` to stray from";
    assert_eq!(problems(nudge), [told]);
    let pick = || ChoiceDef::default().picked("go").turns("p");
    let twice = journey("j", &[], vec![page("p", vec![pick(), pick()])]);
    assert_eq!(problems(twice), ["duplicate-name: another pick of this page is named `go`, too"]);
}

#[test]
fn rule_10_1_choices_taken_once_and_facts_remembered_are_bounded() {
    let page_of = |nth: usize, count: usize| {
        page(&format!("p{nth}"), (0..count).map(|_| when("a").once().turns("p0")).collect())
    };
    let many =
        |more: usize| problems(journey("j", &[], vec![page_of(0, bounds::ONCE_MAX), page_of(1, more)]));
    assert_eq!(many(0), Vec::<String>::new());
    assert_eq!(many(1), ["too-many: a journey has at most 256 choices that are taken only once"]);
    let facts = (0..=bounds::REMEMBERS_MAX).fold(when("a"), |choice, _| choice.remembers("tier", "1"));
    assert_eq!(codes(facts)[0], "too-many: a choice remembers at most 8 facts");
}
