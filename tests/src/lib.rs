//! Harness for the tests of the whole: where the workspace stands, its binary, processes that die with the test, and the files of
//! conformance cases.
//! Deliberately knows nothing of what Turnpage does; the tests beside it do.

pub mod case;
pub mod mosquitto;
pub mod process;
pub mod workspace;
