//! Webhooks under TLS, with real handshakes: whom the gateway tells its offers, and what it does about everybody else.
//!
//! Whatever one receiver does, another gets its offers meanwhile.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use turnpage_gateway_server::webhook::{Authority, WebhookSetup};
use turnpage_gateway_server::{Gateway, Setup};

use super::TAKEN;
use crate::client::Node;
use crate::http::get;
use crate::receiver::{Answer, Receiver};
use crate::site::{Site, until};

/// Signs certificates.
struct Signer(CertifiedIssuer<'static, KeyPair>);

/// For how long a certificate is good, as years.
type Years = (i32, i32);
const GOOD: Years = (2020, 4000);
const OVER: Years = (2020, 2021);

impl Signer {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A receiver's side of TLS, with a certificate of `name`.
    fn server(&self, name: &str, (from, to): Years) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        let chain = vec![params.signed_by(&key, &self.0).unwrap().der().clone()];
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()))
    }

    fn authority(&self) -> Authority {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("root.pem");
        std::fs::write(&path, self.0.pem()).unwrap();
        Authority::read(&path).unwrap()
    }

    /// An endpoint under TLS at a port, in a hurry to try again.
    fn setup(&self, like: &Receiver, port: u16) -> WebhookSetup {
        let url = format!("https://localhost:{port}/till").parse().unwrap();
        WebhookSetup { url, authority: Some(self.authority()), ..like.setup("till") }
    }
}

/// A gateway with this endpoint and one that takes everything; an offer that both are to have.
async fn start(site: &Site, till: WebhookSetup) -> (Gateway, Receiver) {
    let mut other = Receiver::start(|_| TAKEN).await;
    let webhooks = vec![till, other.setup("other")];
    // Whatever hangs is not waited for at the end.
    let setup = Setup { webhooks, drain: Duration::from_millis(1), ..site.setup() };
    let gateway = Gateway::start(setup).await.unwrap();
    Node::connect(&gateway, site).await.sees(1, site.now()).await;
    other.request().await;
    (gateway, other)
}

/// Waits until attempts have failed for this reason, twice: the first was tried again.
async fn failed(gateway: &Gateway, reason: &str) {
    let begins = format!(r#"turnpage_webhook_failed_total{{webhook="till",reason="{reason}"}} "#);
    loop {
        let metrics = get(gateway, "/metrics").await.body;
        let count = metrics.lines().find_map(|line| line.strip_prefix(&begins)).expect("it is counted");
        if count.parse::<u64>().unwrap() >= 2 {
            return;
        }
    }
}

#[tokio::test]
async fn a_receiver_with_a_certificate_of_its_authority_is_told() {
    let (site, signer) = (Site::in_memory(), Signer::new());
    let mut till = Receiver::under_tls(signer.server("localhost", GOOD), |_| TAKEN).await;
    let setup = signer.setup(&till, till.port);
    let (gateway, _other) = start(&site, setup).await;
    assert_eq!(till.request().await.line, "POST /till HTTP/1.1");
    until(&gateway, |live| live.outbox == 0).await;
    let sent = r#"turnpage_webhook_sent_total{webhook="till"} 1"#;
    while !get(&gateway, "/metrics").await.body.contains(sent) {}
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn who_cannot_show_who_it_is_is_told_nothing() {
    let (trusted, stranger) = (Signer::new(), Signer::new());
    for (what, server) in [
        ("another authority's", stranger.server("localhost", GOOD)),
        ("another host's", trusted.server("elsewhere.example", GOOD)),
        ("one that is over", trusted.server("localhost", OVER)),
    ] {
        let site = Site::in_memory();
        let mut till = Receiver::under_tls(server, |_| TAKEN).await;
        let (gateway, _other) = start(&site, trusted.setup(&till, till.port)).await;
        failed(&gateway, "untrusted").await;
        assert!(till.has_no_request(), "{what}");
        gateway.stop().await.unwrap();
    }
}

#[tokio::test]
async fn who_does_not_answer_as_it_should_is_tried_again() {
    let signer = Signer::new();
    for (answer, reason) in [
        (Answer::Hang, "timeout"),
        (Answer::Drip, "timeout"),
        (Answer::Close, "broken"),
        (Answer::LongHead, "broken"),
        (Answer::Endless("503 Service Unavailable"), "status-5xx"),
        (Answer::Status("301 Moved Permanently\r\nLocation: https://localhost/elsewhere"), "status-3xx"),
        (Answer::Status("307 Temporary Redirect\r\nLocation: /elsewhere"), "status-3xx"),
    ] {
        let site = Site::in_memory();
        let mut till = Receiver::under_tls(signer.server("localhost", GOOD), move |_| answer).await;
        let mut setup = signer.setup(&till, till.port);
        if reason == "timeout" {
            setup.retry.timeout = Duration::from_secs(1);
        }
        let (gateway, _other) = start(&site, setup).await;
        failed(&gateway, reason).await;
        let (first, again) = (till.request().await, till.request().await);
        assert_eq!(
            (&first.line, &again.line),
            (&"POST /till HTTP/1.1".to_owned(), &first.line),
            "not followed"
        );
        gateway.stop().await.unwrap();
    }
}

#[tokio::test]
async fn who_says_nothing_at_the_handshake_holds_up_nobody() {
    let (site, signer) = (Site::in_memory(), Signer::new());
    // The system takes connections, and nobody ever reads what comes over them.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let like = Receiver::start(|_| TAKEN).await;
    let mut setup = signer.setup(&like, silent.local_addr().unwrap().port());
    setup.retry.timeout = Duration::from_millis(100);
    let (gateway, _other) = start(&site, setup).await;
    failed(&gateway, "timeout").await;
    gateway.stop().await.unwrap();
}
