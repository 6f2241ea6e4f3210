//! The channel that a subject is at: what it said it can be reached on, or the kiosk that it stands before.
//!
//! The freshest of the two counts. Being seen keeps both fresh; where the venue says after how long somebody is away, what
//! is older is unknown. Before: auction.rs. Next: books.rs.

use crate::Timestamp;
use crate::subject::Subject;
use crate::venue::{ChannelBy, Policy, Venue};

/// The channel, a place in the venue's channels, and since when that is known.
pub(crate) fn channel(venue: &Venue, subject: &Subject, at: Timestamp) -> Option<(usize, Timestamp)> {
    let said = subject.about.as_deref().and_then(|about| about.channel).map(|said| (said.value, said.at));
    let zone = subject.zone().filter(|_| subject.walks()).and_then(|zone| venue.zone(zone));
    let stands = zone.and_then(|zone| zone.channel).map(|channel| (channel, subject.seen_at));
    let freshest = match (said, stands) {
        (Some(said), Some(stands)) => Some(if said.1 > stands.1 { said } else { stands }),
        (said, stands) => said.or(stands),
    };
    // Whoever is still here is still there: being seen keeps the channel fresh as well.
    let gone = |since: Timestamp| {
        venue.presence.away_after_ms.is_some_and(|away| at.0 - since.max(subject.seen_at).0 >= away)
    };
    freshest.filter(|(_, since)| !gone(*since))
}

/// The channel that an offer takes, of those that exist here. A side that names none takes what the other names.
pub(super) fn choose<'a>(
    policy: &'a Policy,
    wanted: &'a [String],
    present: Option<usize>,
    usual: &'a str,
) -> Option<&'a str> {
    let here = policy.channels.as_slice();
    let present = present.filter(|_| policy.channel == ChannelBy::Present).and_then(|at| here.get(at));
    if let Some(present) = present.filter(|channel| wanted.is_empty() || wanted.contains(channel)) {
        return Some(present);
    }
    match (wanted, here) {
        ([], []) => Some(usual),
        ([], [first, ..]) | ([first, ..], []) => Some(first),
        (wanted, here) => wanted.iter().find(|channel| here.contains(channel)).map(String::as_str),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_channel_is_one_that_both_sides_know() {
        let pick = |wanted: &[&str], here: &[&str]| {
            let policy = Policy { channels: list(here), ..Policy::default() };
            choose(&policy, &list(wanted), Some(0), "app").map(str::to_owned)
        };
        assert_eq!(pick(&["app", "band"], &["band", "app"]).as_deref(), Some("app"), "the offer's order");
        assert_eq!(pick(&["kiosk"], &["band"]), None);
        assert_eq!(pick(&["kiosk"], &[]).as_deref(), Some("kiosk"));
        assert_eq!(pick(&[], &["band"]).as_deref(), Some("band"));
        assert_eq!(pick(&[], &[]).as_deref(), Some("app"));
    }

    #[test]
    fn where_the_venue_says_so_the_offer_goes_where_its_subject_is() {
        let channels = list(&["band", "app", "kiosk"]);
        let policy = Policy { channels, channel: ChannelBy::Present, ..Policy::default() };
        let pick =
            |wanted: &[&str], present| choose(&policy, &list(wanted), present, "app").map(str::to_owned);
        assert_eq!(pick(&["band", "kiosk"], Some(2)).as_deref(), Some("kiosk"));
        assert_eq!(pick(&["band", "app"], Some(2)).as_deref(), Some("band"), "not one of the offer's");
        assert_eq!(pick(&["app", "band"], None).as_deref(), Some("app"));
        assert_eq!(pick(&[], Some(2)).as_deref(), Some("kiosk"));
    }
}
