//! What came of a demo's day: counted on both sides of the wire, so that a loss cannot hide.
//!
//! Deliberately compares the simulation's ledger with the gateway's counters instead of trusting either.

use std::fmt;

use turnpage_gateway_core::{Counters, Funnel, Live};
use turnpage_simulators_venue::live::Progress;

use super::clock::dated;

/// The day in numbers.
pub(crate) struct Summary {
    from: String,
    until: String,
    sightings: u64,
    readings: u64,
    acknowledged: u64,
    /// Acknowledged and not taken, given up by a full node, or refused for good.
    lost: u64,
    duplicates: u64,
    dead: u64,
    offers: u64,
    withheld: u64,
    delivered: u64,
    outcomes: u64,
    journeys: Vec<(String, Funnel, u64)>,
}

impl Summary {
    /// Counts what happened since `before`.
    pub(crate) fn new(progress: &Progress, before: &Live, after: &Live, zone: chrono_tz::Tz) -> Self {
        let ledger = &progress.ledger;
        let (was, is) = (&before.counters, &after.counters);
        let admitted = frames_admitted(after) - frames_admitted(before);
        Self {
            from: dated(before.now.max(progress.opens), zone),
            until: dated(progress.at, zone),
            sightings: is.sightings - was.sightings,
            readings: is.weather - was.weather + is.signals - was.signals,
            acknowledged: ledger.frames_acknowledged,
            lost: ledger.frames_acknowledged.saturating_sub(admitted)
                + ledger.frames_dropped
                + ledger.frames_refused,
            duplicates: is.duplicates - was.duplicates,
            dead: dead(is) - dead(was),
            offers: is.offers - was.offers,
            withheld: withheld(is) - withheld(was),
            delivered: ledger.offers,
            outcomes: is.outcomes - was.outcomes,
            journeys: journeys(was, is),
        }
    }

    /// What must not be after a day of any length; empty when all is well.
    pub(crate) fn failings(&self) -> Vec<String> {
        let mut failings = Vec::new();
        if self.lost > 0 {
            failings.push(format!("{} events were lost", self.lost));
        }
        if self.offers == 0 {
            failings.push("no offer was made".to_owned());
        }
        if self.outcomes == 0 {
            failings.push("no outcome came back".to_owned());
        }
        failings
    }
}

/// Frames that the gateway took from nodes.
fn frames_admitted(live: &Live) -> u64 {
    live.nodes.iter().map(|node| node.admitted).sum()
}

fn dead(counters: &Counters) -> u64 {
    counters.dead.values().sum()
}

fn withheld(counters: &Counters) -> u64 {
    counters.withheld.values().sum()
}

fn journeys(was: &Counters, is: &Counters) -> Vec<(String, Funnel, u64)> {
    let since = |name: &str, now: &Funnel| {
        let then = was.funnel.get(name).copied().unwrap_or_default();
        Funnel {
            offers: now.offers - then.offers,
            delivered: now.delivered - then.delivered,
            seen: now.seen - then.seen,
            clicked: now.clicked - then.clicked,
            accepted: now.accepted - then.accepted,
            declined: now.declined - then.declined,
            expired: now.expired - then.expired,
            withheld: now.withheld - then.withheld,
        }
    };
    is.funnel
        .iter()
        .map(|(name, now)| {
            let funnel = since(name, now);
            let open = funnel.offers.saturating_sub(funnel.accepted + funnel.declined + funnel.expired);
            (name.clone(), funnel, open)
        })
        .collect()
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The day, {} to {}", self.from, self.until)?;
        writeln!(f, "  sightings            {:>8}", self.sightings)?;
        writeln!(f, "  weather and queues   {:>8}", self.readings)?;
        writeln!(f, "  offers made          {:>8}", self.offers)?;
        writeln!(f, "  offers on bands      {:>8}", self.delivered)?;
        writeln!(f, "  offers withheld      {:>8}", self.withheld)?;
        writeln!(f, "  outcomes             {:>8}", self.outcomes)?;
        writeln!(f, "  events acknowledged  {:>8}", self.acknowledged)?;
        writeln!(f, "  events lost          {:>8}", self.lost)?;
        writeln!(f, "  duplicates absorbed  {:>8}", self.duplicates)?;
        writeln!(f, "  dead letters         {:>8}", self.dead)?;
        writeln!(f)?;
        writeln!(
            f,
            "  {:<14} {:>8} {:>9} {:>9} {:>8} {:>6} {:>11}",
            "journey", "offers", "accepted", "declined", "expired", "open", "conversion"
        )?;
        for (name, funnel, open) in &self.journeys {
            let conversion =
                funnel.conversion().map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0));
            writeln!(
                f,
                "  {name:<14} {:>8} {:>9} {:>9} {:>8} {open:>6} {conversion:>11}",
                funnel.offers, funnel.accepted, funnel.declined, funnel.expired
            )?;
        }
        Ok(())
    }
}
