//! The filter against the strongest receiver, on recordings of real radios: what `README.md` beside radio.rs reports.
//!
//! The recordings are no part of this repository; where they are not, this says so and passes. Run it with
//! `cargo test -p turnpage-gateway-core --lib study -- --nocapture` for the numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;

use super::super::Radio;
use crate::Timestamp;
use crate::id::ZoneIx;
use crate::venue::{Radio as Rules, SourceFile, VENUE_FILE, Venue};

/// Longest pause, in seconds, over which a recording is one walk: 60 for scans every few seconds, 1,800 for snapshots.
const PAUSE_SCAN_S: i64 = 60;
const PAUSE_SNAPSHOT_S: i64 = 1_800;

/// Which receivers hear a subject, and how loud, in dBm.
type Heard = Vec<(String, f64)>;

/// One instant of one subject: when, where it truly is (by name of the zone), and which receivers hear it how loud.
struct Instant {
    at_s: i64,
    truth: String,
    heard: Heard,
}

/// A recording: a walk for each subject, in order.
struct Recording {
    walks: Vec<Vec<Instant>>,
    pause_s: i64,
}

/// What a rule made of a recording.
#[derive(Debug, Default)]
struct Score {
    instants: usize,
    right: usize,
    hours: f64,
    flips: usize,
    /// Flips while the subject stayed.
    false_flips: usize,
}

impl Score {
    fn accuracy(&self) -> f64 {
        self.right as f64 / self.instants as f64
    }

    fn false_an_hour(&self) -> f64 {
        self.false_flips as f64 / self.hours
    }

    fn row(&self, name: &str) -> String {
        let flips = self.flips as f64 / self.hours;
        format!("| {name} | {:.1} % | {flips:.2} | {:.2} |", 100.0 * self.accuracy(), self.false_an_hour())
    }
}

fn read(file: &str) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // In a worktree the recordings lie one folder further up.
    let places = ["../../../shared/data/03-ble-sightings", "../../../../shared/data/03-ble-sightings"];
    let path = places.iter().map(|place| root.join(place).join(file)).find(|path| path.is_file())?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).ok()?).read_to_string(&mut text).ok()?;
    Some(text)
}

/// A venue with a zone and a receiver of each name.
fn venue(names: &BTreeSet<String>, rules: Rules) -> Venue {
    let line =
        |name: &String| (format!("{{ id: {name}, kind: k }}"), format!("{{ name: {name}, zone: {name} }}"));
    let (zones, receivers): (Vec<_>, Vec<_>) = names.iter().map(line).unzip();
    let text = format!(
        "{{ venue: v, time_zone: Europe/Berlin, kinds: [k], roles: [r], zones: [{}], receivers: [{}] }}",
        zones.join(", "),
        receivers.join(", ")
    );
    let mut venue = Venue::read(&[SourceFile { name: VENUE_FILE, text: &text }]).unwrap();
    venue.radio = rules;
    venue
}

fn score(recording: &Recording, mut rule: impl FnMut(bool, &Instant) -> Option<String>) -> Score {
    let mut score = Score::default();
    for walk in &recording.walks {
        let mut before: Option<(&Instant, Option<String>)> = None;
        for instant in walk {
            let zone = rule(before.is_none(), instant);
            score.instants += 1;
            score.right += usize::from(zone.as_ref() == Some(&instant.truth));
            if let Some((last, was)) = &before
                && (1..=recording.pause_s).contains(&(instant.at_s - last.at_s))
            {
                score.hours += (instant.at_s - last.at_s) as f64 / 3_600.0;
                let flipped = *was != zone;
                score.flips += usize::from(flipped);
                score.false_flips += usize::from(flipped && last.truth == instant.truth);
            }
            before = Some((instant, zone));
        }
    }
    score
}

fn strongest(recording: &Recording) -> Score {
    score(recording, |_, instant| {
        let loudest = instant.heard.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        loudest.map(|(name, _)| name.clone())
    })
}

fn filtered(recording: &Recording, rules: Rules) -> Score {
    let heard = recording.walks.iter().flatten().flat_map(|instant| &instant.heard);
    let truths = recording.walks.iter().flatten().map(|instant| instant.truth.clone());
    let venue = venue(&heard.map(|(name, _)| name.clone()).chain(truths).collect(), rules);
    let (mut radio, mut current) = (Radio::default(), None::<ZoneIx>);
    score(recording, |first, instant| {
        if first {
            (radio, current) = (Radio::default(), None);
        }
        for (name, dbm) in &instant.heard {
            let receiver = venue.find_receiver(name).unwrap();
            radio.hear(receiver, *dbm - rules.one_metre_dbm, Timestamp(instant.at_s * 1_000), &rules);
        }
        current = radio.fix(current, &rules, &venue).and_then(|fix| fix.zone);
        current.and_then(|zone| Some(venue.zone(zone)?.id.to_string()))
    })
}

/// Seconds of `2016-10-18T11:15:21` or `01/31/2019, 00:10:00`, on some clock: only differences count.
fn seconds(text: &str) -> i64 {
    let numbers: Vec<i64> =
        text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|it| it.parse().ok()).collect();
    let (year, month, day) = if text.contains('T') {
        (numbers[0], numbers[1], numbers[2])
    } else {
        (numbers[2], numbers[0], numbers[1])
    };
    // Months of 31 days: no pause of a recording ends within the error.
    (((year * 12 + month) * 31 + day) * 24 + numbers[3]) * 3_600 + numbers[4] * 60 + numbers[5]
}

