//! What a subscription asks for beside its filter (section 3.8.3.1).
//!
//! Before: connection/inbound.rs, which reads it. Next: session.rs and shares.rs, which go by it.

use crate::message::Qos;

/// What a subscription asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Options {
    pub(crate) qos: Qos,
    /// Leave out what this session published itself.
    pub(crate) no_local: bool,
    /// Pass on the publisher's retain flag.
    pub(crate) retain_as_published: bool,
    /// Sent along with each message that matched.
    pub(crate) identifier: Option<u32>,
}
