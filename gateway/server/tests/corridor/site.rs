//! A small park: one gate on the map, one badge node in it, one journey that offers a map to whoever comes in.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use turnpage_gateway_core::venue::SourceFile;
use turnpage_gateway_core::{Keys, Live, NodeId, NodeName, Role, Timestamp, Venue};
use turnpage_gateway_server::access::Rate;
use turnpage_gateway_server::{Clock, Error, Gateway, Login, Setup, Storage};
use turnpage_gateway_sources::{Bindkeys, Declared};
use turnpage_gateway_store::{Memory, disk};
use turnpage_journeys_engine::{ChoiceDef, Definition, OfferDef, PageDef, WordingDef};
use turnpage_journeys_engine::{Library, compile};

/// How long the offer stands.
pub(crate) const VALID_MS: i64 = 20 * 60_000;
/// A point in the gate, as (latitude, longitude).
pub(crate) const INSIDE: (f64, f64) = (45.5005, -73.5505);
/// The node's number, name and key.
pub(crate) const NODE: (u32, &str, [u8; 32]) = (3, "gate-1", [9; 32]);
/// Everybody's password.
pub(crate) const PASSWORD: &str = "open sesame";

const VENUE: &str = "
venue: park
title: Small Park
time_zone: America/Toronto
map: zones.geojson
kinds: [gate]
roles: [guest]
nodes: [{ id: 3, name: gate-1, zone: gate, senses: [badge] }]
";
const ZONES: &str = r#"{ "type": "FeatureCollection", "features": [ { "type": "Feature",
  "properties": { "id": "gate", "title": "Main <gate>", "kind": "gate", "outdoor": true, "level": 0 },
  "geometry": { "type": "Polygon", "coordinates":
    [[[-73.551, 45.500], [-73.550, 45.500], [-73.550, 45.501], [-73.551, 45.501], [-73.551, 45.500]]] } } ] }"#;

/// The park and where it keeps its log.
pub(crate) struct Site {
    storage: Storage,
    clock: Clock,
    _dir: Option<TempDir>,
}

impl Site {
    pub(crate) fn in_memory() -> Self {
        Self { storage: Storage::Memory(Memory::new()), clock: Clock::System, _dir: None }
    }

    pub(crate) fn on_disk() -> Self {
        let dir = TempDir::new().unwrap();
        let storage = Storage::Disk { dir: dir.path().join("data"), options: disk::Options::default() };
        Self { storage, clock: Clock::System, _dir: Some(dir) }
    }

    pub(crate) fn with(storage: Storage) -> Self {
        Self { storage, clock: Clock::System, _dir: None }
    }

    pub(crate) fn each_store() -> [Self; 2] {
        [Self::in_memory(), Self::on_disk()]
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn venue() -> Venue {
        let files = [
            SourceFile { name: "venue.yaml", text: VENUE },
            SourceFile { name: "zones.geojson", text: ZONES },
        ];
        Venue::read(&files).unwrap()
    }

    pub(crate) fn setup(&self) -> Setup {
        let venue = Self::venue();
        let library = library(&venue);
        let keys = Keys(BTreeMap::from([(NodeId(NODE.0), NODE.2)]));
        let mut setup = Setup::new(venue, library, keys, self.storage.clone());
        setup.clock = self.clock.clone();
        // Tests ask again and again until something is so.
        setup.console.asking = Rate { burst: 100_000, every: Duration::from_millis(1) };
        let phones = Declared::of("{ name: phones, use: owntracks, identity: given }").unwrap();
        let phones = phones.resolve(&Arc::new(setup.venue.clone()), None, Bindkeys::default()).unwrap();
        setup.sources = vec![Arc::new(phones)];
        let login = |user: &str, role| Login {
            user: user.into(),
            password: Some(PASSWORD.into()),
            certificate: None,
            role,
        };
        setup.door.as_mut().unwrap().logins = vec![
            login(NODE.1, Role::Node(NodeName::new(NODE.1).unwrap())),
            login("bands", Role::Channel),
            login("phones", Role::Source),
        ];
        setup
    }

    pub(crate) async fn try_start(&self) -> Result<Gateway, Error> {
        Gateway::start(self.setup()).await
    }

    pub(crate) async fn start(&self) -> Gateway {
        self.try_start().await.unwrap()
    }
}

fn library(venue: &Venue) -> Library {
    let choice = ChoiceDef {
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
    let welcome = Definition {
        name: "welcome".into(),
        version: 1,
        offers: vec![OfferDef {
            name: "map".into(),
            text: vec![WordingDef {
                language: "en".into(),
                channel: None,
                text: "A map of the park?".into(),
            }],
            channels: vec!["band".into()],
            valid_ms: Some(VALID_MS.into()),
            ..OfferDef::default()
        }],
        pages: vec![
            PageDef { name: "outside".into(), choices: vec![choice], ..PageDef::default() },
            PageDef { name: "inside".into(), choices: vec![back], ..PageDef::default() },
        ],
        ..Definition::default()
    };
    let compiled = compile(&[welcome], &venue.schema());
    compiled.library.unwrap_or_else(|| panic!("{:?}", compiled.problems))
}

/// Waits for a picture of which `holds` is true.
pub(crate) async fn until(gateway: &Gateway, holds: impl Fn(&Live) -> bool) -> Live {
    let mut live = gateway.live();
    let picture = live.wait_for(|live| holds(live)).await.expect("the gateway runs");
    Live::clone(&picture)
}
