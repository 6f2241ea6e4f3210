//! What the door says to a client, in the client's version.
//!
//! Before: connection.rs, with what was decided. Next: the shell, which writes the bytes.

use mqtt_protocol_core::mqtt::packet::{
    AssignedClientIdentifier, MaximumQos, MessageExpiryInterval, Packet, Property, Qos as PacketQos,
    ReasonString, ReceiveMaximum, SessionExpiryInterval, SubscriptionIdentifier, TopicAlias,
    TopicAliasMaximum, v3_1_1, v5_0,
};
use mqtt_protocol_core::mqtt::result_code::{
    ConnectReasonCode, ConnectReturnCode, DisconnectReasonCode, MqttError, PubackReasonCode,
    SubackReasonCode, SubackReturnCode, UnsubackReasonCode,
};

use super::inbound::{Connect, Wish};
use super::{Closed, Connection};
use crate::acks::{Answer, Refusal};
use crate::broker::{Broker, KeptOut, SignedIn};
use crate::limits::{TOPIC_ALIASES_MAX, UNCOMMITTED_MAX};
use crate::message::{Moment, Qos};
use crate::session::Outgoing;
use crate::topic::{Filter, Topic};

impl From<KeptOut> for ConnectReasonCode {
    fn from(why: KeptOut) -> Self {
        match why {
            KeptOut::Credentials => Self::BadUserNameOrPassword,
            KeptOut::Will => Self::NotAuthorized,
            KeptOut::ClientId => Self::ClientIdentifierNotValid,
            KeptOut::Full => Self::QuotaExceeded,
        }
    }
}

impl KeptOut {
    /// Why, for people. It tells nobody whether a name exists.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Credentials => "no account has these credentials",
            Self::Will => "the account may not publish to the will's topic",
            Self::ClientId => "a session of this name is another account's",
            Self::Full => "there are as many sessions as there may be",
        }
    }
}

impl Connection {
    /// CONNACK: come in.
    pub(super) fn welcome(&mut self, connect: &Connect, who: &SignedIn) {
        let packet = if self.is_v5() {
            welcome_v5(connect, who).map(Packet::V5_0Connack)
        } else {
            let builder = v3_1_1::Connack::builder().session_present(who.present);
            builder.return_code(ConnectReturnCode::Accepted).build().map(Packet::V3_1_1Connack)
        };
        self.send_or_close(packet);
    }

    /// CONNACK: stay out.
    pub(super) fn refuse(&mut self, reason: ConnectReasonCode, words: &str) {
        if self.is_v5() {
            // MQTT-3.2.2-6: no session is present where none is opened.
            self.send_shorter_if_need_be(words, |properties| {
                let builder = v5_0::Connack::builder().session_present(false).reason_code(reason);
                builder.props(properties).build().map(Packet::V5_0Connack)
            });
        } else {
            let code = match reason {
                ConnectReasonCode::ClientIdentifierNotValid => ConnectReturnCode::IdentifierRejected,
                ConnectReasonCode::BadUserNameOrPassword => ConnectReturnCode::BadUserNameOrPassword,
                ConnectReasonCode::QuotaExceeded => ConnectReturnCode::ServerUnavailable,
                _ => ConnectReturnCode::NotAuthorized,
            };
            let builder = v3_1_1::Connack::builder().session_present(false).return_code(code);
            self.send_or_close(builder.build().map(Packet::V3_1_1Connack));
        }
        self.closed = Some(Closed::Refused(reason as u8));
    }

    /// DISCONNECT, which only MQTT 5 has from this side.
    pub(super) fn disconnect(&mut self, reason: DisconnectReasonCode, why: Closed) {
        let words = match why {
            Closed::Breach(_) => breach_words(reason).to_owned(),
            why => why.to_string(),
        };
        if !self.is_v5() || self.signed_in.is_none() {
            return;
        }
        // Without a list of properties, which may be left out if it is empty, rumqttc 0.25 waits for more bytes.
        self.send_shorter_if_need_be(&words, |properties| {
            let builder = v5_0::Disconnect::builder().reason_code(reason).props(properties);
            builder.build().map(Packet::V5_0Disconnect)
        });
    }

