//! The console and the API: what is true right now, to look at and to scrape.
//!
//! Who may is in http/rights.rs; what comes in is http/intake.rs. Before: gateway.rs. Next: http/listen.rs, http/enter.rs,
//! http/session.rs, http/map.rs, http/stream.rs, http/metrics.rs, http/guard.rs, and console/ with what a browser runs.

mod enter;
mod guard;
mod intake;
mod listen;
mod map;
mod metrics;
mod problem;
mod report;
mod rights;
mod session;
mod stream;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, watch};
use turnpage_gateway_core::{Live, Timestamp};

use crate::access::{Caller, Entry};
use crate::audit::Audit;
use crate::books::Books;
use crate::broker::Link;
use crate::certificates::Certificates;
use crate::clock::Clock;
use crate::door::DoorHandle;
use crate::gateway::{Phase, reached};
use crate::history::History;
use crate::inbound::Request;
use crate::keeper::Keeper;
use crate::measured::Measured;
use crate::recent::{Letter, Recent};
use crate::reload::{Shown, Tally};
use crate::shard::{Health, Queues};
use crate::traces::Traces;
use crate::webhook::Webhooks;
use enter::Entrance;
use intake::Intake;
pub use intake::messages_of;
pub(crate) use map::Map;
use metrics::{More, Scrape};
use problem::Problem;
pub use rights::{For, ROUTES, Route};
use stream::Feed;

/// Live streams at once: a control room's screens, and no more than a stranger may hold open.
const STREAMS_MAX: usize = 64;
/// Seconds until a stream that found no place should come back.
const RETRY_S: u64 = 15;
/// How long open requests may take to end when the gateway stops.
const GOODBYE: Duration = Duration::from_secs(2);
/// Bytes of a dead letter's payload that are shown: the rest is in the log.
const SHOWN_BYTES_MAX: usize = 64;

