//! What a client's packets mean, and which of them are refused.
//!
//! The protocol crate has parsed them by now. This file refuses what it lets through and the standard or the door does
//! not: packet id 0, names and filters that are none, what an MQTT 3.1.1 client may not say, subscription identifiers
//! from a publisher, a raised session expiry, enhanced authentication. Before: connection.rs. Next: connection.rs,
//! which settles the requests with the broker.

use std::sync::Arc;

use bytes::Bytes;
use mqtt_protocol_core::mqtt::packet::{Packet, Property, SubEntry, v3_1_1, v5_0};
use mqtt_protocol_core::mqtt::packet::{Qos as PacketQos, RetainHandling};
use mqtt_protocol_core::mqtt::result_code::{ConnectReasonCode, DisconnectReasonCode};

use super::{Closed, Connection};
use crate::acks::{Answer, Refusal};
use crate::broker::Replay;
use crate::limits::{
    CLIENT_ID_BYTES_MAX, FILTERS_PER_PACKET_MAX, SESSION_EXPIRY_S_MAX, TOPIC_ALIASES_MAX, USER_PROPERTIES_MAX,
};
use crate::message::{Message, Moment, Qos};
use crate::notice::Lost;
use crate::publish::Publish;
use crate::session::Will;
use crate::subscription::Options;
use crate::topic::{self, Filter, Topic};

/// Something to settle with the broker.
#[derive(Debug)]
pub(super) enum Request {
    Connect(Box<Connect>),
    Subscribe { packet_id: u16, wishes: Vec<Wish> },
    Unsubscribe { packet_id: u16, filters: Vec<Option<Filter>> },
    Acknowledged { packet_id: u16, failure: Option<Lost> },
}

/// One subscription of a SUBSCRIBE. A filter beyond the door's bounds is none.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) filter: Option<Filter>,
    pub(super) options: Options,
    pub(super) replay: Replay,
}

/// A CONNECT, of either version.
#[derive(Clone, Default, Debug)]
pub(super) struct Connect {
    pub(super) client: String,
    pub(super) user_name: String,
    pub(super) password: Vec<u8>,
    pub(super) clean_start: bool,
    /// How long the session is to outlive the connection, within the door's bound.
    pub(super) expiry_s: u32,
    /// Whether that is less than what was asked for.
    pub(super) expiry_shortened: bool,
    pub(super) receive_maximum: u16,
    pub(super) manners: Manners,
    pub(super) will: Option<Will>,
}

/// What an MQTT 5 client wishes to be told, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manners {
    /// How many topic aliases it takes, within the door's bound.
    pub(super) aliases_max: u16,
    /// Whether it wants reasons in words with every answer.
    pub(super) problems: bool,
}

impl Default for Manners {
    fn default() -> Self {
        Self { aliases_max: 0, problems: true }
    }
}

impl Connection {
    pub(super) fn on_packet(&mut self, now: Moment, packet: Packet) {
        let refused = match packet {
            Packet::V3_1_1Connect(packet) => return self.on_connect(connect_v3(&packet)),
            Packet::V5_0Connect(packet) => return self.on_connect(connect_v5(&packet)),
            Packet::V3_1_1Publish(packet) => {
                let payload = Bytes::copy_from_slice(packet.payload().as_slice());
                let dressed = |message| Ok(message);
                self.on_publish(packet.topic_name(), packet.packet_id(), packet.retain(), payload, dressed)
            }
            Packet::V5_0Publish(packet) => {
                let payload = Bytes::copy_from_slice(packet.payload().as_slice());
                let dressed = |message| dress(now, message, packet.props());
                self.on_publish(packet.topic_name(), packet.packet_id(), packet.retain(), payload, dressed)
            }
            Packet::V3_1_1Puback(packet) => self.on_puback(packet.packet_id(), None),
            Packet::V5_0Puback(packet) => {
                let failed = packet.reason_code().is_some_and(|code| code.is_failure());
                self.on_puback(packet.packet_id(), failed.then_some(Lost::Refused))
            }
            Packet::V3_1_1Subscribe(packet) => self.on_subscribe_v3(packet.packet_id(), packet.entries()),
            Packet::V5_0Subscribe(packet) => self.on_subscribe_v5(&packet),
            Packet::V3_1_1Unsubscribe(packet) => {
                self.on_unsubscribe(packet.packet_id(), packet.entries().iter().map(|entry| entry.as_str()))
            }
            Packet::V5_0Unsubscribe(packet) => {
                self.on_unsubscribe(packet.packet_id(), packet.entries().iter().map(|entry| entry.as_str()))
            }
            Packet::V3_1_1Pingreq(_) | Packet::V5_0Pingreq(_) => Ok(()),
            Packet::V3_1_1Disconnect(_) => self.on_disconnect(false, None),
            Packet::V5_0Disconnect(packet) => self.on_disconnect_v5(&packet),
            // QoS 2, enhanced authentication, and what only a server sends.
            _ => Err(DisconnectReasonCode::ProtocolError),
        };
        if let Err(reason) = refused {
            self.breach(reason);
        }
    }