    /// PUBACK for every publication whose turn it is.
    pub(super) fn acknowledge(&mut self) {
        while self.closed.is_none()
            && let Some((packet_id, answer)) = self.acks.pop()
        {
            let packet = match (self.is_v5(), answer) {
                (false, Answer::Committed) => {
                    v3_1_1::Puback::builder().packet_id(packet_id).build().map(Packet::V3_1_1Puback)
                }
                (true, Answer::Committed) => {
                    v5_0::Puback::builder().packet_id(packet_id).build().map(Packet::V5_0Puback)
                }
                (true, Answer::Refused(why)) => {
                    let reason = match why {
                        Refusal::NotAuthorized => PubackReasonCode::NotAuthorized,
                        Refusal::QuotaExceeded => PubackReasonCode::QuotaExceeded,
                        Refusal::PayloadInvalid => PubackReasonCode::PayloadFormatInvalid,
                        Refusal::Other => PubackReasonCode::ImplementationSpecificError,
                    };
                    let build = |words: Vec<Property>| {
                        let builder = v5_0::Puback::builder().packet_id(packet_id).reason_code(reason);
                        let builder = if words.is_empty() { builder } else { builder.props(words) };
                        builder.build().map(Packet::V5_0Puback)
                    };
                    if self.send_in_words(why.in_words(), build).is_ok() {
                        continue;
                    }
                    build(Vec::new())
                }
                (false, Answer::Refused(_)) => {
                    return self.close(Closed::Breach(DisconnectReasonCode::NotAuthorized as u8));
                }
            };
            self.send_or_close(packet);
        }
    }

    /// Subscribes as far as permit and bounds allow, and says so in SUBACK, one code a filter (MQTT-3.8.4-6).
    pub(super) fn subscribe(&mut self, now: Moment, packet_id: u16, wishes: Vec<Wish>, broker: &mut Broker) {
        let codes = wishes.into_iter().map(|wish| self.grant(now, wish, broker)).collect::<Vec<_>>();
        self.woken = true;
        let packet = if self.is_v5() {
            let words = codes.iter().map(|code| suback_words(*code)).find(|words| !words.is_empty());
            let build = |properties| {
                let builder = v5_0::Suback::builder().packet_id(packet_id).reason_codes(codes.clone());
                builder.props(properties).build().map(Packet::V5_0Suback)
            };
            if self.send_in_words(words.unwrap_or_default(), build).is_ok() {
                return;
            }
            build(Vec::new())
        } else {
            let codes = codes.into_iter().map(|code| match code {
                SubackReasonCode::GrantedQos0 => SubackReturnCode::SuccessMaximumQos0,
                SubackReasonCode::GrantedQos1 => SubackReturnCode::SuccessMaximumQos1,
                _ => SubackReturnCode::Failure,
            });
            let builder = v3_1_1::Suback::builder().packet_id(packet_id);
            builder.return_codes(codes.collect()).build().map(Packet::V3_1_1Suback)
        };
        self.send_or_close(packet);
    }

    fn grant(&self, now: Moment, wish: Wish, broker: &mut Broker) -> SubackReasonCode {
        let Some(who) = &self.signed_in else { return SubackReasonCode::UnspecifiedError };
        let Some(filter) = wish.filter else { return SubackReasonCode::TopicFilterInvalid };
        if !who.permit.may_subscribe(filter.shared().as_ref().unwrap_or(&filter)) {
            return SubackReasonCode::NotAuthorized;
        }
        let granted = broker.subscribe(now, who.session, self.id(), filter, wish.options, wish.replay);
        match (granted, wish.options.qos) {
            (false, _) => SubackReasonCode::QuotaExceeded,
            (true, Qos::AtMostOnce) => SubackReasonCode::GrantedQos0,
            (true, Qos::AtLeastOnce) => SubackReasonCode::GrantedQos1,
        }
    }

