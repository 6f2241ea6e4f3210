//! Decision records: at one instant, every choice of the page with what it waits for and what its guard read.
//!
//! Made from looks, for people. Next: `tell` here, the screen of a game in the command line.

use turnpage_journeys_engine::{ChoiceDef, Spanned, Waits};

use super::Bench;
use crate::play::look::{ChoiceLook, Coming, Look};
use crate::play::transcript::within;
use crate::play::{Play, Rehearsal, WallTime};
use crate::script::{Script, condition, consequence};

/// One event or timer, as one journey met it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When.
    pub at: WallTime,
    /// What came.
    pub cause: String,
    /// The journey called whose page it is; empty for the one played.
    pub within: String,
    /// The page it was on; nothing before the journey begins.
    pub page: Option<String>,
    /// Why the event was none of this journey's: what `admit` read.
    pub shut_out: Option<Vec<(String, String)>>,
    /// Every choice of the page.
    pub choices: Vec<Decision>,
}

/// What became of one choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Where it is written, in bytes of its file.
    pub start: usize,
    /// When it is looked at and what must hold, as written.
    pub condition: String,
    /// What taking it does.
    pub consequence: String,
    /// The name of the pick that takes it, where one does.
    pub pick: Option<String>,
    /// Taken, open or closed.
    pub standing: Standing,
    /// What its guard reads, with the values.
    pub values: Vec<(String, String)>,
    /// The conditions of its guard, each with its truth; unknown is neither.
    pub conditions: Vec<(String, Option<bool>)>,
}

/// How a choice stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It was taken.
    Taken,
    /// It could be taken, and was not: one before it was, or nothing has happened yet.
    Open,
    /// It is taken as soon as what it waits for comes; until when, where a clock says so.
    Waits(String),
    /// It could not be taken, and why.
    Closed(String),
}

impl Decision {
    /// Why it stands as it does: the reason, the conditions that do not hold where there are several, and what was read.
    pub fn why(&self) -> String {
        let mut parts = Vec::new();
        match &self.standing {
            Standing::Closed(why) | Standing::Waits(why) => parts.push(why.clone()),
            Standing::Taken | Standing::Open => {}
        }
        if self.conditions.len() > 1 {
            let told = |(text, truth): &(String, Option<bool>)| match truth {
                Some(true) => None,
                Some(false) => Some(format!("false: {text}")),
                None => Some(format!("unknown: {text}")),
            };
            parts.extend(self.conditions.iter().filter_map(told));
        }
        let values: Vec<String> =
            self.values.iter().map(|(text, value)| format!("{text} is {value}")).collect();
        parts.push(values.join(", "));
        parts.retain(|part| !part.is_empty());
        parts.join("; ")
    }
}

/// Every decision of a play at one instant. The play runs again up to there: it is the same every time.
pub fn at(bench: Bench<'_>, of: &Spanned<String>, play: &Play, at: WallTime) -> Vec<Record> {
    let Ok(mut rehearsal) = Rehearsal::begin(bench.library, bench.stage, of, &play.given) else {
        return Vec::new();
    };
    rehearsal.watch_instant(bench.eyes(), at);
    for beat in play.when.iter().take_while(|beat| beat.at.value <= at) {
        rehearsal.beat(beat);
    }
    rehearsal.pass(at);
    rehearsal.records()
}

impl Record {
    /// What was looked at, in words.
    pub(crate) fn of(
        rehearsal: &Rehearsal<'_>,
        bench: crate::play::look::Eyes<'_>,
        look: &Look,
        coming: Coming,
    ) -> Self {
        let library = rehearsal.engine.library();
        let journey = library.journey(look.journey);
        let script = journey.and_then(|journey| bench.scripts.find(&journey.name));
        let page = look.page.and_then(|page| Some(journey?.page(page)?.name.clone()));
        let mut record = Self {
            at: WallTime::default(),
            cause: String::new(),
            within: rehearsal.inside(look.journey).unwrap_or_default(),
            shut_out: look.shut_out.clone(),
            choices: Vec::new(),
            page,
        };
        if let (Some(script), Some(page)) = (script, &record.page) {
            record.choices = Page { rehearsal, look, coming }.decisions(script, page);
        }
        record
    }
}

/// Every choice of the page looked at.
struct Page<'a, 'b> {
    rehearsal: &'a Rehearsal<'b>,
    look: &'a Look,
    coming: Coming,
}

impl Page<'_, '_> {
    fn decisions(&self, script: &Script, page: &str) -> Vec<Decision> {
        let Some(page) = script.page(page) else { return Vec::new() };
        let inside = self.rehearsal.inside(self.look.journey).unwrap_or_default();
        let mut decisions = Vec::new();
        for (place, (seen, defined)) in self.look.choices.iter().zip(&page.choices).enumerate() {
            let taken = self.look.taken.is_some_and(|taken| taken.index() == place);
            decisions.push(Decision {
                start: defined.span.start as usize,
                condition: condition(defined),
                consequence: consequence(defined),
                pick: defined.pick.as_ref().map(|pick| within(&inside, &pick.value)),
                standing: if taken { Standing::Taken } else { self.standing(seen, defined) },
                values: seen.worth.values.clone(),
                conditions: seen.worth.conditions.clone(),
            });
        }
        decisions
    }

    /// How a choice stands that was not taken.
    fn standing(&self, seen: &ChoiceLook, defined: &ChoiceDef) -> Standing {
        let closed = |why: &str| Standing::Closed(why.to_owned());
        let state = seen.state.as_ref();
        let looks_on = matches!(self.coming, Coming::Nothing);
        if self.look.shut_out.is_some() && !looks_on {
            return closed("the event is not admitted");
        }
        if state.is_some_and(|state| state.spent) {
            return closed("it was taken once, or its time on this page is over");
        }
        if !seen.awaited && !looks_on {
            return closed("this is not what it waits for");
        }
        match (seen.guard, state) {
            (Some(Some(false)), _) => return closed("its guard does not hold"),
            (Some(None), _) => return closed("its guard is unknown"),
            (_, Some(state)) if state.limited => return closed("its offer's limit is reached"),
            (_, Some(state)) if state.held => return closed("a mandated journey is not interrupted"),
            _ => {}
        }
        let deadline = match state.map(|state| state.waits) {
            Some(Waits::Timer(at) | Waits::Clock(at)) => Some(self.rehearsal.stage.wall(at)),
            _ => None,
        };
        match deadline {
            Some(at) if looks_on => Standing::Waits(format!("until {at}")),
            // What it waits for is part of its condition.
            None if looks_on && defined.on.is_some() => Standing::Waits(String::new()),
            _ => Standing::Open,
        }
    }
}
