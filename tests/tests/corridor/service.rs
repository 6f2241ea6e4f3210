//! `turnpage run` under a service manager, and how it stops: what the manager is told, and when.

use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;

use turnpage_tests::process::Process;
use turnpage_tests::workspace::turnpage;

use crate::reload::come;
use crate::run::{port_of, site};

/// What a manager hears.
struct Manager(UnixDatagram);

impl Manager {
    fn listen(directory: &Path) -> Self {
        Self(UnixDatagram::bind(directory.join("notify")).expect("a socket"))
    }

    /// The next word that begins with this; pings come in between.
    fn hears(&self, wanted: &str) -> String {
        loop {
            let mut word = [0; 1_024];
            let length = self.0.recv(&mut word).expect("a datagram");
            let word = String::from_utf8_lossy(&word[..length]).into_owned();
            if word.starts_with(wanted) {
                return word;
            }
            assert!(word.starts_with("WATCHDOG=1"), "`{wanted}` was to come before `{word}`");
        }
    }
}

fn start(site: &Path) -> Process {
    let mut command = Command::new(turnpage());
    command.args(["run", "--config"]).arg(site.join("turnpage.yaml"));
    command
        .env("NOTIFY_SOCKET", site.join("notify"))
        .env("WATCHDOG_USEC", "400000")
        .env_remove("WATCHDOG_PID");
    Process::start(&mut command)
}

#[test]
fn the_service_manager_is_told_of_every_change_and_that_it_lives() {
    let site = site("door: { listen: 127.0.0.1:0 }\n");
    let manager = Manager::listen(site.path());
    let mut gateway = start(site.path());
    assert!(manager.hears("READY=1").contains("STATUS=taking messages"));
    gateway.line_with("ready");
    manager.hears("WATCHDOG=1");
    gateway.signal("HUP");
    let reloading = manager.hears("RELOADING=1");
    let since = reloading.lines().find_map(|line| line.strip_prefix("MONOTONIC_USEC="));
    assert!(since.is_some_and(|since| since.parse::<u64>().is_ok()), "{reloading}");
    manager.hears("READY=1");
    gateway.signal("TERM");
    manager.hears("STOPPING=1");
    let (status, lines) = gateway.wait();
    assert!(status.success(), "{}", lines.join("\n"));
}

/// A receiver that takes connections and never answers would keep it for ten minutes.
#[test]
fn a_second_signal_stops_at_once() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = silent.local_addr().expect("it listens").port();
    let till = format!(
        "webhooks: {{ till: {{ url: \"http://127.0.0.1:{port}/\", secret: whsec_{}, channels: [app], timeout: 60s }} }}\n",
        "A".repeat(32)
    );
    let accounts =
        "door: { listen: 127.0.0.1:0 }\naccounts: { phones: { password: secret, role: source } }\n";
    let site = site(&format!("{accounts}{till}drain: 10m\n"));
    let manager = Manager::listen(site.path());
    let mut gateway = start(site.path());
    manager.hears("READY=1");
    come(port_of(&gateway.line_with("mqtt")));
    let _under_way = silent.accept().expect("the offer is on its way");
    gateway.signal("TERM");
    manager.hears("STOPPING=1");
    gateway.signal("TERM");
    let (status, lines) = gateway.wait();
    assert_eq!(status.code(), Some(1), "{}", lines.join("\n"));
    assert!(lines.iter().any(|line| line.starts_with("stopped at once")), "{}", lines.join("\n"));
}
