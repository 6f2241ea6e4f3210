//! The session and the shell against servers: a scripted one that misbehaves on cue, and a real mosquitto.

mod mosquitto;
mod park;
mod scripted;
