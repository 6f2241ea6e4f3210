//! The ledger against the stories it hands out: counted as they happen and counted whole, the numbers are the same.

use expect_test::expect;
use proptest::prelude::*;
use turnpage_gateway_core::{
    DecisionRecord, LedgerLine, OfferId, Outcome, Setting, Sky, SubjectName, Timestamp, Verdict, Warmth,
    Withheld, ZoneName,
};
use turnpage_gateway_report::{By, Ledger, Promise, Report, Stories, Story, Tally, Writer, table};

const NOON: i64 = 1_784_563_200_000;
const MINUTE: i64 = 60_000;
const DAY: i32 = 20_654;

/// One thing that happens in a made-up log.
#[derive(Clone, Debug)]
enum Deed {
    Decide { who: u8, offer: u8, made: bool, days: i32 },
    Became { offer: usize, outcome: usize },
    Brought { offer: usize, value: f64 },
    Withdrawn { offer: usize },
    Wait(i64),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        3 => (0..5_u8, 0..3_u8, proptest::bool::weighted(0.8), 0..3)
            .prop_map(|(who, offer, made, days)| Deed::Decide { who, offer, made, days }),
        4 => (0..40_usize, 0..7_usize).prop_map(|(offer, outcome)| Deed::Became { offer, outcome }),
        1 => (0..40_usize, 0..900_u32).prop_map(|(offer, cents)| Deed::Brought { offer, value: f64::from(cents) / 100.0 }),
        1 => (0..40_usize).prop_map(|offer| Deed::Withdrawn { offer }),
        2 => (0..3_000_i64).prop_map(Deed::Wait),
    ];
    proptest::collection::vec(deed, 1..120)
}

#[derive(Default)]
struct Log {
    ledger: Ledger,
    closed: Vec<Story>,
    now: i64,
    offers: u128,
}

impl Log {
    fn decide(&mut self, who: u8, offer: u8, made: bool, day: i32) {
        let made = if made { Ok("app") } else { Err(Withheld::MinGap) };
        self.decided(who, offer, made, day);
    }

    fn decided(&mut self, who: u8, offer: u8, made: Result<&str, Withheld>, day: i32) {
        self.offers += 1;
        let verdict =
            made.map_or_else(Verdict::Withheld, |channel| Verdict::Made { channel: channel.into() });
        let at = Timestamp(NOON + self.now);
        let decision = DecisionRecord {
            id: OfferId(self.offers),
            at,
            subject: SubjectName::new(&format!("s{who}")).unwrap(),
            journey: "rainy-day".into(),
            page: "strolling".into(),
            offer: ["cocoa", "tea", "soup"][usize::from(offer)].into(),
            guard: None,
            facts: Vec::new(),
            verdict,
            ground: None,
        };
        let setting = Setting {
            day,
            hour: 12,
            zone: ZoneName::new("plaza").filter(|_| who > 1),
            role: "guest".into(),
            sky: Sky { wet: Some(who > 2), warmth: Some(Warmth::Mild) },
        };
        let valid_until = Timestamp(at.0 + 20 * MINUTE);
        self.take(&[decision], LedgerLine::Decided { id: OfferId(self.offers), valid_until, setting });
    }

    fn take(&mut self, decisions: &[DecisionRecord], line: LedgerLine) {
        let closed = &mut self.closed;
        self.ledger
            .absorb(Timestamp(NOON + self.now), decisions, &[line], |story| closed.push(story.clone()));
    }

    fn became(&mut self, offer: u128, outcome: Outcome) {
        let at = Timestamp(NOON + self.now);
        self.take(&[], LedgerLine::Became { id: OfferId(offer), at, outcome });
    }

