//! Slots: how many live offers a channel of a subject holds, and what stands in them.
//!
//! An offer is live from when it is made until it is accepted, declined, withdrawn, or its time is over; seen and clicked
//! leave it live. What is live keeps its slot, whatever comes later: who has read half an offer is not shown another.
//! Before: holdout.rs. Next: pool.rs.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::OfferId;
use crate::subject::OFFERS_MAX;

/// An offer that stands in a slot.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Live {
    pub(crate) id: OfferId,
    pub(crate) channel: String,
    pub(crate) journey: String,
    pub(crate) offer: String,
    /// What it is for, if for one of the venue's purposes.
    pub(crate) purpose: Option<String>,
    /// When it is over by itself.
    pub(crate) until: Timestamp,
}

/// A subject's live offers, oldest first. No more than it is remembered to have.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Lives(Vec<Live>);

impl Lives {
    /// An offer takes its place. What is over leaves.
    pub(crate) fn enter(&mut self, live: Live, at: Timestamp) {
        self.0.retain(|other| other.until > at);
        if self.0.len() == OFFERS_MAX {
            self.0.remove(0);
        }
        self.0.push(live);
    }

    /// An offer is over; false when it did not stand.
    pub(crate) fn leave(&mut self, id: OfferId) -> bool {
        let before = self.0.len();
        self.0.retain(|live| live.id != id);
        self.0.len() < before
    }

    /// What stands on a channel now, oldest first.
    pub(crate) fn on(&self, channel: &str, at: Timestamp) -> impl Iterator<Item = &Live> {
        self.0.iter().filter(move |live| live.channel == channel && live.until > at)
    }

    /// What stands now for a purpose.
    pub(crate) fn for_purpose(&self, purpose: &str, at: Timestamp) -> impl Iterator<Item = OfferId> {
        self.0
            .iter()
            .filter(move |live| live.purpose.as_deref() == Some(purpose) && live.until > at)
            .map(|live| live.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(id: u128, channel: &str, until: i64) -> Live {
        Live {
            id: OfferId(id),
            channel: channel.into(),
            journey: "j".into(),
            offer: "o".into(),
            purpose: (id == 2).then(|| "adverts".into()),
            until: Timestamp(until),
        }
    }

    #[test]
    fn a_slot_is_held_until_its_offer_is_over() {
        let mut lives = Lives::default();
        lives.enter(live(1, "band", 100), Timestamp(0));
        lives.enter(live(2, "band", 50), Timestamp(0));
        lives.enter(live(3, "app", 50), Timestamp(0));
        let on =
            |lives: &Lives, at| lives.on("band", Timestamp(at)).map(|live| live.id.0).collect::<Vec<_>>();
        assert_eq!(on(&lives, 49), [1, 2]);
        assert_eq!(on(&lives, 50), [1], "over at its end");
        assert_eq!(lives.for_purpose("adverts", Timestamp(0)).collect::<Vec<_>>(), [OfferId(2)]);
        assert!(lives.leave(OfferId(1)) && !lives.leave(OfferId(1)));
        assert_eq!(on(&lives, 0), [2]);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut lives = Lives::default();
        for id in 0..1_000 {
            lives.enter(live(id, "band", i64::MAX), Timestamp(0));
        }
        assert_eq!(lives.0.len(), OFFERS_MAX);
    }
}