/// What the console and the API look at.
pub(crate) struct Views {
    /// What a reload changes.
    pub(crate) shown: watch::Receiver<Arc<Shown>>,
    pub(crate) reloads: Arc<Tally>,
    pub(crate) live: watch::Receiver<Arc<Live>>,
    pub(crate) health: watch::Receiver<Health>,
    /// How each connection to the broker stands, and what for, where there is one.
    pub(crate) broker: Vec<(&'static str, watch::Receiver<Link>)>,
    pub(crate) history: Arc<History>,
    pub(crate) clock: Clock,
    pub(crate) recent: Arc<Recent>,
    pub(crate) books: Arc<Books>,
    pub(crate) door: Option<DoorHandle>,
    /// Who may post.
    pub(crate) keeper: Option<Keeper>,
    pub(crate) webhooks: Webhooks,
    pub(crate) traces: Option<Traces>,
    /// Where messages that come in here go.
    pub(crate) requests: mpsc::Sender<Request>,
    pub(crate) measured: Arc<Measured>,
    pub(crate) queues: Queues,
    pub(crate) certificates: Certificates,
    pub(crate) entry: Entry,
    pub(crate) audit: Audit,
}

/// What handlers share.
struct App {
    views: Views,
    /// `None` where nobody has an account to post under.
    intake: Option<Intake>,
    streams: Arc<Semaphore>,
    /// Streams that were cut because nobody read them.
    cut: Arc<AtomicU64>,
    /// Streams that found no place.
    refused: AtomicU64,
    phase: watch::Receiver<Phase>,
}

/// Serves until nobody is left at the doors: probes are told to the end that this gateway is not ready.
pub(crate) async fn serve(listener: TcpListener, views: Views, phase: watch::Receiver<Phase>) {
    let mut leaving = phase.clone();
    let Entry { access, tls, secure } = views.entry.clone();
    let entrance = Entrance { access: Arc::clone(&access), secure };
    let keeper = views.keeper.clone();
    let intake = keeper.map(|keeper| Intake::new(keeper, views.requests.clone(), views.health.clone()));
    let app = Arc::new(App {
        views,
        intake,
        streams: Arc::new(Semaphore::new(STREAMS_MAX)),
        cut: Arc::default(),
        refused: AtomicU64::new(0),
        phase: phase.clone(),
    });
    let router = routes()
        .with_state(app)
        .merge(session::routes(entrance.clone()))
        .layer(middleware::from_fn_with_state(entrance, enter::enter))
        .layer(middleware::from_fn_with_state(access, guard::host))
        .layer(middleware::from_fn_with_state(secure, guard::headers));
    let server = listen::listen(listener, tls, router, phase);
    let overdue = async {
        reached(&mut leaving, Phase::Leaving).await;
        tokio::time::sleep(GOODBYE).await;
    };
    tokio::select! {
        () = server => {}
        () = overdue => {}
    }
}

/// What is served, to whom rights.rs says.
fn routes() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/",
            get(|| async { asset("text/html; charset=utf-8", include_str!("../console/index.html")) }),
        )
        .route(
            "/console/console.css",
            get(|| async { asset("text/css; charset=utf-8", include_str!("../console/console.css")) }),
        )
        .route("/console/console.js", get(|| async { script(include_str!("../console/console.js")) }))
        .route("/console/graph.js", get(|| async { script(include_str!("../console/graph.js")) }))
        .route("/console/map.js", get(|| async { script(include_str!("../console/map.js")) }))
        .route("/console/outcomes.js", get(|| async { script(include_str!("../console/outcomes.js")) }))
        .route("/console/session.js", get(|| async { script(include_str!("../console/session.js")) }))
        .route("/console/panels.js", get(|| async { script(include_str!("../console/panels.js")) }))
        .route(
            "/console/icon.svg",
            get(|| async { asset("image/svg+xml", include_str!("../console/icon.svg")) }),
        )
        .route("/api/v1/venue", get(venue))
        .route("/api/v1/live", get(live))
        .route("/api/v1/picture", get(picture))
        .route("/api/v1/report", get(report::report))
        .route("/api/v1/audit/head", get(audit_head))
        .route("/api/v1/dead-letters", get(dead_letters))
        .route("/api/v1/events", post(intake::events))
        .route("/api/v1/events/live", get(events))
        .route("/api/v1/offers/live", get(offers))
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(scrape))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

fn script(text: &'static str) -> Response {
    asset("text/javascript; charset=utf-8", text)
}

async fn venue(State(app): State<Arc<App>>) -> Response {
    let shown = Arc::clone(&app.views.shown.borrow());
    Json(&shown.map).into_response()
}

/// Which journey's picture.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pictured {
    journey: String,
}

async fn picture(State(app): State<Arc<App>>, asked: Result<Query<Pictured>, QueryRejection>) -> Response {
    let Ok(Query(Pictured { journey })) = asked else {
        return Problem::new(StatusCode::BAD_REQUEST, "it takes `journey` and nothing else").into_response();
    };
    let shown = Arc::clone(&app.views.shown.borrow());
    match shown.pictures.get(&journey) {
        Some(svg) => ([(header::CONTENT_TYPE, "image/svg+xml")], svg.clone()).into_response(),
        None => Problem::new(StatusCode::NOT_FOUND, "there is no picture of such a journey").into_response(),
    }
}

async fn live(State(app): State<Arc<App>>) -> Response {
    let live = Arc::clone(&app.views.live.borrow());
    Json(&*live).into_response()
}

async fn events(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    stream(&app, caller, &headers, Some(app.views.live.clone()))
}

async fn offers(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    stream(&app, caller, &headers, None)
}