    fn on_connect(&mut self, connect: Result<Connect, ConnectReasonCode>) {
        match connect {
            Ok(connect) => self.requests.push_back(Request::Connect(Box::new(connect))),
            Err(reason) => self.refuse(reason, in_words(reason)),
        }
    }

    fn on_publish(
        &mut self,
        topic: &str,
        packet_id: Option<u16>,
        retain: bool,
        payload: Bytes,
        dressed: impl FnOnce(Message) -> Result<Message, DisconnectReasonCode>,
    ) -> Result<(), DisconnectReasonCode> {
        // MQTT-2.2.1-3: a packet id is not 0.
        if packet_id == Some(0) {
            return Err(DisconnectReasonCode::MalformedPacket);
        }
        let Some(who) = &self.signed_in else { return Err(DisconnectReasonCode::ProtocolError) };
        let known = self.topic_last.as_ref().filter(|known| known.as_str() == topic);
        let topic = match known {
            Some(known) => known.clone(),
            None => {
                let topic = Topic::new(topic).map_err(|_| DisconnectReasonCode::TopicNameInvalid)?;
                if !who.permit.may_publish(&topic) {
                    return self.on_unauthorised(packet_id);
                }
                topic
            }
        };
        self.topic_last = Some(topic.clone());
        let mut message = dressed(Message::new(topic, payload))?;
        message.retain = retain;
        message.qos = if packet_id.is_some() { Qos::AtLeastOnce } else { Qos::AtMostOnce };
        message.publisher = Some(who.client.clone());
        let (client, account) = (who.client.clone(), who.account.clone());
        let token = packet_id.map(|packet_id| self.acks.push(packet_id));
        self.publications.push(Publish { client, account, message, token });
        Ok(())
    }

    /// An MQTT 5 client that waits for an answer is told; an MQTT 3.1.1 client that waits is disconnected, because an
    /// acknowledgement would be a lie (MQTT-3.3.5-2). Nobody else is told anything.
    fn on_unauthorised(&mut self, packet_id: Option<u16>) -> Result<(), DisconnectReasonCode> {
        self.unauthorised += 1;
        if let Some(packet_id) = packet_id {
            let token = self.acks.push(packet_id);
            self.answer(token, Answer::Refused(Refusal::NotAuthorized));
        }
        Ok(())
    }

    fn on_puback(&mut self, packet_id: u16, failure: Option<Lost>) -> Result<(), DisconnectReasonCode> {
        self.requests.push_back(Request::Acknowledged { packet_id, failure });
        Ok(())
    }

    fn on_subscribe_v3(&mut self, packet_id: u16, entries: &[SubEntry]) -> Result<(), DisconnectReasonCode> {
        // MQTT-3.8.3-4: all but the two bits of QoS are reserved in this version.
        if entries.iter().any(|entry| entry.sub_opts().to_buffer()[0] & !0b11 != 0) {
            return Err(DisconnectReasonCode::MalformedPacket);
        }
        self.on_subscribe(packet_id, entries, None)
    }

    fn on_subscribe_v5(&mut self, packet: &v5_0::Subscribe) -> Result<(), DisconnectReasonCode> {
        let mut identifier = None;
        for property in packet.props() {
            if let Property::SubscriptionIdentifier(value) = property {
                // MQTT-3.8.2.1.2: 0 is a protocol error.
                identifier = Some(value.val()).filter(|value| *value != 0);
                identifier.ok_or(DisconnectReasonCode::ProtocolError)?;
            }
        }
        let shared_no_local =
            |entry: &SubEntry| entry.sub_opts().nl() && entry.topic_filter().starts_with("$share/");
        if packet.entries().iter().any(shared_no_local) || too_talkative(packet.props()) {
            // MQTT-3.8.3-4: no-local on a shared subscription is a protocol error.
            return Err(DisconnectReasonCode::ProtocolError);
        }
        self.on_subscribe(packet.packet_id(), packet.entries(), identifier)
    }

