//! Small files in, sorted lines out, and what is said about lines that are no events.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use turnpage_journeys_engine::{ChoiceDef, Definition, OfferDef, On, OutcomeOf, PageDef, compile};

use super::*;
use crate::venue::{SourceFile, VENUE_FILE};

const VENUE: &str = "venue: p\ntime_zone: America/New_York\nkinds: [gate, ride, food]\nroles: [guest, vip]\n\
                     zones: [{ id: gate-1, kind: gate, level: 0 }]\n";

/// A greeting at every gate, good for ten minutes, and cocoa in the rain once the greeting was taken.
fn greet() -> Definition {
    let outcome = |offer: &str, outcome| OutcomeOf { offer: offer.into(), outcome };
    let offer = |name: &str, valid_ms: Option<i64>| OfferDef {
        name: name.into(),
        valid_ms: valid_ms.map(Into::into),
        ..OfferDef::default()
    };
    let arriving = ChoiceDef {
        on: Some(On::Enter.into()),
        when: Some("place.kind == 'gate'".into()),
        offer: Some("greet".into()),
        turn_to: Some("inside".into()),
        ..ChoiceDef::default()
    };
    let eaten = ChoiceDef {
        when: Some("place.kind == 'food' && weather.rain > 0.5 && place.queue < 5.0".into()),
        outcome: Some(outcome("greet", Outcome::Accepted).into()),
        turn_to: Some("arriving".into()),
        ..ChoiceDef::default()
    };
    let lapsed = ChoiceDef {
        on: Some(On::Outcome(outcome("greet", Outcome::Expired)).into()),
        turn_to: Some("arriving".into()),
        ..ChoiceDef::default()
    };
    let withheld = ChoiceDef {
        on: Some(On::Outcome(outcome("greet", Outcome::Withheld)).into()),
        turn_to: Some("arriving".into()),
        ..ChoiceDef::default()
    };
    let page = |name: &str, choices| PageDef { name: name.into(), choices, ..PageDef::default() };
    Definition {
        name: "greet".into(),
        version: 1,
        offers: vec![offer("greet", Some(600_000))],
        pages: vec![page("arriving", vec![arriving]), page("inside", vec![eaten, lapsed, withheld])],
        ..Definition::default()
    }
}

fn replay(venue: &str, events: &[u8]) -> Result<(Summary, String), Error> {
    let venue = Venue::read(&[SourceFile { name: VENUE_FILE, text: venue }]).unwrap();
    let compiled = compile(&[greet()], &venue.schema());
    let library = compiled.library.unwrap_or_else(|| panic!("{:#?}", compiled.problems));
    let mut out = Vec::new();
    let summary = run(&venue, library, 0, events, &mut out)?;
    Ok((summary, String::from_utf8(out).unwrap()))
}

fn line(t: i64, visitor: &str, zone: &str, kind: &str, rain: f64) -> String {
    format!(
        r#"{{"t":{t},"id":1,"visitor":"{visitor}","role":"guest","zone":"{zone}","zone_kind":"{kind}","outdoor":true,"rain":{rain},"temp":31,"queue":3}}"#
    )
}

fn check(venue: &str, lines: &[String], expected: Expect) {
    let (summary, out) = replay(venue, lines.join("\n").as_bytes()).unwrap();
    assert_eq!(summary.events, lines.len() as u64);
    expected.assert_eq(&out);
}

