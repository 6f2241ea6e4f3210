//! A hub of bands: takes every offer, writes it down, and answers every third of them.
//!
//! It acknowledges an offer only when it is in the ledger, and keeps an answer until that is acknowledged. Before: ledger.rs.

use std::io;

use rumqttc::v5::mqttbytes::v5::{Packet, PubAck};

use crate::ledger::{Answer, Ledger};
use crate::link::{Link, is_taken};
use crate::node;
use crate::site::PASSWORD;
use crate::up::Up;

/// Answers on their way at once.
const WINDOW: usize = 16;

/// Listens until there is nobody to listen to.
pub(crate) fn run(behind_broker: bool, ledger: &Ledger, up: &Up) {
    while let Some(port) = up.port() {
        // It only ends with its connection.
        let _ = session(port, behind_broker, ledger);
    }
}

fn session(port: u16, behind_broker: bool, ledger: &Ledger) -> io::Result<()> {
    let mut link = Link::connect(port, "bands", PASSWORD)?;
    link.subscribe("turnpage/v1/harbour/offer/+");
    let (mut acknowledged, mut sent) = (ledger.answered(), ledger.answered());
    loop {
        for (number, Answer { topic, payload, .. }) in ledger.answers(sent..acknowledged + WINDOW) {
            link.publish(packet(number), false, &topic, payload);
            sent = number + 1;
        }
        // Who is hung up on while it writes reads on: what was answered before is answered.
        let _ = link.flush();
        match node::next(&mut link, behind_broker, ledger)? {
            Packet::Publish(publish) => {
                ledger.heard(&publish.payload);
                link.put(&Packet::PubAck(PubAck::new(publish.pkid, None)));
            }
            Packet::PubAck(answer) => {
                assert_eq!(answer.pkid, packet(acknowledged), "answers are acknowledged out of order");
                assert!(is_taken(&answer), "answer {acknowledged} is refused: {:?}", answer.reason);
                acknowledged += 1;
                ledger.answer_acknowledged();
            }
            _ => {}
        }
    }
}

fn packet(number: usize) -> u16 {
    u16::try_from(number % 60_000).expect("it fits") + 1
}
