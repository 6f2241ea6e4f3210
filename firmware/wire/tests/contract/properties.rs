//! Over arbitrary frames: what is encoded comes back. Over arbitrary bytes: nothing panics, and whatever is
//! accepted has exactly one encoding.

use proptest::option::of;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use turnpage_firmware_wire::{
    Birth, ENCODED_LEN_MAX, Frame, Header, Health, NodeId, Place, Presence, Pseudonym, Quality, Sealed,
    Senses, Sighting, Text, Weather,
};

use crate::samples::{key, seal, v1};

fn header() -> impl Strategy<Value = Header> {
    let quality = prop_oneof![Just(Quality::Synced), Just(Quality::Estimated), Just(Quality::Unknown)];
    (any::<u32>(), any::<u32>(), any::<u32>(), any::<u64>(), quality).prop_map(
        |(node, boot, sequence, at_ms, quality)| Header {
            node: NodeId(node),
            boot,
            sequence,
            at_ms,
            quality,
        },
    )
}

fn text<const N: usize>(pattern: &'static str) -> impl Strategy<Value = Text<N>> {
    pattern.prop_map(|text| Text::new(&text).expect("the pattern makes names"))
}

fn sighting() -> impl Strategy<Value = Sighting> {
    let presence = prop_oneof![Just(Presence::Enter), Just(Presence::Stay), Just(Presence::Leave)];
    (any::<[u8; 8]>(), of(text("[A-Za-z0-9_.-]{1,12}")), presence, of(any::<i8>())).prop_map(
        |(subject, role, presence, rssi_dbm)| Sighting {
            subject: Pseudonym(subject),
            role,
            presence,
            rssi_dbm,
        },
    )
}

fn place() -> impl Strategy<Value = Place> {
    let (lon, lat) = (-1_800_000_000..=1_800_000_000, -900_000_000..=900_000_000);
    (lon, lat, of(any::<i8>()), of(any::<u16>())).prop_map(|(lon_e7, lat_e7, level, accuracy_dm)| Place {
        lon_e7,
        lat_e7,
        level,
        accuracy_dm,
    })
}

fn weather() -> impl Strategy<Value = Weather> {
    (of(any::<i16>()), of(any::<u16>()), of(any::<u16>()), of(0..=10_000_u16), of(any::<u32>())).prop_map(
        |(temperature_centi_c, rain_centi_mm_h, wind_cm_s, humidity_centi_pct, light_lx)| Weather {
            temperature_centi_c,
            rain_centi_mm_h,
            wind_cm_s,
            humidity_centi_pct,
            light_lx,
        },
    )
}

fn health() -> impl Strategy<Value = Health> {
    (any::<u32>(), any::<u16>(), any::<u32>(), any::<u32>(), of(any::<u16>())).prop_map(
        |(uptime_s, backlog, dropped, faults, supply_mv)| Health {
            uptime_s,
            backlog,
            dropped,
            faults,
            supply_mv,
        },
    )
}

fn birth() -> impl Strategy<Value = Birth> {
    (any::<bool>(), text("[A-Za-z0-9_.-]{1,16}"), any::<u8>(), any::<u32>()).prop_map(
        |(online, firmware, senses, heartbeat_s)| Birth {
            online,
            firmware,
            senses: Senses(senses),
            heartbeat_s,
        },
    )
}

fn frame() -> impl Strategy<Value = Frame> {
    (header(), of(sighting()), of(place()), of(weather()), of(health()), of(birth())).prop_map(
        |(header, sighting, place, weather, health, birth)| Frame {
            header,
            sighting,
            place,
            weather,
            health,
            birth,
        },
    )
}

/// Golden bytes with a few of them overwritten, inserted or removed: past the first checks, unlike noise.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let edits = proptest::collection::vec((any::<u8>(), any::<u8>(), 0..3), 0..4);
    (0..v1().len(), edits).prop_map(|(index, edits)| {
        let mut bytes = seal(&v1()[index].1);
        for (at, value, kind) in edits {
            let at = usize::from(at) % bytes.len().max(1);
            match kind {
                0 => bytes.insert(at, value),
                1 if !bytes.is_empty() => drop(bytes.remove(at)),
                _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = value),
            }
        }
        bytes
    })
}

proptest! {
    #[test]
    fn what_is_encoded_comes_back(frame in frame()) {
        let bytes = seal(&frame);
        prop_assert!(bytes.len() <= ENCODED_LEN_MAX);
        let sealed = Sealed::parse(&bytes).expect("our own frame parses");
        prop_assert_eq!(sealed.header(), &frame.header);
        prop_assert_eq!(sealed.verify(&key()), Ok(frame));
    }

    #[test]
    fn nothing_from_outside_panics(bytes in prop_oneof![proptest::collection::vec(any::<u8>(), 0..300), mutated()]) {
        if let Ok(sealed) = Sealed::parse(&bytes) {
            // Accepted under our key means that we made it, so it is the encoding we make.
            if let Ok(frame) = sealed.verify(&key()) {
                prop_assert_eq!(seal(&frame), bytes);
            }
        }
    }
}
