//! `venue.yaml` to a sound [`Venue`], or to everything that is wrong with it.
//!
//! Here are the keys and how they refer to each other; the map's polygons are read in geojson.rs, lists of things in
//! parts.rs. Knows texts, not files: whoever calls has loaded them. Next: schema.rs.

use turnpage_journeys_document::{Fields, Node, parse};
use turnpage_journeys_expr::{Diagnostic, Severity, Span};

use super::parts::{Names, Parts, WORDS_MAX, level};
use super::receivers;
use super::{
    Auction, FileProblems, Level, Presence, SourceFile, Venue, about, auction, clock, geojson, policy, pools,
};
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

    let (policy, channels) = (keys.optional("policy", problems), keys.optional("channels", problems));
    let policy = policy::read(policy, channels, keys.optional("purposes", problems), problems);
    let mut parts = Parts::new(&kinds, &levels, &policy.channels);
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
    let facts = keys.optional("facts", problems).map(|node| about::facts(node, problems)).unwrap_or_default();
    let kinds_of_roles = about::subjects(keys.optional("subjects", problems), &roles, problems);
    let segments = keys.optional("segments", problems);
    let pools = keys.optional("pools", problems);
    let auction = keys.optional("auction", problems);
    keys.finish(problems);

    let (zones, nodes, signals) = parts.finish();
    let pools = pools.map(|node| pools::pools(node, &signals, problems)).unwrap_or_default();
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
        policy,
        pools,
        auction: Auction::default(),
        facts,
        segments: Vec::new(),
        kinds_of_roles,
    };
    // Guards are read against a venue that is otherwise sound, or each problem would come back from them.
    let segments = segments.filter(|_| problems.is_empty());
    let segments = segments.map(|node| about::segments(node, &venue, problems)).unwrap_or_default();
    let venue = Venue { segments, ..venue };
    let auction = auction.filter(|_| problems.is_empty());
    let auction = auction.map(|node| auction::read(node, &venue, problems)).unwrap_or_default();
    Some(Venue { auction, ..venue })
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
pub(super) fn words<'a>(what: &'static str, node: Option<&'a Node>, problems: &mut Problems) -> Names<'a> {
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

fn duration(keys: &mut Fields<'_>, key: &'static str, problems: &mut Problems) -> Option<i64> {
    keys.optional(key, problems)?.duration_ms(problems)
}
