//! What a play expects against what came: the first departure with its line, and both sides in rows.
//!
//! What leaves a journey is compared one by one and in order; pages and silences are looked up at their time.
//! Next: `trial`, which shows a failing play.

use std::cmp::Ordering;

use turnpage_journeys_expr::{Diagnostic, Span};

use super::{Emission, Expected, Play, Transcript, WallTime, What};

/// Pairs compared to set both sides side by side: a thousand expectations against a thousand happenings.
const CELLS_MAX: usize = 1 << 20;

/// How a play went.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judgement {
    /// Where it first departs from what is expected; nothing when it passes.
    pub departure: Option<Departure>,
    /// Both sides, in order of time.
    pub rows: Vec<Row>,
}

/// The first place where a play departs from what it expects.
#[derive(Debug, Clone, PartialEq)]
pub struct Departure {
    /// When.
    pub at: WallTime,
    /// When what was expected, or what came instead, was later than that.
    pub later: Option<WallTime>,
    /// What to tell the author, at the line that failed.
    pub diagnostic: Diagnostic,
}

/// One thing expected, one that came, or both where they agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// When.
    pub at: WallTime,
    /// What the play expects here.
    pub expected: Option<String>,
    /// What came here.
    pub came: Option<String>,
}

/// Compares a play with its transcript.
pub fn judge(play: &Play, transcript: &Transcript) -> Judgement {
    let came: Vec<Emission> = transcript.emissions().collect();
    let (lookups, sequence): (Vec<&Expected>, Vec<&Expected>) =
        play.then.iter().partition(|expected| matches!(expected.what, What::Page(_) | What::Nothing));
    let mut departure = first_departure(play, &sequence, &came);
    let mut rows = align(&sequence, &came);
    for expected in lookups {
        let found = look_up(expected, transcript, &came);
        let wanted = shown(&expected.what, None);
        let row = Row { at: expected.at, expected: Some(wanted.clone()), came: Some(found.clone()) };
        let place = rows.partition_point(|row| row.at <= expected.at);
        rows.insert(place, row);
        if found != wanted && departure.as_ref().is_none_or(|first| expected.at < first.at) {
            let message =
                format!("expected {} at {}, but {}", expected.what, expected.at, because(expected, &found));
            departure = Some(Departure::new(expected.at, expected.span, message));
        }
    }
    Judgement { departure, rows }
}

impl Judgement {
    /// Whether everything came as expected.
    pub fn passed(&self) -> bool {
        self.departure.is_none()
    }
}

impl Row {
    /// Whether both sides say the same.
    pub fn agrees(&self) -> bool {
        self.expected == self.came
    }
}

impl Departure {
    fn new(at: WallTime, span: Span, message: String) -> Self {
        Self { at, later: None, diagnostic: Diagnostic::error("play", span, message) }
    }
}

/// The first expectation that is not met, or the first thing nobody expected.
fn first_departure(play: &Play, sequence: &[&Expected], came: &[Emission]) -> Option<Departure> {
    for (place, expected) in sequence.iter().enumerate() {
        let found = came.get(place);
        if found.is_some_and(|found| meets(expected, found)) {
            continue;
        }
        let wanted = format!("expected {} at {}", expected.what, expected.at);
        let Some(found) = found else {
            return Some(Departure::new(
                expected.at,
                expected.span,
                format!("{wanted}, but nothing more came"),
            ));
        };
        if (found.at, &found.what) == (expected.at, &expected.what)
            && let (Some(said), Some(wanted)) = (&found.text, &expected.text)
        {
            let message = format!("{} says `{said}`, not `{}`", found.what, wanted.value);
            return Some(Departure::new(expected.at, wanted.span, message));
        }
        let message = format!("{wanted}, but {} came at {}", found.what, found.at);
        let (first, later) = (expected.at.min(found.at), expected.at.max(found.at));
        let departure = Departure::new(first, expected.span, message);
        return Some(Departure { later: Some(later).filter(|later| *later != first), ..departure });
    }
    came.get(sequence.len()).map(|Emission { at, what, .. }| {
        let message = format!("{what} came at {at}, and nothing was expected any more");
        Departure::new(*at, play.title.span, message)
    })
}

