//! Who gets in at the console and the API, asked over real sockets: every route by everybody, and what strangers try.

use std::time::{Duration, SystemTime};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use turnpage_gateway_server::access::{Fingerprint, Rate, Role, Token};
use turnpage_gateway_server::{Error, For, Gateway, ROUTES, Setup, Storage, audit};

use crate::site::Site;

/// A header that a browser sends with what the console's own page asks for.
const OWN_PAGE: (&str, &str) = ("Sec-Fetch-Site", "same-origin");
const JSON: (&str, &str) = ("Content-Type", "application/json");

struct Answer {
    status: u16,
    head: String,
    /// Empty for a live stream, which has no end.
    body: String,
}

impl Answer {
    /// The cookie that it sets, as it is sent back.
    fn cookie(&self) -> String {
        let set = self.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
        set.split(';').next().unwrap().to_owned()
    }
}

async fn ask(gateway: &Gateway, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut stream = TcpStream::connect(gateway.http_addr().expect("a console")).await.unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut from, mut head) = (BufReader::new(stream), String::new());
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(from.read_line(&mut head).await.unwrap(), 0, "an answer has a head: {head}");
    }
    let mut body = String::new();
    if !head.contains("text/event-stream") {
        from.read_to_string(&mut body).await.unwrap();
    }
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body }
}

/// A secret of each role, long enough for one.
fn secret(role: Role) -> String {
    format!("tp_{:_<40}", role.as_str())
}

const EXPIRED: &str = "tp_a-token-that-was-good-until-a-minute-ago";
const FORGED: &str = "tp_a-token-that-nobody-ever-declared-here!";

fn token(name: &str, role: Role, secret: &str, until: Option<SystemTime>) -> Token {
    Token { name: name.into(), role, fingerprint: Fingerprint::of(secret), until }
}

fn tokens() -> Vec<Token> {
    let each = Role::ALL.into_iter().map(|role| token(role.as_str(), role, &secret(role), None));
    let ago = SystemTime::now() - Duration::from_secs(60);
    each.chain([token("old", Role::Admin, EXPIRED, Some(ago))]).collect()
}

fn guarded(site: &Site) -> Setup {
    let mut setup = site.setup();
    setup.console.tokens = tokens();
    setup
}

async fn sign_in(gateway: &Gateway, secret: &str) -> Answer {
    let body = format!(r#"{{"token":"{secret}"}}"#);
    ask(gateway, "POST", "/api/v1/session", &[OWN_PAGE, JSON], &body).await
}

/// Somebody who asks: what they are, as which role they count, and the header they send.
type Sender = (&'static str, Option<Role>, Option<(&'static str, String)>);

fn callers() -> Vec<Sender> {
    let bearer = |secret: &str| Some(("Authorization", format!("Bearer {secret}")));
    let strangers = [
        ("nobody", None, None),
        ("an expired token", None, bearer(EXPIRED)),
        ("a forged token", None, bearer(FORGED)),
        ("a forged cookie", None, Some(("Cookie", "turnpage=AAAA".to_owned()))),
        ("another scheme", None, Some(("Authorization", format!("Basic {}", secret(Role::Admin))))),
    ];
    let known = Role::ALL.into_iter().map(|role| (role.as_str(), Some(role), bearer(&secret(role))));
    strangers.into_iter().chain(known).collect()
}

/// Every route, by everybody: it is answered, or refused with the reason in a form that programs read.
#[tokio::test]
async fn every_route_asks_for_its_role() {
    let site = Site::on_disk();
    let gateway = Gateway::start(guarded(&site)).await.unwrap();
    let callers = callers();
    for (method, path, whom) in ROUTES {
        for (caller, role, headers) in &callers {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = ask(&gateway, method, path, &headers, "").await;
            let allowed = |status| !matches!(status, 401 | 403 | 404 | 405 | 429);
            let expected = match (whom, role) {
                (For::Anyone, _) => None,
                // A token is no account of the front door.
                (For::Accounts, _) => Some(401),
                // Nobody's own page asks.
                (For::Strangers, _) => Some(403),
                (For::Role(_), None) => Some(401),
                (For::Role(least), Some(role)) => (role < least).then_some(403),
            };
            // Wrong secrets in a row are worth fewer words.
            let told = answer.status == 429 && role.is_none() && !headers.is_empty();
            match expected {
                None => assert!(allowed(answer.status), "{caller}: {method} {path}: {}", answer.head),
                Some(status) => {
                    assert!(answer.status == status || told, "{caller}: {method} {path}: {}", answer.head);
                    assert!(answer.head.contains("application/problem+json"), "{}", answer.head);
                }
            }
            let types = answer.head.matches("content-type:").count();
            assert!(types <= 1 && answer.head.matches("cache-control:").count() == 1, "{}", answer.head);
            assert!(answer.head.contains("content-security-policy: default-src 'none'"), "{}", answer.head);
            assert!(answer.head.contains("cache-control: no-store"), "{}", answer.head);
        }
    }
    gateway.stop().await.unwrap();
}

