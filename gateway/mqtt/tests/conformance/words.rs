//! What an MQTT 5 client asks to be told, and how: reasons in words, topic aliases, sizes.

use bytes::Bytes;
use turnpage_gateway_mqtt::{Message, Topic};

use crate::wire::{BOTH, Connect, Seen, V3, V5, Will, publish, subscribe, words};
use crate::world::{Peer, World};

fn message(topic: &str, payload: &'static str) -> Message {
    Message::new(Topic::new(topic).unwrap(), Bytes::from_static(payload.as_bytes()))
}

/// What a packet is answered with, in words.
fn told(world: &mut World, peer: Peer, bytes: &[u8]) -> Vec<String> {
    world.connection(peer).incoming().extend_from_slice(bytes);
    world.drive(peer);
    words(&world.connection(peer).outgoing().split())
}

/// A client of the account that may not do everything.
fn node(properties: &[u8]) -> Connect {
    let user = Some(("node".into(), "password".into()));
    Connect { user, properties: properties.to_vec(), ..Connect::new(V5, "node") }
}

const FOREIGN: &str = "offer/ada";

#[test]
fn mqtt_3_1_2_29_reasons_come_in_words_unless_the_client_wants_none() {
    for (properties, wanted) in [(&[][..], true), (&[0x17, 1], true), (&[0x17, 0], false)] {
        let mut world = World::new();
        let peer = world.connect(&node(properties));
        let refused = told(&mut world, peer, &publish(V5, 0b0010, FOREIGN, 1, &[], "x"));
        assert_eq!(refused, if wanted { vec!["the account may not publish this here"] } else { vec![] });
        let refused = told(&mut world, peer, &subscribe(V5, 1, &[], &[("offer/a", 0), ("#", 0)]));
        let reason = "the account may not subscribe to all that the filter matches";
        assert_eq!(refused, if wanted { vec![reason] } else { vec![] });
        // CONNACK and DISCONNECT may have them in any case.
        let breach = told(&mut world, peer, &publish(V5, 0b0010, "a/+", 1, &[], "x"));
        assert_eq!(breach, ["a topic name is none"]);
    }
}

#[test]
fn mqtt_3_2_2_19_and_3_4_2_2_and_3_9_2_1_and_3_14_2_3_words_that_do_not_fit_are_left_out() {
    // Room for CONNACK, and not for much more.
    let mut world = World::new();
    let peer = world.connect(&node(&[0x27, 0, 0, 0, 24]));
    let seen = world.send(peer, &publish(V5, 0b0010, FOREIGN, 1, &[], "x"));
    assert_eq!(seen, [Seen::Puback { packet_id: 1, code: 0x87 }]);
    let seen = world.send(peer, &subscribe(V5, 1, &[], &[("#", 0)]));
    assert_eq!(seen, [Seen::Suback { packet_id: 1, codes: vec![0x87] }]);
    let long = publish(V5, 0b0100, "a", 1, &[], "x");
    assert_eq!(told(&mut world, peer, &long), [] as [&str; 0]);
    let (_, seen) = world.knock(&Connect { user: None, ..node(&[0x27, 0, 0, 0, 10]) });
    assert!(matches!(seen[..], [Seen::Connack { code: 0x86, .. }]), "{seen:?}");
    assert_eq!(seen[0].property(0x1F), None);
}

#[test]
fn a_refused_connect_is_told_why_and_not_which_names_there_are() {
    let reason = |connect: &Connect| {
        let mut world = World::new();
        let peer = world.dial(V5);
        told(&mut world, peer, &connect.encode())
    };
    let wrong = reason(&Connect { user: Some(("all".into(), "wrong".into())), ..node(&[]) });
    let unknown = reason(&Connect { user: Some(("nobody".into(), "password".into())), ..node(&[]) });
    assert_eq!((wrong.len(), &wrong), (1, &unknown));
    let will = Some(Will::new(FOREIGN, "x"));
    assert_eq!(reason(&Connect { will, ..node(&[]) }), ["the account may not publish to the will's topic"]);
}

