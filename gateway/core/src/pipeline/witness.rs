//! What steps did, one deed after the other, for a replay that writes them down.
//!
//! A gateway has no listener: what it must keep is in its batches. Here is also what only a replay asks of the corridor:
//! to hand out offers without a channel, and to find the page that a pick is on. Before: offers.rs and notes.rs.
//! Next: replay/day.rs.

use serde::Serialize;
use turnpage_journeys_engine::{Effect, JourneyIx, OfferIx, Outcome, PageIx, SubjectIx, SubjectKind};
use turnpage_journeys_expr::Value;

use super::Pipeline;
use crate::Timestamp;
use crate::batch::{DecisionRecord, Ground, Note, NoteRecord, Outgoing, Settlement, Verdict, Withheld};
use crate::id::{OfferId, SubjectName};
use crate::record;

/// One thing that a journey did.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Deed {
    pub(crate) at: Timestamp,
    /// To whom.
    pub(crate) subject: SubjectName,
    pub(crate) kind: SubjectKind,
    pub(crate) journey: String,
    /// The page it was done on; empty where it is of no page.
    pub(crate) page: String,
    pub(crate) done: Done,
}

/// What was done, as a line of a replay says it.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub(crate) enum Done {
    Begun,
    Turned {
        to: String,
    },
    Ended,
    Offer {
        offer: String,
        channel: String,
        text: String,
        id: OfferId,
        #[serde(skip_serializing_if = "Option::is_none")]
        ground: Option<Ground>,
    },
    Withheld {
        offer: String,
        by: Withheld,
        #[serde(skip_serializing_if = "Option::is_none")]
        ground: Option<Ground>,
    },
    Outcome {
        offer: String,
        outcome: Outcome,
    },
    Withdrawn {
        offer: String,
    },
    Called {
        callee: String,
    },
    Returned {
        callee: String,
        result: String,
    },
    #[serde(untagged)]
    Noted(Noted),
}

/// A note, under the word that it goes by everywhere.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Noted(pub(crate) Note);

impl Noted {
    /// What it is about, in words.
    pub(crate) fn told(self) -> String {
        match self.0 {
            Note::Limit { offer } | Note::Held { offer } => offer,
            Note::Dispatch { role, .. } => role,
            Note::Ticket { text } => text,
            Note::Remembered { fact, value } => format!("{fact} {value}"),
            Note::Passed { .. } | Note::Breach | Note::Strayed => String::new(),
            Note::Chose { alternative, by, .. } => format!("{alternative} ({by})"),
            Note::Foretold { reached } => if reached { "reached" } else { "missed" }.to_owned(),
        }
    }
}

impl Serialize for Noted {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("what", self.0.word())?;
        match &self.0 {
            Note::Limit { offer } | Note::Held { offer } => map.serialize_entry("offer", offer)?,
            Note::Dispatch { role, task, .. } => {
                map.serialize_entry("role", role)?;
                map.serialize_entry("text", task)?;
            }
            Note::Ticket { text } => map.serialize_entry("text", text)?,
            Note::Remembered { fact, value } => {
                map.serialize_entry("fact", fact)?;
                map.serialize_entry("value", value)?;
            }
            Note::Passed { evidence } => map.serialize_entry("evidence", evidence)?,
            Note::Breach | Note::Strayed => {}
            Note::Chose { alternative, by, chance_ppm } => {
                map.serialize_entry("alternative", alternative)?;
                map.serialize_entry("by", by)?;
                map.serialize_entry("chance_ppm", chance_ppm)?;
            }
            Note::Foretold { reached } => map.serialize_entry("reached", reached)?,
        }
        map.end()
    }
}

impl Pipeline {
    /// Begins to keep what steps do.
    pub(crate) fn listen(&mut self) {
        self.deeds = Some(Vec::new());
    }

    /// What steps did since it was last taken.
    pub(crate) fn deeds(&self) -> &[Deed] {
        self.deeds.as_deref().unwrap_or_default()
    }

