//! What a declaration says, checked: rules, the expressions in them, and the place each came from.
//!
//! Plain data; declare.rs makes it, map.rs acts on it. Next: eval.rs.

use turnpage_journeys_expr::syntax::Expr;

use crate::moment::Clock;
use crate::quantity::Measure;

/// An expression with what is needed to speak about it.
#[derive(Debug)]
pub(crate) struct Term {
    /// As its author wrote it.
    pub(crate) text: String,
    pub(crate) tree: Expr,
    /// The keys that lead to it, such as `sighting.subject`.
    pub(crate) path: &'static str,
}

/// How a payload is read before rules see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Format {
    /// As JSON.
    #[default]
    Json,
    /// As text, whatever it looks like.
    Text,
}

/// One thing that a message may say.
#[derive(Debug)]
pub(crate) struct Rule {
    /// When it applies; always where absent.
    pub(crate) when: Option<Term>,
    /// A list whose items it is applied to, one by one.
    pub(crate) each: Option<Term>,
    /// When it was observed; the gateway's time where absent.
    pub(crate) at: Option<(Clock, Term)>,
    pub(crate) says: Says,
}

/// What a rule says.
#[derive(Debug)]
pub(crate) enum Says {
    Sighting(Box<Sighted>),
    Weather(Box<Air>),
    Signal { name: Term, value: Quantity },
    Outcome { subject: Term, offer: Term, outcome: Term, value: Option<Term> },
    Feedback { subject: Term, score: Term, about: Option<Term> },
    Profile(Box<Known>),
}

/// A sighting.
#[derive(Debug)]
pub(crate) struct Sighted {
    pub(crate) subject: Term,
    pub(crate) role: Option<Term>,
    pub(crate) place: Where,
    /// Whether the subject is there; it is where absent.
    pub(crate) present: Option<Term>,
}

/// Where something was observed.
#[derive(Debug)]
pub(crate) enum Where {
    Zone(Term),
    Point { lon: Term, lat: Term, level: Option<Term> },
    Receiver { name: Term, heard: Heard },
}

/// How loud a receiver heard a subject; the first of these that a message knows counts.
#[derive(Debug)]
pub(crate) struct Heard {
    /// Received strength in dBm, and what the subject is known to give at one metre.
    pub(crate) dbm: Option<(Term, Option<Term>)>,
    /// An estimate of the distance in metres.
    pub(crate) metres: Option<Term>,
}

/// A reading of the air.
#[derive(Debug)]
pub(crate) struct Air {
    pub(crate) place: Where,
    pub(crate) temperature: Option<Quantity>,
    pub(crate) rain: Option<Quantity>,
    pub(crate) wind: Option<Quantity>,
    pub(crate) humidity: Option<Quantity>,
    pub(crate) light: Option<Quantity>,
}

/// What is said about a subject.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) subject: Term,
    pub(crate) role: Option<Term>,
    pub(crate) language: Option<Term>,
    pub(crate) channel: Option<Term>,
    pub(crate) facts: Vec<(String, Term)>,
}

/// A number and what it counts.
#[derive(Debug)]
pub(crate) struct Quantity {
    pub(crate) measure: Measure,
    pub(crate) value: Term,
}
