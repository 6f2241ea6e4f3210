//! The command line of a gateway that runs, and of what it stored.
//!
//! Next: demo.rs, run.rs, audit.rs, token.rs and store.rs.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use clap::Subcommand;
use turnpage_gateway_server::access::Role;

/// `turnpage demo`
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// Seconds of park time in one second.
    #[arg(long, default_value_t = 600.0, value_parser = speed)]
    pub(crate) speed: f64,
    /// Visitors of the day.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) visitors: u32,
    /// The crowd of one seed walks the same every time.
    #[arg(long, default_value_t = 7)]
    pub(crate) seed: u64,
    /// Stop after this much real time, such as `60s` or `2m`; the whole day when absent.
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub(crate) real_time: Option<Duration>,
    /// Keep the log here, and go on from what it holds; a temporary directory when absent.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Print plain lines instead of drawing on the terminal.
    #[arg(long)]
    pub(crate) headless: bool,
    /// Exit 1 unless offers were made, outcomes came back and nothing was lost.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Where the MQTT front door listens; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) mqtt: SocketAddr,
    /// Where the console listens; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) http: SocketAddr,
    /// Replay another day: a directory with `queues.csv` and `weather.csv`.
    #[arg(long, value_name = "DIR")]
    pub(crate) day: Option<PathBuf>,
}

/// `turnpage run`
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// The gateway's configuration.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
}

/// `turnpage audit`
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Say whether the lines hold on to each other, and which is the first that does not.
    Verify {
        /// The data directory.
        #[arg(value_name = "DATA")]
        data: PathBuf,
        /// A head that was noted before, from `/api/v1/audit/head` or from here: it has to be among the lines.
        #[arg(long, value_name = "HEAD")]
        head: Option<String>,
    },
    /// Print the lines, oldest first, as they are on the disk: one JSON object each.
    List {
        /// The data directory.
        #[arg(value_name = "DATA")]
        data: PathBuf,
    },
}

/// `turnpage token`
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a secret, print it once, and say what to write into the configuration.
    New(TokenNewArgs),
}

/// `turnpage token new`
#[derive(Debug, clap::Args)]
pub(crate) struct TokenNewArgs {
    /// What its owner may do: viewer, author, operator or admin.
    #[arg(long, value_parser = role)]
    pub(crate) role: Role,
    /// What it is called: whose it is, or where.
    #[arg(long, value_name = "NAME", value_parser = token_name)]
    pub(crate) name: String,
    /// The first day on which it is no good, such as `2027-01-01`; without it, it is good until it is taken out.
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) until: Option<NaiveDate>,
}

fn role(text: &str) -> Result<Role, String> {
    let known = Role::ALL.into_iter().find(|role| role.as_str() == text);
    known.ok_or_else(|| format!("roles are {}", Role::ALL.map(Role::as_str).join(", ")))
}

/// What can be a key of the configuration without quotes.
fn token_name(text: &str) -> Result<String, String> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || ['-', '_'].contains(&letter);
    let begins = text.starts_with(|letter: char| letter.is_ascii_alphabetic());
    if begins && text.chars().all(fits) {
        return Ok(text.to_owned());
    }
    Err("a name begins with a letter and goes on in letters, digits, `-` and `_`".to_owned())
}

fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| format!("`{text}` is no date, such as `2027-01-01`"))
}

/// `turnpage store`
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Read everything and say what is damaged, and where.
    Verify {
        /// A data directory, or a backup's file.
        #[arg(value_name = "DATA|FILE")]
        path: PathBuf,
    },
    /// Make the snapshot as small as it can be. A running gateway also lets go of the log that its configuration does not keep.
    Compact {
        /// The data directory.
        #[arg(value_name = "DATA")]
        data: PathBuf,
    },
    /// Write everything that is acknowledged into one file, which can be restored.
    Backup {
        /// The data directory.
        #[arg(value_name = "DATA")]
        data: PathBuf,
        /// The backup's file; it must not be there yet.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Make a new data directory of a backup.
    Restore {
        /// The backup's file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The data directory; it must be new or empty.
        #[arg(value_name = "DATA")]
        data: PathBuf,
    },
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if (1.0..=100_000.0).contains(&speed) { Ok(speed) } else { Err("speed is from 1 to 100000".to_owned()) }
}

/// `90`, `90s`, `2m` or `1h`.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let seconds = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        unit => return Err(format!("`{unit}` is not a unit of time: use s, m or h")),
    };
    let count: u64 =
        digits.parse().map_err(|_| format!("`{text}` is not a length of time, such as `60s`"))?;
    match count.checked_mul(seconds) {
        Some(0) | None => Err(format!("`{text}` is no length of time to run for")),
        Some(total) => Ok(Duration::from_secs(total)),
    }
}

#[cfg(test)]
mod tests {
    use super::{duration, speed};
    use std::time::Duration;

    #[test]
    fn lengths_of_time_carry_their_unit() {
        assert_eq!(duration("60s"), Ok(Duration::from_secs(60)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        for wrong in ["", "s", "0s", "5d", "-1s", "1.5m", "99999999999999999999h", "6148914691236517206h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn speed_is_finite_and_forward() {
        assert_eq!(speed("600"), Ok(600.0));
        for wrong in ["0", "-1", "NaN", "inf", "fast"] {
            assert!(speed(wrong).is_err(), "{wrong}");
        }
    }
}
