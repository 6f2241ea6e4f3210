//! What walks found, in words and as plays. Before: `shrink`. Next: the command line prints it.

use std::fmt::Write as _;

use turnpage_journeys_document::write_duration;
use turnpage_journeys_engine::{Limit, Spanned};
use turnpage_journeys_expr::Span;

use super::property::{Law, Property};
use super::shrink::{Shrunk, shrink};
use super::walk::Trouble;
use super::{Explored, Grounds, Seen};
use crate::play::{Expected, Play, Plays, What, run, write};

/// Something that is wrong, or that never happened.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What kind of thing it is.
    pub problem: Problem,
    /// In words.
    pub message: String,
    /// Where it is written: in the journey's text, or of a property in its play file.
    pub span: Span,
    /// The smallest play found that shows it, of what can be shown.
    pub play: Option<Plays>,
    /// The play expects what should come instead, so that it fails until the journey is mended. A property of pages and
    /// variables alone has nothing that a play could expect: its play passes, and tells the story.
    pub fails: bool,
}

/// Kinds of findings, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// A property of the play file does not hold.
    BrokenProperty,
    /// An offer without a limit comes again and again.
    Spam,
    /// Nobody entered a page.
    PageNeverReached,
    /// Nobody left a page that is no end.
    DeadEnd,
    /// An offer was never made.
    OfferNeverMade,
    /// A choice was never taken.
    ChoiceNeverTaken,
}

impl Problem {
    /// As programs read it.
    pub fn code(self) -> &'static str {
        match self {
            Self::BrokenProperty => "broken-property",
            Self::Spam => "spam",
            Self::PageNeverReached => "page-never-reached",
            Self::DeadEnd => "dead-end",
            Self::OfferNeverMade => "offer-never-made",
            Self::ChoiceNeverTaken => "choice-never-taken",
        }
    }
}

/// Everything that is worth telling of what was seen.
pub(super) fn of(grounds: &Grounds<'_>, seen: Seen) -> Explored {
    let mut findings = Vec::new();
    for (trouble, (given, beats)) in &seen.troubles {
        let small = shrink(grounds, trouble, given.clone(), beats.clone());
        findings.extend(told(grounds, trouble, &small));
    }
    let never = |problem, message, span| Finding { problem, message, span, play: None, fails: false };
    let reached = seen.coverage.journeys.iter().find(|reached| reached.journey == grounds.of.value);
    let pages = reached.map_or(&[][..], |reached| &reached.pages);
    for (page, written) in pages.iter().zip(&grounds.definition.pages) {
        let (name, span) = (&written.name.value, written.name.span);
        if !page.entered {
            let message = format!("nobody enters the page `{name}`");
            findings.push(never(Problem::PageNeverReached, message, span));
            continue;
        }
        let several = grounds.definition.pages.len() > 1 && !written.choices.is_empty();
        if several && !seen.sight.left.contains(name) {
            let message = format!("nobody leaves the page `{name}`, which is no end: it has choices");
            findings.push(never(Problem::DeadEnd, message, span));
        }
        for (choice, written) in page.choices.iter().zip(&written.choices) {
            if !choice.taken {
                let message = format!("on `{name}`, nobody takes: {}", choice.says);
                findings.push(never(Problem::ChoiceNeverTaken, message, written.span));
            }
        }
    }
    for offer in &grounds.definition.offers {
        if !seen.sight.offers.contains(&offer.name.value) {
            let message = format!("the offer `{}` is never made", offer.name.value);
            findings.push(never(Problem::OfferNeverMade, message, offer.name.span));
        }
    }
    findings.sort_by_key(|finding| finding.problem);
    Explored { journey: grounds.of.value.clone(), walks: seen.walks, states: seen.states, findings }
}

fn told(grounds: &Grounds<'_>, trouble: &Trouble, small: &Shrunk) -> Option<Finding> {
    let (problem, message, span) = match trouble {
        Trouble::Law(ix) => {
            let property = grounds.properties.properties.get(*ix)?;
            (Problem::BrokenProperty, format!("does not hold: {property}"), property.span)
        }
        Trouble::Spam(offer) => {
            let often = grounds.spam_per_hour;
            let message =
                format!("the offer `{offer}` has no limit and comes more than {often} times an hour");
            let written = grounds.definition.offers.iter().find(|written| written.name.value == *offer);
            (Problem::Spam, message, written.map_or(Span::default(), |written| written.name.span))
        }
    };
    let (play, fails) = play(grounds, trouble, small, &message);
    let plays = Plays { of: grounds.of.clone(), plays: vec![play] };
    Some(Finding { problem, message, span, play: Some(plays), fails })
}

