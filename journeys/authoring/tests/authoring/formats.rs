//! The canonical form of what ships: it is in it, and it keeps every comment and every word.

use std::path::{Path, PathBuf};

use turnpage_journeys_authoring::{format, read};

#[test]
fn what_ships_is_formatted() {
    let files = files();
    assert!(files.len() > 15, "{files:?}");
    for path in files {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let formatted = format(&text).unwrap_or_else(|problems| panic!("{}: {problems:?}", path.display()));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &formatted).expect("it can be written");
        }
        assert_eq!(formatted, text, "{} is not formatted: run `turnpage fmt` on it", path.display());
    }
}

#[test]
fn a_formatted_journey_is_the_same_journey() {
    let text = include_str!("whole.yaml");
    let squeezed = text.replace("{ ", "{").replace(" }", "}").replace("\n    ", "\n       ");
    let formatted = format(&squeezed).expect("it can be read");
    assert_eq!(format(text).expect("it can be read"), formatted);
    // Places differ, and nothing else.
    let told = |text: &str| {
        let reading = read(text);
        assert_eq!(reading.diagnostics, []);
        let definition = reading.definition.expect("it is a journey");
        (
            definition.pages.len(),
            definition.pages[0].choices.len(),
            definition.offers[0].text[1].text.value.clone(),
        )
    };
    assert_eq!(told(&squeezed), told(&formatted));
}

/// Journeys, blueprints and plays of every bundle; venue files are the gateway's.
fn files() -> Vec<PathBuf> {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../library");
    let mut folders = vec![library];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("it can be listed") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml")
                && path.file_name().is_some_and(|name| name != "venue.yaml")
            {
                files.push(path);
            }
        }
    }
    files
}
