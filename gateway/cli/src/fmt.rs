//! `turnpage fmt`: journeys, blueprints and plays in their canonical form.
//!
//! A file that cannot be read is reported and left as it is; the others are formatted all the same. Before: args.rs. The form is
//! made in journeys/authoring.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use turnpage_journeys_authoring::source::FILE_BYTES_MAX;
use turnpage_journeys_authoring::{Report, Sources, format};

use crate::args::FmtArgs;
use crate::{load, out};

/// Formats what it is given; names the files that changed, or that would.
pub(crate) fn run(args: &FmtArgs) -> anyhow::Result<ExitCode> {
    let mut changed = 0;
    let mut report = Report::default();
    for path in &args.paths {
        if path.as_os_str() == "-" {
            changed += usize::from(stdin(args.check, &mut report)?);
            continue;
        }
        let mut sources = Sources::load(path)?;
        let plays = path.join("plays");
        if plays.is_dir() {
            sources.merge(Sources::load(&plays)?);
        }
        let unread: Vec<usize> = sources.report().findings().iter().map(|finding| finding.source).collect();
        for (_, source) in sources.iter().enumerate().filter(|(nth, _)| !unread.contains(nth)) {
            match format(&source.text) {
                Ok(formatted) if formatted == source.text => {}
                Ok(formatted) => {
                    changed += 1;
                    out::put(format_args!("{}\n", source.name))?;
                    if !args.check {
                        std::fs::write(Path::new(&source.name), formatted)
                            .with_context(|| format!("cannot write `{}`", source.name))?;
                    }
                }
                Err(problems) => report.merge(Report::of(&*source.name, &*source.text, problems)),
            }
        }
        report.merge(sources.report().clone());
    }
    let code = load::print(&report);
    Ok(if args.check && changed > 0 { ExitCode::FAILURE } else { code })
}

/// Formats stdin to stdout; with `check` only says whether it would change.
fn stdin(check: bool, report: &mut Report) -> anyhow::Result<bool> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).context("cannot read stdin")?;
    anyhow::ensure!(bytes.len() as u64 <= FILE_BYTES_MAX, "stdin is longer than {FILE_BYTES_MAX} bytes");
    let text = String::from_utf8(bytes).context("stdin is not UTF-8 text")?;
    match format(&text) {
        Ok(formatted) => {
            if !check {
                std::io::stdout().write_all(formatted.as_bytes()).context("cannot write to stdout")?;
            }
            Ok(formatted != text)
        }
        Err(problems) => {
            report.merge(Report::of("-", text, problems));
            Ok(false)
        }
    }
}
