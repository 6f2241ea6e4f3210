//! A mosquitto of a test's own, as Debian ships it, that can be stopped, killed and started again with what it has kept.
//! Deliberately has no opinion on how it is set up: whoever starts it writes the lines of its configuration.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::Process;

/// A mosquitto and its port, which stays the same.
pub struct Mosquitto {
    port: u16,
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
        if !is_installed() {
            return None;
        }
        // Free now, and nobody else asks for it in the moment until mosquitto does.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let path = directory.join("mosquitto.conf");
        let head = format!("listener {port} 127.0.0.1\nuser root\nset_tcp_nodelay true\n");
        fs::write(&path, format!("{head}{config}\n")).expect("the directory takes files");
        let mut broker = Self { port, config: path, process: None };
        broker.again();
        Some(broker)
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it again after [`Self::stop`] or [`Self::kill`].
    ///
    /// # Panics
    /// When it does not start.
    pub fn again(&mut self) {
        let daemon = ["/usr/sbin/mosquitto", "mosquitto"].into_iter().find(|d| Path::new(d).exists());
        let mut process =
            Process::start(Command::new(daemon.unwrap_or("mosquitto")).arg("-c").arg(&self.config));
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
