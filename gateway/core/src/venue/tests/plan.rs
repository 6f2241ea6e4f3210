//! What a venue says to arbitration: read whole, and every slip with its place and what was meant.

use expect_test::expect;

use super::super::*;
use super::broken;

const HEAD: &str = "venue: v\ntime_zone: UTC\nkinds: [plaza]\nroles: [guest]\n";

#[test]
fn everything_that_arbitration_goes_by_is_read() {
    let text = format!(
        "{HEAD}channels: [band, app, kiosk]
zones: [{{ id: square, kind: plaza, channel: kiosk }}]
nodes: [{{ id: 1, name: k, zone: square, senses: [badge], channel: kiosk }}]
signals: [{{ name: tables-free }}]
purposes: {{ service: assumed, adverts: required }}
policy:
  offers_per_journey: 2
  offers_per_party: 8
  fatigue: {{ after: 3, wait: 1h, most: 8h }}
  slots: {{ band: 1, app: 3 }}
  channel: present
  hold_out: 0.05
pools: {{ cups: {{ size: 40, back: 10m }}, tables: {{ left: tables-free }}, prizes: {{ size: 5 }} }}
auction:
  floors: [{{ floor: 4, channels: [band] }}]
  vendors:
    grill:
      budget: 500
      pace: {{ from: \"10:00\", to: \"20:00\" }}
      bids: [{{ amount: 9, channels: [band], when: place.kind == \"plaza\" && time.hour < 18 }}]
"
    );
    let venue = Venue::read(&[SourceFile { name: VENUE_FILE, text: &text }]);
    let venue = venue.unwrap_or_else(|wrong| panic!("{wrong:#?}"));
    let Venue { policy, pools, auction, .. } = &venue;
    let purposes: Vec<_> = policy.purposes.iter().map(|it| (it.name.as_str(), it.consent)).collect();
    assert_eq!(purposes, [("service", Consent::Assumed), ("adverts", Consent::Required)]);
    assert_eq!((policy.offers_per_journey, policy.offers_per_party), (Some(2), Some(8)));
    let hour = 3_600_000;
    assert_eq!(policy.fatigue, Some(Fatigue { after: 3, wait_ms: hour, most_ms: 8 * hour }));
    assert_eq!(["band", "app", "kiosk"].map(|channel| policy.slots.of(channel)), [Some(1), Some(3), None]);
    assert_eq!((policy.channel, policy.hold_out_ppm), (ChannelBy::Present, 50_000));
    assert_eq!((venue.zones[0].channel, venue.nodes[0].channel), (Some(2), Some(2)));
    let pools: Vec<_> = pools.iter().map(|pool| (pool.name.as_str(), pool.size, pool.back)).collect();
    assert_eq!(
        pools,
        [
            ("cups", Size::Fixed(40), Back::After(600_000)),
            ("tables", Size::Left(0), Back::Told),
            ("prizes", Size::Fixed(5), Back::NextDay),
        ]
    );
    assert_eq!(auction.floors[0].amount, 4);
    let grill = auction.vendor("grill").expect("it is there");
    assert_eq!(
        (grill.budget, grill.pace, grill.bids[0].amount),
        (500, Some((10 * 3_600_000, 20 * 3_600_000)), 9)
    );
    let schema = venue.schema();
    assert!(["purpose", "pool", "vendor"].iter().all(|domain| schema.domain_id(domain).is_some()));
    assert!(schema.slot("consents").is_some());
}

#[test]
fn every_slip_is_told_with_its_place() {
    broken(
        &format!(
            "{HEAD}channels: [band, app]
zones: [{{ id: square, kind: plaza, channel: bnad }}]
signals: [{{ name: tables-free }}]
purposes: {{ offers: assumed, ad verts: required, service: assumd }}
policy:
  offers_per_journy: 2
  fatigue: {{ after: 0, wait: 1h, most: 10m }}
  slots: {{ bend: 1, app: 0 }}
  channel: presnt
  hold_out: 5
pools:
  cups: {{ size: 0 }}
  tables: {{ left: table-free }}
  both: {{ size: 1, left: tables-free }}
  never: {{ size: 1, back: 0s }}
"
        ),
        None,
        expect![[r#"
            venue.yaml:6:45 unknown-name: unknown channel `bnad` (did you mean `band`?)
            venue.yaml:8:13 bad-name: `offers` stands for all purposes (give this one a name of its own, such as `adverts`)
            venue.yaml:8:30 bad-name: `ad verts` cannot be a purpose (1 to 32 letters, digits, `_`, `.` or `-`)
            venue.yaml:8:59 unknown-word: unknown word `assumd` (did you mean `assumed`?)
            venue.yaml:10:3 unknown-key: unknown key `offers_per_journy` (did you mean `offers_per_journey`?)
            venue.yaml:11:21 out-of-range: `0` is not between 1 and 65535
            venue.yaml:12:12 unknown-name: unknown channel `bend` (did you mean `band`?)
            venue.yaml:12:26 out-of-range: `0` is not between 1 and 32
            venue.yaml:13:12 unknown-word: unknown word `presnt` (did you mean `present`?)
            venue.yaml:14:13 out-of-range: `5` is not between 0 and 1 (write 5 % as `0.05`)
            venue.yaml:16:17 out-of-range: `0` is not between 1 and 10000
            venue.yaml:17:19 unknown-name: unknown signal `table-free` (did you mean `tables-free`?)
            venue.yaml:18:11 bad-pool: pool `both` has either a `size`, or a signal that says what is `left` (write `size: 20`, or `left: cups-left`)
            venue.yaml:19:27 out-of-range: a unit that comes back at once is never taken (write how long it is in use: `back: 15m`, or `back: next day`)
        "#]],
    );
}

#[test]
fn a_bid_is_for_a_slot_and_never_for_a_person() {
    let bid = |when: &str| format!("      - {{ amount: 9, when: '{when}' }}\n");
    let bids: String = [
        "role == \"guest\"",
        "place.outdoor && subject.tier == \"gold\"",
        "\"regular\" in segments",
        "place.dwell > duration(\"5m\")",
        "nearest(\"plaza\") == \"square\"",
        "channel == \"band\"",
        "party.size > 2",
        "wether.rain > 1",
        "place.count > 5 && weather.rain > 0.5 && time.hour < 12",
    ]
    .map(bid)
    .concat();
    broken(
        &format!(
            "{HEAD}channels: [band]
zones: [{{ id: square, kind: plaza }}]
facts: {{ tier: {{ values: [gold] }}, visits: {{ type: int }} }}
segments: {{ regular: subject.visits > 3 }}
auction:
  vendors:
    grill:
      budget: 100
      bids:
{bids}      - {{ amount: 9, channels: [bend] }}
      - {{ amuont: 9 }}
"
        ),
        None,
        expect![[r#"
            venue.yaml:14:29 bid-on-a-person: `role` is about a person, and a bid is for a slot (say what slot it is: `place.`, `weather.`, `signal[..]`, `time.`; whom to offer it to is a journey's to say)
            venue.yaml:15:46 bid-on-a-person: `subject.tier` is about a person, and a bid is for a slot (say what slot it is: `place.`, `weather.`, `signal[..]`, `time.`; whom to offer it to is a journey's to say)
            venue.yaml:16:42 bid-on-a-person: `segments` is about a person, and a bid is for a slot (say what slot it is: `place.`, `weather.`, `signal[..]`, `time.`)
            venue.yaml:17:29 bid-on-a-person: `place.dwell` is about a person, and a bid is for a slot (did you mean `place.count`, the people in the zone?)
            venue.yaml:18:29 bid-on-a-person: `nearest.plaza` is about a person, and a bid is for a slot (did you mean `place.zone` or `place.kind`, the zone of the slot?)
            venue.yaml:19:29 bid-on-a-person: `channel` is about a person, and a bid is for a slot (say `channels: [band]` beside `when`)
            venue.yaml:20:29 bid-on-a-person: `party.size` is about a person, and a bid is for a slot (did you mean `place.count`, the people in the zone? Whom they came with is theirs)
            venue.yaml:21:29 unknown-name: unknown fact `wether.rain` (did you mean `weather.rain`?)
            venue.yaml:23:33 unknown-name: unknown channel `bend` (did you mean `band`?)
            venue.yaml:24:11 unknown-key: unknown key `amuont` (did you mean `amount`?)
        "#]],
    );
}
