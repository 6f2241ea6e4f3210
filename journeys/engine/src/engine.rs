//! The engine: what every subject's journeys do with an event, a timer, a stop.
//!
//! Comes after `input.rs`; next: `effect.rs`.

use crate::effect::{OfferId, Step};
use crate::id::{JourneyIx, OfferIx, PageIx, SubjectIx};
use crate::input::Input;
use crate::library::Library;
use crate::limits::{SUBJECT_NAME_MAX, SUBJECTS_MAX};
use crate::offsets::Offsets;
use turnpage_journeys_expr::{Timestamp, Value};

/// Why the engine refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A subject's name is empty or too long.
    #[error("a subject's name has 1 to {SUBJECT_NAME_MAX} bytes, not {0}")]
    Name(usize),
    /// There is no room for another subject.
    #[error("more than {SUBJECTS_MAX} subjects at once")]
    Full,
    /// Saved state that is not ours, or not whole.
    #[error("saved state cannot be read: {0}")]
    State(&'static str),
}

/// A timer that is due, as `next_due` tells it and `timer` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The deadline.
    pub at: Timestamp,
    /// Whose timer.
    pub subject: SubjectIx,
    /// Of which journey.
    pub journey: JourneyIx,
    pub(crate) timer: u16,
}

/// All subjects and all their journeys.
#[derive(Clone, Debug)]
pub struct Engine {
    library: Library,
    offsets: Offsets,
}

impl Engine {
    /// An engine without subjects. The seed keys the names of offers: keep it for the life of a venue, and
    /// give two venues different ones.
    pub fn new(library: Library, offsets: Offsets, seed: u64) -> Self {
        let _ = seed;
        Engine { library, offsets }
    }

    /// The journeys it runs.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// The venue's clock.
    pub fn offsets(&self) -> &Offsets {
        &self.offsets
    }

    /// The subject of a name, new if nobody had it.
    ///
    /// # Errors
    /// The name is empty or too long, or there is no room.
    pub fn subject(&mut self, name: &str) -> Result<SubjectIx, Error> {
        Err(Error::Name(name.len()))
    }

    /// The subject of a name, if there is one.
    pub fn find(&self, name: &str) -> Option<SubjectIx> {
        let _ = name;
        None
    }

    /// The name of a subject.
    pub fn name(&self, subject: SubjectIx) -> Option<&str> {
        let _ = subject;
        None
    }

    /// One event: every journey of its subject looks at it once. Timers due at or before it must have been
    /// fired. Clears `step` first.
    pub fn event(&mut self, input: &Input<'_>, step: &mut Step) {
        step.effects.clear();
        step.at = input.at;
        step.subject = input.subject;
    }

    /// The next timer of all subjects, by (deadline, subject name, journey name). It stays due until `timer`
    /// has taken it.
    pub fn next_due(&mut self) -> Option<Due> {
        self.due(Timestamp(i64::MAX))
    }

    /// As `next_due`, if its deadline is at or before `until`. Costs one comparison when it is not.
    pub fn due(&mut self, until: Timestamp) -> Option<Due> {
        let _ = until;
        None
    }

    /// Fires a due timer over the facts known at its deadline. A timer that was stopped meanwhile does
    /// nothing. Clears `step` first.
    pub fn timer(&mut self, due: &Due, facts: &[Value], step: &mut Step) {
        let _ = facts;
        step.effects.clear();
        step.at = due.at;
        step.subject = due.subject;
    }

    /// Ends every instance of a subject (its consent is withdrawn) and takes back its standing offers. What a
    /// later instance needs to keep names of offers unique is kept. Clears `step` first.
    pub fn stop(&mut self, subject: SubjectIx, at: Timestamp, step: &mut Step) {
        step.effects.clear();
        step.at = at;
        step.subject = subject;
    }

    /// Forgets a subject wholly. Its index may be given to another.
    pub fn remove(&mut self, subject: SubjectIx) {
        let _ = subject;
    }

    /// The state of a subject, for `restore`; nothing when there is no such subject.
    pub fn save(&self, subject: SubjectIx) -> Option<Vec<u8>> {
        let _ = subject;
        None
    }

    /// Puts a saved subject back, in place of what is known under its name.
    ///
    /// # Errors
    /// The bytes are not what `save` wrote.
    pub fn restore(&mut self, name: &str, state: &[u8]) -> Result<SubjectIx, Error> {
        let _ = state;
        self.subject(name)
    }

    /// The page a subject's instance is on, if it has begun.
    pub fn page(&self, subject: SubjectIx, journey: JourneyIx) -> Option<PageIx> {
        let _ = (subject, journey);
        None
    }

    /// The variables of an instance in document order, to render copy with. After a step they are what the
    /// step left.
    pub fn variables(&self, subject: SubjectIx, journey: JourneyIx) -> &[Value] {
        let _ = (subject, journey);
        &[]
    }

    /// The latest offer made under each offer of a subject's journeys that still stands, by its id.
    pub fn standing(&self, subject: SubjectIx, id: OfferId) -> Option<(JourneyIx, OfferIx)> {
        let _ = (subject, id);
        None
    }

    /// How many instances are on a page now.
    pub fn live(&self, journey: JourneyIx, page: PageIx) -> u64 {
        let _ = (journey, page);
        0
    }
}
