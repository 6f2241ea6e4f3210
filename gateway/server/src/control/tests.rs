//! The operator's socket over a store in memory: what is asked for comes, what is not understood ends the call, and nobody
//! else may ask.

use std::os::unix::fs::MetadataExt;

use tempfile::TempDir;
use turnpage_gateway_core::{Batch, Timestamp};
use turnpage_gateway_report::Promise;
use turnpage_gateway_store::{Memory, Store, backup};

use super::*;

fn memory() -> Memory {
    let mut memory = Memory::new();
    for number in 0..50 {
        memory.commit(&Batch { now: Timestamp(number), ..Batch::default() }).expect("memory takes all");
    }
    memory
}

/// Runs the door of a store while `ask` asks at it, on a thread of its own.
async fn asked<T: Send + 'static>(
    upkeep: Option<Arc<dyn Upkeep>>,
    ask: impl FnOnce(&Path) -> T + Send + 'static,
) -> T {
    let dir = TempDir::new().expect("a directory");
    let (phase, phases) = watch::channel(Phase::Open);
    let slot = Slot::default();
    slot.put(upkeep);
    let control = Control::bind(dir.path()).expect("a socket");
    let promise = Promise { journey: "rainy-day".into(), ..Promise::default() };
    let (_shown, shown) = watch::channel(Arc::new(Shown { promises: vec![promise], ..Shown::default() }));
    let counts = Counts { books: Arc::default(), shown };
    let running = tokio::spawn(control.run(slot, counts, phases));
    let path = dir.path().to_owned();
    let answer = tokio::task::spawn_blocking(move || ask(&path)).await.expect("no panic");
    phase.send_replace(Phase::Over);
    running.await.expect("no panic");
    assert!(connect(dir.path()).expect("nothing refuses").is_none(), "stopped, it leaves no socket");
    answer
}

#[tokio::test]
async fn what_is_asked_for_comes_back() {
    let memory = memory();
    let here = memory.upkeep();
    asked(Some(memory.upkeep()), move |dir| {
        let there = connect(dir).expect("it may ask").expect("it runs");
        let (mut one, mut other) = (Vec::new(), Vec::new());
        let backed_up = there.backup(&mut one, &mut |_| {}).expect("a backup");
        assert_eq!(backed_up, here.backup(&mut other, &mut |_| {}).expect("a backup"));
        assert_eq!(one, other, "byte for byte");
        assert_eq!(backup::verify(&*one, &mut |_| {}).expect("it is whole"), backed_up);
        let nothing = &mut |_: Progress| {};
        assert_eq!(there.verify(nothing).expect("read"), here.verify(&mut |_| {}).expect("read"));
        assert_eq!(there.compact(nothing).expect("done"), here.compact(&mut |_| {}).expect("done"));
    })
    .await;
}

#[tokio::test]
async fn only_the_gateways_user_may_ask() {
    asked(None, |dir| {
        let mode = |path: PathBuf| fs::metadata(path).expect("it is there").mode() & 0o777;
        assert_eq!(mode(dir.join(FOLDER)), 0o700);
        assert_eq!(mode(dir.join(FOLDER).join(SOCKET)), 0o600);
    })
    .await;
}

#[tokio::test]
async fn a_store_that_is_not_open_is_an_answer() {
    asked(None, |dir| {
        let there = connect(dir).expect("it may ask").expect("it runs");
        let error = there.verify(&mut |_| {}).expect_err("there is nothing to read").to_string();
        assert!(error.contains("stopped"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn counts_are_told_whether_or_not_the_store_is_open() {
    asked(None, |dir| {
        let (tally, promises) = counts(dir).expect("it may ask").expect("it runs");
        assert_eq!((tally.days(), promises[0].journey.as_str()), (None, "rainy-day"));
    })
    .await;
}

#[tokio::test]
async fn what_is_not_understood_ends_the_call() {
    asked(Some(memory().upkeep()), |dir| {
        let mut stream = UnixStream::connect(dir.join(FOLDER).join(SOCKET)).expect("it runs");
        stream.write_all(b"?").expect("written");
        assert!(matches!(Frame::read(&mut stream), Ok(Frame::Failed(_))));
        assert!(Frame::read(&mut stream).is_err(), "nothing follows");
    })
    .await;
}

#[test]
fn frames_that_are_none_are_an_error() {
    for bytes in [&b""[..], b"b\xff\xff\xff\xff", b"x\0\0\0\0", b"p\x01\0\0\0\x01", b"b\x05\0\0\0abc"] {
        assert!(Frame::read(&mut &*bytes).is_err(), "{bytes:?}");
    }
}
