//! What became of a message, rule by rule, for whoever writes a mapping.
//!
//! Same code as the live way, nothing is admitted. Before: map.rs. Next: gateway/cli, which prints it.

use turnpage_gateway_core::{ContextEvent, Timestamp};

use crate::Source;
use crate::map::{Applied, Mapped, Trouble};

/// What became of a message.
#[derive(Clone, PartialEq, Debug)]
pub struct Explained {
    /// What each rule made of it, in their order; those after a trouble were not tried.
    pub rules: Vec<Told>,
    /// What became of the whole.
    pub mapped: Mapped,
}

/// What a rule made of a message.
#[derive(Clone, PartialEq, Debug)]
pub enum Told {
    /// These events.
    Said(Vec<ContextEvent>),
    /// It does not apply: why, where there is more to say than that its `when` is false.
    Skipped(Option<String>),
    /// It applies and cannot say what it should.
    Trouble(Trouble),
}

impl Source {
    /// [`Source::map`], with what led to it.
    #[must_use]
    pub fn explain(&self, now: Timestamp, topic: &str, payload: &[u8]) -> Explained {
        let mut rules = Vec::new();
        let done = self.each_rule(now, topic, payload, |_, applied| {
            rules.push(match applied {
                Applied::Said(events) => Told::Said(events),
                Applied::Not(fault) => Told::Skipped(fault.map(|fault| fault.message)),
            });
        });
        if let Err(trouble) = done
            && trouble.rule > 0
        {
            rules.push(Told::Trouble(trouble));
        }
        Explained { rules, mapped: self.map(now, topic, payload) }
    }
}
