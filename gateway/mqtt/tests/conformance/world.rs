//! A broker, its connections and a clock, all moved by the test.

use std::collections::BTreeMap;

use turnpage_gateway_mqtt::{
    Account, Accounts, Answer, Broker, Closed, Connection, ConnectionId, Effect, Filter, Message, Moment,
    Notice, Permit, Publish,
};

use crate::wire::{Connect, Seen, V5, Version, decode, packet, puback, publish, subscribe};

/// A client's place in the world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Peer(ConnectionId, Version);

/// The whole door in one value.
pub(crate) struct World {
    pub(crate) broker: Broker,
    pub(crate) now: Moment,
    connections: BTreeMap<ConnectionId, Connection>,
    /// Publications that nobody has answered yet, with the connection that waits.
    pub(crate) uncommitted: Vec<(ConnectionId, Publish)>,
    pub(crate) wills: Vec<Publish>,
    pub(crate) notices: Vec<Notice>,
    last: u64,
}

impl World {
    /// A door with the account `all`, which may do everything, and `node`, which may speak under `node/` alone and
    /// hear `offer/` alone.
    pub(crate) fn new() -> Self {
        let filters =
            |texts: &[&str]| texts.iter().map(|text| Filter::new(text).unwrap()).collect::<Vec<_>>();
        let mut accounts = Accounts::new();
        let everything = filters(&["#", "$SYS/#"]);
        accounts.insert(Account::new("all"), Some(b"password"), Permit::new(everything.clone(), everything));
        accounts.insert(
            Account::new("node"),
            Some(b"password"),
            Permit::new(filters(&["node/#"]), filters(&["offer/#"])),
        );
        Self {
            broker: Broker::new(accounts, 7),
            now: Moment(1_000),
            connections: BTreeMap::new(),
            uncommitted: Vec::new(),
            wills: Vec::new(),
            notices: Vec::new(),
            last: 0,
        }
    }

    /// The door under other accounts.
    pub(crate) fn set_accounts(&mut self, accounts: Accounts) {
        self.broker.set_accounts(self.now, accounts);
        self.carry_out();
    }

    /// A stranger's connection.
    pub(crate) fn dial(&mut self, version: Version) -> Peer {
        self.last += 1;
        let id = ConnectionId(self.last);
        self.connections.insert(id, Connection::new(id, self.now));
        Peer(id, version)
    }

    /// A connection with this CONNECT, and what it was answered.
    pub(crate) fn knock(&mut self, connect: &Connect) -> (Peer, Vec<Seen>) {
        let peer = self.dial(connect.version);
        let seen = self.send(peer, &connect.encode());
        (peer, seen)
    }

    /// A client that is let in.
    pub(crate) fn connect(&mut self, connect: &Connect) -> Peer {
        let (peer, seen) = self.knock(connect);
        assert!(matches!(seen[0], Seen::Connack { code: 0, .. }), "{seen:?}");
        peer
    }

    /// A client that is let in for a clean start.
    pub(crate) fn client(&mut self, version: Version, client: &str) -> Peer {
        self.connect(&Connect::new(version, client))
    }

    /// Sends bytes from a client, and says what comes back to it.
    pub(crate) fn send(&mut self, peer: Peer, bytes: &[u8]) -> Vec<Seen> {
        self.connection(peer).incoming().extend_from_slice(bytes);
        self.turn(peer.0);
        self.read(peer)
    }

    /// Subscribes, and asserts that it was granted.
    pub(crate) fn subscribe(&mut self, peer: Peer, filter: &str, options: u8) {
        let seen = self.send(peer, &subscribe(peer.1, 99, &[], &[(filter, options)]));
        let granted = (options & 0b11).min(1);
        assert!(seen.contains(&Seen::Suback { packet_id: 99, codes: vec![granted] }), "{seen:?}");
    }

    /// A client's QoS 1 publication, committed, without a look at what it is answered.
    pub(crate) fn say(&mut self, peer: Peer, topic: &str, payload: &str) {
        self.send(peer, &publish(peer.1, 0b0010, topic, 1, &[], payload));
        self.commit();
    }

    /// The gateway's own QoS 1 message. Says how many sessions took it.
    pub(crate) fn offer(&mut self, message: &Message) -> usize {
        let taken = self.broker.publish(self.now, message);
        self.carry_out();
        taken
    }