    fn run(&mut self, deed: &Deed) {
        let id = |offer: usize| OfferId(offer as u128 + 1);
        let at = Timestamp(NOON + self.now);
        match *deed {
            Deed::Decide { who, offer, made, days } => self.decide(who, offer, made, DAY + days),
            Deed::Became { offer, outcome } => self.became(offer as u128 + 1, Outcome::ALL[outcome]),
            Deed::Brought { offer, value } => {
                self.take(&[], LedgerLine::Brought { id: id(offer), at, value });
            }
            Deed::Withdrawn { offer } => self.take(&[], LedgerLine::Withdrawn { id: id(offer), at }),
            Deed::Wait(minutes) => self.now += minutes * MINUTE,
        }
    }
}

fn shown(tally: &Tally) -> String {
    [By::Channel, By::Zone, By::Weather, By::Withheld]
        .map(|by| {
            let report = Report::new(tally, None, &[By::Day, By::Offer, by], &[], None).unwrap();
            serde_json::to_string(&report.rows).unwrap()
        })
        .join("\n")
}

proptest! {
    #[test]
    fn counting_as_it_happens_is_counting_the_stories(deeds in deeds(), crash in 0..120_usize) {
        let mut log = Log::default();
        for (number, deed) in deeds.iter().enumerate() {
            log.run(deed);
            if number == crash {
                let saved = postcard::to_stdvec(&log.ledger).unwrap();
                log.ledger = postcard::from_bytes(&saved).unwrap();
            }
        }
        let counted = shown(log.ledger.tally());
        let closed = &mut log.closed;
        log.ledger.close(|story| closed.push(story.clone()));
        let mut csv = Vec::new();
        let mut writer = Writer::new(&mut csv);
        log.closed.iter().for_each(|story| writer.write(story).unwrap());
        writer.finish().unwrap();
        let mut again = Tally::default();
        let back: Vec<Story> = Stories::read(&csv[..]).unwrap().map(|story| story.unwrap()).collect();
        prop_assert_eq!(&back, &log.closed, "rows come back as they were written");
        back.iter().for_each(|story| again.add(story));
        prop_assert_eq!(shown(&again), counted);
    }
}

