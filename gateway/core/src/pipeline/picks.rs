//! What a subject may pick on a kiosk or in an app, and what it picks.
//!
//! The list is told again whenever it has changed, after the step that changed it. It is a picture of the state and not
//! part of it: a restart tells it anew. Before: the step in pipeline.rs. Next: batch.rs.

use turnpage_journeys_engine::{
    ChoiceInfo, ChoiceIx, Event, Input, JourneyIx, PageIx, PickIn, SubjectIx, Wording,
};

use super::{Admission, Pipeline};
use crate::Timestamp;
use crate::batch::{Choices, Pickable, Reason};
use crate::id::{self, SubjectName};

impl Pipeline {
    /// A subject's pick. One of a page that was left meanwhile is heard and does nothing.
    pub(super) fn pick(
        &mut self,
        at: Timestamp,
        name: &SubjectName,
        (journey, page, pick): (&str, &str, &str),
        late: bool,
    ) -> Admission {
        let Some(ix) = self.find(name) else { return Admission::Dead(Reason::Unknown) };
        let Some(picked) = self.find_pick(journey, page, pick) else {
            return Admission::Dead(Reason::Unknown);
        };
        let Some(subject) = self.subject_mut(ix) else { return Admission::Dead(Reason::Unknown) };
        if !subject.about_mut().picked(at, id::hash(&format!("{journey}/{page}/{pick}"))) {
            return Admission::Duplicate;
        }
        self.touch(ix);
        if late {
            self.counters.late += 1;
            return Admission::Admitted;
        }
        let at = self.now;
        self.step(ix, |engine, facts, step| {
            engine.event(&Input { at, subject: ix, event: Event::Pick(picked), facts }, step);
        });
        Admission::Admitted
    }

    /// What every subject may pick from now, ascending by name: what a restart begins with.
    #[must_use]
    pub fn choices(&mut self) -> Vec<Choices> {
        if !self.has_picks {
            return Vec::new();
        }
        let known: Vec<_> = self.subjects.iter().flatten().flatten().map(|subject| subject.ix).collect();
        self.shown.clear();
        for ix in known {
            self.fill_facts(ix);
            self.show(ix);
        }
        let mut choices = std::mem::take(&mut self.batch.choices);
        choices.sort_by(|a, b| a.subject.cmp(&b.subject));
        choices
    }

    /// Tells what a subject may pick from, if that has changed. The facts are those of the step.
    pub(super) fn show(&mut self, ix: SubjectIx) {
        if !self.has_picks {
            return;
        }
        let Some(name) = self.subject(ix).map(|subject| subject.name.clone()) else { return };
        let picks = self.engine.picks(ix, self.now, &self.facts);
        let choices: Vec<_> = picks.iter().filter_map(|pick| self.pickable(ix, pick)).collect();
        let before = self.shown.get(&name).map(Vec::as_slice).unwrap_or_default();
        if before == choices {
            return;
        }
        if choices.is_empty() {
            self.shown.remove(&name);
        } else {
            self.shown.insert(name.clone(), choices.clone());
        }
        self.batch.choices.retain(|told| told.subject != name);
        self.batch.choices.push(Choices { subject: name, choices });
    }

    /// Nobody is there to pick any more.
    pub(super) fn hide(&mut self, name: &SubjectName) {
        if self.shown.remove(name).is_some() {
            self.batch.choices.retain(|told| told.subject != *name);
            self.batch.choices.push(Choices { subject: name.clone(), choices: Vec::new() });
        }
    }

    fn pickable(&self, ix: SubjectIx, pick: &PickIn) -> Option<Pickable> {
        let subject = self.subject(ix)?;
        let journey = self.library().journey(pick.journey)?;
        let page = journey.page(pick.page)?;
        let choice = journey.choice(pick.page, pick.choice)?;
        let name = choice.pick.clone()?;
        let label = Wording::pick(&choice.label, subject.language(), None);
        let label = label.map(|label| self.render(subject, pick.journey, label));
        Some(Pickable {
            journey: journey.name.clone(),
            page: page.name.clone(),
            label: label.unwrap_or_else(|| name.clone()),
            pick: name,
        })
    }

    fn find_pick(&self, journey: &str, page: &str, pick: &str) -> Option<PickIn> {
        let journey: JourneyIx = self.library().find(journey)?;
        let pages = self.library().journey(journey)?.pages();
        let at = pages.iter().position(|known| known.name == page)?;
        let is = |choice: &ChoiceInfo| choice.pick.as_deref() == Some(pick);
        let choice = pages.get(at)?.choices.iter().position(is)?;
        let (page, choice) = (PageIx(u16::try_from(at).ok()?), ChoiceIx(u16::try_from(choice).ok()?));
        Some(PickIn { journey, page, choice })
    }
}
