//! The shipped journeys in the venues they ship for, through the gateway's own readers.
//!
//! What each journey does is held by its plays in journeys/authoring; here they meet real venue files.

mod conformance;
mod events;
mod park_day;
mod venues;
