//! All texts against one venue: read, compile, and everything that is wrong over all of them at once.
//!
//! Blueprints come first, for journeys are made from them. Next: the gateway runs the library, or `render` shows the report.

use std::collections::{BTreeMap, BTreeSet};

use turnpage_journeys_document::Node;
use turnpage_journeys_engine::{Definition, Library, Problem, compile};
use turnpage_journeys_expr::{Diagnostic, Schema, Severity, Span};

use crate::blueprint::{self, Blueprints, Part};
use crate::lint::lint;
use crate::read::{Places, is_journey, parsed, read_tree};
use crate::report::{Finding, Report};
use crate::script::{Script, Scripts};
use crate::source::Sources;

/// What a check found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The journeys, ready to run; absent when the report has an error.
    pub library: Option<Library>,
    /// Errors and warnings, by text and place, with the texts they are about.
    pub report: Report,
    /// The journeys as they were written, as far as they could be read.
    pub scripts: Scripts,
}

/// What the compiler says about a journey as a whole. It is only true of a whole journey, and would mislead where keys or
/// names are still wrong.
const OF_WHOLE_JOURNEYS: [&str; 5] =
    ["no-pages", "no-way-in", "unreachable-page", "unused-offer", "empty-choice"];

/// Names that lead nowhere, which leave a hole in the graph.
const HOLES: [&str; 2] = ["unknown-page", "unknown-offer"];

/// Where a definition came from.
struct Origin {
    /// Index of its text.
    source: usize,
    /// The texts of the blueprints it is made from.
    parts: Vec<Part>,
    /// The journey's name, for those who read about its blueprint.
    name: String,
    places: Places,
    /// The text had errors of its own, so parts of the definition are missing.
    partial: bool,
    /// It has no name, or one that nobody gave it.
    nameless: bool,
}

/// Reads every text and compiles the journeys in them against the facts of a venue.
///
/// A text that is no journey is passed over, unless all are.
pub fn check(sources: Sources, schema: &Schema) -> Checked {
    let mut check = Check { report: sources.report, schema, noted: BTreeMap::new(), journeys: Vec::new() };
    let trees = check.parse();
    let mut blueprints = check.blueprints(&trees);
    for (source, root) in trees.iter().filter(|(_, root)| is_journey(root)) {
        check.journey(*source, root, &mut blueprints);
    }
    let own = check.journeys.len();
    check.unused(&mut blueprints);
    if check.journeys.is_empty() && blueprints.is_empty() {
        check.no_journey();
    }
    check.compile(own)
}

/// A text, a place in it, and what is wrong there: code and message.
type Place = (usize, Span, &'static str, String);

struct Check<'a> {
    report: Report,
    schema: &'a Schema,
    /// What is wrong in blueprints, and with which journeys it was seen.
    noted: BTreeMap<Place, (Diagnostic, BTreeSet<String>)>,
    journeys: Vec<(Definition, Origin)>,
}

