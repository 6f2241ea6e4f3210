//! Harness for the tests of the whole: where the workspace stands, its binary, and processes that die with the test.
//! Deliberately knows nothing of what Turnpage does; the tests beside it do.

pub mod mosquitto;
pub mod process;
pub mod workspace;
