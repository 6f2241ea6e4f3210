//! TLS at the door: who comes in by a certificate, what is refused, and what garbage does.

use std::net::SocketAddr;
use std::sync::Arc;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use turnpage_gateway_server::door::{Tls, TlsFile, TlsFiles};

use crate::bench::{Bench, Raw};
use crate::certificates::{Authority, Paper};

fn accepted() -> Option<(u8, Vec<u8>)> {
    Some((0x20, vec![0, 0]))
}

fn refused() -> Option<(u8, Vec<u8>)> {
    Some((0x20, vec![0, 4]))
}

/// A client that shakes hands under TLS.
pub(crate) async fn dial(addr: SocketAddr, config: Arc<ClientConfig>) -> std::io::Result<Raw> {
    let stream = TcpStream::connect(addr).await?;
    let name = ServerName::try_from("localhost").unwrap();
    Ok(Raw(Box::new(TlsConnector::from(config).connect(name, stream).await?)))
}

#[tokio::test]
async fn a_password_counts_under_tls_too() {
    let authority = Authority::new();
    let mut bench = Bench::with_tls(authority.door()).await;
    let addr = bench.door.tls_addr().unwrap();
    let mut client = dial(addr, authority.client(None)).await.unwrap();
    assert_eq!(client.connect("gate-1", Some(("gate", "open sesame")), None).await, accepted());
    // More than one record of TLS holds.
    let long = "x".repeat(100);
    for packet_id in 1..=200 {
        client.publish(packet_id, &long).await;
        assert_eq!(bench.commit_next().await.1, long);
        assert_eq!(client.receive().await, Some((0x40, packet_id.to_be_bytes().to_vec())));
    }
    let mut wrong = dial(addr, authority.client(None)).await.unwrap();
    assert_eq!(wrong.connect("gate-2", Some(("gate", "open barley")), None).await, refused());
}

#[tokio::test]
async fn a_certificate_signs_in_as_the_account_that_bears_its_name() {
    let authority = Authority::new();
    let mut bench = Bench::with_tls(authority.door()).await;
    let addr = bench.door.tls_addr().unwrap();
    let gate = authority.sign("board 7", &["other.example", "gate.park.example"]);
    let lift = authority.sign("lift", &[]);
    for (paper, account) in [(&gate, "gate"), (&lift, "lift")] {
        let mut client = dial(addr, authority.client(Some(paper))).await.unwrap();
        assert_eq!(client.connect("any", None, None).await, accepted(), "{account}");
        let mut body = Vec::new();
        crate::bench::push_text(&mut body, &format!("v1/node/{account}/event"));
        client.send(0x30, &body).await;
        assert_eq!(bench.publications.recv().await.unwrap().account.as_str(), account);
        client.send(0xE0, &[]).await;
        assert_eq!(client.receive().await, None);
    }
    for (paper, login) in [
        (Some(&lift), Some(("gate", ""))),
        (Some(&gate), Some(("gate", "wrong"))),
        (Some(&authority.sign("hub", &[])), None),
        (None, None),
        (None, Some(("lift", ""))),
    ] {
        let mut client = dial(addr, authority.client(paper)).await.unwrap();
        assert_eq!(client.connect("other", login, None).await, refused(), "{login:?}");
    }
}

#[tokio::test]
async fn a_certificate_of_a_strange_authority_ends_the_handshake() {
    let (authority, strange) = (Authority::new(), Authority::new());
    let bench = Bench::with_tls(authority.door()).await;
    let addr = bench.door.tls_addr().unwrap();
    let config = authority.client(Some(&strange.sign("lift", &[])));
    // In TLS 1.3 a client learns of it only when it reads.
    if let Ok(mut client) = dial(addr, config).await {
        let mut byte = [0];
        assert!(client.0.read_exact(&mut byte).await.is_err());
    }
    assert_eq!(bench.handle.counters().accepted, 0);
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_who_comes_next_and_a_broken_one_to_nobody() {
    let (authority, next) = (Authority::new(), Authority::new());
    let Paper { certificate, key } = authority.sign("door", &["localhost"]);
    let tls =
        Tls::read(TlsFiles { certificate: certificate.clone(), key: key.clone(), clients: None }).unwrap();
    let bench = Bench::with_tls(tls).await;
    let addr = bench.door.tls_addr().unwrap();
    let mut before = dial(addr, authority.client(None)).await.unwrap();
    assert!(dial(addr, next.client(None)).await.is_err());

    std::fs::write(&key, "spilt ink").unwrap();
    assert_eq!(bench.door.renew_certificate().unwrap_err().file(), TlsFile::Key);
    assert!(dial(addr, authority.client(None)).await.is_ok());

    let renewed = next.sign("door", &["localhost"]);
    std::fs::copy(renewed.certificate, &certificate).unwrap();
    std::fs::copy(renewed.key, &key).unwrap();
    bench.door.renew_certificate().unwrap();
    assert!(dial(addr, next.client(None)).await.is_ok());
    assert_eq!(before.connect("gate-1", Some(("gate", "open sesame")), None).await, accepted());
}

#[test]
fn files_that_make_no_tls_are_told_apart() {
    let authority = Authority::new();
    let (one, other) = (authority.sign("one", &["localhost"]), authority.sign("other", &["localhost"]));
    let nowhere = one.key.with_file_name("nowhere");
    let told = |certificate: &_, key: &_, clients: Option<&std::path::PathBuf>| {
        let files = TlsFiles {
            certificate: Clone::clone(certificate),
            key: Clone::clone(key),
            clients: clients.cloned(),
        };
        Tls::read(files).map(|_| ()).map_err(|error| error.file())
    };
    assert_eq!(told(&one.certificate, &one.key, None), Ok(()));
    assert_eq!(told(&nowhere, &one.key, None), Err(TlsFile::Certificate));
    assert_eq!(told(&one.key, &one.key, None), Err(TlsFile::Certificate), "no certificate in it");
    assert_eq!(told(&one.certificate, &nowhere, None), Err(TlsFile::Key));
    assert_eq!(told(&one.certificate, &one.certificate, None), Err(TlsFile::Key), "no key in it");
    assert_eq!(told(&one.certificate, &other.key, None), Err(TlsFile::Key), "the key of another");
    assert_eq!(told(&one.certificate, &one.key, Some(&nowhere)), Err(TlsFile::Clients));
    assert_eq!(told(&one.certificate, &one.key, Some(&one.key)), Err(TlsFile::Clients));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 16 } else { 500 }))]

    #[test]
    fn noise_instead_of_a_handshake_ends_at_once(noise in prop::collection::vec(any::<u8>(), 5..300), record: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let authority = Authority::new();
            let bench = Bench::with_tls(authority.door()).await;
            let addr = bench.door.tls_addr().unwrap();
            let mut stream = TcpStream::connect(addr).await.unwrap();
            // Half of it dressed as a record of a handshake, so that it is looked into.
            let head = [0x16, 3, 1, 0, u8::try_from(noise.len().min(255)).unwrap()];
            let _ = stream.write_all(if record { &head } else { &[0xFF] }).await;
            let _ = stream.write_all(&noise).await;
            let _ = stream.shutdown().await;
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            assert!(dial(addr, authority.client(None)).await.is_ok(), "it still serves");
            assert_eq!(bench.handle.counters().unheard, 1);
        });
    }
}
