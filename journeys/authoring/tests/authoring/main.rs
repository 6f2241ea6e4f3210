//! Journeys as authors meet them: what check says, what the shipped journeys do, and that the README is true.

mod blueprints;
mod compare;
mod derived;
mod diagnostics;
mod draw;
mod editor;
mod explore;
mod formats;
mod game;
mod import;
mod library;
mod lints;
mod machine;
mod park_day;
mod plays;
mod reading;
mod readme;
mod schemas;
mod sources;
mod stage;
mod trials;
