//! A declared source, held against its venue: what messages are its own, and what they mean.
//!
//! Everything that can be wrong with a declaration was said before a value of this type exists. Before: declare.rs.
//! Next: map.rs.

use std::fmt;
use std::sync::Arc;

use turnpage_gateway_core::{SubjectName, Timestamp, Venue};
use turnpage_gateway_mqtt::{Filter, Topic};
use turnpage_journeys_expr::{Diagnostic, Span};

use crate::declare::{Body, Declared};
use crate::identity::{Identity, Secret};
use crate::rule::Says;
use crate::secrets::Bindkeys;

/// A source.
pub struct Source {
    /// What it is called in logs, metrics and dead letters.
    pub name: String,
    /// The topics that are its own: nothing else reads them.
    pub topics: Filter,
    pub(crate) identity: Identity,
    pub(crate) role: Option<String>,
    pub(crate) body: Body,
    pub(crate) venue: Arc<Venue>,
    pub(crate) secret: Option<Secret>,
    pub(crate) bindkeys: Bindkeys,
}

impl Declared {
    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it stands in the configuration.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The source in its venue. `secret` is the venue's, where it has one.
    ///
    /// # Errors
    /// Roles and signals that the venue does not have, units that do not fit, and ids without a secret to hide them.
    pub fn resolve(
        self,
        venue: &Arc<Venue>,
        secret: Option<&Secret>,
        bindkeys: Bindkeys,
    ) -> Result<Source, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        if let Some((role, span)) = &self.role
            && venue.find_role(role).is_none()
        {
            let message = format!("source `{}`: the venue has no role `{role}`", self.name);
            let problem = Diagnostic::error("unknown-role", *span, message);
            problems.push(problem.suggesting(role, venue.roles.iter().map(String::as_str)));
        }
        for (name, counts, span) in &self.body.signals {
            match venue.find_signal(name).and_then(|at| venue.signals.get(at)) {
                None => {
                    let message = format!("source `{}`: the venue has no signal `{name}`", self.name);
                    let known = venue.signals.iter().map(|signal| signal.name.as_str());
                    problems
                        .push(Diagnostic::error("unknown-signal", *span, message).suggesting(name, known));
                }
                Some(signal) if !counts.fits(signal.unit) => {
                    let unit = signal.unit.map_or("a bare number", |unit| unit.word());
                    let message = format!("the venue's signal `{name}` is in {unit}, and this is not");
                    problems.push(Diagnostic::error("wrong-unit", *span, message));
                }
                Some(_) => {}
            }
        }
        if self.names_subjects() && self.identity != Identity::Given && secret.is_none() {
            let message = format!("source `{}` names subjects by ids of devices", self.name);
            let help = "give the configuration the venue's `secret`, under which they become pseudonyms; or write \
                        `identity: given` where they are pseudonyms already";
            problems.push(Diagnostic::error("missing-secret", self.span, message).with_help(help));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let Self { name, topics, identity, role, body, .. } = self;
        let role = role.map(|(role, _)| role);
        Ok(Source {
            name,
            topics,
            identity,
            role,
            body,
            venue: Arc::clone(venue),
            secret: secret.cloned(),
            bindkeys,
        })
    }

    fn names_subjects(&self) -> bool {
        self.body.rules.iter().any(|rule| !matches!(rule.says, Says::Weather(_) | Says::Signal { .. }))
    }
}

impl Source {
    /// Whether a topic is this source's.
    #[must_use]
    pub fn owns(&self, topic: &Topic) -> bool {
        self.topics.matches(topic)
    }

    /// [`Source::owns`], for a topic that nobody has checked; what is no topic is nobody's.
    #[must_use]
    pub fn owns_text(&self, topic: &str) -> bool {
        Topic::new(topic).is_ok_and(|topic| self.owns(&topic))
    }

    /// The name of the subject with an id, at a time.
    pub(crate) fn subject(&self, id: &str, at: Timestamp) -> Option<SubjectName> {
        match (self.identity, &self.secret) {
            (Identity::Given, _) => SubjectName::new(id),
            (Identity::Daily, Some(secret)) => secret.daily(id, i64::from(self.venue.local(at).day)),
            (Identity::Lasting, Some(secret)) => secret.lasting(id),
            // Not reached: such a declaration is refused.
            (Identity::Daily | Identity::Lasting, None) => None,
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("name", &self.name)
            .field("topics", &self.topics)
            .finish_non_exhaustive()
    }
}
