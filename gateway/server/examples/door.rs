//! A front door with nothing behind it, for other people's conformance suites: whatever is published is committed at
//! once. One account, `tester` with the password `password`, may do everything.
//! `cargo run -p turnpage-gateway-server --example door -- 127.0.0.1:1883`

use std::net::SocketAddr;

use tokio::sync::mpsc;
use turnpage_gateway_server::door::{Account, Accounts, Door, Filter, Limits, Permit, Places};

/// Publications on their way: as many as the gateway has.
const PUBLICATIONS_MAX: usize = 8_192;

#[tokio::main]
async fn main() {
    let addr: SocketAddr = std::env::args().nth(1).and_then(|arg| arg.parse().ok()).expect("an address");
    // Paho's suites publish under a name of their own that begins with `$`.
    let everything = || {
        ["#", "$SYS/#", "$client_test/#", "$client_test5/#"]
            .map(|filter| Filter::new(filter).expect("a filter"))
            .to_vec()
    };
    let mut accounts = Accounts::new();
    let permit = Permit::new(everything(), everything());
    accounts.insert(Account::new("tester"), Some(b"password"), permit);
    let (publications_in, mut publications) = mpsc::channel(PUBLICATIONS_MAX);
    let (notices_in, mut notices) = mpsc::channel(PUBLICATIONS_MAX);
    let places = Places { plain: Some(addr), tls: None };
    let limits = Limits::default();
    let _door = Door::bind(places, accounts, limits, publications_in, notices_in).await.expect("a place");
    loop {
        tokio::select! {
            Some(publication) = publications.recv() => publication.ack.commit(),
            Some(_) = notices.recv() => {}
            else => return,
        }
    }
}
