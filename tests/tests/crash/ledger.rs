//! What clients said and what they were told, in the memory of a process that nobody kills.
//!
//! Written before a frame leaves and after its acknowledgement has come, by whoever sent it. It knows nothing of the
//! gateway's log. Before: node.rs and band.rs, which write. Next: check.rs, which reads.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use turnpage_tests::process::Process;

/// Between two looks at whether the gateway is still there: so long a crash of its own goes unnoticed at most.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Every so many offers are answered.
const ANSWER_EVERY: usize = 3;
/// Frames of a node that a broker may have and the gateway not: more would come too late to be acted on.
const BACKLOG_MAX: usize = 300;
/// The same of a node that keeps what it says while the broker is away.
const KEPT_MAX: usize = 2 * BACKLOG_MAX;

/// The ledger.
#[derive(Default)]
pub(crate) struct Ledger {
    entries: Mutex<Entries>,
    changed: Condvar,
}

/// What is in it.
#[derive(Default)]
pub(crate) struct Entries {
    pub(crate) nodes: BTreeMap<u32, Said>,
    /// Offers by id: what they said, and how often they came.
    pub(crate) offers: BTreeMap<String, (Value, u32)>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) answers_acknowledged: usize,
    /// Frames that the gateway has acknowledged, of all nodes.
    taken: u64,
    closed: bool,
    /// Nobody is there to speak to.
    away: bool,
    /// A client gave up on what it saw: what is waited for will not come.
    abandoned: bool,
    /// Sessions that ended without a goodbye.
    hung_up_on: u64,
}

/// What a node said: the time of each frame, how many were acknowledged to it, and up to where the gateway has them: no
/// further than that at the front door, perhaps further or less far behind a broker.
#[derive(Default)]
pub(crate) struct Said {
    pub(crate) at_ms: Vec<i64>,
    pub(crate) acknowledged: usize,
    taken: usize,
}

/// What a gateway is bound by.
#[derive(Clone, Default)]
pub(crate) struct Promised {
    /// Frames that it acknowledged, by node.
    pub(crate) frames: BTreeMap<u32, BTreeSet<usize>>,
    /// Offers whose answers it acknowledged.
    pub(crate) answers: BTreeSet<String>,
    /// How often it gave each offer out.
    pub(crate) given: BTreeMap<String, u32>,
}

/// A band's answer to an offer.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) offer: String,
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
}

impl Ledger {
    pub(crate) fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails whoever waits, once the calling thread panics.
    pub(crate) fn guard(self: &Arc<Self>) -> impl Drop + use<> {
        Guard(Arc::clone(self))
    }

    /// A node's first frame that is not acknowledged, and the first that was never sent.
    pub(crate) fn said(&self, node: u32) -> (usize, usize) {
        let mut entries = self.entries();
        let said = entries.nodes.entry(node).or_default();
        (said.acknowledged, said.at_ms.len())
    }

    /// The time of a frame that was sent.
    pub(crate) fn at(&self, node: u32, number: usize) -> i64 {
        self.entries().nodes[&node].at_ms[number]
    }

