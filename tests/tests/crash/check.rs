//! Holds the log of a gateway that is gone against the ledger, and against what the log alone makes.
//!
//! It reads on where it stopped before: each commit once, as it came to be, however many kills there are. What has to be there
//! follows from the ledger and node.rs, not from anything that the gateway says. Before: ledger.rs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use turnpage_firmware_wire as wire;
use turnpage_gateway_core::{
    Batch, Cause, ContextEvent, Entry, OfferId, Outgoing, Pipeline, Place, Presence, Sighting, State,
    SubjectName, What,
};
use turnpage_gateway_store::{Disk, Sequence, Store as _, disk::Options};
use turnpage_journeys_engine::Outcome;
use turnpage_tests::workspace::turnpage;

use crate::ledger::{Ledger, Promised};
use crate::node;
use crate::site::{self, Site};

/// Whether a node's frame lets its subject in, so that there is an offer for it.
pub(crate) fn is_entry(frame: usize) -> bool {
    node::presence(frame) == wire::Presence::Enter
}

/// What was read so far, and what it comes to.
pub(crate) struct Check {
    /// Fed with nothing but what the log says was processed.
    replay: Pipeline,
    /// All commits, one into the other.
    folded: State,
    last: Sequence,
    /// How often a log went on under another edition.
    editions: u64,
    /// Something between nodes and gateway may lose frames, and is not the gateway's to answer for.
    lossy: bool,
    /// Frames of each node, in their order.
    frames: BTreeMap<u32, Vec<usize>>,
    /// Offers that each subject is to have had.
    due: BTreeMap<SubjectName, usize>,
    made: BTreeMap<OfferId, Outgoing>,
    accepted: BTreeSet<OfferId>,
    /// Offers that the log says were delivered, and how often they had come when that was read.
    delivered: BTreeMap<OfferId, u32>,
}

impl Check {
    pub(crate) fn new(site: &Site, lossy: bool) -> Self {
        Self {
            replay: site.pipeline(),
            folded: State::default(),
            last: Sequence(0),
            editions: 0,
            lossy,
            frames: BTreeMap::new(),
            due: BTreeMap::new(),
            made: BTreeMap::new(),
            accepted: BTreeSet::new(),
            delivered: BTreeMap::new(),
        }
    }

    /// Everything that holds whenever a gateway has ended. `said` goes before whatever does not hold.
    pub(crate) fn after_kill(&mut self, data: &Path, ledger: &Ledger, promised: &Promised, said: &str) {
        if !turnpage_gateway_store::disk::is_in(data) {
            assert_eq!(self.last, Sequence(0), "{said}: the store is gone");
            return;
        }
        let mut store =
            Disk::open(data, Options::keep_all()).unwrap_or_else(|error| panic!("{said}: {error}"));
        let from = Sequence(self.last.0 + 1);
        let mut visit = |sequence: Sequence, batch| {
            assert_eq!(sequence.0, self.last.0 + 1, "{said}: the log has a gap");
            self.last = sequence;
            self.commit(batch, ledger, promised, &format!("{said}, commit {sequence}"));
            true
        };
        store.log(from, &mut visit).unwrap_or_else(|error| panic!("{said}: {error}"));
        let recovered = store.recover().unwrap_or_else(|error| panic!("{said}: {error}"));
        assert_eq!(recovered.last, self.last, "{said}: a restart begins elsewhere");
        assert!(recovered.state == self.folded, "{said}: a restart begins with another state");
        self.nothing_is_lost(promised, said);
        self.nothing_comes_twice(ledger, promised, said);
    }

    /// What holds once everything that was said has been acknowledged, too.
    pub(crate) fn at_the_end(&mut self, data: &Path, ledger: &Ledger, promised: &Promised, said: &str) {
        self.after_kill(data, ledger, promised, said);
        let verified = Command::new(turnpage()).args(["store", "verify"]).arg(data).output().expect("starts");
        assert!(verified.status.success(), "{said}: {}", String::from_utf8_lossy(&verified.stdout));
        if self.lossy {
            return;
        }
        let entries = ledger.entries();
        for (node, told) in &entries.nodes {
            assert_eq!(self.frames.get(node).map(Vec::len), Some(told.at_ms.len()), "{said}: node {node}");
        }
        assert_eq!(self.accepted.len(), entries.answers.len(), "{said}: answers");
        let heard: Vec<_> = entries.offers.keys().cloned().collect();
        let made: Vec<_> = self.made.keys().map(ToString::to_string).collect();
        assert_eq!(made, heard, "{said}: offers made, and offers that came");
    }

    /// How much there was of everything.
    pub(crate) fn summary(&self, ledger: &Ledger) -> String {
        let entries = ledger.entries();
        let times: u32 = entries.offers.values().map(|(_, times)| times).sum();
        let frames: usize = self.frames.values().map(Vec::len).sum();
        let said: usize = entries.nodes.values().map(|said| said.at_ms.len()).sum();
        format!(
            "{said} frames acknowledged and {frames} in {} commits, {} editions, {} offers that came {times} times, {} answers",
            self.last,
            self.editions,
            self.made.len(),
            self.accepted.len()
        )
    }

