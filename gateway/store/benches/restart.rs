//! A million instances served again, and what a snapshot does to the commits beside it.
//!
//! A pipeline of a small park takes a sighting of each subject in groups, as the gateway does; then a part of them moves
//! on while snapshots are taken. Told: how long opening, recovering and restoring take, how much memory, what the snapshots
//! wrote, and how long commits took with and without one under way. Takes the number of subjects, 1,000,000 when absent.
//! The allocator is the binary's.

use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use turnpage_gateway_core::venue::SourceFile;
use turnpage_gateway_core::{
    ContextEvent, Keys, Options, Pipeline, Place, Presence, Sighting, SubjectName, TimeQuality, Timestamp,
    Venue, What, ZoneName,
};
use turnpage_gateway_store::{Disk, Store, disk};
use turnpage_journeys_engine::{ChoiceDef, Definition, Library, OfferDef, PageDef, WordingDef, compile};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Events in a group: what gathers behind a sync in a busy venue.
const GROUP: u64 = 1_000;
/// 2026-07-20 12:00 in Toronto.
const NOON: i64 = 1_784_563_200_000;

/// Names the directory, for the process that only restarts.
const RESTART: &str = "TURNPAGE_RESTART";

const VENUE: &str = "
venue: park
title: Small Park
time_zone: America/Toronto
map: zones.geojson
kinds: [gate]
roles: [guest]
nodes: []
";
const ZONES: &str = r#"{ "type": "FeatureCollection", "features": [ { "type": "Feature",
  "properties": { "id": "gate", "title": "Main gate", "kind": "gate", "outdoor": true, "level": 0 },
  "geometry": { "type": "Polygon", "coordinates":
    [[[-73.551, 45.500], [-73.550, 45.500], [-73.550, 45.501], [-73.551, 45.501], [-73.551, 45.500]]] } } ] }"#;

fn venue() -> Venue {
    let files =
        [SourceFile { name: "venue.yaml", text: VENUE }, SourceFile { name: "zones.geojson", text: ZONES }];
    Venue::read(&files).expect("a venue")
}

/// One journey that everybody at the gate turns a page of, with a timer.
fn library(venue: &Venue) -> Library {
    let go_in = ChoiceDef {
        when: Some(r#"place.kind == "gate""#.into()),
        offer: Some("map".into()),
        turn_to: Some("inside".into()),
        ..ChoiceDef::default()
    };
    let back = ChoiceDef {
        after_ms: Some((4 * 3_600_000).into()),
        turn_to: Some("outside".into()),
        ..ChoiceDef::default()
    };
    let text = WordingDef { language: "en".into(), channel: None, text: "A map of the park?".into() };
    let map = OfferDef {
        name: "map".into(),
        text: vec![text],
        channels: vec!["band".into()],
        valid_ms: Some(60_000.into()),
        ..OfferDef::default()
    };
    let page = |name: &str, choices| PageDef { name: name.into(), choices, ..PageDef::default() };
    let welcome = Definition {
        name: "welcome".into(),
        version: 1,
        offers: vec![map],
        pages: vec![page("outside", vec![go_in]), page("inside", vec![back])],
        ..Definition::default()
    };
    compile(&[welcome], &venue.schema()).library.expect("a library")
}

fn seen(pipeline: &mut Pipeline, number: u64, now: i64) {
    let sighting = Sighting {
        subject: SubjectName::new(&format!("{number:016x}")).expect("a name"),
        role: None,
        place: Place::Zone(ZoneName::new("gate").expect("a name")),
        presence: Presence::Seen,
    };
    let now = Timestamp(now);
    let event = ContextEvent { at: now, quality: TimeQuality::Synced, what: What::Sighting(sighting) };
    pipeline.event(now, event);
}

/// Resident bytes of this process: now, and at most so far.
fn resident() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().find_map(|word| word.parse::<u64>().ok()).unwrap_or_default() * 1024
    };
    (field("VmRSS:"), field("VmHWM:"))
}

/// Processor time of this process so far, all threads: the same whoever else is busy.
fn processor() -> f64 {
    /// Clock ticks a second, on every Linux there is.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Fields are counted behind the name, which may hold blanks.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
}

fn at(sorted: &[Duration], share: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list of thousands"
    )]
    let place = ((sorted.len().saturating_sub(1)) as f64 * share) as usize;
    sorted.get(place).copied().unwrap_or_default().as_secs_f64() * 1e3
}

