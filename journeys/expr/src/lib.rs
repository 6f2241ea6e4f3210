//! Guards: CEL syntax, typed against the context, compiled once.
