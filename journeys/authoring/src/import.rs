//! Journeys from elsewhere: another system's model becomes a journey file, and what cannot be carried over is told.
//!
//! Nothing is left out in silence: every [`Left`] names the place in the model and the reason. The journey is text, because
//! its author reads it next; `check` judges it like any other.

pub mod aws_iot_events;

/// A journey that was brought over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The journey file, with everything in `left` as comments at its top.
    pub text: String,
    /// What could not be carried over, or is not quite what it was.
    pub left: Vec<Left>,
    /// Signals that the venue must declare, each with the value of the model that it stands for.
    pub signals: Vec<(String, String)>,
}

/// Something that could not be carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Where it stands in the model: `state Normal, onInput, event Overpressurized`.
    pub place: String,
    /// What it is and why it was left, or how it differs.
    pub reason: String,
}
