//! Why a gateway does not start, or stops.
//!
//! Bad input is no error here: it is counted and kept by gateway/core. Next: gateway.rs.

use std::net::SocketAddr;

use crate::door;

/// Why a gateway does not start, or stops.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The front door does not open.
    #[error(transparent)]
    Door(#[from] door::Error),
    /// The console's address cannot be listened on.
    #[error("cannot listen for HTTP on `{addr}`")]
    Http {
        /// The address asked for.
        addr: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] turnpage_gateway_store::Error),
    /// What the store holds does not fit these journeys or this version.
    #[error("the store's content cannot be used: {0}")]
    State(#[from] turnpage_gateway_core::Error),
    /// A reload was read, and is not in use yet.
    #[error("the store does not work; this is what it is opened with when it does")]
    NotYet,
    /// Something that may not name an account, a topic or a thread does.
    #[error("{0}")]
    Setup(String),
}
