//! Where people go on under other journeys, in words: for `check --against` and for a gateway that reloads.
//!
//! Before: check/against/told.rs, run/reload.rs.

use turnpage_gateway_core::upgrade::Moves;

/// A line for a journey, and one for each page whose people do not stay on it.
pub(crate) fn told(moves: &Moves) -> String {
    let mut text = format!(
        "{}: {} stay, {} are pinned, {} begin anew\n",
        moves.journey, moves.stay, moves.pinned, moves.restarted
    );
    for (from, to, count) in &moves.moved {
        text += &format!("  {count} move from {from} to {to}\n");
    }
    for (page, count) in &moves.no_page {
        text += &format!("  {count} on {page} have no page and begin anew: map it under `upgrade`\n");
    }
    text
}

/// The same of all journeys that anybody is inside.
pub(crate) fn news(all: &[Moves]) -> String {
    all.iter().filter(|moves| !moves.inside.is_empty()).map(told).collect()
}
