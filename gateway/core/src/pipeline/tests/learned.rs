//! What one subject's outcomes teach is everyone's, and outlives a crash and an edit.

use turnpage_journeys_engine::{
    AlternativeDef, ChoiceDef, ChoiceIx, Definition, JourneyIx, Kind, LearnDef, OfferDef, PageDef, PageIx,
};

use super::park::{MINUTE, NOON, Park, event};
use crate::Timestamp;
use crate::batch::State;
use crate::event::{Place, Presence, Sighting, What};
use crate::id::{SubjectName, ZoneName};
use crate::options::Role;
use crate::pipeline::Admission;

/// Two drinks for whoever is seen, in this order; nobody is held out.
fn drinks(version: u32, offers: [&str; 2]) -> Definition {
    let alternative = |name: &str| AlternativeDef { offer: name.into(), ..AlternativeDef::default() };
    let alternatives = offers.map(alternative).to_vec();
    let offer = |name: &str| OfferDef {
        name: name.into(),
        channels: vec!["band".into()],
        valid_ms: Some((20 * MINUTE).into()),
        ..OfferDef::default()
    };
    let choice = ChoiceDef {
        when: Some("place.outdoor".into()),
        alternatives,
        turn_to: Some("offered".into()),
        ..ChoiceDef::default()
    };
    let page = |name: &str, choices| PageDef { name: name.into(), choices, ..PageDef::default() };
    Definition {
        name: "drinks".into(),
        version,
        kind: Kind::Learning.into(),
        learn: Some(LearnDef { floor: 0.1, hold_out: 0.0 }),
        offers: offers.map(offer).to_vec(),
        pages: vec![page("walking", vec![choice]), page("offered", vec![])],
        ..Definition::default()
    }
}

fn learning(state: State) -> Park {
    Park::with("", &[drinks(1, ["water", "lemonade"])], state)
}

/// A visitor is offered something and says yes; what it was.
fn accepts(park: &mut Park, badge: u64, minute: i64) -> String {
    let now = NOON + minute * MINUTE;
    let place = Place::Zone(ZoneName::new("plaza").unwrap());
    let subject = SubjectName::new(&format!("{badge:016x}")).unwrap();
    let seen = What::Sighting(Sighting { subject, role: None, place, presence: Presence::Seen });
    assert_eq!(park.pipeline.event(Timestamp(now), event(now, seen)), Admission::Admitted);
    let offer = park.pipeline.outbox().next().expect("an offer").clone();
    let said = format!(r#"{{"id":"{}","outcome":"accepted","at":{now}}}"#, offer.id);
    let topic = format!("outcome/{badge:016x}");
    assert_eq!(park.say(now, Role::Channel, &topic, said.as_bytes()), Admission::Admitted);
    offer.offer
}

/// How often each alternative worked, as a newcomer's choice knows it: by the journey's order.
fn known(park: &mut Park) -> [u32; 2] {
    let newcomer = SubjectName::new("newcomer").unwrap();
    let subject = park.pipeline.engine.subject(Default::default(), newcomer.as_str()).unwrap();
    let weighed = park.pipeline.engine.explain(subject, JourneyIx(0), PageIx(0), ChoiceIx(0)).unwrap();
    [0, 1].map(|alternative: usize| weighed[alternative].tally.successes)
}

#[test]
fn everyone_knows_at_once_and_after_a_crash() {
    let mut park = learning(State::default());
    let mut expected = [0, 0];
    let mut state = State::default();
    for visitor in 1..=6 {
        let taken = accepts(&mut park, visitor, i64::try_from(visitor).unwrap());
        expected[usize::from(taken == "lemonade")] += 1;
        state.absorb(park.pipeline.take_batch());
        assert_eq!(park.pipeline.state(), state, "batches fold into the state");
        if visitor % 2 == 0 {
            park = learning(state.clone());
        }
    }
    assert_eq!(known(&mut park), expected);
    // What comes late from one who is forgotten stays known: eight days on there is nobody left.
    park.pipeline.advance(Timestamp(NOON + 8 * 24 * 60 * MINUTE));
    assert!(park.pipeline.state().subjects.is_empty());
    assert_eq!(known(&mut park), expected);
}

#[test]
fn an_edited_journey_goes_on_from_what_is_known() {
    let mut park = learning(State::default());
    (1..=4).for_each(|visitor| drop(accepts(&mut park, visitor, 1)));
    park.pipeline.take_batch();
    let [water, lemonade] = known(&mut park);
    assert_eq!(water + lemonade, 4);
    let state = park.pipeline.state();
    let mut edited = Park::with("", &[drinks(2, ["lemonade", "water"])], state.clone());
    assert_eq!(known(&mut edited), [lemonade, water]);
    let mut renamed = Park::with("", &[drinks(2, ["juice", "water"])], state);
    assert_eq!(known(&mut renamed), [0, water]);
}
