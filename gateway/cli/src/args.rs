//! The command line as types. Deliberately holds no behaviour: each command reads its own struct.
//! Next: the module named like the command.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser, Subcommand};
use turnpage_journeys_authoring::explore::DEPTH_MAX;
use turnpage_journeys_authoring::game;
use turnpage_journeys_authoring::play::WallTime;

use crate::log::LogFormat;

/// Context events in, journeys and offers out.
#[derive(Debug, Parser)]
#[command(name = "turnpage", version, about, max_term_width = 100)]
pub(crate) struct Args {
    /// Say more on stderr; twice for more still.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// How the log is written on stderr.
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) log: LogFormat,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What `turnpage` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// A whole park day on this machine: a gateway, a crowd, real queues, rain, and offers as they happen.
    Demo(DemoArgs),
    /// Run the gateway of a venue.
    Run(RunArgs),
    /// Say everything that is wrong with a venue, its journeys or a configuration, all at once.
    Check(CheckArgs),
    /// Play a journey in the terminal: be the visitor, move time, place and weather, and see why.
    Play(PlayArgs),
    /// Run the plays of journeys: what must come comes, nothing else does, and what no play reached.
    Test(TestArgs),
    /// Walk over everything that can happen: broken properties, spam, pages and choices nobody reaches.
    Explore(ExploreArgs),
    /// Run recorded events through a venue's journeys: NDJSON events in, NDJSON offers out.
    Replay(ReplayArgs),
    /// Say why a subject was offered what it was at an instant, and why not: one screen.
    Why(WhyArgs),
    /// Draw journeys: pages, choices, offers and where everything leads.
    Draw(DrawArgs),
    /// Compile journeys to one file, for a device that runs them without the compiler.
    Compile(CompileArgs),
    /// Write journeys, blueprints and plays in their canonical form.
    Fmt(FmtArgs),
    /// Print the JSON Schema of a kind of file, for an editor.
    Schema(SchemaArgs),
    /// Look over, tidy up, back up and restore the store of a gateway, running or not.
    #[command(subcommand)]
    Store(StoreCommand),
    /// Help while writing: a language server on stdin and stdout, for editors.
    Lsp(LspArgs),
    /// Bring journeys from elsewhere.
    #[command(subcommand)]
    Import(ImportCommand),
}

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

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ReportFormat {
    /// Message, line and caret.
    #[default]
    Text,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0, for code review.
    Sarif,
}

/// `turnpage check`
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// How findings are written: text for people goes to stderr, the others to stdout.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReportFormat,
    /// The venue's directory, with its `venue.yaml`; the sample park when absent.
    #[arg(long, value_name = "DIR")]
    pub(crate) venue: Option<PathBuf>,
    /// A gateway's configuration; its venue and journeys are checked with it.
    #[arg(long, value_name = "FILE", conflicts_with = "venue")]
    pub(crate) config: Option<PathBuf>,
    /// Try a message: say what the source of this topic would make of it, rule by rule. Nothing is admitted.
    #[arg(long, value_name = "TOPIC", requires = "config", requires = "payload")]
    pub(crate) topic: Option<String>,
    /// The message's payload; `-` for stdin.
    #[arg(long, value_name = "FILE", requires = "topic")]
    pub(crate) payload: Option<PathBuf>,
    /// An older version of the journeys: say what changed, and with `--data` or `--events` who would stay, move, begin anew
    /// or have no page.
    #[arg(long, value_name = "DIR", requires = "journeys", conflicts_with = "config")]
    pub(crate) against: Option<PathBuf>,
    /// The data directory of a gateway that ran the older version and is not running now; it is read, not written.
    #[arg(long, value_name = "DIR", requires = "against")]
    pub(crate) data: Option<PathBuf>,
    /// Recorded events, as `replay` reads them: those inside the older version are those at its end.
    #[arg(long, value_name = "FILE", requires = "against", conflicts_with = "data")]
    pub(crate) events: Option<PathBuf>,
    /// Journey files, or directories of them.
    #[arg(value_name = "PATH")]
    pub(crate) journeys: Vec<PathBuf>,
}

/// Where journeys are rehearsed.
#[derive(Debug, clap::Args)]
pub(crate) struct BenchArgs {
    /// The venue's directory, with its `venue.yaml`; the sample park when absent.
    #[arg(long, value_name = "DIR")]
    pub(crate) venue: Option<PathBuf>,
    /// The directory of the journeys, or one journey's file; the venue's directory when absent, and the journeys of the
    /// sample park without a venue.
    #[arg(long, value_name = "DIR")]
    pub(crate) journeys: Option<PathBuf>,
}

/// `turnpage play`
#[derive(Debug, clap::Args)]
pub(crate) struct PlayArgs {
    #[command(flatten)]
    pub(crate) bench: BenchArgs,
    /// The journey's name; the first when absent.
    #[arg(value_name = "JOURNEY")]
    pub(crate) journey: Option<String>,
    /// When it begins, on the venue's clock.
    #[arg(long, value_name = "TIME", default_value = "2026-07-18 10:00", value_parser = wall_time)]
    pub(crate) at: WallTime,
}

