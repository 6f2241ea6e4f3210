//! What was answered under a key, so that a request that is sent again is answered alike and changes nothing.
//!
//! A node's frames carry a sequence number; a request from elsewhere carries a key of the sender's choice. The answer is kept
//! with what the request changed, in the same batch, so that no crash can come between the two. Each account has as many
//! keys as it may, the oldest making room; after [`KEPT_MS`] a key means nothing. A ring of an account that is no more
//! stays, and is bounded like any. It compares bodies by a digest that the caller made. Before: pipeline.rs. Next:
//! pipeline/saved.rs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Admission, Pipeline};
use crate::Timestamp;

/// Keys that are remembered for an account: minutes of a busy sender's requests, hours of a usual one's.
const KEYS_MAX: u64 = 1_024;
/// How long a key is remembered, in milliseconds: longer than a sender goes on trying.
const KEPT_MS: i64 = 24 * 3_600_000;

/// The key of answers in the saved house; the account and a slot of its ring follow.
pub(crate) const KEY: &str = "request/";

/// Whether a request came before, as its key tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Repeat {
    /// Nothing: it is to be processed.
    No,
    /// The same request was processed, and this is what became of its messages.
    Same(Vec<Admission>),
    /// Another request was processed under this key.
    Other,
}

/// A digest of a request's body.
pub type Digest = [u8; 32];

/// All answers that are kept.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    rings: BTreeMap<String, Ring>,
    /// Slots that changed since the last batch.
    dirty: Vec<(String, u64)>,
}

/// An account's answers.
#[derive(Debug, Default)]
struct Ring {
    /// By slot, which is the serial number modulo [`KEYS_MAX`].
    slots: BTreeMap<u64, Answered>,
    /// The slot of each key's latest answer.
    by_key: BTreeMap<String, u64>,
    next: u64,
}

/// One answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Answered {
    serial: u64,
    key: String,
    body: Digest,
    at: Timestamp,
    admissions: Vec<Admission>,
}

impl Pipeline {
    /// What is known of a request that an account sends under a key. What it answers may be in a batch that is yet to be
    /// committed, so that it is not to be told before.
    #[must_use]
    pub fn repeat(&self, now: Timestamp, account: &str, key: &str, body: &Digest) -> Repeat {
        self.answers.repeat(now, account, key, body)
    }

    /// Keeps what became of a request's messages, in the current batch.
    pub fn answered(
        &mut self,
        now: Timestamp,
        account: &str,
        key: &str,
        body: &Digest,
        admissions: Vec<Admission>,
    ) {
        self.answers.keep(now, account, key, body, admissions);
    }
}

impl Answers {
    /// What is known of an account's key at a time.
    fn repeat(&self, now: Timestamp, account: &str, key: &str, body: &Digest) -> Repeat {
        let ring = self.rings.get(account);
        let known = ring.and_then(|ring| ring.slots.get(ring.by_key.get(key)?));
        match known.filter(|known| now.0.saturating_sub(known.at.0) < KEPT_MS) {
            None => Repeat::No,
            Some(known) if known.body == *body => Repeat::Same(known.admissions.clone()),
            Some(_) => Repeat::Other,
        }
    }

    /// Keeps what became of a request.
    fn keep(&mut self, now: Timestamp, account: &str, key: &str, body: &Digest, admissions: Vec<Admission>) {
        let ring = self.rings.entry(account.to_owned()).or_default();
        let answered = Answered { serial: ring.next, key: key.to_owned(), body: *body, at: now, admissions };
        let slot = ring.put(answered);
        self.dirty.push((account.to_owned(), slot));
    }

    /// What changed since this was asked last, ascending by key.
    pub(crate) fn take_dirty(&mut self) -> BTreeMap<String, Vec<u8>> {
        let dirty = std::mem::take(&mut self.dirty).into_iter();
        let saved = |(account, slot): (String, u64)| {
            let answered = self.rings.get(&account)?.slots.get(&slot)?;
            Some((saved_key(&account, slot), bytes(answered)))
        };
        dirty.filter_map(saved).collect()
    }

    /// Everything, by key.
    pub(crate) fn save(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        self.rings.iter().flat_map(|(account, ring)| {
            ring.slots.iter().map(move |(slot, answered)| (saved_key(account, *slot), bytes(answered)))
        })
    }

