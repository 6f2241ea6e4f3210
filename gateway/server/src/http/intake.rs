//! `POST /api/v1/events`: messages as the front door takes them, one or many in a request, under the same promise.
//!
//! ```json
//! { "topic": "turnpage/v1/park/signal/parking", "payload": { "value": 40, "at": 1784361600000 } }
//! ```
//!
//! A message has its bytes as `payload` (JSON, taken as it is written), as `text`, or as `base64`; a list is many. Who asks
//! is an account of the configuration with its password (RFC 7617), and may say what it may publish at the front door. The answer comes after
//! the commit and tells of each message in turn. With an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07) a
//! request may be sent again: the answer is the same, across restarts, and nothing is taken twice.
//!
//! Every refusal says whether anything was taken (nothing was), and when to come back. It does not look into payloads. MQTT
//! subscribers are not told of what comes in here. Before: http.rs. Next: inbound.rs, then shard.rs.

mod count;
mod places;
mod read;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot, watch};
use turnpage_gateway_core::Admission;

use super::App;
use super::problem::Problem;
use crate::inbound::{Answer, Request};
use crate::keeper::Keeper;
use crate::shard::Health;
use crate::traces::{Context, TRACEPARENT};
pub(super) use count::Counts;
use places::{NoPlace, Places};
pub(super) use read::is_json;
pub use read::messages_of;

/// Bytes of a request's body: as many messages as there may be, of a few hundred bytes each and some of them long.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// How long a body may take to arrive.
const BODY_WAIT_MAX: Duration = Duration::from_secs(10);
/// Seconds until a sender that found everything full should come back: a few commits.
const SOON_S: u64 = 1;
/// The same for a store that does not work: about as long as it waits before it is opened again.
const LATER_S: u64 = 5;

/// Where requests come in.
pub(super) struct Intake {
    keeper: Keeper,
    requests: mpsc::Sender<Request>,
    health: watch::Receiver<Health>,
    places: Arc<Places>,
    pub(super) counts: Counts,
}

impl Intake {
    pub(super) fn new(
        keeper: Keeper,
        requests: mpsc::Sender<Request>,
        health: watch::Receiver<Health>,
    ) -> Self {
        Self { keeper, requests, health, places: Arc::default(), counts: Counts::default() }
    }

    async fn take(&self, headers: &HeaderMap, body: Body) -> Result<Vec<Admission>, Problem> {
        let received = Instant::now();
        let (account, permit) = read::credentials(headers)
            .and_then(|(user, password)| self.keeper.admit(&user, &password))
            .ok_or_else(unknown)?;
        if !is_json(headers) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the body is to be application/json",
            ));
        }
        let key = read::key(headers)?;
        let _place = self.places.take(&account, key.as_deref()).map_err(|why| match why {
            NoPlace::SameKey => {
                Problem::new(StatusCode::CONFLICT, "a request with this key is being processed").after(SOON_S)
            }
            NoPlace::Full => {
                Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many requests of this account at once")
                    .after(SOON_S)
            }
        })?;
        let body = whole(body).await?;
        let messages = read::messages(&body, &permit)?;
        let key = key.map(|name| read::stands_for(name, &body));
        if *self.health.borrow() != Health::Ready {
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "nothing is taken at the moment")
                .after(LATER_S));
        }
        let (answer, answered) = oneshot::channel();
        let asked = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok()).and_then(Context::read);
        self.requests.try_send(Request { account, key, messages, received, asked, answer }).map_err(
            |_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too many requests wait already").after(SOON_S),
        )?;
        match answered.await {
            Ok(Answer::Processed(admissions)) => Ok(admissions),
            Ok(Answer::OtherRequest) => {
                Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "this key was used for another body"))
            }
            Err(_) => {
                let detail = "it was not committed, as far as is known: send it again, under the same key";
                Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).after(LATER_S))
            }
        }
    }
}

/// A body, once all of it has come. One that says that it is too long is not waited for.
async fn whole(body: Body) -> Result<Bytes, Problem> {
    let long = || {
        let detail = format!("the body did not arrive whole, or is longer than {BODY_BYTES_MAX} bytes");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    };
    if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
        return Err(long());
    }
    match tokio::time::timeout(BODY_WAIT_MAX, to_bytes(body, BODY_BYTES_MAX)).await {
        Ok(body) => body.map_err(|_| long()),
        Err(_) => Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time")),
    }
}

fn unknown() -> Problem {
    let detail = "no such account, or not its password";
    Problem::new(StatusCode::UNAUTHORIZED, detail)
        .with(header::WWW_AUTHENTICATE, r#"Basic realm="turnpage", charset="UTF-8""#)
}

pub(super) async fn events(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Response {
    let Some(intake) = &app.intake else {
        let detail = "this gateway has no accounts";
        return Problem::new(StatusCode::NOT_FOUND, detail).into_response();
    };
    let response = match intake.take(&headers, body).await {
        Ok(admissions) => told(&admissions),
        Err(problem) => problem.into_response(),
    };
    intake.counts.add(response.status());
    response
}

#[derive(Serialize)]
struct AnswerJson {
    taken: usize,
    refused: usize,
    events: Vec<EventJson>,
}

#[derive(Serialize)]
struct EventJson {
    became: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// 200 when all was taken, 207 when each message has to be looked at, 400 when nothing was taken.
fn told(admissions: &[Admission]) -> Response {
    let events: Vec<EventJson> = admissions
        .iter()
        .map(|admission| match admission {
            Admission::Admitted => EventJson { became: "admitted", reason: None },
            Admission::Duplicate => EventJson { became: "duplicate", reason: None },
            Admission::Dead(reason) => EventJson { became: "refused", reason: Some(reason.as_str()) },
        })
        .collect();
    let refused = events.iter().filter(|event| event.reason.is_some()).count();
    let taken = events.len() - refused;
    let status = match (taken, refused) {
        (_, 0) => StatusCode::OK,
        (0, _) => StatusCode::BAD_REQUEST,
        _ => StatusCode::MULTI_STATUS,
    };
    (status, Json(AnswerJson { taken, refused, events })).into_response()
}
