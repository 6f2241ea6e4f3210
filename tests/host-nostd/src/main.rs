//! A library that was compiled elsewhere, run as a device would run it: no std, an arena of a fixed size, bytes from flash.
//!
//! The walk's lines go to stdout through the C library, which is this board's serial line; how much of the arena was needed
//! goes to stderr. With any argument the walk is another one. Next: `walk.rs`.
#![no_std]
#![no_main]

extern crate alloc;

mod walk;

use alloc::string::String;
use core::alloc::{GlobalAlloc, Layout};
use core::fmt::{self, Write};
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicUsize, Ordering};

use linked_list_allocator::LockedHeap;
use turnpage_journeys_engine::Library;

/// The library, as `turnpage compile` wrote it: where its file is, `prove` says.
static LIBRARY: &[u8] = include_bytes!(env!("TURNPAGE_LIBRARY"));

/// All the memory there is but the stack: a board with 256 KiB keeps 32 for that.
const ARENA: usize = if cfg!(feature = "small-arena") { 16 << 10 } else { 224 << 10 };

static mut MEMORY: [u8; ARENA] = [0; ARENA];

#[global_allocator]
static HEAP: Heap = Heap { arena: LockedHeap::empty(), peak: AtomicUsize::new(0) };

/// The arena, and the most of it that was in use.
struct Heap {
    arena: LockedHeap,
    peak: AtomicUsize,
}

// SAFETY: the arena's own allocator does all the work; counting changes nothing.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let given = unsafe { self.arena.alloc(layout) };
        self.peak.fetch_max(self.arena.lock().used(), Ordering::Relaxed);
        given
    }

    unsafe fn dealloc(&self, given: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.arena.dealloc(given, layout) }
    }
}

unsafe extern "C" {
    fn write(file: i32, bytes: *const u8, len: usize) -> isize;
    fn _exit(code: i32) -> !;
}

/// A serial line.
struct Line(i32);

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            // SAFETY: the slice is valid for its length.
            let written = unsafe { write(self.0, rest.as_ptr(), rest.len()) };
            let written = usize::try_from(written).map_err(|_| fmt::Error)?;
            rest = rest.get(written..).ok_or(fmt::Error)?;
        }
        Ok(())
    }
}

fn exit(code: i32) -> ! {
    // SAFETY: nothing of this program runs after it.
    unsafe { _exit(code) }
}

/// Exit 0 after the walk, 3 when the library is refused, 4 when the arena is too small or something panicked.
#[unsafe(no_mangle)]
extern "C" fn main(arguments: i32, _: *const *const u8) -> i32 {
    // SAFETY: called once, before anything allocates; nobody else names the memory.
    unsafe { HEAP.arena.lock().init((&raw mut MEMORY).cast(), ARENA) };
    let (library, schema) = match Library::from_bytes(LIBRARY) {
        Ok(read) => read,
        Err(error) => {
            let _ = writeln!(Line(2), "{error}");
            exit(3);
        }
    };
    let seed = if arguments > 1 { 2 } else { 1 };
    let read = HEAP.peak.load(Ordering::Relaxed);
    let mut line = String::new();
    walk::walk(library, &schema, seed, &mut |told| {
        line.clear();
        if writeln!(line, "{told}").and_then(|()| Line(1).write_str(&line)).is_err() {
            exit(1);
        }
    });
    let (bytes, peak) = (LIBRARY.len(), HEAP.peak.load(Ordering::Relaxed));
    let _ =
        writeln!(Line(2), "{bytes} bytes of library: {read} bytes of memory to read it, {peak} to run it");
    0
}

/// core and alloc as shipped were built to unwind and name these two; with `panic = "abort"` nothing ever calls them.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    exit(4)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Line(2), "{info}");
    exit(4)
}
