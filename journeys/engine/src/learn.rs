//! Learning: which alternative of a choice is taken, and what its outcomes teach.
//!
//! Thompson sampling: each alternative's rate of success has a beta distribution made of what was counted; one draw
//! from each, and the largest wins. A floor keeps every alternative alive, a hold-out keeps something to compare
//! with. What was counted is the instance's own, in its words, and what was taught from outside. What authors may
//! write is `compile/learn.rs`; randomness is `learn/dice.rs`, chances `learn/chance.rs`. Next: `turn.rs`.

mod chance;
mod dice;

use crate::effect::{ChosenBy, Effect, Weighed, Weighing};
use crate::graph::Outcome;
use crate::id::{ChoiceIx, JourneyIx, OfferIx, PageIx};
use crate::instances;
use crate::library::{Alternatives, Journey, Learn};
use crate::limits;
use crate::turn::Turn;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
pub(crate) use dice::Bowl;

/// How often an alternative worked, and how often it did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Its offer was accepted.
    pub successes: u32,
    /// Its offer was declined, or expired.
    pub failures: u32,
}

impl Tally {
    /// Both, in one word of an instance.
    pub(crate) fn word(self) -> i64 {
        (u64::from(self.successes) << 32 | u64::from(self.failures)) as i64
    }

    pub(crate) fn of(word: i64) -> Tally {
        Tally { successes: (word as u64 >> 32) as u32, failures: word as u32 }
    }

    /// Both counts together.
    #[must_use]
    pub fn with(self, other: Tally) -> Tally {
        Tally {
            successes: self.successes.saturating_add(other.successes),
            failures: self.failures.saturating_add(other.failures),
        }
    }

    /// As evidence: more than enough counts as enough, in the same proportion.
    fn evidence(self) -> (f64, f64) {
        let (successes, failures) = (f64::from(self.successes), f64::from(self.failures));
        let scale = (EVIDENCE_MAX / (successes + failures).max(1.0)).min(1.0);
        (successes * scale, failures * scale)
    }

    /// The mean of what is believed about its rate of success.
    fn mean(self) -> f64 {
        let (successes, failures) = self.evidence();
        (1.0 + successes) / (2.0 + successes + failures)
    }
}

/// Outcomes that count for one alternative: by then it is known to a third of a percent, and what works may still
/// change.
const EVIDENCE_MAX: f64 = 20_000.0;
const MILLION: f64 = 1_000_000.0;

/// What an engine knows about learning beside its instances.
#[derive(Clone, Debug)]
pub(crate) struct Chooser {
    pub(crate) bowl: Bowl,
    /// By the library's numbers of alternatives.
    pub(crate) taught: Vec<Tally>,
    /// Journeys of which more was learned, where what one subject teaches all know.
    pub(crate) pooled: Option<BTreeSet<JourneyIx>>,
}

impl Learn {
    /// What was counted in an instance's words for its alternative of a number.
    pub(crate) fn own(&self, words: &[i64], number: usize) -> Tally {
        words.get(self.words + number).copied().map(Tally::of).unwrap_or_default()
    }

    pub(crate) fn set_own(&self, words: &mut [i64], number: usize, tally: Tally) {
        if let Some(word) = words.get_mut(self.words + number) {
            *word = tally.word();
        }
    }

    /// The alternative that made an offer last, if one did.
    pub(crate) fn made_by(&self, words: &[i64], offer: OfferIx) -> Option<usize> {
        let word = words.get(self.words + self.arms.len() + offer.index())?;
        usize::try_from(*word).ok()?.checked_sub(1)
    }

    pub(crate) fn set_made_by(&self, words: &mut [i64], offer: OfferIx, number: Option<usize>) {
        if let Some(word) = words.get_mut(self.words + self.arms.len() + offer.index()) {
            *word = number.map_or(0, |number| number as i64 + 1);
        }
    }
}

impl Chooser {
    pub(crate) fn new(seed: u64, arms: usize) -> Self {
        Chooser { bowl: Bowl::new(seed), taught: vec![Tally::default(); arms], pooled: None }
    }

    /// What is believed about some alternatives of a journey: own and taught together.
    pub(crate) fn tallies(&self, learn: &Learn, words: &[i64], first: usize, len: usize) -> Vec<Tally> {
        let taught = |number: usize| self.taught.get(learn.first + number).copied().unwrap_or_default();
        (first..first + len).map(|number| learn.own(words, number).with(taught(number))).collect()
    }

    pub(crate) fn is_held_out(&self, learn: &Learn, subject: &[u8], journey: &Journey) -> bool {
        self.bowl.lot(subject, &journey.name) < learn.hold_out
    }
}

