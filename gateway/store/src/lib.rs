//! What a commit writes and a restart reads: one trait, memory and sled.
