//! Clients that others wrote: rumqttc in both versions, which are alike but in their types.

macro_rules! client {
    ($version:ident, $($rumqttc:ident)::+) => {
        pub(crate) mod $version {
            use std::net::SocketAddr;
            use std::time::Duration;

            use $($rumqttc)::+::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions};

            use super::packets::$version::Packet;

            pub(crate) fn options(addr: SocketAddr, client: &str, account: &str, password: &str) -> MqttOptions {
                let mut options = MqttOptions::new(client, "127.0.0.1", addr.port());
                options.set_credentials(account, password).set_keep_alive(Duration::from_secs(60));
                options
            }

            pub(crate) fn client(options: MqttOptions) -> (AsyncClient, EventLoop) {
                AsyncClient::new(options, 16)
            }

            /// Polls until a packet comes that `want` takes.
            pub(crate) async fn until<T>(
                events: &mut EventLoop,
                mut want: impl FnMut(Packet) -> Option<T>,
            ) -> Result<T, ConnectionError> {
                loop {
                    if let Event::Incoming(packet) = events.poll().await?
                        && let Some(found) = want(packet)
                    {
                        return Ok(found);
                    }
                }
            }
        }
    };
}

mod packets {
    pub(super) mod v4 {
        pub(in super::super) use rumqttc::Packet;
    }
    pub(super) mod v5 {
        pub(in super::super) use rumqttc::v5::mqttbytes::v5::Packet;
    }
}

client!(v4, rumqttc);
client!(v5, rumqttc::v5);

/// Polls until the server says goodbye, and says with what reason. Only MQTT 5 has such a word.
pub(crate) async fn farewell(
    events: &mut rumqttc::v5::EventLoop,
) -> rumqttc::v5::mqttbytes::v5::DisconnectReasonCode {
    use rumqttc::v5::{ConnectionError, StateError};
    match v5::until(events, |_| None::<()>).await {
        Err(ConnectionError::MqttState(StateError::ServerDisconnect { reason_code, .. })) => reason_code,
        other => panic!("{other:?}"),
    }
}
