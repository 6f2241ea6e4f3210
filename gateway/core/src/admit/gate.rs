//! Whether a frame is its node's: what needs keys and nothing that was said before.
//!
//! It has no state, so doors may ask it on their own threads, and the one writer takes what was opened if it was opened by
//! the gate that counts; what came through another, because keys or accounts were reloaded meanwhile, it opens anew. A
//! frame that is not to be believed is carried on with its reason, so that a forged one is looked at once, like any other.
//! Before: the doors. Next: back in admit.rs.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use turnpage_firmware_wire as wire;
use turnpage_firmware_wire::topic::Channel;

use super::PAYLOAD_MAX;
use crate::batch::Reason;
use crate::id::{NodeId, NodeName};
use crate::options::{Keys, Role};
use crate::venue::Venue;

/// What frames are held against: the venue's nodes and their keys.
pub struct Gate {
    pub(super) venue: String,
    names: BTreeMap<NodeName, NodeId>,
    keys: BTreeMap<NodeId, wire::Key>,
}

/// What a gate has found of a message on a node's topic.
pub struct Unsealed {
    gate: Arc<Gate>,
    frame: Result<wire::Frame, Reason>,
    birth: bool,
}

impl Gate {
    pub(super) fn new(venue: &Venue, keys: &Keys) -> Self {
        Self {
            venue: venue.id.as_str().to_owned(),
            names: venue.nodes.iter().map(|node| (node.name.clone(), node.id)).collect(),
            keys: keys.0.iter().map(|(node, key)| (*node, wire::Key::new(key))).collect(),
        }
    }

    /// The frame in a message, or why there is none to believe; `None` when its topic is no node's, or it is too long to
    /// be looked at.
    #[must_use]
    pub fn open(self: &Arc<Self>, role: &Role, topic: &str, payload: &[u8]) -> Option<Unsealed> {
        let looked_at = payload.len() <= PAYLOAD_MAX;
        let topic = wire::Topic::parse(topic).ok().filter(|topic| looked_at && topic.venue == self.venue)?;
        let (node, birth) = match topic.channel {
            Channel::Event { node } => (node, false),
            Channel::Birth { node } => (node, true),
            _ => return None,
        };
        Some(Unsealed { gate: Arc::clone(self), frame: self.frame(role, node, payload), birth })
    }

    /// A frame that its node has sealed, on its own topic, over its own connection.
    pub(super) fn frame(&self, role: &Role, name: &str, payload: &[u8]) -> Result<wire::Frame, Reason> {
        let own = match role {
            Role::Node(own) => own.as_str() == name,
            Role::Trusted => true,
            Role::Channel | Role::Source => false,
        };
        if !own {
            return Err(Reason::Impostor);
        }
        let sealed = wire::Sealed::parse(payload).map_err(refusal)?;
        let node = NodeId(sealed.header().node.0);
        let topics = self.names.get(name).ok_or(Reason::UnknownNode)?;
        let key = self.keys.get(&node).ok_or(Reason::UnknownNode)?;
        if *topics != node {
            return Err(Reason::Impostor);
        }
        sealed.verify(key).map_err(refusal)
    }
}

impl Unsealed {
    /// What was found, if it was this gate that looked, and whether it came as a birth.
    pub(super) fn by(&self, gate: &Arc<Gate>) -> Option<(Result<&wire::Frame, Reason>, bool)> {
        Arc::ptr_eq(&self.gate, gate).then(|| (self.frame.as_ref().map_err(|reason| *reason), self.birth))
    }
}

fn refusal(error: wire::Error) -> Reason {
    match error {
        wire::Error::Oversize => Reason::Oversized,
        wire::Error::Forged => Reason::Forged,
        _ => Reason::Malformed,
    }
}

impl fmt::Debug for Unsealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unsealed({:?})", self.frame.as_ref().map(|frame| frame.header.node))
    }
}
