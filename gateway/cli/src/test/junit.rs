//! The results of plays as JUnit XML, as machines that build and test show them. A file of plays is a suite.

use anyhow::Context as _;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use turnpage_journeys_authoring::trial::{self, Trial, Trials};

/// The XML.
pub(crate) fn of(trials: &Trials) -> anyhow::Result<String> {
    let mut report = Report::new("turnpage test");
    let mut files: Vec<&str> = trials.trials.iter().map(|trial| trial.file.as_str()).collect();
    files.dedup();
    for file in files {
        let mut suite = TestSuite::new(file);
        let of_file = trials.trials.iter().filter(|trial| trial.file == file);
        suite.add_test_cases(of_file.map(case));
        report.add_test_suite(suite);
    }
    for finding in trials.report.findings() {
        let source = trials.report.sources().get(finding.source);
        let mut suite = TestSuite::new(source.map_or("", |source| source.name.as_str()));
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type(finding.diagnostic.code).set_message(&finding.diagnostic.message);
        suite.add_test_case(TestCase::new("the file can be read", status));
        report.add_test_suite(suite);
    }
    report.to_string().context("cannot write JUnit XML")
}

fn case(trial: &Trial) -> TestCase {
    let status = match &trial.failure {
        None => TestCaseStatus::success(),
        Some(failure) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let first = failure.report.findings().first();
            let message = first.map_or("its transcript is not the golden one", |finding| {
                finding.diagnostic.message.as_str()
            });
            status.set_type(first.map_or("golden", |finding| finding.diagnostic.code)).set_message(message);
            status.set_description(trial::tell_failure(trial, failure, false));
            status
        }
    };
    let mut case = TestCase::new(&trial.title, status);
    case.set_classname(&trial.journey);
    case
}

#[cfg(test)]
mod tests {
    use turnpage_journeys_authoring::trial::{Failure, Trial, Trials};

    /// What is written is JUnit: its own reader reads it back, with everything that XML must escape.
    #[test]
    fn what_is_written_reads_back() {
        let trial = |title: &str, failure: Option<Failure>| Trial {
            file: "plays/a&b.yaml".to_owned(),
            journey: "rainy-day".to_owned(),
            title: title.to_owned(),
            line: 3,
            transcript: None,
            failure,
        };
        let report = turnpage_journeys_authoring::Report::of("broken.yaml", "plays_of", Vec::new());
        let trials = Trials {
            trials: vec![trial("5 < 6 & \"more\"", None), trial("fails", Some(Failure::default()))],
            report,
            ..Trials::default()
        };
        let xml = super::of(&trials).expect("it can be written");
        let read = quick_junit::Report::deserialize_from_str(&xml).expect("it is JUnit");
        assert_eq!((read.tests, read.failures, read.errors), (2, 1, 0));
        let suite = read.test_suites.first().expect("a file is a suite");
        assert_eq!(suite.name.as_str(), "plays/a&b.yaml");
        assert_eq!(suite.test_cases.first().map(|case| case.name.as_str()), Some("5 < 6 & \"more\""));
    }
}
