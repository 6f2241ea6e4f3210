//! The contract held from outside: golden bytes, the CDDL grammar, COSE done a second time by hand, hostile
//! bytes, and properties over arbitrary frames.

mod cddl;
mod cose;
mod golden;
mod hostile;
mod properties;
mod samples;
