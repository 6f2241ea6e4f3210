//! The contract: what a node says on the wire, byte for byte.
