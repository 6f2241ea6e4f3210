//! What compiling says about definitions that are wrong: all of it, in order, each where it stands.

#[expect(dead_code, reason = "shared with the tests of the rules, which say more")]
#[path = "common/author.rs"]
mod author;

use author::{Does, after, journey, page, when};
use expect_test::{Expect, expect};
use turnpage_journeys_engine::{
    ChoiceDef, ChoiceIx, Deed, Definition, Limit, OfferIx, On, Outcome, PageIx, Severity, Span, Spanned,
    VariableDef, VariableIx, WordingDef, compile,
};
use turnpage_journeys_expr::{Schema, Type};

fn schema() -> Schema {
    let mut schema = Schema::new();
    let role = schema.domain("role", ["guest", "vip"]);
    assert!(schema.fact("role", Type::Symbol(role)).is_some() && schema.fact("a", Type::Bool).is_some());
    schema
}

fn check(definitions: &[Definition], expected: Expect) {
    let compiled = compile(definitions, &schema());
    let line = |problem: &turnpage_journeys_engine::Problem| {
        let (journey, told) = (problem.journey, &problem.diagnostic);
        let severity = if told.severity == Severity::Error { "error" } else { "warning" };
        let help = told.help.as_ref().map_or(String::new(), |help| format!(" ({help})"));
        let Span { start, end } = told.span;
        format!("{journey} {start}..{end} {severity} {}: {}{help}\n", told.code, told.message)
    };
    let errors = compiled.problems.iter().any(|problem| problem.diagnostic.severity == Severity::Error);
    assert_eq!(compiled.library.is_some(), !errors);
    expected.assert_eq(&compiled.problems.iter().map(line).collect::<String>());
}

fn at<T>(value: T, start: u32, end: u32) -> Spanned<T> {
    Spanned::new(value, Span { start, end })
}

