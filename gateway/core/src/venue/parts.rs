//! The venue's lists while they are being read: zones, nodes and signals that refer to each other by name.
//!
//! Remembers names to find duplicates and to suggest what was meant. Before: read.rs and geojson.rs. Next: map.rs.

use std::collections::{BTreeMap, BTreeSet};

use turnpage_journeys_document::{Fields, Node};
use turnpage_journeys_expr::{Diagnostic, Span, Unit};

use super::map::{Map, Spot};
use super::{Level, Mount, Node as VenueNode, Signal, Zone};
use crate::id::{NodeId, NodeName, ZoneIx, ZoneName};

/// Nodes of one venue: each has a mark, a key and a line on the console.
const NODES_MAX: usize = 65_536;
/// Signals of one venue: each is a fact, and a schema has a bounded number of them.
const SIGNALS_MAX: usize = 1_024;
/// Longest bound on a node's lateness: a day's journeys are over then, and beyond twice that nothing is admitted.
const LATE_MS_MAX: i64 = 24 * 3_600_000;
/// Words of one list (kinds, roles, channels): each kind is two facts.
pub(super) const WORDS_MAX: usize = 128;
/// A signal is forgotten after this, where the venue does not say.
const SIGNAL_FRESH_MS: i64 = 3_600_000;

type Problems = Vec<Diagnostic>;

/// Distinct words of one list, in the order written.
#[derive(Debug)]
pub(super) struct Names<'a> {
    what: &'static str,
    names: Vec<&'a str>,
    max: usize,
}

impl<'a> Names<'a> {
    pub(super) fn new(what: &'static str, max: usize) -> Self {
        Self { what, names: Vec::new(), max }
    }

    pub(super) fn declare(&mut self, node: &'a Node, problems: &mut Problems) {
        let Some(text) = node.text(problems) else { return };
        let what = self.what;
        if !turnpage_firmware_wire::topic::is_name(text) {
            let problem = Diagnostic::error("bad-name", node.span, format!("`{text}` cannot be a {what}"));
            problems.push(problem.with_help("1 to 32 letters, digits, `_`, `.` or `-`"));
        } else if self.names.contains(&text) {
            problems.push(Diagnostic::error(
                "duplicate",
                node.span,
                format!("{what} `{text}` is there twice"),
            ));
        } else if self.names.len() == self.max {
            let message = format!("a venue has at most {} of these", self.max);
            problems.push(Diagnostic::error("too-many", node.span, message));
        } else {
            self.names.push(text);
        }
    }

    /// The place of a name in the list.
    pub(super) fn resolve(&self, node: &Node, problems: &mut Problems) -> Option<usize> {
        let text = node.text(problems)?;
        let found = self.names.iter().position(|name| *name == text);
        if found.is_none() {
            problems.push(unknown(self.what, text, node.span, self.names.iter().copied()));
        }
        found
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn into_names(self) -> Vec<String> {
        self.names.into_iter().map(str::to_owned).collect()
    }
}

pub(super) fn unknown<'a>(
    what: &str,
    text: &str,
    span: Span,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Diagnostic {
    Diagnostic::error("unknown-name", span, format!("unknown {what} `{text}`")).suggesting(text, known)
}

/// Zones, nodes and signals as far as they have been read.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    kinds: &'a Names<'a>,
    levels: &'a [Level],
    channels: &'a [String],
    pub(super) zones: Vec<Zone>,
    zone_ids: BTreeMap<ZoneName, ZoneIx>,
    nodes: Vec<VenueNode>,
    signals: Vec<Signal>,
}

/// What describes a zone, in `venue.yaml` and in a feature's properties alike.
pub(super) struct ZoneKeys {
    id: Option<(ZoneName, Span)>,
    title: Option<String>,
    kind: Option<usize>,
    outdoor: bool,
    level: i16,
    channel: Option<usize>,
}

impl<'a> Parts<'a> {
    pub(super) fn new(kinds: &'a Names<'a>, levels: &'a [Level], channels: &'a [String]) -> Self {
        let (zones, zone_ids) = (Vec::new(), BTreeMap::new());
        Self { kinds, levels, channels, zones, zone_ids, nodes: Vec::new(), signals: Vec::new() }
    }

    /// The list `zones` of `venue.yaml`.
    pub(super) fn zones(&mut self, node: &Node, problems: &mut Problems) {
        for item in node.list(problems).unwrap_or_default() {
            let Some(mut keys) = item.fields(problems) else { continue };
            let zone = self.zone_keys(&mut keys, problems);
            keys.finish(problems);
            self.add_zone(zone, None, problems);
        }
    }