fn stream(
    app: &App,
    caller: Caller,
    headers: &HeaderMap,
    live: Option<watch::Receiver<Arc<Live>>>,
) -> Response {
    let Ok(place) = Arc::clone(&app.streams).try_acquire_owned() else {
        app.refused.fetch_add(1, Ordering::Relaxed);
        let detail = format!("{STREAMS_MAX} live streams are open already");
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).after(RETRY_S).into_response();
    };
    let feed = Feed {
        live,
        history: Arc::clone(&app.views.history),
        clock: app.views.clock.clone(),
        phase: app.phase.clone(),
        cut: Arc::clone(&app.cut),
    };
    let access = Arc::clone(&app.views.entry.access);
    // Whoever is out hears no more, however long ago the stream began.
    let out = async move { access.ended(&caller).await };
    stream::events(feed, headers, place, Box::pin(out)).into_response()
}

/// A dead letter as the API tells it.
#[derive(Serialize)]
struct DeadLetterJson {
    at: Timestamp,
    client: String,
    topic: String,
    reason: &'static str,
    /// The first bytes, in hexadecimal.
    payload: String,
}

impl From<Letter> for DeadLetterJson {
    fn from(letter: Letter) -> Self {
        let shown = letter.payload.iter().take(SHOWN_BYTES_MAX);
        Self {
            at: letter.at,
            client: letter.client,
            topic: letter.topic,
            reason: letter.reason,
            payload: shown.map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

async fn dead_letters(State(app): State<Arc<App>>) -> Json<Vec<DeadLetterJson>> {
    Json(app.views.recent.letters().into_iter().map(DeadLetterJson::from).collect())
}

/// The end of the audit log.
#[derive(Serialize)]
struct HeadJson {
    /// As `turnpage audit verify --head` takes it.
    head: String,
}

async fn audit_head(State(app): State<Arc<App>>) -> Response {
    match app.views.audit.head() {
        Some((head, _)) => Json(HeadJson { head: head.to_string() }).into_response(),
        None => Problem::new(StatusCode::NOT_FOUND, "this gateway keeps nothing").into_response(),
    }
}

/// Why the gateway is not ready, if it is not.
fn trouble(views: &Views) -> Option<String> {
    match &*views.health.borrow() {
        Health::Ready => {}
        Health::Failed(why) => return Some(why.clone()),
        Health::Stopped => return Some("the gateway is stopping".to_owned()),
    }
    let (what, link) = views.broker.iter().find(|(_, link)| !link.borrow().up)?;
    let why = if link.borrow().rival { ": another client takes the gateway's identifier there" } else { "" };
    Some(format!("no connection to the broker for {what}{why}"))
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    match trouble(&app.views) {
        // It takes messages as long as the other one waits; somebody has to be told all the same.
        None if app.views.broker.iter().any(|(_, link)| link.borrow().rival) => {
            "ready\nanother client takes the gateway's identifier at the broker now and then\n"
                .into_response()
        }
        None => "ready\n".into_response(),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

async fn scrape(State(app): State<Arc<App>>) -> Response {
    let views = &app.views;
    let live = Arc::clone(&views.live.borrow());
    let door = views.door.as_ref().map(DoorHandle::counters);
    let intake = app.intake.as_ref().map(|intake| intake.counts.read()).unwrap_or_default();
    let (webhooks, shown) = (views.webhooks.counted(), Arc::clone(&views.shown.borrow()));
    let reloads = Arc::clone(&views.reloads);
    let streams = (STREAMS_MAX - app.streams.available_permits()) as u64;
    let streams = [streams, app.cut.load(Ordering::Relaxed), app.refused.load(Ordering::Relaxed)];
    let broker = views.broker.iter().map(|(what, link)| (*what, *link.borrow())).collect();
    let (measured, queues) = (Arc::clone(&views.measured), views.queues.lengths());
    let certificates = views.certificates.ends().collect();
    let ready = trouble(views).is_none();
    let traces = views.traces.as_ref().map(Traces::counts).unwrap_or_default();
    let more = More {
        broker,
        measured,
        queues,
        certificates,
        console: views.entry.access.counts(),
        audit: views.audit.head(),
    };
    let scrape = Scrape { live, door, webhooks, traces, shown, reloads, intake, streams, ready, more };
    match metrics::text(scrape) {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}