    fn on_subscribe(
        &mut self,
        packet_id: u16,
        entries: &[SubEntry],
        identifier: Option<u32>,
    ) -> Result<(), DisconnectReasonCode> {
        check_request(packet_id, entries.len())?;
        let wish = |entry: &SubEntry| -> Result<Wish, DisconnectReasonCode> {
            let asked = entry.sub_opts();
            let replay = match asked.rh() {
                RetainHandling::SendRetained => Replay::Always,
                RetainHandling::SendRetainedIfNotExists => Replay::IfNew,
                RetainHandling::DoNotSendRetained => Replay::Never,
            };
            let qos = qos(asked.qos());
            let options = Options { qos, no_local: asked.nl(), retain_as_published: asked.rap(), identifier };
            Ok(Wish { filter: filter(entry.topic_filter())?, options, replay })
        };
        let wishes = entries.iter().map(wish).collect::<Result<_, _>>()?;
        self.requests.push_back(Request::Subscribe { packet_id, wishes });
        Ok(())
    }

    fn on_unsubscribe<'a>(
        &mut self,
        packet_id: u16,
        entries: impl ExactSizeIterator<Item = &'a str>,
    ) -> Result<(), DisconnectReasonCode> {
        check_request(packet_id, entries.len())?;
        let filters = entries.map(filter).collect::<Result<_, _>>()?;
        self.requests.push_back(Request::Unsubscribe { packet_id, filters });
        Ok(())
    }

    fn on_disconnect_v5(&mut self, packet: &v5_0::Disconnect) -> Result<(), DisconnectReasonCode> {
        let will = packet.reason_code().is_some_and(|code| code != DisconnectReasonCode::NormalDisconnection);
        let mut expiry_s = None;
        for property in packet.props().iter().flatten() {
            if let Property::SessionExpiryInterval(value) = property {
                expiry_s = Some(value.val());
            }
        }
        // MQTT-3.14.2-2: a session that was to end with its connection does so.
        if self.expiry_s == 0 && expiry_s.is_some_and(|value| value != 0) {
            return Err(DisconnectReasonCode::ProtocolError);
        }
        self.on_disconnect(will, expiry_s.map(|value| value.min(SESSION_EXPIRY_S_MAX)))
    }

    fn on_disconnect(&mut self, will: bool, expiry_s: Option<u32>) -> Result<(), DisconnectReasonCode> {
        self.sign_out.will = will;
        self.sign_out.expiry_s = expiry_s;
        self.close(Closed::Left);
        Ok(())
    }
}

/// Why a CONNECT is refused before anybody is asked.
fn in_words(reason: ConnectReasonCode) -> &'static str {
    match reason {
        ConnectReasonCode::ClientIdentifierNotValid => {
            "the client identifier is too long, unprintable, or empty and to stay"
        }
        ConnectReasonCode::BadAuthenticationMethod => "there is no enhanced authentication here",
        ConnectReasonCode::QosNotSupported => "a will at QoS 2 is not taken here",
        ConnectReasonCode::TopicNameInvalid => "the will's topic is none",
        ConnectReasonCode::QuotaExceeded => "too many user properties",
        _ => "",
    }
}

fn connect_v3(packet: &v3_1_1::Connect) -> Result<Connect, ConnectReasonCode> {
    // MQTT-3.1.3-8: a client without a name cannot come back to its session.
    if packet.client_id().is_empty() && !packet.clean_session() {
        return Err(ConnectReasonCode::ClientIdentifierNotValid);
    }
    let will = match (packet.will_topic(), packet.will_payload()) {
        (Some(topic), Some(payload)) => Some(will(topic, payload, packet.will_retain(), packet.will_qos())?),
        _ => None,
    };
    Ok(Connect {
        client: client(packet.client_id())?,
        user_name: packet.user_name().unwrap_or_default().to_owned(),
        password: packet.password().unwrap_or_default().to_owned(),
        clean_start: packet.clean_session(),
        expiry_s: if packet.clean_session() { 0 } else { SESSION_EXPIRY_S_MAX },
        expiry_shortened: false,
        receive_maximum: u16::MAX,
        manners: Manners::default(),
        will,
    })
}

fn connect_v5(packet: &v5_0::Connect) -> Result<Connect, ConnectReasonCode> {
    if too_talkative(packet.props()) || too_talkative(packet.will_props()) {
        return Err(ConnectReasonCode::QuotaExceeded);
    }
    let mut connect = Connect {
        client: client(packet.client_id())?,
        user_name: packet.user_name().unwrap_or_default().to_owned(),
        password: packet.password().unwrap_or_default().to_owned(),
        clean_start: packet.clean_start(),
        receive_maximum: u16::MAX,
        ..Connect::default()
    };
    for property in packet.props() {
        match property {
            Property::SessionExpiryInterval(value) => {
                connect.expiry_s = value.val().min(SESSION_EXPIRY_S_MAX);
                connect.expiry_shortened = value.val() > SESSION_EXPIRY_S_MAX;
            }
            Property::ReceiveMaximum(value) => connect.receive_maximum = value.val(),
            Property::TopicAliasMaximum(value) => {
                connect.manners.aliases_max = value.val().min(TOPIC_ALIASES_MAX);
            }
            Property::RequestProblemInformation(value) => connect.manners.problems = value.val() == 1,
            Property::AuthenticationMethod(_) => return Err(ConnectReasonCode::BadAuthenticationMethod),
            _ => {}
        }
    }
    if let (Some(topic), Some(payload)) = (packet.will_topic(), packet.will_payload()) {
        // MQTT-3.2.2-12: a will QoS above the door's maximum is refused, where the client could not know.
        if packet.will_qos() == PacketQos::ExactlyOnce {
            return Err(ConnectReasonCode::QosNotSupported);
        }
        let mut will = will(topic, payload, packet.will_retain(), packet.will_qos())?;
        for property in packet.will_props() {
            match property {
                Property::WillDelayInterval(value) => will.delay_ms = u64::from(value.val()) * 1_000,
                Property::MessageExpiryInterval(value) => {
                    will.expiry_ms = Some(u64::from(value.val()) * 1_000);
                }
                _ => {}
            }
        }
        will.message.properties = travelling(packet.will_props());
        connect.will = Some(will);
    }
    Ok(connect)
}

