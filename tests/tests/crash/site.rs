//! A harbour with a node on each quay, journeys for whoever comes there, and the gateway that runs it all.
//!
//! Before: main.rs. Next: node.rs, band.rs.

use std::cell::Cell;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread::JoinHandle;

use tempfile::TempDir;
use turnpage_gateway_core::venue::{SourceFile, VENUE_FILE};
use turnpage_gateway_core::{Edition, EditionPart, Keys, Options, Pipeline, State, Timestamp, Venue};
use turnpage_journeys_authoring::{Library, Sources, check, render};
use turnpage_tests::process::Process;
use turnpage_tests::workspace::turnpage;

use crate::ledger::Ledger;
use crate::up::Up;
use crate::{band, node};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "open sesame";
/// Nodes, numbered from 1, each with a quay of its own.
pub(crate) const NODES: u32 = 6;

/// Whoever comes is greeted, each time. Beside it a journey that answers run and time moves, so that there is more state
/// than offers show.
const JOURNEYS: [(&str, &str); 1] = [(
    "welcome.yaml",
    r#"journey: welcome
version: 1
kind: guided
subject: visitor
offers:
  hello: { text: { en: "Welcome to {place.zone.name}." }, channels: [band], valid: 12h }
pages:
  arriving:
    choices:
      - { on: enter, when: place.kind == "quay", offer: hello }
"#,
)];

/// A page of it has another name in every version, and who is there goes on there.
fn stroll(old: u32, new: u32) -> String {
    format!(
        r#"journey: stroll
version: {new}
kind: guided
subject: visitor
upgrade: {{ map: {{ resting-{old}: resting-{new} }} }}
pages:
  about:
    choices:
      - {{ on: enter, when: place.kind == "quay", turn_to: resting-{new} }}
  resting-{new}:
    choices:
      - {{ on: exit, turn_to: about }}
      - {{ after: 300ms, turn_to: gone }}
  gone:
    choices:
      - {{ on: enter, when: place.kind == "quay", turn_to: about }}
"#
    )
}

pub(crate) fn node_name(node: u32) -> String {
    format!("gate-{node}")
}

/// A node's key.
pub(crate) fn key(node: u32) -> [u8; 32] {
    [u8::try_from(node).expect("few nodes"); 32]
}

/// The harbour's directory.
pub(crate) struct Site {
    directory: TempDir,
    data: PathBuf,
    venue: String,
    map: String,
    behind_broker: bool,
    /// The version of a journey that changes.
    version: Cell<u32>,
}

impl Site {
    /// With the gateway's own door.
    pub(crate) fn new() -> Self {
        let bands = format!("bands: {{ password: {PASSWORD}, role: channel }}");
        Self::with(&format!("door: {{ listen: 127.0.0.1:0 }}\naccounts: {{ {bands} }}\n"), false)
    }

    /// With a broker, or what stands before one.
    pub(crate) fn behind(broker: u16) -> Self {
        Self::with(&format!("broker: {{ host: 127.0.0.1, port: {broker}, client: harbour }}\n"), true)
    }

    fn with(doors: &str, behind_broker: bool) -> Self {
        // Beside the build: a temporary directory may be in memory, where a sync is nothing.
        let directory = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory on disk");
        let site = Self {
            data: directory.path().join("data"),
            directory,
            venue: venue(),
            map: map(),
            behind_broker,
            version: Cell::new(1),
        };
        let root = site.directory.path();
        fs::create_dir(root.join("journeys")).expect("the directory takes directories");
        for (name, text) in
            [(VENUE_FILE, &site.venue), ("zones.geojson", &site.map), ("turnpage.yaml", &config(doors))]
        {
            fs::write(root.join(name), text).expect("the directory takes files");
        }
        for (name, text) in JOURNEYS {
            fs::write(root.join("journeys").join(name), text).expect("the directory takes files");
        }
        fs::write(root.join("journeys/stroll.yaml"), stroll(0, 1)).expect("the directory takes files");
        site
    }

    /// The gateway's data directory.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Starts a gateway.
    pub(crate) fn gateway(&self) -> Process {
        let config = self.directory.path().join("turnpage.yaml");
        Process::start(Command::new(turnpage()).args(["run", "--config"]).arg(config))
    }

    /// Where a gateway that was started listens, once it is ready.
    pub(crate) fn port(&self, gateway: &mut Process) -> u16 {
        gateway.line_with("ready");
        let line = gateway.line_with("mqtt ");
        let port = line.rsplit(':').next().and_then(|port| port.trim().parse().ok());
        port.unwrap_or_else(|| panic!("no port in `{line}`"))
    }

