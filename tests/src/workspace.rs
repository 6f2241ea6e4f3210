//! Where the workspace stands, what git tracks in it, and its freshly built `turnpage` binary.
//! Deliberately goes through cargo, so that a test never runs a stale binary.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The root of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().map_or_else(|| tests.to_path_buf(), Path::to_path_buf)
}

/// The reference data beside the workspace, or `None` with a message on stderr where it is absent.
#[must_use]
pub fn reference_data(path: &str) -> Option<PathBuf> {
    let found = root().join("../shared").join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("skipped: the reference data `{path}` is not beside this checkout");
    None
}

/// Every file git knows or would take, relative to the root, in order.
///
/// # Panics
/// When git cannot list the checkout: the house rules then have nothing to look at.
#[must_use]
pub fn tracked_files() -> Vec<String> {
    let out = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git runs");
    assert!(out.status.success(), "git ls-files failed: {}", String::from_utf8_lossy(&out.stderr));
    let mut files: Vec<String> = String::from_utf8_lossy(&out.stdout)
        .lines()
        .filter(|f| root().join(f).is_file())
        .map(str::to_owned)
        .collect();
    files.sort();
    assert!(files.len() > 20, "a checkout this small is not the workspace");
    files
}

/// The path of the `turnpage` binary, built once per test process in the profile the tests run in.
///
/// # Panics
/// When the binary does not build.
#[must_use]
pub fn turnpage() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "turnpage", "--bin", "turnpage"]).current_dir(root());
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        let status = build.status().expect("cargo runs");
        assert!(status.success(), "the turnpage binary does not build");
        let test = std::env::current_exe().expect("a test has a path");
        let profile = test.ancestors().nth(2).expect("target/<profile>/deps/<test>");
        profile.join("turnpage")
    })
}