#[test]
fn names_that_are_nowhere_are_told_with_a_suggestion() {
    let choice = ChoiceDef {
        offer: Some(at("cocao".to_owned(), 10, 15)),
        set: vec![(at("ride".to_owned(), 20, 24), "1".into())],
        turn_to: Some(at("sheltr".to_owned(), 30, 36)),
        ..when("a").records("coco", Outcome::Accepted)
    };
    let answer = ChoiceDef::default().answers("tea", Outcome::Accepted).turns("shelter");
    let mut def =
        journey("j", &["cocoa"], vec![page("strolling", vec![choice, answer]), page("shelter", vec![])]);
    def.variables.push(VariableDef { name: "rides".into(), of: Type::Int.into(), initial: Some("0".into()) });
    def.start = Some(at("stroling".to_owned(), 40, 48));
    check(
        &[def],
        expect![[r#"
            0 0..0 error unknown-offer: this journey has no offer `coco` (did you mean `cocoa`?)
            0 0..0 error unknown-offer: this journey has no offer `tea`
            0 10..15 error unknown-offer: this journey has no offer `cocao` (did you mean `cocoa`?)
            0 20..24 error unknown-variable: this journey has no variable `ride` (did you mean `rides`?)
            0 30..36 error unknown-page: this journey has no page `sheltr` (did you mean `shelter`?)
            0 40..48 error unknown-page: this journey has no page `stroling` (did you mean `strolling`?)
        "#]],
    );
}

#[test]
fn guards_and_copy_are_checked_where_they_stand() {
    let mut def = journey("j", &["x"], vec![page("p", vec![when("a").offers("x")])]);
    def.admit = Some(at("role == \"gest\"".to_owned(), 100, 114));
    def.pages[0].choices[0].when = Some(at("a && b".to_owned(), 200, 206));
    def.offers[0].text = vec![english(at("hello {b}".to_owned(), 300, 309))];
    def.variables.push(VariableDef {
        name: "n".into(),
        of: Type::Int.into(),
        initial: Some(at("true".to_owned(), 400, 404)),
    });
    def.variables.push(VariableDef { name: "m".into(), of: Type::Text.into(), initial: Some("1".into()) });
    check(
        &[def],
        expect![[r#"
            0 0..0 error variable-type: variable `m` cannot hold a text (a variable holds a truth, a number, a length of time, or a name of the venue's)
            0 108..114 error unknown-symbol: `gest` is no role (did you mean `guest`?)
            0 205..206 error unknown-name: unknown fact `b`
            0 307..308 error unknown-name: unknown fact `b`
            0 400..404 error wrong-type: expected a whole number, found a truth
        "#]],
    );
}

#[test]
fn what_a_definition_cannot_mean_is_told() {
    let mut confused = after(0).on(On::Enter).turns("p");
    confused.span = Span { start: 1, end: 2 };
    let mut def = journey("a b", &["x", "x"], vec![page("p", vec![confused, after(-1).turns("p")])]);
    def.pages.push(page("p", vec![ChoiceDef { span: Span { start: 5, end: 6 }, ..ChoiceDef::default() }]));
    def.offers[0].limit = Some(at(Limit::PerDay { count: 0 }, 50, 55));
    def.offers[1].limit = Some(at(Limit::PerWindow { count: 99, window_ms: 0 }, 60, 65));
    def.offers[0].valid_ms = Some(at(0, 70, 75));
    let twice = when("a").sets("n", "1").sets("n", "2");
    let mut other = journey("k", &[], vec![page("p", vec![twice])]);
    other.variables.push(VariableDef { name: "n".into(), of: Type::Int.into(), initial: Some("0".into()) });
    check(
        &[def, other.clone(), other, journey("empty", &[], vec![])],
        expect![[r#"
        0 0..0 error bad-name: `a b` cannot be the name of a journey (a name has 1 to 64 ASCII letters, digits, `-` or `_`)
        0 0..0 error duplicate-name: another page of this journey is named `p`, too
        0 0..0 error duplicate-name: another offer of this journey is named `x`, too
        0 0..0 error on-and-after: a choice waits for an event or for a time, not for both (write two choices, or turn to a page of its own when the event comes)
        0 0..0 error bad-after: a page waits for more than no time and at most ten years
        0 0..0 warning unused-offer: no choice makes offer `x`
        0 0..0 warning unused-offer: no choice makes offer `x`
        0 5..6 warning empty-choice: this choice does nothing but keep later ones from being taken
        0 50..55 error bad-limit: a limit of 0 means that the offer is never made
        0 60..65 error bad-limit: a limit counts for more than no time and at most ten years
        0 60..65 error bad-limit: a limit counts at most 32 offers in a window
        0 70..75 error bad-valid: an offer is valid for more than no time and at most ten years
        1 0..0 error duplicate-name: this choice sets `n` twice
        2 0..0 error duplicate-name: this choice sets `n` twice
        2 0..0 error duplicate-journey: another journey is named `k`, too
        3 0..0 error no-pages: a journey has at least one page
    "#]],
    );
}

#[test]
fn what_nobody_reaches_is_a_warning() {
    let mut def = journey(
        "j",
        &["x", "y"],
        vec![
            page("p", vec![when("a").turns("q"), after(5).offers("x")]),
            page("q", vec![]),
            page("r", vec![when("a").turns("s")]),
            page("s", vec![]),
        ],
    );
    def.pages[2].name = at("r".to_owned(), 7, 8);
    check(
        &[def.clone()],
        expect![[r#"
        0 0..0 warning unreachable-page: no choice leads to page `s`
        0 0..0 warning unused-offer: no choice makes offer `y`
        0 7..8 warning unreachable-page: no choice leads to page `r`
    "#]],
    );
    def.start = Some("r".into());
    check(
        &[def],
        expect![[r#"
        0 0..0 warning unreachable-page: no choice leads to page `p`
        0 0..0 warning unreachable-page: no choice leads to page `q`
        0 0..0 warning unused-offer: no choice makes offer `y`
    "#]],
    );
}

#[test]
fn a_library_is_found_by_name_and_says_what_it_reads() {
    let guarded = |name, guard| {
        journey(name, &["x"], vec![page("p", vec![when(guard).offers("x")]), page("q", vec![])])
    };
    let mut shown = guarded("b", "true");
    shown.offers[0].text = vec![english("role {role}".into())];
    let compiled = compile(&[guarded("c", "a"), shown, guarded("a", "!a")], &schema());
    let library = compiled.library.unwrap();
    let names: Vec<&str> = library.journeys().iter().map(|journey| journey.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    let found = library.find("b").and_then(|ix| library.journey(ix)).unwrap();
    assert_eq!((found.name.as_str(), library.find("d")), ("b", None));
    let slot = |path: &str| schema().slot(path).unwrap();
    assert_eq!(library.reads(), [slot("a")], "copy is read when an offer is made");
    assert_eq!(found.offers[0].text[0].template.reads(), [slot("role")]);
    let a = library.find("a").and_then(|ix| library.journey(ix)).unwrap();
    let info = a.choice(PageIx(0), ChoiceIx(0)).unwrap();
    assert_eq!((info.guard.as_str(), info.reads.as_slice()), ("!a", &[slot("a")][..]));
}

fn english(text: Spanned<String>) -> WordingDef {
    WordingDef { language: "en".to_owned(), channel: None, text }
}

#[test]
fn what_a_choice_does_can_be_asked() {
    let ask = when("a").offers("cocoa").sets("rides", "rides + 1");
    let both = ChoiceDef { withdraw: Some("tea".into()), ..when("a") };
    let both = both.records("cocoa", Outcome::Accepted).sets("rides", "0").sets("rides", "1");
    let mut def = journey("j", &["cocoa", "tea"], vec![page("p", vec![ask, both, when("a")])]);
    def.variables.push(VariableDef { name: "rides".into(), of: Type::Int.into(), initial: Some("0".into()) });
    def.variables.push(VariableDef { name: "more".into(), of: Type::Int.into(), initial: Some("0".into()) });
    def.pages[0].choices[1].set[1].0 = "more".into();
    let library = compile(&[def], &schema()).library.expect("it is sound");
    let deeds = |choice| library.journeys()[0].deeds(PageIx(0), ChoiceIx(choice));
    assert_eq!(deeds(0), [Deed::Set(VariableIx(0))]);
    assert_eq!(
        deeds(1),
        [
            Deed::Record(OfferIx(0), Outcome::Accepted),
            Deed::Withdraw(OfferIx(1)),
            Deed::Set(VariableIx(0)),
            Deed::Set(VariableIx(1)),
        ]
    );
    assert_eq!((deeds(2), deeds(9)), (Vec::new(), Vec::new()));
}
