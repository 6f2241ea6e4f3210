//! A mosquitto of a test's own, as Debian ships it, that can be stopped, killed and started again with what it has kept.
//! Deliberately has no opinion on how it is set up: whoever starts it writes the lines of its configuration.

use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::net::TcpListener;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::Process;

/// Where ports are looked for: below those that a system hands out by itself, so that no connection that is made meanwhile,
/// perhaps to the very port while nobody listens there, can have taken it.
const PORTS: RangeInclusive<u16> = 12_000..=29_999;
/// So often another port is tried when somebody else was faster.
const TRIES: u32 = 20;

/// A mosquitto and its ports, which stay the same.
pub struct Mosquitto {
    port: u16,
    second_port: u16,
    config: PathBuf,
    process: Option<Process>,
}

impl Mosquitto {
    /// Starts one that keeps its files in `directory`; `config` is put behind its listener on loopback. `None` with a message
    /// where it is not installed.
    ///
    /// # Panics
    /// When it cannot be set up.
    #[must_use]
    pub fn start(directory: &Path, config: &str) -> Option<Self> {
        Self::start_with(directory, config, None)
    }

    /// The same with a second listener on loopback, which has lines of its own.
    ///
    /// # Panics
    /// When it cannot be set up.
    #[must_use]
    pub fn start_with(directory: &Path, config: &str, second: Option<&str>) -> Option<Self> {
        if !is_installed() {
            return None;
        }
        let path = directory.join("mosquitto.conf");
        for _ in 0..TRIES {
            let (port, second_port) = (free_port(), free_port());
            let mut text = format!("listener {port} 127.0.0.1\nuser root\nset_tcp_nodelay true\n{config}\n");
            if let Some(second) = second {
                text += &format!("listener {second_port} 127.0.0.1\n{second}\n");
            }
            fs::write(&path, text).expect("the directory takes files");
            let mut process = spawn(&path);
            if process.next_line("running").is_some() {
                return Some(Self { port, second_port, config: path, process: Some(process) });
            }
            let said = process.seen();
            assert!(said.contains("Address already in use"), "mosquitto does not start; it said:\n{said}");
        }
        panic!("somebody else was faster at {TRIES} ports");
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its second listener is, if it has one.
    #[must_use]
    pub fn second_port(&self) -> u16 {
        self.second_port
    }

    /// Starts it again after [`Self::stop`] or [`Self::kill`].
    ///
    /// # Panics
    /// When it does not start.
    pub fn again(&mut self) {
        let mut process = spawn(&self.config);
        process.line_with("running");
        self.process = Some(process);
    }

    /// What it says: with `log_type all` in its configuration, every packet.
    ///
    /// # Panics
    /// When it does not run.
    pub fn process(&mut self) -> &mut Process {
        self.process.as_mut().expect("it runs")
    }

    /// Has it end and keep what it keeps.
    ///
    /// # Panics
    /// When it does not end well.
    pub fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            let (status, lines) = process.interrupt();
            assert!(status.success(), "mosquitto did not end well: {}", lines.join("\n"));
        }
    }

    /// Kills it.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }
}

fn spawn(config: &Path) -> Process {
    let daemon = ["/usr/sbin/mosquitto", "mosquitto"].into_iter().find(|it| Path::new(it).exists());
    Process::start(Command::new(daemon.unwrap_or("mosquitto")).arg("-c").arg(config))
}

/// A port at which nobody listens.
fn free_port() -> u16 {
    let span = u64::from(PORTS.end() - PORTS.start()) + 1;
    loop {
        let chance = RandomState::new().hash_one(()) % span;
        let port = PORTS.start() + u16::try_from(chance).expect("within the span");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Whether mosquitto and its clients are there; says so where they are not.
#[must_use]
pub fn is_installed() -> bool {
    let there = Command::new("mosquitto_pub")
        .arg("--help")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if !there {
        eprintln!("skipped: mosquitto and its clients are not installed");
    }
    there
}
