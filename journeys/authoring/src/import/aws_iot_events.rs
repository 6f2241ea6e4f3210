//! A detector model of AWS IoT Events (the service ended in May 2026) as a journey.
//!
//! States are pages, transition events are choices, inputs are signals, variables are variables. A detector looks at every
//! event of its state and then at its transitions; a journey takes one choice. So transitions come first, what always
//! happens on the way (exit, enter, events without a condition) is folded into them, and the rest is told.
//!
//! Order of reading: `model` (JSON to states), `expression` (conditions to guards), `translate` (states to choices),
//! `write` (choices to YAML).

mod expression;
mod model;
mod translate;
mod write;

use turnpage_journeys_expr::Diagnostic;

use super::Imported;

/// Turns a detector model's JSON into a journey.
///
/// # Errors
/// What is wrong with the text, where it is no detector model.
pub fn import(text: &str) -> Result<Imported, Vec<Diagnostic>> {
    let model = model::read(text)?;
    let journey = translate::translate(&model);
    Ok(write::write(journey))
}
