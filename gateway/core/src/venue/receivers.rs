//! Receivers of other systems, and how what they hear becomes a zone: the venue's lists `receivers` and `radio`.
//!
//! Plain data and its reading. Calibration is here and not at the source, because it belongs to the place: a receiver
//! behind a pillar is as deaf to one system as to another. Before: read.rs. Next: enrich/radio.rs, which weighs them.

use std::collections::BTreeSet;

use turnpage_journeys_document::{Fields, Node};
use turnpage_journeys_expr::Diagnostic;

use super::Mount;
use super::map::Map;
use super::parts::Parts;
use crate::event::Heard;
use crate::id::ReceiverName;

/// Receivers of one venue: each subject's state names some of them.
const RECEIVERS_MAX: usize = 4_096;
/// Decibels that a receiver may be off: beyond it is broken, or the number is a misprint.
const OFFSET_MAX: f64 = 60.0;
/// Strengths and distances that a radio can measure; anything else is no measurement.
const DBM: std::ops::RangeInclusive<f64> = -150.0..=30.0;
const METRES: std::ops::RangeInclusive<f64> = 0.0..=10_000.0;
/// Nearer than this, a distance is as good as at the receiver, and its logarithm stays finite.
const METRES_MIN: f64 = 0.1;

/// A receiver of another system.
#[derive(Clone, PartialEq, Debug)]
pub struct Receiver {
    /// What that system calls it.
    pub name: ReceiverName,
    /// Where it is.
    pub mount: Mount,
    /// Decibels that are added to what it hears.
    pub offset_db: f64,
}

/// How what receivers hear becomes a zone.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Radio {
    /// Receptions count less the older they are: by `e` after so many milliseconds.
    pub smooth_ms: i64,
    /// Decibels by which another zone must be nearer.
    pub margin_db: f64,
    /// A receiver that heard nothing for so many milliseconds, while others did, has no say.
    pub silence_ms: i64,
    /// Decibels a second that a receiver loses while it hears nothing and others do.
    pub fade_db_s: f64,
    /// What a device gives at one metre, in dBm, where nobody knows.
    pub one_metre_dbm: f64,
    /// Decibels for each factor of ten in distance, divided by ten: 2 in the open, 3 and more between walls.
    pub path_loss: f64,
}

impl Default for Radio {
    /// What enrich/radio/README.md found to be a good trade between flapping and being late.
    fn default() -> Self {
        Self {
            smooth_ms: 10_000,
            margin_db: 5.0,
            silence_ms: 30_000,
            fade_db_s: 0.3,
            // What iBeacons are calibrated to give, by and large.
            one_metre_dbm: -59.0,
            path_loss: 2.5,
        }
    }
}

impl Radio {
    /// How near a subject was, in decibels below what it gives at one metre (log-distance path loss); `None` when nobody
    /// can have measured that. Receivers agree on it, whatever they measure.
    pub(crate) fn nearness(&self, heard: Heard, receiver: &Receiver) -> Option<f64> {
        let nearness = match heard {
            Heard::Dbm { dbm, at_one_metre } => {
                let at_one_metre = at_one_metre.unwrap_or(self.one_metre_dbm);
                (DBM.contains(&dbm) && DBM.contains(&at_one_metre)).then_some(dbm - at_one_metre)?
            }
            Heard::Metres(metres) => {
                let metres = METRES.contains(&metres).then_some(metres.max(METRES_MIN))?;
                -10.0 * self.path_loss * libm::log10(metres)
            }
        };
        Some(nearness + receiver.offset_db)
    }
}

impl Parts<'_> {
    /// The list `receivers`.
    pub(super) fn receivers(&self, node: &Node, problems: &mut Vec<Diagnostic>) -> Vec<Receiver> {
        let items = node.list(problems).unwrap_or_default();
        if items.len() > RECEIVERS_MAX {
            let message = format!("{} receivers; a venue has at most {RECEIVERS_MAX}", items.len());
            problems.push(Diagnostic::error("too-many", node.span, message));
            return Vec::new();
        }
        let map = Map::of(&self.zones, 0);
        let (mut names, mut receivers) = (BTreeSet::new(), Vec::new());
        for item in items {
            let Some(mut keys) = item.fields(problems) else { continue };
            let name = keys.required("name", problems).and_then(|node| name(node, &mut names, problems));
            let mount = self.mount(&mut keys, &map, problems);
            let offset = decibels(&mut keys, "offset", -OFFSET_MAX..=OFFSET_MAX, problems);
            keys.finish(problems);
            if let (Some(name), Some(mount)) = (name, mount) {
                receivers.push(Receiver { name, mount, offset_db: offset.unwrap_or(0.0) });
            }
        }
        receivers
    }
}

fn name(
    node: &Node,
    seen: &mut BTreeSet<ReceiverName>,
    problems: &mut Vec<Diagnostic>,
) -> Option<ReceiverName> {
    let text = node.text(problems)?;
    let Some(name) = ReceiverName::new(text) else {
        let problem =
            Diagnostic::error("bad-name", node.span, format!("`{text}` cannot be a receiver's name"));
        problems.push(problem.with_help("1 to 64 letters, digits, `_`, `.` or `-`"));
        return None;
    };
    if !seen.insert(name.clone()) {
        problems.push(Diagnostic::error("duplicate", node.span, format!("receiver `{text}` is there twice")));
    }
    Some(name)
}

/// The map `radio`.
pub(super) fn radio(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Radio> {
    let mut keys = node.fields(problems)?;
    let usual = Radio::default();
    let mut ms = |key, usual: i64, problems: &mut Vec<Diagnostic>| {
        let ms = keys.optional(key, problems).and_then(|node| node.duration_ms(problems));
        ms.unwrap_or(usual)
    };
    let (smooth_ms, silence_ms) =
        (ms("smooth", usual.smooth_ms, problems), ms("silence", usual.silence_ms, problems));
    let mut number = |key, bounds, usual: f64, problems: &mut Vec<Diagnostic>| {
        decibels(&mut keys, key, bounds, problems).unwrap_or(usual)
    };
    let radio = Radio {
        smooth_ms,
        margin_db: number("margin", 0.0..=OFFSET_MAX, usual.margin_db, problems),
        silence_ms,
        fade_db_s: number("fade", 0.0..=OFFSET_MAX, usual.fade_db_s, problems),
        one_metre_dbm: number("one_metre", DBM, usual.one_metre_dbm, problems),
        path_loss: number("path_loss", 1.0..=10.0, usual.path_loss, problems),
    };
    keys.finish(problems);
    Some(radio)
}

fn decibels(
    keys: &mut Fields<'_>,
    key: &'static str,
    bounds: std::ops::RangeInclusive<f64>,
    problems: &mut Vec<Diagnostic>,
) -> Option<f64> {
    let node = keys.optional(key, problems)?;
    let value = node.double(problems)?;
    if bounds.contains(&value) {
        return Some(value);
    }
    let message = format!("`{value}` is not between {} and {}", bounds.start(), bounds.end());
    problems.push(Diagnostic::error("out-of-range", node.span, message));
    None
}
