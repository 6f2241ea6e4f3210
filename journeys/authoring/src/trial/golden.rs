//! Golden transcripts: everything a file of plays did, kept beside it, so that a change shows as a difference.
//!
//! A play says what must come; its golden transcript also tells pages and copy. Whoever runs plays decides whether to write.

use std::fmt::Write as _;

use super::{Failure, PlayFile, Trial, Trials};

/// Where a transcript departs from the golden one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The line of the golden file, from 1.
    pub line: usize,
    /// What it says there; nothing at its end.
    pub expected: Option<String>,
    /// What came instead; nothing when nothing did.
    pub came: Option<String>,
}

/// Compares every file that was played whole with its golden text, and keeps the text it would have now.
pub(super) fn compare(trials: &mut Trials, files: &[PlayFile]) {
    for file in files {
        let of_file = |trial: &&mut Trial| trial.file == file.source.name;
        let mut of_file: Vec<&mut Trial> = trials.trials.iter_mut().filter(of_file).collect();
        if of_file.is_empty() || of_file.iter().any(|trial| trial.transcript.is_none()) {
            continue;
        }
        let sections: Vec<String> = of_file.iter().map(|trial| section(trial)).collect();
        if let Some(golden) = &file.golden
            && let Some((place, difference)) = first_difference(golden, &sections)
            && let Some(trial) = of_file.get_mut(place)
        {
            trial.failure.get_or_insert_with(Failure::default).difference = Some(difference);
        }
        // What a play that fails did is nothing to hold on to.
        if of_file.iter().all(|trial| trial.failure.is_none()) {
            trials.golden.push((file.source.name.clone(), sections.concat()));
        }
    }
}

/// A play in the golden text: its title, its transcript and an empty line.
fn section(trial: &Trial) -> String {
    let mut text = String::new();
    if let Some(transcript) = &trial.transcript {
        // A string takes everything: writing to it cannot fail.
        let _ = write!(text, "# {}\n{transcript}\n", trial.title);
    }
    text
}

/// The section in which the golden text first differs, and how.
fn first_difference(golden: &str, sections: &[String]) -> Option<(usize, Difference)> {
    let mut expected = golden.lines();
    let mut line = 0;
    for (place, section) in sections.iter().enumerate() {
        for came in section.lines() {
            line += 1;
            let expected = expected.next();
            if expected != Some(came) {
                let expected = expected.map(str::to_owned);
                return Some((place, Difference { line, expected, came: Some(came.to_owned()) }));
            }
        }
    }
    let expected = expected.next()?.to_owned();
    let last = sections.len().checked_sub(1)?;
    Some((last, Difference { line: line + 1, expected: Some(expected), came: None }))
}
