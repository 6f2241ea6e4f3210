//! The rules of the house, asserted: arrows between crates, who may import what, headers, file sizes, words,
//! and that what SECURITY.md names is tried.
//! Deliberately reads the checkout as text and `cargo metadata`; it runs nothing of Turnpage.

mod arrows;
mod threats;
mod tidy;