    /// The same, and begins anew.
    pub(crate) fn take_deeds(&mut self) -> Vec<Deed> {
        self.deeds.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Every channel takes what it is given, and says nothing about it: a recorded day has its own word on that.
    pub(crate) fn hand_out(&mut self) {
        for (id, subject) in
            self.outbox.iter().map(|(id, out)| (*id, out.subject.clone())).collect::<Vec<_>>()
        {
            if let Some(ix) = self.find(&subject) {
                self.settled(ix, id, Settlement::Delivered);
            }
        }
    }

    /// The journeys and pages that a subject is on and that have a pick of this name, in the journeys' order.
    pub(crate) fn picks_named(&self, name: &SubjectName, pick: &str) -> Vec<(String, String)> {
        let Some(ix) = self.find(name) else { return Vec::new() };
        let here = |journey: &JourneyIx| {
            let declared = self.library().journey(*journey)?;
            let page = declared.page(self.engine.page(ix, *journey)?)?;
            let named = page.choices.iter().any(|choice| choice.pick.as_deref() == Some(pick));
            named.then(|| (declared.name.clone(), page.name.clone()))
        };
        self.library().of(ix.kind()).iter().filter_map(here).collect()
    }

    /// Everyone's instances, saved.
    pub(crate) fn instances(&self) -> Vec<Vec<u8>> {
        let known = self.subjects.iter().flatten().flatten();
        known.filter_map(|subject| self.engine.save(subject.ix)).collect()
    }

    /// How many subjects there are, of all kinds.
    pub(crate) fn subjects_known(&self) -> u64 {
        self.engine.subjects() as u64
    }

    /// Keeps what an effect says that neither an offer nor a note tells.
    pub(super) fn witness(&mut self, ix: SubjectIx, effect: &Effect) {
        if self.deeds.is_none() {
            return;
        }
        let journey = effect.journey();
        let (page, done) = match *effect {
            Effect::Began { page, .. } => (self.page_name(journey, page), Done::Begun),
            Effect::Turned { from, to, .. } => {
                (self.page_name(journey, from), Done::Turned { to: self.page_name(journey, to) })
            }
            Effect::Ended { page, .. } => (self.page_name(journey, page), Done::Ended),
            Effect::Outcome { offer, outcome, .. } => {
                (String::new(), Done::Outcome { offer: self.offer_name(journey, offer), outcome })
            }
            Effect::Withdrawn { offer, .. } => {
                (String::new(), Done::Withdrawn { offer: self.offer_name(journey, offer) })
            }
            Effect::Called { page, callee, .. } => {
                (self.page_name(journey, page), Done::Called { callee: self.journey_name(callee) })
            }
            Effect::Returned { page, callee, result, .. } => {
                let (callee, result) = (self.journey_name(callee), self.result(callee, result));
                (self.page_name(journey, page), Done::Returned { callee, result })
            }
            _ => return,
        };
        let journey = self.journey_name(journey);
        self.keep(ix, self.now, journey, page, done);
    }

    /// Keeps an offer that was made or withheld.
    pub(super) fn witness_offer(&mut self, ix: SubjectIx, record: &DecisionRecord, out: Option<&Outgoing>) {
        if self.deeds.is_none() {
            return;
        }
        let (offer, id, ground) = (record.offer.clone(), record.id, record.ground.clone());
        let done = match &record.verdict {
            Verdict::Withheld(by) => Done::Withheld { offer, by: *by, ground },
            Verdict::Made { channel } => {
                let text = out.map(|out| out.text.clone()).unwrap_or_default();
                Done::Offer { offer, channel: channel.clone(), text, id, ground }
            }
        };
        self.keep(ix, record.at, record.journey.clone(), record.page.clone(), done);
    }

    /// Keeps a note.
    pub(super) fn witness_note(&mut self, ix: SubjectIx, record: &NoteRecord) {
        if self.deeds.is_some() {
            let done = Done::Noted(Noted(record.note.clone()));
            self.keep(ix, record.at, record.journey.clone(), record.page.clone(), done);
        }
    }

    fn keep(&mut self, ix: SubjectIx, at: Timestamp, journey: String, page: String, done: Done) {
        let Some(subject) = self.subject(ix).map(|subject| subject.name.clone()) else { return };
        let deed = Deed { at, subject, kind: ix.kind(), journey, page, done };
        self.deeds.get_or_insert_default().push(deed);
    }

    fn journey_name(&self, journey: JourneyIx) -> String {
        self.library().journey(journey).map(|journey| journey.name.clone()).unwrap_or_default()
    }

    fn page_name(&self, journey: JourneyIx, page: PageIx) -> String {
        let page = self.library().journey(journey).and_then(|journey| journey.page(page));
        page.map(|page| page.name.clone()).unwrap_or_default()
    }

    fn offer_name(&self, journey: JourneyIx, offer: OfferIx) -> String {
        let offer = self.library().journey(journey).and_then(|journey| journey.offer(offer));
        offer.map(|offer| offer.name.clone()).unwrap_or_default()
    }

    /// What came back, in words: the type is that of the callee's variable.
    fn result(&self, callee: JourneyIx, result: Value) -> String {
        let journey = self.library().journey(callee);
        let returned = journey.and_then(|journey| journey.variables.get(journey.returns?.index()));
        returned.map(|it| record::show(&self.asked.schema, it.of, result)).unwrap_or_default()
    }
}
