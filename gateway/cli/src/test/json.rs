//! The results of plays as one JSON object, for programs. Holds nothing the text does not say.

use serde_json::{Value, json};
use turnpage_journeys_authoring::trial::record::{Decision, Record, Standing};
use turnpage_journeys_authoring::trial::{Failure, Trial, Trials};
use turnpage_journeys_authoring::{Report, Source, coverage};

/// Everything that came of the plays; coverage where the texts are given to name its lines with.
pub(crate) fn of(trials: &Trials, sources: Option<&Vec<Source>>) -> Value {
    let mut whole = json!({
        "passed": trials.trials.len() - trials.failed(),
        "failed": trials.failed(),
        "plays": trials.trials.iter().map(trial).collect::<Vec<_>>(),
        "problems": problems(&trials.report),
    });
    if let (Some(sources), Some(whole)) = (sources, whole.as_object_mut()) {
        whole.insert("coverage".to_owned(), covered(&trials.coverage, sources));
    }
    whole
}

fn trial(trial: &Trial) -> Value {
    json!({
        "file": trial.file,
        "line": trial.line,
        "journey": trial.journey,
        "play": trial.title,
        "passed": trial.failure.is_none(),
        "failure": trial.failure.as_ref().map(failure),
        "transcript": trial.transcript.as_ref().map(ToString::to_string),
    })
}

fn failure(failure: &Failure) -> Value {
    let row = |row: &turnpage_journeys_authoring::play::Row| json!({ "at": row.at.to_string(), "expected": row.expected, "came": row.came });
    json!({
        "problems": problems(&failure.report),
        "rows": failure.rows.iter().map(row).collect::<Vec<_>>(),
        "records": failure.records.iter().map(record).collect::<Vec<_>>(),
        "golden": failure.difference.as_ref().map(|difference| json!({
            "line": difference.line,
            "expected": difference.expected,
            "came": difference.came,
        })),
    })
}

fn record(record: &Record) -> Value {
    json!({
        "at": record.at.to_string(),
        "cause": record.cause,
        "within": record.within,
        "page": record.page,
        "not_admitted": record.shut_out,
        "choices": record.choices.iter().map(decision).collect::<Vec<_>>(),
    })
}

fn decision(decision: &Decision) -> Value {
    let (standing, why) = match &decision.standing {
        Standing::Taken => ("taken", None),
        Standing::Open => ("open", None),
        Standing::Waits(what) => ("waits", Some(what)),
        Standing::Closed(why) => ("closed", Some(why)),
    };
    json!({
        "condition": decision.condition,
        "consequence": decision.consequence,
        "standing": standing,
        "why": why,
        "values": decision.values,
        "conditions": decision.conditions,
    })
}

fn problems(report: &Report) -> Vec<Value> {
    let problem = |finding: &turnpage_journeys_authoring::Finding| {
        let source = report.sources().get(finding.source);
        let span = finding.diagnostic.span;
        json!({
            "file": source.map(|source| &source.name),
            "line": source.map(|source| line(&source.text, span.start as usize)),
            "code": finding.diagnostic.code,
            "message": finding.diagnostic.message,
            "help": finding.diagnostic.help,
        })
    };
    report.findings().iter().map(problem).collect()
}

fn covered(coverage: &coverage::Coverage, sources: &[Source]) -> Value {
    let share = |share: coverage::Share| json!({ "reached": share.reached, "of": share.of });
    let journey = |reached: &coverage::Reached| {
        json!({
            "journey": reached.journey,
            "pages": share(reached.pages()),
            "choices": share(reached.choices()),
            "guard_branches": share(reached.branches()),
        })
    };
    let unreached = |one: &coverage::Unreached| {
        let source = sources.get(one.place.0);
        json!({
            "journey": one.journey,
            "file": source.map(|source| &source.name),
            "line": source.map(|source| line(&source.text, one.place.1)),
            "what": one.what,
        })
    };
    json!({
        "journeys": coverage.journeys.iter().map(journey).collect::<Vec<_>>(),
        "unreached": coverage.unreached().iter().map(unreached).collect::<Vec<_>>(),
    })
}

fn line(text: &str, start: usize) -> usize {
    text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1
}