    /// The keys that describe a zone. Reads all of them, so that all problems come at once.
    pub(super) fn zone_keys(&self, keys: &mut Fields<'_>, problems: &mut Problems) -> ZoneKeys {
        let id = keys.required("id", problems).and_then(|node| {
            let text = node.text(problems)?;
            let name = ZoneName::new(text);
            if name.is_none() {
                let problem =
                    Diagnostic::error("bad-name", node.span, format!("`{text}` cannot be a zone's id"));
                problems.push(problem.with_help("1 to 64 letters, digits, `_`, `.` or `-`"));
            }
            name.map(|name| (name, node.span))
        });
        let title = keys.optional("title", problems).and_then(|node| node.text(problems));
        let kind = keys.required("kind", problems).and_then(|node| self.kinds.resolve(node, problems));
        let outdoor = keys.optional("outdoor", problems).and_then(|node| node.bool(problems));
        let level = keys.optional("level", problems).and_then(|node| self.storey(node, problems));
        let channel = keys.optional("channel", problems).and_then(|node| self.channel(node, problems));
        ZoneKeys {
            id,
            title: title.map(str::to_owned),
            kind,
            outdoor: outdoor.unwrap_or(false),
            level: level.unwrap_or(0),
            channel,
        }
    }

    /// A channel that somebody may be present on.
    fn channel(&self, node: &Node, problems: &mut Problems) -> Option<usize> {
        let text = node.text(problems)?;
        let found = self.channels.iter().position(|channel| channel == text);
        if found.is_none() {
            problems.push(unknown("channel", text, node.span, self.channels.iter().map(String::as_str)));
        }
        found
    }

    /// Adds a zone if enough of it could be read.
    pub(super) fn add_zone(
        &mut self,
        keys: ZoneKeys,
        shape: Option<geo::MultiPolygon<f64>>,
        problems: &mut Problems,
    ) {
        let Some((id, span)) = keys.id else { return };
        if self.zone_ids.contains_key(&id) {
            let message = format!("zone `{id}` is there twice");
            let help = "a zone is either on the map or in `zones`";
            problems.push(Diagnostic::error("duplicate", span, message).with_help(help));
            return;
        }
        // A bound on the number of zones is checked by the reader; beyond 16 bits nothing is kept at all.
        let Ok(ix) = u16::try_from(self.zones.len()) else { return };
        self.zone_ids.insert(id.clone(), ZoneIx(ix));
        let title = keys.title.unwrap_or_else(|| id.to_string());
        // A kind that could not be read has been reported, so this venue is never used.
        let kind = keys.kind.unwrap_or(0);
        let ZoneKeys { outdoor, level, channel, .. } = keys;
        self.zones.push(Zone { id, title, kind, outdoor, level, channel, shape });
    }

    /// The list `nodes`.
    pub(super) fn nodes(&mut self, node: &Node, problems: &mut Problems) {
        let items = node.list(problems).unwrap_or_default();
        if items.len() > NODES_MAX {
            let message = format!("{} nodes; a venue has at most {NODES_MAX}", items.len());
            problems.push(Diagnostic::error("too-many", node.span, message));
            return;
        }
        let map = Map::of(&self.zones, 0);
        let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
        for item in items {
            let Some(mut keys) = item.fields(problems) else { continue };
            let id = keys.required("id", problems).and_then(|node| {
                let id = node.int_in(0..=i64::from(u32::MAX), problems)?;
                once(&mut ids, "node", id, node.span, problems)?;
                u32::try_from(id).ok()
            });
            let name = keys.required("name", problems).and_then(|node| {
                let text = node.text(problems)?;
                let name = NodeName::new(text);
                if name.is_none() {
                    let problem = format!("`{text}` cannot be a node's name");
                    let help = "1 to 32 letters, digits, `_`, `.` or `-`: it is a level of topics";
                    problems.push(Diagnostic::error("bad-name", node.span, problem).with_help(help));
                }
                once(&mut names, "node", text.to_owned(), node.span, problems)?;
                name
            });
            let mount = self.mount(&mut keys, &map, problems);
            let (badge, weather) =
                keys.required("senses", problems).map_or((false, false), |node| senses(node, problems));
            let late_ms = keys.optional("late", problems).and_then(|node| late(node, problems));
            let channel = keys.optional("channel", problems).and_then(|node| self.channel(node, problems));
            keys.finish(problems);
            if let (Some(id), Some(name), Some(mount)) = (id, name, mount) {
                self.nodes.push(VenueNode { id: NodeId(id), name, mount, badge, weather, channel, late_ms });
            }
        }
    }

    pub(super) fn mount(&self, keys: &mut Fields<'_>, map: &Map, problems: &mut Problems) -> Option<Mount> {
        let zone = keys.optional("zone", problems).map(|node| (node, self.zone(node, problems)));
        let mut degrees = |key, bound: f64, problems: &mut Problems| {
            let node = keys.optional(key, problems)?;
            let value = node.double(problems)?;
            if value.abs() > bound {
                let message = format!("`{value}` is not between -{bound} and {bound} degrees");
                problems.push(Diagnostic::error("out-of-range", node.span, message));
            }
            Some(value)
        };
        let (lon, lat) = (degrees("lon", 180.0, problems), degrees("lat", 90.0, problems));
        let storey = keys.optional("level", problems).and_then(|node| self.storey(node, problems));
        match (zone, lon, lat) {
            (Some((_, zone)), None, None) => zone.map(Mount::Zone),
            (None, Some(lon), Some(lat)) => {
                let zone = map.locate(&Spot { lon, lat, level: storey });
                Some(Mount::Point { lon, lat, level: storey.unwrap_or(0), zone })
            }
            _ => {
                let message = "it is mounted in a `zone`, or at `lon` and `lat`";
                problems.push(Diagnostic::error("bad-mount", keys.anchor(), message));
                None
            }
        }
    }

