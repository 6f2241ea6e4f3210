//! Every bound of the engine and of a journey, with its reason.
//!
//! `compile` refuses a definition beyond these; the engine refuses a subject or a saved state beyond them.

/// Journeys in one library. Every subject has a place for each, so this bounds a subject's memory.
pub const JOURNEYS_MAX: usize = 4_096;
/// Pages of one journey: more is a generated graph that nobody can read, and page numbers are 16 bits.
pub const PAGES_MAX: usize = 1_024;
/// Pages of all journeys of a library, and one more for each journey: an instance's page is kept in 16 bits.
pub const SEATS_MAX: usize = 60_000;
/// Choices of one page, and ways into it: one event looks at all of them in the worst case.
pub const CHOICES_MAX: usize = 256;
/// Different `after` delays of one page: a spent timer is one bit of 16.
pub const TIMERS_MAX: usize = 16;
/// Offers of one journey: each costs an instance 16 bytes and more with a limit.
pub const OFFERS_MAX: usize = 64;
/// Variables of one journey: each costs an instance 16 bytes.
pub const VARIABLES_MAX: usize = 32;
/// Different things a journey asks about its past: each costs an instance 16 bytes or 32.
pub const RECALLS_MAX: usize = 32;
/// Facts that one choice remembers: each is an effect of every step that takes it.
pub const REMEMBERS_MAX: usize = 8;
/// Choices of one journey that are taken only once: each costs an instance a bit.
pub const ONCE_MAX: usize = 256;
/// Journeys called one by the other: deeper is no story anyone follows, and each caller has a copy of its own.
pub const CALL_DEPTH_MAX: usize = 8;
/// Effects that one step has for a journey beside those of closed choices and of offers taken back: beginning,
/// straying, a breach, a choice with all it may do, and what is called.
pub const EFFECTS_MORE_MAX: usize = 16 + REMEMBERS_MAX;
/// Alternatives of one choice: telling more apart takes longer than a season.
pub const ALTERNATIVES_MAX: usize = 16;
/// Offers in one `PerWindow` limit: the instant of each is kept.
pub const WINDOW_COUNT_MAX: u32 = 32;
/// Longest `after`, `valid` and limit window: ten years of milliseconds. Longer is a slip of the pen, and the
/// sum of any two instants stays far from overflow.
pub const SPAN_MS_MAX: i64 = 3_653 * 86_400_000;
/// Bytes of a name of a journey, page, offer, variable or pick: it stands in topics and on screens.
pub const NAME_MAX: usize = 64;
/// Wordings of one copy, and channels of one offer: more languages than anybody speaks.
pub const WORDINGS_MAX: usize = 1_024;
/// Bytes of one compiled library: the theme park's is 10 KiB, and nothing that is read back takes more than some 100 times
/// its bytes of memory.
pub const LIBRARY_BYTES_MAX: usize = 1 << 24;
/// Bytes of a subject's name: the gateway's bound.
pub const SUBJECT_NAME_MAX: usize = 32;
/// Subjects alive at once: a busy year of pseudonyms, and an index of 32 bits is never exhausted.
pub const SUBJECTS_MAX: usize = 1 << 24;
/// Bytes of one saved subject: anything longer is not ours.
pub const STATE_BYTES_MAX: usize = 1 << 20;
