//! One frame of each kind, beside the golden bytes it must become.

use turnpage_firmware_wire::{
    Birth, FRAME_LEN_MAX, Frame, Header, Health, Key, NodeId, Place, Presence, Pseudonym, Quality, Senses,
    Sighting, Text, WILL_SEQUENCE, Weather,
};

/// The key of all samples: the bytes 0 to 31.
pub(crate) fn key() -> Key {
    let mut secret = [0; Key::LEN];
    for (value, byte) in (0..).zip(&mut secret) {
        *byte = value;
    }
    Key::new(&secret)
}

pub(crate) fn seal(frame: &Frame) -> Vec<u8> {
    let mut buffer = [0; FRAME_LEN_MAX];
    frame.seal(&key(), &mut buffer).expect("a sample is in range").to_vec()
}

const HEADER: Header =
    Header { node: NodeId(12), boot: 3, sequence: 41, at_ms: 1_795_334_400_000, quality: Quality::Synced };

fn sighting(role: Option<&str>, presence: Presence, rssi_dbm: Option<i8>) -> Option<Sighting> {
    let subject = Pseudonym([0x00, 0xff, 0x10, 0xab, 0x77, 0xc2, 0xd4, 0xe1]);
    Some(Sighting { subject, role: role.map(|role| Text::new(role).expect("a role")), presence, rssi_dbm })
}

fn birth(online: bool) -> Option<Birth> {
    let firmware = Text::new("0.1.0").expect("a version");
    Some(Birth { online, firmware, senses: Senses::BADGE.and(Senses::WEATHER), heartbeat_s: 60 })
}

/// Every sample of version 1 with the name of its file in `golden/v1`.
pub(crate) fn v1() -> [(&'static str, Frame); 8] {
    [
        ("sighting-enter", Frame { sighting: sighting(None, Presence::Enter, None), ..Frame::new(HEADER) }),
        ("sighting-four-clues", four_clues()),
        (
            "sighting-leave",
            Frame {
                sighting: sighting(Some("staff"), Presence::Leave, Some(-88)),
                ..Frame::new(Header { at_ms: 86_400_123, quality: Quality::Unknown, ..HEADER })
            },
        ),
        (
            "weather",
            Frame {
                weather: Some(Weather {
                    temperature_centi_c: Some(1_830),
                    rain_centi_mm_h: Some(60),
                    ..Weather::default()
                }),
                ..Frame::new(HEADER)
            },
        ),
        (
            "health",
            Frame {
                health: Some(Health {
                    uptime_s: 90_061,
                    backlog: 31,
                    dropped: 7,
                    faults: 2,
                    supply_mv: Some(3_305),
                }),
                ..Frame::new(HEADER)
            },
        ),
        ("birth", Frame { birth: birth(true), ..Frame::new(Header { sequence: 0, ..HEADER }) }),
        ("will", Frame { birth: birth(false), ..Frame::new(Header { sequence: WILL_SEQUENCE, ..HEADER }) }),
        ("largest", largest()),
    ]
}

fn four_clues() -> Frame {
    Frame {
        sighting: sighting(Some("vip"), Presence::Stay, Some(-61)),
        place: Some(Place {
            lon_e7: 139_817_340,
            lat_e7: 508_503_450,
            level: Some(-1),
            accuracy_dm: Some(35),
        }),
        weather: Some(Weather {
            temperature_centi_c: Some(-275),
            rain_centi_mm_h: Some(1_240),
            wind_cm_s: Some(417),
            humidity_centi_pct: Some(9_350),
            light_lx: Some(12_000),
        }),
        ..Frame::new(Header { sequence: 70_000, quality: Quality::Estimated, ..HEADER })
    }
}

/// Every field present and at its longest encoding.
pub(crate) fn largest() -> Frame {
    Frame {
        header: Header {
            node: NodeId(u32::MAX),
            boot: u32::MAX,
            sequence: WILL_SEQUENCE - 1,
            at_ms: u64::MAX,
            quality: Quality::Unknown,
        },
        sighting: Some(Sighting {
            subject: Pseudonym([0xff; 8]),
            role: Text::new("role-of-12-b"),
            presence: Presence::Leave,
            rssi_dbm: Some(i8::MIN),
        }),
        place: Some(Place {
            lon_e7: -1_800_000_000,
            lat_e7: -900_000_000,
            level: Some(i8::MIN),
            accuracy_dm: Some(u16::MAX),
        }),
        weather: Some(Weather {
            temperature_centi_c: Some(i16::MIN),
            rain_centi_mm_h: Some(u16::MAX),
            wind_cm_s: Some(u16::MAX),
            humidity_centi_pct: Some(10_000),
            light_lx: Some(u32::MAX),
        }),
        health: Some(Health {
            uptime_s: u32::MAX,
            backlog: u16::MAX,
            dropped: u32::MAX,
            faults: u32::MAX,
            supply_mv: Some(u16::MAX),
        }),
        birth: Some(Birth {
            online: true,
            firmware: Text::new("firmware-16bytes").expect("a version"),
            senses: Senses(u8::MAX),
            heartbeat_s: u32::MAX,
        }),
    }
}
