//! The ledger's lines as the pipeline writes them: in what setting an offer was decided about, what it brought.
//!
//! Before: pipeline/offers.rs. Next: ledger.rs, which says what a line is.

use turnpage_journeys_engine::{Outcome, SubjectKind};

use super::{Admission, Pipeline};
use crate::batch::Reason;
use crate::event::Weather;
use crate::id::{OfferId, SubjectName};
use crate::ledger::{LedgerLine, Setting, Sky};
use crate::subject::Subject;

impl Pipeline {
    /// Where, when, to whom and in what weather something is decided about now.
    pub(super) fn setting(&self, of: &Subject) -> Setting {
        let context = self.context(of);
        // A party's facts are those of the member whose event came last.
        let zone = context.subject.zone();
        let fresh_ms = self.venue.weather_fresh_ms;
        let weather = match zone {
            Some(zone) => self.house.weather(zone, self.now, fresh_ms),
            None => {
                let air = |field| self.house.air_anywhere(field, self.now, fresh_ms).map(|air| air.value);
                Weather { temperature: air(0), rain: air(1), ..Weather::default() }
            }
        };
        let has_role = !matches!(of.kind, SubjectKind::Party | SubjectKind::Zone | SubjectKind::Venue);
        let role = self.venue.roles.get(of.role).filter(|_| has_role);
        Setting {
            day: context.local.day,
            hour: u8::try_from(context.local.ms / 3_600_000).unwrap_or_default(),
            zone: zone.and_then(|zone| Some(self.venue.zones.get(usize::from(zone.0))?.id.clone())),
            role: role.cloned().unwrap_or_default(),
            sky: Sky::of(&weather),
        }
    }

    /// An offer was accepted and brought something. Where the acceptance is known already, as from the journey that saw her at the
    /// till, what it brought is still news.
    pub(super) fn sale(&mut self, name: &SubjectName, id: OfferId, value: f64) -> Admission {
        let Some(ix) = self.find(name) else { return Admission::Dead(Reason::Unknown) };
        let made = self.subject_mut(ix).and_then(|subject| subject.offer(id));
        let made = made.filter(|made| !made.is_shadow());
        let Some((paid, accepted)) = made.map(|made| (made.is_paid(), made.has(Outcome::Accepted))) else {
            return Admission::Dead(Reason::Unknown);
        };
        if paid {
            return Admission::Duplicate;
        }
        if accepted {
            self.counters.outcomes += 1;
        } else {
            let admission = self.outcome(name, id, Outcome::Accepted);
            if admission != Admission::Admitted {
                return admission;
            }
        }
        // The step that the acceptance made may have changed who is where; the offer stays the subject's.
        if let Some(made) = self.subject_mut(ix).and_then(|subject| subject.offer(id))
            && made.has(Outcome::Accepted)
        {
            made.pay();
            self.batch.ledger.push(LedgerLine::Brought { id, at: self.now, value });
            self.touch(ix);
        }
        Admission::Admitted
    }
}