    /// Takes back one slot; `None` when it is not ours.
    pub(crate) fn restore(&mut self, key: &str, bytes: &[u8]) -> Option<()> {
        let (account, _) = key.strip_prefix(KEY)?.rsplit_once('/')?;
        let answered = postcard::from_bytes(bytes).ok()?;
        self.rings.entry(account.to_owned()).or_default().put(answered);
        Some(())
    }
}

impl Ring {
    /// Puts an answer where the oldest is; says where.
    fn put(&mut self, answered: Answered) -> u64 {
        let slot = answered.serial % KEYS_MAX;
        self.next = self.next.max(answered.serial.saturating_add(1));
        // Slots come back in any order: of two answers under a key the later counts.
        let known = self.by_key.get(&answered.key).and_then(|slot| self.slots.get(slot));
        if known.is_none_or(|known| known.serial < answered.serial) {
            self.by_key.insert(answered.key.clone(), slot);
        }
        if let Some(old) = self.slots.insert(slot, answered)
            && self.by_key.get(&old.key) == Some(&slot)
            && self.slots.get(&slot).is_some_and(|new| new.key != old.key)
        {
            self.by_key.remove(&old.key);
        }
        slot
    }
}

fn saved_key(account: &str, slot: u64) -> String {
    format!("{KEY}{account}/{slot}")
}

fn bytes(answered: &Answered) -> Vec<u8> {
    // Plain data to memory: there is nothing that could fail.
    postcard::to_stdvec(answered).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Reason;

    const NOON: Timestamp = Timestamp(1_784_368_800_000);
    const BODY: Digest = [1; 32];

    fn kept() -> Vec<Admission> {
        vec![Admission::Admitted, Admission::Duplicate, Admission::Dead(Reason::Unknown)]
    }

    #[test]
    fn a_key_is_answered_alike_for_a_day_and_only_to_its_account() {
        let mut answers = Answers::default();
        assert_eq!(answers.repeat(NOON, "till", "k", &BODY), Repeat::No);
        answers.keep(NOON, "till", "k", &BODY, kept());
        let later = Timestamp(NOON.0 + KEPT_MS - 1);
        assert_eq!(answers.repeat(later, "till", "k", &BODY), Repeat::Same(kept()));
        assert_eq!(answers.repeat(later, "till", "k", &[2; 32]), Repeat::Other);
        assert_eq!(answers.repeat(later, "gate", "k", &BODY), Repeat::No);
        assert_eq!(answers.repeat(Timestamp(NOON.0 + KEPT_MS), "till", "k", &[2; 32]), Repeat::No);
    }

    #[test]
    fn the_oldest_makes_room_and_what_comes_back_is_the_same() {
        let mut answers = Answers::default();
        let mut saved = BTreeMap::new();
        for n in 0..KEYS_MAX + 2 {
            // The last one takes a key up again that had grown old, and whose slot is the next to be written over.
            let key = if n == KEYS_MAX + 1 { "k2".to_owned() } else { format!("k{n}") };
            answers.keep(NOON, "till/2", &key, &BODY, vec![Admission::Admitted; (n % 3) as usize]);
            saved.extend(answers.take_dirty());
        }
        assert_eq!(saved, answers.save().collect());
        let mut back = Answers::default();
        saved.iter().rev().for_each(|(key, bytes)| back.restore(key, bytes).unwrap());
        for answers in [&mut answers, &mut back] {
            let asked = |key: &str| answers.repeat(NOON, "till/2", key, &BODY);
            assert_eq!([asked("k0"), asked("k1")], [Repeat::No, Repeat::No]);
            let again = vec![Admission::Admitted; ((KEYS_MAX + 1) % 3) as usize];
            assert_eq!(asked("k2"), Repeat::Same(again.clone()));
            assert!(matches!(asked("k3"), Repeat::Same(_)));
            answers.keep(NOON, "till/2", "new", &BODY, Vec::new());
            assert_eq!(answers.repeat(NOON, "till/2", "k2", &BODY), Repeat::Same(again));
            assert_eq!(answers.rings["till/2"].slots.len() as u64, KEYS_MAX);
            assert_eq!(answers.rings["till/2"].by_key.len() as u64, KEYS_MAX);
        }
        assert_eq!(answers.save().collect::<Vec<_>>(), back.save().collect::<Vec<_>>());
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        let mut answers = Answers::default();
        for (key, bytes) in [("request/till", &[][..]), ("request/till/0", &[1, 2]), ("signal/x", &[])] {
            assert_eq!(answers.restore(key, bytes), None, "{key}");
        }
    }
}
