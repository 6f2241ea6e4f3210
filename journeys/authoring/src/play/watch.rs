//! What somebody who watches a rehearsal keeps of it: all it reached, or the decisions of one instant.
//!
//! A rehearsal nobody watches looks at nothing. Before: `look`. Next: `coverage`, `trial/record`.

use turnpage_journeys_engine::{Effect, Step};
use turnpage_journeys_expr::Timestamp;

use super::look::{Coming, Eyes, Look};
use super::{Rehearsal, WallTime};
use crate::coverage::Coverage;
use crate::trial::record::Record;

/// Who watches.
#[derive(Debug, Clone, Default)]
pub(crate) enum Watch<'a> {
    /// Nobody.
    #[default]
    Nobody,
    /// Somebody who counts what is reached.
    Coverage(Eyes<'a>, Box<Coverage>),
    /// Somebody who wants the decisions of one instant.
    Instant(Eyes<'a>, WallTime, Vec<Record>),
}

impl<'a> Rehearsal<'a> {
    /// Counts what is reached from now on, into `coverage`.
    pub(crate) fn watch_coverage(&mut self, eyes: Eyes<'a>, coverage: Coverage) {
        self.watch = Watch::Coverage(eyes, Box::new(coverage));
    }

    /// Keeps the decisions of an instant.
    pub(crate) fn watch_instant(&mut self, eyes: Eyes<'a>, at: WallTime) {
        self.watch = Watch::Instant(eyes, at, Vec::new());
    }

    /// What was reached, if somebody counted.
    pub(crate) fn coverage(&mut self) -> Option<Coverage> {
        match std::mem::take(&mut self.watch) {
            Watch::Coverage(_, coverage) => Some(*coverage),
            _ => None,
        }
    }

    /// What was reached until now, if somebody counts.
    pub(crate) fn coverage_so_far(&self) -> Option<&Coverage> {
        match &self.watch {
            Watch::Coverage(_, coverage) => Some(coverage),
            _ => None,
        }
    }

    /// The decisions of the instant watched. Where nothing came then, how everything stands at it.
    pub(crate) fn records(mut self) -> Vec<Record> {
        let Watch::Instant(eyes, at, records) = std::mem::take(&mut self.watch) else { return Vec::new() };
        if records.is_empty() { self.standing(eyes, at) } else { records }
    }

    /// How every choice stands now, before anything comes.
    pub(crate) fn standing(&self, eyes: Eyes<'_>, at: WallTime) -> Vec<Record> {
        let looks = self.look(eyes, self.stage.instant(at), Coming::Nothing);
        let record = |look: &Look| Record {
            at,
            cause: "nothing comes".to_owned(),
            ..Record::of(self, eyes, look, Coming::Nothing)
        };
        looks.iter().map(record).collect()
    }

    /// Before a step.
    pub(super) fn before(&self, at: Timestamp, coming: Coming) -> Vec<Look> {
        match &self.watch {
            Watch::Coverage(eyes, _) => self.look(*eyes, at, coming),
            Watch::Instant(eyes, when, _) if self.stage.wall(at) == *when => self.look(*eyes, at, coming),
            _ => Vec::new(),
        }
    }

    /// After a step.
    pub(super) fn after(&mut self, mut looks: Vec<Look>, step: &Step, coming: Coming, cause: &str) {
        let mut watch = std::mem::take(&mut self.watch);
        match &mut watch {
            Watch::Nobody => {}
            Watch::Coverage(eyes, coverage) => {
                self.look_again(*eyes, &mut looks, step, coming);
                for look in &looks {
                    coverage.see(look);
                }
                for effect in &step.effects {
                    if let Effect::Began { journey, page } | Effect::Turned { journey, to: page, .. } =
                        *effect
                        && self.inside(journey).is_some()
                    {
                        coverage.enter(journey, page);
                    }
                }
            }
            Watch::Instant(eyes, at, records) => {
                if self.stage.wall(step.at) == *at {
                    self.look_again(*eyes, &mut looks, step, coming);
                    let record = |look: &Look| Record {
                        at: *at,
                        cause: cause.to_owned(),
                        ..Record::of(self, *eyes, look, coming)
                    };
                    records.extend(looks.iter().map(record));
                }
            }
        }
        self.watch = watch;
    }
}
