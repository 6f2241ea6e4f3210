//! `turnpage check --config FILE --topic TOPIC --payload FILE`: what a source would make of a message, rule by rule.
//!
//! The bench of whoever writes a mapping: the same code as the live way, and nothing is admitted. Events go to stdout, one
//! JSON object a line, what led to them to stderr. Before: check.rs. Next: gateway/sources.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use turnpage_gateway_core::Timestamp;
use turnpage_gateway_server::source::{Mapped, PAYLOAD_MAX, Source, Told, Trouble};

use crate::{load, out, run};

/// Shows what becomes of a message; exit 1 when it is malformed, or no source's.
pub(super) fn run(config: &Path, topic: &str, payload: &Path) -> anyhow::Result<ExitCode> {
    let prepared = match run::prepare(config)? {
        Ok(prepared) => prepared,
        Err(report) => return Ok(load::print(&report)),
    };
    let sources = prepared.sources();
    let payload = read(payload)?;
    let Some(source) = sources.iter().find(|source| source.owns_text(topic)) else {
        let known: Vec<String> = sources.iter().map(|source| listed(source)).collect();
        eprintln!("`{topic}` is no source's; sources are: {}", known.join(", "));
        return Ok(ExitCode::FAILURE);
    };
    eprintln!("source {}", listed(source));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let explained = source.explain(Timestamp(i64::try_from(now).unwrap_or(i64::MAX)), topic, &payload);
    for (number, told) in (1..).zip(&explained.rules) {
        match told {
            Told::Said(events) if events.len() == 1 => eprintln!("  rule {number}: 1 event"),
            Told::Said(events) => eprintln!("  rule {number}: {} events", events.len()),
            Told::Skipped(None) => eprintln!("  rule {number}: does not apply"),
            Told::Skipped(Some(why)) => eprintln!("  rule {number}: does not apply: {why}"),
            Told::Trouble(_) => {}
        }
    }
    match explained.mapped {
        Mapped::Events(events) => {
            for event in &events {
                out::put(serde_json::to_string(event)? + "\n")?;
            }
            eprintln!("mapped");
            Ok(ExitCode::SUCCESS)
        }
        Mapped::Ignored => {
            eprintln!("ignored: no rule is about this message");
            Ok(ExitCode::SUCCESS)
        }
        Mapped::Malformed(trouble) => {
            eprint!("{}", drawn(&trouble));
            Ok(ExitCode::FAILURE)
        }
    }
}

fn listed(source: &Source) -> String {
    format!("`{}` ({})", source.name, source.topics.as_str())
}

/// A payload from a file, or from stdin for `-`; no longer than shows that it is too long.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut payload = Vec::new();
    let most = PAYLOAD_MAX as u64 + 1;
    if path == Path::new("-") {
        std::io::stdin().take(most).read_to_end(&mut payload).context("cannot read stdin")?;
    } else {
        let read = load::plain(path)?.take(most).read_to_end(&mut payload);
        read.with_context(|| format!("cannot read `{}`", path.display()))?;
    }
    Ok(payload)
}

/// The trouble, with the place in the expression under it.
fn drawn(trouble: &Trouble) -> String {
    let mut drawn = format!("malformed: {trouble}\n");
    let (start, end) = (trouble.span.start as usize, trouble.span.end as usize);
    // An expression of several lines is too long to draw.
    if let (Some(before), Some(under)) = (trouble.text.get(..start), trouble.text.get(start..end))
        && !trouble.text.is_empty()
        && !trouble.text.contains('\n')
    {
        let (indent, carets) = (before.chars().count(), under.chars().count().max(1));
        drawn.push_str(&format!("    {}\n    {}{}\n", trouble.text, " ".repeat(indent), "^".repeat(carets)));
    }
    drawn
}

#[cfg(test)]
mod tests {
    use turnpage_gateway_server::source::TroubleKind;
    use turnpage_journeys_authoring::Span;

    use super::*;

    #[test]
    fn the_place_is_drawn_under_the_expression() {
        let trouble = Trouble {
            kind: TroubleKind::Missing,
            rule: 2,
            path: "signal.value",
            text: "double(payload.wait)".to_owned(),
            span: Span::new(7, 19),
            message: "`wait` is missing".to_owned(),
        };
        let expected = "malformed: rule 2, signal.value: `wait` is missing\n    double(payload.wait)\n           ^^^^^^^^^^^^\n";
        assert_eq!(drawn(&trouble), expected);
    }
}
