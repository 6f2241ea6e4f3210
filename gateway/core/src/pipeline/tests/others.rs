//! Parties, zones, teams and the venue; picks, calls for staff and what is remembered.

use turnpage_journeys_engine::{
    ChoiceDef, Definition, DispatchDef, OfferDef, On, PageDef, SubjectKind, WordingDef,
};

use super::park::{MINUTE, NOON, Park, event};
use crate::Timestamp;
use crate::batch::{Batch, Note, Reason, Settlement, State};
use crate::event::{Place, Presence, Sighting, What};
use crate::id::{SubjectName, ZoneName};
use crate::options::Role;
use crate::pipeline::Admission;

const MORE: &str = "facts: { tier: { values: [silver, gold] } }\nsubjects: { team: [staff] }\n";

fn copy(language: &str, text: &str) -> WordingDef {
    WordingDef { language: language.into(), channel: None, text: text.into() }
}

/// A journey of one page that makes the offer `hello` to a kind of subject.
fn greeting(subject: SubjectKind, on: Option<On>, when: &str) -> Definition {
    let choice = ChoiceDef {
        on: on.map(Into::into),
        when: Some(when.into()),
        offer: Some("hello".into()),
        ..ChoiceDef::default()
    };
    of_page(subject, vec![choice])
}

fn of_page(subject: SubjectKind, choices: Vec<ChoiceDef>) -> Definition {
    Definition {
        name: subject.name().into(),
        version: 1,
        subject: subject.into(),
        offers: vec![OfferDef {
            name: "hello".into(),
            text: vec![copy("en", "Hello {place.zone.name}")],
            ..OfferDef::default()
        }],
        pages: vec![PageDef { name: "only".into(), choices, ..PageDef::default() }],
        ..Definition::default()
    }
}

fn park(journeys: &[Definition]) -> Park {
    Park::with(MORE, journeys, State::default())
}

fn seen(park: &mut Park, now: i64, who: &str, role: &str, zone: &str) {
    let place = Place::Zone(ZoneName::new(zone).unwrap());
    let subject = SubjectName::new(who).unwrap();
    let sighting = Sighting { subject, role: Some(role.into()), place, presence: Presence::Seen };
    let admission = park.pipeline.event(Timestamp(now), event(now, What::Sighting(sighting)));
    assert_eq!(admission, Admission::Admitted);
}

fn say(park: &mut Park, now: i64, topic: &str, payload: &str) -> Admission {
    park.say(now, Role::Channel, topic, payload.replace("NOW", &now.to_string()).as_bytes())
}

/// The batch so far, after a crash: everything goes on from what was saved.
fn crash(park: &mut Park, state: &mut State, journeys: &[Definition]) -> Batch {
    let batch = park.pipeline.take_batch();
    state.absorb(batch.clone());
    assert_eq!(park.pipeline.state(), *state, "batches fold into the state");
    *park = Park::with(MORE, journeys, state.clone());
    batch
}

#[test]
fn a_zone_speaks_when_somebody_comes_whatever_the_consent() {
    let journeys =
        [greeting(SubjectKind::Zone, Some(On::Enter), "place.count >= 2 && place.kind == 'plaza'")];
    let mut park = park(&journeys);
    let mut state = State::default();
    seen(&mut park, NOON, "a", "guest", "plaza");
    crash(&mut park, &mut state, &journeys);
    seen(&mut park, NOON, "b", "guest", "grill");
    assert_eq!(park.offers(), [""; 0]);
    seen(&mut park, NOON, "c", "guest", "plaza");
    let batch = park.pipeline.take_batch();
    assert_eq!(
        (batch.outbox[0].subject.as_str(), batch.outbox[0].text.as_str()),
        ("zone.plaza", "Hello Main square")
    );
    assert_eq!(park.pipeline.live().zones[1].occupancy, 2, "a zone is not in itself");
}

