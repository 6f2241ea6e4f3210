//! A store that fails: nothing of the failed commit is acknowledged, the probe says why, and once the store works again
//! the gateway goes on from its log, with the same message counted once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use turnpage_gateway_core::Batch;
use turnpage_gateway_server::{Opener, Storage};
use turnpage_gateway_store::{Error, Memory, Recovered, Sequence, SnapshotJob, Store, Upkeep};

use crate::client::{Channel, Node, frame, pseudonym};
use crate::http::get;
use crate::site::{Site, until};

/// A memory that is full while `full` says so.
pub(crate) struct Faulty {
    pub(crate) memory: Memory,
    pub(crate) full: Arc<AtomicBool>,
}

impl Faulty {
    fn checked(&self) -> Result<(), Error> {
        if !self.full.load(Ordering::SeqCst) {
            return Ok(());
        }
        let source = std::io::Error::from(std::io::ErrorKind::StorageFull);
        Err(Error::Io { action: "write the log", path: "/full".into(), source })
    }
}

impl Store for Faulty {
    fn commit(&mut self, batch: &Batch) -> Result<Sequence, Error> {
        self.checked()?;
        self.memory.commit(batch)
    }

    fn recover(&mut self) -> Result<Recovered, Error> {
        self.checked()?;
        self.memory.recover()
    }

    fn log(&self, from: Sequence, visit: &mut dyn FnMut(Sequence, Batch) -> bool) -> Result<(), Error> {
        self.memory.log(from, visit)
    }

    fn snapshot(&self) -> SnapshotJob {
        self.memory.snapshot()
    }

    fn snapshot_is_due(&self) -> bool {
        self.memory.snapshot_is_due()
    }

    fn upkeep(&self) -> Arc<dyn Upkeep> {
        self.memory.upkeep()
    }
}

#[tokio::test]
async fn a_full_disk_acknowledges_nothing_and_heals() {
    let (memory, full) = (Memory::new(), Arc::new(AtomicBool::new(false)));
    let opened = (memory.clone(), Arc::clone(&full));
    let open = move || -> Result<Box<dyn Store>, Error> {
        Ok(Box::new(Faulty { memory: opened.0.clone(), full: Arc::clone(&opened.1) }))
    };
    let site = Site::with(Storage::Custom(Opener(Arc::new(open))));
    let gateway = site.start().await;
    let mut bands = Channel::connect(&gateway, &site).await;
    let mut node = Node::connect(&gateway, &site).await;
    let at = site.now();
    node.sees(1, at).await;
    assert_eq!(bands.offer().await["subject"], pseudonym(1));
    // The picture may be ahead of the store; it is the store that is to have nothing left to write.
    while !memory.clone().recover().unwrap().state.outbox.is_empty() {
        tokio::task::yield_now().await;
    }

    full.store(true, Ordering::SeqCst);
    node.publish_in_vain(frame(2, 2, at)).await;
    while gateway.trouble().is_none() {
        tokio::task::yield_now().await;
    }
    let trouble = get(&gateway, "/readyz").await;
    assert!(trouble.head.starts_with("http/1.1 503"), "{}", trouble.head);
    assert!(trouble.body.contains("cannot write the log in `/full`"), "{}", trouble.body);
    assert!(get(&gateway, "/api/v1/live").await.head.starts_with("http/1.1 200"), "reads go on");

    full.store(false, Ordering::SeqCst);
    let mut node = Node::connect(&gateway, &site).await;
    node.publish(frame(2, 2, at)).await;
    assert_eq!(bands.offer().await["subject"], pseudonym(2));
    let live = until(&gateway, |live| live.counters.offers == 2).await;
    assert_eq!((live.counters.admitted, live.counters.duplicates), (2, 0));
    assert_eq!(get(&gateway, "/readyz").await.body, "ready\n");
    gateway.stop().await.unwrap();
}
