//! A badge node that publishes frame after frame and keeps each until it is acknowledged.
//!
//! What frame `n` says follows from `n` and its time, so that whoever reads the log knows what has to be there: in turn four
//! subjects come, stay and leave, three times each, and then four others. Before: ledger.rs. Next: the gateway.

use std::io;

use rumqttc::v5::mqttbytes::v5::{DisconnectReasonCode, Packet};
use turnpage_firmware_wire::{
    FRAME_LEN_MAX, Frame, Header, Key, NodeId, Presence, Pseudonym, Quality, Sighting, Text,
};

use crate::ledger::Ledger;
use crate::link::{Link, is_taken};
use crate::site::{PASSWORD, key, node_name};
use crate::up::Up;

/// Frames on their way at once.
const WINDOW: usize = 16;
/// Subjects at a node at a time, and frames until others come.
const SUBJECTS: usize = 4;
const FRAMES_EACH: usize = 9;

/// Who a node's frame is about.
pub(crate) fn subject(node: u32, frame: usize) -> [u8; 8] {
    let round = frame / (SUBJECTS * FRAMES_EACH) * SUBJECTS + frame % SUBJECTS;
    let mut subject = u64::try_from(round).expect("few").to_be_bytes();
    subject[0] = u8::try_from(node).expect("few nodes");
    subject
}

/// What a node's frame says about that subject.
pub(crate) fn presence(frame: usize) -> Presence {
    match frame / SUBJECTS % 3 {
        0 => Presence::Enter,
        1 => Presence::Stay,
        _ => Presence::Leave,
    }
}

fn frame(node: u32, number: usize, at_ms: i64) -> Vec<u8> {
    let sequence = u32::try_from(number).expect("few") + 1;
    let at_ms = u64::try_from(at_ms).expect("after 1970");
    let header = Header { node: NodeId(node), boot: 1, sequence, at_ms, quality: Quality::Synced };
    let sighting = Sighting {
        subject: Pseudonym(subject(node, number)),
        role: Text::new("guest"),
        presence: presence(number),
        rssi_dbm: Some(-60),
    };
    let frame = Frame { sighting: Some(sighting), ..Frame::new(header) };
    frame.seal(&Key::new(&key(node)), &mut [0; FRAME_LEN_MAX]).expect("a frame within bounds").to_vec()
}

/// Publishes until the ledger is closed and everything is acknowledged.
pub(crate) fn run(node: u32, behind_broker: bool, ledger: &Ledger, up: &Up) {
    while let Some(port) = up.port() {
        if session(node, port, behind_broker, ledger).is_ok() {
            return;
        }
    }
}

/// One connection; an error is its end.
fn session(node: u32, port: u16, behind_broker: bool, ledger: &Ledger) -> io::Result<()> {
    let name = node_name(node);
    let topic = format!("turnpage/v1/harbour/node/{name}/event");
    let mut link = Link::connect(port, &name, PASSWORD)?;
    let (first, sent) = ledger.said(node);
    // Frames that are not acknowledged go first, in their order and under ids of this connection.
    for number in first..sent {
        link.publish(packet(number), true, &topic, frame(node, number, ledger.at(node, number)));
    }
    let (mut acknowledged, mut sent) = (first, sent);
    loop {
        while sent - acknowledged < WINDOW
            && let Some(at_ms) = ledger.say(node)
        {
            link.publish(packet(sent), false, &topic, frame(node, sent, at_ms));
            sent += 1;
        }
        if sent == acknowledged {
            return Ok(());
        }
        // Who is hung up on while it writes reads on: what was answered before is answered.
        let broken = link.flush().is_err();
        while acknowledged < sent {
            let Packet::PubAck(answer) = next(&mut link, behind_broker, ledger)? else { continue };
            assert_eq!(answer.pkid, packet(acknowledged), "{name}: acknowledged out of order");
            assert!(is_taken(&answer), "{name}: frame {acknowledged} is refused: {:?}", answer.reason);
            acknowledged = ledger.acknowledged(node);
            if !behind_broker {
                ledger.taken(node, acknowledged);
            }
            if !link.has_more() && !broken {
                break;
            }
        }
    }
}

/// The next packet. A gateway that says goodbye ends the session, and one that does not is told of.
pub(crate) fn next(link: &mut Link, behind_broker: bool, ledger: &Ledger) -> io::Result<Packet> {
    match link.next() {
        Ok(Packet::Disconnect(goodbye)) if !behind_broker => {
            assert_eq!(goodbye.reason_code, DisconnectReasonCode::ServerShuttingDown);
            Err(io::ErrorKind::ConnectionAborted.into())
        }
        Err(error) => {
            ledger.was_hung_up_on();
            Err(error)
        }
        packet => packet,
    }
}

/// The packet id of a frame: never 0, and no two in flight alike.
fn packet(number: usize) -> u16 {
    u16::try_from(number % 60_000).expect("it fits") + 1
}