fn meets(expected: &Expected, came: &Emission) -> bool {
    let says = expected.text.as_ref().is_none_or(|text| came.text.as_ref() == Some(&text.value));
    expected.at == came.at && expected.what == came.what && says
}

/// What stands at the time of an expectation that is looked up, in the words of [`shown`].
fn look_up(expected: &Expected, transcript: &Transcript, came: &[Emission]) -> String {
    match expected.what {
        What::Nothing => came
            .iter()
            .find(|emission| emission.at == expected.at)
            .map_or_else(|| shown(&What::Nothing, None), |emission| shown(&emission.what, None)),
        _ => transcript
            .page(expected.at)
            .map_or_else(|| "no page".to_owned(), |page| shown(&What::Page(page.to_owned()), None)),
    }
}

fn because(expected: &Expected, found: &str) -> String {
    match &expected.what {
        What::Nothing => format!("{found} came"),
        _ => match found.strip_prefix("page ") {
            Some(page) => format!("the subject is on `{page}`"),
            None => "the subject is on no page".to_owned(),
        },
    }
}

/// Pairs both sides in order, keeping together as much as agrees: the longest common subsequence.
fn align(sequence: &[&Expected], came: &[Emission]) -> Vec<Row> {
    let common = Common::of(sequence, came);
    let (mut i, mut j, mut rows) = (0, 0, Vec::new());
    loop {
        let (expected, found) = (sequence.get(i), came.get(j));
        let expected_first = match (expected, found) {
            (None, None) => return rows,
            (Some(expected), Some(found)) if meets(expected, found) => {
                let text = shown(&found.what, expected.text.as_ref().map(|text| text.value.as_str()));
                rows.push(Row { at: found.at, expected: Some(text.clone()), came: Some(text) });
                (i, j) = (i + 1, j + 1);
                continue;
            }
            (Some(expected), Some(found)) => match common.at(i + 1, j).cmp(&common.at(i, j + 1)) {
                Ordering::Greater => true,
                Ordering::Less => false,
                Ordering::Equal => expected.at <= found.at,
            },
            (expected, _) => expected.is_some(),
        };
        if let (true, Some(expected)) = (expected_first, expected) {
            let text = shown(&expected.what, expected.text.as_ref().map(|text| text.value.as_str()));
            rows.push(Row { at: expected.at, expected: Some(text), came: None });
            i += 1;
        } else if let Some(found) = found {
            let text = shown(&found.what, found.text.as_deref());
            rows.push(Row { at: found.at, expected: None, came: Some(text) });
            j += 1;
        }
    }
}

/// How much of both sides agrees from each pair of places on.
struct Common {
    cells: Vec<u32>,
    columns: usize,
}

impl Common {
    /// Beyond [`CELLS_MAX`] nothing is counted, and the sides are merged by time alone.
    fn of(sequence: &[&Expected], came: &[Emission]) -> Self {
        let columns = came.len() + 1;
        let size = columns.saturating_mul(sequence.len() + 1);
        let mut common = Self { cells: vec![0; if size > CELLS_MAX { 0 } else { size }], columns };
        for (i, expected) in sequence.iter().enumerate().rev() {
            for (j, found) in came.iter().enumerate().rev() {
                let best = if meets(expected, found) {
                    common.at(i + 1, j + 1) + 1
                } else {
                    common.at(i + 1, j).max(common.at(i, j + 1))
                };
                if let Some(cell) = common.cells.get_mut(i * columns + j) {
                    *cell = best;
                }
            }
            if common.cells.is_empty() {
                break;
            }
        }
        common
    }

    fn at(&self, i: usize, j: usize) -> u32 {
        self.cells.get(i * self.columns + j).copied().unwrap_or_default()
    }
}

/// As a play file would say it.
fn shown(what: &What, text: Option<&str>) -> String {
    let shown = match what {
        What::Offer(name) => format!("offer {name}"),
        What::Outcome(name, outcome) => format!("outcome {name}.{}", outcome.name()),
        What::Dispatch(role) => format!("dispatch {role}"),
        What::Ticket => "ticket".to_owned(),
        What::Breach(page) => format!("breach {page}"),
        What::Page(page) => format!("page {page}"),
        What::Nothing => "nothing".to_owned(),
    };
    match text {
        Some(text) => format!("{shown}: {text}"),
        None => shown,
    }
}
