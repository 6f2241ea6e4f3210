//! Every reader of bytes from outside, as a function of bytes that must return.
//!
//! A target takes any bytes and asserts what holds of its reader whatever they are: more than "it comes back" wherever
//! there is more to say (what is read and written is read alike, a problem has a place in the text, what is restored is
//! saved as it was). The fuzzer in `libfuzzer/` looks for bytes that break one; `tests/replay.rs` tries the corpus that it
//! left in every usual run of the tests. Deliberately not here: bytes. `README.md` says how to run it.
//! Next: `stage`, what they share, then one file a family.

mod door;
mod guard;
mod kept;
mod library;
mod mqtt;
mod place;
mod replay;
mod serial;
mod sources;
mod stage;
mod text;
mod wire;

/// A reader under trial.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    /// What it is given is hostile; it panics when something does not hold that must.
    pub run: fn(&[u8]),
}

/// All of them, in the order in which bytes meet them.
pub const TARGETS: &[Target] = &[
    Target { name: "wire", run: wire::frame },
    Target { name: "topic", run: wire::topic },
    Target { name: "scanner", run: serial::scanner },
    Target { name: "mqtt", run: mqtt::conversation },
    Target { name: "door", run: door::messages },
    Target { name: "ingest", run: door::body },
    Target { name: "sources", run: sources::payload },
    Target { name: "bthome", run: sources::advertisement },
    Target { name: "mapping", run: sources::mapping },
    Target { name: "document", run: text::document },
    Target { name: "journeys", run: text::journeys },
    Target { name: "plays", run: text::plays },
    Target { name: "case", run: text::case },
    Target { name: "import", run: text::model },
    Target { name: "guard", run: guard::guard },
    Target { name: "copy", run: guard::copy },
    Target { name: "venue", run: place::venue },
    Target { name: "config", run: place::config },
    Target { name: "replay", run: replay::events },
    Target { name: "batch", run: kept::batch },
    Target { name: "state", run: kept::state },
    Target { name: "backup", run: kept::backup },
    Target { name: "operator", run: kept::operator },
    Target { name: "instances", run: library::instances },
    Target { name: "library", run: library::library },
    Target { name: "nextplace", run: kept::next_place },
];

/// A target by its name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|target| target.name == name).copied()
}