/// Who came and went, who did not, and what was reloaded is in a file that holds on to itself.
#[tokio::test]
async fn what_people_did_is_in_the_audit_log_and_no_secret_is() {
    let site = Site::on_disk();
    let setup = editioned(guarded(&site));
    let Storage::Disk { dir, .. } = setup.storage.clone() else { panic!("it is on disk") };
    let gateway = Gateway::start(setup).await.unwrap();
    let cookie = sign_in(&gateway, &secret(Role::Operator)).await.cookie();
    let cookie = ("Cookie", cookie.as_str());
    assert_eq!(sign_in(&gateway, FORGED).await.status, 401);
    assert_eq!(ask(&gateway, "DELETE", "/api/v1/session", &[cookie], "").await.status, 403);
    let head = ask(&gateway, "GET", "/api/v1/audit/head", &[cookie], "").await;
    let head: serde_json::Value = serde_json::from_str(&head.body).unwrap();
    gateway.reload(editioned(guarded(&site))).await.unwrap();
    assert_eq!(ask(&gateway, "DELETE", "/api/v1/session", &[cookie, OWN_PAGE], "").await.status, 204);
    gateway.stop().await.unwrap();
    let bytes = audit::read(&dir).unwrap();
    let (records, _) = audit::verify(&bytes, head["head"].as_str()).unwrap();
    let told: Vec<_> = records.iter().map(|record| (record.what.as_str(), record.who.as_str())).collect();
    assert_eq!(
        told,
        [
            ("started", "gateway"),
            ("signed-in", "operator"),
            ("refused", ""),
            ("refused", ""),
            ("reloaded", "gateway"),
            ("signed-out", "operator"),
            ("stopped", "gateway"),
        ]
    );
    let text = String::from_utf8(bytes).unwrap();
    assert!(![FORGED, &secret(Role::Operator), "127.0.0.1", cookie.1].iter().any(|it| text.contains(it)));
}

