//! The log of old stays readable: golden bytes of every event, which are added to and never edited.

use std::fmt::Write as _;

use expect_test::expect;

use super::*;
use crate::event::{
    FactValue, Place, Presence, Profile, Purpose, Said, Sighting, TimeQuality, Weather, What,
};
use crate::id::ZoneName;
use turnpage_journeys_engine::Outcome;

fn entries() -> Vec<Entry> {
    let subject = SubjectName::new("a1").unwrap();
    let zone = || Place::Zone(ZoneName::new("plaza").unwrap());
    let reading = Weather { rain: Some(0.5), ..Weather::default() };
    let facts = vec![
        ("tier".to_owned(), Some(FactValue::Text("gold".into()))),
        ("visits".to_owned(), Some(FactValue::Int(3))),
        ("share".to_owned(), Some(FactValue::Number(0.5))),
        ("member".to_owned(), Some(FactValue::Bool(true))),
        ("gone".to_owned(), None),
    ];
    let profile = Profile {
        role: Some("vip".into()),
        party: Said::Is(SubjectName::new("kim").unwrap()),
        language: Said::Unknown,
        channel: Said::Nothing,
        facts,
    };
    let whats = vec![
        What::Sighting(Sighting {
            subject: subject.clone(),
            role: Some("guest".into()),
            place: zone(),
            presence: Presence::Seen,
        }),
        What::Weather { place: zone(), reading },
        What::Signal { name: "parking".into(), value: 90.0 },
        What::Outcome { subject: subject.clone(), offer: OfferId(7), outcome: Outcome::Accepted },
        What::Consent { subject: subject.clone(), purpose: Purpose::Offers, granted: false },
        What::Node { node: NodeId(3), online: true, boot: 2, sequence: 9 },
        What::Profile { subject: subject.clone(), profile },
        What::Feedback { subject: subject.clone(), score: -2, about: Some("coaster".into()) },
        What::Pick { subject: subject.clone(), journey: "j".into(), page: "p".into(), pick: "rest".into() },
        What::Sale { subject, offer: OfferId(7), value: 4.5 },
    ];
    let entry = |what| Entry {
        now: Timestamp(1_000),
        cause: Cause::Event(ContextEvent { at: Timestamp(900), quality: TimeQuality::Synced, what }),
    };
    let mut entries: Vec<_> = whats.into_iter().map(entry).collect();
    entries.push(Entry { now: Timestamp(2_000), cause: Cause::Tick });
    entries
}

#[test]
fn entries_of_the_log_keep_their_bytes() {
    let mut shown = String::new();
    for entry in entries() {
        let bytes = postcard::to_stdvec(&entry).unwrap();
        assert_eq!(postcard::from_bytes::<Entry>(&bytes).unwrap(), entry);
        for byte in bytes {
            write!(shown, "{byte:02x}").unwrap();
        }
        shown.push('\n');
    }
    expect![[r#"
        d00f00880e0000026131010567756573740105706c617a6100
        d00f00880e00010105706c617a610001000000000000e03f000000
        d00f00880e0002077061726b696e670000000000805640
        d00f00880e00030261310000000000000000000000000000000703
        d00f00880e00040261310000
        d00f00880e000503010209
        d00f00880e0006026131010376697002036b696d0100050474696572010304676f6c64067669736974730101060573686172650102000000000000e03f066d656d62657201000104676f6e6500
        d00f00880e0007026131030107636f6173746572
        d00f00880e0008026131016a01700472657374
        d00f00880e000a026131000000000000000000000000000000070000000000001240
        a01f01
    "#]].assert_eq(&shown);
}

#[test]
fn a_dead_letter_names_nobody() {
    let of = |topic: &str, reason| {
        let letter = DeadLetter::new(Timestamp(7), "phones", topic, b"ada", reason).without_ids();
        assert_eq!((letter.now, letter.client.as_str(), letter.reason), (Timestamp(7), "phones", reason));
        (letter.topic, letter.payload.len())
    };
    let kept = |topic: &str| (topic.to_owned(), 3);
    for topic in ["turnpage/v1/park/node/gate-1/event", "turnpage/v1/park/signal/parking"] {
        assert_eq!(of(topic, Reason::Malformed), kept(topic));
        assert_eq!(
            of(topic, Reason::Impostor),
            (topic.to_owned(), 0),
            "who knows what a stranger writes there"
        );
    }
    let outcome = "turnpage/v1/park/outcome/7f3a";
    assert_eq!(of(outcome, Reason::Malformed), (outcome.to_owned(), 0));
    for topic in ["owntracks/ada/phone", "turnpage/v2/park/node/ada/event", "turnpage", "ada", ""] {
        assert_eq!(of(topic, Reason::Malformed), (DeadLetter::LEFT_OUT.to_owned(), 0));
    }
}
