//! Files as they really are: not UTF-8, huge, empty, deep, endless. Every one is a finding, none a hang.

use std::fs;
use std::path::Path;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use turnpage_journeys_authoring::source::{Error, FILE_BYTES_MAX, FILES_MAX};
use turnpage_journeys_authoring::{Sources, check, read, render};

use crate::stage::schema;

/// The report on a directory, its own path taken out.
fn report(directory: &Path) -> String {
    let sources = Sources::load(directory).expect("the directory is there");
    let checked = check(sources, &schema());
    assert!(checked.library.is_none());
    render(&checked.report, false).replace(&directory.display().to_string(), "park")
}

#[track_caller]
fn one_file(bytes: &[u8], expected: Expect) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs::write(directory.path().join("rain.yaml"), bytes).expect("it can be written");
    expected.assert_eq(&report(directory.path()));
}

#[test]
fn a_file_that_is_not_utf8_says_where() {
    one_file(
        b"journey: rainy-day\nversion: 1\n# caf\xe9\npages: {}\n",
        expect![[r#"
        error[file]: this file is not UTF-8 text
         --> park/rain.yaml:3:6
          |
        3 | # caf�
          |      ^
          |
          = help: save it with the encoding UTF-8

        1 error
    "#]],
    );
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let mut text = b"journey: a\n#".to_vec();
    text.resize(usize::try_from(FILE_BYTES_MAX).expect("it is a megabyte") + 1, b'x');
    one_file(
        &text,
        expect![[r#"
        error[file]: this file is larger than 1048576 bytes
         --> park/rain.yaml:1:1
          |
        1 |
          | ^
          |
          = help: split it: one journey a file

        1 error
    "#]],
    );
}

#[test]
fn a_file_that_is_deeply_nested_is_cut_short() {
    one_file(
        format!("journey: {}\n", "[".repeat(100_000)).as_bytes(),
        expect![[r#"
            error[too-deep]: lists and maps are nested too deep
             --> park/rain.yaml:1:74
              |
            1 | journey: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[...
              |                                                                          ^

            1 error
        "#]],
    );
}

#[test]
fn a_guard_that_is_deeply_nested_is_cut_short() {
    let guard = format!("{}true{}", "(".repeat(2_000), ")".repeat(2_000));
    let text = format!("journey: deep\nadmit: {guard}\npages: {{ only: }}\n");
    let report = check(Sources::of("deep.yaml", text), &schema()).report;
    assert_eq!(report.errors(), 1);
}

#[test]
fn aliases_that_multiply_are_cut_short() {
    let mut text = "journey: bomb\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let below = format!("*a{},", level - 1).repeat(9);
        text.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    let reading = read(&text);
    assert!(reading.definition.is_none());
    assert_eq!(reading.diagnostics.len(), 1);
}

#[test]
fn one_bad_file_hides_nothing_in_the_others() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let write =
        |name: &str, bytes: &[u8]| fs::write(directory.path().join(name), bytes).expect("it can be written");
    write("a.yaml", b"\xff\xfe\n");
    write("b.yml", b"journey: b\npages: { only: { choises: [] } }\n");
    write("venue.yaml", b"\xff\n");
    write("notes.txt", b"\xff\n");
    expect![[r#"
        error[file]: this file is not UTF-8 text
         --> park/a.yaml:1:1
          |
        1 | ��
          | ^
          |
          = help: save it with the encoding UTF-8

        error[unknown-key]: unknown key `choises`
         --> park/b.yml:2:18
          |
        2 | pages: { only: { choises: [] } }
          |                  ^^^^^^^
          |
          = help: did you mean `choices`?

        2 errors
    "#]]
    .assert_eq(&report(directory.path()));
}

/// An endless device and a link to nothing, under the names of journeys.
#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_never_opened() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, directory.path().join(name)).expect("it can be linked");
    };
    link("/dev/zero", "endless.yaml");
    link("nowhere", "lost.yaml");
    let told = report(directory.path());
    assert!(told.contains("this is not a plain file\n --> park/endless.yaml"), "{told}");
    assert!(told.contains("this file cannot be read") && told.contains("park/lost.yaml"), "{told}");
}

#[test]
fn one_file_can_be_named_itself() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("greeting.txt");
    fs::write(&file, "journey: greeting\npages: { only: }\n").expect("it can be written");
    let checked = check(Sources::load(&file).expect("it is there"), &schema());
    assert_eq!(checked.library.expect("it is sound").journeys()[0].name, "greeting");
}

#[test]
fn what_was_wrong_with_a_file_stays_with_it_when_sources_are_merged() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs::write(directory.path().join("bad.yaml"), b"\xff").expect("it can be written");
    let mut sources = Sources::of("good.yaml", "journey: good\npages: { only: }\n");
    sources.merge(Sources::load(directory.path()).expect("it is there"));
    let report = check(sources, &schema()).report;
    assert_eq!(report.errors(), 1);
    let name = &report.sources()[report.findings()[0].source].name;
    assert!(name.ends_with("bad.yaml"), "{name}");
}

#[test]
fn a_directory_that_is_not_there_is_an_error_of_its_own() {
    let error = Sources::load(Path::new("no/such/park")).expect_err("it is not there");
    assert_eq!(error.to_string(), "cannot read `no/such/park`");
}

#[test]
fn a_directory_with_too_many_files_is_refused() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for number in 0..=FILES_MAX {
        fs::write(directory.path().join(format!("{number}.yaml")), "").expect("it can be written");
    }
    let error = Sources::load(directory.path()).expect_err("there are too many");
    assert!(matches!(error, Error::TooManyFiles { .. }), "{error}");
}

proptest! {
    /// Whatever stands in a file, reading it ends, and every span lies in the text.
    #[test]
    fn reading_never_panics(text in "(journey: a\n)?[ -~\n\u{e9}]{0,200}") {
        for diagnostic in read(&text).diagnostics {
            prop_assert!(diagnostic.span.end as usize <= text.len());
        }
    }

    /// A sound journey with one stretch of it replaced is reported, run or passed over, never a panic.
    #[test]
    fn checking_never_panics(start in 0usize..900, length in 0usize..40, noise in "[ -~\n]{0,12}") {
        let (_, sound) = turnpage_journeys_authoring::library::THEME_PARK.journeys[0];
        let start = sound.floor_char_boundary(start);
        let end = sound.floor_char_boundary(start + length);
        let text = format!("{}{noise}{}", &sound[..start], &sound[end..]);
        let checked = check(Sources::of("mutant.yaml", text), &schema());
        let rendered = render(&checked.report, false);
        prop_assert_eq!(rendered.is_empty(), checked.report.is_empty());
    }
}
