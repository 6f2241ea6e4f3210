//! What can be said of a guard for every instant at once.
//!
//! Whatever a guard compares with constants is cut at those constants: between two of them no comparison changes, so one
//! value of each piece stands for all of it, and going through the pieces goes through everything that can be. What is
//! not such a comparison (sums, a fact against a fact) is taken for a truth that may be anything. So a guard that never holds
//! in here never holds outside; one that might in here need not.
//!
//! Next: `reason/ranges`, what types say; `reason/cells`, the pieces; `reason/truth`, guards over them.

mod cells;
mod ranges;
mod truth;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use self::cells::Cells;
pub(crate) use self::ranges::{Ranges, ranges};
use crate::typed::{Term, Typed};
use crate::types::Type;

/// Most cases looked at for one question: some milliseconds. Past it nothing is claimed.
const CASES_MAX: usize = 40_000;

/// What holds of a guard at every instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds whenever what it reads is known, and the reason, which names what it reads.
    Always(String),
    /// It holds at no instant, and the reason.
    Never(String),
    /// Neither, or nothing that was found.
    Sometimes,
}

pub(crate) fn verdict(guard: &Typed, text: &str, ranges: &Ranges) -> Verdict {
    if guard.ty != Type::Bool {
        return Verdict::Sometimes;
    }
    let Some(seen) = seen(guard, ranges) else { return Verdict::Sometimes };
    match seen {
        (false, _) => Verdict::Never(why(guard, text, ranges, false)),
        (_, false) => Verdict::Always(why(guard, text, ranges, true)),
        _ => Verdict::Sometimes,
    }
}

/// Whether a guard can be true, and whether it can be false.
fn seen(guard: &Typed, ranges: &Ranges) -> Option<(bool, bool)> {
    let cells = Cells::of(&[guard], ranges);
    let (mut can_hold, mut can_fail) = (false, false);
    let whole = cells.each(CASES_MAX, |case| {
        match case.truth(0) {
            Some(true) => can_hold = true,
            Some(false) => can_fail = true,
            None => {}
        }
        !(can_hold && can_fail)
    });
    whole.then_some((can_hold, can_fail))
}

/// Whether one of `others` is true whenever `guard` is.
pub(crate) fn covers(guard: &Typed, others: &[&Typed], ranges: &Ranges) -> bool {
    let mut all: Vec<&Typed> = others.to_vec();
    all.push(guard);
    let cells = Cells::of(&all, ranges);
    let mut covered = true;
    let whole = cells.each(CASES_MAX, |case| {
        if case.truth(others.len()) == Some(true) {
            covered = (0..others.len()).any(|other| case.truth(other) == Some(true));
        }
        covered
    });
    if whole {
        return covered;
    }
    // Too many to look at together: one alone may do.
    others.len() > 1 && others.iter().any(|other| covers(guard, &[other], ranges))
}

/// Whether two guards can be true together, as far as can be seen.
pub(crate) fn meet(one: &Typed, other: &Typed, ranges: &Ranges) -> bool {
    let cells = Cells::of(&[one, other], ranges);
    let mut together = false;
    let whole = cells.each(CASES_MAX, |case| {
        together = case.truth(0) == Some(true) && case.truth(1) == Some(true);
        !together
    });
    together || !whole
}

/// The smallest part of a guard that decides it already, in words.
fn why(guard: &Typed, text: &str, ranges: &Ranges, always: bool) -> String {
    let mut parts = Vec::new();
    flatten(guard, always, &mut parts);
    let decided = |part: &Typed| match seen(part, ranges) {
        Some((holds, fails)) => {
            if always {
                !fails
            } else {
                !holds
            }
        }
        None => false,
    };
    let quoted = |part: &Typed| format!("`{}`", part.span.slice(text).unwrap_or_default().trim());
    let ending = if always { "always holds" } else { "never holds" };
    if let Some(part) = parts.iter().find(|part| decided(part)) {
        return match range_of(part, text, ranges) {
            Some(range) => format!("{} {ending}: {range}", quoted(part)),
            None if names(part, text).is_empty() => format!("{} {ending}: it is constant", quoted(part)),
            None => format!("{} {ending}, whatever {}", quoted(part), listed(&names(part, text))),
        };
    }
    for (at, one) in parts.iter().enumerate() {
        for other in parts.iter().skip(at + 1) {
            let span = one.span.to(other.span);
            let join = if always { Typed::any } else { Typed::all };
            let both = join(span, alloc::vec![(*one).clone(), (*other).clone()]);
            if decided(&both) {
                let names = listed(&names(&both, text));
                let (one, other) = (quoted(one), quoted(other));
                return if always {
                    format!("{one} or {other} holds whatever {names}")
                } else {
                    format!("{one} and {other} never hold together, whatever {names}")
                };
            }
        }
    }
    let names = listed(&names(guard, text));
    format!("it {ending}, whatever {names}")
}

/// The bounds of the one fact that a comparison reads, in words.
fn range_of(part: &Typed, text: &str, ranges: &Ranges) -> Option<String> {
    let Term::Compare(_, left, right) = &part.term else { return None };
    let fact = match (&left.term, &right.term) {
        (_, Term::Const(_)) => left,
        (Term::Const(_), _) => right,
        _ => return None,
    };
    let Term::Fact(slot) = fact.term else { return None };
    let (_, range) = ranges.iter().find(|(known, _)| *known == slot)?;
    Some(format!("`{}` is {}", fact.span.slice(text)?, range.words()))
}

/// The operands of a chain of `&&` (of `||` where that is asked), in the order written.
fn flatten<'a>(typed: &'a Typed, or: bool, parts: &mut Vec<&'a Typed>) {
    match (&typed.term, or) {
        (Term::And(left, right), false) | (Term::Or(left, right), true) => {
            flatten(left, or, parts);
            flatten(right, or, parts);
        }
        _ => parts.push(typed),
    }
}

/// What an expression reads, as it was written, each once.
fn names(typed: &Typed, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    gather(typed, text, &mut found);
    found
}

fn gather(typed: &Typed, text: &str, found: &mut Vec<String>) {
    let inner = typed.term.inner();
    if inner.is_empty() && !matches!(typed.term, Term::Const(_) | Term::Text(_)) {
        let whole = typed.span.slice(text).unwrap_or_default();
        let asked = whole.strip_prefix("has(").and_then(|inside| inside.strip_suffix(')'));
        let name =
            if matches!(typed.term, Term::Between(..)) { "time.local" } else { asked.unwrap_or(whole) };
        if !found.iter().any(|known| known == name) {
            found.push(name.into());
        }
    }
    inner.into_iter().for_each(|inner| gather(inner, text, found));
}

/// What is read, with its verb.
fn listed(names: &[String]) -> String {
    match names {
        [] => "anything is".into(),
        [one] => format!("`{one}` is"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and `{last}` are", first.join(", "))
        }
    }
}
