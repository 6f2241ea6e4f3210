//! Links the C library, which starts the program and is its serial line; the allocator is not its own.

fn main() {
    println!("cargo:rustc-link-arg-bins=-lc");
    println!("cargo:rerun-if-changed=build.rs");
}
