//! Enter, stay and leave as a table of receptions, and the bound of the table.

extern crate std;

use std::vec::Vec;

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use turnpage_firmware_wire::{Presence, Pseudonym};

use super::{Change, Filter, Rules};

const RULES: Rules = Rules { enter_dbm: -70, leave_dbm: -80, stay_ms: 60_000, silence_ms: 30_000 };

fn subject(number: u8) -> Pseudonym {
    Pseudonym([number; Pseudonym::LEN])
}

/// Feeds receptions of (uptime, badge, dBm), expiring before each, and ends at `end_ms`; returns (uptime, badge, presence).
fn changes<const N: usize>(heard: &[(u64, u8, i8)], end_ms: u64) -> Vec<(u64, u8, Presence)> {
    let mut filter = Filter::<N>::new(RULES);
    let mut changes = Vec::<Change>::new();
    for &(uptime_ms, badge, rssi) in heard {
        changes.extend(std::iter::from_fn(|| filter.expire(uptime_ms)));
        let heard = filter.hear(subject(badge), None, Some(rssi), uptime_ms);
        changes.extend(heard.evicted);
        changes.extend(heard.change);
    }
    changes.extend(std::iter::from_fn(|| filter.expire(end_ms)));
    changes
        .iter()
        .map(|change| (change.uptime_ms, change.sighting.subject.0[0], change.sighting.presence))
        .collect()
}

#[test]
fn a_badge_enters_once_and_leaves_when_its_silence_is_complete() {
    let heard = [(0, 1, -60), (10_000, 1, -60), (25_000, 1, -75)];
    assert_eq!(changes::<4>(&heard, 54_999), [(0, 1, Presence::Enter)]);
    // Noticed late, dated right.
    assert_eq!(changes::<4>(&heard, 90_000), [(0, 1, Presence::Enter), (55_000, 1, Presence::Leave)]);
}

#[test]
fn a_faint_badge_does_not_enter_but_stays() {
    let faint = [(0, 1, -75), (1_000, 1, -75)];
    assert_eq!(changes::<4>(&faint, 100_000), []);
    let at_the_edge = [(0, 1, -70), (20_000, 1, -80), (40_000, 1, -80), (59_000, 1, -81)];
    assert_eq!(changes::<4>(&at_the_edge, 100_000), [(0, 1, Presence::Enter), (70_000, 1, Presence::Leave)]);
}

#[test]
fn a_stay_is_told_no_more_often_than_its_interval_and_only_when_heard() {
    let heard: Vec<_> = (0..14).map(|step| (step * 10_000, 1, -60)).collect();
    let expected = [
        (0, 1, Presence::Enter),
        (60_000, 1, Presence::Stay),
        (120_000, 1, Presence::Stay),
        (160_000, 1, Presence::Leave),
    ];
    assert_eq!(changes::<4>(&heard, 1_000_000), expected);
}

#[test]
fn a_full_table_lets_the_longest_silent_leave_early() {
    let heard = [(0, 1, -60), (1_000, 2, -60), (2_000, 1, -60), (3_000, 3, -60)];
    assert_eq!(
        changes::<2>(&heard, 3_000),
        [
            (0, 1, Presence::Enter),
            (1_000, 2, Presence::Enter),
            (3_000, 2, Presence::Leave),
            (3_000, 3, Presence::Enter)
        ]
    );
}

#[test]
fn a_reader_without_signal_strength_is_loud_enough() {
    let mut filter = Filter::<2>::new(RULES);
    let change = filter.hear(subject(1), None, None, 5).change.expect("an enter");
    assert_eq!((change.sighting.presence, change.sighting.rssi_dbm), (Presence::Enter, None));
}

proptest! {
    /// Whatever is heard: each badge's changes are enter, stays, leave, over and over, in order of time; nobody is here twice.
    #[test]
    fn every_visit_is_whole(steps in proptest::collection::vec((0..20_000_u64, 0..6_u8, any::<i8>()), 0..200)) {
        let mut at_ms = 0;
        let heard: Vec<_> = steps
            .into_iter()
            .map(|(wait_ms, badge, rssi)| {
                at_ms += wait_ms;
                (at_ms, badge, rssi)
            })
            .collect();
        let changes = changes::<3>(&heard, at_ms + 30_000);
        prop_assert!(changes.is_sorted_by_key(|(uptime_ms, ..)| *uptime_ms));
        for badge in 0..6 {
            let visits: Vec<_> = changes.iter().filter(|(_, other, _)| *other == badge).map(|(.., word)| *word).collect();
            let mut here = false;
            for word in visits {
                prop_assert_eq!(word == Presence::Enter, !here);
                here = word != Presence::Leave;
            }
            prop_assert!(!here, "everybody has left in the end");
        }
    }
}
