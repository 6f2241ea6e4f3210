//! Teaching, resetting and explaining what learning journeys know.
//!
//! An engine knows what its own subjects did; whoever runs several of them, or has records of earlier seasons,
//! sums that up and teaches it. What is taught is no state of a subject: it is given again after a restart.

use super::{Engine, Error};
use crate::effect::Weighed;
use crate::id::{ChoiceIx, JourneyIx, OfferIx, PageIx, SubjectIx};
use crate::instances::Own;
use crate::learn::{self, Tally};
use crate::library::{Journey, Learn};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

impl Engine {
    /// Sets what is known about the alternatives of a choice beside what each instance counted itself, in place of
    /// what was taught before. Who sums up this engine's own subjects counts each of them a second time for itself.
    ///
    /// # Errors
    /// The choice has no alternatives, or not as many.
    pub fn teach(
        &mut self,
        journey: JourneyIx,
        page: PageIx,
        choice: ChoiceIx,
        tallies: &[Tally],
    ) -> Result<(), Error> {
        let (_, learn, numbers) = self.alternatives(journey, page, choice).ok_or(Error::Teach)?;
        if numbers.len() != tallies.len() {
            return Err(Error::Teach);
        }
        let taught = learn.first + numbers.start..learn.first + numbers.end;
        let taught = self.chooser.taught.get_mut(taught).ok_or(Error::Teach)?;
        taught.copy_from_slice(tallies);
        Ok(())
    }

    /// What all instances counted themselves about the alternatives of a choice, together. Looks at every subject.
    pub fn tallies(&self, journey: JourneyIx, page: PageIx, choice: ChoiceIx) -> Vec<Tally> {
        let Some((journey, learn, numbers)) = self.alternatives(journey, page, choice) else {
            return Vec::new();
        };
        let mut tallies = vec![Tally::default(); numbers.len()];
        for subject in self.subjects.all(journey.subject) {
            let Some(instance) = self.instances.instance(subject, journey) else { continue };
            for (tally, number) in tallies.iter_mut().zip(numbers.clone()) {
                *tally = tally.with(learn.own(instance.words, number));
            }
        }
        tallies
    }

    /// Forgets what a journey learned and was taught. Gives the subjects whose state changed and needs saving.
    pub fn reset(&mut self, ix: JourneyIx) -> Vec<SubjectIx> {
        let Some(journey) = self.library.journey(ix) else { return Vec::new() };
        let Some(learn) = &journey.learn else { return Vec::new() };
        if let Some(taught) = self.chooser.taught.get_mut(learn.first..learn.first + learn.arms.len()) {
            taught.fill(Tally::default());
        }
        if let Some(pooled) = &mut self.chooser.pooled {
            pooled.insert(ix);
        }
        let mut changed = Vec::new();
        for subject in self.subjects.all(journey.subject) {
            let Some(Own { words, .. }) = self.instances.own(subject, journey) else { continue };
            let mut knew = false;
            for number in 0..learn.arms.len() {
                knew |= learn.own(words, number) != Tally::default();
                learn.set_own(words, number, Tally::default());
            }
            changed.extend(knew.then_some(subject));
        }
        changed
    }

    /// What is believed now about the alternatives of a choice for a subject, and how probable each is, were all
    /// within their limits. Nothing when it has none. Why one *was* chosen is in its step's `weighings`.
    pub fn explain(
        &self,
        subject: SubjectIx,
        journey: JourneyIx,
        page: PageIx,
        choice: ChoiceIx,
    ) -> Option<Vec<Weighed>> {
        let (journey, learn, numbers) = self.alternatives(journey, page, choice)?;
        let instance = self.instances.instance(subject, journey)?;
        let offers: Vec<(OfferIx, bool)> =
            learn.arms.get(numbers.clone())?.iter().map(|arm| (arm.offer, true)).collect();
        let tallies = self.chooser.tallies(learn, instance.words, numbers.start, numbers.len());
        Some(learn::weigh(learn, &offers, &tallies))
    }

    /// The numbers of a choice's alternatives among those of its journey.
    fn alternatives(
        &self,
        journey: JourneyIx,
        page: PageIx,
        choice: ChoiceIx,
    ) -> Option<(&Journey, &Learn, Range<usize>)> {
        let journey = self.library.journey(journey)?;
        let learn = journey.learn.as_ref()?;
        let mut numbers = (learn.arms.iter().enumerate())
            .filter(|(_, arm)| (arm.page, arm.choice) == (page, choice))
            .map(|(number, _)| number);
        let first = numbers.next()?;
        Some((journey, learn, first..first + 1 + numbers.count()))
    }
}
