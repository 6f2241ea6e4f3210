//! The ledger's lines: what a report is told of every offer, and what the log keeps of it.

use super::park::{MINUTE, NOON, Park};
use crate::Timestamp;
use crate::batch::{Batch, Reason, State};
use crate::ledger::{LedgerLine, Sky, Warmth};
use crate::options::Role;
use crate::pipeline::Admission;
use turnpage_journeys_engine::Outcome;

const TOPIC: &str = "outcome/00000000000000a1";

/// The lines since the last batch, which must come back from the log as they were written.
fn lines(park: &mut Park) -> Vec<LedgerLine> {
    let batch = park.pipeline.take_batch();
    assert_eq!(Batch::from_bytes(&batch.to_bytes().unwrap()).unwrap(), batch);
    batch.ledger
}

fn tell(park: &mut Park, minute: i64, said: &str) -> Admission {
    let at = NOON + minute * MINUTE;
    park.say(at, Role::Channel, TOPIC, format!(r#"{{{said},"at":{at}}}"#).as_bytes())
}

/// A park in the rain with one offer of cocoa; its id.
fn offered() -> (Park, String) {
    let mut park = Park::new();
    park.rain(NOON, 200);
    park.badge(NOON, 0xa1);
    let lines = lines(&mut park);
    let [LedgerLine::Decided { id, valid_until, setting }] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(*valid_until, Timestamp(NOON + 20 * MINUTE));
    assert_eq!((setting.hour, setting.role.as_str()), (12, "guest"));
    assert_eq!(setting.zone.as_ref().map(|zone| zone.as_str()), Some("plaza"));
    assert_eq!(setting.sky.wet, Some(true));
    (park, id.to_string())
}

#[test]
fn every_first_word_on_an_offer_is_a_line() {
    let (mut park, id) = offered();
    let seen = format!(r#""id":"{id}","outcome":"seen""#);
    assert_eq!(tell(&mut park, 1, &seen), Admission::Admitted);
    assert_eq!(tell(&mut park, 2, &seen), Admission::Duplicate);
    let at = Timestamp(NOON + MINUTE);
    let [LedgerLine::Became { at: then, outcome, .. }] = lines(&mut park)[..] else { panic!() };
    assert_eq!((then, outcome), (at, Outcome::Seen));
    park.pipeline.advance(Timestamp(NOON + 20 * MINUTE));
    let [LedgerLine::Became { outcome: Outcome::Expired, .. }] = lines(&mut park)[..] else { panic!() };
}

#[test]
fn what_an_offer_brought_is_told_once_and_may_come_after_the_acceptance() {
    let sold = |id: &str, value: &str| format!(r#""id":"{id}","outcome":"accepted","value":{value}"#);
    let (mut park, id) = offered();
    assert_eq!(tell(&mut park, 1, &sold(&id, "4.5")), Admission::Admitted);
    assert_eq!(tell(&mut park, 2, &sold(&id, "4.5")), Admission::Duplicate);
    let [LedgerLine::Became { outcome: Outcome::Accepted, .. }, LedgerLine::Brought { value, .. }] =
        lines(&mut park)[..]
    else {
        panic!()
    };
    assert_eq!(value, 4.5);
    assert_eq!(park.pipeline.live().journeys[0].funnel.accepted, 1);

    let (mut park, id) = offered();
    let accepted = format!(r#""id":"{id}","outcome":"accepted""#);
    assert_eq!(tell(&mut park, 1, &accepted), Admission::Admitted);
    lines(&mut park);
    let mut state = State::default();
    state.absorb(park.pipeline.take_batch());
    assert_eq!(tell(&mut park, 2, &sold(&id, "0")), Admission::Admitted, "the till is slower");
    let [LedgerLine::Brought { value, .. }] = lines(&mut park)[..] else { panic!() };
    assert_eq!((value, park.pipeline.live().counters.outcomes), (0.0, 2));
    assert_eq!(tell(&mut park, 3, &sold(&id, "9")), Admission::Duplicate);
}

#[test]
fn what_comes_too_late_or_cannot_be_paid_brought_nothing() {
    let (mut park, id) = offered();
    for value in ["-1", "1e300", "\"4\""] {
        let said = format!(r#""id":"{id}","outcome":"accepted","value":{value}"#);
        assert_eq!(tell(&mut park, 1, &said), Admission::Dead(Reason::Malformed), "{value}");
    }
    let said = format!(r#""id":"{id}","outcome":"seen","value":1"#);
    assert_eq!(tell(&mut park, 1, &said), Admission::Dead(Reason::Malformed));
    park.pipeline.advance(Timestamp(NOON + 20 * MINUTE));
    lines(&mut park);
    let said = format!(r#""id":"{id}","outcome":"accepted","value":4"#);
    assert_eq!(tell(&mut park, 21, &said), Admission::Admitted);
    assert_eq!(lines(&mut park), [], "it was over");
    let said = r#""id":"00000000000000000000000000000007","outcome":"accepted","value":4"#;
    assert_eq!(tell(&mut park, 22, said), Admission::Dead(Reason::Unknown));
}

#[test]
fn a_withdrawn_offer_is_told_of() {
    let (mut park, _) = offered();
    let consent = format!(r#"{{"purpose":"offers","granted":false,"at":{}}}"#, NOON + MINUTE);
    let topic = "consent/00000000000000a1";
    assert_eq!(park.say(NOON + MINUTE, Role::Channel, topic, consent.as_bytes()), Admission::Admitted);
    assert!(matches!(lines(&mut park)[..], [LedgerLine::Withdrawn { .. }]));
}

#[test]
fn lines_of_the_log_keep_their_bytes() {
    let setting = crate::Setting {
        day: 20_654,
        hour: 12,
        zone: crate::ZoneName::new("plaza"),
        role: "vip".into(),
        sky: Sky { wet: Some(true), warmth: Some(Warmth::Mild) },
    };
    let (id, at) = (crate::OfferId(7), Timestamp(1_000));
    let lines = [
        LedgerLine::Decided { id, valid_until: at, setting },
        LedgerLine::Became { id, at, outcome: Outcome::Accepted },
        LedgerLine::Brought { id, at, value: 4.5 },
        LedgerLine::Withdrawn { id, at },
    ];
    let shown: Vec<_> = lines
        .iter()
        .map(|line| {
            postcard::to_stdvec(line).unwrap().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        })
        .collect();
    expect_test::expect![[r#"
        0000000000000000000000000000000007d00fdcc2020c0105706c617a610376697001010102
        0100000000000000000000000000000007d00f03
        0200000000000000000000000000000007d00f0000000000001240
        0300000000000000000000000000000007d00f"#]]
    .assert_eq(&shown.join("\n"));
}
