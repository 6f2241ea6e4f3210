//! Rules 11.1 and 11.2: straying from the recommended way, and being nudged back.

use crate::author::{Does, journey, page, when};
use crate::stage::{A, AB, B, Facts, NONE, Stage};
use turnpage_journeys_engine::{Definition, Limit};

/// The way is `a`; `b` turns the page, rain does something and stays.
fn tour() -> Definition {
    let mut hall = page("hall", vec![when("b").turns("yard"), when("rain > 1.0").sets("n", "n + 1")]);
    hall.way = Some("a".into());
    hall.nudge = Some("back".into());
    let mut def = journey("j", &["back"], vec![hall, page("yard", vec![when("b").turns("hall")])]);
    def.variables.push(turnpage_journeys_engine::VariableDef {
        name: "n".into(),
        of: turnpage_journeys_expr::Type::Int.into(),
        initial: Some("0".into()),
    });
    def.offers[0].limit = Some(Limit::PerDay { count: 2 }.into());
    def
}

#[test]
fn rule_11_1_straying_is_told_once_on_a_visit() {
    let mut stage = Stage::new(&[tour()]);
    assert_eq!(stage.see(0, A), "@0: j begins on hall");
    assert_eq!(stage.see(1, Facts { a: None, ..NONE }), "", "unknown strays nobody");
    assert_eq!(stage.see(2, NONE), "@2: strays from hall, offers back");
    assert_eq!(stage.see(3, NONE), "");
    let mut moved = stage.moved_to(&[tour()]);
    assert_eq!(moved.see(4, NONE), "", "saved, too");
    assert_eq!(stage.see(5, AB), "@5: hall -0-> yard");
    stage.see(6, B);
    assert_eq!(stage.see(7, NONE), "@7: strays from hall, offers back", "another visit");
}

#[test]
fn rule_11_2_a_choice_taken_comes_before_the_nudge_and_the_limit_holds() {
    let mut stage = Stage::new(&[tour()]);
    assert_eq!(stage.see(0, B), "@0: j begins on hall, strays from hall, hall -0-> yard", "no nudge");
    stage.see(1, B);
    let wet = Facts { rain: 2.0, ..NONE };
    assert_eq!(stage.see(2, wet), "@2: strays from hall", "a choice was taken");
    assert_eq!(stage.see(3, NONE), "@3: offers back", "not yet nudged on this visit");
    for at in [4, 6] {
        stage.see(at, B);
        stage.see(at + 1, B);
        let said = stage.see(at + 1, NONE);
        let told = if at == 4 { "offers back" } else { "keeps back back" };
        assert_eq!(said, format!("@{}: strays from hall, {told}", at + 1));
    }
    let journey = &stage.engine.library().journeys()[0];
    let nudge =
        journey.choice(turnpage_journeys_engine::PageIx(0), turnpage_journeys_engine::ChoiceIx::NUDGE);
    assert_eq!(nudge.expect("the page has one").guard, "!(a)");
}
