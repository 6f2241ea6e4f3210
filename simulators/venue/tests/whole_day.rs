//! A whole virtual day without sockets: the crowd, every node's real firmware, every frame it seals.
//!
//! What is held here is what `live` builds on: one seed is one day to the last byte, and no frame is lost, forged or
//! out of order on its way out of a node whose gateway keeps up.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use turnpage_firmware_node::Now;
use turnpage_firmware_wire::{Key, NodeId, Sealed};
use turnpage_gateway_core::venue::SourceFile;
use turnpage_gateway_core::{Timestamp, Venue};
use turnpage_simulators_venue::board::Board;
use turnpage_simulators_venue::day::Day;
use turnpage_simulators_venue::park;
use turnpage_simulators_venue::provision::Provision;
use turnpage_simulators_venue::world::{Happened, Options, World};

/// Park time between two looks at the boards, in milliseconds: what a tick of `live` is at 600 times real time.
const STEP_MS: i64 = 6_000;

/// What the nodes of a day said.
#[derive(Debug, Default)]
struct Said {
    /// Over topics and payloads, in the order they were made.
    digest: u64,
    frames: u32,
    sightings: u32,
    weather: u32,
    dropped: u32,
}

fn venue() -> Venue {
    let files = park::files();
    let sources: Vec<_> = files.iter().map(|&(name, text)| SourceFile { name, text }).collect();
    Venue::read(&sources).expect("the sample park is sound")
}

/// Runs a day in which every frame is acknowledged as soon as it is made, and checks each as a gateway does.
fn run(seed: u64, visitors: u32) -> Said {
    let (venue, day) = (venue(), Day::sample());
    let provision = Provision::new(venue.nodes.iter().map(|node| (node.id.0, node.name.as_str())), seed);
    let mut world =
        World::new(&venue, &day, &provision, &Options { seed, visitors }).expect("a park with gates");
    let keys: BTreeMap<u32, Key> = provision.keys().map(|(id, key)| (id, Key::new(&key))).collect();
    let mut boards: Vec<Board> = (0..venue.nodes.len())
        .map(|index| Board::new(&venue, &provision, index, 1, 500).expect("every node is provisioned"))
        .collect();
    let (opens, closes) = (world.opens(), world.closes());
    let (mut said, mut digest) = (Said::default(), DefaultHasher::new());
    let mut expected = vec![0; boards.len()];
    let mut at = opens;
    while at < closes {
        at = Timestamp((at.0 + STEP_MS).min(closes.0));
        let air = world.sky().at(at, 0);
        boards.iter_mut().for_each(|board| board.feel(&air, STEP_MS));
        world.advance(at, &mut |_, what| {
            if let Happened::Heard { node, badge, role, rssi_dbm } = what {
                boards[node].hear(badge, role, rssi_dbm);
            }
        });
        let now = Now::synced((at.0 - opens.0) as u64, at.0 as u64);
        for (index, board) in boards.iter_mut().enumerate() {
            let id = venue.nodes[index].id.0;
            while let Some(publish) = board.poll(now) {
                let ticket = publish.ticket;
                (publish.topic, publish.payload).hash(&mut digest);
                let sealed = Sealed::parse(publish.payload).expect("a node says frames");
                let frame = sealed.verify(&keys[&id]).expect("under its own key");
                assert_eq!(frame.header.node, NodeId(id));
                assert_eq!(frame.header.sequence, expected[index], "a frame of node {id} is missing");
                assert!(frame.header.at_ms <= now.at_ms, "node {id} speaks of the future");
                expected[index] += 1;
                said.frames += 1;
                said.sightings += u32::from(frame.sighting.is_some());
                said.weather += u32::from(frame.weather.is_some());
                board.acknowledged(ticket);
            }
            assert_eq!(board.backlog(now).0, 0);
        }
    }
    let now = Now::synced((closes.0 - opens.0) as u64, closes.0 as u64);
    said.dropped = boards.iter().map(|board| board.backlog(now).1).sum();
    said.digest = digest.finish();
    said
}

#[test]
fn a_seed_is_the_same_bytes_and_another_seed_is_not() {
    let [one, again, other] = [7, 7, 8].map(|seed| run(seed, 60));
    assert_eq!(one.digest, again.digest);
    assert_ne!(one.digest, other.digest);
    assert_eq!(one.frames, again.frames);
}

#[test]
fn a_day_overruns_no_node() {
    let said = run(1, 300);
    assert_eq!(said.dropped, 0, "{said:?}");
    assert!(said.sightings > 9_000, "{said:?}");
    // Three masts, every five minutes, for fourteen hours.
    assert!((480..=520).contains(&said.weather), "{said:?}");
}