/// The play, expecting what came but for what should not have, and whether there is such a thing.
fn play(grounds: &Grounds<'_>, trouble: &Trouble, small: &Shrunk, title: &str) -> (Play, bool) {
    let mut play = Play {
        title: Spanned::from(title.to_owned()),
        given: small.given.clone(),
        when: small.beats.clone(),
        until: small.until.map(Spanned::from),
        then: Vec::new(),
    };
    let bench = grounds.bench;
    let Ok(transcript) = run(bench.library, bench.stage, &grounds.of, &play) else { return (play, false) };
    let expected = |at, what| Expected { span: Span::default(), at, what, text: None };
    play.then = transcript.emissions().map(|emission| expected(emission.at, emission.what)).collect();
    let wrong = |then: &Expected| then.at == small.at && is_wrong(grounds, trouble, &then.what);
    let last = play.then.iter().rposition(wrong);
    let mut fails = last.is_some();
    last.map(|last| play.then.remove(last));
    if let Trouble::Law(ix) = trouble
        && let Some(Law::Eventually { pages, offer, .. }) =
            grounds.properties.properties.get(*ix).map(|property| &property.law)
    {
        let page = pages.first().map(|page| What::Page(page.value.clone()));
        let offer = offer.as_ref().map(|offer| What::Offer(offer.value.clone()));
        play.then.extend(page.or(offer).map(|what| expected(small.at, what)));
        play.then.sort_by_key(|then| then.at);
        fails = true;
    }
    (play, fails)
}

/// Whether this is what should not have come.
fn is_wrong(grounds: &Grounds<'_>, trouble: &Trouble, what: &What) -> bool {
    let law = match trouble {
        Trouble::Spam(offer) => return matches!(what, What::Offer(made) if made == offer),
        Trouble::Law(ix) => grounds.properties.properties.get(*ix).map(|property| &property.law),
    };
    match (law, what) {
        (Some(Law::AtMost { offer, .. }), What::Offer(made)) => *made == offer.value,
        (Some(Law::Always(guard) | Law::Never(guard)), What::Offer(_)) => guard.value.contains("offer"),
        (Some(Law::Always(guard) | Law::Never(guard)), What::Outcome(..)) => guard.value.contains("outcome"),
        _ => false,
    }
}

/// What was found, for people.
pub fn tell(explored: &Explored) -> String {
    let Explored { journey, walks, states, findings } = explored;
    let count = match findings.len() {
        0 => "nothing found".to_owned(),
        1 => "1 finding".to_owned(),
        more => format!("{more} findings"),
    };
    let mut text = format!("{journey}: {count} in {walks} walks and {states} states\n");
    for finding in findings {
        // A string takes everything: writing to it cannot fail.
        let _ = writeln!(text, "\n  {}: {}", finding.problem.code(), finding.message);
        let written = finding.play.as_ref().map(write).unwrap_or_default();
        // The journey is named above.
        for line in written.lines().skip(2) {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

impl std::fmt::Display for Property {
    /// As it is written.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.law {
            Law::Always(guard) => write!(f, "always {}", guard.value),
            Law::Never(guard) => write!(f, "never {}", guard.value),
            Law::Eventually { after, pages, offer, within_ms } => {
                write!(f, "eventually")?;
                let pages: Vec<&str> = pages.iter().map(|page| page.value.as_str()).collect();
                if !pages.is_empty() {
                    write!(f, " {}", pages.join(" or "))?;
                }
                if let Some(offer) = offer {
                    write!(f, " {}the offer {}", if pages.is_empty() { "" } else { "or " }, offer.value)?;
                }
                write!(f, " within {}", write_duration(*within_ms))?;
                after.as_ref().map_or(Ok(()), |after| write!(f, " after {}", after.value))
            }
            Law::AtMost { offer, times } => match times {
                Limit::PerDay { count } => write!(f, "at most {count} {} per day", offer.value),
                Limit::PerWindow { count, window_ms } => {
                    write!(f, "at most {count} {} per {}", offer.value, write_duration(*window_ms))
                }
            },
        }
    }
}
