//! MQTT packets by hand: written as a client writes them, read as a client reads them.

/// The version a client speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Version {
    V3 = 4,
    V5 = 5,
}
pub(crate) use Version::{V3, V5};

pub(crate) const BOTH: [Version; 2] = [V3, V5];

pub(crate) fn text(into: &mut Vec<u8>, text: &str) {
    into.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
    into.extend(text.as_bytes());
}

/// A packet of a first byte and a body.
pub(crate) fn packet(head: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![head];
    let mut length = body.len();
    loop {
        let low = u8::try_from(length % 128).unwrap();
        length /= 128;
        bytes.push(if length > 0 { low | 0x80 } else { low });
        if length == 0 {
            break;
        }
    }
    bytes.extend(body);
    bytes
}

/// Properties, in MQTT 5 only.
fn properties(version: Version, into: &mut Vec<u8>, properties: &[u8]) {
    if version == V5 {
        into.push(u8::try_from(properties.len()).unwrap());
        into.extend(properties);
    }
}

/// A CONNECT to fill in.
#[derive(Clone, Debug)]
pub(crate) struct Connect {
    pub(crate) version: Version,
    pub(crate) client: String,
    pub(crate) clean: bool,
    pub(crate) keep_alive_s: u16,
    pub(crate) user: Option<(String, String)>,
    /// Properties of it, in MQTT 5.
    pub(crate) properties: Vec<u8>,
    pub(crate) will: Option<Will>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Will {
    pub(crate) topic: String,
    pub(crate) payload: String,
    pub(crate) qos: u8,
    pub(crate) retain: bool,
    pub(crate) properties: Vec<u8>,
}

impl Will {
    pub(crate) fn new(topic: &str, payload: &str) -> Self {
        Self { topic: topic.into(), payload: payload.into(), qos: 1, ..Self::default() }
    }
}

impl Connect {
    /// A clean start as the account that may do everything.
    pub(crate) fn new(version: Version, client: &str) -> Self {
        Self {
            version,
            client: client.into(),
            clean: true,
            keep_alive_s: 60,
            user: Some(("all".into(), "password".into())),
            properties: Vec::new(),
            will: None,
        }
    }

    /// A session that stays for an hour.
    pub(crate) fn staying(version: Version, client: &str) -> Self {
        Self { clean: false, ..Self::new(version, client) }.expiring(3_600)
    }

    pub(crate) fn expiring(mut self, seconds: u32) -> Self {
        self.properties.push(0x11);
        self.properties.extend(seconds.to_be_bytes());
        self
    }

    pub(crate) fn receive_maximum(mut self, maximum: u16) -> Self {
        self.properties.push(0x21);
        self.properties.extend(maximum.to_be_bytes());
        self
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut body = b"\x00\x04MQTT".to_vec();
        body.push(self.version as u8);
        let will =
            self.will.as_ref().map_or(0, |will| 0b100 | (will.qos << 3) | (u8::from(will.retain) << 5));
        let user = if self.user.is_some() { 0b1100_0000 } else { 0 };
        body.push(user | will | (u8::from(self.clean) << 1));
        body.extend(self.keep_alive_s.to_be_bytes());
        properties(self.version, &mut body, &self.properties);
        text(&mut body, &self.client);
        if let Some(will) = &self.will {
            properties(self.version, &mut body, &will.properties);
            text(&mut body, &will.topic);
            text(&mut body, &will.payload);
        }
        if let Some((name, password)) = &self.user {
            text(&mut body, name);
            text(&mut body, password);
        }
        packet(0x10, &body)
    }
}

/// A PUBLISH. `flags` are the low bits of its first byte; a packet id is written unless its QoS is 0.
pub(crate) fn publish(
    version: Version,
    flags: u8,
    topic: &str,
    packet_id: u16,
    props: &[u8],
    payload: &str,
) -> Vec<u8> {
    let mut body = Vec::new();
    text(&mut body, topic);
    if flags & 0b110 != 0 {
        body.extend(packet_id.to_be_bytes());
    }
    properties(version, &mut body, props);
    body.extend(payload.as_bytes());
    packet(0x30 | flags, &body)
}

/// A SUBSCRIBE of filters with their options.
pub(crate) fn subscribe(version: Version, packet_id: u16, props: &[u8], filters: &[(&str, u8)]) -> Vec<u8> {
    let mut body = packet_id.to_be_bytes().to_vec();
    properties(version, &mut body, props);
    for (filter, options) in filters {
        text(&mut body, filter);
        body.push(*options);
    }
    packet(0x82, &body)
}

pub(crate) fn unsubscribe(version: Version, packet_id: u16, filters: &[&str]) -> Vec<u8> {
    let mut body = packet_id.to_be_bytes().to_vec();
    properties(version, &mut body, &[]);
    filters.iter().for_each(|filter| text(&mut body, filter));
    packet(0xA2, &body)
}

pub(crate) fn puback(packet_id: u16) -> Vec<u8> {
    packet(0x40, &packet_id.to_be_bytes())
}

/// What a client reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Seen {
    Connack { present: bool, code: u8, properties: Vec<(u8, Vec<u8>)> },
    Publish { flags: u8, topic: String, packet_id: u16, properties: Vec<(u8, Vec<u8>)>, payload: String },
    Puback { packet_id: u16, code: u8 },
    Suback { packet_id: u16, codes: Vec<u8> },
    Unsuback { packet_id: u16, codes: Vec<u8> },
    Pingresp,
    Disconnect { code: u8 },
}

