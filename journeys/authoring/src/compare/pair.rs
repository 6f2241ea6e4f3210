//! Which choice of an old page is which of the new one.
//!
//! Alike in all they say first, then those that differ in one thing: the guard, what they do, what they wait for. A page has at
//! most some hundreds of choices, so each is looked at with each.

use turnpage_journeys_engine::{AlternativeDef, ChoiceDef, Spanned, WordingDef};

use crate::script::{condition, consequence, one_line};

/// The choices of two versions of a page.
#[derive(Debug, Default)]
pub(super) struct Pairs<'a, 'b> {
    /// Alike but for the guard.
    pub(super) guards: Vec<(&'a ChoiceDef, &'b ChoiceDef)>,
    /// Alike but for what they do.
    pub(super) does: Vec<(&'a ChoiceDef, &'b ChoiceDef)>,
    /// Alike in what they do alone.
    pub(super) waits: Vec<(&'a ChoiceDef, &'b ChoiceDef)>,
    pub(super) new: Vec<&'b ChoiceDef>,
    pub(super) gone: Vec<&'a ChoiceDef>,
    /// Alike, and after a choice now that came after it.
    pub(super) moved: Vec<&'b ChoiceDef>,
}

/// What a choice says, in three parts.
struct Said {
    waits: String,
    guard: String,
    does: String,
}

pub(super) fn pairs<'a, 'b>(was: &'a [ChoiceDef], is: &'b [ChoiceDef]) -> Pairs<'a, 'b> {
    let mut old: Vec<Option<(usize, &'a ChoiceDef, Said)>> =
        was.iter().enumerate().map(|(at, choice)| Some((at, choice, Said::of(choice)))).collect();
    let mut new: Vec<Option<(&'b ChoiceDef, Said)>> =
        is.iter().map(|choice| Some((choice, Said::of(choice)))).collect();
    let mut pairs = Pairs::default();
    let mut last = 0;
    for (at, _, choice) in
        take(&mut old, &mut new, |a, b| a.guard == b.guard && a.waits == b.waits && a.does == b.does)
    {
        if at < last {
            pairs.moved.push(choice);
        }
        last = last.max(at);
    }
    let alike = |found: Vec<(usize, &'a ChoiceDef, &'b ChoiceDef)>| {
        found.into_iter().map(|(_, old, new)| (old, new)).collect()
    };
    pairs.guards = alike(take(&mut old, &mut new, |a, b| a.waits == b.waits && a.does == b.does));
    pairs.does = alike(take(&mut old, &mut new, |a, b| a.waits == b.waits && a.guard == b.guard));
    pairs.waits = alike(take(&mut old, &mut new, |a, b| a.does == b.does));
    pairs.new = new.into_iter().flatten().map(|(choice, _)| choice).collect();
    pairs.gone = old.into_iter().flatten().map(|(_, choice, _)| choice).collect();
    pairs
}

/// Takes out what is alike, each new choice with the first old one.
fn take<'a, 'b>(
    old: &mut [Option<(usize, &'a ChoiceDef, Said)>],
    new: &mut [Option<(&'b ChoiceDef, Said)>],
    alike: impl Fn(&Said, &Said) -> bool,
) -> Vec<(usize, &'a ChoiceDef, &'b ChoiceDef)> {
    let mut found = Vec::new();
    for slot in new {
        let Some((choice, said)) = &slot else { continue };
        let same = old.iter_mut().find(|old| old.as_ref().is_some_and(|(_, _, was)| alike(was, said)));
        if let Some((at, was, _)) = same.and_then(Option::take) {
            found.push((at, was, *choice));
            *slot = None;
        }
    }
    found
}

impl Said {
    fn of(choice: &ChoiceDef) -> Self {
        let bare = ChoiceDef { when: None, ..choice.clone() };
        Self { waits: condition(&bare), guard: guard(choice), does: does(choice) }
    }
}

/// The guard in one line; empty where there is none.
pub(super) fn guard(choice: &ChoiceDef) -> String {
    choice.when.as_ref().map(|when| one_line(&when.value)).unwrap_or_default()
}

/// Everything a choice does, with all values and words.
fn does(choice: &ChoiceDef) -> String {
    let mut all = vec![consequence(choice), assigned(&choice.set), assigned(&choice.remember)];
    all.push(copies(&choice.label));
    all.push(copies(&choice.ticket));
    all.extend(choice.dispatch.as_ref().map(|dispatch| copies(&dispatch.task)));
    all.extend(choice.alternatives.iter().map(alternative));
    all.join("|")
}

fn alternative(alternative: &AlternativeDef) -> String {
    let page = alternative.turn_to.as_ref().map_or("", |page| page.value.as_str());
    format!("{}>{page}: {}", alternative.offer.value, assigned(&alternative.set))
}

/// `rides = rides + 1, worst = place.queue`.
pub(super) fn assigned(values: &[(Spanned<String>, Spanned<String>)]) -> String {
    let one = |(name, value): &(Spanned<String>, Spanned<String>)| {
        format!("{} = {}", name.value, one_line(&value.value))
    };
    values.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn copies(copies: &[WordingDef]) -> String {
    let one = |copy: &WordingDef| {
        format!("{}/{}: {}", copy.language, copy.channel.as_deref().unwrap_or_default(), copy.text.value)
    };
    copies.iter().map(one).collect::<Vec<_>>().join("; ")
}
