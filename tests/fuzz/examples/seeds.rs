//! Where the fuzzer begins: inputs of every target, made by the code that the targets read with and from what ships.
//!
//! `cargo run -p turnpage-tests-fuzz --example seeds -- DIR` writes them, a folder a target. Texts that somebody thought
//! of lie in the corpus already. Run it after a format has changed: what lies there then is of the old one.

use std::path::Path;
use std::{env, fs};

use turnpage_firmware_wire::{
    Birth, FRAME_LEN_MAX, Frame, Header, Health, Key, NodeId, Place, Presence, Pseudonym, Quality, Senses,
    Sighting, Text, Weather,
};
use turnpage_gateway_core::venue::SourceFile;
use turnpage_gateway_core::{Keys, Options, Origin, Pipeline, Role, Timestamp, Venue};
use turnpage_gateway_store::{Memory, Store};
use turnpage_journeys_authoring::library::{BUNDLES, DAY_OUT};
use turnpage_journeys_authoring::{Sources, check};
use turnpage_journeys_nextplace::{At, Model, Trail};

/// As in the targets.
const KEY: [u8; 32] = [7; 32];
const NOON: i64 = 1_784_376_000_000;
const CUT: &str = "\n===\n";
/// Bytes of a frame before and after a payload of more than 23 bytes.
const ENVELOPE: (usize, usize) = (9, 9);
/// The header of a compiled library; of a block of a backup.
const LIBRARY_HEADER: usize = 18;
const BLOCK_HEADER: usize = 9;

struct Seeds<'a>(&'a Path);

impl Seeds<'_> {
    fn put(&self, target: &str, name: &str, bytes: impl AsRef<[u8]>) {
        let folder = self.0.join(target);
        fs::create_dir_all(&folder).expect("it can be written");
        fs::write(folder.join(format!("seed-{name}")), bytes).expect("it can be written");
    }
}

fn piece(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("a short piece");
    [&length.to_le_bytes(), bytes].concat()
}

fn main() {
    let folder = env::args().nth(1).expect("a folder for the seeds");
    let seeds = Seeds(Path::new(&folder));
    let frames = frames();
    for (number, frame) in frames.iter().enumerate() {
        seeds.put("wire", &format!("frame-{number}"), frame);
        seeds.put("wire", &format!("payload-{number}"), payload(frame));
    }
    texts(&seeds);
    let (venue, library) = day_out();
    for name in ["tour", "rest", "table"] {
        let (_, text) = DAY_OUT.journeys.iter().find(|(path, _)| path.contains(name)).expect("it ships");
        let one = check(Sources::of(name, *text), &venue.schema()).library.expect("it is sound");
        let bytes = one.to_bytes(&venue.schema()).expect("it is written");
        seeds.put("library", name, &bytes[LIBRARY_HEADER..]);
    }
    messages(&seeds, &frames);
    day(&seeds, venue, library);
    walked(&seeds);
}

fn frames() -> Vec<Vec<u8>> {
    let header =
        Header { node: NodeId(12), boot: 3, sequence: 41, at_ms: NOON as u64, quality: Quality::Synced };
    let bare = Frame::new(header);
    let sighting = Sighting {
        subject: Pseudonym(*b"\x01\x02\x03\x04\x05\x06\x07\x08"),
        role: Text::new("guest"),
        presence: Presence::Enter,
        rssi_dbm: Some(-61),
    };
    let place = Place { lon_e7: 133_777_000, lat_e7: 525_162_000, level: Some(1), accuracy_dm: Some(30) };
    let weather =
        Weather { temperature_centi_c: Some(-250), rain_centi_mm_h: Some(900), ..Weather::default() };
    let health = Health { uptime_s: 9, backlog: 2, dropped: 0, faults: 1, supply_mv: Some(3_300) };
    let firmware = Text::new("1.0").expect("a name");
    let birth = Birth { online: true, firmware, senses: Senses(3), heartbeat_s: 60 };
    let frames = [
        Frame { sighting: Some(sighting), place: Some(place), weather: Some(weather), ..bare },
        Frame { health: Some(health), weather: Some(weather), ..bare },
        Frame { birth: Some(birth), ..bare },
    ];
    let sealed = |frame: Frame| {
        let mut buffer = [0; FRAME_LEN_MAX];
        frame.seal(&Key::new(&KEY), &mut buffer).expect("it fits").to_vec()
    };
    frames.into_iter().map(sealed).collect()
}

