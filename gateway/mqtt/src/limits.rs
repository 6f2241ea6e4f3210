//! The bounds on all that a stranger controls, each with its reason.
//!
//! None of them is configured: a venue device that needs more than these is broken or hostile. How many connections
//! there may be is the shell's matter (gateway/server, door.rs).

/// Longest topic name or filter in bytes. The longest of ours has about 130.
pub const TOPIC_BYTES_MAX: usize = 512;
/// Most levels in a topic name or filter: the depth of the trie, and so of a walk through it.
pub const TOPIC_LEVELS_MAX: usize = 16;
/// Longest client identifier in bytes; MQTT-3.1.3-5 asks for at least 23.
pub const CLIENT_ID_BYTES_MAX: usize = 128;
/// Largest MQTT packet in bytes, told to MQTT 5 clients. An event has 128; a birth or a configuration a few kB.
pub const PACKET_BYTES_MAX: u32 = 64 * 1024;
/// Largest CONNECT in bytes: a stranger who has shown nothing yet gets less.
pub const CONNECT_BYTES_MAX: u32 = 8 * 1024;
/// Publications of one connection that wait for their commit: the Receive Maximum told to MQTT 5 clients. An MQTT
/// 3.1.1 client cannot be told, so its socket is not read while as many wait.
pub const UNCOMMITTED_MAX: u16 = 512;
/// QoS 1 messages on their way to one subscriber without its PUBACK, whatever larger Receive Maximum it states.
pub const IN_FLIGHT_MAX: u16 = 64;
/// Messages that wait for one session, connected or not. The oldest makes room, and is counted and reported.
pub const QUEUED_MAX: usize = 4_000;
/// Sessions kept, connected or not.
pub const SESSIONS_MAX: usize = 100_000;
/// Longest session expiry in seconds: a month. A longer wish is shortened, and an MQTT 5 client told.
pub const SESSION_EXPIRY_S_MAX: u32 = 30 * 24 * 3600;
/// Subscriptions of one session.
pub const SUBSCRIPTIONS_MAX: usize = 256;
/// Topic filters in one SUBSCRIBE or UNSUBSCRIBE.
pub const FILTERS_PER_PACKET_MAX: usize = 64;
/// Retained messages kept in all. Enough for each of 100,000 nodes to have one of every kind it retains.
pub const RETAINED_MAX: usize = 400_000;
/// Bytes of retained messages kept in all, topics included.
pub const RETAINED_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Topic aliases that each side may use in one connection: each holds a topic name in memory.
pub const TOPIC_ALIASES_MAX: u16 = 16;
/// User properties in one PUBLISH or CONNECT; more is a malformed use of the door.
pub const USER_PROPERTIES_MAX: usize = 32;
/// Milliseconds from the first byte's chance to a complete CONNECT; a silent stranger holds a socket no longer.
pub const CONNECT_MS_MAX: u64 = 5_000;
/// Bytes to write that a connection gathers before it takes no more from its session: a slow reader's queue is the
/// session's, where it is bounded by messages and expires.
pub const OUTGOING_BYTES_MAX: usize = 128 * 1024;
