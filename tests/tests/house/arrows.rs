//! An arrow points at what is imported. These are all the arrows there are; a new one is a decision, made here and in
//! ARCHITECTURE.md, never an accident of a `Cargo.toml`.

use cargo_metadata::{DependencyKind, MetadataCommand, Package};
use std::collections::BTreeSet;
use turnpage_tests::workspace;

/// Each crate and what it may import, by folder.
const ARROWS: &[(&str, &[&str])] = &[
    ("firmware/wire", &[]),
    ("firmware/node", &["firmware/wire"]),
    ("journeys/expr", &[]),
    ("journeys/document", &["journeys/expr"]),
    ("journeys/engine", &["journeys/expr"]),
    ("journeys/nextplace", &[]),
    ("journeys/authoring", &["journeys/document", "journeys/engine", "journeys/expr"]),
    (
        "gateway/core",
        &["firmware/wire", "journeys/document", "journeys/engine", "journeys/expr", "journeys/nextplace"],
    ),
    ("gateway/measure", &[]),
    ("gateway/report", &["gateway/core", "gateway/measure"]),
    ("gateway/store", &["gateway/core"]),
    ("gateway/mqtt", &[]),
    ("gateway/sources", &["gateway/core", "gateway/mqtt", "journeys/document", "journeys/expr"]),
    (
        "gateway/server",
        &[
            "gateway/core",
            "gateway/mqtt",
            "gateway/report",
            "gateway/sources",
            "gateway/store",
            "journeys/document",
            "journeys/engine",
            "journeys/expr",
        ],
    ),
    ("simulators/venue", &["firmware/node", "firmware/wire", "gateway/core"]),
    (
        "gateway/cli",
        &[
            "gateway/core",
            "gateway/report",
            "gateway/server",
            "gateway/store",
            "journeys/authoring",
            "simulators/venue",
        ],
    ),
    ("tests", &[]),
    (
        "tests/fuzz",
        &[
            "firmware/node",
            "firmware/wire",
            "gateway/core",
            "gateway/mqtt",
            "gateway/server",
            "gateway/sources",
            "gateway/store",
            "journeys/authoring",
            "journeys/document",
            "journeys/engine",
            "journeys/expr",
            "journeys/nextplace",
            "tests",
        ],
    ),
];

/// External crates that are a decision, and the one crate that took it.
const ONLY_IN: &[(&str, &str)] = &[
    ("sled", "gateway/store"),
    ("axum", "gateway/server"),
    ("rumqttc", "gateway/server"),
    ("hyper", "gateway/server"),
    ("tokio-rustls", "gateway/server"),
    ("tokio-tungstenite", "gateway/server"),
    ("clap", "gateway/cli"),
];

/// Crates that decide must not be able to wait, listen or look at a clock.
const PURE: &[&str] = &[
    "firmware/wire",
    "journeys/expr",
    "journeys/document",
    "journeys/engine",
    "journeys/nextplace",
    "gateway/core",
    "gateway/measure",
    "gateway/mqtt",
    "gateway/report",
    "gateway/sources",
];
const IMPURE: &[&str] = &["tokio", "mio", "socket2", "async-std", "smol", "rumqttc", "axum", "hyper", "sled"];

fn packages() -> Vec<(String, Package)> {
    let metadata = MetadataCommand::new()
        .manifest_path(workspace::root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata reads the workspace");
    let root = metadata.workspace_root.clone();
    let mut all: Vec<(String, Package)> = metadata
        .packages
        .into_iter()
        .map(|p| {
            let folder =
                p.manifest_path.parent().and_then(|d| d.strip_prefix(&root).ok()).expect("inside the root");
            (folder.as_str().to_owned(), p)
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn imports(package: &Package) -> impl Iterator<Item = &str> {
    package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal).map(|d| d.name.as_str())
}

#[test]
fn every_crate_is_in_the_map_and_is_named_as_its_folder() {
    let packages = packages();
    let found: BTreeSet<&str> = packages.iter().map(|(folder, _)| folder.as_str()).collect();
    let mapped: BTreeSet<&str> = ARROWS.iter().map(|(folder, _)| *folder).collect();
    assert_eq!(found, mapped, "the map in this test and the workspace differ");
    for (folder, package) in &packages {
        let expected = if folder == "gateway/cli" {
            "turnpage".to_owned()
        } else {
            format!("turnpage-{}", folder.replace('/', "-"))
        };
        assert_eq!(package.name.as_str(), expected, "{folder} must be named as its path");
    }
}

#[test]
fn arrows_are_the_ones_drawn() {
    let packages = packages();
    let folder_of =
        |name: &str| packages.iter().find(|(_, p)| p.name == name).map(|(folder, _)| folder.as_str());
    for (folder, package) in &packages {
        let drawn: BTreeSet<&str> = ARROWS
            .iter()
            .find(|(f, _)| f == folder)
            .map(|(_, to)| to.iter().copied().collect())
            .unwrap_or_default();
        let found: BTreeSet<&str> = imports(package).filter_map(folder_of).collect();
        let forbidden: Vec<_> = found.difference(&drawn).collect();
        assert!(
            forbidden.is_empty(),
            "{folder} imports {forbidden:?}: draw that arrow here and in ARCHITECTURE.md, or drop it"
        );
        let unused: Vec<_> = drawn.difference(&found).collect();
        assert!(
            unused.is_empty() || folder == "tests",
            "{folder} no longer imports {unused:?}: take the arrow away"
        );
    }
}

#[test]
fn each_heavy_part_lives_in_one_crate() {
    for (folder, package) in &packages() {
        for (part, home) in ONLY_IN {
            let here = imports(package).any(|d| d == *part);
            assert_eq!(here, folder == home, "`{part}` belongs in {home}; found otherwise in {folder}");
        }
    }
}

#[test]
fn pure_crates_import_nothing_that_waits() {
    for (folder, package) in packages().iter().filter(|(folder, _)| PURE.contains(&folder.as_str())) {
        let waiting: Vec<&str> = imports(package).filter(|d| IMPURE.contains(d)).collect();
        assert!(waiting.is_empty(), "{folder} is pure and cannot import {waiting:?}");
    }
}
