//! A webhook's receiver that is none of ours: HTTP by hand over a plain socket, so that it can hang, close and dribble,
//! and signatures checked by the reference implementation of Standard Webhooks.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio_rustls::TlsAcceptor;
use turnpage_gateway_server::webhook::{Retry, Secret, WebhookSetup, limits};

/// The secret that receivers check with, and another.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const OTHER_SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
/// Requests on their way to a test; none of them has as many.
const REQUESTS_MAX: usize = 1_024;

/// What a receiver does with a request.
#[derive(Clone, Copy)]
pub(crate) enum Answer {
    /// A status line and further headers.
    Status(&'static str),
    /// A status line and a body without an end.
    Endless(&'static str),
    /// Taken, once the test lets it.
    Held,
    /// Nothing, ever.
    Hang,
    /// Goodbye.
    Close,
    /// A head that comes byte by byte and has no end.
    Drip,
    /// A head that has no end, as fast as it goes.
    LongHead,
}

/// What a receiver was sent.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(crate) fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        Webhook::new(secret).unwrap().verify(self.body.as_bytes(), &self.headers).is_ok()
    }
}

/// A receiver, which answers its n-th request as a script says.
pub(crate) struct Receiver {
    pub(crate) port: u16,
    /// Lets one request go that is held.
    pub(crate) release: Arc<Notify>,
    requests: mpsc::Receiver<Request>,
}

impl Receiver {
    pub(crate) async fn start(script: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Self {
        Self::with(None, script).await
    }

    /// One that shakes hands first; it hears nothing from whoever does not like its certificate.
    pub(crate) async fn under_tls(
        tls: TlsAcceptor,
        script: impl Fn(usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::with(Some(tls), script).await
    }

    async fn with(
        tls: Option<TlsAcceptor>,
        script: impl Fn(usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (to, requests) = mpsc::channel(REQUESTS_MAX);
        let (script, count) = (Arc::new(script), Arc::<std::sync::atomic::AtomicUsize>::default());
        let release = Arc::<Notify>::default();
        let released = Arc::clone(&release);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, count, to) = (Arc::clone(&script), Arc::clone(&count), to.clone());
                let (released, tls) = (Arc::clone(&released), tls.clone());
                tokio::spawn(async move {
                    let next = || script(count.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
                    match tls {
                        None => serve(stream, next, to, &released).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, next, to, &released).await;
                            }
                        }
                    }
                });
            }
        });
        Self { port, release, requests }
    }

    pub(crate) async fn request(&mut self) -> Request {
        self.requests.recv().await.expect("a receiver")
    }

    pub(crate) fn has_no_request(&mut self) -> bool {
        self.requests.try_recv().is_err()
    }

    /// An endpoint that posts here, and is in a hurry to try again.
    pub(crate) fn setup(&self, name: &str) -> WebhookSetup {
        let moment = Duration::from_millis(20);
        WebhookSetup {
            name: name.into(),
            url: format!("http://127.0.0.1:{}/{name}?a=b", self.port).parse().unwrap(),
            secrets: vec![Secret::new(SECRET).unwrap(), Secret::new(OTHER_SECRET).unwrap()],
            channels: vec!["band".into()],
            staff: Vec::new(),
            concurrency: 1,
            authority: None,
            retry: Retry { timeout: limits::TIMEOUT, first: moment, last: moment },
        }
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    next: impl Fn() -> Answer,
    to: mpsc::Sender<Request>,
    released: &Notify,
) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await {
        let answer = next();
        if to.send(request).await.is_err() {
            return;
        }
        let text = match answer {
            Answer::Status(head) => format!("HTTP/1.1 {head}\r\nContent-Length: 2\r\n\r\nok"),
            Answer::Endless(head) => format!("HTTP/1.1 {head}\r\nTransfer-Encoding: chunked\r\n\r\n"),
            Answer::Held => {
                released.notified().await;
                "HTTP/1.1 204 No Content\r\n\r\n".to_owned()
            }
            Answer::Drip | Answer::LongHead => "HTTP/1.1 200 OK\r\nX-Long: ".to_owned(),
            Answer::Hang => return std::future::pending().await,
            Answer::Close => return,
        };
        if stream.write_all(text.as_bytes()).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        if let Answer::Drip | Answer::LongHead = answer {
            let (mut between, drips) =
                (tokio::time::interval(Duration::from_millis(5)), matches!(answer, Answer::Drip));
            loop {
                if drips {
                    between.tick().await;
                }
                if stream.write_all(b"x").await.is_err() || stream.flush().await.is_err() {
                    return;
                }
            }
        }
        if let Answer::Endless(_) = answer {
            let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
            while stream.write_all(chunk.as_bytes()).await.is_ok() {}
            return;
        }
    }
}

async fn read(stream: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>) -> Option<Request> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    let mut headers = http::HeaderMap::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok().filter(|read| *read > 0)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        let name: http::HeaderName = name.parse().unwrap();
        headers.insert(name, value.parse().unwrap());
    }
    let length = headers.get("content-length")?.to_str().ok()?.parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Request {
        line: line.trim_end().to_owned(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