    /// Writes the next version of a journey, as an editor does: another file that takes the name.
    pub(crate) fn edit(&self) {
        let (old, new) = (self.version.get(), self.version.get() + 1);
        self.version.set(new);
        let text = stroll(old, new);
        let journeys = self.directory.path().join("journeys");
        fs::write(journeys.join("stroll.new"), text).expect("the directory takes files");
        fs::rename(journeys.join("stroll.new"), journeys.join("stroll.yaml")).expect("a file is renamed");
    }

    /// Nothing that has happened; what it happens under, a log says itself.
    pub(crate) fn pipeline(&self) -> Pipeline {
        let files = [
            SourceFile { name: VENUE_FILE, text: &self.venue },
            SourceFile { name: "zones.geojson", text: &self.map },
        ];
        let venue = Venue::read(&files).unwrap_or_else(|problems| panic!("{problems:?}"));
        let library = library(&venue, Sources::default());
        Pipeline::new(venue, library, Keys::default(), Options::default())
    }

    /// The nodes and the band, each on a thread of its own.
    pub(crate) fn clients(&self, ledger: &Arc<Ledger>, up: &Arc<Up>) -> Vec<JoinHandle<()>> {
        let shared = || (Arc::clone(ledger), Arc::clone(up));
        let node = |number| {
            let ((ledger, up), behind_broker) = (shared(), self.behind_broker);
            std::thread::spawn(move || {
                let _guard = ledger.guard();
                node::run(number, behind_broker, &ledger, &up);
            })
        };
        let mut clients: Vec<_> = (1..=NODES).map(node).collect();
        let ((ledger, up), behind_broker) = (shared(), self.behind_broker);
        clients.push(std::thread::spawn(move || {
            let _guard = ledger.guard();
            band::run(behind_broker, &ledger, &up);
        }));
        clients
    }
}

/// A state that goes on under an edition, as the texts of the edition say.
pub(crate) fn under(now: Timestamp, edition: Edition, state: State) -> Pipeline {
    let files = edition.files();
    let of = |part| files.iter().filter(move |file| file.part == part);
    let venue: Vec<_> =
        of(EditionPart::Venue).map(|file| SourceFile { name: &file.name, text: &file.text }).collect();
    let venue = Venue::read(&venue).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut sources = Sources::default();
    of(EditionPart::Journeys).for_each(|file| sources.add(&*file.name, &*file.text));
    let library = library(&venue, sources);
    let (keys, options) = (Keys::default(), Options::default());
    Pipeline::migrate(now, edition, venue, library, keys, options, state).expect("a state of our own")
}

fn library(venue: &Venue, sources: Sources) -> Library {
    let checked = check(sources, &venue.schema());
    checked.library.unwrap_or_else(|| panic!("{}", render(&checked.report, false)))
}

fn venue() -> String {
    let mut text = "venue: harbour\ntitle: Harbour\ntime_zone: America/Toronto\nmap: zones.geojson\nkinds: [quay]\nroles: [guest]\nchannels: [band]\nnodes:\n".to_owned();
    for node in 1..=NODES {
        writeln!(
            text,
            "  - {{ id: {node}, name: {}, zone: quay-{node}, senses: [badge], late: 1h }}",
            node_name(node)
        )
        .expect("memory takes it");
    }
    text
}

fn map() -> String {
    let quay = |node: u32| {
        let (west, east) = (-73.560 + 0.002 * f64::from(node), -73.559 + 0.002 * f64::from(node));
        format!(
            r#"{{"type":"Feature","properties":{{"id":"quay-{node}","title":"Quay {node}","kind":"quay","outdoor":true,"level":0}},
"geometry":{{"type":"Polygon","coordinates":[[[{west},45.507],[{east},45.507],[{east},45.510],[{west},45.510],[{west},45.507]]]}}}}"#
        )
    };
    let quays: Vec<_> = (1..=NODES).map(quay).collect();
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, quays.join(",\n"))
}

/// It is given all the time that a busy machine may take to its end.
fn config(doors: &str) -> String {
    let mut text =
        format!("venue: .\njourneys: journeys\ndata: data\nhttp: none\ndrain: 10m\n{doors}nodes:\n");
    for node in 1..=NODES {
        let key: String = key(node).iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(text, "  {}: {{ key: \"{key}\", password: {PASSWORD} }}", node_name(node))
            .expect("memory takes it");
    }
    text
}
