//! YAML and JSON text as a tree that remembers where each value stands.
//!
//! Two stages. [`parse()`] turns hostile text into a bounded [`Node`] tree or into diagnostics. Readers then
//! take values out of the tree with the collecting decoder ([`Node::fields`], [`Fields::required`],
//! [`Node::text`], ..): each getter pushes what is wrong and goes on, so that an author sees all
//! problems of a file at once. JSON is YAML here, so GeoJSON comes the same way.
//!
//! Deliberately not here: files, what keys mean, custom tags, merge keys, several documents in one file.
//!
//! [`format()`] prints the canonical form of a text.
//!
//! Next: `journeys/authoring` reads journeys with it, `gateway/core` venues and zones.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod decode;
mod duration;
mod format;
mod node;
mod origin;
mod parse;

pub use decode::Fields;
pub use duration::{parse_duration, write_duration};
pub use format::format;
pub use node::{Content, Entry, Node, Scalar};
pub use parse::{Limits, from_bytes, parse, parse_within};

#[cfg(test)]
mod tests;
