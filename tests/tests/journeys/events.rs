//! The pages on venues and recorded events are true: their venues can be read, their day does what they show.
//!
//! With `UPDATE_EXPECT` set, what the day does is written into the page.

use std::fmt::Write as _;
use std::path::PathBuf;

use expect_test::{expect, expect_file};
use turnpage_gateway_core::venue::{SourceFile, VENUE_FILE};
use turnpage_gateway_core::{Timestamp, Venue, replay};
use turnpage_journeys_authoring::library::DAY_OUT;
use turnpage_journeys_authoring::{Sources, check, render};
use turnpage_journeys_engine::Library;
use turnpage_tests::workspace::root;

use crate::venues::venue;

#[test]
fn the_day_on_the_page_does_what_the_page_says() {
    let page = page("EVENTS.md");
    let (venue, library) = stage(&page);
    let events = block(&page, "json events");
    let did = run(&venue, library, events).expect("the day is whole").0;
    let shown = block(&page, "json did");
    let page = page.replacen(&format!("```json did\n{shown}```"), &format!("```json did\n{did}```"), 1);
    expect_file![path("EVENTS.md")].assert_eq(&page);
}

#[test]
fn the_venue_on_the_page_can_be_read() {
    let venue = read(block(&page("VENUE.md"), "yaml venue"));
    assert_eq!((venue.zones.len(), venue.signals.len(), venue.facts.len()), (2, 2, 2));
    let scarce = read(block(&page("VENUE.md"), "yaml arbitration"));
    assert_eq!((scarce.pools.len(), scarce.auction.vendors.len(), scarce.policy.purposes.len()), (2, 1, 2));
}

