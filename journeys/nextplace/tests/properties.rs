//! What holds for every stream of sightings: shares sum to one, equal streams leave equal bytes, what is forgotten
//! leaves no count, and bytes from elsewhere are refused or harmless.

use proptest::prelude::*;
use turnpage_journeys_nextplace::bounds::{CONTEXTS_MAX, PLACES_MAX};
use turnpage_journeys_nextplace::{At, Model, Place, Trail};

#[derive(Clone, Copy, Debug)]
struct Sighting {
    subject: usize,
    place: u32,
    /// Since the sighting before it.
    later_ms: i64,
    leaves: bool,
}

const SUBJECTS: usize = 5;

fn sightings(places: u32) -> impl Strategy<Value = Vec<Sighting>> {
    let one = (0..SUBJECTS, 0..places, -5_000..4_000_000_i64, prop::bool::weighted(0.05));
    prop::collection::vec(
        one.prop_map(|(subject, place, later_ms, leaves)| Sighting { subject, place, later_ms, leaves }),
        0..200,
    )
}

fn at(ms: i64) -> At {
    At { ms, hour: (ms / 3_600_000).rem_euclid(24) as u8 }
}

fn learn(model: &mut Model, sightings: &[Sighting]) -> (Vec<Trail>, i64) {
    let mut trails = vec![Trail::new(); SUBJECTS];
    let mut ms = 0;
    for sighting in sightings {
        ms += sighting.later_ms;
        let trail = &mut trails[sighting.subject];
        match sighting.leaves {
            true => model.left(trail, at(ms)),
            false => model.seen(trail, Place(sighting.place), at(ms)),
        }
    }
    (trails, ms)
}

