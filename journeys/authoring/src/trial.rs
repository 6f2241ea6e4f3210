//! All plays of a set of journeys at once: which pass, what the others expected and got, and why.
//!
//! Plays are independent, so they run on as many threads as the machine has; results come in the order of the files.
//! Reads and writes no file. Before: `play`. Next: `trial/tell`, the results as text.

mod golden;
mod pledge;
pub mod record;
mod tell;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use turnpage_journeys_engine::Library;
use turnpage_journeys_expr::Diagnostic;

use crate::coverage::Coverage;
use crate::guards::Guards;
use crate::play::look::Eyes;
use crate::play::{Play, Plays, Rehearsal, Row, Stage, Transcript, judge, read};
use crate::report::Report;
use crate::script::Scripts;
use crate::source::Source;
use pledge::Pledge;
use record::Record;

pub use golden::Difference;
pub use tell::{tell, tell_coverage, tell_failure};

/// What plays are played on.
#[derive(Debug, Clone, Copy)]
pub struct Bench<'a> {
    /// The journeys.
    pub library: &'a Library,
    /// As they were written.
    pub scripts: &'a Scripts,
    /// Their guards.
    pub guards: &'a Guards,
    /// The venue.
    pub stage: &'a Stage,
}

impl<'a> Bench<'a> {
    pub(crate) fn eyes(&self) -> Eyes<'a> {
        Eyes { scripts: self.scripts, guards: self.guards }
    }
}

/// A file of plays.
#[derive(Debug, Clone)]
pub struct PlayFile {
    /// Its text.
    pub source: Source,
    /// The transcripts that must come, where there are any.
    pub golden: Option<String>,
}

/// What came of all plays.
#[derive(Debug, Clone, Default)]
pub struct Trials {
    /// Every play that was run, by file and in the order written.
    pub trials: Vec<Trial>,
    /// What is wrong with files that could not be played.
    pub report: Report,
    /// What was reached.
    pub coverage: Coverage,
    /// For every file whose plays all pass, its golden text.
    pub golden: Vec<(String, String)>,
}

/// One play that was run.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Its file.
    pub file: String,
    /// Whose play it is.
    pub journey: String,
    /// What it shows.
    pub title: String,
    /// Where it begins in its file, from 1.
    pub line: usize,
    /// What happened; nothing where the play says what the venue does not know.
    pub transcript: Option<Transcript>,
    /// What went wrong; nothing when it passed.
    pub failure: Option<Failure>,
}

/// Why a play failed.
#[derive(Debug, Clone, Default)]
pub struct Failure {
    /// The lines that failed and the properties that were broken, with the files they stand in.
    pub report: Report,
    /// Expected and came, side by side.
    pub rows: Vec<Row>,
    /// Every decision at the instant that departs.
    pub records: Vec<Record>,
    /// Where the transcript departs from the golden one.
    pub difference: Option<Difference>,
}

impl Trials {
    /// How many plays failed.
    pub fn failed(&self) -> usize {
        self.trials.iter().filter(|trial| trial.failure.is_some()).count()
    }

    /// Whether there is nothing to complain about.
    pub fn passed(&self) -> bool {
        self.failed() == 0 && self.report.errors() == 0
    }
}

