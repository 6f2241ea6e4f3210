//! The properties of play files, asked of every play of their journey.
//!
//! What `explore` looks for in stories nobody wrote must hold in those that somebody did. Before: `explore/law`,
//! `explore/witness`. Next: `trial`, where a broken property fails the play.

use turnpage_journeys_expr::{Diagnostic, Timestamp};

use super::{Bench, PlayFile};
use crate::explore::law::Laws;
use crate::explore::property::{self, Properties};
use crate::explore::witness::{Sighted, Witness};
use crate::play::{Beat, Rehearsal, Stage, WallTime};
use crate::report::Report;
use crate::source::Source;

/// The properties of one file.
#[derive(Debug)]
pub(super) struct Pledge<'a> {
    source: &'a Source,
    properties: Properties,
    laws: Laws,
}

/// Every property of some files that can be asked; what is wrong with the others goes into the report.
pub(super) fn all<'a>(
    bench: Bench<'_>,
    files: impl Iterator<Item = &'a PlayFile>,
    report: &mut Report,
) -> Vec<Pledge<'a>> {
    let mut pledges = Vec::new();
    for PlayFile { source, .. } in files {
        let mut wrong =
            |problems| report.merge(Report::of(source.name.clone(), source.text.clone(), problems));
        let properties = match property::read(&source.text) {
            Ok(properties) => properties,
            Err(problems) => {
                wrong(problems);
                continue;
            }
        };
        // Plays of a journey that is not there fail by themselves.
        let Some(journey) = bench.library.find(&properties.of.value) else { continue };
        if properties.properties.is_empty() {
            continue;
        }
        match Laws::of(&properties, bench.library, journey, &bench.stage.schema) {
            Ok(laws) => pledges.push(Pledge { source, properties, laws }),
            Err(problems) => wrong(problems),
        }
    }
    pledges
}

/// The properties of one journey, asked during one play.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    asked: Vec<(&'a Pledge<'a>, Witness)>,
    /// Each property that was broken, the first time: by file, its place there, and since when.
    broken: Vec<(usize, usize, Timestamp)>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(pledges: &'a [Pledge<'a>], journey: &str) -> Self {
        let own = pledges.iter().filter(|pledge| pledge.properties.of.value == journey);
        Self { asked: own.map(|pledge| (pledge, Witness::new(&pledge.laws))).collect(), broken: Vec::new() }
    }

    /// An event for which every timer due by then has fired.
    pub(super) fn beat(&mut self, rehearsal: &mut Rehearsal<'_>, beat: &Beat) {
        rehearsal.beat(beat);
        self.look(rehearsal, rehearsal.stage.instant(beat.at.value));
    }

    /// Fires timers, instant by instant.
    pub(super) fn pass(&mut self, rehearsal: &mut Rehearsal<'_>, until: WallTime) {
        rehearsal.each_due(until, |rehearsal, at| self.look(rehearsal, at));
    }

    fn look(&mut self, rehearsal: &Rehearsal<'_>, at: Timestamp) {
        for (file, (pledge, witness)) in self.asked.iter_mut().enumerate() {
            for Sighted { broken, .. } in witness.look(&pledge.laws, rehearsal, at) {
                for (law, since) in broken {
                    if !self.broken.iter().any(|(other, known, _)| (*other, *known) == (file, law)) {
                        self.broken.push((file, law, since));
                    }
                }
            }
        }
    }

    /// Every property that was broken, and when the first was.
    pub(super) fn broken(&self, stage: &Stage) -> Option<(WallTime, Report)> {
        let first = self.broken.iter().map(|(.., since)| *since).min()?;
        let mut report = Report::default();
        for (file, law, since) in &self.broken {
            let Some((pledge, _)) = self.asked.get(*file) else { continue };
            let Some(property) = pledge.properties.properties.get(*law) else { continue };
            let message = format!("does not hold at {}: {property}", stage.wall(*since));
            let problem = Diagnostic::error("broken-property", property.span, message);
            let Source { name, text } = pledge.source;
            report.merge(Report::of(name.clone(), text.clone(), vec![problem]));
        }
        Some((stage.wall(first), report))
    }
}
