//! The corpus, tried again: every input that the fuzzer kept, and every one that once broke something.

use std::fs;
use std::path::{Path, PathBuf};

use turnpage_tests_fuzz::{TARGETS, target};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The inputs of a target, by name.
fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = corpus().join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut inputs: Vec<_> = files
        .map(|file| file.unwrap())
        .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
        .collect();
    inputs.sort();
    inputs
}

/// The names of the inputs that break it.
fn broken(run: fn(&[u8]), inputs: Vec<(String, Vec<u8>)>) -> Vec<String> {
    let breaks = |bytes: &[u8]| std::panic::catch_unwind(|| run(bytes)).is_err();
    inputs.into_iter().filter(|(_, bytes)| breaks(bytes)).map(|(name, _)| name).collect()
}

fn tried(name: &str) {
    let target = target(name).unwrap_or_else(|| panic!("no target is called {name}"));
    let inputs = inputs(name);
    assert!(!inputs.is_empty(), "{name} has no corpus");
    let broken = broken(target.run, inputs);
    assert!(broken.is_empty(), "{name} breaks on {broken:#?}");
}

/// A test for each target, so that one that breaks says its name and hides no other.
macro_rules! replayed {
    ($($name:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            tried(stringify!($name));
        })+
        const REPLAYED: &[&str] = &[$(stringify!($name)),+];
    };
}

replayed! {
    wire, topic, scanner, mqtt, door, ingest, sources, bthome, mapping, document, journeys, plays, case, import, guard, copy,
    venue, config, replay, batch, state, backup, operator, instances, library, nextplace,
}

#[test]
fn every_target_is_replayed_and_every_folder_has_its_target() {
    let named: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(named, REPLAYED);
    for folder in fs::read_dir(corpus()).unwrap() {
        let folder = folder.unwrap().file_name().into_string().unwrap();
        assert!(target(&folder).is_some(), "nobody reads the corpus of {folder}");
    }
}

#[test]
fn an_input_that_breaks_its_target_is_named() {
    let run = |bytes: &[u8]| assert_ne!(bytes, b"bad");
    let inputs = [("one", "good"), ("two", "bad")];
    let inputs = inputs.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).to_vec();
    assert_eq!(broken(run, inputs), ["two"]);
}
