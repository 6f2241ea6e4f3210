//! The ceiling: the same front door with a shard behind it that appends what came to a file and syncs it, nothing more.

use std::fs::File;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use tokio::sync::mpsc;
use turnpage_gateway_server::door::{Account, Accounts, Door, Filter, Limits, Permit, Places, Publication};

use crate::load::{Boards, Pace};
use crate::park::{Day, PASSWORD, name};

/// Room in the shard's channel, and the most in one group: as the gateway has it.
const INBOUND_MAX: usize = 8_192;
const GROUP_MAX: usize = 4_096;

/// Messages a second.
pub(crate) async fn rate(day: Day, pace: Pace, dir: &Path) -> f64 {
    let mut accounts = Accounts::new();
    for n in (0..).take(day.by_node.len()) {
        let everything = Filter::new("#").into_iter().collect();
        accounts.insert(
            Account::new(&name(n)),
            Some(PASSWORD.as_bytes()),
            Permit::new(everything, Vec::new()),
        );
    }
    let (publications_in, publications) = mpsc::channel(INBOUND_MAX);
    let (notices_in, _notices) = mpsc::channel(1);
    let places = Places { plain: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))), tls: None };
    let door =
        Door::bind(places, accounts, Limits::default(), publications_in, notices_in).await.expect("a port");
    let file = File::create(dir.join("appended")).expect("a file");
    let shard = std::thread::spawn(move || append(file, publications));
    let count: usize = day.by_node.iter().map(Vec::len).sum();
    let boards = Boards::connect(door.plain_addr().expect("a place"), day, pace).await;
    let began = boards.go().await;
    boards.done().await;
    let took = began.elapsed();
    door.stop(std::time::Duration::from_secs(5)).await;
    shard.join().expect("the shard");
    count as f64 / took.as_secs_f64()
}

fn append(mut file: File, mut publications: mpsc::Receiver<Publication>) {
    let (mut group, mut bytes) = (Vec::with_capacity(GROUP_MAX), Vec::new());
    while publications.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
        bytes.clear();
        for Publication { topic, payload, .. } in &group {
            bytes.extend((topic.as_str().len() as u32).to_be_bytes());
            bytes.extend(topic.as_str().as_bytes());
            bytes.extend((payload.len() as u32).to_be_bytes());
            bytes.extend(payload);
        }
        file.write_all(&bytes).and_then(|()| file.sync_data()).expect("written");
        group.drain(..).for_each(|publication| publication.ack.commit());
    }
}