/// Alternatives with what is believed of them, and the chance of each that is open.
pub(crate) fn weigh(learn: &Learn, offers: &[(OfferIx, bool)], tallies: &[Tally]) -> Vec<Weighed> {
    let open: Vec<(f64, f64)> = (offers.iter().zip(tallies))
        .filter(|((_, open), _)| *open)
        .map(|(_, tally)| tally.evidence())
        .collect();
    let mut chances = chance::largest(&open).into_iter();
    let even = 1.0 / open.len().max(1) as f64;
    (offers.iter().zip(tallies))
        .map(|((offer, open), tally)| {
            let best = if *open { chances.next() } else { None };
            let chance = best.map_or(0.0, |best| learn.floor * even + (1.0 - learn.floor) * best);
            let chance_ppm = libm::round(chance * MILLION) as u32;
            Weighed { offer: *offer, open: *open, tally: *tally, mean: tally.mean(), draw: None, chance_ppm }
        })
        .collect()
}

impl Turn<'_> {
    /// Which alternative is taken, told as `Chose`; nothing when each is closed by its limit. [14.2 to 14.5]
    pub(crate) fn choose(&mut self, of: &Alternatives, page: PageIx, choice: ChoiceIx) -> Option<usize> {
        let journey = self.journey;
        let learn = journey.learn.as_ref()?;
        let open = |offer: OfferIx| {
            let entry = journey.offer(offer);
            entry.is_some_and(|o| limits::allows(o, self.words, self.moment.at, self.moment.local))
        };
        let offers: Vec<(OfferIx, bool)> = of.all.iter().map(|a| (a.offer, open(a.offer))).collect();
        let subject = self.subjects.bytes(self.moment.subject);
        let tallies = self.chooser.tallies(learn, self.words, of.first, of.all.len());
        let mut weighed = weigh(learn, &offers, &tallies);
        let held_out = self.chooser.is_held_out(learn, subject, journey);
        // The step that is being taken, and that is counted once it is.
        let step = instances::steps(self.words).wrapping_add(1);
        let mut dice = self.chooser.bowl.dice(subject, &journey.name, step);
        let (chosen, by) = if held_out {
            (weighed.iter().position(|first| first.open).filter(|first| *first == 0), ChosenBy::HoldOut)
        } else if dice.uniform() < learn.floor {
            (even(&weighed, dice.uniform()), ChosenBy::Floor)
        } else {
            (largest(&mut weighed, &mut dice), ChosenBy::Learned)
        };
        let offer = of.all.first()?.offer;
        let Some(chosen) = chosen else {
            self.step.effects.push(Effect::Limit { journey: self.ix, page, choice, offer });
            return None;
        };
        if self.held {
            self.step.effects.push(Effect::Held { journey: self.ix, page, choice, offer });
            return None;
        }
        let chance_ppm = match by {
            ChosenBy::HoldOut => MILLION as u32,
            _ => weighed.get(chosen).map_or(0, |chosen| chosen.chance_ppm),
        };
        let (journey, alternative) = (self.ix, chosen as u16);
        self.step.effects.push(Effect::Chose { journey, page, choice, alternative, by, chance_ppm });
        self.step.weighings.push(Weighing { journey, page, choice, alternative, by, alternatives: weighed });
        Some(chosen)
    }

    /// Remembers which alternative made an offer, so that its outcome counts for it.
    pub(crate) fn made_by(&mut self, offer: OfferIx, number: Option<usize>) {
        if let Some(learn) = &self.journey.learn {
            learn.set_made_by(self.words, offer, number);
        }
    }

    /// An outcome that settles an offer counts for the alternative that made it. [14.6, 14.10]
    pub(crate) fn count_outcome(&mut self, offer: OfferIx, outcome: Outcome) {
        let Some(learn) = &self.journey.learn else { return };
        let Some(number) = learn.made_by(self.words, offer) else { return };
        let counted = match outcome {
            Outcome::Accepted => Tally { successes: 1, failures: 0 },
            Outcome::Declined | Outcome::Expired => Tally { successes: 0, failures: 1 },
            Outcome::Delivered | Outcome::Seen | Outcome::Clicked | Outcome::Withheld => return,
        };
        let tally = learn.own(self.words, number).with(counted);
        learn.set_own(self.words, number, tally);
        let Chooser { taught, pooled, .. } = &mut *self.chooser;
        if let (Some(changed), Some(taught)) = (pooled, taught.get_mut(learn.first + number)) {
            *taught = taught.with(counted);
            changed.insert(self.ix);
        }
    }
}

/// One of the open alternatives, each as likely as the other.
fn even(weighed: &[Weighed], lot: f64) -> Option<usize> {
    let open: Vec<usize> = (0..weighed.len()).filter(|ix| weighed.get(*ix).is_some_and(|w| w.open)).collect();
    let nth = (lot * open.len() as f64) as usize;
    open.get(nth.min(open.len().saturating_sub(1))).copied()
}

/// Draws for every open alternative; the largest wins, of equal ones the first.
fn largest(weighed: &mut [Weighed], dice: &mut dice::Dice) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (ix, alternative) in weighed.iter_mut().enumerate().filter(|(_, alternative)| alternative.open) {
        let (successes, failures) = alternative.tally.evidence();
        let draw = dice.beta(1.0 + successes, 1.0 + failures);
        alternative.draw = Some(draw);
        if best.is_none_or(|(_, best)| draw > best) {
            best = Some((ix, draw));
        }
    }
    best.map(|(ix, _)| ix)
}
