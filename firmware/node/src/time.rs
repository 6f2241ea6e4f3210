//! Time as the node's code sees it: an argument on the way in, a deadline on the way out.
//!
//! Two clocks, because they fail differently. All waiting is done on the monotonic uptime; the wall
//! clock only stamps observations, so that setting it never fires, skips or repeats anything.

use turnpage_firmware_wire::Quality;

/// The instant of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since this boot; never goes back.
    pub uptime_ms: u64,
    /// The same instant in milliseconds since 1970-01-01 UTC. Equal to `uptime_ms` while the quality is unknown.
    pub at_ms: u64,
    /// How far `at_ms` can be trusted.
    pub quality: Quality,
}

impl Now {
    /// An instant of a node whose clock follows the venue's.
    pub const fn synced(uptime_ms: u64, at_ms: u64) -> Self {
        Self { uptime_ms, at_ms, quality: Quality::Synced }
    }

    /// An instant of a node that was never told the time.
    pub const fn unknown(uptime_ms: u64) -> Self {
        Self { uptime_ms, at_ms: uptime_ms, quality: Quality::Unknown }
    }

    /// The same wall clock, read at an earlier `uptime_ms`: when something was due rather than when it was noticed.
    pub(crate) const fn back_to(self, uptime_ms: u64) -> Self {
        let ago_ms = self.uptime_ms.saturating_sub(uptime_ms);
        Self {
            uptime_ms: self.uptime_ms.saturating_sub(ago_ms),
            at_ms: self.at_ms.saturating_sub(ago_ms),
            quality: self.quality,
        }
    }
}

/// When to poll next, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    /// On the uptime clock, in milliseconds.
    pub uptime_ms: u64,
    /// What is due then.
    pub reason: Reason,
}

/// Everything a node ever waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The badge reader is to be emptied.
    Scan,
    /// A badge will have been silent long enough to count as gone.
    Silence,
    /// The weather is to be measured.
    Weather,
    /// The node's health is to be reported.
    Heartbeat,
    /// A refused publication may be tried again.
    Retry,
}
