//! The house rules and the whole corridor, tested with real parts.
