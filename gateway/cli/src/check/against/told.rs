//! What a new version changes, as text for people and as data for programs.
//!
//! Counts and compares nothing itself. Before: against.rs.

use serde_json::{Value as Json, json};
use turnpage_gateway_core::upgrade::Moves;
use turnpage_journeys_authoring::{Change, Checked, Diagnostic, Finding, Report, Span, compare, json, sarif};

use crate::args::ReportFormat;
use crate::load::Library;
use crate::moves;

/// Everything there is to tell.
pub(super) struct Told {
    /// A line for each journey whose version or pages differ.
    outlines: Vec<String>,
    changes: Vec<Change>,
    moves: Option<Vec<Moves>>,
    /// The texts of the new version, with every change and everyone who has no page as findings in them.
    report: Report,
}

impl Told {
    pub(super) fn of(was: &(Library, Checked), is: &(Library, Checked), moves: Option<Vec<Moves>>) -> Self {
        let changes = compare(&was.1.scripts, &is.1.scripts);
        let mut told = Self { outlines: outlines(&was.0, &is.0), changes, moves, report: Report::default() };
        for source in is.1.report.sources() {
            told.report.add_source(source.name.clone(), source.text.clone());
        }
        for change in &told.changes {
            let mut finding = change.finding.clone();
            if let Some(count) = told.people(change) {
                finding.diagnostic.message += &format!(" ({})", on_it(count));
            }
            told.report.add(finding);
        }
        for moves in told.moves.iter().flatten() {
            for (page, count) in &moves.no_page {
                let script = is.1.scripts.find(&moves.journey);
                let (source, span) = script
                    .map_or((0, Span::default()), |script| (script.source, script.definition.name.span));
                let message =
                    format!("{count} on `{page}` of `{}` have no page and begin anew", moves.journey);
                let problem = Diagnostic::error("no-page", span, message);
                let problem = problem.with_help(format!("map it: `upgrade: {{ map: {{ {page}: .. }} }}`"));
                told.report.add(Finding::new(source, problem));
            }
        }
        told
    }

    /// How many would have no page.
    pub(super) fn lost(&self) -> u64 {
        self.moves.iter().flatten().flat_map(|moves| &moves.no_page).map(|(_, count)| count).sum()
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.outlines {
            text += &format!("{line}\n");
        }
        for change in &self.changes {
            let page = change.page.as_ref().map(|page| format!(", on {page}")).unwrap_or_default();
            let people = self.people(change).map(|count| format!(" ({})", on_it(count))).unwrap_or_default();
            text += &format!("{}{page}: {}{people}\n", change.journey, change.finding.diagnostic.message);
        }
        if text.is_empty() {
            text.push_str("nothing differs\n");
        }
        for moves in self.moves.iter().flatten() {
            text += &moves::told(moves);
        }
        text
    }

    pub(super) fn data(&self, format: ReportFormat) -> Json {
        if format == ReportFormat::Sarif {
            return sarif(&self.report, env!("CARGO_PKG_VERSION"));
        }
        let mut data = json(&self.report);
        if let Some(data) = data.as_object_mut() {
            data.insert("outlines".to_owned(), json!(self.outlines));
            data.insert(
                "moves".to_owned(),
                json!(self.moves.as_ref().map(|all| all.iter().map(moved).collect::<Vec<_>>())),
            );
        }
        data
    }

    /// Who is on the page of a change, in the journey itself or in a copy that is called; nothing where nobody was counted.
    fn people(&self, change: &Change) -> Option<u64> {
        let (all, page) = (self.moves.as_ref()?, change.page.as_ref()?);
        let own = |moves: &&Moves| moves.journey.rsplit('>').next() == Some(change.journey.as_str());
        let inside = all.iter().filter(own).flat_map(|moves| &moves.inside);
        Some(inside.filter(|(on, _)| on == page).map(|(_, count)| count).sum())
    }
}

fn on_it(count: u64) -> String {
    match count {
        0 => "nobody is on it".to_owned(),
        1 => "1 is on it".to_owned(),
        more => format!("{more} are on it"),
    }
}

fn moved(moves: &Moves) -> Json {
    let counts = |all: &[(String, u64)]| {
        all.iter().map(|(page, count)| json!({ "page": page, "count": count })).collect::<Vec<_>>()
    };
    let moved = moves.moved.iter().map(|(from, to, count)| json!({ "from": from, "to": to, "count": count }));
    json!({
        "journey": moves.journey,
        "inside": counts(&moves.inside),
        "stay": moves.stay,
        "moved": moved.collect::<Vec<_>>(),
        "pinned": moves.pinned,
        "restarted": moves.restarted,
        "no_page": counts(&moves.no_page),
    })
}

/// Journeys and pages that came, went or have another version, a line each.
fn outlines(was: &Library, is: &Library) -> Vec<String> {
    let pages = |library: &Library, name: &str| -> Vec<String> {
        let journey = library.find(name).and_then(|ix| library.journey(ix));
        journey
            .map(|journey| journey.pages().iter().map(|page| page.name.clone()).collect())
            .unwrap_or_default()
    };
    let without = |all: &[String], others: &[String]| -> Vec<String> {
        all.iter().filter(|page| !others.contains(page)).cloned().collect()
    };
    let mut lines = Vec::new();
    for journey in was.journeys().iter().filter(|journey| is.find(&journey.name).is_none()) {
        lines.push(format!("{}: gone", journey.name));
    }
    for journey in is.journeys() {
        let Some(old) = was.find(&journey.name).and_then(|ix| was.journey(ix)) else {
            lines.push(format!("{}: new", journey.name));
            continue;
        };
        let (before, now) = (pages(was, &journey.name), pages(is, &journey.name));
        let (gone, new) = (without(&before, &now), without(&now, &before));
        let mut parts = Vec::new();
        if old.version != journey.version {
            parts.push(format!("version {} -> {}", old.version, journey.version));
        } else if !(gone.is_empty() && new.is_empty()) {
            parts.push(format!("still version {}, though its pages changed", journey.version));
        }
        if !gone.is_empty() {
            parts.push(format!("pages gone: {}", gone.join(", ")));
        }
        if !new.is_empty() {
            parts.push(format!("pages new: {}", new.join(", ")));
        }
        if !parts.is_empty() {
            lines.push(format!("{}: {}", journey.name, parts.join("; ")));
        }
    }
    lines
}
