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
//! `no_std`, with an allocator. The feature `compile` (default) is the way from text to [`Program`] and [`Template`], and its
//! parser needs std; without it the crate runs what was compiled elsewhere.
//!
//! Deliberately not here: reading files, rendering diagnostics to a terminal, and knowing which facts a
//! venue has. `README.md` beside this crate has the table of what is inside the CEL subset.
//!
//! Next: `journeys/engine`, which evaluates programs inside pages.
#![cfg_attr(not(test), no_std)]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

extern crate alloc;

pub mod air;
#[cfg(feature = "compile")]
mod ast;
#[cfg(feature = "compile")]
mod check;
#[cfg(feature = "compile")]
pub mod diagnostic;
#[cfg(feature = "compile")]
mod expression;
#[cfg(feature = "compile")]
mod fold;
mod operator;
#[cfg(feature = "compile")]
mod order;
#[cfg(feature = "compile")]
mod parse;
mod program;
#[cfg(feature = "compile")]
mod reason;
mod recall;
pub mod schema;
pub mod stored;
#[cfg(feature = "compile")]
pub mod syntax;
mod template;
mod time;
#[cfg(feature = "compile")]
mod token;
#[cfg(feature = "compile")]
mod typed;
mod types;
mod value;

#[cfg(feature = "compile")]
pub use diagnostic::{Diagnostic, Severity, Span, closest};
#[cfg(feature = "compile")]
pub use expression::{Expression, Leaf, Part, Threshold};
#[cfg(feature = "compile")]
pub use program::Scope;
pub use program::{Condition, Conditions, Env, Local, Program};
#[cfg(feature = "compile")]
pub use reason::Verdict;
pub use recall::{History, Of, Recall};
pub use schema::{DomainId, Fact, Name, Schema, Slot};
pub use template::Template;
pub use time::{LocalTime, Timestamp};
pub use types::{Type, Unit};
pub use value::{SET_MAX, Symbol, Value};

#[cfg(all(test, feature = "compile"))]
mod tests;
