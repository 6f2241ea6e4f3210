//! One fuzzer for all targets: the environment says which. One binary is linked once, where two dozen would take an hour.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use turnpage_tests_fuzz::{TARGETS, Target, target};

/// The target in `FUZZ_TARGET`.
static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    target(&name).unwrap_or_else(|| {
        let known = TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(", ");
        panic!("FUZZ_TARGET is `{name}`, and has to be one of {known}")
    })
});

fuzz_target!(|bytes: &[u8]| (TARGET.run)(bytes));
