//! Consent by purpose: what a subject said about each, and whether it covers an offer.
//!
//! A no to all stands above everything. Below it a purpose's own word counts, then the word about all, then what the
//! venue assumes. It stops nobody: pipeline/consent.rs does. Before: plan.rs. Next: caps.rs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::venue::{Consent, Policy};

/// A subject's latest word on one purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Word {
    granted: bool,
    at: Timestamp,
}

/// What a subject said about purposes, by their names: an edited venue keeps what it still declares. There are never more
/// than a venue declares, because no other is taken.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Words(BTreeMap<String, Word>);

impl Words {
    /// Takes a word; false when it is older than what is known, or the same. The latest counts, in whatever order words
    /// arrive.
    pub(crate) fn say(&mut self, purpose: &str, granted: bool, at: Timestamp) -> bool {
        let news = self
            .0
            .get(purpose)
            .is_none_or(|known| known.at < at || (known.at == at && known.granted != granted));
        if news {
            self.0.insert(purpose.to_owned(), Word { granted, at });
        }
        news
    }

    /// The word on a purpose, if there is one.
    pub(crate) fn of(&self, purpose: &str) -> Option<bool> {
        self.0.get(purpose).map(|word| word.granted)
    }
}

/// Whether consent covers something. `all` is the word about everything, `own` the purpose's.
pub(crate) fn covers(policy: &Policy, purpose: Option<&str>, all: Option<bool>, own: Option<bool>) -> bool {
    let declared = purpose.and_then(|name| policy.purposes.get(policy.find_purpose(name)?));
    let assumed = declared.map_or(policy.consent, |purpose| purpose.consent) == Consent::Assumed;
    all != Some(false) && own.or(all).unwrap_or(assumed)
}

/// The word of several for whom it is asked at once: one no is a no, and a yes is everybody's.
pub(crate) fn together(words: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    words.reduce(|all, word| match (all, word) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    })?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::venue::PurposeDeclared;

    #[test]
    fn the_latest_word_counts_whatever_comes_first() {
        let mut words = Words::default();
        assert!(words.say("adverts", false, Timestamp(2)));
        assert!(!words.say("adverts", true, Timestamp(1)), "older");
        assert!(!words.say("adverts", false, Timestamp(2)), "the same");
        assert_eq!((words.of("adverts"), words.of("service")), (Some(false), None));
        assert!(words.say("adverts", true, Timestamp(3)));
        assert_eq!(words.of("adverts"), Some(true));
    }

    #[test]
    fn a_no_to_all_is_above_and_an_own_word_before_the_general_one() {
        let purpose = |name: &str, consent| PurposeDeclared { name: name.into(), consent };
        let purposes = vec![purpose("service", Consent::Assumed), purpose("adverts", Consent::Required)];
        let policy = Policy { purposes, ..Policy::default() };
        let covers = |purpose: &str, all, own| covers(&policy, Some(purpose), all, own);
        assert!(covers("service", None, None) && !covers("adverts", None, None), "what is assumed");
        assert!(covers("adverts", None, Some(true)) && covers("adverts", Some(true), None), "a yes");
        assert!(!covers("adverts", Some(true), Some(false)), "a no of its own stays");
        assert!(!covers("adverts", Some(false), Some(true)), "a no to all is above");
        assert!(super::covers(&policy, None, None, None), "without a purpose the policy assumes");
    }

    #[test]
    fn a_party_says_yes_only_together() {
        let all = |words: &[Option<bool>]| together(words.iter().copied());
        assert_eq!(all(&[Some(true), Some(true)]), Some(true));
        assert_eq!(all(&[Some(true), None]), None);
        assert_eq!(all(&[None, Some(false), Some(true)]), Some(false));
        assert_eq!(all(&[]), None);
    }
}