/// `turnpage test`
#[derive(Debug, clap::Args)]
pub(crate) struct TestArgs {
    #[command(flatten)]
    pub(crate) bench: BenchArgs,
    /// How to say what came of it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Also write the results as JUnit XML.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Also say which pages, choices and guard branches no play reached.
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Only plays whose title or journey contains this.
    #[arg(long, value_name = "NAME")]
    pub(crate) filter: Option<String>,
    /// Write the golden transcripts anew instead of comparing with them.
    #[arg(long, conflicts_with = "filter")]
    pub(crate) update: bool,
    /// Play files, or directories of them; `plays` beside the journeys when absent.
    #[arg(value_name = "PLAYS")]
    pub(crate) plays: Vec<PathBuf>,
}

/// `turnpage explore`
#[derive(Debug, clap::Args)]
pub(crate) struct ExploreArgs {
    #[command(flatten)]
    pub(crate) bench: BenchArgs,
    /// The walks of one seed go the same way every time.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Random walks for each journey.
    #[arg(long, default_value_t = 1_000, value_parser = bounded(0, 100_000))]
    pub(crate) walks: usize,
    /// Events of each walk.
    #[arg(long, default_value_t = 80, value_parser = bounded(1, DEPTH_MAX))]
    pub(crate) depth: usize,
    /// Try everything that can happen, so many events deep; 0 for not.
    #[arg(long, value_name = "DEPTH", default_value_t = 2, value_parser = bounded(0, 8))]
    pub(crate) exhaustive: usize,
    /// How to say what was found.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Also write the plays of what was found to a play file.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Journeys by name; all that begin by themselves when absent.
    #[arg(value_name = "JOURNEY")]
    pub(crate) names: Vec<String>,
}

/// A count between two bounds.
fn bounded(least: usize, most: usize) -> impl Fn(&str) -> Result<usize, String> + Clone {
    move |text| match text.parse() {
        Ok(count) if (least..=most).contains(&count) => Ok(count),
        _ => Err(format!("a number from {least} to {most}")),
    }
}

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

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs: one JSON object.
    Json,
}

/// `turnpage draw`
#[derive(Debug, clap::Args)]
pub(crate) struct DrawArgs {
    /// What to draw as: `svg` is a picture by itself, the others are laid out by Mermaid or Graphviz.
    #[arg(long, value_enum, default_value_t = DrawFormat::Mermaid)]
    pub(crate) format: DrawFormat,
    /// Where the picture goes; stdout when absent.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Journey files, or directories of them.
    #[arg(value_name = "JOURNEY", required = true)]
    pub(crate) journeys: Vec<PathBuf>,
}

/// `turnpage compile`
#[derive(Debug, clap::Args)]
pub(crate) struct CompileArgs {
    /// The venue's directory, with its `venue.yaml`: its facts and names go into the file.
    #[arg(long, value_name = "DIR")]
    pub(crate) venue: PathBuf,
    /// Where the compiled library goes.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Journey files, or directories of them.
    #[arg(value_name = "JOURNEYS", required = true)]
    pub(crate) journeys: Vec<PathBuf>,
}

/// What `turnpage draw` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum DrawFormat {
    /// A Mermaid flowchart.
    Mermaid,
    /// Graphviz.
    Dot,
    /// A picture.
    Svg,
}

/// `turnpage fmt`
#[derive(Debug, clap::Args)]
pub(crate) struct FmtArgs {
    /// Write nothing; exit 1 when a file is not in its canonical form.
    #[arg(long)]
    pub(crate) check: bool,
    /// Files, directories with their `plays`, or `-` for stdin to stdout.
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
}

/// `turnpage schema`
#[derive(Debug, clap::Args)]
pub(crate) struct SchemaArgs {
    /// What kind of file.
    #[arg(value_enum)]
    pub(crate) of: SchemaOf,
}

/// What has a schema.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum SchemaOf {
    /// A journey.
    Journey,
    /// A file of plays.
    Play,
    /// A blueprint.
    Blueprint,
}

/// `turnpage lsp`
#[derive(Debug, clap::Args)]
pub(crate) struct LspArgs {
    /// The venue's directory, with its `venue.yaml`; what the editor says in `initializationOptions.venue`, or else the
    /// sample park, when absent.
    #[arg(long, value_name = "DIR")]
    pub(crate) venue: Option<PathBuf>,
    /// How editors say that they speak over stdin and stdout, which is the only way there is.
    #[arg(long, hide = true)]
    pub(crate) stdio: bool,
}

/// `turnpage import`
#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// A detector model of AWS IoT Events, in the JSON that its console and its interface gave out.
    AwsIotEvents(ImportArgs),
}

/// `turnpage import aws-iot-events`
#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    /// The detector model.
    #[arg(value_name = "FILE")]
    pub(crate) model: PathBuf,
    /// Where the journey goes; stdout when absent.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

fn wall_time(text: &str) -> Result<WallTime, String> {
    game::wall_time(text).ok_or_else(|| format!("`{text}` is no time, such as `2026-07-18 10:00`"))
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
    use super::{Args, duration, speed};
    use clap::CommandFactory;
    use std::time::Duration;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

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