#[test]
fn a_day_as_an_operator_reads_it() {
    let mut log = Log::default();
    for who in 0..5 {
        log.decide(who, 0, true, DAY - 1);
        log.became(log.offers, Outcome::Delivered);
    }
    log.became(1, Outcome::Accepted);
    log.now += 24 * 60 * MINUTE;
    for who in 0..5 {
        log.decide(who, who % 2, true, DAY);
        log.became(log.offers, Outcome::Delivered);
        log.now += MINUTE;
    }
    log.decide(4, 2, false, DAY);
    log.became(6, Outcome::Clicked);
    log.became(6, Outcome::Accepted);
    let at = Timestamp(NOON + log.now);
    log.take(&[], LedgerLine::Brought { id: OfferId(6), at, value: 4.5 });
    log.became(8, Outcome::Accepted);
    let promise = |journey: &str, measure: &str| Promise {
        journey: journey.into(),
        outcome: Some("cocoa is sold when it rains".into()),
        experience: None,
        measure: Some(measure.into()),
    };
    let promises = [
        promise("rainy-day", "conversion(cocoa)"),
        promise("rainy-day", "value()"),
        promise("crowds", "visits(x)"),
    ];
    let day = |day: &str| Some(day.parse().unwrap());
    let report = Report::new(
        log.ledger.tally(),
        day("2026-07-20"),
        &[By::Offer, By::Weather],
        &promises,
        day("2026-07-19"),
    );
    expect![[r#"
        2026-07-20

          offer   weather     made   withheld   seen   clicked   accepted   click-through          conversion                value each
          cocoa   dry, mild      2          0      0         1          2   50.0 % (9.5 to 90.5)   100.0 % (34.2 to 100.0)         2.25
          cocoa   wet, mild      1          0      0         0          0    0.0 % (0.0 to 79.3)       0.0 % (0.0 to 79.3)            -
          soup    wet, mild      0          1      0         0          0                      -                         -            -
          tea     dry, mild      1          0      0         0          0    0.0 % (0.0 to 79.3)       0.0 % (0.0 to 79.3)            -
          tea     wet, mild      1          0      0         0          0    0.0 % (0.0 to 79.3)       0.0 % (0.0 to 79.3)            -
          all                    5          1      0         1          2   20.0 % (3.6 to 62.4)     40.0 % (11.8 to 76.9)         0.90

        withheld: min-gap 1

        what journeys promise
          rainy-day: cocoa is sold when it rains
            conversion(cocoa): 66.7 % of 3 offers, 20.0 % of 5 before, a change of -56.9 to +98.1 points
          rainy-day: cocoa is sold when it rains
            value(): 0.90 of 5 offers, 0.00 of 5 before
          crowds: cocoa is sold when it rains
            visits(x): not counted from offers
    "#]].assert_eq(&table(&report.unwrap()));
}

#[test]
fn lift_is_told_the_same_day_of_everyone_whose_time_has_run_out() {
    let mut log = Log::default();
    let groups = |log: &Log| {
        let report = Report::new(log.ledger.tally(), None, &[], &[], None).unwrap();
        let groups = report.lifts.iter().map(|lift| (lift.treated, lift.held_out));
        groups.map(|(a, b)| [(a.hits, a.of), (b.hits, b.of)]).collect::<Vec<_>>()
    };
    log.decided(1, 0, Ok("app"), DAY);
    log.decided(2, 0, Err(Withheld::HoldOut), DAY);
    log.became(1, Outcome::Accepted);
    assert!(groups(&log).is_empty(), "nobody's time has run out");
    log.now += 20 * MINUTE;
    log.became(2, Outcome::Expired);
    assert_eq!(groups(&log), [[(1, 1), (0, 1)]]);
    // They are let go two days on, and stay counted, once.
    log.now += 48 * 60 * MINUTE;
    log.decided(3, 0, Ok("app"), DAY + 2);
    assert_eq!(groups(&log), [[(1, 1), (0, 1)]]);
}

#[test]
fn what_cannot_be_asked_is_told() {
    let wrong = Report::new(&Tally::default(), None, &[By::Zone, By::Hour], &[], None).unwrap_err();
    assert!(wrong.to_string().starts_with("counts are kept by one of"), "{wrong}");
    assert!("zoned".parse::<By>().unwrap_err().to_string().contains("zone, hour"));
    let nothing = Report::new(&Tally::default(), None, &[], &[], None).unwrap();
    assert_eq!(table(&nothing), "nothing was offered yet\n");
}

#[test]
fn rows_of_others_need_little_and_wrong_ones_are_named() {
    let read = |text: &str| -> Vec<Result<Story, String>> {
        Stories::read(text.as_bytes()).unwrap().map(|row| row.map_err(|error| error.to_string())).collect()
    };
    let rows = read(
        "id,at,offer,accepted,value\n1,1784563200000,cocoa,1784563200001,4.5\n2,1784563200000,cocoa,,\n",
    );
    assert_eq!(rows.len(), 2);
    let first = rows[0].as_ref().unwrap();
    assert_eq!((first.counts_for().to_string().as_str(), first.value), ("2026-07-20", Some(4.5)));
    let rows = read("{\"id\":\"1\",\"offer\":\"cocoa\",\"group\":\"held-out\"}\n\n{\"id\":\"2\"}\n{\n");
    assert_eq!(rows.iter().filter(|row| row.is_ok()).count(), 1);
    assert_eq!(rows[1], Err("offer `2`: a row has an `id` and an `offer`".into()));
    assert!(rows[2].as_ref().unwrap_err().starts_with("line 4: "), "{:?}", rows[2]);
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(20_000));
    assert_eq!(read(&long)[0], Err("line 1: longer than 16384 bytes".into()));
    assert!(read("id,at,offer,hour\n1,2,cocoa,24\n")[0].is_err());
}
