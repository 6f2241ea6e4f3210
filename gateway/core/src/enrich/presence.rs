//! From single sightings to a stay: who is in which zone since when, without flapping.
//!
//! Pure: zones and times in, changes out. Three things make a stay calm: a change of zone counts only after it has
//! lasted `settle`, a leaving reader is believed only after the same time, and silence ends a stay after
//! `away_after`. Before: enrich.rs, which found the zone. Next: facts.rs.

use crate::Timestamp;
use crate::id::ZoneIx;
use crate::venue::Presence;

/// Where a subject is, and where it may be going.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Stay {
    /// The zone it is in; `None` outside all zones, and when it has been gone.
    pub(crate) here: Option<Here>,
    /// A change that has yet to last.
    pub(crate) next: Option<Next>,
}

/// A zone and the time of entering it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Here {
    pub(crate) zone: ZoneIx,
    pub(crate) since: Timestamp,
}

/// A zone (or none) that the subject has been seen in since a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Next {
    pub(crate) zone: Option<ZoneIx>,
    pub(crate) since: Timestamp,
}

/// What a sighting or a deadline changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Change {
    pub(crate) exited: Option<ZoneIx>,
    pub(crate) entered: Option<ZoneIx>,
}

impl Stay {
    /// The subject was seen in a zone, or outside all of them.
    pub(crate) fn seen(&mut self, zone: Option<ZoneIx>, at: Timestamp, rules: &Presence) -> Change {
        let current = self.here.map(|here| here.zone);
        if zone == current {
            self.next = None;
            return Change::default();
        }
        let since = match self.next {
            Some(next) if next.zone == zone => next.since,
            _ => at,
        };
        // Nothing flaps against nowhere: the first sighting in a zone is an entry at once.
        if current.is_none() || at.0 - since.0 >= rules.settle_ms {
            return self.move_to(zone, at);
        }
        self.next = Some(Next { zone, since });
        Change::default()
    }

    /// An observer in a zone has lost sight of the subject.
    pub(crate) fn left(&mut self, zone: ZoneIx, at: Timestamp, rules: &Presence) -> Change {
        if self.next.is_some_and(|next| next.zone == Some(zone)) {
            self.next = None;
        }
        let current = self.here.map(|here| here.zone);
        if current != Some(zone) || self.next.is_some() {
            return Change::default();
        }
        self.seen(None, at, rules)
    }

    /// Whether it is in a zone, or on its way there.
    pub(crate) fn is_about(&self, zone: ZoneIx) -> bool {
        self.here.is_some_and(|here| here.zone == zone)
            || self.next.is_some_and(|next| next.zone == Some(zone))
    }

    /// When something changes without a further sighting. `seen_at` is the time of the last one.
    pub(crate) fn due(&self, seen_at: Timestamp, rules: &Presence) -> Option<Timestamp> {
        let settled = self.next.map(|next| next.since.0.saturating_add(rules.settle_ms));
        let away = self.here.and(rules.away_after_ms).map(|after| seen_at.0.saturating_add(after));
        [settled, away].into_iter().flatten().min().map(Timestamp)
    }

    /// Time has come to `at`: applies whatever is due.
    pub(crate) fn pass(&mut self, at: Timestamp, seen_at: Timestamp, rules: &Presence) -> Change {
        if let Some(next) = self.next
            && at.0 - next.since.0 >= rules.settle_ms
        {
            return self.move_to(next.zone, at);
        }
        let away = rules.away_after_ms.is_some_and(|after| at.0 - seen_at.0 >= after);
        if away { self.move_to(None, at) } else { Change::default() }
    }

    fn move_to(&mut self, zone: Option<ZoneIx>, at: Timestamp) -> Change {
        let exited = self.here.map(|here| here.zone);
        self.here = zone.map(|zone| Here { zone, since: at });
        self.next = None;
        Change { exited, entered: zone }
    }
}