    /// Unsubscribes, and says so in UNSUBACK.
    pub(super) fn unsubscribe(&mut self, packet_id: u16, filters: &[Option<Filter>], broker: &mut Broker) {
        let Some(session) = self.signed_in.as_ref().map(|who| who.session) else { return };
        let mut end = |filter: &Option<Filter>| match filter {
            Some(filter) if broker.unsubscribe(session, self.id, filter) => UnsubackReasonCode::Success,
            _ => UnsubackReasonCode::NoSubscriptionExisted,
        };
        let codes = filters.iter().map(&mut end).collect::<Vec<_>>();
        let packet = if self.is_v5() {
            v5_0::Unsuback::builder()
                .packet_id(packet_id)
                .reason_codes(codes)
                .build()
                .map(Packet::V5_0Unsuback)
        } else {
            v3_1_1::Unsuback::builder().packet_id(packet_id).build().map(Packet::V3_1_1Unsuback)
        };
        self.send_or_close(packet);
    }

    /// PUBLISH to the client.
    pub(super) fn send_delivery(&mut self, now: Moment, outgoing: &Outgoing) -> Result<(), MqttError> {
        let packet = if self.is_v5() {
            let alias = self.new_alias(&outgoing.delivery.message.topic);
            let sent = self.send_publish(outgoing, Packet::V5_0Publish(publish_v5(now, outgoing, alias)?));
            if sent.is_ok() && alias.is_some() {
                self.aliases.push(outgoing.delivery.message.topic.clone());
            }
            return sent;
        } else {
            let delivery = &outgoing.delivery;
            let builder = v3_1_1::Publish::builder().topic_name(delivery.message.topic.as_str())?;
            let builder = builder.qos(packet_qos(delivery.qos)).retain(delivery.retain).dup(outgoing.dup);
            let builder = builder.payload(&delivery.message.payload[..]);
            Packet::V3_1_1Publish(match outgoing.packet_id {
                Some(packet_id) => builder.packet_id(packet_id).build()?,
                None => builder.build()?,
            })
        };
        self.send_publish(outgoing, packet)
    }

    fn send_publish(&mut self, outgoing: &Outgoing, packet: Packet) -> Result<(), MqttError> {
        if let Some(packet_id) = outgoing.packet_id {
            self.core.register_packet_id(packet_id)?;
        }
        self.send(packet).inspect_err(|_| {
            if let Some(packet_id) = outgoing.packet_id {
                self.core.release_packet_id(packet_id);
            }
        })
    }

    /// The alias under which the client is to know `topic` from now on, if it does not yet. The first topics of a
    /// connection get them: a client that hears few hears each of them often.
    fn new_alias(&self, topic: &Topic) -> Option<u16> {
        let known = self.aliases.len();
        let room = known < usize::from(self.manners.aliases_max) && !self.aliases.contains(topic);
        if room { u16::try_from(known + 1).ok() } else { None }
    }

    /// Sends the last packet of a connection: without words if the client takes none so large (MQTT-3.2.2-19,
    /// MQTT-3.14.2-3).
    fn send_shorter_if_need_be(
        &mut self,
        words: &str,
        build: impl Fn(Vec<Property>) -> Result<Packet, MqttError>,
    ) {
        for properties in [reason_string(words), Vec::new()] {
            if build(properties).and_then(|packet| self.send(packet)).is_ok() {
                return;
            }
        }
    }

    /// Sends a packet with the reason in words, if the client wants to read some (MQTT-3.1.2-29) and it does not make
    /// the packet larger than the client takes.
    fn send_in_words(
        &mut self,
        words: &str,
        build: impl Fn(Vec<Property>) -> Result<Packet, MqttError>,
    ) -> Result<(), MqttError> {
        let properties = if self.manners.problems { reason_string(words) } else { Vec::new() };
        build(properties).and_then(|packet| self.send(packet))
    }

    /// Sends what cannot be left out.
    fn send_or_close(&mut self, packet: Result<Packet, MqttError>) {
        if let Err(error) = packet.and_then(|packet| self.send(packet)) {
            self.breach(error.into());
        }
    }
}

