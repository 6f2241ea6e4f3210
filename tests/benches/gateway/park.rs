//! What the gateway is given: the park-day park with boards in its zones, its five journeys and one that answers a probe
//! at once, and a day of sealed frames.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use turnpage_firmware_wire::{
    FRAME_LEN_MAX, Frame, Header, Key, NodeId, Presence, Pseudonym, Quality, Sighting, Text, Weather,
};
use turnpage_gateway_core::venue::SourceFile;
use turnpage_gateway_core::{Keys, NodeName, Role, Venue};
use turnpage_gateway_server::{Login, Setup, Storage};
use turnpage_gateway_store::disk;
use turnpage_journeys_authoring::{Library, Sources, check, render};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "open sesame";
/// The account that hears offers.
pub(crate) const HEARS: &str = "bands";
/// Two runs are given the same day.
const SEED: u64 = 7;
/// Visitors in the park at once: with ten sightings each or so, most events change little, as on a real day.
const VISITORS: u64 = 20_000;
/// Of so many events one carries the weather as well. On park-day a visitor is seen every five minutes, and so often comes
/// each zone's weather: 24 readings for 20,000 sightings.
const WEATHER_EVERY: u64 = 833;
/// Pseudonyms of probes begin here.
const PROBES_FROM: u64 = 1 << 40;

/// Says at once that it was seen: what latency is measured by.
const PROBE: &str = "
journey: probe
version: 1
kind: guided
subject: visitor
admit: role == 'probe'
offers:
  hello: { text: { en: Hello. }, channels: [app], valid: 10m }
pages:
  unseen: { choices: [{ when: place.outdoor || !place.outdoor, offer: hello, turn_to: seen }] }
  seen: {}
";

/// The park, compiled.
pub(crate) struct Park {
    venue: Venue,
    library: Library,
    keys: Keys,
    nodes: u32,
    /// What each node has said so far: the next sequence number.
    said: Vec<u32>,
    random: ChaCha8Rng,
    probes: u64,
}

/// A message ready to be sent.
#[derive(Clone)]
pub(crate) struct Event {
    /// Its place among all of them: when it is sent, where there is a rate.
    pub(crate) place: usize,
    pub(crate) payload: Vec<u8>,
}

/// What each node is to send, in order, and which of all events are probes, by their subject.
pub(crate) struct Day {
    pub(crate) by_node: Vec<Vec<Event>>,
    pub(crate) probes: BTreeMap<String, usize>,
}

impl Park {
    /// A park with `nodes` boards, dealt out over its zones.
    pub(crate) fn new(nodes: u32) -> Self {
        let dir = library_dir();
        let text = std::fs::read_to_string(dir.join("venue.yaml")).expect("the park's file");
        let staffed = text.replace("roles: [guest, vip, staff]", "roles: [guest, vip, staff, probe]");
        assert_ne!(text, staffed, "the park's roles have changed");
        let bare = read(&staffed);
        let zones: Vec<&str> = bare.zones.iter().map(|zone| zone.id.as_str()).collect();
        let board = |n: u32| {
            let zone = zones[n as usize % zones.len()];
            format!("  - {{ id: {}, name: {}, zone: {zone}, senses: [badge, weather] }}\n", n + 1, name(n))
        };
        let venue = read(&format!("{staffed}nodes:\n{}", (0..nodes).map(board).collect::<String>()));
        let mut sources = Sources::load(&dir).expect("the park's journeys");
        sources.add("probe.yaml", PROBE);
        let checked = check(sources, &venue.schema());
        let library = checked.library.unwrap_or_else(|| panic!("{}", render(&checked.report, false)));
        let keys = Keys((0..nodes).map(|n| (turnpage_gateway_core::NodeId(n + 1), key(n))).collect());
        Self {
            venue,
            library,
            keys,
            nodes,
            said: vec![0; nodes as usize],
            random: ChaCha8Rng::seed_from_u64(SEED),
            probes: 0,
        }
    }

    /// A gateway for it that keeps its log in `data`.
    pub(crate) fn setup(&self, data: &Path) -> Setup {
        let storage = Storage::Disk { dir: data.to_owned(), options: disk::Options::default() };
        let mut setup = Setup::new(self.venue.clone(), self.library.clone(), self.keys.clone(), storage);
        let login =
            |user: String, role| Login { user, password: Some(PASSWORD.into()), certificate: None, role };
        let nodes = (0..self.nodes)
            .map(|n| login(name(n), Role::Node(NodeName::new(&name(n)).expect("a node's name"))));
        let door = setup.door.as_mut().expect("a door");
        door.logins = nodes.chain([login(HEARS.into(), Role::Channel)]).collect();
        setup
    }

    /// How many boards it has.
    pub(crate) fn nodes(&self) -> u32 {
        self.nodes
    }

    /// Seals so many more events, as of now. Of `probe_every` one is a probe.
    pub(crate) fn day(&mut self, events: usize, probe_every: usize) -> Day {
        let at_ms = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as u64;
        let mut day = Day { by_node: vec![Vec::new(); self.nodes as usize], probes: BTreeMap::new() };
        for place in 0..events {
            let n = self.random.random_range(0..self.nodes);
            let (subject, role) = if place.is_multiple_of(probe_every) {
                self.probes += 1;
                let subject = Pseudonym((PROBES_FROM + self.probes).to_be_bytes());
                day.probes.insert(hex(subject), place);
                (subject, "probe")
            } else {
                // In turns, so that what one node says of somebody never overtakes what another said before.
                (Pseudonym((place as u64 % VISITORS).to_be_bytes()), "guest")
            };
            let payload = self.seal(n, at_ms, subject, role, place as u64);
            day.by_node[n as usize].push(Event { place, payload });
        }
        day
    }

    fn seal(&mut self, n: u32, at_ms: u64, subject: Pseudonym, role: &str, place: u64) -> Vec<u8> {
        self.said[n as usize] += 1;
        let sequence = self.said[n as usize];
        let header = Header { node: NodeId(n + 1), boot: 1, sequence, at_ms, quality: Quality::Synced };
        let presence = Presence::Enter;
        let sighting = Sighting { subject, role: Text::new(role), presence, rssi_dbm: Some(-60) };
        let weather = place.is_multiple_of(WEATHER_EVERY).then(|| Weather {
            temperature_centi_c: Some(self.random.random_range(1_800..3_400)),
            rain_centi_mm_h: Some(self.random.random_range(0..150)),
            wind_cm_s: None,
            humidity_centi_pct: None,
            light_lx: None,
        });
        let frame = Frame { sighting: Some(sighting), weather, ..Frame::new(header) };
        frame.seal(&Key::new(&key(n)), &mut [0; FRAME_LEN_MAX]).expect("a frame").to_vec()
    }
}

/// A node's name, which is its account's too.
pub(crate) fn name(n: u32) -> String {
    format!("board-{n}")
}

/// Where a node publishes.
pub(crate) fn topic(n: u32) -> String {
    format!("turnpage/v1/park-day/node/{}/event", name(n))
}

fn key(n: u32) -> [u8; 32] {
    [n as u8; 32]
}

fn hex(subject: Pseudonym) -> String {
    subject.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn library_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../journeys/library/park-day")
}

fn read(text: &str) -> Venue {
    Venue::read(&[SourceFile { name: "venue.yaml", text }]).unwrap_or_else(|problems| panic!("{problems:?}"))
}
