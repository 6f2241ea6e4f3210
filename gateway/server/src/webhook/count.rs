//! What an endpoint counts: deliveries, further attempts, refusals of a full queue, and what died of what.
//!
//! Plain data. Before: webhook/worker.rs. Next: http/metrics.rs.

use std::collections::BTreeMap;

/// An endpoint's counters since the gateway's start.
#[derive(Clone, Default, Debug)]
pub(crate) struct Counted {
    /// Answered with 2xx.
    pub(crate) sent: u64,
    /// Attempts after the first.
    pub(crate) retried: u64,
    /// Attempts that failed.
    pub(crate) failed: BTreeMap<Death, u64>,
    /// Offers that found the queue full, and come again when there is room.
    pub(crate) refused: u64,
    /// Offers given up.
    pub(crate) dead: BTreeMap<Death, u64>,
}

impl Counted {
    pub(super) fn failed(&mut self, of: Death) {
        *self.failed.entry(of).or_default() += 1;
    }

    pub(super) fn died(&mut self, of: Death) {
        *self.dead.entry(of).or_default() += 1;
    }
}

/// Why an attempt failed; of the last attempt, or of a reload, why the offer was given up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Death {
    /// Its time ran out before it was tried.
    Expired,
    /// No connection.
    Unreachable,
    /// No trust in its certificate.
    Untrusted,
    /// No answer in time.
    Timeout,
    /// The connection ended before an answer, or the answer was not HTTP.
    Broken,
    /// A redirect: the configuration is to name the place itself.
    Redirected,
    /// 4xx.
    Refused,
    /// 5xx, or a status that HTTP does not have.
    Failing,
    /// 410: the receiver wants no more of it.
    Gone,
    /// A reload took the endpoint out of the configuration, or the offer's channel from it.
    Removed,
}

impl Death {
    /// Every reason, for counters.
    pub(crate) const ALL: [Self; 10] = [
        Self::Expired,
        Self::Unreachable,
        Self::Untrusted,
        Self::Timeout,
        Self::Broken,
        Self::Redirected,
        Self::Refused,
        Self::Failing,
        Self::Gone,
        Self::Removed,
    ];

    /// Its name in metrics and dead letters.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Unreachable => "unreachable",
            Self::Untrusted => "untrusted",
            Self::Timeout => "timeout",
            Self::Broken => "broken",
            Self::Redirected => "status-3xx",
            Self::Refused => "status-4xx",
            Self::Failing => "status-5xx",
            Self::Gone => "gone",
            Self::Removed => "removed",
        }
    }
}