/// MQTT-3.1.3-5 allows these and more; a name that cannot be printed is nobody's.
fn client(name: &str) -> Result<String, ConnectReasonCode> {
    if name.len() > CLIENT_ID_BYTES_MAX || name.chars().any(char::is_control) {
        return Err(ConnectReasonCode::ClientIdentifierNotValid);
    }
    Ok(name.to_owned())
}

fn will(topic: &str, payload: &[u8], retain: bool, asked: PacketQos) -> Result<Will, ConnectReasonCode> {
    let topic = Topic::new(topic).map_err(|_| ConnectReasonCode::TopicNameInvalid)?;
    let message = Message { retain, qos: qos(asked), ..Message::new(topic, Bytes::copy_from_slice(payload)) };
    Ok(Will { message, delay_ms: 0, expiry_ms: None })
}

/// Gives a message what its MQTT 5 properties say.
fn dress(
    now: Moment,
    mut message: Message,
    properties: &[Property],
) -> Result<Message, DisconnectReasonCode> {
    if properties.is_empty() {
        return Ok(message);
    }
    for property in properties {
        match property {
            // MQTT-3.3.4-6: only a server sends it.
            Property::SubscriptionIdentifier(_) => return Err(DisconnectReasonCode::ProtocolError),
            Property::MessageExpiryInterval(value) => {
                message.expires = Some(now.after(u64::from(value.val()) * 1_000));
            }
            // MQTT-3.3.2-14: a response topic is a topic name.
            Property::ResponseTopic(topic) if Topic::new(topic.val()).is_err() => {
                return Err(DisconnectReasonCode::ProtocolError);
            }
            _ => {}
        }
    }
    if too_talkative(properties) {
        return Err(DisconnectReasonCode::QuotaExceeded);
    }
    message.properties = travelling(properties);
    Ok(message)
}

/// Those properties that a server passes on unaltered, in their order.
fn travelling(properties: &[Property]) -> Option<Arc<[Property]>> {
    let travels = |property: &&Property| {
        matches!(
            property,
            Property::PayloadFormatIndicator(_)
                | Property::ContentType(_)
                | Property::ResponseTopic(_)
                | Property::CorrelationData(_)
                | Property::UserProperty(_)
        )
    };
    let travelling: Arc<[Property]> = properties.iter().filter(travels).cloned().collect();
    (!travelling.is_empty()).then_some(travelling)
}

fn too_talkative(properties: &[Property]) -> bool {
    let user = |property: &&Property| matches!(property, Property::UserProperty(_));
    properties.iter().filter(user).count() > USER_PROPERTIES_MAX
}

/// The door speaks no QoS 2: it grants and keeps the highest it has (MQTT-3.8.4-8).
fn qos(asked: PacketQos) -> Qos {
    if asked == PacketQos::AtMostOnce { Qos::AtMostOnce } else { Qos::AtLeastOnce }
}

/// MQTT-2.2.1-3: a packet id is not 0.
fn check_request(packet_id: u16, entries: usize) -> Result<(), DisconnectReasonCode> {
    if packet_id == 0 {
        return Err(DisconnectReasonCode::ProtocolError);
    }
    if entries > FILTERS_PER_PACKET_MAX { Err(DisconnectReasonCode::QuotaExceeded) } else { Ok(()) }
}

/// A filter; none if it is one and beyond the door's bounds.
fn filter(text: &str) -> Result<Option<Filter>, DisconnectReasonCode> {
    match Filter::new(text) {
        Ok(filter) => Ok(Some(filter)),
        Err(topic::Error::TooLong | topic::Error::TooDeep) => Ok(None),
        Err(_) => Err(DisconnectReasonCode::MalformedPacket),
    }
}
