//! The log on stderr: how much of it is the operator's choice, and whether people read it or a machine.
//!
//! At `info` and above it names no visitor: neither pseudonyms nor ids of devices nor passwords; a test of gateway/server looks
//! for them. Before: main.rs.

use clap::ValueEnum;

/// How the log is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum LogFormat {
    /// A line for people.
    #[default]
    Text,
    /// An object a line: time, level, message, fields.
    Json,
}

/// Starts to log what is at least as important as asked for.
pub(crate) fn start(verbose: u8, format: LogFormat) {
    let level = match verbose {
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        2 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    let log = tracing_subscriber::fmt().with_max_level(level).with_target(false).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.with_ansi(console::colors_enabled_stderr()).init(),
        LogFormat::Json => {
            log.json().flatten_event(true).with_current_span(false).with_span_list(false).init();
        }
    }
}
