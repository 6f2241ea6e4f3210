//! Promises between crates that may not import each other.

mod pseudonym;