impl Seen {
    /// The value of a property, of those that have it.
    pub(crate) fn property(&self, id: u8) -> Option<&[u8]> {
        let (Self::Connack { properties, .. } | Self::Publish { properties, .. }) = self else { return None };
        properties.iter().find(|(found, _)| *found == id).map(|(_, value)| &value[..])
    }
}

/// Reads all packets in `bytes`, of which there is no part left over.
pub(crate) fn decode(version: Version, bytes: &[u8]) -> Vec<Seen> {
    let mut rest = Reader(bytes);
    let mut seen = Vec::new();
    while !rest.0.is_empty() {
        let head = rest.byte();
        let length = rest.variable();
        seen.push(decode_one(version, head, Reader(rest.take(length))));
    }
    seen
}

/// The reasons in words of all packets in `bytes`, those of a client of MQTT 5.
pub(crate) fn words(bytes: &[u8]) -> Vec<String> {
    let mut rest = Reader(bytes);
    let mut words = Vec::new();
    while !rest.0.is_empty() {
        let head = rest.byte();
        let length = rest.variable();
        let mut body = Reader(rest.take(length));
        // What stands before the properties: flags and code, packet id and code, packet id, or a code.
        let before = match head {
            0x20 => 2,
            0x40 if length > 3 => 3,
            0x90 | 0xB0 => 2,
            0xE0 if length > 1 => 1,
            _ => continue,
        };
        body.take(before);
        let told = body.properties().into_iter().filter(|(id, _)| *id == 0x1F);
        words.extend(told.map(|(_, value)| String::from_utf8(value).unwrap()));
    }
    words
}

fn decode_one(version: Version, head: u8, mut body: Reader<'_>) -> Seen {
    let v5 = version == V5;
    match head {
        0x20 => {
            let present = body.byte() == 1;
            let code = body.byte();
            let properties = if v5 { body.properties() } else { Vec::new() };
            assert!(body.0.is_empty());
            Seen::Connack { present, code, properties }
        }
        0x40 => {
            Seen::Puback { packet_id: body.word(), code: if body.0.is_empty() { 0 } else { body.byte() } }
        }
        0x90 | 0xB0 => {
            let packet_id = body.word();
            if v5 {
                body.properties();
            }
            let codes = body.0.to_vec();
            if head == 0x90 { Seen::Suback { packet_id, codes } } else { Seen::Unsuback { packet_id, codes } }
        }
        0xD0 => Seen::Pingresp,
        0xE0 => Seen::Disconnect { code: if body.0.is_empty() { 0 } else { body.byte() } },
        head if head >> 4 == 3 => {
            let flags = head & 0x0F;
            let topic = body.text();
            let packet_id = if flags & 0b110 == 0 { 0 } else { body.word() };
            let properties = if v5 { body.properties() } else { Vec::new() };
            Seen::Publish {
                flags,
                topic,
                packet_id,
                properties,
                payload: String::from_utf8(body.0.to_vec()).unwrap(),
            }
        }
        head => panic!("a server does not send {head:#x}"),
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }

    fn byte(&mut self) -> u8 {
        self.take(1)[0]
    }

    fn word(&mut self) -> u16 {
        u16::from_be_bytes(self.take(2).try_into().unwrap())
    }

    fn variable(&mut self) -> usize {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            value |= usize::from(byte & 0x7F) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return value;
            }
        }
    }

    fn text(&mut self) -> String {
        let length = self.word();
        String::from_utf8(self.take(length.into()).to_vec()).unwrap()
    }

    /// Properties with their values as they stand on the wire.
    fn properties(&mut self) -> Vec<(u8, Vec<u8>)> {
        let length = self.variable();
        let mut stretch = Reader(self.take(length));
        let mut found = Vec::new();
        while !stretch.0.is_empty() {
            let id = stretch.byte();
            let value = match id {
                0x01 | 0x17 | 0x19 | 0x24 | 0x25 | 0x28 | 0x29 | 0x2A => stretch.take(1).to_vec(),
                0x13 | 0x21 | 0x22 | 0x23 => stretch.take(2).to_vec(),
                0x02 | 0x11 | 0x18 | 0x27 => stretch.take(4).to_vec(),
                0x0B => vec![u8::try_from(stretch.variable()).unwrap()],
                0x03 | 0x08 | 0x09 | 0x12 | 0x1F => stretch.text().into_bytes(),
                0x26 => [stretch.text().into_bytes(), b"=".to_vec(), stretch.text().into_bytes()].concat(),
                id => panic!("no property {id:#x}"),
            };
            found.push((id, value));
        }
        found
    }
}
