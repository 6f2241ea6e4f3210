//! What offers came to: click-through, conversion, value and lift, by whatever setting they were made in.
//!
//! The ledger's lines of each batch are folded into the story of each offer while anything can still become of it, and into
//! counts that stay ([`Tally`]); a [`Report`] makes shares with their intervals of them. A file of stories, from here or from
//! any other system, is counted the same way. It knows no log and no clock: whoever has batches hands them in, in order.
//!
//! Before: gateway/core, which writes the lines. Next: story.rs, ledger.rs, tally.rs, report.rs.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod day;
mod ledger;
mod lot;
mod names;
mod promise;
mod report;
mod story;
mod table;
mod tally;

pub use day::Day;
pub use ledger::Ledger;
pub use promise::{Kept, Measure, Promise};
pub use report::{By, Estimate, LiftRow, Period, Report, Row, Worth, Wrong};
pub use story::{Group, Stories, Story, StoryError, Writer};
pub use table::table;
pub use tally::Tally;
