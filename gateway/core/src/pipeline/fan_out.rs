//! News that belongs to no subject, and the subjects it concerns: weather, signals, nodes.
//!
//! Only those who are in a zone where something changed that some journey reads are stepped, in the order of their
//! names; the number of subjects bounds how many that are. Next: the step in pipeline.rs.

use std::collections::BTreeSet;

use turnpage_journeys_engine::Triggers;

use super::{Admission, Pipeline};
use crate::Timestamp;
use crate::batch::Reason;
use crate::enrich;
use crate::event::{Place, Weather};
use crate::id::{NodeId, SubjectName, ZoneIx};
use crate::venue::schema::FactKind;

impl Pipeline {
    /// A reading of the air. It steps the subjects in the zones where what journeys read about the air has changed. A node's
    /// that comes `late` steps nobody: its backlog tells how the air was, one reading after the other. A feed's may be as old
    /// as the venue's `fresh` allows.
    pub(super) fn weather(
        &mut self,
        at: Timestamp,
        place: &Place,
        reading: &Weather,
        late: bool,
    ) -> Admission {
        let station = match enrich::station(&self.venue, &self.map, place) {
            Ok(station) => station,
            Err(reason) => return Admission::Dead(reason),
        };
        self.counters.weather += 1;
        if late && matches!(place, Place::Node(_)) {
            self.counters.late += 1;
            self.house.read(&self.map, station, at, reading);
            return Admission::Admitted;
        }
        let before = self.airs();
        self.house.read(&self.map, station, at, reading);
        let after = self.airs();
        let changed = before.iter().zip(&after).enumerate().filter(|(_, (before, after))| before != after);
        let zones: Vec<_> = changed.filter_map(|(zone, _)| u16::try_from(zone).ok().map(ZoneIx)).collect();
        let concerned = self.company.inside(&zones);
        self.tell(concerned, Triggers::WEATHER);
        for zone in &zones {
            self.zone_event(*zone, Triggers::WEATHER);
        }
        if !zones.is_empty() {
            self.venue_event(Triggers::WEATHER);
        }
        Admission::Admitted
    }

    /// A signal's value. It steps everyone in the venue and all its zones, or, when it is only read as a queue, those who
    /// stand in it and that zone.
    pub(super) fn signal(&mut self, at: Timestamp, name: &str, value: f64) -> Admission {
        let Some(signal) = self.venue.find_signal(name) else { return Admission::Dead(Reason::Unknown) };
        let before = self.house.signal_value(signal);
        if before.is_some_and(|before| before.at == at && before.value == value) {
            return Admission::Duplicate;
        }
        self.counters.signals += 1;
        if !self.house.signal(signal, at, value) {
            self.counters.late += 1;
            return Admission::Admitted;
        }
        self.plan.told(&self.venue, signal, at);
        let declared = self.venue.signals.get(signal);
        let fresh = |before: Timestamp| declared.is_some_and(|it| self.now.0 - before.0 <= it.fresh_ms);
        if before.is_some_and(|before| before.value == value && fresh(before.at)) {
            return Admission::Admitted;
        }
        let queue_of = declared.and_then(|signal| signal.queue_of);
        let slot = self.asked.slot(FactKind::Signal(signal));
        let triggers = slot.map_or(Triggers::SIGNAL, Triggers::signal);
        let of_all = self.asks(FactKind::Signal(signal)) || self.library().waits_for(triggers);
        let concerned = if of_all {
            self.company.everyone()
        } else if self.asks(FactKind::Queue) {
            self.company.inside(queue_of.as_slice())
        } else {
            BTreeSet::new()
        };
        self.tell(concerned, triggers);
        let zones = (0..self.zone_names.len()).filter_map(|zone| u16::try_from(zone).ok().map(ZoneIx));
        for zone in zones.filter(|zone| of_all || queue_of == Some(*zone)).collect::<Vec<_>>() {
            self.zone_event(zone, triggers);
        }
        self.venue_event(triggers);
        Admission::Admitted
    }

    /// A birth or a will.
    pub(super) fn node(&mut self, node: NodeId, online: bool, (boot, sequence): (u32, u32)) -> Admission {
        if self.map.mount(node).is_none() {
            return Admission::Dead(Reason::UnknownNode);
        }
        if self.house.life(node, online, boot, sequence) { Admission::Admitted } else { Admission::Duplicate }
    }

    fn tell(&mut self, concerned: BTreeSet<SubjectName>, triggers: Triggers) {
        for name in concerned {
            if let Some(ix) = self.find(&name) {
                self.step_event(ix, triggers);
            }
        }
    }

    fn asks(&self, kind: FactKind) -> bool {
        self.asked.facts.iter().any(|(_, asked)| *asked == kind)
    }

    /// The weather of every zone as journeys can read it; nothing when none does.
    fn airs(&self) -> Vec<Weather> {
        if !self.asked.weather {
            return Vec::new();
        }
        let zones = (0..self.venue.zones.len()).filter_map(|zone| u16::try_from(zone).ok().map(ZoneIx));
        zones.map(|zone| self.house.weather(zone, self.now, self.venue.weather_fresh_ms)).collect()
    }
}
