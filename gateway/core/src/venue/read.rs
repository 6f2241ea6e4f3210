//! `venue.yaml` to a sound [`Venue`], or to everything that is wrong with it.
//!
//! Here are the keys and how they refer to each other; the map's polygons are read in geojson.rs, lists of things in
//! parts.rs. Knows texts, not files: whoever calls has loaded them. Next: schema.rs.

use turnpage_journeys_document::{Fields, Node, parse};
use turnpage_journeys_expr::{Diagnostic, Severity, Span};

use super::parts::{Names, Parts, WORDS_MAX, level};
use super::receivers;
use super::{Consent, FileProblems, Level, Policy, Presence, SourceFile, Venue, about, clock, geojson};
use crate::id::VenueName;

/// The file every venue has.
pub const VENUE_FILE: &str = "venue.yaml";
/// A weather reading is forgotten after this, where the venue does not say: two missed hourly reports.
const WEATHER_FRESH_MS: i64 = 2 * 3_600_000;
/// Zones of one venue: their numbers have 16 bits, and the nearest of each kind is tabled for all.
const ZONES_MAX: usize = 4_096;

type Problems = Vec<Diagnostic>;

/// See [`Venue::read`].
pub(super) fn read(files: &[SourceFile<'_>]) -> Result<Venue, Vec<FileProblems>> {
    let mut problems = Problems::new();
    let Some(main) = files.iter().find(|file| file.name == VENUE_FILE) else {
        let missing =
            Diagnostic::error("missing-file", Span::default(), format!("there is no `{VENUE_FILE}`"));
        return Err(vec![FileProblems { file: VENUE_FILE.into(), diagnostics: vec![missing] }]);
    };
    let mut map_problems = FileProblems { file: String::new(), diagnostics: Problems::new() };
    let venue = match parse(main.text) {
        Ok(root) => venue(&root, files, &mut problems, &mut map_problems),
        Err(syntax) => {
            problems = syntax;
            None
        }
    };
    let mut found = vec![FileProblems { file: main.name.into(), diagnostics: problems }, map_problems];
    for file in &mut found {
        file.diagnostics.sort_by_key(|problem| problem.span);
    }
    let sound = found.iter().flat_map(|file| &file.diagnostics).all(|it| it.severity != Severity::Error);
    found.retain(|file| !file.diagnostics.is_empty());
    venue.filter(|_| sound).ok_or(found)
}

fn venue(
    root: &Node,
    files: &[SourceFile<'_>],
    problems: &mut Problems,
    map: &mut FileProblems,
) -> Option<Venue> {
    let mut keys = root.fields(problems)?;
    let id = keys.required("venue", problems).and_then(|node| venue_name(node, problems));
    let title = keys.optional("title", problems).and_then(|node| node.text(problems)).map(str::to_owned);
    let time_zone = keys.required("time_zone", problems).and_then(|node| time_zone(node, problems));
    let levels = levels(keys.optional("levels", problems), problems);
    let kinds = words("kind", keys.required("kinds", problems), problems);
    let roles = words("role", keys.required("roles", problems), problems);

    let mut parts = Parts::new(&kinds, &levels);
    if let Some(zones) = keys.optional("zones", problems) {
        parts.zones(zones, problems);
    }
    if let Some(file) = keys.optional("map", problems) {
        read_map(file, files, &mut parts, problems, map);
    }
    if parts.zones.len() > ZONES_MAX {
        let message = format!("{} zones; a venue has at most {ZONES_MAX}", parts.zones.len());
        problems.push(Diagnostic::error("too-many", keys.anchor(), message));
    }
    if let Some(nodes) = keys.optional("nodes", problems) {
        parts.nodes(nodes, problems);
    }
    if let Some(signals) = keys.optional("signals", problems) {
        parts.signals(signals, problems);
    }
    let receivers = keys.optional("receivers", problems);
    let receivers = receivers.map(|node| parts.receivers(node, problems)).unwrap_or_default();
    let radio = keys.optional("radio", problems).and_then(|node| receivers::radio(node, problems));
    let weather_fresh_ms = keys.optional("weather", problems).and_then(|node| weather(node, problems));
    let presence = keys.optional("presence", problems).and_then(|node| presence(node, problems));
    let channels = keys.optional("channels", problems);
    let channels = channels.map(|node| words("channel", Some(node), problems).into_names());
    let policy =
        keys.optional("policy", problems).and_then(|node| policy(node, channels.is_some(), problems));
    let facts = keys.optional("facts", problems).map(|node| about::facts(node, problems)).unwrap_or_default();
    let kinds_of_roles = about::subjects(keys.optional("subjects", problems), &roles, problems);
    let segments = keys.optional("segments", problems);
    keys.finish(problems);

    let (zones, nodes, signals) = parts.finish();
    let (id, time_zone) = (id?, time_zone?);
    let venue = Venue {
        offsets: clock::offsets(time_zone),
        title: title.unwrap_or_else(|| id.to_string()),
        id,
        time_zone,
        levels,
        kinds: kinds.into_names(),
        roles: roles.into_names(),
        zones,
        nodes,
        signals,
        weather_fresh_ms: weather_fresh_ms.unwrap_or(WEATHER_FRESH_MS),
        presence: presence.unwrap_or_default(),
        receivers,
        radio: radio.unwrap_or_default(),
        policy: with_channels(policy.unwrap_or_default(), channels),
        facts,
        segments: Vec::new(),
        kinds_of_roles,
    };
    // Guards are read against a venue that is otherwise sound, or each problem would come back from them.
    let segments = segments.filter(|_| problems.is_empty());
    let segments = segments.map(|node| about::segments(node, &venue, problems)).unwrap_or_default();
    Some(Venue { segments, ..venue })
}

/// `channels` says which channels exist here, as `policy.channels` does.
fn with_channels(policy: Policy, channels: Option<Vec<String>>) -> Policy {
    Policy { channels: channels.unwrap_or(policy.channels), ..policy }
}

fn venue_name(node: &Node, problems: &mut Problems) -> Option<VenueName> {
    let text = node.text(problems)?;
    let name = VenueName::new(text);
    if name.is_none() {
        let message = format!("`{text}` cannot be a venue's id");
        let help = format!(
            "1 to {} letters, digits, `_`, `.` or `-`: it is a level of topics",
            VenueName::LENGTH_MAX
        );
        problems.push(Diagnostic::error("bad-name", node.span, message).with_help(help));
    }
    name
}

fn time_zone(node: &Node, problems: &mut Problems) -> Option<chrono_tz::Tz> {
    let text = node.text(problems)?;
    let zone = text.parse().ok();
    if zone.is_none() {
        let problem =
            Diagnostic::error("unknown-time-zone", node.span, format!("unknown time zone `{text}`"))
                .with_help("write an IANA name, such as `America/New_York`");
        problems.push(problem.suggesting(text, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())));
    }
    zone
}

fn levels(node: Option<&Node>, problems: &mut Problems) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    let Some(items) = node.and_then(|node| node.list(problems)) else {
        return vec![Level { level: 0, title: "0".into() }];
    };
    for item in items {
        let Some(mut keys) = item.fields(problems) else { continue };
        let level = keys.required("level", problems).and_then(|node| level(node, problems));
        let title = keys.optional("title", problems).and_then(|node| node.text(problems));
        keys.finish(problems);
        let Some(level) = level else { continue };
        if levels.iter().any(|other| other.level == level) {
            problems.push(Diagnostic::error("duplicate", item.span, format!("level {level} is there twice")));
        }
        levels.push(Level { level, title: title.map_or_else(|| level.to_string(), str::to_owned) });
    }
    levels.sort_by_key(|level| level.level);
    levels
}

