//! The command line as types. Deliberately holds no behaviour: each command reads its own struct.
//! Next: args/run.rs, args/write.rs and args/look.rs, then the module named like the command.

mod look;
mod run;
mod write;

use clap::{ArgAction, Parser, Subcommand};

use crate::log::LogFormat;
pub(crate) use look::{ReplayArgs, ReportArgs, WhyArgs};
pub(crate) use run::{AuditCommand, DemoArgs, RunArgs, StoreCommand, TokenCommand, TokenNewArgs};
pub(crate) use write::{
    BenchArgs, CheckArgs, CompileArgs, DrawArgs, DrawFormat, ExploreArgs, FmtArgs, ImportArgs, ImportCommand,
    LspArgs, PlayArgs, ReportFormat, SchemaArgs, SchemaOf, TestArgs,
};

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
    /// What offers came to: click-through, conversion, value and lift, with their intervals.
    Report(ReportArgs),
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
    /// Read who did what to a gateway, and whether anything of it was changed.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Make tokens for the console and the API.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Help while writing: a language server on stdin and stdout, for editors.
    Lsp(LspArgs),
    /// Bring journeys from elsewhere.
    #[command(subcommand)]
    Import(ImportCommand),
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs: one JSON object.
    Json,
}

#[cfg(test)]
mod tests {
    use super::Args;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }
}
