//! One visitor: who they are, how they feel, and what an offer on their band is to them.
//!
//! A person decides from need, never from what a journey intended. Next: `world` moves them.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal, Triangular};
use turnpage_gateway_core::Timestamp;

const HOUR_MS: f64 = 3_600_000.0;

/// An offer, as a band receives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Its id.
    pub id: String,
    /// Whose band.
    pub subject: String,
    /// What the band shows.
    pub text: String,
}

/// What a visitor made of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who answered.
    pub subject: String,
    /// Which offer.
    pub id: String,
    /// How.
    pub outcome: Outcome,
}

/// A visitor's reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Looked at it.
    Seen,
    /// Asked for more.
    Clicked,
    /// Took it.
    Accepted,
    /// Said no.
    Declined,
}

/// What a person is about to do about an offer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reaction {
    Sees { id: String, leads_to: Option<usize> },
    Decides { id: String, outcome: Outcome, leads_to: Option<usize> },
}

/// Where a person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// Not in the venue: not yet, or no more.
    Outside,
    /// In a zone.
    In(usize),
    /// On the way to a zone.
    Walking { to: usize },
}

#[derive(Debug)]
pub(super) struct Person {
    pub(super) role: &'static str,
    pub(super) badge: [u8; 6],
    /// The pseudonym of the day, as offers name it.
    pub(super) subject: String,
    pub(super) arrives_at: Timestamp,
    pub(super) leaves_at: Timestamp,
    pub(super) whereabouts: Whereabouts,
    /// Counts stays and walks, so that the end of an earlier one is recognised.
    pub(super) stay: u32,
    pub(super) ate_at: Timestamp,
    /// How likely this person looks at the band, 0 to 1.
    pub(super) attention: f64,
    /// How easily this person is persuaded, 0 to 1.
    pub(super) openness: f64,
    /// Where an accepted offer leads.
    pub(super) promised: Option<usize>,
}

impl Person {
    /// Somebody who comes between opening and early afternoon and stays for most of a day.
    pub(super) fn draw(rng: &mut ChaCha8Rng, opens: Timestamp, closes: Timestamp) -> Self {
        let role = match rng.random_range(0..100) {
            0..90 => "guest",
            90..98 => "vip",
            _ => "staff",
        };
        let hours_open = (closes.0 - opens.0) as f64 / HOUR_MS;
        let arrives = match role {
            "staff" => 0.1,
            _ => Triangular::new(0.0, hours_open * 0.5, hours_open * 0.15).map_or(0.0, |law| law.sample(rng)),
        };
        let stays = match role {
            "staff" => hours_open,
            _ => Normal::new(7.5, 1.8).map_or(7.5, |law: Normal<f64>| law.sample(rng)).max(1.0),
        };
        let at = |hours: f64| Timestamp(opens.0 + (hours * HOUR_MS) as i64);
        let arrives_at = at(arrives);
        Self {
            role,
            badge: rng.random(),
            subject: String::new(),
            arrives_at,
            // The last are asked to leave before the gates close.
            leaves_at: at(arrives + stays).min(Timestamp(closes.0 - (0.8 * HOUR_MS) as i64)),
            whereabouts: Whereabouts::Outside,
            stay: 0,
            // Breakfast, some time before the park.
            ate_at: Timestamp(arrives_at.0 - (rng.random_range(0.3..2.0) * HOUR_MS) as i64),
            attention: rng.random_range(0.6..1.0),
            openness: rng.random_range(0.1..0.7),
            promised: None,
        }
    }

    /// 0 after a meal, 1 five hours later.
    pub(super) fn hunger(&self, now: Timestamp) -> f64 {
        ((now.0 - self.ate_at.0) as f64 / (5.0 * HOUR_MS)).clamp(0.0, 1.0)
    }

    /// How likely this person takes what is offered: shelter when wet, a table when hungry, a favour gladly.
    pub(super) fn wants(&self, now: Timestamp, wet: bool, leads_somewhere: bool) -> f64 {
        let need = match (leads_somewhere, wet) {
            (true, true) => 0.6 + 0.4 * self.hunger(now),
            (true, false) => self.hunger(now),
            (false, _) => 0.9,
        };
        (need * (0.3 + self.openness)).clamp(0.0, 0.95)
    }
}
