//! Consent: a subject's word on being offered things, on all of them or for one of the venue's purposes.
//!
//! A no is obeyed in the step that takes it: journeys that need the consent stop, what they offered is taken back, and
//! none of them begins again before there is a yes. Latest words count, in whatever order they arrive. Before: pipeline.rs.
//! Next: plan/purpose.rs, which says what a word covers.

use turnpage_journeys_engine::{Event, Input, JourneyIx, Outcome, OutcomeIn, Step, SubjectIx};

use super::{Admission, Pipeline};
use crate::Timestamp;
use crate::batch::Reason;
use crate::event::Purpose;
use crate::id::{PurposeName, SubjectName};
use crate::plan::purpose;
use crate::subject::Subject;

impl Pipeline {
    /// A subject's word on offers.
    pub(super) fn consent(
        &mut self,
        at: Timestamp,
        name: &SubjectName,
        purpose: &Purpose,
        granted: bool,
    ) -> Admission {
        if name.kind().is_some() {
            return Admission::Dead(Reason::Unknown);
        }
        match purpose {
            Purpose::Offers => self.consent_to_all(at, name, granted),
            Purpose::Named(purpose) => self.consent_to(at, name, purpose, granted),
        }
    }

    fn consent_to_all(&mut self, at: Timestamp, name: &SubjectName, granted: bool) -> Admission {
        let Some(ix) = self.enroll(name, None) else { return Admission::Dead(Reason::Full) };
        let now = self.now;
        let Some(subject) = self.subject_mut(ix) else { return Admission::Dead(Reason::Full) };
        if at < subject.consent_at || (at == subject.consent_at && subject.consent == Some(granted)) {
            return Admission::Duplicate;
        }
        (subject.consent, subject.consent_at) = (Some(granted), at);
        self.counters.consents += 1;
        self.touch(ix);
        if !granted {
            let mut step = Step::default();
            self.engine.stop(ix, now, &mut step);
            self.plan(ix, &step);
            self.withdraw_all(ix);
            self.hide(name);
            self.unlearn(ix);
            self.stop_party(ix);
        }
        self.schedule(ix);
        Admission::Admitted
    }

    /// A subject's word on one purpose. One that the venue does not have is nobody's to give.
    fn consent_to(
        &mut self,
        at: Timestamp,
        name: &SubjectName,
        purpose: &PurposeName,
        granted: bool,
    ) -> Admission {
        if self.venue.policy.find_purpose(purpose.as_str()).is_none() {
            return Admission::Dead(Reason::Unknown);
        }
        let Some(ix) = self.enroll(name, None) else { return Admission::Dead(Reason::Full) };
        let Some(subject) = self.subject_mut(ix) else { return Admission::Dead(Reason::Full) };
        if !subject.books.get_or_insert_default().words.say(purpose.as_str(), granted, at) {
            return Admission::Duplicate;
        }
        self.counters.consents += 1;
        self.touch(ix);
        self.obey(ix, purpose.as_str());
        // A party's offers reach all its members.
        let party = self.subject(ix).and_then(Subject::party);
        if let Some(party) = party.and_then(|party| self.find(party)) {
            self.obey(party, purpose.as_str());
        }
        self.schedule(ix);
        Admission::Admitted
    }

    /// Stops or lets in what runs for a purpose, as the latest word on it says.
    fn obey(&mut self, ix: SubjectIx, purpose: &str) {
        let refused = self.refuses(ix, purpose);
        for journey in self.journeys_for(ix, purpose) {
            if refused {
                let mut step = Step::default();
                self.engine.bar(ix, journey, self.now, &mut step);
                self.plan(ix, &step);
            } else {
                self.engine.let_in(ix, journey);
            }
        }
        if refused {
            self.withdraw_for(ix, purpose);
            self.fill_facts(ix);
            self.show(ix);
            self.touch(ix);
        }
    }

    /// Whether a subject, or somebody of a party, has said no to a purpose.
    fn refuses(&self, ix: SubjectIx, purpose: &str) -> bool {
        self.subject(ix).is_some_and(|subject| self.word_of(subject, purpose) == Some(false))
    }

    /// Takes back what stands for a purpose in journeys that go on: they hear of it as of any offer that was withheld.
    fn withdraw_for(&mut self, ix: SubjectIx, purpose: &str) {
        let books = self.subject(ix).and_then(|subject| subject.books.as_ref());
        let standing: Vec<_> =
            books.into_iter().flat_map(|books| books.lives.for_purpose(purpose, self.now)).collect();
        for id in standing {
            self.withdraw(ix, id);
            let at = self.now;
            self.step(ix, |engine, facts, step| {
                let event = Event::Outcome(OutcomeIn { id: id.into(), outcome: Outcome::Withheld });
                engine.event(&Input { at, subject: ix, event, facts }, step);
            });
        }
    }

    /// Keeps journeys from beginning that a subject refused before a restart; those that need a consent since a new
    /// edition end here.
    pub(super) fn bar_refused(&mut self) {
        let purposes: Vec<_> =
            self.venue.policy.purposes.iter().map(|purpose| purpose.name.clone()).collect();
        if purposes.is_empty() {
            return;
        }
        let known: Vec<_> = self.subjects.iter().flatten().flatten().map(|subject| subject.ix).collect();
        for ix in known {
            for purpose in &purposes {
                if !self.refuses(ix, purpose) {
                    continue;
                }
                for journey in self.journeys_for(ix, purpose) {
                    let mut step = Step::default();
                    self.engine.bar(ix, journey, self.now, &mut step);
                    if !step.effects.is_empty() {
                        self.plan(ix, &step);
                        self.touch(ix);
                    }
                }
            }
        }
    }

    fn journeys_for(&self, ix: SubjectIx, purpose: &str) -> Vec<JourneyIx> {
        let library = self.library();
        let journeys = library.of(ix.kind()).iter().copied();
        journeys.filter(|journey| library.purpose_of(*journey) == Some(purpose)).collect()
    }

    /// A subject's own word on a purpose, or the word of those who would get its offers.
    pub(super) fn word_of(&self, subject: &Subject, purpose: &str) -> Option<bool> {
        if subject.kind == turnpage_journeys_engine::SubjectKind::Party {
            let members = self.company.members(&subject.name);
            let words = members.map(|member| {
                let member = self.find(member).and_then(|ix| self.subject(ix));
                member.and_then(|member| member.books.as_ref()?.words.of(purpose))
            });
            return purpose::together(words);
        }
        subject.books.as_ref()?.words.of(purpose)
    }
}
