//! Properties of the crowd: nobody is lost or in two places, the same seed walks the same day, and people are people:
//! long queues and rain move them.

use std::collections::BTreeMap;

use turnpage_gateway_core::venue::SourceFile;
use turnpage_gateway_core::{Timestamp, Venue};

use super::{Happened, Offer, Options, Outcome, World};
use crate::day::Day;
use crate::park;
use crate::provision::Provision;

fn venue() -> Venue {
    let files = park::files();
    let sources: Vec<_> = files.iter().map(|&(name, text)| SourceFile { name, text }).collect();
    Venue::read(&sources).expect("the sample park is sound")
}

fn world(venue: &Venue, day: &Day, seed: u64, visitors: u32) -> World {
    let provision = Provision::new(venue.nodes.iter().map(|node| (node.id.0, node.name.as_str())), seed);
    World::new(venue, day, &provision, &Options { seed, visitors }).unwrap()
}

fn whole_day(world: &mut World) -> Vec<(Timestamp, Happened)> {
    let mut all = Vec::new();
    let closes = world.closes();
    world.advance(closes, &mut |at, what| all.push((at, what)));
    all
}

#[test]
fn a_seed_is_a_day_and_another_seed_another() {
    let (venue, day) = (venue(), Day::sample());
    let [one, again, other] = [7, 7, 8].map(|seed| whole_day(&mut world(&venue, &day, seed, 150)));
    assert!(one == again);
    assert!(one != other);
}

#[test]
fn steps_do_not_change_the_day() {
    let (venue, day) = (venue(), Day::sample());
    let whole = whole_day(&mut world(&venue, &day, 3, 80));
    let mut stepped = Vec::new();
    let mut world = world(&venue, &day, 3, 80);
    let mut at = world.opens();
    while at < world.closes() {
        at = Timestamp((at.0 + 6_007).min(world.closes().0));
        world.advance(at, &mut |at, what| stepped.push((at, what)));
    }
    assert!(whole == stepped);
}

#[test]
fn time_never_runs_back_and_nobody_is_lost() {
    let (venue, day) = (venue(), Day::sample());
    let mut world = world(&venue, &day, 5, 300);
    let mut last = world.opens();
    let mut at = world.opens();
    while at < world.closes() {
        at = Timestamp(at.0 + 600_000);
        world.advance(at, &mut |at, _| {
            assert!(at >= last);
            last = at;
        });
        let inside: u32 = world.occupancy().iter().sum();
        assert!(inside <= world.present(), "{inside} in zones of {} present", world.present());
        assert!(world.present() <= 300);
    }
    assert!(world.present() < 15, "{} are still inside at night", world.present());
}

/// Receptions by zone kind between two local hours.
fn heard(venue: &Venue, world: &mut World, hours: (i64, i64)) -> BTreeMap<(String, bool), u32> {
    let day_begins = world.opens().0 - 8 * 3_600_000;
    let mut heard = BTreeMap::new();
    let closes = world.closes();
    world.advance(closes, &mut |at, what| {
        if let Happened::Heard { node, .. } = what
            && (hours.0..hours.1).contains(&((at.0 - day_begins) / 3_600_000))
            && let Some(zone) = venue.nodes[node].mount.zone()
        {
            let zone = &venue.zones[usize::from(zone.0)];
            *heard.entry((venue.kinds[zone.kind].clone(), zone.outdoor)).or_insert(0) += 1;
        }
    });
    heard
}

#[test]
fn rain_moves_people_indoors() {
    let venue = venue();
    let wet = Day::sample();
    let mut dry = Day::sample();
    dry.weather.iter_mut().for_each(|hour| hour.rain_mm_per_hour = 0.0);
    let share_indoors = |day: &Day| {
        let heard = heard(&venue, &mut world(&venue, day, 11, 600), (11, 14));
        let indoors: u32 = heard.iter().filter(|((_, outdoor), _)| !outdoor).map(|(_, count)| count).sum();
        f64::from(indoors) / f64::from(heard.values().sum::<u32>())
    };
    let (wet, dry) = (share_indoors(&wet), share_indoors(&dry));
    assert!(wet > dry * 1.2, "indoors {wet:.2} in the rain, {dry:.2} without");
}

#[test]
fn a_long_queue_keeps_people_away() {
    let venue = venue();
    let arrivals = |minutes: u32| {
        let mut day = Day::sample();
        day.waits.iter_mut().filter(|wait| wait.zone == "ride-comet").for_each(|wait| wait.minutes = minutes);
        let mut world = world(&venue, &day, 13, 600);
        let comet = venue.zones.iter().position(|zone| zone.id.as_str() == "ride-comet").unwrap();
        let node = world.places.node(comet).unwrap();
        let mut bands = std::collections::BTreeSet::new();
        let closes = world.closes();
        world.advance(closes, &mut |_, what| {
            if let Happened::Heard { node: heard, badge, .. } = what
                && heard == node
            {
                bands.insert(badge);
            }
        });
        bands.len()
    };
    let (short, long) = (arrivals(5), arrivals(150));
    assert!(short > 2 * long, "{short} people at a queue of 5 minutes, {long} at 150");
}

#[test]
fn an_accepted_offer_is_walked_to() {
    let venue = venue();
    let mut world = world(&venue, &Day::sample(), 17, 200);
    let noon = Timestamp(world.opens().0 + 4 * 3_600_000);
    world.advance(noon, &mut |_, _| {});
    let subjects: Vec<String> = world.by_subject.keys().cloned().collect();
    for (number, subject) in subjects.iter().enumerate() {
        let text = "Cocoa at Cocoa House?".to_owned();
        world.offer(&Offer { id: number.to_string(), subject: subject.clone(), text });
    }
    let cafe = venue.zones.iter().position(|zone| zone.title == "Cocoa House").unwrap();
    let before = world.occupancy()[cafe];
    let (mut seen, mut accepted) = (0, 0);
    world.advance(Timestamp(noon.0 + 15 * 60_000), &mut |_, what| {
        if let Happened::Answered(answer) = what {
            seen += u32::from(answer.outcome == Outcome::Seen);
            accepted += u32::from(answer.outcome == Outcome::Accepted);
        }
    });
    assert!(accepted > 10 && seen > accepted, "{seen} saw it, {accepted} accepted");
    let after = world.occupancy()[cafe];
    assert!(after > before + accepted / 4, "{before} before, {after} after, {accepted} had accepted");
}
