//! What a frame costs on either side: sealing on the node, parsing and verifying at the gateway.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use turnpage_firmware_wire::{
    FRAME_LEN_MAX, Frame, Header, Key, NodeId, Presence, Pseudonym, Quality, Sealed, Sighting, Text,
};

fn frame(c: &mut Criterion) {
    let key = Key::new(&[7; Key::LEN]);
    let header = Header {
        node: NodeId(12),
        boot: 3,
        sequence: 41,
        at_ms: 1_795_334_400_000,
        quality: Quality::Synced,
    };
    let frame = Frame {
        sighting: Some(Sighting {
            subject: Pseudonym([1; Pseudonym::LEN]),
            role: Text::new("guest"),
            presence: Presence::Enter,
            rssi_dbm: Some(-61),
        }),
        ..Frame::new(header)
    };
    let mut buffer = [0; FRAME_LEN_MAX];
    let bytes = frame.seal(&key, &mut buffer).expect("a frame in range").to_vec();

    let mut group = c.benchmark_group("frame");
    group.throughput(Throughput::Elements(1));
    group.bench_function("seal", |b| {
        let mut buffer = [0; FRAME_LEN_MAX];
        b.iter(|| black_box(&frame).seal(&key, &mut buffer).map(<[u8]>::len));
    });
    group.bench_function("parse", |b| {
        b.iter(|| Sealed::parse(black_box(&bytes)).map(|sealed| *sealed.header()));
    });
    group.bench_function("parse and verify", |b| {
        b.iter(|| Sealed::parse(black_box(&bytes)).and_then(|sealed| sealed.verify(&key)));
    });
    group.finish();
}

criterion_group!(benches, frame);
criterion_main!(benches);
