//! The front door on loopback, against clients that others wrote: rumqttc in both versions, mosquitto's, and raw bytes.
//!
//! A test stands in for the shard: it receives publications and decides what becomes of each. It waits for what must
//! happen and never for a time. The protocol's own cases are in gateway/mqtt/tests.

mod bench;
mod certificates;
mod clients;
mod credentials;
mod delivery;
mod mosquitto;
mod publish;
mod shutdown;
mod tls;
mod web;