#[test]
fn lines_come_out_by_time_visitor_and_offer() {
    check(
        VENUE,
        &[
            line(1_000, "b", "gate-1", "gate", 0.0),
            line(1_000, "a", "unheard-of", "gate", 0.0),
            line(60_000, "a", "grill", "food", 0.51),
            line(60_000, r"\u0061", "gate-1", "gate", 0.0),
            line(601_000, "b", "gate-1", "gate", 0.0),
            line(700_000, "quo\\\"te", "gate-1", "gate", 0.0),
        ],
        expect![[r#"
            {"t":1000,"visitor":"a","journey":"greet","offer":"greet"}
            {"t":1000,"visitor":"b","journey":"greet","offer":"greet"}
            {"t":60000,"visitor":"a","journey":"greet","offer":"greet"}
            {"t":60000,"visitor":"a","journey":"greet","offer":"greet:accepted"}
            {"t":601000,"visitor":"b","journey":"greet","offer":"greet:expired"}
            {"t":660000,"visitor":"a","journey":"greet","offer":"greet:expired"}
            {"t":700000,"visitor":"quo\"te","journey":"greet","offer":"greet"}
        "#]],
    );
}

#[test]
fn the_policy_applies() {
    let venue = format!("{VENUE}policy: {{ offers_per_day: 1 }}\n");
    check(
        &venue,
        &[
            line(1_000, "a", "gate-1", "gate", 0.0),
            line(2_000, "a", "grill", "food", 1.0),
            line(3_000, "a", "gate-1", "gate", 0.0),
        ],
        expect![[r#"
            {"t":1000,"visitor":"a","journey":"greet","offer":"greet"}
            {"t":2000,"visitor":"a","journey":"greet","offer":"greet:accepted"}
            {"t":3000,"visitor":"a","journey":"greet","offer":"greet:withheld"}
        "#]],
    );
}

#[test]
fn a_line_that_is_no_event_is_named() {
    let good = line(5, "a", "gate-1", "gate", 0.0);
    let wrong = |bad: &str| {
        let error = replay(VENUE, format!("{good}\n{bad}\n").as_bytes()).unwrap_err();
        format!("{error}\n")
    };
    let mut shown = String::new();
    shown += &wrong(&good.replace(r#","rain":0"#, ""));
    shown += &wrong(&good.replace(r#""t":5"#, r#""t":"5""#));
    shown += &wrong(&good.replace(r#""t":5"#, r#""t":4"#));
    shown += &wrong(&good.replace("guest", "gest"));
    shown += &wrong(&good.replace(r#":"gate""#, r#":"gat""#));
    shown += &wrong(&good.replace(r#""a""#, r#""""#));
    shown += &wrong(good.get(..40).unwrap());
    shown += &wrong("");
    shown += &wrong(&format!("{good} {good}"));
    shown += &wrong(&" ".repeat(2 << 20));
    expect![[r#"
        line 2: missing field `rain`
        line 2: invalid type: string "5", expected i64
        line 2: `t` goes back from 5 to 4
        line 2: unknown role `gest`; did you mean `guest`?
        line 2: unknown kind `gat`; did you mean `gate`?
        line 2: a subject's name has 1 to 32 bytes, not 0
        line 2: EOF while parsing
        line 2: EOF while parsing
        line 2: JSON has non-whitespace trailing characters after the value
        line 2: longer than 65536 bytes
    "#]]
    .assert_eq(&shown);
}

#[test]
fn what_some_lines_say_beside_is_read() {
    let venue = format!("{VENUE}facts: {{ tier: {{ values: [gold] }} }}\nsignals: [{{ name: full }}]\n");
    let venue = Venue::read(&[SourceFile { name: VENUE_FILE, text: &venue }]).unwrap();
    let mut definition = greet();
    let guard = "subject.tier == 'gold' && signal['full'] > 1.0 && party.size == 2 && place.count == 2 \
                 && weather.feels_like < -5.0 && weather.condition == 'dry'";
    definition.pages[0].choices[0].when = Some(guard.into());
    let compiled = compile(&[definition], &venue.schema());
    let library = compiled.library.unwrap_or_else(|| panic!("{:#?}", compiled.problems));
    let cold =
        |text: String, also: &str| text.replace("\"temp\":31", &format!("\"temp\":-2,\"also\":{also}"));
    let lines = [
        cold(line(1_000, "b", "gate-1", "gate", 0.0), r#"{"party":"kim","signals":{"full":2}}"#),
        cold(line(2_000, "a", "gate-1", "gate", 0.0), r#"{"party":"kim","facts":{"tier":"gold"},"wind":9}"#),
    ];
    let mut out = Vec::new();
    run(&venue, library.clone(), 0, lines.join("\n").as_bytes(), &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert_eq!(out, "{\"t\":2000,\"visitor\":\"a\",\"journey\":\"greet\",\"offer\":\"greet\"}\n");
    for wrong in [
        r#"{"facts":{"tear":1}}"#,
        r#"{"facts":{"tier":"tin"}}"#,
        r#"{"signals":{"fool":1}}"#,
        r#"{"wind":"a"}"#,
    ] {
        let line = cold(line(1_000, "b", "gate-1", "gate", 0.0), wrong);
        assert!(run(&venue, library.clone(), 0, line.as_bytes(), std::io::sink()).is_err(), "{wrong}");
    }
}

#[test]
fn a_new_version_says_who_has_no_page() {
    let (venue, old) = library(600_000);
    let mut definition = greet();
    definition.version = 2;
    definition.pages.truncate(1);
    definition.pages[0].choices[0].turn_to = Some("arriving".into());
    definition.offers[0].valid_ms = Some(600_000.into());
    let new = compile(&[definition], &venue.schema()).library.unwrap();
    let events = [line(1_000, "a", "gate-1", "gate", 0.0), line(2_000, "b", "grill", "food", 0.0)].join("\n");
    let saved = inside(&venue, old.clone(), events.as_bytes()).unwrap();
    let moves = crate::upgrade::moves(&old, &new, &saved).unwrap();
    assert_eq!((moves.len(), moves[0].no_page.as_slice()), (1, &[("inside".to_owned(), 1)][..]));
}

/// The same journey, which greets twice as long.
fn library(valid_ms: i64) -> (Venue, Library) {
    let venue = Venue::read(&[SourceFile { name: VENUE_FILE, text: VENUE }]).unwrap();
    let mut definition = greet();
    definition.offers[0].valid_ms = Some(valid_ms.into());
    let compiled = compile(&[definition], &venue.schema());
    let library = compiled.library.unwrap_or_else(|| panic!("{:#?}", compiled.problems));
    (venue, library)
}

#[test]
fn two_versions_differ_in_rows_with_the_subjects_behind_them() {
    let ((venue, old), (_, new)) = (library(600_000), library(100_000));
    let events = [
        line(1_000, "a", "gate-1", "gate", 0.0),
        line(200_000, "a", "grill", "food", 0.51),
        line(300_000, "b", "gate-1", "gate", 0.0),
    ]
    .join("\n");
    let diff = against(&venue, old.clone(), new, 0, || Ok(events.as_bytes())).unwrap();
    let rows: Vec<_> = diff.rows.iter().map(|row| (row.offer.as_str(), row.old, row.new)).collect();
    assert_eq!(rows, [("greet:accepted", 1, 0), ("greet:expired", 0, 1)]);
    assert_eq!((diff.rows[0].lost.as_slice(), diff.rows[1].gained_count), (&["a".to_owned()][..], 1));
    let same = against(&venue, old.clone(), old, 0, || Ok(events.as_bytes())).unwrap();
    assert_eq!((same.rows.len(), same.total), (0, (3, 3)));
}

#[test]
fn a_replay_says_why_and_what_came_of_it() {
    let (venue, library) = library(600_000);
    let events = [
        line(1_000, "a", "gate-1", "gate", 0.0),
        line(60_000, "a", "grill", "food", 0.2),
        line(90_000, "a", "grill", "food", 0.9),
    ]
    .join("\n");
    let answer = why(&venue, library.clone(), events.as_bytes(), "a", Timestamp(70_000)).unwrap();
    let asked = answer.why.unwrap();
    assert_eq!(asked.place, Some(("grill".to_owned(), Timestamp(60_000))));
    let choice = &asked.journeys[0].choices[0];
    assert_eq!((choice.open, choice.closed_by.as_slice()), (false, &["its guard does not hold"][..]));
    let parts: Vec<_> = choice.guard.iter().map(|part| format!("{} = {}", part.text, part.value)).collect();
    assert!(parts.contains(&"weather.rain = 0.2 mm/h".to_owned()), "{parts:?}");
    let told: Vec<_> = answer.told.iter().map(|told| (told.at.0, told.what)).collect();
    let expected = [
        (1_000, "in"),
        (1_000, "offer"),
        (1_000, "turned"),
        (60_000, "in"),
        (90_000, "accepted"),
        (90_000, "turned"),
    ];
    assert_eq!(told, expected);
    assert_eq!(why(&venue, library, &b""[..], "a", Timestamp(0)).unwrap().why, None);
}

#[test]
fn an_empty_file_makes_no_offers() {
    assert_eq!(replay(VENUE, b"").unwrap(), (Summary { crowd: true, ..Summary::default() }, String::new()));
}

proptest! {
    /// However reads are cut, the lines are the same; whatever the bytes, there is an answer.
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\n'), Just(b'{')], 0..200)) {
        let _ = replay(VENUE, &bytes);
    }

    #[test]
    fn reads_may_be_cut_anywhere(sizes in prop::collection::vec(1_usize..90, 1..40)) {
        struct Dripping<'a>(&'a [u8], std::vec::IntoIter<usize>);
        impl Read for Dripping<'_> {
            fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
                let size = self.1.next().unwrap_or(1).min(to.len()).min(self.0.len());
                let (now, later) = self.0.split_at(size);
                to[..size].copy_from_slice(now);
                self.0 = later;
                Ok(size)
            }
        }
        let text: Vec<_> = (0..6).map(|t| line(t, "a", "gate-1", "gate", 0.0)).collect();
        let text = text.join("\n");
        let mut lines = Lines::new(Dripping(text.as_bytes(), sizes.into_iter()));
        let mut read = Vec::new();
        loop {
            let batch = lines.batch().unwrap();
            prop_assert!(batch.error.is_none());
            if batch.lines.is_empty() {
                break;
            }
            read.extend(batch.lines.iter().map(|line| line.t));
        }
        prop_assert_eq!(read, [0, 1, 2, 3, 4, 5]);
    }
}
