//! What the door says to a client, in the client's version.
//!
//! Before: connection.rs, with what was decided. Next: the shell, which writes the bytes.

use mqtt_protocol_core::mqtt::packet::{
    AssignedClientIdentifier, MaximumQos, MessageExpiryInterval, Packet, Property, Qos as PacketQos,
    ReceiveMaximum, SessionExpiryInterval, SharedSubscriptionAvailable, SubscriptionIdentifier,
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
use crate::topic::Filter;

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
    pub(super) fn refuse(&mut self, reason: ConnectReasonCode) {
        let packet = if self.is_v5() {
            v5_0::Connack::builder()
                .session_present(false)
                .reason_code(reason)
                .build()
                .map(Packet::V5_0Connack)
        } else {
            let code = match reason {
                ConnectReasonCode::ClientIdentifierNotValid => ConnectReturnCode::IdentifierRejected,
                ConnectReasonCode::BadUserNameOrPassword => ConnectReturnCode::BadUserNameOrPassword,
                ConnectReasonCode::QuotaExceeded => ConnectReturnCode::ServerUnavailable,
                _ => ConnectReturnCode::NotAuthorized,
            };
            v3_1_1::Connack::builder()
                .session_present(false)
                .return_code(code)
                .build()
                .map(Packet::V3_1_1Connack)
        };
        self.send_or_close(packet);
        self.closed = Some(Closed::Refused(reason as u8));
    }

    /// DISCONNECT, which only MQTT 5 has from this side.
    pub(super) fn disconnect(&mut self, reason: DisconnectReasonCode) {
        if self.is_v5()
            && self.signed_in.is_some()
            // Without its empty list of properties, which may be left out, rumqttc 0.25 waits for more bytes.
            && let Ok(packet) = v5_0::Disconnect::builder().reason_code(reason).props(Vec::new()).build()
        {
            // The protocol crate refuses if it has sent its own already.
            let _ = self.send(Packet::V5_0Disconnect(packet));
        }
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
                    let builder = v5_0::Puback::builder().packet_id(packet_id).reason_code(reason);
                    builder.build().map(Packet::V5_0Puback)
                }
                (false, Answer::Refused(_)) => {
                    return self.close(Closed::Breach(DisconnectReasonCode::NotAuthorized as u8));
                }
            };
            self.send_or_close(packet);
        }
    }

    /// Subscribes as far as permit and bounds allow, and says so in SUBACK, one code a filter (MQTT-3.8.4-6).
    pub(super) fn subscribe(&mut self, packet_id: u16, wishes: Vec<Wish>, broker: &mut Broker) {
        let codes = wishes.into_iter().map(|wish| self.grant(wish, broker)).collect::<Vec<_>>();
        let packet = if self.is_v5() {
            v5_0::Suback::builder().packet_id(packet_id).reason_codes(codes).build().map(Packet::V5_0Suback)
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
        self.woken = true;
    }

    fn grant(&self, wish: Wish, broker: &mut Broker) -> SubackReasonCode {
        let Some(who) = &self.signed_in else { return SubackReasonCode::UnspecifiedError };
        let Some(filter) = wish.filter else { return SubackReasonCode::TopicFilterInvalid };
        if filter.is_shared() {
            return SubackReasonCode::SharedSubscriptionsNotSupported;
        }
        if !who.permit.may_subscribe(&filter) {
            return SubackReasonCode::NotAuthorized;
        }
        match (broker.subscribe(who.session, self.id(), filter, wish.options, wish.replay), wish.options.qos)
        {
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
            Packet::V5_0Publish(publish_v5(now, outgoing)?)
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
        if let Some(packet_id) = outgoing.packet_id {
            self.core.register_packet_id(packet_id)?;
        }
        self.send(packet).inspect_err(|_| {
            if let Some(packet_id) = outgoing.packet_id {
                self.core.release_packet_id(packet_id);
            }
        })
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
        Property::SharedSubscriptionAvailable(SharedSubscriptionAvailable::new(0)?),
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

fn publish_v5(now: Moment, outgoing: &Outgoing) -> Result<v5_0::Publish, MqttError> {
    let delivery = &outgoing.delivery;
    let mut properties: Vec<Property> =
        delivery.message.properties.iter().flat_map(|all| all.iter().cloned()).collect();
    if let Some(expires) = delivery.message.expires {
        // MQTT-3.3.2-6: what is left of it, rounded up, so that a message on its way again is never without an end.
        let left_s = expires.0.saturating_sub(now.0).div_ceil(1_000).max(1);
        let left_s = u32::try_from(left_s).unwrap_or(u32::MAX);
        properties.push(Property::MessageExpiryInterval(MessageExpiryInterval::new(left_s)?));
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
