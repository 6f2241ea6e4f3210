//! Arbitration without a corridor: who is asked what, who wins, who pays, and what is told to the others.

use expect_test::{Expect, expect};

use super::*;
use crate::batch::PoolLevel;
use crate::venue::{Auction, Consent, SourceFile, VENUE_FILE, Vendor};

const HOUR: u32 = 3_600_000;

/// A small venue with more keys in its file.
fn venue(more: &str) -> Venue {
    let text = format!(
        "venue: v\ntime_zone: UTC\nkinds: [plaza]\nroles: [guest]\nchannels: [sign, band]\n\
         zones: [{{ id: square, kind: plaza, outdoor: true }}]\n{more}"
    );
    Venue::read(&[SourceFile { name: VENUE_FILE, text: &text }]).unwrap_or_else(|wrong| panic!("{wrong:#?}"))
}

fn asking(hour: u32) -> Asking<'static> {
    Asking {
        at: Timestamp(i64::from(hour * HOUR)),
        local: LocalTime { day: 7, ms: hour * HOUR },
        kind: SubjectKind::Visitor,
        subject: "a",
        caps: Caps::default(),
        books: Books::default(),
        party_today: 0,
        present: None,
        waiting: 0,
    }
}

fn wish(id: u128, journey: &'static str) -> Wish<'static> {
    Wish {
        id: OfferId(id),
        journey,
        offer: "o",
        channels: &[],
        purpose: None,
        consent: true,
        mandated: false,
        priority: 0,
        hold: None,
        vendor: None,
        hold_out_ppm: None,
        until: Timestamp(i64::MAX),
    }
}

fn all(venue: &Venue, plan: &mut Plan, asking: &mut Asking<'_>, wishes: &[Wish<'_>]) -> Vec<String> {
    let decided = plan.arbitrate(venue, asking, wishes, &|_| true, &|_| None);
    assert_eq!(decided.len(), wishes.len());
    let shown = wishes.iter().zip(decided).map(|(wish, (verdict, ground))| {
        let verdict = match verdict {
            Verdict::Made { channel } => format!("made on {channel}"),
            Verdict::Withheld(why) => why.as_str().to_owned(),
        };
        let ground = ground.map(|ground| format!(" ({ground})")).unwrap_or_default();
        format!("{}: {verdict}{ground}", wish.journey)
    });
    shown.collect()
}

fn check(more: &str, asking: &Asking<'_>, wishes: &[Wish<'_>], expected: Expect) {
    let venue = venue(more);
    let mut plan = Plan::new(&venue, 1);
    expected.assert_eq(&(all(&venue, &mut plan, &mut asking.clone(), wishes).join("\n") + "\n"));
}

const POLICY: &str =
    "policy: { offers_per_day: 2, min_gap: 1m, quiet_hours: { from: \"22:00\", to: \"08:00\" } }\n";

