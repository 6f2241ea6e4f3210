//! Requests by what came of them, since the gateway's start.
//!
//! What came of their messages is counted with all others. Next: http/metrics.rs.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;

/// The statuses that there are.
const STATUSES: [StatusCode; 13] = [
    StatusCode::OK,
    StatusCode::MULTI_STATUS,
    StatusCode::BAD_REQUEST,
    StatusCode::UNAUTHORIZED,
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::CONFLICT,
    StatusCode::PAYLOAD_TOO_LARGE,
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    StatusCode::UNPROCESSABLE_ENTITY,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::NOT_FOUND,
];

/// One counter a status.
#[derive(Debug, Default)]
pub(in crate::http) struct Counts([AtomicU64; STATUSES.len()]);

impl Counts {
    pub(super) fn add(&self, status: StatusCode) {
        let place = STATUSES.iter().position(|known| *known == status);
        if let Some(count) = place.and_then(|place| self.0.get(place)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Each status with its count.
    pub(in crate::http) fn read(&self) -> Vec<(u16, u64)> {
        let counts = self.0.iter().map(|count| count.load(Ordering::Relaxed));
        STATUSES.iter().map(|status| status.as_u16()).zip(counts).collect()
    }
}