impl Change {
    /// Whether anything changed.
    pub(crate) fn happened(&self) -> bool {
        self.exited.is_some() || self.entered.is_some()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULES: Presence = Presence { settle_ms: 10, margin: 0.0, away_after_ms: Some(100) };
    const A: ZoneIx = ZoneIx(0);
    const B: ZoneIx = ZoneIx(1);

    fn change(exited: Option<ZoneIx>, entered: Option<ZoneIx>) -> Change {
        Change { exited, entered }
    }

    #[test]
    fn a_change_counts_once_it_has_lasted() {
        let mut stay = Stay::default();
        assert_eq!(stay.seen(Some(A), Timestamp(0), &RULES), change(None, Some(A)));
        assert_eq!(stay.seen(Some(B), Timestamp(5), &RULES), Change::default());
        assert_eq!(stay.seen(Some(A), Timestamp(7), &RULES), Change::default(), "it was a flap");
        assert_eq!(stay.seen(Some(B), Timestamp(8), &RULES), Change::default());
        assert_eq!(stay.due(Timestamp(8), &RULES), Some(Timestamp(18)));
        assert_eq!(stay.pass(Timestamp(18), Timestamp(8), &RULES), change(Some(A), Some(B)));
        assert_eq!(stay.here, Some(Here { zone: B, since: Timestamp(18) }));
    }

    #[test]
    fn a_reader_that_loses_sight_is_believed_late() {
        let mut stay = Stay::default();
        stay.seen(Some(A), Timestamp(0), &RULES);
        assert_eq!(stay.left(B, Timestamp(1), &RULES), Change::default(), "it was not there");
        assert_eq!(stay.left(A, Timestamp(2), &RULES), Change::default());
        assert_eq!(stay.seen(Some(B), Timestamp(4), &RULES), Change::default());
        assert_eq!(stay.pass(Timestamp(14), Timestamp(4), &RULES), change(Some(A), Some(B)));
        assert_eq!(stay.left(B, Timestamp(20), &RULES), Change::default());
        assert_eq!(stay.pass(Timestamp(30), Timestamp(4), &RULES), change(Some(B), None));
    }

    #[test]
    fn silence_ends_a_stay() {
        let mut stay = Stay::default();
        stay.seen(Some(A), Timestamp(0), &RULES);
        assert_eq!(stay.due(Timestamp(50), &RULES), Some(Timestamp(150)));
        assert_eq!(stay.pass(Timestamp(150), Timestamp(50), &RULES), change(Some(A), None));
        assert_eq!(stay.due(Timestamp(50), &RULES), None, "who is gone cannot go");
    }

    #[test]
    fn without_rules_every_change_counts_at_once() {
        let rules = Presence::default();
        let mut stay = Stay::default();
        stay.seen(Some(A), Timestamp(0), &rules);
        assert_eq!(stay.seen(Some(B), Timestamp(0), &rules), change(Some(A), Some(B)));
        assert_eq!(stay.left(B, Timestamp(0), &rules), change(Some(B), None));
        assert_eq!(stay.due(Timestamp(0), &rules), None);
    }

    proptest! {
        /// Exits and entries alternate and name the zone the subject was really in, whatever is seen.
        #[test]
        fn changes_fit_together(sights in prop::collection::vec((0_i64..20, 0_u16..4, any::<bool>()), 0..60)) {
            let (mut stay, mut zone, mut at, mut seen_at) = (Stay::default(), None, 0, Timestamp(0));
            for (gap, number, left) in sights {
                at += gap;
                let mut changes = Vec::new();
                while let Some(due) = stay.due(seen_at, &RULES).filter(|due| due.0 <= at) {
                    changes.push(stay.pass(due, seen_at, &RULES));
                }
                changes.push(if left {
                    stay.left(ZoneIx(number), Timestamp(at), &RULES)
                } else {
                    seen_at = Timestamp(at);
                    stay.seen((number < 3).then_some(ZoneIx(number)), Timestamp(at), &RULES)
                });
                for change in changes.iter().filter(|change| change.happened()) {
                    prop_assert_eq!(change.exited, zone);
                    zone = change.entered;
                }
                prop_assert_eq!(stay.here.map(|here| here.zone), zone);
            }
        }
    }
}