/// A list of distinct plain words.
fn words<'a>(what: &'static str, node: Option<&'a Node>, problems: &mut Problems) -> Names<'a> {
    let mut names = Names::new(what, WORDS_MAX);
    let Some(node) = node else { return names };
    let Some(items) = node.list(problems) else { return names };
    if items.is_empty() {
        problems.push(Diagnostic::error("empty", node.span, format!("there is no {what} in this list")));
    }
    for item in items {
        names.declare(item, problems);
    }
    names
}

fn read_map(
    node: &Node,
    files: &[SourceFile<'_>],
    parts: &mut Parts<'_>,
    problems: &mut Problems,
    map: &mut FileProblems,
) {
    let Some(name) = node.text(problems) else { return };
    let Some(file) = files.iter().find(|file| file.name == name) else {
        let problem = Diagnostic::error("missing-file", node.span, format!("there is no file `{name}` here"));
        problems.push(problem.suggesting(name, files.iter().map(|file| file.name)));
        return;
    };
    map.file = name.to_owned();
    match parse(file.text) {
        Ok(root) => geojson::read(&root, parts, &mut map.diagnostics),
        Err(syntax) => map.diagnostics = syntax,
    }
}

fn weather(node: &Node, problems: &mut Problems) -> Option<i64> {
    let mut keys = node.fields(problems)?;
    let fresh = keys.required("fresh", problems).and_then(|node| node.duration_ms(problems));
    keys.finish(problems);
    fresh
}

fn presence(node: &Node, problems: &mut Problems) -> Option<Presence> {
    let mut keys = node.fields(problems)?;
    let settle_ms = duration(&mut keys, "settle", problems);
    let margin = keys.optional("margin", problems).and_then(|node| metres(node, problems));
    let away_after_ms = duration(&mut keys, "away_after", problems);
    keys.finish(problems);
    Some(Presence { settle_ms: settle_ms.unwrap_or(0), margin: margin.unwrap_or(0.0), away_after_ms })
}

fn metres(node: &Node, problems: &mut Problems) -> Option<f64> {
    let metres = node.double(problems)?;
    if metres < 0.0 {
        problems.push(Diagnostic::error("out-of-range", node.span, "a margin is not below 0 metres"));
    }
    Some(metres)
}

fn policy(node: &Node, has_channels: bool, problems: &mut Problems) -> Option<Policy> {
    let mut keys = node.fields(problems)?;
    let consent = [("assumed", Consent::Assumed), ("required", Consent::Required)];
    let consent = keys.optional("consent", problems).and_then(|node| node.word(&consent, problems));
    let per_day = keys.optional("offers_per_day", problems);
    let per_day = per_day.and_then(|node| node.int_in(0..=i64::from(u32::MAX), problems));
    let min_gap_ms = duration(&mut keys, "min_gap", problems);
    let quiet_hours = keys.optional("quiet_hours", problems).and_then(|node| quiet_hours(node, problems));
    let channels = keys.optional("channels", problems);
    if let Some(node) = channels.filter(|_| has_channels) {
        let problem = Diagnostic::error("duplicate", node.span, "the venue's `channels` say this already");
        problems.push(problem.with_help("keep one of the two lists"));
    }
    let channels = words("channel", channels, problems).into_names();
    keys.finish(problems);
    Some(Policy {
        consent: consent.unwrap_or_default(),
        offers_per_day: per_day.and_then(|count| u32::try_from(count).ok()),
        min_gap_ms: min_gap_ms.unwrap_or(0),
        quiet_hours,
        channels,
    })
}

fn duration(keys: &mut Fields<'_>, key: &'static str, problems: &mut Problems) -> Option<i64> {
    keys.optional(key, problems)?.duration_ms(problems)
}

fn quiet_hours(node: &Node, problems: &mut Problems) -> Option<(u32, u32)> {
    let mut keys = node.fields(problems)?;
    let from = keys.required("from", problems).and_then(|node| time_of_day(node, problems));
    let to = keys.required("to", problems).and_then(|node| time_of_day(node, problems));
    keys.finish(problems);
    Some((from?, to?))
}

/// `22:00` as milliseconds since local midnight.
fn time_of_day(node: &Node, problems: &mut Problems) -> Option<u32> {
    let text = node.text(problems)?;
    let number = |digits: &str, below: u32| {
        let plain = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.parse().ok().filter(|value| plain && *value < below)
    };
    let time = text.split_once(':').and_then(|(hour, minute)| {
        let (hour, minute): (u32, u32) = (number(hour, 24)?, number(minute, 60)?);
        Some((hour * 60 + minute) * 60_000)
    });
    if time.is_none() {
        let problem = Diagnostic::error("bad-time", node.span, format!("`{text}` is not a time of day"));
        problems.push(problem.with_help("write hours and minutes: `\"08:30\"`"));
    }
    time
}
