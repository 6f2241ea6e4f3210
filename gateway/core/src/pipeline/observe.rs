//! The live picture: what the console, metrics and reports see.
//!
//! Made when somebody asks, from the state that the stages keep anyway. Changes nothing. Next: live.rs.

use turnpage_journeys_engine::{JourneyIx, PageIx};

use super::Pipeline;
use crate::batch::Batch;
use crate::id::ZoneIx;
use crate::live::{Live, LiveJourney, LiveNode, LiveSignal, LiveTurn, LiveZone};
use crate::venue::Node;

impl Pipeline {
    /// What is true in the venue right now.
    #[must_use]
    pub fn live(&self) -> Live {
        let zones = (0..self.venue.zones.len()).filter_map(|zone| u16::try_from(zone).ok().map(ZoneIx));
        let journeys = self.library().journeys().len();
        let journeys = (0..journeys).filter_map(|ix| u16::try_from(ix).ok().map(JourneyIx));
        Live {
            now: self.now,
            counters: self.counters.clone(),
            zones: zones.filter_map(|zone| self.live_zone(zone)).collect(),
            nodes: self.venue.nodes.iter().map(|node| self.live_node(node)).collect(),
            signals: (0..self.venue.signals.len()).filter_map(|signal| self.live_signal(signal)).collect(),
            offers: self.recent.iter().cloned().collect(),
            notes: self.notes.iter().cloned().collect(),
            journeys: journeys.filter_map(|journey| self.live_journey(journey)).collect(),
            subjects: self.engine.subjects() as u64,
            outbox: self.outbox.len() as u64,
        }
    }

    /// What is gathered so far for the batch that is taken next: its entries and its offers, in their order.
    #[must_use]
    pub fn gathered(&self) -> &Batch {
        &self.batch
    }

    /// Whether a deadline made this offer of what is gathered, whichever message came meanwhile.
    #[must_use]
    pub fn was_due(&self, offer: usize) -> bool {
        self.timed.iter().any(|made| made.contains(&offer))
    }

    fn live_zone(&self, ix: ZoneIx) -> Option<LiveZone> {
        let at = usize::from(ix.0);
        let zone = self.venue.zone(ix)?;
        let queue = self.queues.get(at).copied().flatten();
        let queue = queue.and_then(|signal| self.live_signal(signal)).filter(|signal| signal.fresh);
        Some(LiveZone {
            id: zone.id.to_string(),
            title: zone.title.clone(),
            kind: self.venue.kinds.get(zone.kind).cloned().unwrap_or_default(),
            outdoor: zone.outdoor,
            level: zone.level,
            occupancy: u32::try_from(self.company.occupancy(ix)).unwrap_or(u32::MAX),
            weather: self.house.weather(ix, self.now, self.venue.weather_fresh_ms),
            queue: queue.map(|signal| signal.value),
        })
    }

    fn live_node(&self, node: &Node) -> LiveNode {
        let zone = node.mount.zone().and_then(|zone| self.venue.zone(zone));
        LiveNode {
            name: node.name.to_string(),
            id: node.id.0,
            zone: zone.map(|zone| zone.id.to_string()),
            online: self.house.online(node.id),
            seen_at: self.admit.marks().get(&node.id).map(|mark| mark.seen_at),
            admitted: self.node_counts.get(&node.id).copied().unwrap_or(0),
        }
    }

    fn live_signal(&self, signal: usize) -> Option<LiveSignal> {
        let declared = self.venue.signals.get(signal)?;
        let measured = self.house.signal_value(signal)?;
        let fresh = self.now.0 - measured.at.0 <= declared.fresh_ms;
        Some(LiveSignal { name: declared.name.clone(), value: measured.value, at: measured.at, fresh })
    }

    fn live_journey(&self, ix: JourneyIx) -> Option<LiveJourney> {
        let journey = self.library().journey(ix)?;
        let funnel = self.counters.funnel.get(&journey.name).copied().unwrap_or_default();
        let pages = journey.pages().iter().enumerate().filter_map(|(page, declared)| {
            let page = PageIx(u16::try_from(page).ok()?);
            Some((declared.name.clone(), self.engine.live(ix, page)))
        });
        let name = |page| journey.page(page).map(|page| page.name.clone()).unwrap_or_default();
        let ways = (ix, PageIx(0), None, PageIx(0))..=(ix, PageIx(u16::MAX), None, PageIx(0));
        let turns = self.turns.range(ways).map(|((_, from, choice, to), count)| LiveTurn {
            page: name(*from),
            choice: choice.map(|choice| choice.0),
            to: name(*to),
            count: *count,
        });
        let (turns, pages) = (turns.collect(), pages.collect());
        let (name, conversion) = (journey.name.clone(), funnel.conversion());
        Some(LiveJourney { name, funnel, conversion, pages, turns })
    }
}