    /// The list `signals`.
    pub(super) fn signals(&mut self, node: &Node, problems: &mut Problems) {
        let items = node.list(problems).unwrap_or_default();
        if items.len() > SIGNALS_MAX {
            let message = format!("{} signals; a venue has at most {SIGNALS_MAX}", items.len());
            problems.push(Diagnostic::error("too-many", node.span, message));
            return;
        }
        let units: Vec<_> = Unit::ALL.map(|unit| (unit.word(), unit)).to_vec();
        let mut names = Names::new("signal", SIGNALS_MAX);
        let mut queues = BTreeSet::new();
        for item in items {
            let Some(mut keys) = item.fields(problems) else { continue };
            let name = keys.required("name", problems);
            if let Some(name) = name {
                names.declare(name, problems);
            }
            let unit = keys
                .optional("unit", problems)
                .and_then(|node| node.word(&units, problems).map(|unit| (node.span, unit)));
            let fresh = keys.optional("fresh", problems).and_then(|node| node.duration_ms(problems));
            let queue_of = keys.optional("queue_of", problems).and_then(|node| {
                let zone = self.zone(node, problems)?;
                once(&mut queues, "queue of zone", node.text(problems)?, node.span, problems).map(|()| zone)
            });
            keys.finish(problems);
            if let (Some((span, unit)), Some(_)) = (unit, queue_of)
                && unit != Unit::Minute
            {
                let problem = Diagnostic::error("bad-unit", span, "a queue is measured in minutes");
                problems.push(problem.with_help("write `unit: minutes`, or leave it out"));
            }
            let unit = queue_of.map(|_| Unit::Minute).or(unit.map(|(_, unit)| unit));
            let Some(name) = name.and_then(|node| node.scalar()) else { continue };
            let fresh_ms = fresh.unwrap_or(SIGNAL_FRESH_MS);
            self.signals.push(Signal { name: name.text().to_owned(), unit, fresh_ms, queue_of });
        }
    }

    fn zone(&self, node: &Node, problems: &mut Problems) -> Option<ZoneIx> {
        let text = node.text(problems)?;
        let found = self.zone_ids.get(text).copied();
        if found.is_none() {
            problems.push(unknown("zone", text, node.span, self.zone_ids.keys().map(ZoneName::as_str)));
        }
        found
    }

    fn storey(&self, node: &Node, problems: &mut Problems) -> Option<i16> {
        let level = level(node, problems)?;
        if !self.levels.iter().any(|known| known.level == level) {
            let problem = Diagnostic::error("unknown-name", node.span, format!("unknown level {level}"));
            problems.push(problem.with_help("declare it under `levels`"));
        }
        Some(level)
    }

    pub(super) fn finish(self) -> (Vec<Zone>, Vec<VenueNode>, Vec<Signal>) {
        (self.zones, self.nodes, self.signals)
    }
}

/// A storey's number. The wire has eight bits for it.
pub(super) fn level(node: &Node, problems: &mut Problems) -> Option<i16> {
    node.int_in(-128..=127, problems).and_then(|level| i16::try_from(level).ok())
}

/// How late what a node observed may come.
fn late(node: &Node, problems: &mut Problems) -> Option<i64> {
    let late_ms = node.duration_ms(problems)?;
    if late_ms > LATE_MS_MAX {
        let message = "what a node observed may come at most `24h` late and still be acted on";
        problems.push(Diagnostic::error("out-of-range", node.span, message));
    }
    Some(late_ms)
}

fn senses(node: &Node, problems: &mut Problems) -> (bool, bool) {
    let (mut badge, mut weather) = (false, false);
    for item in node.list(problems).unwrap_or_default() {
        match item.word(&[("badge", true), ("weather", false)], problems) {
            Some(true) => badge = true,
            Some(false) => weather = true,
            None => {}
        }
    }
    (badge, weather)
}

/// Remembers a key; the second time is a problem.
fn once<K: Ord + std::fmt::Display>(
    seen: &mut BTreeSet<K>,
    what: &str,
    key: K,
    span: Span,
    problems: &mut Problems,
) -> Option<()> {
    if seen.contains(&key) {
        problems.push(Diagnostic::error("duplicate", span, format!("{what} `{key}` is there twice")));
        return None;
    }
    seen.insert(key);
    Some(())
}