proptest! {
    #[test]
    fn shares_sum_to_one(sightings in sightings(12), unseen in 0..30_u32) {
        let mut model = Model::new();
        model.know(Place(unseen));
        let (trails, ms) = learn(&mut model, &sightings);
        for trail in trails.iter().chain([&Trail::new()]) {
            for later in [0, 90_000, 10_000_000] {
                let next = model.predict(trail, at(ms + later));
                let sum: f64 = next.iter().map(|(_, share)| share).sum::<f64>() + next.elsewhere();
                prop_assert!((sum - 1.0).abs() < 1e-9, "{sum}");
                prop_assert!(next.iter().all(|(_, share)| share > 0.0 && share <= 1.0));
                prop_assert!(next.elsewhere() > 0.0);
                let even = |place: Place| place.0.is_multiple_of(2);
                let directly = model.probability_of(trail, at(ms + later), even);
                prop_assert!((directly - next.of(even)).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn equal_streams_leave_equal_bytes_and_come_back(sightings in sightings(12)) {
        let (mut one, mut other) = (Model::new(), Model::new());
        let (trails, ms) = learn(&mut one, &sightings);
        let (same, _) = learn(&mut other, &sightings);
        prop_assert_eq!(one.to_bytes(), other.to_bytes());
        prop_assert_eq!(&trails, &same);
        let restored = Model::from_bytes(&one.to_bytes()).unwrap();
        prop_assert_eq!(&restored, &one);
        for trail in &trails {
            let back = Trail::from_bytes(&trail.to_bytes()).unwrap();
            prop_assert_eq!(restored.predict(&back, at(ms)), one.predict(trail, at(ms)));
        }
    }

    /// Counts are sums: which subject's events came first leaves no mark on them. (It does on the weights, which
    /// follow what came true last.)
    #[test]
    fn the_order_of_subjects_leaves_no_mark_on_counts(sightings in sightings(8)) {
        let know = |model: &mut Model| (0..8).all(|place| model.know(Place(place))) && model.know(Place::AWAY);
        // Each event at its own instant, then all of one subject before all of the next.
        let mut ms = 0;
        let timed: Vec<(i64, Sighting)> = sightings.iter().map(|s| { ms += s.later_ms.abs(); (ms, *s) }).collect();
        let mut by_subject = timed.clone();
        by_subject.sort_by_key(|(_, s)| s.subject);
        let run = |events: &[(i64, Sighting)]| {
            let (mut model, mut trails) = (Model::new(), vec![Trail::new(); SUBJECTS]);
            assert!(know(&mut model));
            for (ms, s) in events {
                model.seen(&mut trails[s.subject], Place(s.place), at(*ms));
            }
            model
        };
        prop_assert!(run(&timed).counts_as(&run(&by_subject)));
    }

    #[test]
    fn what_is_forgotten_leaves_no_count(sightings in sightings(8), gone in 0..SUBJECTS) {
        let mut model = Model::new();
        for place in (0..8).map(Place).chain([Place::AWAY]) {
            model.know(place);
        }
        let mut without = model.clone();
        let (mut trails, _) = learn(&mut model, &sightings);
        let mut ms = 0;
        let mut others = vec![Trail::new(); SUBJECTS];
        for s in &sightings {
            ms += s.later_ms;
            if s.subject != gone {
                match s.leaves {
                    true => without.left(&mut others[s.subject], at(ms)),
                    false => without.seen(&mut others[s.subject], Place(s.place), at(ms)),
                }
            }
        }
        let forgotten = model.forget(&mut trails[gone]);
        prop_assert_eq!(&trails[gone], &Trail::new());
        prop_assert_eq!(model.moves(), without.moves() + forgotten.blended);
        if forgotten.blended == 0 {
            prop_assert!(model.counts_as(&without));
        }
    }

    /// Garbled bytes are refused, or they are a model that behaves: whole shares, and bytes that come back.
    #[test]
    fn garbled_bytes_are_refused_or_harmless(
        sightings in sightings(6),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut model = Model::new();
        let (trails, ms) = learn(&mut model, &sightings);
        let garble = |mut bytes: Vec<u8>| {
            for (ix, byte) in &flips {
                let ix = ix.index(bytes.len());
                bytes[ix] = *byte;
            }
            if let Some(cut) = &cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            bytes
        };
        let trail = Trail::from_bytes(&garble(trails[0].to_bytes())).unwrap_or_default();
        let mut garbled = Model::from_bytes(&garble(model.to_bytes())).unwrap_or_default();
        for model in [&mut garbled, &mut model] {
            let mut trail = trail.clone();
            let next = model.predict(&trail, at(ms));
            let sum: f64 = next.iter().map(|(_, share)| share).sum::<f64>() + next.elsewhere();
            prop_assert!((sum - 1.0).abs() < 1e-2, "{sum}");
            model.seen(&mut trail, Place(1), at(ms));
            model.seen(&mut trail, Place(2), at(ms + 1));
            model.forget(&mut trail);
            prop_assert!(Model::from_bytes(&model.to_bytes()).is_ok());
        }
    }

    #[test]
    fn noise_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Trail::from_bytes(&bytes);
        prop_assert!(Model::from_bytes(&bytes).is_err());
    }
}

#[test]
fn a_late_sighting_changes_nothing() {
    let (mut model, mut trail) = (Model::new(), Trail::new());
    model.seen(&mut trail, Place(1), at(1_000));
    model.seen(&mut trail, Place(2), at(9_000));
    let before = (model.clone(), trail.clone());
    model.seen(&mut trail, Place(1), at(8_999));
    assert_eq!((model, trail), before);
}

#[test]
fn after_a_long_absence_a_sighting_is_no_move() {
    let (mut model, mut trail) = (Model::new(), Trail::new());
    model.seen(&mut trail, Place(1), at(0));
    model.seen(&mut trail, Place(2), at(7 * 3_600_000));
    assert_eq!(model.moves(), 0);
    model.seen(&mut trail, Place(3), at(8 * 3_600_000));
    assert_eq!(model.moves(), 1);
}

#[test]
fn who_is_only_followed_teaches_nothing_and_is_foretold_all_the_same() {
    let (mut model, mut trail) = (Model::new(), Trail::new());
    for turn in 0..40 {
        model.seen(&mut trail, Place(turn % 2), at(i64::from(turn) * 60_000));
    }
    let (taught, mut quiet) = (model.to_bytes(), Trail::new());
    model.follow(&mut quiet, Place(0), at(0));
    model.follow(&mut quiet, Place(1), at(60_000));
    assert_eq!(model.to_bytes(), taught);
    assert!(model.predict(&quiet, at(60_000)).of(|place| place == Place(0)) > 0.9);
}

/// More places and more contexts than fit (each move is new in two): memory stays bounded, the newest is learned.
#[test]
fn a_full_model_makes_room() {
    let mut model = Model::new();
    let places = PLACES_MAX as u32;
    let mut trail = Trail::new();
    let mut ms = 0;
    for turn in 0..CONTEXTS_MAX as u32 * 5 / 8 {
        // A step that shares no factor with the number of places: every pair is new.
        let place = turn.wrapping_mul(turn / places * 2 + 1) % (places + 10);
        model.seen(&mut trail, Place(place), at(ms));
        ms += 1_000;
    }
    assert!(model.to_bytes().len() < 1 << 20);
    for _ in 0..50 {
        for place in [3, 5, 7] {
            model.seen(&mut trail, Place(place), at(ms));
            ms += 1_000;
        }
    }
    assert!(model.predict(&trail, at(ms)).of(|place| place == Place(3)) > 0.8);
    assert_eq!(Model::from_bytes(&model.to_bytes()).as_ref(), Ok(&model));
}