#[test]
fn each_rule_withholds_for_its_own_reason() {
    let one = [wish(1, "j")];
    check(
        POLICY,
        &asking(12),
        &one,
        expect![[r#"
        j: made on sign
    "#]],
    );
    check(
        POLICY,
        &asking(22),
        &one,
        expect![[r#"
        j: quiet-hours
    "#]],
    );
    check(
        POLICY,
        &asking(8),
        &one,
        expect![[r#"
        j: made on sign
    "#]],
    );
    check(
        POLICY,
        &Asking { waiting: 16, ..asking(12) },
        &one,
        expect![[r#"
        j: outbox
    "#]],
    );
    let refused = [Wish { consent: false, purpose: Some("adverts"), ..wish(1, "j") }];
    check(
        POLICY,
        &asking(23),
        &refused,
        expect![[r#"
        j: consent (no consent for adverts)
    "#]],
    );
    let channels = ["kiosk".to_owned()];
    check(
        POLICY,
        &asking(12),
        &[Wish { channels: &channels, ..wish(1, "j") }],
        expect![[r#"
        j: channel
    "#]],
    );
}

#[test]
fn signs_have_no_day_and_teams_no_night() {
    let none = "policy: { offers_per_day: 0, quiet_hours: { from: \"22:00\", to: \"08:00\" } }\n";
    let of = |kind, hour| Asking { kind, ..asking(hour) };
    let one = [wish(1, "j")];
    check(
        none,
        &of(SubjectKind::Zone, 12),
        &one,
        expect![[r#"
        j: made on sign
    "#]],
    );
    check(
        none,
        &of(SubjectKind::Zone, 23),
        &one,
        expect![[r#"
        j: quiet-hours
    "#]],
    );
    check(
        none,
        &of(SubjectKind::Team, 23),
        &one,
        expect![[r#"
        j: made on sign
    "#]],
    );
    check(
        none,
        &of(SubjectKind::Party, 12),
        &one,
        expect![[r#"
        j: daily-cap (0 of 0 today)
    "#]],
    );
}

#[test]
fn caps_count_dates_journeys_parties_and_gaps() {
    let two = [wish(1, "tour"), wish(2, "tour")];
    check(
        POLICY,
        &asking(12),
        &two,
        expect![[r#"
        tour: made on sign
        tour: min-gap (not before 43260000)
    "#]],
    );
    check(
        "policy: { offers_per_journey: 1 }\n",
        &asking(12),
        &[two[0], two[1], wish(3, "lunch")],
        expect![[r#"
        tour: made on sign
        tour: journey-cap (1 of 1 today)
        lunch: made on sign
    "#]],
    );
    let party = Asking { party_today: 3, ..asking(12) };
    check(
        "policy: { offers_per_party: 4 }\n",
        &party,
        &two,
        expect![[r#"
        tour: made on sign
        tour: party-cap (4 of 4 today)
    "#]],
    );
}

#[test]
fn who_takes_nothing_is_left_alone_longer() {
    let more = "policy: { fatigue: { after: 2, wait: 1h, most: 3h } }\n";
    let mut tired = asking(12);
    tired.caps.made(Timestamp(i64::from(11 * HOUR)), tired.local);
    for (ignored, hour, is) in
        [(1, 11, "made"), (2, 12, "made"), (2, 11, "fatigue"), (9, 13, "fatigue"), (9, 14, "made")]
    {
        tired.books.ignored = ignored;
        let now = Asking { at: Timestamp(i64::from(hour * HOUR)), ..tired.clone() };
        let venue = venue(more);
        let shown = all(&venue, &mut Plan::new(&venue, 1), &mut now.clone(), &[wish(1, "j")]);
        assert!(shown[0].starts_with(&format!("j: {is}")), "{ignored} at {hour}: {}", shown[0]);
    }
}

#[test]
fn one_wins_a_slot_by_law_priority_and_order() {
    let rivals = [
        wish(1, "a"),
        Wish { priority: 5, ..wish(2, "b") },
        Wish { mandated: true, priority: -3, ..wish(3, "c") },
        wish(4, "d"),
    ];
    check(
        "policy: { slots: 1 }\n",
        &asking(12),
        &rivals,
        expect![[r#"
        a: rival (o of c has the slot)
        b: rival (o of c has the slot)
        c: made on sign
        d: rival (o of c has the slot)
    "#]],
    );
    check(
        "policy: { slots: 2 }\n",
        &asking(12),
        &rivals,
        expect![[r#"
        a: rival (o of c has the slot)
        b: made on sign
        c: made on sign
        d: rival (o of c has the slot)
    "#]],
    );
    check(
        "policy: { slots: { band: 1 } }\n",
        &asking(12),
        &rivals[..2],
        expect![[r#"
        a: made on sign
        b: made on sign
    "#]],
    );
}

#[test]
fn what_stands_keeps_its_slot_until_it_is_over() {
    let venue = venue("policy: { slots: 1 }\n");
    let (mut plan, mut now) = (Plan::new(&venue, 1), asking(12));
    let until = Timestamp(now.at.0 + 100);
    let high = Wish { priority: 9, ..wish(2, "b") };
    assert_eq!(all(&venue, &mut plan, &mut now, &[Wish { until, ..wish(1, "a") }]), ["a: made on sign"]);
    assert_eq!(all(&venue, &mut plan, &mut now, &[high]), ["b: rival (o of a has the slot)"]);
    now.at = until;
    assert_eq!(all(&venue, &mut plan, &mut now, &[high]), ["b: made on sign"]);
    now.books.lives.leave(OfferId(2));
    assert_eq!(all(&venue, &mut plan, &mut now, &[wish(3, "c")]), ["c: made on sign"]);
}

#[test]
fn nobody_is_sent_to_what_is_gone() {
    let venue = venue("pools: { cups: { size: 1, back: 10m } }\n");
    let (mut plan, mut now) = (Plan::new(&venue, 1), asking(12));
    let holds = |id, journey| Wish { hold: Some("cups"), until: Timestamp(i64::MAX), ..wish(id, journey) };
    let both = [holds(1, "a"), Wish { priority: 1, ..holds(2, "b") }, wish(3, "c")];
    assert_eq!(
        all(&venue, &mut plan, &mut now, &both),
        ["a: full (cups: 0 of 1 free, 1 held, 0 used)", "b: made on sign", "c: made on sign"]
    );
    plan.accepted(&venue, OfferId(2), now.at, Timestamp(i64::MAX));
    assert_eq!(all(&venue, &mut plan, &mut now, &both[..1]), ["a: full (cups: 0 of 1 free, 0 held, 1 used)"]);
    now.at = Timestamp(now.at.0 + 600_000);
    assert_eq!(all(&venue, &mut plan, &mut now, &both[..1]), ["a: made on sign"]);
    plan.over(OfferId(1));
    assert_eq!(all(&venue, &mut plan, &mut now, &[holds(4, "d")]), ["d: made on sign"]);
}

#[test]
fn what_nobody_measured_is_not_free() {
    let venue = venue("signals: [{ name: left }]\npools: { tables: { left: left } }\n");
    let mut plan = Plan::new(&venue, 1);
    let wish = [Wish { hold: Some("tables"), ..wish(1, "a") }];
    assert_eq!(
        all(&venue, &mut plan, &mut asking(12), &wish),
        ["a: full (nobody knows what is left of tables)"]
    );
    let made = plan.arbitrate(&venue, &mut asking(12), &wish, &|_| true, &|_| Some(1));
    assert!(matches!(made.as_slice(), [(Verdict::Made { .. }, None)]));
    let full = plan.arbitrate(&venue, &mut asking(12), &wish, &|_| true, &|_| Some(1));
    let level = Some(PoolLevel { size: 1, free: 0, held: 1, used: 0 });
    let ground = Ground::Full { pool: "tables".into(), level };
    assert_eq!(full, [(Verdict::Withheld(Withheld::Full), Some(ground))]);
}

/// Vendors with one bid each for any slot.
fn auction(vendors: &[(&str, u32, u32)], floor: u32) -> Auction {
    let price = |amount| Price { amount, channels: Vec::new(), when: None };
    let vendor = |(name, amount, budget): &(&str, u32, u32)| Vendor {
        name: (*name).to_owned(),
        budget: *budget,
        pace: None,
        bids: vec![price(*amount)],
    };
    Auction { floors: vec![price(floor)], vendors: vendors.iter().map(vendor).collect() }
}

fn sold(slots: &str, vendors: &[(&str, u32, u32)], floor: u32, wishes: &[Wish<'_>]) -> Vec<String> {
    let mut venue = venue(slots);
    venue.auction = auction(vendors, floor);
    all(&venue, &mut Plan::new(&venue, 1), &mut asking(12), wishes)
}

fn of(id: u128, vendor: &'static str) -> Wish<'static> {
    Wish { vendor: Some(vendor), ..wish(id, vendor) }
}

#[test]
fn the_winner_pays_what_the_best_loser_bid() {
    let vendors = [("grill", 9, 100), ("bakery", 12, 100), ("bar", 3, 100)];
    let all = [of(1, "grill"), of(2, "bakery"), of(3, "bar"), wish(4, "house")];
    assert_eq!(
        sold("policy: { slots: 1 }\n", &vendors, 4, &all),
        [
            "grill: rival (o of bakery has the slot)",
            "bakery: made on sign (bakery bid 12 and pays 9)",
            "bar: no-bid (bar bids 3, and the slot costs at least 4)",
            "house: rival (o of bakery has the slot)",
        ]
    );
    assert_eq!(
        sold("policy: { slots: 1 }\n", &vendors, 4, &all[..1]),
        ["grill: made on sign (grill bid 9 and pays 4)"],
        "alone, the floor"
    );
    assert_eq!(
        sold("policy: { slots: 2 }\n", &vendors, 2, &all),
        [
            "grill: made on sign (grill bid 9 and pays 3)",
            "bakery: made on sign (bakery bid 12 and pays 3)",
            "bar: rival (o of bakery has the slot)",
            "house: rival (o of bakery has the slot)",
        ],
        "with two slots, the best that got none"
    );
    let house = Wish { priority: 1, ..wish(4, "house") };
    assert_eq!(
        sold("policy: { slots: 1 }\n", &vendors, 4, &[all[1], house])[0],
        "bakery: rival (o of house has the slot)",
        "no bid buys what a priority takes"
    );
}

#[test]
fn two_offers_of_one_step_do_not_overrun_a_budget() {
    assert_eq!(
        sold("", &[("grill", 9, 12)], 7, &[of(1, "grill"), Wish { journey: "again", ..of(2, "grill") }]),
        [
            "grill: made on sign (grill bid 9 and pays 7)",
            "again: budget (grill bids 9, and has spent 7 of the 12 it may by now)",
        ]
    );
}

#[test]
fn the_held_out_share_holds_and_journeys_may_say_their_own() {
    let venue = venue("policy: { hold_out: 1 }\n");
    let decide = |wish: Wish<'_>| all(&venue, &mut Plan::new(&venue, 1), &mut asking(12), &[wish]).remove(0);
    assert_eq!(decide(wish(1, "j")), "j: hold-out (among the 100 % that are left alone)");
    assert_eq!(decide(Wish { hold_out_ppm: Some(0), ..wish(1, "j") }), "j: made on sign");
    assert_eq!(decide(Wish { mandated: true, ..wish(1, "j") }), "j: made on sign", "law is for everybody");
    let zone = Asking { kind: SubjectKind::Zone, ..asking(12) };
    assert_eq!(
        all(&venue, &mut Plan::new(&venue, 1), &mut zone.clone(), &[wish(1, "j")]),
        ["j: made on sign"]
    );
}

#[test]
fn consent_may_have_to_be_given_first() {
    let policy = venue("policy: { consent: required }\npurposes: { service: assumed }\n").policy;
    assert_eq!(policy.purposes[0].consent, Consent::Assumed);
    assert!(!purpose::covers(&policy, None, None, None) && purpose::covers(&policy, None, Some(true), None));
    assert!(purpose::covers(&policy, Some("service"), None, None));
}
