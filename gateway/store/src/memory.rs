//! The store that forgets: for tests, for trying things out, and as the model that the disk is held against.
//!
//! Clones share one content, so that a gateway can be stopped and started again on it. It writes nothing anywhere.
//! Before: lib.rs. Next: disk.rs, the store that remembers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use turnpage_gateway_core::{Batch, State};

use crate::{Error, Recovered, Sequence, Snapshot, SnapshotJob, Store};

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
        Box::new(move || Ok(Snapshot { through, chunks: 0, trimmed: 0 }))
    }

    fn tail_bytes(&self) -> u64 {
        0
    }
}
