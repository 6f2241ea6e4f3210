//! What a large venue's outlines cost to read: a megabyte of GeoJSON, most of it coordinates.

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use turnpage_journeys_document::parse;

/// Bytes of outlines, about.
const SIZE: usize = 1 << 20;

/// Zones of 200 corners each, written as map editors write them.
fn outlines() -> String {
    let mut text = String::from("{\"type\": \"FeatureCollection\", \"features\": [\n");
    for zone in 0.. {
        if text.len() > SIZE {
            break;
        }
        let separator = if zone == 0 { "" } else { ",\n" };
        write!(
            text,
            "{separator}{{\"type\": \"Feature\", \"properties\": {{\"id\": \"z{zone}\", \"level\": 0}}, "
        )
        .expect("a string grows");
        text += "\"geometry\": {\"type\": \"Polygon\", \"coordinates\": [[";
        for corner in 0..200 {
            let (east, north) = (corner * 137 % 1_000, corner * 71 % 1_000);
            let separator = if corner == 0 { "" } else { ", " };
            write!(text, "{separator}[13.4{east:03}, 52.5{north:03}]").expect("a string grows");
        }
        text += "]]}}";
    }
    text + "\n]}\n"
}

fn reading(criterion: &mut Criterion) {
    let text = outlines();
    let mut group = criterion.benchmark_group("document");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(20);
    group.bench_function("a megabyte of outlines", |bench| bench.iter(|| parse(black_box(&text))));
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