/// What comes late corrects the record, what was told twice or meets nothing is passed over, and callees' offers are answered.
#[test]
fn a_day_is_taken_as_a_gateway_takes_it() {
    let (venue, library) = stage(&page("EVENTS.md"));
    let at = |text: &str| format!("\"at\": \"2026-07-18 {text}\"");
    let lines = [
        format!(r#"{{{}, "subject": "ada", "answer": "cocoa.accepted"}}"#, at("11:00")),
        format!(r#"{{{}, "weather": {{"rain": 3}}}}"#, at("11:01")),
        format!(r#"{{{}, "subject": "ada", "zone": "square", "came": "2026-07-18 12:00"}}"#, at("11:02")),
        format!(r#"{{{}, "subject": "mop", "role": "cleaner", "zone": "square"}}"#, at("12:00:30.5")),
        format!(r#"{{{}, "subject": "eve", "role": "guest", "party": "kim"}}"#, at("12:01")),
        format!(r#"{{{}, "subject": "eve", "zone": "square", "signals": {{"parking": 3}}}}"#, at("12:02")),
        format!(r#"{{{}, "subject": "eve", "consent": false}}"#, at("12:03")),
        String::new(),
        format!(r#"{{{}, "subject": "eve", "answer": "sweep>cocoa.accepted"}}"#, at("12:04")),
        format!(r#"{{{}, "subject": "eve", "zone": "square", "leaves": true}}"#, at("12:05")),
    ];
    let (did, summary) = run(&venue, library, &lines.join("\n")).expect("the day is whole");
    assert_eq!((summary.missed, summary.offers), (2, 1));
    let did: String =
        did.lines().filter(|line| !line.contains("\"begun\"")).fold(String::new(), |mut all, line| {
            let (_, short) = line.split_once("T").unwrap_or(("", line));
            let short = short.split(",\"id\"").next().unwrap_or(short);
            writeln!(all, "{short}").expect("memory takes it");
            all
        });
    expect![[r#"
        12:00:30.500+02:00","subject":"zone.square","kind":"zone","journey":"sweep","page":"calm","what":"turned","to":"crowded"}
        12:02:00+02:00","subject":"eve","kind":"visitor","journey":"rainy-day","page":"strolling","what":"offer","offer":"cocoa","channel":"band","text":"3 mm/h. Cocoa?"
        12:02:00+02:00","subject":"eve","kind":"visitor","journey":"rainy-day","page":"strolling","what":"turned","to":"asked"}
        12:03:00+02:00","subject":"eve","kind":"visitor","journey":"rainy-day","what":"withdrawn","offer":"cocoa"}
        12:03:00+02:00","subject":"eve","kind":"visitor","journey":"rainy-day","page":"asked","what":"ended"}
    "#]].assert_eq(&did);
}

#[test]
fn a_line_that_is_wrong_is_named() {
    let (venue, library) = stage(&page("EVENTS.md"));
    let wrong = [
        r#"{"at": 2, "subjet": "ada"}"#,
        r#"{"at": 2, "subject": "ada"}"#,
        r#"{"at": 2, "subject": "a d a", "zone": "cafe"}"#,
        r#"{"at": 2, "subject": "ada", "zone": "caffe"}"#,
        r#"{"at": 2, "subject": "ada", "zone": "cafe", "node": "a"}"#,
        r#"{"at": 2, "subject": "ada", "role": "gest"}"#,
        r#"{"at": 2, "subject": "ada", "facts": {"teir": "gold"}}"#,
        r#"{"at": 2, "subject": "ada", "facts": {"tier": "tin"}}"#,
        r#"{"at": 2, "subject": "ada", "answer": "cocoa.acepted"}"#,
        r#"{"at": 2, "subject": "ada", "answer": "cocoa"}"#,
        r#"{"at": 2, "subject": "ada", "zone": "cafe", "value": 3}"#,
        r#"{"at": 2, "subject": "ada", "leaves": true}"#,
        r#"{"at": 2, "subject": "zone.cafe", "zone": "cafe"}"#,
        r#"{"at": 2, "zone": "cafe"}"#,
        r#"{"at": 2, "feedback": 3}"#,
        r#"{"at": 2, "signals": {"parkin": 3}}"#,
        r#"{"at": 2, "weather": {"rian": 3}}"#,
        r#"{"at": 0}"#,
        r#"{"at": "noon"}"#,
        r#"{"at": "2026-03-29 02:30"}"#,
        r#"{"at": true}"#,
        r#"{"subject": "ada", "zone": "cafe"}"#,
        r#"{"at": 2"#,
        r#"{"at": 2, "subject": "ada", "zone": "cafe", "came": 900000000000}"#,
    ];
    let mut shown = String::new();
    for wrong in wrong {
        let told = run(&venue, library.clone(), &format!("{{\"at\": 1}}\n{wrong}\n"));
        writeln!(shown, "{}", told.expect_err(wrong)).expect("memory takes it");
    }
    expect![[r#"
        line 2: unknown key `subjet`; did you mean `subject`?
        line 2: nothing is said of `ada`: where it was seen, or what it did
        line 2: `a d a` is not a name of plain letters, digits, `_`, `.` and `-`
        line 2: unknown zone `caffe`; did you mean `cafe`?
        line 2: a place is a `zone`, a `node`, or `lon` and `lat`
        line 2: unknown role `gest`; did you mean `guest`?
        line 2: unknown fact `teir`; did you mean `tier`?
        line 2: `tier` cannot have this value
        line 2: `cocoa.acepted` is no answer; did you mean `cocoa.accepted`?
        line 2: `cocoa` is no answer; write `offer.accepted`
        line 2: `value` stands beside an `answer` that accepts
        line 2: `leaves` stands beside the `zone` that is left
        line 2: refused as `unknown`
        line 2: `zone` is said of a `subject`, and there is none
        line 2: `feedback` is said of a `subject`, and there is none
        line 2: unknown signal `parkin`; did you mean `parking`?
        line 2: unknown key `rian`; did you mean `rain`?
        line 2: time goes back from 1970-01-01T01:00:00.001+01:00 to 1970-01-01T01:00:00+01:00; what came late says when with `came`
        line 2: `noon` is no time: write `2026-07-20 12:00` as the venue's clock shows it, or RFC 3339
        line 2: the venue's clock never shows `2026-03-29 02:30`: it is set on then
        line 2: `at` and `came` are times in quotes, or milliseconds
        line 2: missing field `at`
        line 2: EOF while parsing an object
        line 2: refused as `ancient`
    "#]].assert_eq(&shown);
}

#[test]
fn a_day_says_why_and_what_differs() {
    let page = page("EVENTS.md");
    let (venue, library) = stage(&page);
    let events = block(&page, "json events");
    let at = Timestamp(venue.instant("2026-07-18 12:06").expect("a time").0);
    let answer =
        replay::why(&venue, library.clone(), events.as_bytes(), "zone.square", at).expect("the day is whole");
    let why = answer.why.expect("the zone is known");
    assert_eq!((why.kind, why.journeys[0].page.as_deref()), ("zone", Some("crowded")));
    let told: Vec<_> = answer.told.iter().map(|told| format!("{} {}", told.what, told.name)).collect();
    assert_eq!(told, ["begun ", "turned crowded", "dispatch cleaner", "turned calm"]);
    let journey = block(&page, "yaml journey").replace("> 0.5", "> 5");
    let other = library_of(&venue, &[&journey]);
    let diff =
        replay::against(&venue, library.clone(), other, 0, || Ok(events.as_bytes())).expect("it is whole");
    let rows: Vec<_> = diff.rows.iter().map(|row| (row.offer.as_str(), row.old, row.new)).collect();
    expect![[
        r#"[("cocoa:accepted", 1, 0), ("cocoa:expired", 1, 0), ("cocoa", 2, 0), ("cleaner:dispatch", 1, 0)]"#
    ]]
    .assert_eq(&format!("{rows:?}"));
    let inside = replay::inside(&venue, library, events.as_bytes()).expect("the day is whole");
    assert_eq!(inside.len(), 4, "two visitors and two zones");
}

fn run(venue: &Venue, library: Library, events: &str) -> Result<(String, replay::Summary), replay::Error> {
    let mut out = Vec::new();
    let summary = replay::run(venue, library, 0, events.as_bytes(), &mut out)?;
    Ok((String::from_utf8(out).expect("it is text"), summary))
}

fn stage(page: &str) -> (Venue, Library) {
    let venue = read(block(page, "yaml venue"));
    let library = library_of(&venue, &blocks(page, "yaml journey"));
    (venue, library)
}

fn library_of(venue: &Venue, journeys: &[&str]) -> Library {
    let mut sources = Sources::default();
    for (nth, journey) in journeys.iter().enumerate() {
        sources.add(format!("{nth}.yaml"), *journey);
    }
    let checked = check(sources, &venue.schema());
    checked.library.unwrap_or_else(|| panic!("{}", render(&checked.report, false)))
}

fn read(text: &str) -> Venue {
    Venue::read(&[SourceFile { name: VENUE_FILE, text }]).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn block<'a>(page: &'a str, info: &str) -> &'a str {
    blocks(page, info).first().copied().expect("the page has such a block")
}

fn blocks<'a>(page: &'a str, info: &str) -> Vec<&'a str> {
    // Fences alternate: what follows an opening one is a block, what follows a closing one is prose.
    let fenced = page.split("```").skip(1).step_by(2).filter_map(|fenced| fenced.split_once('\n'));
    fenced.filter(|(its, _)| *its == info).map(|(_, text)| text).collect()
}

fn page(name: &str) -> String {
    std::fs::read_to_string(path(name)).expect("the page is there")
}

fn path(name: &str) -> PathBuf {
    root().join("journeys").join(name)
}

#[test]
fn why_takes_apart_a_guard_over_what_came_back() {
    let venue = venue(&DAY_OUT).expect("the bundle brings its venue");
    let library = check(DAY_OUT.sources(), &venue.schema()).library.expect("what ships is sound");
    let events = "{\"at\":\"2026-07-20 16:00\",\"subject\":\"ada\",\"zone\":\"gate\"}\n";
    // A minute later, in New York.
    let at = Timestamp(1_784_577_660_000);
    let answer = replay::why(&venue, library, events.as_bytes(), "ada", at).expect("the day is whole");
    let journeys = answer.why.expect("she is known").journeys;
    let farewell = journeys.iter().find(|journey| journey.name == "farewell").expect("it runs");
    assert_eq!(farewell.page.as_deref(), Some("leaving"));
    let parts = farewell.choices[0].guard.iter().map(|part| format!("{} = {}", part.text, part.value));
    assert_eq!(parts.collect::<Vec<_>>(), ["result >= 4 = unknown", "result = unknown"]);
}
