//! Arbitration in the corridor: rivals of one step, consent by purpose, pools, hold-outs, and all of it after a crash.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use turnpage_journeys_engine::{
    ChoiceDef, Definition, OfferDef, On, Outcome, OutcomeOf, PageDef, WordingDef, compile,
};

use super::park::{MINUTE, NOON, event};
use crate::Timestamp;
use crate::batch::{Reason, State};
use crate::event::{Place, Presence, Sighting, What};
use crate::id::{NodeId, OfferId, SubjectName, ZoneName};
use crate::options::{Keys, Options, Origin, Role};
use crate::pipeline::{Admission, Pipeline};
use crate::venue::{SourceFile, VENUE_FILE, Venue};

/// A journey that offers once on the plaza, and again on the grill's terrace when it was withheld or declined.
fn journey(name: &str, offer: OfferDef) -> Definition {
    let on = |outcome, to: &str| ChoiceDef {
        on: Some(On::Outcome(OutcomeOf { offer: "o".into(), outcome }).into()),
        turn_to: Some(to.into()),
        ..ChoiceDef::default()
    };
    let enter = ChoiceDef {
        on: Some(On::Sighting.into()),
        when: Some("place.zone == 'plaza'".into()),
        offer: Some("o".into()),
        turn_to: Some("offered".into()),
        ..ChoiceDef::default()
    };
    // Whoever comes to the till takes it, whether or not anybody asked.
    let till = ChoiceDef {
        on: Some(On::Sighting.into()),
        when: Some("place.zone == 'till'".into()),
        outcome: Some(OutcomeOf { offer: "o".into(), outcome: Outcome::Accepted }.into()),
        turn_to: Some("taken".into()),
        ..ChoiceDef::default()
    };
    let page = |name: &str, choices| PageDef { name: name.into(), choices, ..PageDef::default() };
    Definition {
        name: name.into(),
        version: 1,
        offers: vec![OfferDef {
            name: "o".into(),
            text: vec![WordingDef { language: "en".into(), channel: None, text: name.into() }],
            valid_ms: Some((20 * MINUTE).into()),
            ..offer
        }],
        pages: vec![
            page("strolling", vec![enter]),
            page(
                "offered",
                vec![till, on(Outcome::Withheld, "strolling"), on(Outcome::Declined, "strolling")],
            ),
            page("taken", Vec::new()),
        ],
        ..Definition::default()
    }
}

struct Square {
    text: String,
    journeys: Vec<Definition>,
    pipeline: Pipeline,
    state: State,
}

impl Square {
    fn new(more: &str, journeys: Vec<Definition>) -> Self {
        let text = format!(
            "venue: harbour-park\ntime_zone: UTC\nkinds: [plaza]\nroles: [guest]\nchannels: [band, app, kiosk]\n\
             zones: [{{ id: plaza, kind: plaza }}, {{ id: till, kind: plaza, channel: kiosk }}]\n\
             nodes: [{{ id: 1, name: k, zone: plaza, senses: [badge], channel: kiosk }}]\n\
             signals: [{{ name: left, fresh: 24h }}]\n{more}"
        );
        let state = State::default();
        Self { pipeline: Self::pipeline(&text, &journeys, State::default()), text, journeys, state }
    }

    fn pipeline(text: &str, journeys: &[Definition], state: State) -> Pipeline {
        let venue = Venue::read(&[SourceFile { name: VENUE_FILE, text }]);
        let venue = venue.unwrap_or_else(|wrong| panic!("{wrong:#?}"));
        let compiled = compile(journeys, &venue.schema());
        let library = compiled.library.unwrap_or_else(|| panic!("{:#?}", compiled.problems));
        let options = Options { seed: 42, ..Options::default() };
        Pipeline::restore(venue, library, Keys::default(), options, state).unwrap()
    }

