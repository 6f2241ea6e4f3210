//! The tree of an expression, for whoever gives it another meaning than a guard's.
//!
//! [`parse()`] bounds the text (length, tokens, nesting) before anything recurses over it, so a walk over the tree may
//! recurse too. Nothing here is typed: a guard's types come from its schema, in `check`. Before: `ast` and `parse`.
//! Next: `gateway/sources`, which evaluates such trees over JSON.

pub use crate::ast::{Arithmetic, Comparison, Expr, Operator, Shape};
pub use crate::parse::parse;