    fn commit(&mut self, batch: Batch, ledger: &Ledger, promised: &Promised, said: &str) {
        for Entry { now, cause } in batch.entries.iter().cloned() {
            match cause {
                Cause::Tick => self.replay.advance(now),
                // What it is to be replayed under is in the log itself.
                Cause::Edition(digest) => {
                    let edition = batch.edition().unwrap_or_else(|| panic!("{said}: no edition"));
                    assert_eq!(edition.digest(), digest, "{said}: another edition");
                    let state = self.replay.state();
                    self.replay = site::under(now, edition, state);
                    self.editions += 1;
                }
                Cause::Event(event) => {
                    self.event(&event, ledger, promised, said);
                    self.replay.event(now, event);
                }
            }
        }
        let replayed = self.replay.take_batch();
        assert_eq!(replayed.outbox, batch.outbox, "{said}: the log makes other offers");
        assert_eq!(replayed.decisions, batch.decisions, "{said}: the log decides otherwise");
        assert_eq!(replayed.settled, batch.settled, "{said}: the log settles otherwise");
        assert_eq!(replayed.notes, batch.notes, "{said}: the log notes otherwise");
        assert!(replayed.subjects == batch.subjects, "{said}: the log makes another state");
        assert!(replayed.stays == batch.stays, "{said}: the log has somebody elsewhere");
        for offer in &batch.outbox {
            let twice = self.made.insert(offer.id, offer.clone());
            assert_eq!(twice, None, "{said}: an offer is made twice");
        }
        self.folded.absorb(batch);
    }

    /// The next frame of its node, or what became of an offer: nothing else happens here.
    fn event(&mut self, event: &ContextEvent, ledger: &Ledger, promised: &Promised, said: &str) {
        match &event.what {
            What::Sighting(Sighting { subject, place: Place::Node(node), presence, .. }) => {
                let frames = self.frames.entry(node.0).or_default();
                let mut number = frames.last().map_or(0, |last| last + 1);
                let sent = ledger.said(node.0).1;
                while self.lossy && number + 1 < sent && ledger.at(node.0, number) < event.at.0 {
                    number += 1;
                }
                assert!(number < sent, "{said}: node {node} said {sent} frames, and there are more");
                let left = node::presence(number) == wire::Presence::Leave;
                let expected = (
                    ledger.at(node.0, number),
                    name(node::subject(node.0, number)),
                    if left { Presence::Left } else { Presence::Seen },
                );
                let found = (event.at.0, subject.clone(), *presence);
                assert_eq!(found, expected, "{said}: node {node}, frame {number}, found and expected");
                if is_entry(number) {
                    *self.due.entry(subject.clone()).or_default() += 1;
                }
                frames.push(number);
            }
            What::Outcome { offer, outcome: Outcome::Accepted, .. } => {
                assert!(self.accepted.insert(*offer), "{said}: {offer} is accepted twice");
            }
            What::Outcome { offer, outcome: Outcome::Delivered, .. } => {
                let times = promised.given.get(&offer.to_string()).copied();
                let times =
                    times.unwrap_or_else(|| panic!("{said}: {offer} is delivered, and nobody had it"));
                assert_eq!(self.delivered.insert(*offer, times), None, "{said}: {offer} is delivered twice");
            }
            other => panic!("{said}: nobody said {other:?}"),
        }
    }

    fn nothing_is_lost(&self, promised: &Promised, said: &str) {
        for (node, acknowledged) in &promised.frames {
            let there = self.frames.get(node).map(Vec::as_slice).unwrap_or_default();
            let lost: Vec<_> =
                acknowledged.iter().filter(|frame| there.binary_search(frame).is_err()).collect();
            assert!(
                lost.is_empty(),
                "{said}: of node {node} frames {lost:?} were acknowledged and are not there"
            );
        }
        let accepted: BTreeSet<String> = self.accepted.iter().map(ToString::to_string).collect();
        let lost: Vec<_> = promised.answers.difference(&accepted).collect();
        assert!(lost.is_empty(), "{said}: answers to {lost:?} were acknowledged and are not there");
    }

    /// Whatever is in the log was acknowledged: so a gateway ends that is asked to.
    pub(crate) fn nothing_is_unanswered(&self, ledger: &Ledger, said: &str) {
        let entries = ledger.entries();
        for (node, told) in &entries.nodes {
            let there = self.frames.get(node).map_or(0, Vec::len);
            assert_eq!(there, told.acknowledged, "{said}: node {node}, in the log and acknowledged");
        }
        assert_eq!(self.accepted.len(), entries.answers_acknowledged, "{said}: answers");
    }

    fn nothing_comes_twice(&self, ledger: &Ledger, promised: &Promised, said: &str) {
        if !self.lossy {
            let mut made: BTreeMap<SubjectName, usize> = BTreeMap::new();
            for offer in self.made.values() {
                *made.entry(offer.subject.clone()).or_default() += 1;
            }
            assert_eq!(made, self.due, "{said}: whoever comes is greeted, each time and once");
        }
        for (offer, before) in &self.delivered {
            let times = promised.given.get(&offer.to_string());
            assert_eq!(times, Some(before), "{said}: {offer} was delivered, and came again");
        }
        let entries = ledger.entries();
        let made: BTreeMap<String, &Outgoing> =
            self.made.iter().map(|(id, offer)| (id.to_string(), offer)).collect();
        for (id, (offer, _)) in &entries.offers {
            let made = made.get(id).unwrap_or_else(|| panic!("{said}: {offer} came, and is not in the log"));
            assert_eq!(offer["text"], made.text, "{said}: {id} says another thing");
        }
    }
}

fn name(subject: [u8; 8]) -> SubjectName {
    let text: String = subject.iter().map(|byte| format!("{byte:02x}")).collect();
    SubjectName::new(&text).expect("a name")
}
