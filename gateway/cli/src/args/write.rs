//! The command line of those who write journeys: check, rehearse, draw, bring along.
//!
//! Next: check.rs, play.rs, test.rs, explore.rs, draw.rs, compile.rs, fmt.rs, schema.rs, lsp.rs and import.rs.

use std::path::PathBuf;

use clap::Subcommand;
use turnpage_journeys_authoring::explore::DEPTH_MAX;
use turnpage_journeys_authoring::game;
use turnpage_journeys_authoring::play::WallTime;

use super::Format;

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
