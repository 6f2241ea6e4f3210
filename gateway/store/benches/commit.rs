//! How much of a raw append-and-fdatasync file the store keeps, at three sizes of a group, in one run.
//!
//! The raw file writes the same bytes, encoded the same way, so that the difference is what sled, checksums and the
//! witness cost. Criterion reports events a second; the ratios are printed at the end. Absolute numbers are the disk's.

use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tempfile::TempDir;
use turnpage_gateway_core::{
    Batch, Cause, ContextEvent, Entry, OfferId, Outgoing, Place, Presence, Sighting, SubjectName,
    SubjectState, TimeQuality, Timestamp, What, ZoneName,
};
use turnpage_gateway_store::{Disk, Store, disk::Options};

/// One outgoing offer for so many events.
const EVENTS_PER_OFFER: u64 = 8;
/// Bytes of a subject's state.
const STATE_BYTES: usize = 80;

fn name(number: u64) -> SubjectName {
    SubjectName::new(&format!("{number:016x}")).expect("hexadecimal digits")
}

/// A group of sightings of different subjects, each of which changes its state.
fn group(events: u64) -> Batch {
    let entry = |number| Entry {
        now: Timestamp(1_700_000_000_000),
        cause: Cause::Event(ContextEvent {
            at: Timestamp(1_700_000_000_000),
            quality: TimeQuality::Synced,
            what: What::Sighting(Sighting {
                subject: name(number),
                role: None,
                place: Place::Zone(ZoneName::new("gate").expect("a name")),
                presence: Presence::Seen,
            }),
        }),
    };
    let offer = |number| Outgoing {
        id: OfferId(u128::from(number)),
        subject: name(number),
        channel: "band".into(),
        journey: "rainy-day".into(),
        page: "strolling".into(),
        offer: "cocoa".into(),
        text: "It rains. Cocoa at the Market Hall?".into(),
        made_at: Timestamp(1_700_000_000_000),
        valid_until: Timestamp(1_700_001_200_000),
    };
    Batch {
        entries: (0..events).map(entry).collect(),
        subjects: (0..events)
            .map(|number| SubjectState { name: name(number), bytes: vec![7; STATE_BYTES] })
            .collect(),
        outbox: (0..events / EVENTS_PER_OFFER).map(offer).collect(),
        ..Batch::default()
    }
}

fn timed(iterations: u64, mut commit: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..iterations {
        commit();
    }
    start.elapsed()
}

fn commits(criterion: &mut Criterion) {
    // Beside the build: a temporary directory may be in memory, where a sync costs nothing.
    let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory on disk");
    let mut ratios = Vec::new();
    let mut benchmarks = criterion.benchmark_group("commit");
    for events in [64, 512, 4_096] {
        let batch = group(events);
        benchmarks.throughput(Throughput::Elements(events));
        let (mut raw_spent, mut store_spent) = ((0, Duration::ZERO), (0, Duration::ZERO));
        let mut raw = File::create(dir.path().join(format!("raw-{events}"))).expect("a file");
        benchmarks.bench_function(BenchmarkId::new("raw", events), |bencher| {
            bencher.iter_custom(|iterations| {
                let spent = timed(iterations, || {
                    let bytes = postcard::to_stdvec(&batch).expect("encodes");
                    raw.write_all(&bytes).and_then(|()| raw.sync_data()).expect("writes");
                });
                raw_spent = (raw_spent.0 + iterations, raw_spent.1 + spent);
                spent
            });
        });
        let mut disk =
            Disk::open(&dir.path().join(format!("store-{events}")), Options::default()).expect("opens");
        benchmarks.bench_function(BenchmarkId::new("store", events), |bencher| {
            bencher.iter_custom(|iterations| {
                let spent = timed(iterations, || {
                    disk.commit(&batch).expect("commits");
                });
                store_spent = (store_spent.0 + iterations, store_spent.1 + spent);
                spent
            });
        });
        let per = |(count, spent): (u64, Duration)| spent.as_secs_f64() / count.max(1) as f64;
        ratios.push((events, per(raw_spent) / per(store_spent)));
    }
    benchmarks.finish();
    for (events, ratio) in ratios {
        println!("group {events}: {:.0} % of a raw append and fdatasync", ratio * 100.0);
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(5));
    targets = commits
}
criterion_main!(benches);
