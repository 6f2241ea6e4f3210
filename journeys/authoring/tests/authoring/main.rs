//! Journeys as authors meet them: what check says, what the shipped journeys do, and that the README is true.

mod diagnostics;
mod draw;
mod library;
mod lints;
mod park_day;
mod plays;
mod reading;
mod readme;
mod schemas;
mod sources;
mod stage;