fn payload(frame: &[u8]) -> &[u8] {
    &frame[ENVELOPE.0..frame.len() - ENVELOPE.1]
}

/// What ships, one file a seed.
fn texts(seeds: &Seeds<'_>) {
    for bundle in BUNDLES {
        let short = |path: &str| path.rsplit('/').next().unwrap_or(path).replace('.', "-");
        for (path, text) in bundle.journeys {
            seeds.put("journeys", &short(path), text);
            seeds.put("document", &short(path), text);
        }
        for (path, text) in bundle.plays.iter().filter(|(path, _)| path.ends_with(".yaml")) {
            seeds.put("plays", &short(path), text);
        }
        let venue: Vec<&str> = bundle.venue.iter().map(|(_, text)| *text).collect();
        if !venue.is_empty() {
            seeds.put("venue", bundle.name, venue.join(CUT));
        }
        let lines = bundle.journeys.iter().flat_map(|(_, text)| text.lines());
        for (number, line) in lines.enumerate() {
            if let Some((_, guard)) = line.split_once("when: ") {
                let guard = guard.split(", turn_to").next().unwrap_or(guard).split(", offer").next();
                seeds.put(
                    "guard",
                    &format!("{}-{number}", bundle.name),
                    format!("{}12345678", guard.unwrap_or("")),
                );
            }
            if let Some((_, copy)) = line.split_once("en: \"") {
                let copy = copy.split('"').next().unwrap_or(copy);
                seeds.put("copy", &format!("{}-{number}", bundle.name), format!("{copy}12345678"));
            }
        }
    }
}

fn day_out() -> (Venue, turnpage_journeys_authoring::Library) {
    let name = |path: &'static str| path.rsplit('/').next().unwrap_or(path);
    let files: Vec<_> =
        DAY_OUT.venue.iter().map(|(path, text)| SourceFile { name: name(path), text }).collect();
    let venue = Venue::read(&files).expect("what ships is sound");
    let library = check(DAY_OUT.sources(), &venue.schema()).library.expect("what ships is sound");
    (venue, library)
}

