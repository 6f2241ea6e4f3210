//! What a reader may rely on in every file: a header, a size, no glob re-exports, no left-overs, no machine's paths.

use turnpage_tests::workspace;

/// Lines before a file's tests. A file that passes this has lost its one sentence.
const LINES_MAX: usize = 500;

fn rust_files() -> Vec<(String, String)> {
    texts(|f| f.ends_with(".rs"))
}

fn texts(wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let root = workspace::root();
    workspace::tracked_files()
        .into_iter()
        .filter(|f| wanted(f))
        .map(|f| {
            let text = std::fs::read_to_string(root.join(&f)).unwrap_or_else(|e| panic!("{f}: {e}"));
            (f, text)
        })
        .collect()
}

fn offenders(files: &[(String, String)], offends: impl Fn(&str, &str) -> bool) -> Vec<&str> {
    files.iter().filter(|(name, text)| offends(name, text)).map(|(name, _)| name.as_str()).collect()
}

fn lines_with(files: &[(String, String)], offends: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in files {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| offends(name, line)) {
            found.push(format!("{name}:{}: {}", number + 1, line.trim()));
        }
    }
    found
}

#[test]
fn every_rust_file_opens_with_a_header() {
    let files = rust_files();
    assert!(files.len() > 50, "the house has more files than {}", files.len());
    let bare = offenders(&files, |_, text| !text.starts_with("//!"));
    assert!(bare.is_empty(), "no `//!` on the first line: {bare:#?}");
}

#[test]
fn no_file_outgrows_its_sentence() {
    let before_tests = |text: &str| text.lines().take_while(|l| !l.starts_with("#[cfg(test)]")).count();
    let is_test =
        |name: &str| name.contains("/tests/") || name.ends_with("/tests.rs") || name.contains("/benches/");
    let files = rust_files();
    let long = offenders(&files, |name, text| !is_test(name) && before_tests(text) > LINES_MAX);
    assert!(long.is_empty(), "over {LINES_MAX} lines before their tests: {long:#?}");
}

#[test]
fn modules_are_named_files_and_re_exports_are_named_items() {
    let files = rust_files();
    let mod_files = offenders(&files, |name, _| name.ends_with("/mod.rs"));
    assert!(mod_files.is_empty(), "use `foo.rs` + `foo/` instead of: {mod_files:#?}");
    let globs = lines_with(&files, |_, line| {
        let line = line.trim_start();
        line.starts_with("pub use ") && line.ends_with("::*;")
    });
    assert!(globs.is_empty(), "re-export by name: {globs:#?}");
}

#[test]
fn nothing_is_left_over() {
    // Assembled, so that this file does not find itself.
    let marks =
        [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["X", "XX"].concat(), ["#[ig", "nore"].concat()];
    let sleeps = [["thread::", "sleep"].concat(), ["time::", "sleep"].concat()];
    let files = rust_files();
    let left = lines_with(&files, |_, line| marks.iter().any(|m| line.contains(m)));
    assert!(left.is_empty(), "left over: {left:#?}");
    let in_tests = |name: &str| name.contains("tests");
    let slept = lines_with(&files, |name, line| in_tests(name) && sleeps.iter().any(|s| line.contains(s)));
    assert!(slept.is_empty(), "a test waits for a fact, never for a time: {slept:#?}");
}

#[test]
fn the_project_carries_no_machine_paths() {
    let paths = [["/ho", "me/"].concat(), ["/ro", "ot/"].concat(), ["/wo", "rk/"].concat()];
    let files = texts(|f| [".rs", ".md", ".toml", ".yaml", ".sh"].iter().any(|e| f.ends_with(e)));
    let found = lines_with(&files, |_, line| paths.iter().any(|p| line.contains(p)));
    assert!(found.is_empty(), "a path of one machine: {found:#?}");
}

#[test]
fn ambient_time_and_randomness_stay_out_of_the_pure_crates() {
    let pure = [
        "firmware/wire/src",
        "firmware/node/src",
        "journeys/expr/src",
        "journeys/engine/src",
        "journeys/nextplace/src",
        "gateway/core/src",
        "gateway/mqtt/src",
        "gateway/sources/src",
    ];
    let ambient = [
        "SystemTime::now",
        "Instant::now",
        "thread_rng",
        "rand::rng()",
        "std::net",
        "std::thread",
        "RandomState",
    ];
    let files = rust_files();
    let found = lines_with(&files, |name, line| {
        pure.iter().any(|p| name.starts_with(p))
            && !name.contains("test")
            && !line.trim_start().starts_with("//")
            && ambient.iter().any(|a| line.contains(a))
    });
    assert!(found.is_empty(), "a pure crate looks at the world: {found:#?}");
}
