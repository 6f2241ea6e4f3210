//! Makes groups durable, one after the other, and only then answers for them and lets their offers go.
//!
//! It ends at the first commit that fails, with everything unanswered. Snapshots are taken beside it, on a thread of
//! their own. Before: shard.rs. Next: dispatch.rs.

use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::mpsc;
use turnpage_gateway_core::{Admission, Batch};
use turnpage_gateway_store::{Error, Snapshot, Store};

use crate::dispatch::ToDispatch;
use crate::inbound::Receipt;
use crate::recent::Recent;

/// A snapshot is taken once a restart would have to read this much of the log,
const TAIL_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// or this many commits: either keeps a restart within a few seconds.
const TAIL_COMMITS_MAX: u64 = 20_000;

/// A group: what it changed, and what is owed for it.
pub(super) struct Work {
    pub(super) batch: Batch,
    pub(super) receipts: Vec<(Receipt, Admission)>,
}

/// The committer.
pub(super) struct Committer {
    store: Box<dyn Store>,
    dispatch: mpsc::Sender<ToDispatch>,
    recent: Arc<Recent>,
    /// Commits since the last snapshot.
    tail: u64,
    snapshot: Option<JoinHandle<Result<Snapshot, Error>>>,
}

impl Committer {
    pub(super) fn new(
        store: Box<dyn Store>,
        replayed: u64,
        dispatch: mpsc::Sender<ToDispatch>,
        recent: Arc<Recent>,
    ) -> Self {
        Self { store, dispatch, recent, tail: replayed, snapshot: None }
    }

    /// Commits what comes until nothing more can come or a commit fails. Says through `idle` when it has nothing to
    /// do, so that the next group is as large as the last sync took long.
    pub(super) fn run(
        mut self,
        mut works: mpsc::Receiver<Work>,
        idle: &mpsc::Sender<()>,
    ) -> Result<(), Error> {
        let mut result = Ok(());
        while result.is_ok() && idle.blocking_send(()).is_ok() {
            let Some(work) = works.blocking_recv() else { break };
            result = self.commit(work);
        }
        // The store is let go of only when nothing reads it any more.
        self.collect_snapshot(true);
        result
    }

    fn commit(&mut self, work: Work) -> Result<(), Error> {
        let Work { batch, receipts } = work;
        if !batch.is_empty() {
            self.store.commit(&batch)?;
            self.tail += 1;
        }
        for (receipt, admission) in receipts {
            receipt.answer(admission);
        }
        let Batch { outbox, settled, dead, choices, .. } = batch;
        self.recent.keep(dead);
        if !(outbox.is_empty() && settled.is_empty() && choices.is_empty()) {
            // Dispatch ends before the shard only when the whole gateway is being dropped.
            let _ = self.dispatch.blocking_send(ToDispatch::Committed { outbox, settled, choices });
        }
        self.collect_snapshot(false);
        if self.tail >= TAIL_COMMITS_MAX || self.store.tail_bytes() >= TAIL_BYTES_MAX {
            self.take_snapshot();
        }
        Ok(())
    }

    fn take_snapshot(&mut self) {
        if self.snapshot.is_some() {
            return;
        }
        self.tail = 0;
        match std::thread::Builder::new().name("snapshot".into()).spawn(self.store.snapshot()) {
            Ok(snapshot) => self.snapshot = Some(snapshot),
            Err(error) => tracing::error!("cannot start a thread for a snapshot: {error}"),
        }
    }

    fn collect_snapshot(&mut self, wait: bool) {
        let Some(snapshot) = self.snapshot.take_if(|snapshot| wait || snapshot.is_finished()) else { return };
        match snapshot.join() {
            Ok(Ok(taken)) => tracing::info!(
                through = taken.through.0,
                chunks = taken.chunks,
                trimmed = taken.trimmed,
                "snapshot taken"
            ),
            // Not fatal: the log is whole, only the next restart takes longer.
            Ok(Err(error)) => tracing::error!("no snapshot was taken: {error}"),
            Err(_) => tracing::error!("no snapshot was taken: its thread panicked"),
        }
    }
}
