//! Every bound of the model and of a trail, with its reason. A full model of a venue of a hundred zones
//! stays near 4 MB, one of a thousand near 12 MB.

/// Places that are learned: more than the zones of any venue we know. Those beyond are `elsewhere`.
pub const PLACES_MAX: usize = 1_024;
/// Contexts kept beside order 0, the hours and order 1: place with dwell, place with hour, two places.
pub const CONTEXTS_MAX: usize = 8_192;
/// Different next places kept for one of those contexts: people leave a place to few others.
pub const NEXT_MAX: usize = 48;
/// Moves after which all counts are halved: some days of a busy park, so that a venue that changes is followed.
pub const MOVES_MAX: u32 = 1 << 22;
/// Moves of one trail that can be taken back: 8 bytes each, and an ordinary visit to a park.
pub const RECENT_MAX: usize = 24;
/// A subject not seen for this long was somewhere nobody knows: its next sighting is no move.
pub const GAP_MS_MAX: i64 = 6 * 3_600_000;
/// Bytes of a saved model: every row full, and some. Anything longer is not ours.
pub const MODEL_BYTES_MAX: usize = 16 << 20;
/// Bytes of a saved trail.
pub const TRAIL_BYTES_MAX: usize = 1_024;
