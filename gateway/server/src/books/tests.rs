//! The books against a log: whatever is said twice, lost or damaged, what is counted is what was committed.

use turnpage_gateway_core::{OfferId, Setting, SubjectName, Verdict};
use turnpage_gateway_report::{Report, Row};
use turnpage_gateway_store::Memory;

use super::*;

/// A commit in which an offer was made, and another one was accepted.
fn batch(offer: u128) -> Batch {
    let at = Timestamp(1_784_563_200_000 + i64::try_from(offer).unwrap());
    let decision = DecisionRecord {
        id: OfferId(offer),
        at,
        subject: SubjectName::new("ada").unwrap(),
        journey: "rainy-day".into(),
        page: "strolling".into(),
        offer: "cocoa".into(),
        guard: None,
        facts: Vec::new(),
        verdict: Verdict::Made { channel: "app".into() },
        ground: None,
    };
    let setting = Setting { day: 20_654, ..Setting::default() };
    let mut ledger = vec![LedgerLine::Decided { id: OfferId(offer), valid_until: at, setting }];
    if offer > 1 {
        let outcome = turnpage_gateway_core::Outcome::Accepted;
        ledger.push(LedgerLine::Became { id: OfferId(offer - 1), at, outcome });
    }
    Batch { now: at, decisions: vec![decision], ledger, ..Batch::default() }
}

fn store(commits: std::ops::RangeInclusive<u128>) -> Memory {
    let mut store = Memory::default();
    for offer in commits {
        store.commit(&batch(offer)).unwrap();
    }
    store
}

/// Made and accepted.
fn counted(books: &Books) -> (u64, u64) {
    let Row { made, accepted, .. } =
        books.look(|ledger| Report::new(ledger.tally(), None, &[], &[], None)).unwrap().total;
    (made, accepted)
}

#[test]
fn commits_count_once_whoever_tells_of_them() {
    let books = Books::default();
    books.begin(&store(1..=3), Sequence(3));
    books.committed(Sequence(3), &mut batch(3));
    books.committed(Sequence(4), &mut batch(4));
    // The store failed and was opened again.
    books.begin(&store(1..=5), Sequence(5));
    assert_eq!(counted(&books), (5, 4));
    for offer in 6..=600 {
        books.committed(Sequence(u64::try_from(offer).unwrap()), &mut batch(offer));
        books.keep_up();
    }
    assert_eq!(counted(&books), (600, 599));
}

#[test]
fn a_save_and_the_log_behind_it_are_everything() {
    let dir = tempfile::tempdir().unwrap();
    let books = Books::open(Some(dir.path()));
    books.begin(&store(1..=3), Sequence(3));
    books.save();
    books.committed(Sequence(4), &mut batch(4));
    // It is killed; the log still has the last two commits.
    let books = Books::open(Some(dir.path()));
    assert_eq!(counted(&books), (3, 2));
    books.begin(&store(1..=5), Sequence(5));
    assert_eq!(counted(&books), (5, 4));
    books.save();
    assert_eq!(counted(&Books::open(Some(dir.path()))), (5, 4));
}

#[test]
fn a_damaged_save_is_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    let books = Books::open(Some(dir.path()));
    books.begin(&store(1..=3), Sequence(3));
    books.save();
    let whole = fs::read(dir.path().join(FILE)).unwrap();
    for at in [0, 7, 8, 60, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs::write(dir.path().join(FILE), &damaged).unwrap();
        assert_eq!(counted(&Books::open(Some(dir.path()))), (0, 0), "byte {at}");
    }
    fs::write(dir.path().join(FILE), &whole[..20]).unwrap();
    let books = Books::open(Some(dir.path()));
    books.begin(&store(1..=3), Sequence(3));
    assert_eq!(counted(&books), (3, 2));
}
