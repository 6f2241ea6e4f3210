//! What happened at the door, counted: nothing is dropped unseen.
//!
//! Before: every file of this crate adds here. Next: the shell shows it as metrics.

use crate::notice::Lost;

/// Counts since the start, except where a field says that it is a state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counters {
    /// Sessions now, connected or not.
    pub sessions: u64,
    /// Connected sessions now.
    pub connected: u64,
    /// Subscriptions now.
    pub subscriptions: u64,
    /// Retained messages now.
    pub retained: u64,
    /// Connections that signed in.
    pub accepted: u64,
    /// Connections refused at CONNECT: credentials, permit, identifier or room.
    pub refused: u64,
    /// Sessions taken over by a newer connection.
    pub taken_over: u64,
    /// Connections closed because their account is gone or another.
    pub put_out: u64,
    /// Messages routed to sessions: one for each session that took it.
    pub routed: u64,
    /// Deliveries made: PUBACKs at QoS 1, handed over at QoS 0.
    pub delivered: u64,
    /// Deliveries lost to a full queue.
    pub queue_full: u64,
    /// Deliveries lost to expiry.
    pub expired: u64,
    /// Deliveries lost with their session.
    pub session_ended: u64,
    /// Deliveries lost because the client takes no packet so large.
    pub too_large: u64,
    /// Deliveries that the client refused.
    pub refused_deliveries: u64,
    /// QoS 0 deliveries given up for a client that was away or slow.
    pub unsure: u64,
    /// Retained messages refused because there was no room.
    pub retained_refused: u64,
    /// Wills published.
    pub wills: u64,
    /// Connections closed as they came because there were as many as there may be. Counted by the shell.
    pub turned_away: u64,
    /// Connections that ended before their first packet: silent, or a TLS or WebSocket handshake that failed. Counted by
    /// the shell.
    pub unheard: u64,
    /// Publications to topics that their client's permit leaves out.
    pub unauthorised: u64,
}

impl Counters {
    /// Counts a lost delivery.
    pub(crate) fn count(&mut self, lost: Lost) {
        let counter = match lost {
            Lost::QueueFull => &mut self.queue_full,
            Lost::Expired => &mut self.expired,
            Lost::SessionEnded => &mut self.session_ended,
            Lost::TooLarge => &mut self.too_large,
            Lost::Refused => &mut self.refused_deliveries,
            Lost::Unsure => &mut self.unsure,
        };
        *counter += 1;
    }
}
