//! The store that forgets: for tests, for trying things out, and as the model that the disk is held against.
//!
//! Clones share one content, so that a gateway can be stopped and started again on it. It writes nothing anywhere.
//! Before: lib.rs. Next: disk.rs, the store that remembers.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use turnpage_gateway_core::{Batch, State};

use crate::backup::{self, Head};
use crate::entry::{self, Delta, Digest, Entry, Owned};
use crate::upkeep::Hear;
use crate::{
    BackedUp, Error, Recovered, Sequence, Snapshot, SnapshotJob, StateDigest, Store, Upkeep, Verified,
};

/// Commits that stay readable through [`Store::log`]: some minutes of a busy venue, without growing for ever.
const LOG_RECORDS_MAX: usize = 10_000;

/// A store in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Content>>);

#[derive(Debug, Default)]
struct Content {
    state: State,
    last: u64,
    /// The newest commits, oldest first.
    log: VecDeque<(Sequence, Batch)>,
}

impl Memory {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn entries(&self, content: &Content) -> Result<Vec<Owned>, Error> {
        // A store that was never written to holds nothing, not even a time.
        if content.last == 0 {
            return Ok(Vec::new());
        }
        let sequence = Sequence(content.last);
        entry::of_state(&content.state).map_err(|source| Error::Encode { sequence, source })
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        // A panic elsewhere cannot leave the content half changed in a way that matters: nobody else reads it then.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    fn commit(&mut self, batch: &Batch) -> Result<Sequence, Error> {
        let mut content = self.content();
        content.last += 1;
        let sequence = Sequence(content.last);
        content.state.absorb(batch.clone());
        if content.log.len() == LOG_RECORDS_MAX {
            content.log.pop_front();
        }
        content.log.push_back((sequence, batch.clone()));
        Ok(sequence)
    }

    fn recover(&mut self) -> Result<Recovered, Error> {
        let content = self.content();
        Ok(Recovered { state: content.state.clone(), last: Sequence(content.last), replayed: 0 })
    }

    fn log(&self, from: Sequence, visit: &mut dyn FnMut(Sequence, Batch) -> bool) -> Result<(), Error> {
        // Copied out, because `visit` may take its time and commits should not wait for it.
        let kept: Vec<_> = self.content().log.iter().filter(|(at, _)| *at >= from).cloned().collect();
        kept.into_iter().all(|(at, batch)| visit(at, batch));
        Ok(())
    }

    fn snapshot(&self) -> SnapshotJob {
        let through = Sequence(self.content().last);
        Box::new(move || Ok(Snapshot { through, written_bytes: 0, layers: 0, trimmed: 0 }))
    }

    fn snapshot_is_due(&self) -> bool {
        false
    }

    fn upkeep(&self) -> Arc<dyn Upkeep> {
        Arc::new(self.clone())
    }
}

impl Upkeep for Memory {
    fn verify(&self, _: Hear<'_>) -> Result<Verified, Error> {
        let content = self.content();
        let entries = self.entries(&content)?;
        let (commits, last) = (content.log.len() as u64, Sequence(content.last));
        let state = Some(digest(&entries));
        Ok(Verified { commits, entries: entries.len() as u64, last, state, findings: Vec::new() })
    }

    fn compact(&self, _: Hear<'_>) -> Result<Snapshot, Error> {
        self.snapshot()()
    }

    fn backup(&self, out: &mut dyn Write, progress: Hear<'_>) -> Result<BackedUp, Error> {
        // Copied out, because writing may take its time and commits should not wait for it.
        let (entries, log, last, until) = {
            let content = self.content();
            (self.entries(&content)?, content.log.clone(), content.last, content.state.now)
        };
        let first = last + 1 - log.len() as u64;
        let mut writer =
            backup::Writer::begin(out, Head::new(Sequence(last), until, first, last, 0), progress)?;
        for (sequence, batch) in log {
            let payload = batch.to_bytes().map_err(|source| Error::Encode { sequence, source })?;
            writer.commit(sequence, &payload)?;
        }
        for (key, value) in &entries {
            writer.entry(Entry { key, value: Some(value) })?;
        }
        writer.end(digest(&entries))
    }
}

fn digest(entries: &[Owned]) -> StateDigest {
    let delta = Delta::default();
    let mut digest = Digest::over(&delta);
    for (key, value) in entries {
        digest.pass(Entry { key, value: Some(value) });
    }
    digest.finish()
}
