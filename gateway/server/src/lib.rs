//! The running gateway: doors, shard, dispatch, HTTP, console, config.

pub mod door;
