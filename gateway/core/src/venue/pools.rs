//! What there is only so much of: the venue's `pools`, of which an offer may hold a unit while it stands.
//!
//! Plain data and its reading. Before: read.rs. Next: plan/pool.rs, which counts what is held and used.

use turnpage_journeys_document::{Content, Entry, Node};
use turnpage_journeys_expr::Diagnostic;

use super::Signal;
use super::parts::unknown;

/// Pools of one venue: each is a line in reports, and a journey names some of them.
const POOLS_MAX: usize = 64;
/// Units of one pool: each that is held is remembered, so this bounds memory whatever a signal says.
pub(crate) const POOL_SIZE_MAX: u32 = 10_000;

type Problems = Vec<Diagnostic>;

/// Something of which there is only so much: seats, cups, places in a queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pool {
    /// Its name, as offers say it in `hold`.
    pub name: String,
    /// How many units there are.
    pub size: Size,
    /// When a unit that was taken comes back.
    pub back: Back,
}

/// How many units a pool has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    /// Always so many.
    Fixed(u32),
    /// As many as are left by this signal, a place in [`super::Venue::signals`]; none while that is unknown.
    Left(usize),
}

/// When a unit that was taken comes back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Back {
    /// After so many milliseconds.
    After(i64),
    /// With the venue's next date.
    NextDay,
    /// When the signal that says what is left is measured anew.
    Told,
}

/// The map `pools`: `{ cups: { size: 40, back: 10m }, tables: { left: tables-free } }`
pub(super) fn pools(node: &Node, signals: &[Signal], problems: &mut Problems) -> Vec<Pool> {
    let entries = node.entries(problems).unwrap_or_default();
    if entries.len() > POOLS_MAX {
        let message = format!("{} pools; a venue has at most {POOLS_MAX}", entries.len());
        problems.push(Diagnostic::error("too-many", node.span, message));
        return Vec::new();
    }
    entries.iter().filter_map(|entry| pool(entry, signals, problems)).collect()
}

fn pool(entry: &Entry, signals: &[Signal], problems: &mut Problems) -> Option<Pool> {
    let name = entry.key.text();
    if !turnpage_firmware_wire::topic::is_name(name) {
        let problem = Diagnostic::error("bad-name", entry.key_span, format!("`{name}` cannot be a pool"));
        problems.push(problem.with_help("1 to 32 letters, digits, `_`, `.` or `-`"));
    }
    let mut keys = entry.value.fields(problems)?;
    let size = keys.optional("size", problems);
    let left = keys.optional("left", problems);
    let back = keys.optional("back", problems);
    let anchor = keys.anchor();
    keys.finish(problems);
    let size = match (size, left) {
        (Some(node), None) => {
            let size = node.int_in(1..=i64::from(POOL_SIZE_MAX), problems)?;
            Size::Fixed(u32::try_from(size).ok()?)
        }
        (None, Some(node)) => Size::Left(signal(node, signals, problems)?),
        _ => {
            let problem = format!("pool `{name}` has either a `size`, or a signal that says what is `left`");
            let problem = Diagnostic::error("bad-pool", anchor, problem);
            problems.push(problem.with_help("write `size: 20`, or `left: cups-left`"));
            return None;
        }
    };
    let back = match (back, size) {
        (Some(node), _) => self::back(node, problems)?,
        (None, Size::Fixed(_)) => Back::NextDay,
        (None, Size::Left(_)) => Back::Told,
    };
    Some(Pool { name: name.to_owned(), size, back })
}

fn signal(node: &Node, signals: &[Signal], problems: &mut Problems) -> Option<usize> {
    let text = node.text(problems)?;
    let found = signals.iter().position(|signal| signal.name == text);
    if found.is_none() {
        let known = signals.iter().map(|signal| signal.name.as_str());
        problems.push(unknown("signal", text, node.span, known));
    }
    found
}

/// `15m`, or `next day`
fn back(node: &Node, problems: &mut Problems) -> Option<Back> {
    if matches!(&node.value, Content::Scalar(word) if word.text() == "next day") {
        return Some(Back::NextDay);
    }
    let back = node.duration_ms(problems)?;
    if back == 0 {
        let problem =
            Diagnostic::error("out-of-range", node.span, "a unit that comes back at once is never taken");
        problems.push(problem.with_help("write how long it is in use: `back: 15m`, or `back: next day`"));
    }
    Some(Back::After(back))
}
