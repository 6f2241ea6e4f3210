//! Sources with a name of their own: declarations in the language that operators write, to be read and copied.
//!
//! Each file says in its head what it expects and which tables an operator fills. Next: declare.rs, which reads them as
//! it reads anybody's.

/// A ready-made declaration.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    /// What `use` calls it.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Every ready-made declaration.
pub static READY: [Ready; 8] = [
    Ready { name: "owntracks", text: include_str!("ready/owntracks.yaml") },
    Ready { name: "espresense", text: include_str!("ready/espresense.yaml") },
    Ready { name: "openmqttgateway", text: include_str!("ready/openmqttgateway.yaml") },
    Ready { name: "bthome", text: include_str!("ready/bthome.yaml") },
    Ready { name: "zigbee2mqtt", text: include_str!("ready/zigbee2mqtt.yaml") },
    Ready { name: "tasmota", text: include_str!("ready/tasmota.yaml") },
    Ready { name: "homeassistant", text: include_str!("ready/homeassistant.yaml") },
    Ready { name: "json", text: include_str!("ready/json.yaml") },
];