#[tokio::test]
async fn a_path_in_disguise_is_another_path() {
    let site = Site::in_memory();
    let gateway = Gateway::start(guarded(&site)).await.unwrap();
    for path in [
        "/../../etc/passwd",
        "/console/../api/v1/live",
        "/console/%2e%2e/api/v1/live",
        "/console/..%2fapi/v1/live",
        "/api/v1/live/",
        "//api/v1/live",
        "/API/v1/live",
        "/api/v1/live%00",
        "/api/v1/%6cive",
        "/console/",
        "/.git/config",
    ] {
        let answer = ask(&gateway, "GET", path, &[], "").await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.head);
    }
    for method in ["POST", "PUT", "TRACE", "OPTIONS"] {
        assert_eq!(ask(&gateway, method, "/api/v1/live", &[], "").await.status, 405, "{method}");
    }
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_browser_signs_in_and_out_and_a_kept_cookie_is_worth_nothing() {
    let site = Site::in_memory();
    let gateway = Gateway::start(guarded(&site)).await.unwrap();
    let answer = sign_in(&gateway, &secret(Role::Viewer)).await;
    assert_eq!(answer.status, 200, "{}", answer.head);
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] {
        assert!(answer.head.contains(part), "`{part}` is not in {}", answer.head);
    }
    let cookie = answer.cookie();
    let with = |more: &[(&'static str, &'static str)]| {
        let cookie = [("Cookie", cookie.as_str())];
        cookie.into_iter().chain(more.iter().copied()).collect::<Vec<_>>()
    };
    assert_eq!(ask(&gateway, "GET", "/api/v1/live", &with(&[]), "").await.status, 200);
    assert_eq!(ask(&gateway, "GET", "/api/v1/dead-letters", &with(&[]), "").await.status, 403);
    // Live streams take the cookie, as a browser's EventSource sends it, and end with the session.
    let mut stream = TcpStream::connect(gateway.http_addr().unwrap()).await.unwrap();
    let request = format!("GET /api/v1/events/live HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut lines = BufReader::new(stream).lines();
    while lines.next_line().await.unwrap().expect("a stream") != "event: live" {}
    // Another site's page has the browser send the cookie in vain.
    for foreign in [vec![], vec![("Sec-Fetch-Site", "cross-site")], vec![("Origin", "http://evil.example")]] {
        let answer = ask(&gateway, "DELETE", "/api/v1/session", &with(&foreign), "").await;
        assert_eq!(answer.status, 403, "{foreign:?}: {}", answer.head);
    }
    let out = ask(&gateway, "DELETE", "/api/v1/session", &with(&[OWN_PAGE]), "").await;
    assert_eq!(out.status, 204, "{}", out.head);
    assert!(out.head.contains("Max-Age=0"), "{}", out.head);
    assert_eq!(ask(&gateway, "GET", "/api/v1/live", &with(&[]), "").await.status, 401);
    // Chunked: the last chunk is what ends a stream.
    while lines.next_line().await.unwrap().expect("the stream's last chunk") != "0" {}
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn signing_in_takes_a_good_token_in_a_short_body_from_the_page_itself() {
    let site = Site::in_memory();
    let gateway = Gateway::start(guarded(&site)).await.unwrap();
    assert_eq!(sign_in(&gateway, FORGED).await.status, 401);
    assert_eq!(sign_in(&gateway, EXPIRED).await.status, 401);
    assert_eq!(sign_in(&gateway, &"x".repeat(8_192)).await.status, 413);
    let path = "/api/v1/session";
    for (headers, body, status) in [
        (&[OWN_PAGE, JSON][..], "{", 400),
        (&[OWN_PAGE, JSON], r#"{"token":"a","more":1}"#, 400),
        (&[OWN_PAGE], r#"{"token":"a"}"#, 415),
        (&[JSON], r#"{"token":"a"}"#, 403),
        (&[JSON, ("Origin", "http://evil.example")], r#"{"token":"a"}"#, 403),
    ] {
        let answer = ask(&gateway, "POST", path, headers, body).await;
        assert_eq!(answer.status, status, "{headers:?} {body}: {}{}", answer.head, answer.body);
    }
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_token_that_is_taken_out_takes_its_sessions_with_it() {
    let site = Site::in_memory();
    let gateway = Gateway::start(editioned(guarded(&site))).await.unwrap();
    let viewer = sign_in(&gateway, &secret(Role::Viewer)).await.cookie();
    let admin = sign_in(&gateway, &secret(Role::Admin)).await.cookie();
    let mut next = editioned(guarded(&site));
    next.console.tokens.retain(|token| token.role != Role::Viewer);
    gateway.reload(next).await.unwrap();
    let live = async |cookie: &str| ask(&gateway, "GET", "/api/v1/live", &[("Cookie", cookie)], "").await;
    assert_eq!((live(&viewer).await.status, live(&admin).await.status), (401, 200));
    let bearer = format!("Bearer {}", secret(Role::Viewer));
    let answer = ask(&gateway, "GET", "/api/v1/live", &[("Authorization", &bearer)], "").await;
    assert_eq!(answer.status, 401);
    gateway.stop().await.unwrap();
}

fn editioned(mut setup: Setup) -> Setup {
    setup.edition = Some(turnpage_gateway_server::edition(&[]));
    setup
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let site = Site::in_memory();
    let mut setup = guarded(&site);
    let hour = Duration::from_secs(3_600);
    setup.console.asking = Rate { burst: 4, every: hour };
    let gateway = Gateway::start(setup).await.unwrap();
    for _ in 0..4 {
        assert_eq!(ask(&gateway, "GET", "/healthz", &[], "").await.status, 200);
    }
    let answer = ask(&gateway, "GET", "/healthz", &[], "").await;
    assert_eq!(answer.status, 429);
    assert!(answer.head.contains("retry-after: "), "{}", answer.head);
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn wrong_secrets_in_a_row_are_cut_short_and_good_ones_are_not() {
    let site = Site::in_memory();
    let gateway = Gateway::start(guarded(&site)).await.unwrap();
    let wrong = format!("Bearer {FORGED}");
    let good = format!("Bearer {}", secret(Role::Viewer));
    let ask =
        async |bearer: &str| ask(&gateway, "GET", "/api/v1/live", &[("Authorization", bearer)], "").await;
    let mut refused = ask(&wrong).await;
    while refused.status == 401 {
        refused = ask(&wrong).await;
    }
    assert_eq!(refused.status, 429);
    assert_eq!(ask(&good).await.status, 200);
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let site = Site::in_memory();
    let gateway = Gateway::start(guarded(&site)).await.unwrap();
    let long = "x".repeat(32 * 1024);
    assert_eq!(ask(&gateway, "GET", "/healthz", &[("X-Long", &long)], "").await.status, 431);
    let many: Vec<_> = (0..100).map(|_| ("X-Many", "1")).collect();
    assert_eq!(ask(&gateway, "GET", "/healthz", &many, "").await.status, 431);
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_console_for_the_network_without_tokens_does_not_start() {
    let site = Site::in_memory();
    let mut setup = site.setup();
    setup.http = Some(([0, 0, 0, 0], 0).into());
    let error = Gateway::start(setup).await.err().expect("nobody has to have a token");
    assert!(matches!(&error, Error::Setup(why) if why.contains("open to anybody")), "{error}");
    let mut setup = guarded(&site);
    setup.http = Some(([0, 0, 0, 0], 0).into());
    Gateway::start(setup).await.unwrap().stop().await.unwrap();
}
