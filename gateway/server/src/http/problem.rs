//! A refusal as RFC 9457 writes it: a status, a sentence, and perhaps when to come back.
//!
//! Next: the handlers that refuse.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Why a request was refused.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    detail: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Serialize)]
struct ProblemJson<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), headers: Vec::new() }
    }

    /// To be tried again after so many seconds.
    pub(super) fn after(mut self, seconds: u64) -> Self {
        self.headers.push((header::RETRY_AFTER, HeaderValue::from(seconds)));
        self
    }

    pub(super) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or_default();
        let told = ProblemJson { title, status: self.status.as_u16(), detail: &self.detail };
        // Texts and a number into memory: there is nothing that could fail.
        let body = serde_json::to_vec(&told).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        // One of each: a body of bytes has brought a type of its own.
        for (name, value) in self.headers.into_iter().chain([kind]) {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
