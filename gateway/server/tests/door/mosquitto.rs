//! The command-line clients of mosquitto, in both versions. Without them installed these tests say so and pass.

use std::net::SocketAddr;
use std::process::{Command, Output, Stdio};

use tokio::task::JoinHandle;

use crate::bench::Bench;
use crate::certificates::Authority;

const VERSIONS: [&str; 2] = ["mqttv311", "mqttv5"];

fn installed() -> bool {
    let found = ["mosquitto_pub", "mosquitto_sub"]
        .iter()
        .all(|name| Command::new(name).arg("--help").output().is_ok());
    if !found {
        eprintln!("skipped: mosquitto's clients are not installed");
    }
    found
}

/// Starts one of the clients with a password.
fn start(program: &str, addr: SocketAddr, account: &str, args: &[&str]) -> JoinHandle<Output> {
    let (name, password) = account.split_once(':').unwrap();
    spawn(program, addr, &[&["-u", name, "-P", password], args].concat())
}

fn spawn(program: &str, addr: SocketAddr, args: &[&str]) -> JoinHandle<Output> {
    let mut command = Command::new(program);
    command.args(["-h", "127.0.0.1", "-p", &addr.port().to_string()]).args(args);
    command.stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output().unwrap())
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn mosquitto_pub_is_done_when_its_message_is_committed() {
    if !installed() {
        return;
    }
    let mut bench = Bench::open().await;
    for version in VERSIONS {
        for qos in ["0", "1"] {
            let args = ["-V", version, "-q", qos, "-t", "v1/node/gate/event", "-m", "hello", "-i", "pub"];
            let publishing = start("mosquitto_pub", bench.addr, "gate:open sesame", &args);
            let publication = bench.publications.recv().await.unwrap();
            assert_eq!(
                (publication.topic.as_str(), &publication.payload[..]),
                ("v1/node/gate/event", &b"hello"[..])
            );
            assert!(qos == "0" || !publishing.is_finished(), "it waits for the commit");
            publication.ack.commit();
            let output = publishing.await.unwrap();
            assert!(output.status.success(), "{version} {qos}: {}", printed(&output));
        }
    }
}

#[tokio::test]
async fn mosquitto_pub_is_told_that_its_password_is_wrong() {
    if !installed() {
        return;
    }
    let bench = Bench::open().await;
    for version in VERSIONS {
        let args = ["-V", version, "-q", "1", "-t", "v1/node/gate/event", "-m", "hello"];
        let output = start("mosquitto_pub", bench.addr, "gate:wrong", &args).await.unwrap();
        assert!(!output.status.success(), "{version}");
        assert!(
            printed(&output).to_lowercase().contains("bad user name or password"),
            "{version}: {}",
            printed(&output)
        );
    }
}

#[tokio::test]
async fn mosquitto_sub_prints_offers_events_and_what_is_retained() {
    if !installed() {
        return;
    }
    let mut bench = Bench::open().await;
    for version in VERSIONS {
        let args = [
            "-V",
            version,
            "-q",
            "1",
            "-t",
            "v1/offer/+",
            "-t",
            "v1/node/#",
            "-t",
            "v1/node/+/+",
            "-C",
            "3",
            "-v",
        ];
        let birth = ["-V", version, "-q", "1", "-r", "-t", "v1/node/gate/birth", "-m", "born"];
        let publishing = start("mosquitto_pub", bench.addr, "gate:open sesame", &birth);
        assert_eq!(bench.commit_next().await.1, "born");
        publishing.await.unwrap();

        let listening = start("mosquitto_sub", bench.addr, "hub:hub secret", &args);
        // `v1/node/#` is outside the permit, so two of three filters are granted.
        bench.subscribed().await;
        bench.subscribed().await;
        assert_eq!(bench.offer("v1/offer/ada", "cocoa", 1), 1);
        let event = ["-V", version, "-q", "0", "-t", "v1/node/gate/event", "-m", "seen"];
        let publishing = start("mosquitto_pub", bench.addr, "gate:open sesame", &event);
        bench.delivered(1).await;
        assert_eq!(bench.commit_next().await.1, "seen");
        publishing.await.unwrap();
        let output = listening.await.unwrap();
        let mut lines: Vec<_> = std::str::from_utf8(&output.stdout).unwrap().lines().collect();
        lines.sort_unstable();
        assert_eq!(
            lines,
            ["v1/node/gate/birth born", "v1/node/gate/event seen", "v1/offer/ada cocoa"],
            "{version}"
        );
    }
}

#[tokio::test]
async fn mosquitto_sub_comes_back_to_its_session() {
    if !installed() {
        return;
    }
    let mut bench = Bench::open().await;
    for version in VERSIONS {
        let name = format!("band-{version}");
        let mut args = vec!["-V", version, "-q", "1", "-t", "v1/offer/ada", "-i", &name, "-c"];
        if version == "mqttv5" {
            args.extend(["-x", "3600"]);
        }
        let leaving = [&args[..], &["-E"]].concat();
        assert!(
            start("mosquitto_sub", bench.addr, "hub:hub secret", &leaving).await.unwrap().status.success()
        );
        bench.subscribed().await;
        assert!(bench.offer("v1/offer/ada", "while away", 1) >= 1);
        let back = [&args[..], &["-C", "1"]].concat();
        let output = start("mosquitto_sub", bench.addr, "hub:hub secret", &back).await.unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "while away\n",
            "{version}: {}",
            printed(&output)
        );
        bench.delivered(1).await;
    }
}

#[tokio::test]
async fn mosquitto_speaks_tls_with_a_password_and_with_a_certificate() {
    if !installed() {
        return;
    }
    let authority = Authority::new();
    let mut bench = Bench::with_tls(authority.door()).await;
    let addr = bench.door.tls_addr().unwrap();
    let (root, lift) = (authority.root(), authority.sign("lift", &[]));
    let root = root.to_str().unwrap();
    for version in VERSIONS {
        let listen = ["-V", version, "-q", "1", "-t", "v1/node/+/event", "-C", "1", "--cafile", root];
        let listening = start("mosquitto_sub", addr, "hub:hub secret", &listen);
        bench.subscribed().await;
        let (certificate, key) = (lift.certificate.to_str().unwrap(), lift.key.to_str().unwrap());
        let paper = ["--cafile", root, "--cert", certificate, "--key", key];
        let event = ["-V", version, "-q", "1", "-t", "v1/node/lift/event", "-m", "going up"];
        let publishing = spawn("mosquitto_pub", addr, &[&paper[..], &event].concat());
        let publication = bench.publications.recv().await.unwrap();
        assert_eq!(publication.account.as_str(), "lift");
        publication.ack.commit();
        let published = publishing.await.unwrap();
        assert!(published.status.success(), "{version}: {}", printed(&published));
        let heard = listening.await.unwrap();
        assert_eq!(String::from_utf8_lossy(&heard.stdout), "going up\n", "{version}: {}", printed(&heard));
    }
}