/// Somebody walks through a library with a phone that hears beacons: beacons are the receivers, and a zone is what is
/// nearest to a beacon. Where beacons are is learned from every other scan; the rest is the recording.
fn library() -> Option<Recording> {
    let text = read("library_ibeacon.csv.gz")?;
    let mut scans: BTreeMap<i64, (i64, (f64, f64), Heard)> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let [row, cell, at, beacon, dbm] = line.split(',').collect::<Vec<_>>()[..] else { continue };
        let (row, dbm): (i64, f64) = (row.parse().ok()?, dbm.parse().ok()?);
        let (column, number) = cell.split_at(1);
        let place = (f64::from(column.as_bytes()[0]), number.parse().ok()?);
        scans.entry(row).or_insert_with(|| (seconds(at), place, Vec::new())).2.push((beacon.to_owned(), dbm));
    }
    let mut beacons: BTreeMap<String, (f64, f64, f64)> = BTreeMap::new();
    for (_, (_, place, heard)) in scans.iter().filter(|(row, _)| *row % 4 == 0) {
        for (beacon, dbm) in heard.iter().filter(|(_, dbm)| *dbm > -95.0) {
            let weight = libm::pow(10.0, dbm / 10.0 * 0.7);
            let sums = beacons.entry(beacon.clone()).or_default();
            *sums = (sums.0 + weight, sums.1 + weight * place.0, sums.2 + weight * place.1);
        }
    }
    let far = |place: (f64, f64), sums: &(f64, f64, f64)| {
        libm::hypot(place.0 - sums.1 / sums.0, place.1 - sums.2 / sums.0)
    };
    let zone = |place: (f64, f64)| {
        let nearest = beacons.iter().min_by(|a, b| far(place, a.1).total_cmp(&far(place, b.1)));
        nearest.map(|(name, _)| name.clone()).unwrap_or_default()
    };
    // Scans are newest first.
    let walk = scans.into_iter().rev().filter(|(row, _)| row % 4 != 0);
    let walk = walk.map(|(_, (at_s, place, heard))| Instant { at_s, truth: zone(place), heard });
    Some(Recording { walks: vec![walk.collect()], pause_s: PAUSE_SCAN_S })
}

/// Beacons that are heard by the access points of a block of flats, every ten minutes of a day. Those that are heard for
/// six hours and more do not move: their zone is the access point that heard them loudest over the day.
fn flats() -> Option<Recording> {
    #[derive(Deserialize)]
    struct Line {
        t: String,
        beacon: String,
        aps: Vec<String>,
        rssi: Vec<f64>,
    }
    let text = read("blemat_1day.ndjson.gz")?;
    let mut beacons: BTreeMap<String, Vec<(i64, Heard)>> = BTreeMap::new();
    for line in text.lines() {
        let Line { t, beacon, aps, rssi } = serde_json::from_str(line).ok()?;
        beacons.entry(beacon).or_default().push((seconds(&t), aps.into_iter().zip(rssi).collect()));
    }
    let walks = beacons.into_values().filter(|instants| instants.len() >= 36).map(|mut instants| {
        instants.sort_by_key(|(at_s, _)| *at_s);
        let mut loud: BTreeMap<&String, f64> = BTreeMap::new();
        for (name, dbm) in instants.iter().flat_map(|(_, heard)| heard) {
            *loud.entry(name).or_default() += dbm + 100.0;
        }
        let truth = loud.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(name, _)| name.clone());
        let truth = truth.unwrap_or_default();
        let walk = instants.into_iter();
        walk.map(|(at_s, heard)| Instant { at_s, truth: truth.clone(), heard }).collect()
    });
    Some(Recording { walks: walks.collect(), pause_s: PAUSE_SNAPSHOT_S })
}

/// What a rule is held to: at most so much of the strongest receiver's false flips, and so much less accuracy.
fn compare(name: &str, recording: &Recording, rules: Rules, share: f64, less: f64) {
    let (naive, filter) = (strongest(recording), filtered(recording, rules));
    println!("\n{name}: {} instants, {:.1} h\n", naive.instants, naive.hours);
    println!("| rule | right zone | flips an hour | of these false |\n|---|---|---|---|");
    println!("{}\n{}", naive.row("strongest receiver"), filter.row("this filter"));
    assert!(naive.instants > 300 && naive.hours > 1.0, "{naive:?}");
    assert!(filter.false_an_hour() <= share * naive.false_an_hour(), "{filter:?} flaps like {naive:?}");
    assert!(filter.accuracy() >= naive.accuracy() - less, "{filter:?} is further off than {naive:?}");
}

#[test]
fn walking_through_a_library() {
    let Some(recording) = library() else {
        println!("skipped: the recording is not there");
        return;
    };
    compare("library", &recording, Rules::default(), 0.55, 0.05);
}

#[test]
fn lying_in_a_block_of_flats() {
    let Some(recording) = flats() else {
        println!("skipped: the recording is not there");
        return;
    };
    let minutes = |minutes: i64| minutes * 60_000;
    let rules = Rules { smooth_ms: minutes(10), silence_ms: minutes(30), fade_db_s: 0.0, ..Rules::default() };
    compare("flats", &recording, rules, 0.2, 0.0);
}
