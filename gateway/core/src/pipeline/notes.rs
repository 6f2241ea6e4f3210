//! What a step did beside making offers, written down for people: calls for staff, tickets, passings, what stayed closed.
//!
//! A call for staff leaves through the outbox like an offer, to its role's topic, and is delivered at least once under its
//! id. A choice that stays closed for its limit or a mandated journey is told once an hour and not at every event, so that
//! the log does not grow with what does not happen. Before: offers.rs. Next: batch.rs.

use turnpage_journeys_engine::{
    ChoiceInfo, ChoiceIx, ChosenBy, Effect, JourneyIx, OfferIx, PageIx, SubjectIx, Wording,
};
use turnpage_journeys_expr::{Slot, Value};

use super::Pipeline;
use super::offers::WAIT_MS_MAX;
use crate::Timestamp;
use crate::batch::{Note, NoteRecord, Outgoing};
use crate::id::{self, OfferId};
use crate::live::NOTES_RECENT_MAX;
use crate::record;
use crate::subject::{Known, OfferMade};
use crate::venue::schema::FactKind;

/// A choice that stays closed is told again after this.
const AGAIN_MS: i64 = 3_600_000;

impl Pipeline {
    /// Writes down what an effect says, and does what it asks for.
    pub(super) fn write(&mut self, ix: SubjectIx, effect: &Effect) {
        let page_now = |journey| self.engine.page(ix, journey);
        let (page, note) = match *effect {
            Effect::Limit { journey, page, choice, offer } => {
                (Some(page), self.closed(ix, journey, (page, choice, offer), |offer| Note::Limit { offer }))
            }
            Effect::Held { journey, page, choice, offer } => {
                (Some(page), self.closed(ix, journey, (page, choice, offer), |offer| Note::Held { offer }))
            }
            Effect::Dispatch { journey, page, choice } => {
                (Some(page), self.dispatch(ix, journey, page, choice))
            }
            Effect::Ticket { journey, page, choice } => {
                let text = self.said(ix, journey, page, choice, |choice| &choice.ticket);
                (Some(page), text.map(|text| Note::Ticket { text }))
            }
            Effect::Remember { journey, fact, value } => (page_now(journey), self.remember(ix, fact, value)),
            Effect::Passed { page, evidence, .. } => {
                (Some(page), Some(Note::Passed { evidence: format!("{evidence:032x}") }))
            }
            Effect::Breach { page, .. } => (Some(page), Some(Note::Breach)),
            Effect::Strayed { page, .. } => (Some(page), Some(Note::Strayed)),
            Effect::Chose { page, alternative, by, chance_ppm, .. } => {
                let by = match by {
                    ChosenBy::HoldOut => "hold-out",
                    ChosenBy::Floor => "floor",
                    ChosenBy::Learned => "learned",
                };
                (Some(page), Some(Note::Chose { alternative, by: by.to_owned(), chance_ppm }))
            }
            Effect::Foretold { journey, reached } => (page_now(journey), Some(Note::Foretold { reached })),
            // What the pages do is the engine's to remember.
            _ => (None, None),
        };
        if let Some(note) = note {
            self.put_down(ix, effect.journey(), page, note);
        }
    }

    /// A choice that would have made an offer: news, unless it was told lately.
    fn closed(
        &mut self,
        ix: SubjectIx,
        journey: JourneyIx,
        (page, choice, offer): (PageIx, ChoiceIx, OfferIx),
        note: impl FnOnce(String) -> Note,
    ) -> Option<Note> {
        let declared = self.library().journey(journey)?;
        let note = note(declared.offer(offer)?.name.clone());
        let page = &declared.page(page)?.name;
        let what = id::hash(&format!("{}/{page}/{}/{}", declared.name, choice.0, note.word()));
        let now = self.now;
        let told = self.subject_mut(ix)?.about_mut().tell(what, now, AGAIN_MS);
        if told {
            self.touch(ix);
        }
        told.then_some(note)
    }

    /// Calls staff: a message of its own in the outbox.
    fn dispatch(
        &mut self,
        ix: SubjectIx,
        journey: JourneyIx,
        page: PageIx,
        choice: ChoiceIx,
    ) -> Option<Note> {
        let task = self.said(ix, journey, page, choice, |choice| {
            choice.dispatch.as_ref().map(|dispatch| dispatch.task.as_slice()).unwrap_or_default()
        })?;
        let declared = self.library().journey(journey)?;
        let role = declared.choice(page, choice)?.dispatch.as_ref()?.role.clone();
        let (journey, page) = (declared.name.clone(), declared.page(page)?.name.clone());
        let subject = self.subject(ix)?.name.clone();
        let made_at = self.now;
        // The count of steps tells two calls of one instant apart, and is the same whenever the log is read.
        let key = format!("{subject}/{journey}/{page}/{}/{}/{}", choice.0, made_at.0, self.counters.steps);
        let half = |salt: &str| u128::from(id::hash(&format!("{salt}{}/{key}", self.options.seed)));
        let id = OfferId(half("task ") << 64 | half("call "));
        let valid_until = Timestamp(made_at.0.saturating_add(WAIT_MS_MAX));
        let outgoing = Outgoing {
            id,
            subject,
            channel: format!("{}{role}", Outgoing::STAFF),
            journey,
            page,
            offer: String::new(),
            text: task.clone(),
            made_at,
            valid_until,
        };
        self.post(ix, OfferMade::task(id, valid_until), outgoing);
        Some(Note::Dispatch { id, role, task })
    }

    /// Sets a fact of the subject.
    fn remember(&mut self, ix: SubjectIx, fact: Slot, value: Value) -> Option<Note> {
        let Some(FactKind::Subject(place)) = self.asked.kind(fact) else { return None };
        let declared = self.asked.schema.at(fact)?;
        let shown = record::show(&self.asked.schema, declared.ty, value);
        let note = Note::Remembered { fact: declared.path.clone(), value: shown };
        let at = self.now;
        let facts = &mut self.subject_mut(ix)?.about_mut().facts;
        match value {
            Value::Unknown => drop(facts.remove(&place)),
            value => drop(facts.insert(place, Known { value, at })),
        }
        Some(note)
    }

    /// What a choice says, in its author's first language: staff and tickets are the venue's own.
    fn said(
        &self,
        ix: SubjectIx,
        journey: JourneyIx,
        page: PageIx,
        choice: ChoiceIx,
        of: impl FnOnce(&ChoiceInfo) -> &[Wording],
    ) -> Option<String> {
        let copies = of(self.library().journey(journey)?.choice(page, choice)?);
        let text = Wording::pick(copies, None, None)?;
        Some(self.render(self.subject(ix)?, journey, text))
    }

    fn put_down(&mut self, ix: SubjectIx, journey: JourneyIx, page: Option<PageIx>, note: Note) {
        let Some(subject) = self.subject(ix).map(|subject| subject.name.clone()) else { return };
        let Some(declared) = self.library().journey(journey) else { return };
        let page = page.and_then(|page| declared.page(page)).map(|page| page.name.clone());
        let (journey, page) = (declared.name.clone(), page.unwrap_or_default());
        let record = NoteRecord { at: self.now, subject, journey, page, note };
        self.witness_note(ix, &record);
        if self.notes.len() == NOTES_RECENT_MAX {
            self.notes.pop_front();
        }
        self.notes.push_back(record.clone());
        self.batch.notes.push(record);
        self.touch(ix);
    }
}