#[test]
fn a_party_is_stepped_by_its_members_until_one_says_no() {
    let journeys =
        [greeting(SubjectKind::Party, Some(On::Enter), "party.size == 2 && place.kind == 'plaza'")];
    let mut park = park(&journeys);
    let mut state = State::default();
    for who in ["a", "b"] {
        say(&mut park, NOON, &format!("subject/{who}"), r#"{"party":"kim","at":NOW}"#);
    }
    crash(&mut park, &mut state, &journeys);
    seen(&mut park, NOON + 1, "a", "guest", "plaza");
    let batch = park.pipeline.take_batch();
    assert_eq!(batch.outbox[0].subject.as_str(), "party.kim");
    state.absorb(batch);
    let no = r#"{"purpose":"offers","granted":false,"at":NOW}"#;
    assert_eq!(say(&mut park, NOON + 2, "consent/b", no), Admission::Admitted);
    let batch = crash(&mut park, &mut state, &journeys);
    assert_eq!(batch.settled[0].how, Settlement::Withdrawn);
    seen(&mut park, NOON + 5 * MINUTE, "b", "guest", "plaza");
    assert_eq!(park.pipeline.take_batch().decisions, [], "who said no does not step it");
    seen(&mut park, NOON + 6 * MINUTE, "a", "guest", "grill");
    seen(&mut park, NOON + 7 * MINUTE, "a", "guest", "plaza");
    seen(&mut park, NOON + 8 * MINUTE, "a", "guest", "plaza");
    let batch = park.pipeline.take_batch();
    assert_eq!((batch.outbox.len(), batch.decisions.len()), (0, 1), "withheld for consent");
    say(&mut park, NOON + 9 * MINUTE, "subject/a", r#"{"party":null,"at":NOW}"#);
    say(&mut park, NOON + 9 * MINUTE, "subject/b", r#"{"party":null,"at":NOW}"#);
    assert_eq!(park.pipeline.live().subjects, 2, "a party of nobody is forgotten");
}

#[test]
fn a_role_is_a_kind_of_subject() {
    let journeys =
        [greeting(SubjectKind::Team, None, "role == 'staff'"), greeting(SubjectKind::Visitor, None, "true")];
    let mut park = park(&journeys);
    let night = NOON + 11 * 60 * MINUTE;
    seen(&mut park, night, "t", "staff", "plaza");
    assert_eq!(park.offers(), ["t hello"], "a team works at night");
    seen(&mut park, night, "t", "guest", "plaza");
    let batch = park.pipeline.take_batch();
    assert_eq!(batch.settled[0].how, Settlement::Withdrawn, "it is no team any more");
    assert_eq!(batch.decisions[0].journey, "visitor");
    assert_eq!(park.pipeline.live().subjects, 1);
}

#[test]
fn the_venue_hears_signals() {
    let journeys = [greeting(
        SubjectKind::Venue,
        Some(On::SignalOf("parking-full".into())),
        "signal['parking-full'] > 90",
    )];
    let mut park = park(&journeys);
    let at = |value| format!(r#"{{"at":NOW,"value":{value}}}"#);
    let signal = |park: &mut Park, now: i64, name: &str, value: f64| {
        let payload = at(value).replace("NOW", &now.to_string());
        assert_eq!(park.say(now, Role::Source, name, payload.as_bytes()), Admission::Admitted);
    };
    signal(&mut park, NOON, "signal/parking-full", 95.0);
    assert_eq!(park.offers(), ["venue.harbour-park hello"]);
    signal(&mut park, NOON + 1, "signal/wait-coaster", 20.0);
    assert_eq!(park.offers(), [""; 0], "another signal");
}

#[test]
fn what_can_be_picked_is_told_when_it_changes_and_a_pick_is_taken_once() {
    let pick = |name: &str, when: &str| ChoiceDef {
        pick: Some(name.into()),
        when: Some(when.into()),
        label: vec![copy("en", "Rest in {place.zone.name}"), copy("es", "Descansar")],
        offer: Some("hello".into()),
        ..ChoiceDef::default()
    };
    let journeys = [of_page(SubjectKind::Visitor, vec![pick("rest", "place.kind == 'plaza'")])];
    let mut park = park(&journeys);
    let mut state = State::default();
    seen(&mut park, NOON, "a", "guest", "plaza");
    let batch = park.pipeline.take_batch();
    assert_eq!(batch.choices[0].choices[0].label, "Rest in Main square");
    state.absorb(batch);
    seen(&mut park, NOON + 1, "a", "guest", "plaza");
    assert_eq!(park.pipeline.take_batch().choices, [], "nothing has changed");
    say(&mut park, NOON + 2, "subject/a", r#"{"language":"es","at":NOW}"#);
    assert_eq!(crash(&mut park, &mut state, &journeys).choices[0].choices[0].label, "Descansar");
    assert_eq!(park.pipeline.choices().len(), 1, "a restart tells all of it");
    let rest = r#"{"journey":"visitor","page":"only","pick":"rest","at":NOW}"#;
    assert_eq!(say(&mut park, NOON + 3, "pick/a", rest), Admission::Admitted);
    assert_eq!(park.offers(), ["a hello"]);
    assert_eq!(say(&mut park, NOON + 3, "pick/a", rest), Admission::Duplicate);
    assert_eq!(say(&mut park, NOON + 3, "pick/stranger", rest), Admission::Dead(Reason::Unknown));
    let other = rest.replace("rest", "nap");
    assert_eq!(say(&mut park, NOON + 3, "pick/a", &other), Admission::Dead(Reason::Unknown));
    let no = r#"{"purpose":"offers","granted":false,"at":NOW}"#;
    say(&mut park, NOON + 4, "consent/a", no);
    assert_eq!(park.pipeline.take_batch().choices[0].choices, [], "nobody is asked any more");
}

#[test]
fn staff_are_called_tickets_written_and_facts_remembered() {
    let gold = ChoiceDef {
        on: Some(On::Enter.into()),
        dispatch: Some(DispatchDef {
            role: "staff".into(),
            task: vec![copy("en", "Mop at {place.zone.name}")],
        }),
        ticket: vec![copy("en", "Wet floor")],
        remember: vec![("tier".into(), "'gold'".into())],
        ..ChoiceDef::default()
    };
    let known = ChoiceDef {
        when: Some("subject.tier == 'gold'".into()),
        offer: Some("hello".into()),
        ..ChoiceDef::default()
    };
    let journeys = [of_page(SubjectKind::Visitor, vec![gold, known])];
    let mut park = park(&journeys);
    let mut state = State::default();
    seen(&mut park, NOON, "a", "guest", "plaza");
    let batch = crash(&mut park, &mut state, &journeys);
    let words: Vec<_> = batch.notes.iter().map(|note| note.note.word()).collect();
    assert_eq!(words, ["dispatch", "ticket", "remembered"]);
    let task = &batch.outbox[0];
    assert_eq!((task.staff(), task.text.as_str()), (Some("staff"), "Mop at Main square"));
    assert!(matches!(&batch.notes[0].note, Note::Dispatch { id, .. } if *id == task.id));
    assert_eq!(Batch::from_bytes(&batch.to_bytes().unwrap()).unwrap(), batch, "the log keeps notes");
    seen(&mut park, NOON + MINUTE, "a", "guest", "plaza");
    assert_eq!(park.offers(), ["a hello"]);
    park.pipeline.settle(Timestamp(NOON + MINUTE), task.id, Settlement::Delivered);
    let batch = park.pipeline.take_batch();
    assert_eq!((batch.settled[0].id, batch.settled[0].how), (task.id, Settlement::Delivered));
    assert_eq!(batch.counters.funnel["visitor"].delivered, 0, "a call for staff is no offer");
    say(&mut park, NOON + 2 * MINUTE, "consent/a", r#"{"purpose":"offers","granted":false,"at":NOW}"#);
    assert_eq!(park.pipeline.take_batch().settled.len(), 1, "the offer is taken back, the call is not");
}