#[test]
fn mqtt_3_1_2_26_no_more_aliases_than_the_client_takes_and_mqtt_3_1_2_27_none_if_it_takes_none() {
    for (asked, granted) in [(None, 0), (Some(0_u16), 0), (Some(2), 2), (Some(u16::MAX), 16)] {
        let mut world = World::new();
        let mut connect = Connect::new(V5, "a");
        if let Some(asked) = asked {
            connect.properties.push(0x22);
            connect.properties.extend(asked.to_be_bytes());
        }
        let peer = world.connect(&connect);
        world.subscribe(peer, "t/+", 0);
        // Each topic twice: what has an alias is spelt out the first time alone.
        let (mut spelt, mut aliased) = (0, 0);
        for n in (0..20).chain(0..20) {
            world.offer(&message(&format!("t/{n}"), "x"));
            for seen in world.read(peer) {
                let alias = seen.property(0x23).map(|alias| u16::from_be_bytes([alias[0], alias[1]]));
                let Seen::Publish { topic, .. } = seen else { panic!("{seen:?}") };
                assert!(alias.is_none_or(|alias| alias == n + 1 && alias <= granted));
                assert!(topic == format!("t/{n}") || (topic.is_empty() && alias.is_some()));
                spelt += u16::from(!topic.is_empty());
                aliased += u16::from(alias.is_some());
            }
        }
        assert_eq!((spelt, aliased), (40 - granted, 2 * granted), "{asked:?}");
    }
}

#[test]
fn mqtt_3_3_2_7_an_alias_ends_with_its_connection() {
    let mut world = World::new();
    let mut connect = Connect::staying(V5, "a");
    connect.properties.extend([0x22, 0, 4]);
    let peer = world.connect(&connect);
    world.subscribe(peer, "t", 1);
    for topic in ["t", ""] {
        world.offer(&message("t", "x"));
        let seen = world.read(peer);
        assert!(matches!(&seen[0], Seen::Publish { topic: told, .. } if told == topic), "{seen:?}");
        assert_eq!(seen[0].property(0x23), Some(&[0, 1][..]));
    }
    world.hang_up(peer);
    // What was sent under an alias is sent again under its name, with an alias of the new connection or without.
    for (connect, alias) in [(connect, Some(&[0, 1][..])), (Connect::staying(V5, "a"), None)] {
        let (peer, seen) = world.knock(&connect);
        assert!(matches!(&seen[1], Seen::Publish { topic, flags: 0b1010, .. } if topic == "t"), "{seen:?}");
        assert_eq!(seen[1].property(0x23), alias);
        world.hang_up(peer);
    }
}

#[test]
fn a_topic_that_did_not_fit_takes_no_alias() {
    let mut world = World::new();
    let mut connect = Connect::new(V5, "a");
    connect.properties.extend([0x22, 0, 1, 0x27, 0, 0, 0, 40]);
    let peer = world.connect(&connect);
    world.subscribe(peer, "#", 1);
    world.offer(&message("long", "a payload that this client takes no packet for"));
    for topic in ["long", "other", "long", "other"] {
        world.offer(&message(topic, "x"));
    }
    let topics: Vec<_> = world
        .read(peer)
        .into_iter()
        .filter_map(|seen| {
            let alias = seen.property(0x23).is_some();
            if let Seen::Publish { topic, .. } = seen { Some((topic, alias)) } else { None }
        })
        .collect();
    let expected = [("long", true), ("other", false), ("", true), ("other", false)];
    assert_eq!(topics, expected.map(|(topic, alias)| (topic.to_owned(), alias)));
}

#[test]
fn mqtt_1_5_4_1_text_that_is_no_utf_8_and_mqtt_1_5_4_2_a_null_are_malformed() {
    for version in BOTH {
        for bad in [&b"\xED\xA0\x80"[..], b"\xC0\x80", b"\xFF", b"a\0b"] {
            let mut world = World::new();
            let peer = world.client(version, "a");
            let name = publish(version, 0, "12345", 0, &[], "x");
            let mut name = name.clone();
            let at = 4;
            name.splice(at..at + 5, bad.iter().copied());
            name[1] = u8::try_from(name.len() - 2).unwrap();
            name[3] = u8::try_from(bad.len()).unwrap();
            world.send(peer, &name);
            assert!(matches!(world.closed(peer), Some(turnpage_gateway_mqtt::Closed::Breach(_))), "{bad:?}");
        }
    }
}

#[test]
fn mqtt_1_5_4_3_a_byte_order_mark_is_a_character_like_any_other() {
    let mut world = World::new();
    let peer = world.client(V5, "a");
    world.subscribe(peer, "\u{FEFF}t", 0);
    world.offer(&message("t", "without"));
    world.offer(&message("\u{FEFF}t", "with"));
    assert_eq!(world.read_payloads(peer), ["with"]);
}

#[test]
fn mqtt_1_5_5_1_a_length_is_in_the_fewest_bytes_on_the_way_out() {
    let mut world = World::new();
    let peer = world.client(V3, "a");
    world.subscribe(peer, "t", 0);
    world.offer(&message("t", "x"));
    assert_eq!(world.connection(peer).outgoing().split()[..], *b"\x30\x04\x00\x01tx");
}
