//! What the ring keeps, gives up and hands out again.

extern crate std;

use std::vec::Vec;

use super::{Backlog, Entry, Kind, Ticket};

const ROOM: usize = 16;

fn entry(ticket: u32, kind: Kind) -> Entry {
    Entry::new(Ticket(ticket), kind, &ticket.to_be_bytes()).expect("a short frame")
}

fn filled(count: u32) -> Backlog<ROOM> {
    let mut backlog = Backlog::new();
    for ticket in 0..count {
        backlog.push(entry(ticket, Kind::Event));
    }
    backlog
}

fn next(backlog: &mut Backlog<ROOM>) -> Option<u32> {
    backlog.next().map(|entry| entry.ticket.0)
}

fn rest(backlog: &mut Backlog<ROOM>) -> Vec<u32> {
    std::iter::from_fn(|| next(backlog)).collect()
}

#[test]
fn frames_go_out_in_order_and_stay_until_settled() {
    let mut backlog = filled(3);
    assert_eq!(rest(&mut backlog), [0, 1, 2]);
    assert_eq!(backlog.len(), 3);
    backlog.settle(Ticket(1));
    backlog.settle(Ticket(0));
    assert_eq!((backlog.len(), backlog.dropped()), (1, 0));
}

#[test]
fn a_lost_frame_goes_out_again_in_its_old_place() {
    let mut backlog = filled(4);
    assert_eq!((next(&mut backlog), next(&mut backlog), next(&mut backlog)), (Some(0), Some(1), Some(2)));
    backlog.rest(Ticket(1));
    assert_eq!(rest(&mut backlog), [1, 3]);
    backlog.rest_unless(|ticket| ticket == Ticket(2));
    assert_eq!(rest(&mut backlog), [0, 1, 3]);
}

#[test]
fn an_overflow_gives_up_the_oldest_at_rest_and_counts_it() {
    let mut backlog = filled(16);
    assert_eq!((next(&mut backlog), next(&mut backlog)), (Some(0), Some(1)));
    backlog.push(entry(16, Kind::Event));
    backlog.push(entry(17, Kind::Event));
    assert_eq!((backlog.len(), backlog.dropped()), (16, 2));
    assert_eq!(rest(&mut backlog), (4..18).collect::<Vec<_>>(), "0 and 1 are on their way, 2 and 3 are gone");
}

#[test]
fn a_birth_goes_first_and_replaces_an_older_one() {
    let mut backlog = filled(2);
    backlog.push_birth(entry(2, Kind::Birth));
    backlog.push_birth(entry(3, Kind::Birth));
    assert_eq!(rest(&mut backlog), [3, 0, 1]);
    assert_eq!(backlog.dropped(), 0, "what a birth replaces is not lost");
    backlog.push_birth(entry(4, Kind::Birth));
    assert_eq!((backlog.len(), next(&mut backlog)), (4, Some(4)), "one that is on its way is let be");
}

#[test]
fn an_old_birth_that_was_lost_does_not_follow_a_newer_one() {
    let mut backlog = filled(1);
    backlog.push_birth(entry(1, Kind::Birth));
    assert_eq!(next(&mut backlog), Some(1));
    backlog.push_birth(entry(2, Kind::Birth));
    backlog.rest(Ticket(1));
    assert_eq!(rest(&mut backlog), [2, 0]);
    assert_eq!((backlog.len(), backlog.dropped()), (2, 0));
}

#[test]
fn what_is_refused_for_good_is_counted_once() {
    let mut backlog = filled(2);
    backlog.give_up(Ticket(0));
    backlog.give_up(Ticket(0));
    assert_eq!((backlog.len(), backlog.dropped()), (1, 1));
}

#[test]
fn a_frame_comes_out_as_it_went_in() {
    let bytes = [7; 100];
    assert_eq!(Entry::new(Ticket(0), Kind::Event, &bytes).expect("a frame").frame(), bytes);
    assert!(Entry::new(Ticket(0), Kind::Event, &[0; 500]).is_none());
}