fn tell(what: &str, times: &mut [Duration]) {
    times.sort();
    println!(
        "{what}: {} commits, p50 {:.2} ms, p99 {:.2} ms, at most {:.2} ms",
        times.len(),
        at(times, 0.5),
        at(times, 0.99),
        at(times, 1.0)
    );
}

/// Lets everybody in, group by group.
fn fill(disk: &mut Disk, pipeline: &mut Pipeline, subjects: u64) {
    let began = Instant::now();
    for first in (0..subjects).step_by(usize::try_from(GROUP).expect("small")) {
        for number in first..(first + GROUP).min(subjects) {
            seen(pipeline, number, NOON + i64::try_from(number / 20).expect("small"));
        }
        disk.commit(&pipeline.take_batch()).expect("commits");
        if disk.snapshot_is_due() {
            disk.snapshot()().expect("a snapshot");
        }
    }
    println!("filled: {subjects} subjects in {:.1} s", began.elapsed().as_secs_f64());
}

/// A twentieth moves on at a time, with and without a snapshot beside it.
fn go_on(disk: &mut Disk, pipeline: &mut Pipeline, subjects: u64) {
    let (mut quiet, mut beside) = (Vec::new(), Vec::new());
    let mut now = NOON + 200_000;
    for round in 0..6 {
        let job = (round % 2 == 1).then(|| std::thread::spawn(disk.snapshot()));
        let times = if job.is_some() { &mut beside } else { &mut quiet };
        for group in 0..subjects / GROUP / 5 {
            for number in 0..GROUP {
                seen(pipeline, (round * 7 + group * GROUP + number) * 5 % subjects, now);
            }
            now += 10;
            let batch = pipeline.take_batch();
            let began = Instant::now();
            disk.commit(&batch).expect("commits");
            times.push(began.elapsed());
            if job.as_ref().is_some_and(std::thread::JoinHandle::is_finished) {
                break;
            }
        }
        if let Some(job) = job {
            let taken = job.join().expect("no panic").expect("a snapshot");
            println!("snapshot: {} MB written, {} layers", taken.written_bytes / 1_000_000, taken.layers);
        }
    }
    tell("without a snapshot", &mut quiet);
    tell("while one is taken", &mut beside);
}

fn restart(dir: &Path) {
    let before = resident().0;
    let began = Instant::now();
    let mut disk = Disk::open(dir, disk::Options::default()).expect("opens");
    let (opened, opened_cpu) = (began.elapsed(), processor());
    let recovered = disk.recover().expect("recovers");
    let (read, read_cpu, replayed) = (began.elapsed(), processor(), recovered.replayed);
    let state = resident().0;
    let venue = venue();
    let library = library(&venue);
    let subjects = recovered.state.subjects.len();
    let pipeline = Pipeline::restore(venue, library, Keys::default(), Options::default(), recovered.state);
    let pipeline = pipeline.expect("restores");
    let (served, served_cpu) = (began.elapsed(), processor());
    let (after, most) = resident();
    println!("restart: {subjects} subjects, {replayed} commits of the log");
    for (what, time, cpu) in
        [("opened", opened, opened_cpu), ("read", read, read_cpu), ("served again", served, served_cpu)]
    {
        println!("  {what} after {:.2} s, {cpu:.2} s of processor time", time.as_secs_f64());
    }
    let mb = |bytes: u64| bytes / 1_000_000;
    println!(
        "memory: {} MB before, {} MB with the state, {} MB served, {} MB at most",
        mb(before),
        mb(state),
        mb(after),
        mb(most)
    );
    drop(pipeline);
}

fn main() {
    if let Some(dir) = std::env::var_os(RESTART) {
        return restart(Path::new(&dir));
    }
    let subjects = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(1_000_000);
    // Beside the build: a temporary directory may be in memory, where a sync costs nothing.
    let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory on disk");
    let mut disk = Disk::open(dir.path(), disk::Options::default()).expect("opens");
    let venue = venue();
    let library = library(&venue);
    let options = Options { subjects_max: 4_000_000, ..Options::default() };
    let mut pipeline = Pipeline::new(venue, library, Keys::default(), options);
    fill(&mut disk, &mut pipeline, subjects);
    go_on(&mut disk, &mut pipeline, subjects);
    drop((disk, pipeline));
    // In a process of its own, whose memory is that of a restart.
    let again = std::process::Command::new(std::env::current_exe().expect("this bench"))
        .env(RESTART, dir.path())
        .status();
    assert!(again.is_ok_and(|status| status.success()), "the restart failed");
}
