//! A client's bytes at the front door, in pieces, with commits and time in between.
//!
//! Whatever it sends: what the door holds for it stays within the door's bounds, its publications are those that its
//! account may make, and an honest client of another account beside it is heard.

use turnpage_gateway_mqtt::limits::{OUTGOING_BYTES_MAX, PACKET_BYTES_MAX, UNCOMMITTED_MAX};
use turnpage_gateway_mqtt::{
    Account, Accounts, Answer, Broker, Connection, ConnectionId, Effect, Filter, Message, Moment, Permit,
    Publish, Topic,
};

use crate::stage::Bytes;

/// CONNECTs of the stranger in MQTT 5 and in 3.1.1, for sessions that stay.
const SIGN_IN: [&[u8]; 2] = [
    b"\x10\x23\x00\x04MQTT\x05\xc0\x00\x3c\x05\x11\x00\x00\x00\x09\x00\x01a\x00\x04node\x00\x08password",
    b"\x10\x1d\x00\x04MQTT\x04\xc0\x00\x3c\x00\x01a\x00\x04node\x00\x08password",
];
/// The honest client's CONNECT, and its SUBSCRIBE to `news`.
const HONEST: &[u8] = b"\x10\x25\x00\x04MQTT\x05\xc2\x00\x00\x00\x00\x06honest\x00\x06honest\x00\x08password\x82\x0a\x00\x01\x00\x00\x04news\x00";
/// What it is waiting for.
const NEWS: &[u8] = b"still here";
/// Milliseconds between two pieces: after some, a keep-alive or a delay of a will is over.
const PASSES_MS: u64 = 500;

struct Door {
    broker: Broker,
    now: Moment,
    /// The stranger's and the honest client's.
    connections: [Connection; 2],
    uncommitted: Vec<(usize, Publish)>,
}

impl Door {
    fn new() -> Self {
        let filters = |texts: &[&str]| -> Vec<Filter> {
            texts.iter().map(|text| Filter::new(text).expect("a filter")).collect()
        };
        let mut accounts = Accounts::new();
        for (name, speaks) in [("node", "node/#"), ("honest", "news")] {
            let permit = Permit::new(filters(&[speaks]), filters(&["#", "$SYS/#"]));
            accounts.insert(Account::new(name), Some(b"password"), permit);
        }
        let now = Moment(1_000);
        let connections = [0, 1].map(|id| Connection::new(ConnectionId(id), now));
        Self { broker: Broker::new(accounts, 7), now, connections, uncommitted: Vec::new() }
    }

    fn says(&mut self, who: usize, bytes: &[u8]) {
        self.connections[who].incoming().extend_from_slice(bytes);
        self.turn(who);
    }

    /// What the shell does for a connection between two waits.
    fn turn(&mut self, who: usize) {
        loop {
            let connection = &mut self.connections[who];
            connection.receive(self.now);
            self.uncommitted.extend(connection.publications().map(|publish| (who, publish)));
            if !connection.needs_broker() {
                break;
            }
            connection.exchange(self.now, &mut self.broker);
        }
        self.carry_out();
    }

    fn carry_out(&mut self) {
        for effect in self.broker.effects() {
            match effect {
                Effect::Wake(ConnectionId(id)) => {
                    let who = usize::from(id == 1);
                    self.connections[who].wake();
                    self.turn(who);
                }
                Effect::Will(will) => may(&will),
                Effect::Close(ConnectionId(id), _) => {
                    assert_eq!(id, 0, "a stranger took over a session of another account");
                }
                Effect::Notice(_) => {}
            }
        }
    }

    fn commit(&mut self) {
        for (who, publish) in std::mem::take(&mut self.uncommitted) {
            may(&publish);
            self.broker.publish(self.now, &publish.message);
            if let Some(token) = publish.token {
                self.connections[who].answer(token, Answer::Committed);
            }
            self.turn(who);
        }
    }

    fn pass(&mut self, ms: u64) {
        self.now = self.now.after(ms);
        self.broker.advance(self.now);
        for who in [0, 1] {
            self.connections[who].expire(self.now);
            self.turn(who);
        }
    }

    /// What is there for a client to read.
    fn reads(&mut self, who: usize) -> Vec<u8> {
        let bytes = self.connections[who].outgoing().split();
        self.turn(who);
        bytes.to_vec()
    }
}

/// Whether its account may publish it.
fn may(publish: &Publish) {
    assert!(publish.message.topic.as_str().starts_with("node"), "{publish:?}");
    assert_eq!(publish.account.as_str(), "node");
}

/// A byte of how it begins, then pieces: each is sent at once, and time passes between two.
pub(crate) fn conversation(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let Some(how) = bytes.byte() else { return };
    let mut door = Door::new();
    door.says(1, HONEST);
    assert!(door.connections[1].is_signed_in(), "{:?}", door.connections[1].closed());
    if let Some(sign_in) = SIGN_IN.get(usize::from(how)) {
        door.says(0, sign_in);
        assert!(door.connections[0].is_signed_in(), "{:?}", door.connections[0].closed());
    }
    while let Some(piece) = bytes.piece().filter(|_| door.connections[0].closed().is_none()) {
        if door.connections[0].wants_bytes() {
            door.says(0, piece);
        }
        let stranger = &mut door.connections[0];
        let held = stranger.incoming().len();
        assert!(
            held <= PACKET_BYTES_MAX as usize + piece.len() || stranger.closed().is_some(),
            "holds {held}"
        );
        let held = stranger.outgoing().len();
        assert!(held <= OUTGOING_BYTES_MAX + PACKET_BYTES_MAX as usize, "is to write {held}");
        assert!(door.uncommitted.len() <= usize::from(UNCOMMITTED_MAX), "holds publications without end");
        door.commit();
        door.pass(PASSES_MS);
        door.reads(0);
        door.reads(1);
    }
    let (now, stranger) = (door.now, &mut door.connections[0]);
    stranger.leave(now, &mut door.broker);
    door.carry_out();
    door.pass(100 * PASSES_MS);
    door.reads(1);
    let news = Message::new(Topic::new("news").expect("a topic"), NEWS.into());
    door.broker.publish(door.now, &news);
    door.carry_out();
    let heard = door.reads(1);
    assert!(heard.windows(NEWS.len()).any(|window| window == NEWS), "the honest client hears nothing");
}
