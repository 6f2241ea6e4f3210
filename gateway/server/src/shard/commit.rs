//! Makes groups durable, one after the other, and only then answers for them and lets their offers go.
//!
//! It ends at the first commit that fails, with everything unanswered. Snapshots are taken beside it, on a thread of
//! their own. Before: shard.rs. Next: dispatch.rs.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use turnpage_gateway_core::Batch;
use turnpage_gateway_store::{Error, Snapshot, Store};

use crate::books::Books;
use crate::dispatch::ToDispatch;
use crate::inbound::Owed;
use crate::measured::Measured;
use crate::pulse::Pulse;
use crate::recent::Recent;
use crate::traces::{Group, Traces, Way};

/// After a snapshot that failed, until the next is tried: a full disk is not emptied within a commit.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// A group: what it changed, and what is owed for it.
pub(super) struct Work {
    pub(super) batch: Batch,
    pub(super) owed: Vec<Owed>,
    /// How its offers came about, of those that are told of.
    pub(super) ways: Vec<Way>,
}

/// The committer.
pub(super) struct Committer {
    store: Box<dyn Store>,
    dispatch: mpsc::Sender<ToDispatch>,
    recent: Arc<Recent>,
    books: Arc<Books>,
    pulse: Arc<Pulse>,
    measured: Arc<Measured>,
    traces: Option<Traces>,
    snapshot: Option<JoinHandle<Result<Snapshot, Error>>>,
    /// When the last snapshot failed.
    failed: Option<Instant>,
}

impl Committer {
    pub(super) fn new(
        store: Box<dyn Store>,
        dispatch: mpsc::Sender<ToDispatch>,
        (recent, books): (Arc<Recent>, Arc<Books>),
        (pulse, measured, traces): (Arc<Pulse>, Arc<Measured>, Option<Traces>),
    ) -> Self {
        Self { store, dispatch, recent, books, pulse, measured, traces, snapshot: None, failed: None }
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
        let Work { mut batch, owed, ways } = work;
        let began = Instant::now();
        self.pulse.commit();
        let committed = if batch.is_empty() { Ok(None) } else { self.store.commit(&batch).map(Some) };
        self.pulse.commit();
        let ended = Instant::now();
        if !batch.is_empty() {
            self.measured.committed(ended - began, owed.len(), committed.is_ok());
        }
        let at = committed?;
        if let Some(at) = at {
            self.books.committed(at, &mut batch);
        }
        owed.into_iter().for_each(Owed::answer);
        self.books.keep_up();
        if let (Some(traces), Some(at), false) = (&self.traces, at, ways.is_empty()) {
            let (entries, offers) = (batch.entries.len(), batch.outbox.len());
            traces.committed(ways, &Group { began, ended, at: at.0, entries, offers });
        }
        let Batch { outbox, settled, dead, choices, .. } = batch;
        self.recent.keep(dead);
        if let Some(at) = at
            && !(outbox.is_empty() && settled.is_empty() && choices.is_empty())
        {
            // Dispatch ends before the shard only when the whole gateway is being dropped.
            let _ = self.dispatch.blocking_send(ToDispatch::Committed { at, outbox, settled, choices });
        }
        self.collect_snapshot(false);
        if self.snapshot.is_none() && self.store.snapshot_is_due() {
            self.take_snapshot();
        }
        Ok(())
    }

    fn take_snapshot(&mut self) {
        if self.failed.is_some_and(|failed| failed.elapsed() < RETRY_AFTER) {
            return;
        }
        match std::thread::Builder::new().name("snapshot".into()).spawn(self.store.snapshot()) {
            Ok(snapshot) => self.snapshot = Some(snapshot),
            Err(error) => tracing::error!("cannot start a thread for a snapshot: {error}"),
        }
    }

    /// Saves the books on a thread of their own, so that no more of the log has to be read for them than for the rest.
    fn save_books(&self) {
        let books = Arc::clone(&self.books);
        let saver = std::thread::Builder::new().name("books".into()).spawn(move || books.save());
        if let Err(error) = saver {
            tracing::error!("cannot start a thread to save the books of offers: {error}");
        }
    }

    fn collect_snapshot(&mut self, wait: bool) {
        let Some(snapshot) = self.snapshot.take_if(|snapshot| wait || snapshot.is_finished()) else { return };
        let failure = match snapshot.join() {
            Ok(Ok(taken)) => {
                self.failed = None;
                let Snapshot { through, written_bytes, layers, trimmed } = taken;
                self.measured.snapshot(Some(written_bytes));
                tracing::info!(through = through.0, written_bytes, layers, trimmed, "snapshot taken");
                self.save_books();
                return;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "its thread panicked".to_owned(),
        };
        self.measured.snapshot(None);
        // Not fatal: the log is whole, only the next restart takes longer.
        tracing::error!("no snapshot was taken: {failure}");
        self.failed = Some(Instant::now());
    }
}
