//! Guards: CEL syntax, typed against the context, compiled once.
//!
//! A guard travels one way through this crate, one module a stage:
//!
//! ```text
//! text -tokens-> bounded text -parse-> Ast -check-> Typed -compile-> Program -eval-> Value
//! ```
//!
//! [`schema`] says which facts exist and of which type; [`Program`] is what is left at run time, a flat
//! array of operations over slots that evaluates without allocating. [`Expression`] keeps the tree for tools: what each part
//! is worth, and what can be said of a guard for every instant. [`Template`] is the same for copy
//! with holes (`"Cocoa at {nearest('food').name}?"`).
//!
//! Deliberately not here: reading files, rendering diagnostics to a terminal, and knowing which facts a
//! venue has. `README.md` beside this crate has the table of what is inside the CEL subset.
//!
//! Next: `journeys/engine`, which evaluates programs inside pages.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

extern crate alloc;

mod ast;
mod check;
pub mod diagnostic;
mod expression;
mod fold;
mod order;
mod parse;
mod program;
mod reason;
mod recall;
pub mod schema;
mod template;
mod time;
mod token;
mod typed;
mod types;
mod value;

pub use diagnostic::{Diagnostic, Severity, Span, closest};
pub use expression::{Expression, Leaf, Part};
pub use program::{Env, Local, Program, Scope};
pub use reason::Verdict;
pub use recall::{History, Of, Recall};
pub use schema::{DomainId, Fact, Name, Schema, Slot};
pub use template::Template;
pub use time::{LocalTime, Timestamp};
pub use types::{Type, Unit};
pub use value::{SET_MAX, Symbol, Value};

#[cfg(test)]
mod tests;
