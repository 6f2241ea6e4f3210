//! Signing in and out with a browser: a token's secret becomes a cookie that no script can read.
//!
//! `POST /api/v1/session` with `{"token": ".."}` begins a session, `GET` says who is in, `DELETE` ends it: whoever keeps
//! the cookie has nothing then. Before: http/enter.rs. Next: access.rs; console/session.js.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, http::HeaderName};
use serde::{Deserialize, Serialize};

use super::enter::{Entrance, address};
use super::intake::is_json;
use super::problem::Problem;
use crate::access::Caller;

/// Bytes of a body that holds a token and nothing else.
const BODY_BYTES_MAX: usize = 4 * 1024;
/// How long it may take to arrive.
const BODY_WAIT_MAX: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignInJson {
    token: String,
}

/// Who is in.
#[derive(Serialize)]
struct SessionJson<'a> {
    name: &'a str,
    role: &'a str,
    /// Whether there is a session that can be ended.
    session: bool,
}

impl<'a> SessionJson<'a> {
    fn of(caller: &'a Caller) -> Self {
        Self { name: &caller.who.name, role: caller.who.role.as_str(), session: caller.session.is_some() }
    }
}

/// The path that all of it has.
pub(super) fn routes(entrance: Entrance) -> Router {
    Router::new().route("/api/v1/session", get(who).post(sign_in).delete(sign_out)).with_state(entrance)
}

async fn who(Extension(caller): Extension<Caller>) -> Response {
    Json(SessionJson::of(&caller)).into_response()
}

async fn sign_in(State(entrance): State<Entrance>, request: Request) -> Response {
    signed_in(&entrance, request).await.unwrap_or_else(IntoResponse::into_response)
}

async fn signed_in(entrance: &Entrance, request: Request) -> Result<Response, Problem> {
    let address = address(&request);
    if !is_json(request.headers()) {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body is to be application/json"));
    }
    let asked = read(request.into_body()).await?;
    let caller = entrance.access.by_secret(asked.token.trim());
    let caller = caller.ok_or_else(|| entrance.unknown(address, true))?;
    let (secret, lasts) = entrance.access.sign_in(&caller).map_err(|error| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, format!("no session can be made: {error}"))
    })?;
    let told = SessionJson { session: true, ..SessionJson::of(&caller) };
    Ok(([set_cookie(entrance, &secret, lasts.as_secs())], Json(told)).into_response())
}

async fn sign_out(State(entrance): State<Entrance>, Extension(caller): Extension<Caller>) -> Response {
    let Some(session) = caller.session else {
        let detail = "there is no session to end: this came with a token of its own, or with none";
        return Problem::new(StatusCode::CONFLICT, detail).into_response();
    };
    entrance.access.sign_out(session, &caller.who);
    (StatusCode::NO_CONTENT, [set_cookie(&entrance, "", 0)]).into_response()
}

/// A cookie for this host alone that no script reads and no other site sends. For 0 seconds: that there is none.
fn set_cookie(entrance: &Entrance, value: &str, seconds: u64) -> (HeaderName, HeaderValue) {
    let (name, secure) = (entrance.cookie(), if entrance.secure { "; Secure" } else { "" });
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    // Base64 and words of our own: there is nothing in it that a header may not hold.
    (header::SET_COOKIE, HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("")))
}

async fn read(body: Body) -> Result<SignInJson, Problem> {
    let wrong = |status, detail: &str| Problem::new(status, detail);
    let Ok(body) = tokio::time::timeout(BODY_WAIT_MAX, to_bytes(body, BODY_BYTES_MAX)).await else {
        return Err(wrong(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time"));
    };
    let long = |_| wrong(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long to hold a token alone");
    let unread = |_| wrong(StatusCode::BAD_REQUEST, r#"the body is to be {"token": ".."}"#);
    serde_json::from_slice(&body.map_err(long)?).map_err(unread)
}
