//! Links without the C start-up code, which would bring its own `_start`.

fn main() {
    println!("cargo:rustc-link-arg-bins=-nostartfiles");
    // Where the compiler has no memcpy of its own, the C library's will do; nothing else of it is reachable.
    println!("cargo:rustc-link-arg-bins=-lc");
    println!("cargo:rerun-if-changed=build.rs");
}
