//! Sensors that are already there, while the gateway runs: whose a message is, and what has come of each source's.
//!
//! What messages mean is gateway/sources. Counters are shared with `/metrics`, and nothing else is. Before: shard.rs, which
//! asks the sources first. Next: `Pipeline::event` of gateway/core.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use turnpage_gateway_core::{Admission, Origin, Pipeline, Reason, Timestamp};
use turnpage_gateway_mqtt::Topic;
pub use turnpage_gateway_sources::{Mapped, PAYLOAD_MAX, Source, Told, Trouble, TroubleKind};

/// The sources of a gateway, in the order in which they are asked.
#[derive(Clone, Default)]
pub(crate) struct Sources(Arc<[(Arc<Source>, Arc<Tally>)]>);

/// What has come of one source's messages since the start.
#[derive(Debug, Default)]
struct Tally {
    mapped: AtomicU64,
    ignored: AtomicU64,
    malformed: [AtomicU64; TroubleKind::ALL.len()],
    refused: [AtomicU64; Reason::ALL.len()],
}

impl Sources {
    pub(crate) fn new(sources: Vec<Arc<Source>>) -> Self {
        Self(sources.into_iter().map(|source| (source, Arc::default())).collect())
    }

    /// Other sources in place of these; one whose name was there before counts on.
    pub(crate) fn renewed(&self, sources: Vec<Arc<Source>>) -> Self {
        let tally = |source: &Source| {
            let known = self.0.iter().find(|(known, _)| known.name == source.name);
            known.map(|(_, tally)| Arc::clone(tally)).unwrap_or_default()
        };
        Self(sources.into_iter().map(|source| (Arc::clone(&source), tally(&source))).collect())
    }

    /// The topics that they ask for.
    pub(crate) fn topics(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(source, _)| source.topics.as_str())
    }

    /// Takes a message through the source whose it is; `None` when it is no source's.
    pub(crate) fn take(
        &self,
        pipeline: &mut Pipeline,
        now: Timestamp,
        from: &Origin,
        topic: &Topic,
        payload: &[u8],
    ) -> Option<Admission> {
        let (source, tally) = self.0.iter().find(|(source, _)| source.owns(topic))?;
        let events = match source.map(now, topic.as_str(), payload) {
            Mapped::Events(events) => events,
            Mapped::Ignored => {
                tally.ignored.fetch_add(1, Ordering::Relaxed);
                return Some(Admission::Admitted);
            }
            Mapped::Malformed(trouble) => {
                count(&tally.malformed, TroubleKind::ALL.iter().position(|kind| *kind == trouble.kind));
                tracing::debug!(source = source.name, "malformed: {trouble}");
                let oversized = trouble.kind == TroubleKind::Oversized;
                let reason = if oversized { Reason::Oversized } else { Reason::Malformed };
                return Some(pipeline.refuse(now, from, topic.as_str(), payload, reason));
            }
        };
        let admission = pipeline.events(now, from, topic.as_str(), payload, events);
        match admission {
            Admission::Dead(reason) => {
                count(&tally.refused, Reason::ALL.iter().position(|known| *known == reason));
            }
            Admission::Admitted | Admission::Duplicate => {
                tally.mapped.fetch_add(1, Ordering::Relaxed);
            }
        }
        Some(admission)
    }

    /// What has come of messages: a source, a word and a number each.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&str, String, u64)> {
        self.0.iter().flat_map(|(source, tally)| {
            let plain = [("mapped", &tally.mapped), ("ignored", &tally.ignored)];
            let plain = plain.into_iter().map(|(word, count)| (word.to_owned(), count));
            let malformed = TroubleKind::ALL.iter().map(|kind| format!("malformed-{}", kind.as_str()));
            let refused = Reason::ALL.iter().map(|reason| format!("refused-{}", reason.as_str()));
            let all = plain.chain(malformed.zip(&tally.malformed)).chain(refused.zip(&tally.refused));
            all.map(|(word, count)| (source.name.as_str(), word, count.load(Ordering::Relaxed)))
        })
    }
}

fn count(counters: &[AtomicU64], place: Option<usize>) {
    if let Some(counter) = place.and_then(|place| counters.get(place)) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(source, _)| source)).finish()
    }
}