/// What a day's messages say: the end of a topic, and a payload.
const SAID: &[(&str, &str)] = &[
    ("signal/parking", r#"{"at":1784376000000,"value":40}"#),
    (
        "profile/0102030405060708",
        r#"{"role":"vip","party":"kim","language":"es","facts":{"tier":"gold"},"at":1784376001000}"#,
    ),
    ("feedback/0102030405060708", r#"{"score":4,"about":"coaster","at":1784376002000}"#),
    ("consent/0102030405060708", r#"{"purpose":"offers","granted":true,"at":1784376003000}"#),
    ("pick/0102030405060708", r#"{"journey":"tour","page":"start","pick":"rest","at":1784376004000}"#),
    (
        "outcome/0102030405060708",
        r#"{"id":"2c62261f93b8b330cd433bcc8af8c19f","outcome":"accepted","at":1784376005000}"#,
    ),
];

fn messages(seeds: &Seeds<'_>, frames: &[Vec<u8>]) {
    let said =
        |how: u8, topic: &str, payload: &[u8]| [vec![how], piece(topic.as_bytes()), piece(payload)].concat();
    let mut all = Vec::new();
    for (number, frame) in frames.iter().enumerate() {
        let message = said(0x81, "node/gate-1/event", payload(frame));
        seeds.put("door", &format!("frame-{number}"), &message);
        all.extend(message);
    }
    for (topic, payload) in SAID {
        all.extend(said(1, topic, payload.as_bytes()));
    }
    seeds.put("door", "day", all);
}

/// A gateway's day, as it is kept.
fn day(seeds: &Seeds<'_>, venue: Venue, library: turnpage_journeys_authoring::Library) {
    let nodes = venue.nodes.iter().map(|node| (node.id, KEY)).collect();
    let zones: Vec<String> = venue.zones.iter().map(|zone| zone.id.as_str().to_owned()).collect();
    let mut pipeline = Pipeline::new(venue, library, Keys(nodes), Options::default());
    let (mut store, origin) = (Memory::new(), Origin { client: "seeds".into(), role: Role::Trusted });
    for (minute, zone) in (0..).zip(zones.iter().cycle().take(6)) {
        let now = Timestamp(NOON + minute * 60_000);
        let seen = turnpage_gateway_core::ContextEvent {
            at: now,
            quality: turnpage_gateway_core::TimeQuality::Synced,
            what: turnpage_gateway_core::What::Sighting(turnpage_gateway_core::Sighting {
                subject: turnpage_gateway_core::SubjectName::new("0102030405060708").expect("a name"),
                role: None,
                presence: turnpage_gateway_core::Presence::Seen,
                place: turnpage_gateway_core::Place::Zone(
                    turnpage_gateway_core::ZoneName::new(zone).expect("a name"),
                ),
            }),
        };
        pipeline.event(now, seen);
        for (topic, payload) in SAID {
            pipeline.message(now, &origin, &format!("turnpage/v1/day-out/{topic}"), payload.as_bytes());
        }
        pipeline.advance(now);
        let batch = pipeline.take_batch();
        if minute == 1 {
            seeds.put("batch", "day", batch.to_bytes().expect("plain data"));
        }
        store.commit(&batch).expect("memory takes it");
        if minute == 2 {
            store.snapshot()().expect("memory takes it");
        }
    }
    let state = pipeline.state();
    seeds.put("state", "day", postcard::to_stdvec(&state).expect("plain data"));
    let mut file = Vec::new();
    store.upkeep().backup(&mut file, &mut |_| {}).expect("memory takes it");
    seeds.put("backup", "day", unblocked(&file));
    let engine = instances(pipeline);
    seeds.put("instances", "visitor", [vec![0], engine].concat());
}

/// The blocks of a backup without their lengths and checksums, which the target makes.
fn unblocked(mut file: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some((header, rest)) = file.split_at_checked(BLOCK_HEADER) {
        let length = u32::from_le_bytes([header[0], header[1], header[2], header[3]]) as usize;
        let (payload, rest) = rest.split_at(length);
        out.push(header[4]);
        out.extend(piece(payload));
        file = rest;
    }
    out
}

fn instances(pipeline: Pipeline) -> Vec<u8> {
    use turnpage_journeys_engine::{Engine, Event, Input, Step, SubjectKind, Triggers};
    let (library, offsets) = (pipeline.library().clone(), pipeline.venue().offsets());
    let mut engine = Engine::new(library, offsets, 7);
    let subject = engine.subject(SubjectKind::Visitor, "a1").expect("a short name");
    let facts = vec![turnpage_journeys_expr::Value::Bool(true); pipeline.venue().schema().len()];
    let event = Event::Context(Triggers::default());
    engine.event(&Input { at: Timestamp(NOON), subject, event, facts: &facts }, &mut Step::default());
    engine.save(subject).expect("it is known")
}

fn walked(seeds: &Seeds<'_>) {
    let (mut model, mut trail) = (Model::new(), Trail::new());
    for (step, place) in (0..).zip([1, 2, 3, 1, 2, 2, 3, 1]) {
        model.know(turnpage_journeys_nextplace::Place(place));
        let at = At { ms: NOON + step * 600_000, hour: 12 };
        model.seen(&mut trail, turnpage_journeys_nextplace::Place(place), at);
    }
    seeds.put("nextplace", "model", model.to_bytes());
    seeds.put("nextplace", "trail", trail.to_bytes());
}
