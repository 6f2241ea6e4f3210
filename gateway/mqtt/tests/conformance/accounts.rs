//! Accounts that change while their clients are connected: section 5.4.2, and the reasons of section 3.14.2.1.

use turnpage_gateway_mqtt::{
    Account, Accounts, Closed, Filter, Lost, Message, Notice, Permit, Ticket, Topic,
};

use crate::wire::{BOTH, Connect, Seen, V5, Version, Will};
use crate::world::{Peer, World};

/// The world's accounts, but for `node`: with this password, and these filters to publish and to subscribe to.
fn accounts(node: Option<(&str, &str, &str)>) -> Accounts {
    let filters = |text: &str| vec![Filter::new(text).unwrap()];
    let mut accounts = Accounts::new();
    let everything: Vec<Filter> = ["#", "$SYS/#"].map(|text| Filter::new(text).unwrap()).into();
    accounts.insert(Account::new("all"), Some(b"password"), Permit::new(everything.clone(), everything));
    if let Some((password, publish, subscribe)) = node {
        let permit = Permit::new(filters(publish), filters(subscribe));
        accounts.insert(Account::new("node"), Some(password.as_bytes()), permit);
    }
    accounts
}

/// Who wants to stay, as the account `node`.
fn knocking(version: Version, password: &str) -> Connect {
    let user = Some(("node".to_owned(), password.to_owned()));
    Connect { user, ..Connect::staying(version, "n") }
}

/// A client of the account `node` that hears offers and is owed one.
fn node(world: &mut World, version: Version) -> Peer {
    let will = Some(Will::new("node/7/birth", "gone"));
    let peer = world.connect(&Connect { will, ..knocking(version, "password") });
    world.subscribe(peer, "offer/#", 1);
    let mut offer = Message::new(Topic::new("offer/7").unwrap(), "cocoa".into());
    offer.ticket = Some(Ticket(1));
    assert_eq!(world.offer(&offer), 1);
    world.read(peer);
    peer
}

#[track_caller]
fn assert_put_out(world: &mut World, peer: Peer, version: Version, why: Closed, code: u8) {
    assert_eq!(world.closed(peer), Some(why));
    assert_eq!(world.broker.counters().put_out, 1);
    let told = world.read(peer).contains(&Seen::Disconnect { code });
    assert_eq!(told, version == V5);
    world.hang_up(peer);
    assert_eq!(world.broker.counters().connected, 0);
}

#[test]
fn who_is_connected_under_an_account_that_goes_is_put_out_and_forgotten() {
    for version in BOTH {
        let mut world = World::new();
        let peer = node(&mut world, version);
        world.set_accounts(accounts(None));
        assert_put_out(&mut world, peer, version, Closed::AccountGone, 0x87);
        assert_eq!((world.broker.counters().sessions, world.broker.counters().subscriptions), (0, 0));
        let lost = |notice: &Notice| matches!(notice, Notice::Lost { reason: Lost::SessionEnded, .. });
        assert!(world.notices.iter().any(lost), "{:?}", world.notices);
        assert!(world.wills.is_empty(), "who may say nothing has no will");
    }
}

#[test]
fn who_is_away_under_an_account_that_goes_is_forgotten_with_its_will() {
    let mut world = World::new();
    let mut will = Will::new("node/7/birth", "gone");
    will.properties.extend([0x18, 0, 0, 1, 0]);
    let connect = Connect { will: Some(will), ..knocking(V5, "password") };
    let peer = world.connect(&connect);
    world.hang_up(peer);
    world.set_accounts(accounts(None));
    assert_eq!((world.broker.counters().sessions, world.broker.counters().put_out), (0, 0));
    world.pass(3_600_000);
    assert!(world.wills.is_empty());
}

#[test]
fn another_password_puts_out_and_leaves_the_session_to_who_knows_it() {
    for version in BOTH {
        let mut world = World::new();
        let peer = node(&mut world, version);
        world.set_accounts(accounts(Some(("another", "node/#", "offer/#"))));
        assert_put_out(&mut world, peer, version, Closed::AccountGone, 0x87);
        assert_eq!(world.wills.len(), 1);
        let (_, seen) = world.knock(&knocking(version, "password"));
        assert!(!matches!(seen[0], Seen::Connack { code: 0, .. }), "{seen:?}");
        let (peer, seen) = world.knock(&knocking(version, "another"));
        assert!(matches!(seen[0], Seen::Connack { code: 0, present: true, .. }), "{seen:?}");
        assert_eq!(world.take_in(peer, seen), ["cocoa"]);
    }
}

#[test]
fn other_rights_put_out_and_take_only_what_is_not_to_be_heard_any_more() {
    for (subscribe, stays) in [("offer/#", true), ("offer/8", false)] {
        let mut world = World::new();
        let peer = node(&mut world, V5);
        world.set_accounts(accounts(Some(("password", "other/#", subscribe))));
        assert_put_out(&mut world, peer, V5, Closed::AccountChanged, 0x98);
        assert!(world.wills.is_empty(), "it may not say that any more");
        let (_, seen) = world.knock(&knocking(V5, "password"));
        assert!(matches!(seen[0], Seen::Connack { code: 0, present, .. } if present == stays), "{seen:?}");
    }
}

#[test]
fn who_did_not_change_stays() {
    let mut world = World::new();
    let (node, other) = (node(&mut world, V5), world.client(V5, "a"));
    world.set_accounts(accounts(Some(("password", "node/#", "offer/#"))));
    assert_eq!((world.closed(node), world.closed(other)), (None, None));
    world.set_accounts(accounts(None));
    assert_eq!((world.closed(node), world.closed(other)), (Some(Closed::AccountGone), None));
}