    /// Commits everything uncommitted, in order, as the shell does it.
    pub(crate) fn commit(&mut self) {
        for (id, publish) in std::mem::take(&mut self.uncommitted) {
            if self.broker.wants(&publish.message) {
                self.broker.publish(self.now, &publish.message);
            }
            if let (Some(token), Some(connection)) = (publish.token, self.connections.get_mut(&id)) {
                connection.answer(token, Answer::Committed);
            }
            self.turn(id);
        }
    }

    /// What lies there for a client to read.
    pub(crate) fn read(&mut self, peer: Peer) -> Vec<Seen> {
        let bytes = self.connection(peer).outgoing().split();
        self.turn(peer.0);
        let mut seen = decode(peer.1, &bytes);
        let more = self.connection(peer).outgoing().split();
        seen.extend(decode(peer.1, &more));
        seen
    }

    /// The payloads of what lies there for a client to read, each answered with its PUBACK.
    pub(crate) fn read_payloads(&mut self, peer: Peer) -> Vec<String> {
        let seen = self.read(peer);
        self.take_in(peer, seen)
    }

    /// The payloads of what a client has read and of all that follows, each answered with its PUBACK.
    pub(crate) fn take_in(&mut self, peer: Peer, mut seen: Vec<Seen>) -> Vec<String> {
        let mut payloads = Vec::new();
        while !seen.is_empty() {
            for seen in seen {
                if let Seen::Publish { packet_id, payload, .. } = seen {
                    payloads.push(payload);
                    if packet_id != 0 {
                        self.connection(peer).incoming().extend_from_slice(&puback(packet_id));
                    }
                }
            }
            self.turn(peer.0);
            seen = self.read(peer);
        }
        payloads
    }

    /// Why a client's connection is over, if it is.
    pub(crate) fn closed(&self, peer: Peer) -> Option<Closed> {
        self.connections[&peer.0].closed()
    }

    /// The client's socket ends without a word.
    pub(crate) fn hang_up(&mut self, peer: Peer) {
        let mut connection = self.connections.remove(&peer.0).unwrap();
        connection.leave(self.now, &mut self.broker);
        self.carry_out();
    }

    /// The client says goodbye as it should.
    pub(crate) fn goodbye(&mut self, peer: Peer) {
        self.send(peer, &packet(0xE0, &[]));
        assert_eq!(self.closed(peer), Some(Closed::Left));
        self.hang_up(peer);
    }

    /// Lets time pass, a deadline at a time.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = self.now.after(ms);
        loop {
            let deadlines = self.connections.values().filter_map(|connection| connection.deadline());
            let next =
                deadlines.map(|(at, _)| at).chain(self.broker.deadline()).min().filter(|at| *at <= end);
            self.now = next.unwrap_or(end);
            if next.is_none() {
                return;
            }
            self.broker.advance(self.now);
            let ids: Vec<_> = self.connections.keys().copied().collect();
            for id in ids {
                self.connections.get_mut(&id).unwrap().expire(self.now);
                self.turn(id);
            }
            self.carry_out();
        }
    }

    pub(crate) fn connection(&mut self, peer: Peer) -> &mut Connection {
        self.connections.get_mut(&peer.0).unwrap()
    }

    /// Decodes what a client has sent, without a look at what comes back.
    pub(crate) fn drive(&mut self, peer: Peer) {
        self.turn(peer.0);
    }

    /// What the shell does for a connection between two waits.
    fn turn(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connections.get_mut(&id) {
            loop {
                connection.receive(self.now);
                self.uncommitted.extend(connection.publications().map(|publish| (id, publish)));
                if !connection.needs_broker() {
                    break;
                }
                connection.exchange(self.now, &mut self.broker);
            }
        }
        self.carry_out();
    }

    fn carry_out(&mut self) {
        for effect in self.broker.effects() {
            match effect {
                Effect::Wake(id) => {
                    if let Some(connection) = self.connections.get_mut(&id) {
                        connection.wake();
                    }
                    self.turn(id);
                }
                Effect::Close(id, why) => {
                    if let Some(connection) = self.connections.get_mut(&id) {
                        connection.close(why);
                    }
                }
                Effect::Notice(notice) => self.notices.push(notice),
                Effect::Will(will) => self.wills.push(will),
            }
        }
    }
}

/// A client of MQTT 5 whose only subscription is `filter` at QoS 1.
pub(crate) fn listener(world: &mut World, client: &str, filter: &str) -> Peer {
    let peer = world.client(V5, client);
    world.subscribe(peer, filter, 1);
    peer
}
