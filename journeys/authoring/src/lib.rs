//! Everything an author of journeys uses: read, check, explain.
//!
//! Journey files (YAML with guards) come in as [`Sources`]; a checked engine library or a [`Report`] of everything that
//! is wrong comes out. [`render()`] turns any report into text with carets, also those of venue files and configs.
//! Nothing here runs a journey for a real subject.
//!
//! Order of reading: `source` (texts, bounds), `read` (text to definition), `check` (all texts against a venue),
//! `lint` (what is hardly meant), `report`, `render` and `machine` (what is wrong), `library` (what ships). Then `play` (a
//! journey rehearsed), `trial` (all plays at once) and `coverage` (what no play reached), `explore` (what no author
//! thought of).

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod blueprint;
mod check;
mod compare;
pub mod coverage;
pub mod draw;
pub mod editor;
pub mod explore;
mod format;
pub mod game;
pub mod guards;
pub mod import;
pub mod language;
pub mod library;
mod lint;
mod machine;
pub mod play;
mod read;
mod render;
mod report;
mod schema;
pub mod script;
pub mod source;
pub mod trial;

pub use check::{Checked, check};
pub use compare::{Change, compare};
pub use format::format;
pub use machine::{json, sarif};
pub use read::{Reading, read};
pub use render::render;
pub use report::{Finding, Report};
pub use schema::{schema_of_blueprints, schema_of_journeys, schema_of_plays};
pub use source::{Source, Sources};
pub use turnpage_journeys_engine::Library;

// What this crate's interface speaks in.
pub use turnpage_journeys_expr::{Diagnostic, Schema, Severity, Span};