/// Runs every play whose journey or title contains `filter`. `done` is raised by one for each that is through, so that
/// somebody else may look on.
pub fn run(bench: Bench<'_>, files: &[PlayFile], filter: Option<&str>, done: &AtomicUsize) -> Trials {
    let mut trials =
        Trials { coverage: Coverage::of(bench.library, bench.scripts, bench.guards), ..Trials::default() };
    let mut read_files: Vec<(&PlayFile, Plays)> = Vec::new();
    for file in files {
        match read(&file.source.text) {
            Ok(plays) => read_files.push((file, plays)),
            Err(problems) => {
                let Source { name, text } = &file.source;
                trials.report.merge(Report::of(name.clone(), text.clone(), problems));
            }
        }
    }
    let pledges = pledge::all(bench, read_files.iter().map(|(file, _)| *file), &mut trials.report);
    let wanted = |of: &str, title: &str| filter.is_none_or(|part| of.contains(part) || title.contains(part));
    let jobs: Vec<(usize, usize)> = read_files
        .iter()
        .enumerate()
        .flat_map(|(file, (_, plays))| (0..plays.plays.len()).map(move |play| (file, play)))
        .filter(|(file, play)| {
            read_files.get(*file).is_some_and(|(_, plays)| {
                plays.plays.get(*play).is_some_and(|play| wanted(&plays.of.value, &play.title.value))
            })
        })
        .collect();
    let results = Mutex::new(Vec::with_capacity(jobs.len()));
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((file, play)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Some((source, plays)) = read_files.get(*file) {
                let result = trial(bench, &pledges, source, plays, *play);
                if let (Some(result), Ok(mut results)) = (result, results.lock()) {
                    results.push(((*file, *play), result));
                }
            }
            done.fetch_add(1, Ordering::Relaxed);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(place, _)| *place);
    for (_, (trial, coverage)) in results {
        trials.coverage.merge(&coverage);
        trials.trials.push(trial);
    }
    if filter.is_none() {
        golden::compare(&mut trials, files);
    }
    trials
}

/// How many plays there are to run, for whoever shows progress.
pub fn count(files: &[PlayFile]) -> usize {
    files.iter().filter_map(|file| read(&file.source.text).ok()).map(|plays| plays.plays.len()).sum()
}

fn trial(
    bench: Bench<'_>,
    pledges: &[Pledge<'_>],
    file: &PlayFile,
    plays: &Plays,
    place: usize,
) -> Option<(Trial, Coverage)> {
    let play = plays.plays.get(place)?;
    let Source { name, text } = &file.source;
    let mut trial = Trial {
        file: name.clone(),
        journey: plays.of.value.clone(),
        title: play.title.value.clone(),
        line: crate::script::line(text, play.title.span),
        transcript: None,
        failure: None,
    };
    let report = |problems: Vec<Diagnostic>| Report::of(name.clone(), text.clone(), problems);
    let mut asked = pledge::Asked::new(pledges, &plays.of.value);
    let (coverage, ended) = played(bench, plays, play, &mut asked);
    match ended {
        Ok(transcript) => {
            let judgement = judge(play, &transcript);
            let records = |at| record::at(bench, &plays.of, play, at);
            trial.failure = judgement.departure.map(|departure| Failure {
                report: report(vec![departure.diagnostic]),
                rows: judgement.rows,
                records: std::iter::once(departure.at).chain(departure.later).flat_map(records).collect(),
                difference: None,
            });
            if let Some((at, broken)) = asked.broken(bench.stage) {
                let failure = trial.failure.get_or_insert_default();
                failure.report.merge(broken);
                if failure.records.is_empty() {
                    failure.records = records(at);
                }
            }
            trial.transcript = Some(transcript);
        }
        Err(problems) => trial.failure = Some(Failure { report: report(problems), ..Failure::default() }),
    }
    Some((trial, coverage))
}

/// One play to its end, with all it reached.
fn played(
    bench: Bench<'_>,
    plays: &Plays,
    play: &Play,
    asked: &mut pledge::Asked<'_>,
) -> (Coverage, Result<Transcript, Vec<Diagnostic>>) {
    let coverage = Coverage::of(bench.library, bench.scripts, bench.guards);
    let mut rehearsal = match Rehearsal::begin(bench.library, bench.stage, &plays.of, &play.given) {
        Ok(rehearsal) => rehearsal,
        Err(problems) => return (coverage, Err(problems)),
    };
    rehearsal.watch_coverage(bench.eyes(), coverage);
    for beat in &play.when {
        asked.pass(&mut rehearsal, beat.at.value);
        asked.beat(&mut rehearsal, beat);
    }
    if let Some(until) = &play.until {
        asked.pass(&mut rehearsal, until.value);
    }
    (rehearsal.coverage().unwrap_or_default(), rehearsal.finish())
}