fn welcome_v5(connect: &Connect, who: &SignedIn) -> Result<v5_0::Connack, MqttError> {
    let mut properties = vec![
        Property::ReceiveMaximum(ReceiveMaximum::new(UNCOMMITTED_MAX)?),
        Property::MaximumQos(MaximumQos::new(1)?),
        Property::TopicAliasMaximum(TopicAliasMaximum::new(TOPIC_ALIASES_MAX)?),
    ];
    if connect.expiry_shortened {
        properties.push(Property::SessionExpiryInterval(SessionExpiryInterval::new(connect.expiry_s)?));
    }
    if connect.client.is_empty() {
        let assigned = AssignedClientIdentifier::new(who.client.as_str())?;
        properties.push(Property::AssignedClientIdentifier(assigned));
    }
    let builder =
        v5_0::Connack::builder().session_present(who.present).reason_code(ConnectReasonCode::Success);
    builder.props(properties).build()
}

/// A reason in words, as a property; none without words.
fn reason_string(words: &str) -> Vec<Property> {
    let words = Some(words).filter(|words| !words.is_empty());
    words.and_then(|words| ReasonString::new(words).ok()).map(Property::ReasonString).into_iter().collect()
}

fn breach_words(reason: DisconnectReasonCode) -> &'static str {
    match reason {
        DisconnectReasonCode::QosNotSupported => "QoS 2 is not spoken here",
        DisconnectReasonCode::TopicNameInvalid => "a topic name is none",
        DisconnectReasonCode::TopicAliasInvalid => "a topic alias is out of range or unknown",
        DisconnectReasonCode::PacketTooLarge => "a packet is larger than CONNACK said",
        DisconnectReasonCode::ReceiveMaximumExceeded => "more is unanswered than CONNACK said",
        DisconnectReasonCode::QuotaExceeded => "too many filters or user properties in a packet",
        _ => "",
    }
}

fn suback_words(code: SubackReasonCode) -> &'static str {
    match code {
        SubackReasonCode::NotAuthorized => "the account may not subscribe to all that the filter matches",
        SubackReasonCode::TopicFilterInvalid => "the filter is longer or deeper than is taken here",
        SubackReasonCode::QuotaExceeded => "the session has as many subscriptions as it may have",
        _ => "",
    }
}

fn publish_v5(now: Moment, outgoing: &Outgoing, alias: Option<u16>) -> Result<v5_0::Publish, MqttError> {
    let delivery = &outgoing.delivery;
    let mut properties: Vec<Property> =
        delivery.message.properties.iter().flat_map(|all| all.iter().cloned()).collect();
    if let Some(expires) = delivery.message.expires {
        // MQTT-3.3.2-6: what is left of it, rounded up, so that a message on its way again is never without an end.
        let left_s = expires.0.saturating_sub(now.0).div_ceil(1_000).max(1);
        let left_s = u32::try_from(left_s).unwrap_or(u32::MAX);
        properties.push(Property::MessageExpiryInterval(MessageExpiryInterval::new(left_s)?));
    }
    if let Some(alias) = alias {
        properties.push(Property::TopicAlias(TopicAlias::new(alias)?));
    }
    for identifier in &delivery.identifiers {
        properties.push(Property::SubscriptionIdentifier(SubscriptionIdentifier::new(*identifier)?));
    }
    let builder = v5_0::Publish::builder().topic_name(delivery.message.topic.as_str())?;
    let builder = builder.qos(packet_qos(delivery.qos)).retain(delivery.retain).dup(outgoing.dup);
    let builder = builder.payload(&delivery.message.payload[..]).props(properties);
    match outgoing.packet_id {
        Some(packet_id) => builder.packet_id(packet_id).build(),
        None => builder.build(),
    }
}

fn packet_qos(qos: Qos) -> PacketQos {
    match qos {
        Qos::AtMostOnce => PacketQos::AtMostOnce,
        Qos::AtLeastOnce => PacketQos::AtLeastOnce,
    }
}
