//! Takes connections for the console and the API: so many, each with its time, under TLS where the config says so.
//!
//! A request's head has its bounds here; bodies have theirs where they are read. It knows no routes. Before: http.rs,
//! which made the router.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use tokio_rustls::TlsAcceptor;
use tower_service::Service as _;

use super::enter::Peer;
use crate::door::{Tls, household};
use crate::gateway::{Phase, reached};

/// Connections at once: all live streams, and their pages, and scrapers.
const CONNECTIONS_MAX: usize = 1_024;
/// Connections of one address: a control room behind one, and room for others.
const PER_ADDRESS_MAX: usize = 256;
/// How long a request's head may take to arrive, and a connection be silent between two.
const HEAD_WAIT_MAX: Duration = Duration::from_secs(15);
/// How long a TLS handshake may take.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// Fields of a request's head: browsers and proxies send twenty or thirty.
const HEAD_FIELDS_MAX: usize = 64;
/// Bytes of a request's head, and of what is read at once.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How long nobody is accepted after the system had no socket left to give.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// Serves until nobody is left at the doors, and then lets requests come to their end; whoever drops it ends them.
pub(super) async fn listen(
    listener: TcpListener,
    tls: Option<Tls>,
    router: Router,
    mut phase: watch::Receiver<Phase>,
) {
    let mut connections = JoinSet::new();
    let mut addresses: HashMap<Id, IpAddr> = HashMap::new();
    loop {
        let room = connections.len() < CONNECTIONS_MAX;
        let (stream, peer) = tokio::select! {
            _ = reached(&mut phase, Phase::Leaving) => break,
            Some(ended) = connections.join_next_with_id() => {
                let id = match ended {
                    Ok((id, ())) => id,
                    Err(error) => error.id(),
                };
                addresses.remove(&id);
                continue;
            }
            accepted = listener.accept(), if room => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!("cannot take a connection to the console: {error}");
                    tokio::time::sleep(EXHAUSTED).await;
                    continue;
                }
            },
        };
        let address = household(peer.ip());
        if addresses.values().filter(|known| **known == address).count() >= PER_ADDRESS_MAX {
            continue;
        }
        let serve = serve(stream, peer, tls.clone(), router.clone(), phase.clone());
        addresses.insert(connections.spawn(serve).id(), address);
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<Tls>,
    router: Router,
    phase: watch::Receiver<Phase>,
) {
    // An answer is written at once, or streamed in pieces that somebody waits for.
    drop(stream.set_nodelay(true));
    let Some(tls) = tls else { return exchange(stream, peer, router, phase).await };
    let accept = TlsAcceptor::from(tls.config()).accept(stream);
    match tokio::time::timeout(HANDSHAKE_MAX, accept).await {
        Ok(Ok(stream)) => exchange(stream, peer, router, phase).await,
        Ok(Err(error)) => tracing::debug!("no TLS with {peer}: {error}"),
        Err(_) => tracing::debug!("no TLS with {peer} in time"),
    }
}

/// Requests and answers of one connection.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    router: Router,
    mut phase: watch::Receiver<Phase>,
) {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        router.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT_MAX)
        .max_headers(HEAD_FIELDS_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = reached(&mut phase, Phase::Leaving) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection to the console ended: {error}");
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Nobody's clock but the test's: it goes on when everybody waits.
    #[tokio::test(start_paused = true)]
    async fn a_head_that_drips_and_a_connection_that_is_silent_are_closed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (_open, phase) = watch::channel(Phase::Open);
        let served = tokio::spawn(listen(listener, None, Router::new(), phase));
        for sent in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "] {
            let mut stream = TcpStream::connect(addr).await.unwrap();
            stream.write_all(sent.as_bytes()).await.unwrap();
            let mut told = String::new();
            stream.read_to_string(&mut told).await.unwrap();
            assert!(told.is_empty() || told.starts_with("HTTP/1.1 408"), "{sent}: {told}");
        }
        served.abort();
    }
}