    /// A node is about to send its next frame: its time, later than that of the one before. `None` when there are to be
    /// no more. Waits while the gateway is far behind.
    pub(crate) fn say(&self, node: u32) -> Option<i64> {
        let mut entries = self.entries();
        loop {
            if entries.closed {
                return None;
            }
            let away = entries.away;
            let said = entries.nodes.entry(node).or_default();
            if away || said.at_ms.len() < said.taken + BACKLOG_MAX {
                let at_ms = said.at_ms.last().map_or(0, |last| last + 1).max(now_ms());
                said.at_ms.push(at_ms);
                return Some(at_ms);
            }
            entries = self.changed.wait(entries).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether nobody is there to speak to: then no node waits for the gateway before it speaks.
    pub(crate) fn away(&self, away: bool) {
        self.entries().away = away;
        self.changed.notify_all();
    }

    /// A node that is away keeps its next frame, where it has room.
    pub(crate) fn say_if_room(&self, node: u32) -> bool {
        let room = {
            let entries = self.entries();
            entries.nodes.get(&node).is_some_and(|said| said.at_ms.len() < said.taken + KEPT_MAX)
        };
        room && self.say(node).is_some()
    }

    /// The first of a node's frames that were not acknowledged is.
    pub(crate) fn acknowledged(&self, node: u32) -> usize {
        let mut entries = self.entries();
        let said = entries.nodes.entry(node).or_default();
        said.acknowledged += 1;
        let acknowledged = said.acknowledged;
        self.changed.notify_all();
        acknowledged
    }

    /// The gateway has acknowledged the last of so many frames of a node.
    pub(crate) fn taken(&self, node: u32, frames: usize) {
        let mut entries = self.entries();
        entries.taken += 1;
        let said = entries.nodes.entry(node).or_default();
        said.taken = said.taken.max(frames);
        self.changed.notify_all();
    }

    /// What a broker had for the gateway may be lost: nobody waits for it.
    pub(crate) fn forgive(&self) {
        let mut entries = self.entries();
        entries.nodes.values_mut().for_each(|said| said.taken = said.at_ms.len());
        self.changed.notify_all();
    }

    /// Fails once a client has.
    pub(crate) fn assert_nobody_gave_up(&self) {
        self.entries().assert_nobody_gave_up();
    }

    /// A session ended without a goodbye.
    pub(crate) fn was_hung_up_on(&self) {
        self.entries().hung_up_on += 1;
    }

    /// How many did.
    pub(crate) fn hung_up_on(&self) -> u64 {
        self.entries().hung_up_on
    }

    /// What a gateway is bound by that these clients spoke to themselves.
    pub(crate) fn promised(&self) -> Promised {
        let entries = self.entries();
        let frames = entries.nodes.iter().map(|(node, said)| (*node, (0..said.acknowledged).collect()));
        let answers = &entries.answers[..entries.answers_acknowledged];
        Promised {
            frames: frames.collect(),
            answers: answers.iter().map(|answer| answer.offer.clone()).collect(),
            given: entries.offers.iter().map(|(id, (_, times))| (id.clone(), *times)).collect(),
        }
    }

    /// An offer came.
    pub(crate) fn heard(&self, payload: &[u8]) {
        let offer: Value = serde_json::from_slice(payload).expect("offers are JSON");
        let id = offer["id"].as_str().expect("offers have ids").to_owned();
        let mut entries = self.entries();
        let heard = entries.offers.len();
        let (first, times) = entries.offers.entry(id.clone()).or_insert_with(|| (offer.clone(), 0));
        assert_eq!(*first, offer, "one id, two offers");
        *times += 1;
        if *times == 1 && heard.is_multiple_of(ANSWER_EVERY) {
            let topic = format!("turnpage/v1/harbour/outcome/{}", offer["subject"].as_str().expect("a name"));
            let payload =
                json!({ "id": &id, "outcome": "accepted", "at": now_ms() }).to_string().into_bytes();
            entries.answers.push(Answer { offer: id, topic, payload });
        }
        self.changed.notify_all();
    }

    /// Answers by number, as many of the range as there are.
    pub(crate) fn answers(&self, range: Range<usize>) -> Vec<(usize, Answer)> {
        let entries = self.entries();
        let range = range.start..range.end.min(entries.answers.len());
        range.map(|number| (number, entries.answers[number].clone())).collect()
    }

    /// How many answers were acknowledged.
    pub(crate) fn answered(&self) -> usize {
        self.entries().answers_acknowledged
    }

    /// One more is.
    pub(crate) fn answer_acknowledged(&self) {
        self.entries().answers_acknowledged += 1;
        self.changed.notify_all();
    }

    /// Waits until the gateway has acknowledged so many more frames.
    pub(crate) fn wait_for(&self, more: u64, gateway: &mut Process) {
        let wanted = self.entries().taken + more;
        self.wait_until(gateway, |entries| entries.taken >= wanted);
    }

    /// Has nodes say no more, and waits until everything is acknowledged and everyone who came was offered what they
    /// were to be offered.
    pub(crate) fn finish(&self, gateway: &mut Process) {
        self.entries().closed = true;
        self.changed.notify_all();
        self.wait_until(gateway, |entries| {
            let mut nodes = entries.nodes.values();
            let frames = entries.nodes.values().flat_map(|said| 0..said.at_ms.len());
            nodes.all(|said| said.acknowledged == said.at_ms.len() && said.taken == said.at_ms.len())
                && entries.offers.len() == frames.filter(|frame| crate::check::is_entry(*frame)).count()
                && entries.answers_acknowledged == entries.answers.len()
        });
    }

    /// As [`Self::finish`] behind a broker that has lost some of it: the last frame of each node is enough.
    pub(crate) fn finish_with_losses(&self, gateway: &mut Process) {
        let said: Vec<usize> = self.entries().nodes.values().map(|said| said.at_ms.len()).collect();
        self.wait_until(gateway, |entries| {
            entries.nodes.values().zip(&said).all(|(now, before)| now.taken > *before)
        });
        self.entries().closed = true;
        self.changed.notify_all();
        self.wait_until(gateway, |entries| {
            entries
                .nodes
                .values()
                .all(|said| said.acknowledged == said.at_ms.len() && said.taken == said.at_ms.len())
        });
    }

    fn wait_until(&self, gateway: &mut Process, holds: impl Fn(&Entries) -> bool) {
        let mut entries = self.entries();
        while !holds(&entries) {
            let waited = self.changed.wait_timeout(entries, LOOK_EVERY);
            entries = waited.unwrap_or_else(PoisonError::into_inner).0;
            entries.assert_nobody_gave_up();
            gateway.assert_alive();
        }
    }
}

impl Entries {
    fn assert_nobody_gave_up(&self) {
        assert!(!self.abandoned, "a client gave up");
    }
}

/// Tells of a client's end that is none of its own.
struct Guard(Arc<Ledger>);

impl Drop for Guard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.entries().abandoned = true;
            self.0.changed.notify_all();
        }
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("a time")
}
