//! The `turnpage` binary.
fn main() {}
