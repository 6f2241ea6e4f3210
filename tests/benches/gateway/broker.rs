//! Behind mosquitto: a subscriber that only counts and acknowledges, and the gateway in its place.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event, MqttOptions};
use tokio::time::interval;
use turnpage_gateway_server::{BrokerSetup, Gateway};

use crate::load::{Boards, Pace};
use crate::park::{Day, Park};

/// How often is looked whether something has come about.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// What the counting subscriber lets be in flight: what the gateway does.
const RECEIVE_MAX: u16 = 1_024;

/// A broker of our own on loopback, that drops nothing.
pub(crate) struct Broker {
    child: Child,
    addr: SocketAddr,
}

impl Broker {
    /// None where mosquitto is not installed.
    pub(crate) async fn start(dir: &Path) -> Option<Self> {
        let free =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|it| it.local_addr()).expect("a port");
        let config = format!(
            "listener {} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\nmax_queued_messages 0\n",
            free.port()
        );
        let path = dir.join("mosquitto.conf");
        std::fs::write(&path, config).expect("written");
        let mut command = Command::new("mosquitto");
        let child = command.arg("-c").arg(path).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let mut look = interval(LOOK_EVERY);
        while tokio::net::TcpStream::connect(free).await.is_err() {
            look.tick().await;
        }
        Some(Self { child, addr: free })
    }

    /// Messages a second that reach a subscriber who counts and acknowledges them.
    pub(crate) async fn counted(&self, day: Day, pace: Pace) -> f64 {
        let count: usize = day.by_node.iter().map(Vec::len).sum();
        let mut options = MqttOptions::new("counts", self.addr.ip().to_string(), self.addr.port());
        options.set_receive_maximum(Some(RECEIVE_MAX));
        let (client, mut events) = AsyncClient::new(options, usize::from(RECEIVE_MAX));
        client.subscribe("turnpage/v1/park-day/node/+/event", QoS::AtLeastOnce).await.expect("asked");
        until(&mut events, 1, |packet| matches!(packet, Packet::SubAck(_))).await;
        let boards = Boards::connect(self.addr, day, pace).await;
        let began = boards.go().await;
        until(&mut events, count, |packet| matches!(packet, Packet::Publish(_))).await;
        let took = began.elapsed();
        boards.done().await;
        count as f64 / took.as_secs_f64()
    }

    /// Messages a second that the gateway takes in from it, and acknowledges after its commit.
    pub(crate) async fn rate(&self, park: &Park, day: Day, pace: Pace, dir: &Path) -> f64 {
        let count = day.by_node.iter().map(Vec::len).sum::<usize>() as u64;
        let mut setup = park.setup(&dir.join("data"));
        setup.door = None;
        let (host, port) = (self.addr.ip().to_string(), self.addr.port());
        setup.broker = Some(BrokerSetup {
            host,
            port,
            client: "gateway".into(),
            login: None,
            tls: None,
            logins: Vec::new(),
            certificate_until_s: None,
        });
        let gateway = Gateway::start(setup).await.expect("a gateway");
        // It subscribes as soon as it is connected, and boards come after that.
        let mut look = interval(LOOK_EVERY);
        while gateway.trouble().is_some() {
            look.tick().await;
        }
        let boards = Boards::connect(self.addr, day, pace).await;
        let began = boards.go().await;
        let mut live = gateway.live();
        live.wait_for(|live| live.counters.admitted >= count).await.expect("the gateway runs");
        let took = began.elapsed();
        boards.done().await;
        gateway.stop().await.expect("stopped");
        count as f64 / took.as_secs_f64()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn until(events: &mut rumqttc::v5::EventLoop, count: usize, wanted: impl Fn(&Packet) -> bool) {
    let mut seen = 0;
    while seen < count {
        if let Event::Incoming(packet) = events.poll().await.expect("connected") {
            seen += usize::from(wanted(&packet));
        }
    }
}
