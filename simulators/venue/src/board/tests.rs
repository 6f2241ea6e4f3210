//! The simulated parts against the firmware's drivers: what the world feeds in comes out of the node's frames.

use turnpage_firmware_node::Now;
use turnpage_firmware_wire::{Frame, Key, Presence, Sealed};
use turnpage_gateway_core::Venue;
use turnpage_gateway_core::venue::SourceFile;

use super::Board;
use crate::park;
use crate::provision::Provision;
use crate::sky::Air;

fn setup() -> (Venue, Provision) {
    let files = park::files();
    let sources: Vec<_> = files.iter().map(|&(name, text)| SourceFile { name, text }).collect();
    let venue = Venue::read(&sources).expect("the sample park is sound");
    let provision = Provision::new(venue.nodes.iter().map(|node| (node.id.0, node.name.as_str())), 7);
    (venue, provision)
}

/// Takes everything that the board has to say, and acknowledges it.
fn frames(board: &mut Board, key: &Key, now: Now) -> Vec<Frame> {
    let mut frames = Vec::new();
    while let Some(publish) = board.poll(now) {
        let ticket = publish.ticket;
        frames.push(Sealed::parse(publish.payload).unwrap().verify(key).unwrap());
        board.acknowledged(ticket);
    }
    frames
}

#[test]
fn a_badge_on_the_air_is_a_sighting_on_the_wire() {
    let (venue, provision) = setup();
    let index = venue.nodes.iter().position(|node| node.badge).unwrap();
    let mut board = Board::new(&venue, &provision, index, 1, 500).unwrap();
    let key = Key::new(provision.node(index).unwrap().0);
    let before = frames(&mut board, &key, Now::synced(0, 1_000));
    assert!(before.iter().all(|frame| frame.sighting.is_none()));
    board.hear([1, 2, 3, 4, 5, 6], "vip", -60);
    board.hear([6, 5, 4, 3, 2, 1], "guest", -84);
    let sightings: Vec<_> = frames(&mut board, &key, Now::synced(600, 1_600))
        .into_iter()
        .filter_map(|frame| frame.sighting)
        .collect();
    let [sighting] = sightings.as_slice() else { panic!("one of the two is near enough: {sightings:?}") };
    assert_eq!(sighting.presence, Presence::Enter);
    assert_eq!(sighting.role.as_ref().map(|role| role.as_str()), Some("vip"));
}

#[test]
fn the_weather_of_a_mast_is_the_weather_around_it() {
    let (venue, provision) = setup();
    let index = venue.nodes.iter().position(|node| node.weather).unwrap();
    let mut board = Board::new(&venue, &provision, index, 1, 500).unwrap();
    let key = Key::new(provision.node(index).unwrap().0);
    let air = Air { temperature: 23.4, humidity: 81.0, wind: 6.0, rain: 12.0, light: 800.0 };
    let mut last = None;
    for minute in 0..40_u64 {
        board.feel(&air, 60_000);
        let now = Now::synced(minute * 60_000, 1_000_000 + minute * 60_000);
        last =
            frames(&mut board, &key, now).into_iter().filter_map(|frame| frame.weather).next_back().or(last);
    }
    let weather = last.expect("a mast measures");
    let near = |value: Option<f64>, wanted: f64, by: f64| (value.unwrap() - wanted).abs() <= by;
    assert!(near(weather.temperature_centi_c.map(|t| f64::from(t) / 100.0), 23.4, 0.02), "{weather:?}");
    assert!(near(weather.humidity_centi_pct.map(|h| f64::from(h) / 100.0), 81.0, 0.02), "{weather:?}");
    assert!(near(weather.rain_centi_mm_h.map(|r| f64::from(r) / 100.0), 12.0, 1.5), "{weather:?}");
    assert!(near(weather.wind_cm_s.map(|w| f64::from(w) / 100.0), 6.0, 0.1), "{weather:?}");
    assert!(near(weather.light_lx.map(f64::from), 800.0, 1.0), "{weather:?}");
}
