//! The logic of a sensor node: sampling, presence, pseudonyms, backlog and the MQTT session.
