//! The journeys of the properties that are of no ordinary kind: one that learns, and one that foretells.

use turnpage_journeys_engine::{
    AlternativeDef, ChoiceDef, Definition, IntentDef, Kind, LearnDef, Limit, OfferDef, On, PageDef,
};

const MINUTE: i64 = 60_000;

/// A journey that learns, or one that foretells.
pub(crate) fn third(learns: bool) -> Definition {
    let choice = ChoiceDef { when: Some("a".into()), ..ChoiceDef::default() };
    let one = |offer: &str, to: Option<&str>| AlternativeDef {
        offer: offer.into(),
        turn_to: to.map(Into::into),
        ..AlternativeDef::default()
    };
    let page = |name: &str, choices| PageDef { name: name.into(), choices, ..PageDef::default() };
    let offer = |name: &str, valid: Option<i64>| OfferDef {
        name: name.into(),
        valid_ms: valid.map(Into::into),
        limit: Some(Limit::PerDay { count: 2 }.into()),
        ..OfferDef::default()
    };
    let mut def = Definition {
        name: "three".into(),
        version: 1,
        offers: vec![offer("x", Some(20 * MINUTE)), offer("y", None)],
        ..Definition::default()
    };
    if learns {
        let first = ChoiceDef { alternatives: vec![one("x", Some("q")), one("y", None)], ..choice };
        let back = ChoiceDef { when: Some("b".into()), turn_to: Some("p".into()), ..ChoiceDef::default() };
        let again = ChoiceDef { alternatives: vec![one("y", None), one("x", Some("p"))], ..back.clone() };
        def.kind = Kind::Learning.into();
        def.learn = Some(LearnDef { floor: 0.3, hold_out: 0.3 });
        def.pages = vec![page("p", vec![first]), page("q", vec![again, back])];
    } else {
        let reached =
            ChoiceDef { on: Some(On::Reached.into()), offer: Some("y".into()), ..ChoiceDef::default() };
        let offers = ChoiceDef { offer: Some("x".into()), turn_to: Some("q".into()), ..choice };
        def.kind = Kind::Intent.into();
        let within_ms = (45 * MINUTE).into();
        def.intent = Some(IntentDef { goal: "food".into(), likely: 0.5, within_ms });
        def.pages = vec![page("p", vec![offers]), page("q", vec![reached])];
    }
    def
}
