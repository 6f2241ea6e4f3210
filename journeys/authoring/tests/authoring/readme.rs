//! The language page is true: its journeys are sound, its guards compile, its report and its transcript are what comes out.
//!
//! With `UPDATE_EXPECT` set, report and transcript are written into the page.

use std::path::{Path, PathBuf};

use expect_test::expect_file;
use turnpage_journeys_authoring::{Sources, check, play, render};

use crate::stage::{schema, stage};

/// A fenced block: the words after the fence, and its lines.
struct Block<'a> {
    info: &'a str,
    text: &'a str,
}

#[test]
fn every_journey_on_the_page_is_sound() {
    let page = page();
    let journeys: Vec<&str> = texts(&page, "yaml journey").collect();
    assert!(journeys.len() > 10);
    for text in journeys {
        let report = check(Sources::of("README.md", text), &schema()).report;
        assert!(report.is_empty(), "{}", render(&report, false));
    }
}

/// A caller beside its callee, a journey beside its blueprint.
#[test]
fn what_needs_another_file_is_sound_with_it() {
    let page = page();
    for (info, other) in [("yaml caller", "yaml callee"), ("yaml user", "yaml blueprint")] {
        let text = texts(&page, info).next().expect("it is on the page");
        let other = texts(&page, other).next().expect("it is on the page");
        let mut sources = Sources::of("README.md", text);
        sources.add("README.md, the other one", other);
        let report = check(sources, &schema()).report;
        assert!(report.is_empty(), "{}", render(&report, false));
    }
}

#[test]
fn every_guard_on_the_page_compiles() {
    let page = page();
    let guards: Vec<&str> = texts(&page, "cel").flat_map(str::lines).collect();
    assert!(guards.len() >= 10);
    for guard in guards {
        let text = format!("journey: a\nadmit: |\n  {guard}\npages: {{ only: }}\n");
        let report = check(Sources::of("README.md", text), &schema()).report;
        assert!(report.is_empty(), "{}", render(&report, false));
    }
    let rain = texts(&page, "yaml journey").next().expect("there is a journey");
    for guard in texts(&page, "cel history").flat_map(str::lines) {
        let first = "place.outdoor && weather.rain > 0.5";
        assert!(rain.contains(first));
        let report = check(Sources::of("README.md", rain.replace(first, guard)), &schema()).report;
        assert!(report.is_empty(), "{}", render(&report, false));
    }
}

/// The outputs on the page are put where they belong and the page is compared as a whole.
#[test]
fn what_the_page_shows_is_what_comes_out() {
    let page = page();
    let broken = texts(&page, "yaml broken").next().expect("there is a broken journey");
    let report = render(&check(Sources::of("rainy-day.yaml", broken), &schema()).report, false);
    let mut expected = String::new();
    let mut output: Option<&str> = None;
    let transcript = transcript(&page);
    for line in page.lines() {
        if output.is_some() && line != "```" {
            continue;
        }
        if let Some(text) = output.take() {
            expected.push_str(text);
        }
        output = match line {
            "```text check" => Some(&report),
            "```text transcript" => Some(&transcript),
            _ => None,
        };
        expected.push_str(line);
        expected.push('\n');
    }
    expect_file![path()].assert_eq(&expected);
}

fn transcript(page: &str) -> String {
    let journey = texts(page, "yaml journey").next().expect("there is a journey");
    let library = check(Sources::of("README.md", journey), &schema()).library.expect("it is sound");
    let text = texts(page, "yaml plays").next().expect("there are plays");
    let plays = play::read(text).expect("they can be read");
    assert_eq!(library.journeys()[0].name, plays.of.value);
    let play = &plays.plays[0];
    let transcript = play::run(&library, &stage(), &plays.of, play).expect("the stage knows what they say");
    assert!(play::judge(play, &transcript).passed());
    transcript.to_string()
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")
}

fn page() -> String {
    std::fs::read_to_string(path()).expect("the page is there")
}

fn texts<'a>(page: &'a str, info: &'static str) -> impl Iterator<Item = &'a str> {
    blocks(page).filter(move |block| block.info == info).map(|block| block.text)
}

fn blocks(page: &str) -> impl Iterator<Item = Block<'_>> {
    // Fences alternate: what follows an opening one is a block, what follows a closing one is prose.
    page.split("```").skip(1).step_by(2).filter_map(|fenced| {
        let (info, text) = fenced.split_once('\n')?;
        Some(Block { info, text })
    })
}
