//! What the standard demands of a server, statement by statement, against the endpoint without sockets or clocks.
//!
//! A test's name begins with the number of the OASIS statement that it holds: `mqtt_3_1_2_22` is [MQTT-3.1.2-22], of
//! MQTT 5 unless it says otherwise. Packets are written and read here byte by byte, so that no mistake of the protocol
//! crate hides itself. Clients move a clock by hand. Sockets are tested in gateway/server.

mod accounts;
mod connect;
mod hostile;
mod keep_alive;
mod publish;
mod session;
mod shared;
mod small_print;
mod statements;
mod subscribe;
mod will;
mod wire;
mod words;
mod world;
