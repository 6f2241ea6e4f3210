//! The command line of those who look back: at recorded events, and at what became of them.
//!
//! Next: replay.rs, why.rs and report.rs.

use std::path::PathBuf;

use turnpage_gateway_report::{By, Period};

use super::Format;

/// `turnpage replay`
#[derive(Debug, clap::Args)]
pub(crate) struct ReplayArgs {
    /// The venue's directory, with its `venue.yaml`.
    #[arg(long, value_name = "DIR")]
    pub(crate) venue: PathBuf,
    /// The directory of the journeys.
    #[arg(long, value_name = "DIR")]
    pub(crate) journeys: PathBuf,
    /// Events, one JSON object a line, such as `{"at":"2026-07-20 12:00","subject":"ada","zone":"gate"}`: see
    /// journeys/EVENTS.md; `-` for stdin.
    #[arg(long, value_name = "FILE")]
    pub(crate) events: PathBuf,
    /// Where everything that journeys did goes, one JSON object a line; `-` for stdout, and stdout for a comparison when absent.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "against",
        default_value_if("against", clap::builder::ArgPredicate::IsPresent, "-")
    )]
    pub(crate) out: Option<PathBuf>,
    /// An older version of the journeys: run the events through both and say which offers differ, and for whom. A
    /// difference is data: the exit code stays 0.
    #[arg(long, value_name = "DIR")]
    pub(crate) against: Option<PathBuf>,
    /// How to say what differs.
    #[arg(long, value_enum, default_value_t = Format::Text, requires = "against")]
    pub(crate) format: Format,
    /// What chance draws from, in journeys that learn, and offers are named after: a gateway's own gives what it did.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
}

/// `turnpage why`
#[derive(Debug, clap::Args)]
pub(crate) struct WhyArgs {
    /// Whom it is about, by its pseudonym; a zone is `zone.<id>`, a party `party.<name>`, the venue `venue.<id>`.
    #[arg(value_name = "SUBJECT")]
    pub(crate) subject: String,
    /// When: `2026-07-20 12:00` as the venue's clock shows it, or RFC 3339.
    #[arg(value_name = "TIME")]
    pub(crate) time: String,
    /// The venue's directory, with its `venue.yaml`; without it and journeys, the park of `demo`.
    #[arg(long, value_name = "DIR", requires = "journeys")]
    pub(crate) venue: Option<PathBuf>,
    /// The directory of the journeys.
    #[arg(long, value_name = "DIR", requires = "venue")]
    pub(crate) journeys: Option<PathBuf>,
    /// Recorded events, one JSON object a line, as `replay` reads them.
    #[arg(long, value_name = "FILE", conflicts_with = "data", required_unless_present = "data")]
    pub(crate) events: Option<PathBuf>,
    /// The data directory of a gateway that is not running; it is read, not written.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The seed in that gateway's configuration.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// How to say it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// `turnpage report`
#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// A gateway's data directory, whether it runs or not, or a file of single offers as CSV or NDJSON (`-` for stdin):
    /// see gateway/report/README.md.
    #[arg(value_name = "DATA|FILE")]
    pub(crate) from: PathBuf,
    /// What rows are by: day, journey, page and offer, and one of channel, zone, hour, role, weather and withheld.
    #[arg(long, value_delimiter = ',', default_value = "journey,offer", value_name = "WHAT")]
    pub(crate) by: Vec<By>,
    /// Over which days of the venue: `2026-07-18`, or `2026-07-18..2026-07-20`; all of them when absent.
    #[arg(long, value_name = "DAYS")]
    pub(crate) days: Option<Period>,
    /// The days that journeys' promises are held against.
    #[arg(long, value_name = "DAYS")]
    pub(crate) baseline: Option<Period>,
    /// Also write every single offer here, as CSV: of a data directory whose gateway does not run.
    #[arg(long, value_name = "FILE")]
    pub(crate) offers: Option<PathBuf>,
    /// How to say it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}
