//! Whether an offer leaves the house: consent, channel, quiet hours, caps, room. A pure decision.
//!
//! The journey decided that it wants to make the offer; here the venue and the subject have their say. Before: the
//! engine's step. Next: record.rs, which writes down why, and the outbox in pipeline.rs.

use serde::{Deserialize, Serialize};
use turnpage_journeys_engine::SubjectKind;
use turnpage_journeys_expr::LocalTime;

use crate::Timestamp;
use crate::batch::{Verdict, Withheld};
use crate::venue::{Consent, Policy};

/// How often a journey may answer a withheld offer with another one in the same step.
pub(crate) const ROUNDS_MAX: usize = 8;
/// Offers of one subject that wait for a channel: more would all arrive at once when it comes back.
const WAITING_MAX: usize = 16;
/// The channel of an offer that names none, in a venue that names none.
const CHANNEL: &str = "app";

/// How many offers a subject had.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Caps {
    /// The local day that `count` is about.
    day: i32,
    count: u32,
    last: Option<Timestamp>,
}

impl Caps {
    /// An offer was made.
    pub(crate) fn made(&mut self, at: Timestamp, local: LocalTime) {
        if self.day != local.day {
            (self.day, self.count) = (local.day, 0);
        }
        self.count = self.count.saturating_add(1);
        self.last = Some(at);
    }
}

/// What the decision depends on beside the venue's policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking<'a> {
    pub(crate) at: Timestamp,
    pub(crate) local: LocalTime,
    /// What is asked: only a person's day is capped, and a team has no quiet hours.
    pub(crate) kind: SubjectKind,
    /// The subject's word, if it gave one.
    pub(crate) consent: Option<bool>,
    pub(crate) caps: Caps,
    /// The offer's channels, best first.
    pub(crate) channels: &'a [String],
    /// The subject's offers that wait for a channel.
    pub(crate) waiting: usize,
}

/// Makes or withholds an offer. The first reason to withhold, in this order, is the one that is told.
pub(crate) fn decide(policy: &Policy, asking: &Asking<'_>) -> Verdict {
    let channel = channel(policy, asking.channels);
    let today = if asking.caps.day == asking.local.day { asking.caps.count } else { 0 };
    let person = matches!(asking.kind, SubjectKind::Visitor | SubjectKind::Party | SubjectKind::Vehicle);
    let day_is_full = person && policy.offers_per_day.is_some_and(|most| today >= most);
    let too_soon = person && asking.caps.last.is_some_and(|last| asking.at.0 - last.0 < policy.min_gap_ms);
    let rests = asking.kind != SubjectKind::Team;
    let quiet = rests && policy.quiet_hours.is_some_and(|(from, to)| asking.local.between(from, to));
    let assumed = policy.consent == Consent::Assumed;
    let withheld = if !asking.consent.unwrap_or(assumed) {
        Withheld::Consent
    } else if channel.is_none() {
        Withheld::Channel
    } else if quiet {
        Withheld::QuietHours
    } else if day_is_full {
        Withheld::DailyCap
    } else if too_soon {
        Withheld::MinGap
    } else if asking.waiting >= WAITING_MAX {
        Withheld::Outbox
    } else {
        return Verdict::Made { channel: channel.unwrap_or(CHANNEL).to_owned() };
    };
    Verdict::Withheld(withheld)
}

