//! YAML and JSON text as a tree that remembers where each value stands.