impl Check<'_> {
    /// The texts that are YAML, by their index.
    fn parse(&mut self) -> Vec<(usize, Node)> {
        let unreadable: BTreeSet<usize> =
            self.report.findings().iter().map(|finding| finding.source).collect();
        let mut trees = Vec::new();
        for source in (0..self.report.sources().len()).filter(|source| !unreadable.contains(source)) {
            let text = self.report.sources().get(source).map_or("", |source| source.text.as_str());
            match parsed(text) {
                Ok(root) => trees.push((source, root)),
                Err(diagnostics) => self.report.extend(source, diagnostics),
            }
        }
        trees
    }

    fn blueprints(&mut self, trees: &[(usize, Node)]) -> Blueprints {
        let mut blueprints = Blueprints::default();
        for (source, root) in trees {
            let mut problems = Vec::new();
            let length = self.length(*source);
            if let Some(Some(mut blueprint)) = blueprint::read(root, *source, length, &mut problems) {
                blueprint.check(&mut blueprints, self.schema, &mut problems);
                blueprint.broken = problems.iter().any(|problem| problem.severity == Severity::Error);
                problems.extend(blueprints.add(blueprint));
            }
            self.report.extend(*source, problems);
        }
        blueprints
    }

    fn length(&self, source: usize) -> usize {
        self.report.sources().get(source).map_or(0, |source| source.text.len())
    }

    fn journey(&mut self, source: usize, root: &Node, blueprints: &mut Blueprints) {
        let mut problems = Vec::new();
        let length = self.length(source);
        match blueprints.fill(root, length, self.schema, &mut problems) {
            None => self.read(source, root, Vec::new(), false),
            Some(filled) if filled.broken => {}
            Some(filled) if problems.is_empty() => self.read(source, &filled.root, filled.parts, false),
            Some(filled) => {
                // What is missing in the holes would be told again as wrong guards.
                let name = read_tree(root).definition.map(|definition| definition.name.value);
                self.told(source, &filled.parts, &name.unwrap_or_default(), problems);
            }
        }
    }

    /// Looks at blueprints that no journey uses, if their defaults make a journey: what is wrong should not wait for a user.
    fn unused(&mut self, blueprints: &mut Blueprints) {
        let used: BTreeSet<usize> =
            (self.journeys.iter()).flat_map(|(_, origin)| &origin.parts).map(|part| part.source).collect();
        let unused: Vec<_> = blueprints
            .iter()
            .filter(|blueprint| !used.contains(&blueprint.source) && blueprint.stands_alone())
            .cloned()
            .collect();
        for blueprint in unused {
            let mut problems = Vec::new();
            let filled = blueprints.alone(&blueprint, self.schema, &mut problems);
            if filled.broken {
                continue;
            }
            if problems.is_empty() {
                self.read(blueprint.source, &filled.root, filled.parts, true);
            } else {
                self.told(blueprint.source, &filled.parts, "", problems);
            }
        }
    }

    fn read(&mut self, source: usize, root: &Node, parts: Vec<Part>, nameless: bool) {
        let mut reading = read_tree(root);
        if nameless {
            reading.diagnostics.retain(|problem| problem.message != "missing key `journey`");
        }
        let partial = reading.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        let name =
            reading.definition.as_ref().map_or_else(String::new, |definition| definition.name.value.clone());
        self.told(source, &parts, &name, reading.diagnostics);
        if let Some(definition) = reading.definition {
            let nameless = nameless || name.is_empty();
            let origin = Origin { source, parts, name, places: reading.places, partial, nameless };
            self.journeys.push((definition, origin));
        }
    }

    /// Puts each problem into the text it is in. One in a blueprint is told once, with those who use it.
    fn told(&mut self, own: usize, parts: &[Part], name: &str, problems: Vec<Diagnostic>) {
        for problem in problems {
            let (source, span) = blueprint::place(parts, own, problem.span);
            let beside = problem.beside.map(|beside| blueprint::place(parts, own, beside));
            let beside = beside.filter(|(other, _)| *other == source).map(|(_, span)| span);
            let problem = Diagnostic { span, beside, ..problem };
            if source == own {
                self.report.extend(source, [problem]);
                continue;
            }
            let key = (source, span, problem.code, problem.message.clone());
            let (_, users) = self.noted.entry(key).or_insert_with(|| (problem, BTreeSet::new()));
            users.insert(name.to_owned());
        }
    }

    fn no_journey(&mut self) {
        if self.report.is_empty() && !self.report.sources().is_empty() {
            let problem = Diagnostic::error("no-journey", Span::default(), "there is no journey here")
                .with_help("begin the file with its name: `journey: rainy-day`");
            self.report.extend(0, [problem]);
        }
    }

    /// Compiles the first `own` journeys for the library, and all for what is wrong with them.
    fn compile(mut self, own: usize) -> Checked {
        let (definitions, origins): (Vec<Definition>, Vec<Origin>) = self.journeys.drain(..).unzip();
        let compiled = compile(&definitions, self.schema);
        let mut problems = compiled.problems;
        let broken: BTreeSet<usize> = problems
            .iter()
            .filter(|problem| problem.diagnostic.severity == Severity::Error)
            .map(|problem| problem.journey)
            .collect();
        let sound = |journey: usize| {
            !broken.contains(&journey) && origins.get(journey).is_some_and(|origin| !origin.partial)
        };
        problems.extend(lint(&definitions, self.schema, sound));
        for problem in &problems {
            if let Some(origin) = origins.get(problem.journey)
                && origin.tells(problem, &problems)
            {
                let diagnostic = problem.diagnostic.clone().moved(|span| origin.places.to_file(span));
                self.told(origin.source, &origin.parts, &origin.name, vec![diagnostic]);
            }
        }
        for ((source, ..), (diagnostic, users)) in self.noted {
            let note = used_by(&users);
            self.report.add(Finding { note, ..Finding::new(source, diagnostic) });
        }
        self.report.tidy();
        let library = if own == definitions.len() {
            compiled.library
        } else {
            compile(definitions.get(..own).unwrap_or_default(), self.schema).library
        };
        let library = library.filter(|_| self.report.errors() == 0);
        let script = |(definition, origin): (Definition, Origin)| Script {
            source: origin.source,
            definition,
            parts: origin.parts,
        };
        let scripts = Scripts::new(definitions.into_iter().zip(origins).take(own).map(script).collect());
        Checked { library, report: self.report, scripts }
    }
}

/// Who meets what is wrong in a blueprint.
fn used_by(users: &BTreeSet<String>) -> Option<String> {
    let first = users.iter().find(|user| !user.is_empty())?;
    Some(match users.len() {
        1 => format!("the journey `{first}` uses this blueprint"),
        2 => format!("the journey `{first}` and one more use this blueprint"),
        n => format!("the journey `{first}` and {} more use this blueprint", n - 1),
    })
}

impl Origin {
    /// Whether a problem is more than the echo of one that was told already.
    fn tells(&self, problem: &Problem, all: &[Problem]) -> bool {
        let Problem { journey, diagnostic } = problem;
        let of_name = matches!(diagnostic.code, "bad-name" | "duplicate-journey");
        if self.nameless && of_name && diagnostic.span == Span::default() {
            return false;
        }
        let hole = |other: &Problem| other.journey == *journey && HOLES.contains(&other.diagnostic.code);
        !OF_WHOLE_JOURNEYS.contains(&diagnostic.code) || !(self.partial || all.iter().any(hole))
    }
}