/// The first of the offer's channels that the venue has. A side that names none takes what the other names.
fn channel<'a>(policy: &'a Policy, wanted: &'a [String]) -> Option<&'a str> {
    match (wanted, policy.channels.as_slice()) {
        ([], []) => Some(CHANNEL),
        ([], [first, ..]) | ([first, ..], []) => Some(first),
        (wanted, here) => wanted.iter().find(|channel| here.contains(channel)).map(String::as_str),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u32 = 3_600_000;

    fn policy() -> Policy {
        Policy {
            offers_per_day: Some(2),
            min_gap_ms: 60_000,
            quiet_hours: Some((22 * HOUR, 8 * HOUR)),
            channels: vec!["sign".into(), "band".into()],
            ..Policy::default()
        }
    }

    fn asking(hour: u32) -> Asking<'static> {
        let local = LocalTime { day: 7, ms: hour * HOUR };
        Asking {
            at: Timestamp(i64::from(hour * HOUR)),
            local,
            kind: SubjectKind::Visitor,
            consent: None,
            caps: Caps::default(),
            channels: &[],
            waiting: 0,
        }
    }

    fn withheld(policy: &Policy, asking: &Asking<'_>) -> Option<Withheld> {
        match decide(policy, asking) {
            Verdict::Made { .. } => None,
            Verdict::Withheld(why) => Some(why),
        }
    }

    #[test]
    fn each_rule_withholds_for_its_own_reason() {
        let noon = asking(12);
        assert_eq!(decide(&policy(), &noon), Verdict::Made { channel: "sign".into() });
        assert_eq!(withheld(&policy(), &asking(22)), Some(Withheld::QuietHours), "from is quiet");
        assert_eq!(withheld(&policy(), &asking(8)), None, "until is not");
        assert_eq!(withheld(&policy(), &Asking { waiting: 16, ..noon }), Some(Withheld::Outbox));
        let refused = Asking { consent: Some(false), ..asking(23) };
        assert_eq!(withheld(&policy(), &refused), Some(Withheld::Consent), "the gravest reason is told");
    }

    #[test]
    fn signs_have_no_day_and_teams_no_night() {
        let none = Policy { offers_per_day: Some(0), ..policy() };
        let of = |kind, hour| Asking { kind, ..asking(hour) };
        assert_eq!(withheld(&none, &of(SubjectKind::Zone, 12)), None);
        assert_eq!(withheld(&none, &of(SubjectKind::Zone, 23)), Some(Withheld::QuietHours));
        assert_eq!(withheld(&none, &of(SubjectKind::Team, 23)), None);
        assert_eq!(withheld(&none, &of(SubjectKind::Party, 12)), Some(Withheld::DailyCap));
    }

    #[test]
    fn consent_may_have_to_be_given_first() {
        let required = Policy { consent: Consent::Required, ..policy() };
        assert_eq!(withheld(&required, &asking(12)), Some(Withheld::Consent));
        assert_eq!(withheld(&required, &Asking { consent: Some(true), ..asking(12) }), None);
    }

    #[test]
    fn caps_count_local_days_and_gaps() {
        let mut now = asking(12);
        now.caps.made(now.at, now.local);
        assert_eq!(withheld(&policy(), &now), Some(Withheld::MinGap));
        now.at = Timestamp(now.at.0 + 60_000);
        assert_eq!(withheld(&policy(), &now), None);
        now.caps.made(now.at, now.local);
        now.at = Timestamp(now.at.0 + 60_000);
        assert_eq!(withheld(&policy(), &now), Some(Withheld::DailyCap));
        now.local.day += 1;
        assert_eq!(withheld(&policy(), &now), None);
        let none = Policy { offers_per_day: Some(0), ..policy() };
        assert_eq!(withheld(&none, &asking(12)), Some(Withheld::DailyCap));
    }

    #[test]
    fn a_channel_is_one_that_both_sides_know() {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let pick = |wanted: &[&str], here: &[&str]| {
            let policy = Policy { channels: list(here), ..Policy::default() };
            channel(&policy, &list(wanted)).map(str::to_owned)
        };
        assert_eq!(pick(&["app", "band"], &["band", "app"]).as_deref(), Some("app"), "the offer's order");
        assert_eq!(pick(&["kiosk"], &["band"]), None);
        assert_eq!(pick(&["kiosk"], &[]).as_deref(), Some("kiosk"));
        assert_eq!(pick(&[], &["band"]).as_deref(), Some("band"));
        assert_eq!(pick(&[], &[]).as_deref(), Some("app"));
    }
}
