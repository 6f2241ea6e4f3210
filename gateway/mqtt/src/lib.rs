//! The front door's protocol: MQTT 3.1.1 and 5, sans-IO, acknowledging what is committed and no sooner.
