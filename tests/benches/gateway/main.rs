//! How fast the whole gateway is, beside what bounds it and what it replaces, in one run.
//!
//! In turn, so often as asked: the front door that only appends and syncs; the gateway through the same door; a
//! subscriber behind mosquitto that only counts; the gateway behind mosquitto. Then from publication to offer at shares
//! of the gateway's own rate. Clients run on the same machine and are part of every number.
//! `cargo bench -p turnpage-tests --bench gateway -- [--boards 64] [--window 16] [--messages 200000] [--rounds 3]
//! [--seconds 10] [--picture FILE.svg] [--alone] [--stages]`

mod broker;
mod durable;
mod front;
mod latency;
mod load;
mod park;
mod picture;
mod stages;

use std::path::Path;

use broker::Broker;
use load::Pace;
use park::Park;
use tempfile::TempDir;

// What the binary has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Shares of the highest rate at which latency is measured.
const LOADS: [f64; 4] = [0.25, 0.5, 0.75, 0.95];
/// Of so many events one is a probe where latency is measured: often enough for its tail.
const PROBE_EVERY: usize = 50;
/// And where it is not.
const NO_PROBES: usize = usize::MAX;

#[tokio::main]
async fn main() {
    let boards = number("--boards", 64) as u32;
    let pace = Pace::Window(number("--window", 16));
    let (messages, rounds) = (number("--messages", 200_000), number("--rounds", 3));
    let mut park = Park::new(boards);
    let asked = |name: &str| std::env::args().any(|arg| arg == name);
    if asked("--stages") {
        let day = park.day(messages, NO_PROBES);
        return stages::print(&park, day);
    }
    if asked("--alone") {
        return alone(&mut park, messages, pace).await;
    }
    let mut rates = [const { Vec::new() }; 4];
    for round in 0..rounds {
        let dir = dir();
        let front = front::rate(park.day(messages, NO_PROBES), pace, dir.path()).await;
        let dir = self::dir();
        let day = park.day(messages, NO_PROBES);
        let gateway = durable::rate(&park, day, pace, dir.path()).await;
        println!("round {}: front door, append and sync {front:.0}/s; gateway {gateway:.0}/s", round + 1);
        rates[0].push(front);
        rates[1].push(gateway);
        if let Some((counted, behind)) = through_mosquitto(&mut park, messages, pace).await {
            println!("         mosquitto, counted {counted:.0}/s; gateway behind it {behind:.0}/s");
            rates[2].push(counted);
            rates[3].push(behind);
        }
    }
    let [front, gateway, counted, behind] = rates.map(median);
    println!("\n{boards} boards, medians of {rounds} rounds of {messages} messages");
    println!("gateway / front door that appends and syncs   {:.2}", gateway / front);
    println!("gateway / counting subscriber behind mosquitto {:.2}", gateway / counted);
    println!("gateway behind mosquitto / that subscriber     {:.2}", behind / counted);
    latencies(&mut park, gateway).await;
}

/// Nothing but the gateway at its own door, for a profiler.
async fn alone(park: &mut Park, messages: usize, pace: Pace) {
    let (dir, day) = (dir(), park.day(messages, NO_PROBES));
    println!("gateway {:.0}/s", durable::rate(park, day, pace, dir.path()).await);
}

async fn through_mosquitto(park: &mut Park, messages: usize, pace: Pace) -> Option<(f64, f64)> {
    let dir = dir();
    let Some(broker) = Broker::start(dir.path()).await else {
        println!("         mosquitto is not installed: nothing is measured behind it");
        return None;
    };
    let counted = broker.counted(park.day(messages, NO_PROBES), pace).await;
    let day = park.day(messages, NO_PROBES);
    Some((counted, broker.rate(park, day, pace, dir.path()).await))
}

async fn latencies(park: &mut Park, highest: f64) {
    println!(
        "\nfrom a frame's due time to its offer, in ms:\nload    rate/s     p50     p90     p99   p99.9     max"
    );
    let mut loads = Vec::new();
    for share in LOADS {
        let rate = highest * share;
        let dir = dir();
        let day = park.day((rate * number("--seconds", 10) as f64) as usize, PROBE_EVERY);
        let taken = latency::measure(park, day, rate, dir.path()).await;
        let [p50, p90, p99, p999] =
            [0.5, 0.9, 0.99, 0.999].map(|share| picture::ms(taken.value_at_quantile(share)));
        let max = picture::ms(taken.max());
        println!("{:3.0} % {rate:9.0} {p50:7.2} {p90:7.2} {p99:7.2} {p999:7.2} {max:7.2}", share * 100.0);
        loads.push((share, taken));
    }
    if let Some(file) = option("--picture") {
        std::fs::write(&file, picture::svg(&loads)).expect("written");
        println!("the picture is in {file}");
    }
}

/// A directory on the disk that the build is on: a temporary one may be memory.
fn dir() -> TempDir {
    TempDir::new_in(Path::new(env!("CARGO_TARGET_TMPDIR"))).expect("a directory")
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_unstable_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or(f64::NAN)
}

fn number(name: &str, otherwise: usize) -> usize {
    option(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

fn option(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