    /// Everything comes back from what was committed, as after a crash.
    fn crash(&mut self) {
        self.state.absorb(self.pipeline.take_batch());
        assert_eq!(self.pipeline.state(), self.state, "batches fold into the state");
        self.pipeline = Self::pipeline(&self.text, &self.journeys, self.state.clone());
        assert_eq!(self.pipeline.state(), self.state, "and the state comes back whole");
    }

    fn at(&mut self, minute: i64, what: What) -> Admission {
        let now = NOON + minute * MINUTE;
        self.pipeline.event(Timestamp(now), event(now, what))
    }

    fn seen(&mut self, minute: i64, who: &str, zone: &str) {
        let place = Place::Zone(ZoneName::new(zone).unwrap());
        let subject = SubjectName::new(who).unwrap();
        let seen = Sighting { subject, role: None, place, presence: Presence::Seen };
        assert_eq!(self.at(minute, What::Sighting(seen)), Admission::Admitted);
    }

    fn says(&mut self, minute: i64, who: &str, purpose: &str, granted: bool) -> Admission {
        let at = NOON + minute * MINUTE;
        let payload = format!(r#"{{"purpose":"{purpose}","granted":{granted},"at":{at}}}"#);
        let origin = Origin { client: "test".into(), role: Role::Channel };
        let topic = format!("turnpage/v1/harbour-park/consent/{who}");
        self.pipeline.message(Timestamp(at), &origin, &topic, payload.as_bytes())
    }

    fn answers(&mut self, minute: i64, who: &str, offer: OfferId, outcome: Outcome) -> Admission {
        let subject = SubjectName::new(who).unwrap();
        self.at(minute, What::Outcome { subject, offer, outcome })
    }

    /// What was decided and settled since the last look, one line each; the batch counts as committed.
    fn told(&mut self) -> String {
        let batch = self.pipeline.take_batch();
        let mut told = String::new();
        for record in &batch.decisions {
            let ground = record.ground.as_ref().map(|ground| format!(" ({ground})")).unwrap_or_default();
            writeln!(told, "{} {}: {:?}{ground}", record.subject, record.journey, record.verdict).unwrap();
        }
        for settled in &batch.settled {
            writeln!(told, "{} {:?}", settled.subject, settled.how).unwrap();
        }
        let read = crate::batch::Batch::from_bytes(&batch.to_bytes().unwrap()).unwrap();
        assert_eq!(read.decisions, batch.decisions, "the log keeps grounds");
        self.state.absorb(batch);
        told
    }

    fn check(&mut self, expected: Expect) {
        expected.assert_eq(&self.told());
    }

    /// The offers that stand in the outbox, by who made them.
    fn outbox(&self) -> Vec<(String, OfferId)> {
        let mut all: Vec<_> = self.pipeline.outbox().map(|out| (out.journey.clone(), out.id)).collect();
        all.sort();
        all
    }
}

fn plain() -> OfferDef {
    OfferDef { channels: vec!["band".into()], ..OfferDef::default() }
}

#[test]
fn rivals_of_one_step_are_seen_together() {
    let high = OfferDef { priority: Some(5), ..plain() };
    let journeys = vec![journey("a", plain()), journey("b", high), journey("c", plain())];
    let mut square = Square::new("policy: { slots: 1 }\n", journeys);
    square.seen(0, "x", "plaza");
    square.check(expect![[r#"
        x a: Withheld(Rival) (o of b has the slot)
        x b: Made { channel: "band" }
        x c: Withheld(Rival) (o of b has the slot)
    "#]]);
    // What was withheld went back to its page, and what stands keeps its slot after a crash.
    square.crash();
    square.seen(1, "x", "plaza");
    square.check(expect![[r#"
        x a: Withheld(Rival) (o of b has the slot)
        x c: Withheld(Rival) (o of b has the slot)
    "#]]);
    let won = square.outbox()[0].1;
    assert_eq!(square.answers(2, "x", won, Outcome::Declined), Admission::Admitted);
    square.seen(3, "x", "plaza");
    square.check(expect![[r#"
        x a: Withheld(Rival) (o of b has the slot)
        x b: Made { channel: "band" }
        x c: Withheld(Rival) (o of b has the slot)
        x Delivered
    "#]]);
}

#[test]
fn a_refused_purpose_stops_its_journeys_in_the_same_step_and_keeps_them_stopped() {
    let advert = Definition { purpose: Some("adverts".into()), ..journey("ads", plain()) };
    let inside = journey("mixed", OfferDef { purpose: Some("adverts".into()), ..plain() });
    let journeys = vec![advert, inside, journey("service", plain())];
    let mut square = Square::new("purposes: { service: assumed, adverts: assumed }\n", journeys);
    square.seen(0, "x", "plaza");
    assert_eq!(square.outbox().len(), 3);
    square.told();
    square.crash();
    assert_eq!(square.says(1, "x", "adverts", false), Admission::Admitted);
    square.check(expect![[r#"
        x Withdrawn
        x Withdrawn
    "#]]);
    assert_eq!(square.outbox().iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["service"]);
    assert_eq!(square.says(1, "x", "adverts", false), Admission::Duplicate);
    assert_eq!(square.says(1, "x", "advert", false), Admission::Dead(Reason::Unknown));
    square.crash();
    square.seen(2, "x", "plaza");
    square.check(expect![[r#"
        x mixed: Withheld(Consent) (no consent for adverts)
    "#]]);
    assert_eq!(square.says(3, "x", "adverts", true), Admission::Admitted);
    square.seen(4, "x", "plaza");
    square.check(expect![[r#"
        x ads: Made { channel: "band" }
        x mixed: Made { channel: "band" }
    "#]]);
    assert_eq!(square.says(5, "x", "offers", false), Admission::Admitted);
    assert_eq!(square.outbox(), [], "a no to all takes everything back");
}

#[test]
fn a_unit_is_held_taken_given_back_and_survives_a_crash() {
    let cup = OfferDef { hold: Some("cups".into()), ..plain() };
    let mut square = Square::new("pools: { cups: { size: 1, back: 30m } }\n", vec![journey("a", cup)]);
    square.seen(0, "x", "plaza");
    square.crash();
    square.seen(1, "y", "plaza");
    square.check(expect![[r#"
        y a: Withheld(Full) (cups: 0 of 1 free, 1 held, 0 used)
    "#]]);
    // It runs out and is free.
    square.pipeline.advance(Timestamp(NOON + 20 * MINUTE));
    square.crash();
    square.seen(21, "y", "plaza");
    square.check(expect![[r#"
        y a: Made { channel: "band" }
    "#]]);
    square.seen(22, "y", "till");
    square.crash();
    square.seen(23, "z", "plaza");
    square.check(expect![[r#"
        z a: Withheld(Full) (cups: 0 of 1 free, 0 held, 1 used)
    "#]]);
    // Used for half an hour, then back.
    square.seen(52, "z", "plaza");
    square.check(expect![[r#"
        z a: Made { channel: "band" }
    "#]]);
    assert_eq!(square.says(53, "z", "offers", false), Admission::Admitted);
    square.seen(54, "q", "plaza");
    square.check(expect![[r#"
        q a: Made { channel: "band" }
        z Withdrawn
    "#]]);
}

#[test]
fn who_is_held_out_walks_through_the_journey_unasked() {
    let held = Definition { hold_out: Some(1.0), ..journey("a", plain()) };
    let mut square = Square::new("policy: { slots: 1 }\n", vec![held, journey("b", plain())]);
    square.seen(0, "x", "plaza");
    let batch = square.pipeline.take_batch();
    let shadow = batch.decisions[0].id;
    assert_eq!(batch.outbox.len(), 1, "b has the slot to itself");
    square.state.absorb(batch);
    assert_eq!(square.answers(1, "x", shadow, Outcome::Accepted), Admission::Dead(Reason::Unknown));
    square.crash();
    square.seen(2, "x", "till");
    let batch = square.pipeline.take_batch();
    let lines = format!("{:?}", batch.ledger);
    assert!(lines.contains(&format!("{shadow:?}")), "what she did anyway is counted: {lines}");
    let funnel = |name: &str| batch.counters.funnel.get(name).copied().unwrap_or_default();
    assert_eq!((funnel("a").accepted, funnel("b").accepted), (0, 1), "and is nobody's success");
}

#[test]
fn an_offer_goes_where_its_subject_is() {
    let both = OfferDef { channels: vec!["band".into(), "kiosk".into()], ..OfferDef::default() };
    let mut square = Square::new("policy: { channel: present }\n", vec![journey("a", both)]);
    square.seen(0, "x", "plaza");
    let kiosk = Sighting {
        subject: SubjectName::new("y").unwrap(),
        role: None,
        place: Place::Node(NodeId(1)),
        presence: Presence::Seen,
    };
    assert_eq!(square.at(1, What::Sighting(kiosk)), Admission::Admitted);
    square.check(expect![[r#"
        x a: Made { channel: "band" }
        y a: Made { channel: "kiosk" }
    "#]]);
}

#[test]
fn a_party_shares_a_cap_and_who_takes_nothing_is_left_alone() {
    let more = "policy: { offers_per_party: 2, fatigue: { after: 1, wait: 1h } }\n";
    let mut square = Square::new(more, vec![journey("a", plain())]);
    for who in ["x", "y", "z"] {
        let origin = Origin { client: "test".into(), role: Role::Channel };
        let payload = format!(r#"{{"party":"kim","at":{NOON}}}"#);
        let topic = format!("turnpage/v1/harbour-park/subject/{who}");
        square.pipeline.message(Timestamp(NOON), &origin, &topic, payload.as_bytes());
        square.seen(0, who, "plaza");
    }
    square.seen(0, "alone", "plaza");
    square.check(expect![[r#"
        x a: Made { channel: "band" }
        y a: Made { channel: "band" }
        z a: Withheld(PartyCap) (2 of 2 today)
        alone a: Made { channel: "band" }
    "#]]);
    let alone = square.pipeline.outbox().find(|out| out.subject.as_str() == "alone").unwrap().id;
    assert_eq!(square.answers(1, "alone", alone, Outcome::Declined), Admission::Admitted);
    square.crash();
    square.seen(59, "alone", "plaza");
    square.seen(60, "alone", "plaza");
    square.check(expect![[r#"
        alone a: Withheld(Fatigue) (1 in a row not taken, not before 1784566800000)
        alone a: Made { channel: "band" }
        x Expired
        y Expired
    "#]]);
}

#[test]
fn vendors_pay_for_slots_and_what_they_spent_survives() {
    let more = "policy: { slots: 1 }\nauction:\n  vendors:\n    grill: { budget: 10, bids: [{ amount: 9, when: place.zone == \"plaza\" }] }\n    \
                bakery: { budget: 100, bids: [{ amount: 6 }] }\n";
    let of = |vendor: &str| OfferDef { vendor: Some(vendor.into()), ..plain() };
    let mut square = Square::new(more, vec![journey("a", of("bakery")), journey("b", of("grill"))]);
    square.seen(0, "x", "plaza");
    square.check(expect![[r#"
        x a: Withheld(Rival) (o of b has the slot)
        x b: Made { channel: "band" } (grill bid 9 and pays 6)
    "#]]);
    square.crash();
    square.seen(1, "y", "plaza");
    square.check(expect![[r#"
        y a: Made { channel: "band" } (bakery bid 6 and pays 0)
        y b: Withheld(Budget) (grill bids 9, and has spent 6 of the 10 it may by now)
    "#]]);
}
