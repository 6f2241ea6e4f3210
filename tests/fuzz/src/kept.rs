//! What a gateway kept, with checksums that fit: bytes of another version, of a bad disk, or of somebody who can write
//! there. They are refused, or what comes of them is kept as it was read.

use turnpage_gateway_core::{Batch, Origin, Pipeline, Role, State, Timestamp};
use turnpage_gateway_store::backup;
use turnpage_journeys_nextplace::{At, Model, Place, Trail};

use crate::stage::{Bytes, options, stage};

/// Ticks after a restart: each fires all that is due.
const TICKS: i64 = 4;
const HOUR_MS: i64 = 3_600_000;

/// A commit of the log: what is read is written, and reads alike.
pub(crate) fn batch(bytes: &[u8]) {
    let Ok(batch) = Batch::from_bytes(bytes) else { return };
    let written = batch.to_bytes().expect("plain data");
    let again = Batch::from_bytes(&written).expect("what was written is read");
    // By its bytes: a number that is none is not equal to itself.
    assert_eq!(again.to_bytes().as_ref(), Ok(&written));
    let (mut state, mut twin) = (State::default(), State::default());
    state.absorb(batch);
    twin.absorb(again);
    assert_eq!(postcard::to_stdvec(&state), postcard::to_stdvec(&twin));
}

/// A state as snapshots hold it: refused, or a gateway that goes on from there and would be opened again alike.
pub(crate) fn state(bytes: &[u8]) {
    let Ok(state) = postcard::from_bytes::<State>(bytes) else { return };
    let opened = |state: State| {
        let (keys, options) = options();
        Pipeline::restore(stage().venue.clone(), stage().library.clone(), keys, options, state)
    };
    let Ok(pipeline) = opened(state) else { return };
    let saved = pipeline.state();
    let mut pipeline = opened(saved.clone()).expect("what was written is read");
    let again = pipeline.state();
    assert_eq!(postcard::to_stdvec(&again), postcard::to_stdvec(&saved), "a restart changes the state");
    let origin = Origin { client: "fuzz".into(), role: Role::Trusted };
    for tick in 1..=TICKS {
        let now = Timestamp(saved.now.0.saturating_add(tick * HOUR_MS));
        pipeline.advance(now);
        let payload = format!(r#"{{"at":{},"value":3}}"#, now.0);
        pipeline.message(now, &origin, "turnpage/v1/day-out/signal/parking", payload.as_bytes());
        pipeline.take_batch();
    }
    drop(pipeline.live());
}

/// A backup with sound checksums: each piece is a block of the kind that its first byte says.
pub(crate) fn backup(bytes: &[u8]) {
    let (mut bytes, mut file, mut chain) = (Bytes(bytes), Vec::new(), 0_u32);
    while let (Some(kind), Some(payload)) = (bytes.byte(), bytes.piece()) {
        let mut crc = crc32fast::Hasher::new();
        crc.update(&chain.to_le_bytes());
        crc.update(&(payload.len() as u64).to_le_bytes());
        crc.update(&[kind]);
        crc.update(payload);
        chain = crc.finalize();
        file.extend((payload.len() as u32).to_le_bytes());
        file.push(kind);
        file.extend(chain.to_le_bytes());
        file.extend(payload);
    }
    if let Ok(whole) = backup::verify(file.as_slice(), &mut |_| {}) {
        assert_eq!(whole.bytes, file.len() as u64);
        // The digest of its state is in its last block: any other byte there is another digest or no end at all.
        if let Some(last) = file.last_mut() {
            *last ^= 1;
        }
        assert!(backup::verify(file.as_slice(), &mut |_| {}).is_err(), "a damaged backup is believed");
    }
}

/// What was learned of where people go: probabilities, whatever it is, and saved as it was read.
pub(crate) fn next_place(bytes: &[u8]) {
    let (model, trail) = bytes.split_at(bytes.len() / 2);
    for (model, trail) in [(model, trail), (bytes, &[][..]), (&[][..], bytes)] {
        let model = Model::from_bytes(model);
        let trail = Trail::from_bytes(trail);
        if let Ok(model) = &model {
            let bytes = model.to_bytes();
            assert_eq!(Model::from_bytes(&bytes).map(|again| again.to_bytes()).as_ref(), Ok(&bytes));
        }
        if let Ok(trail) = &trail {
            let bytes = trail.to_bytes();
            assert_eq!(Trail::from_bytes(&bytes).map(|again| again.to_bytes()).as_ref(), Ok(&bytes));
        }
        let (mut model, mut trail) = (model.unwrap_or_default(), trail.unwrap_or_default());
        for (place, ms) in [(1, 0), (2, HOUR_MS), (700, HOUR_MS + 1), (2, i64::MAX)] {
            let at = At { ms, hour: 9 };
            let next = model.predict(&trail, at);
            let sum: f64 = next.iter().map(|(_, chance)| chance).sum();
            assert!((sum + next.elsewhere() - 1.0).abs() < 1e-6, "chances add up to {sum}");
            model.seen(&mut trail, Place(place), at);
        }
        model.forget(&mut trail);
    }
}

/// A frame of the operator's socket: refused, or written as it is read again.
pub(crate) fn operator(bytes: &[u8]) {
    let Some(written) = turnpage_gateway_server::control::frame_of(bytes) else { return };
    assert_eq!(turnpage_gateway_server::control::frame_of(&written).as_ref(), Some(&written));
}
