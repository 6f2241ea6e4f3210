//! A journey as a game: moves in, what happened and what can be done next out. Knows no terminal.
//!
//! A game is a play being written. Its moves are the events of that play, so going back is playing fewer of them, and saving
//! is writing them down. Before: `play/rehearsal`. Next: `game/command`, what a line means; the command line draws the
//! [`View`].

mod command;

use turnpage_journeys_engine::{Outcome, Spanned};
use turnpage_journeys_expr::{Diagnostic, Span, Value};

use crate::play::calendar::Clock;
use crate::play::value::words;
use crate::play::{
    BEATS_MAX, Beat, Expected, Given, GivenFact, GivenValue, Happens, Moment, Play, Plays, Rehearsal,
    WallTime, What,
};
use crate::trial::Bench;
use crate::trial::record::Record;

pub use command::{Command, HELP, Verb, parse};

/// What the weather is when a game begins, where the venue knows such a fact: a mild and dry day.
const WEATHER: [(&str, &str); 5] = [
    ("weather.temperature", "20"),
    ("weather.rain", "0"),
    ("weather.wind", "2"),
    ("weather.humidity", "50"),
    ("weather.light", "20000"),
];

/// A game under way.
#[derive(Debug, Clone)]
pub struct Game<'a> {
    bench: Bench<'a>,
    of: Spanned<String>,
    given: Given,
    start: WallTime,
    moves: Vec<Move>,
    rehearsal: Rehearsal<'a>,
}

/// One thing the player did.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Move {
    /// Something happened.
    Beat(Beat),
    /// Time went on to here.
    Pass(WallTime),
}

/// All there is to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The journey.
    pub journey: String,
    /// The time.
    pub at: WallTime,
    /// The zone the subject is in.
    pub zone: Option<String>,
    /// The journey's page and those of the journeys it calls, with every choice and how it stands.
    pub pages: Vec<Record>,
    /// Offers that stand.
    pub offers: Vec<StandingOffer>,
    /// Every fact that is known.
    pub facts: Vec<(String, String)>,
    /// What can be picked.
    pub picks: Vec<String>,
    /// Nothing has happened yet.
    pub fresh: bool,
}

/// An offer that nobody has settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingOffer {
    /// Its name.
    pub name: String,
    /// What the subject reads.
    pub text: String,
    /// When it expires by itself.
    pub until: Option<WallTime>,
}

/// `2026-07-18 10:00`, for whoever sets a clock.
pub fn wall_time(text: &str) -> Option<WallTime> {
    crate::play::calendar::wall_time(text, None)
}

impl<'a> Game<'a> {
    /// Nothing has happened yet: the subject is nowhere, has the venue's first role, and the day is mild.
    ///
    /// # Errors
    /// There is no such journey.
    pub fn begin(bench: Bench<'a>, journey: &str, start: WallTime) -> Result<Self, Vec<Diagnostic>> {
        let of = Spanned::from(journey);
        let schema = &bench.stage.schema;
        let role = schema.domain_id("role").and_then(|roles| schema.members(roles).next());
        let given = role.map(|role| ("role", role)).into_iter().chain(WEATHER);
        let known = given.filter(|(path, _)| schema.slot(path).is_some());
        let facts = known.map(|(path, value)| given_fact(path, value)).collect();
        let given = Given { seed: 0, facts };
        let rehearsal = Rehearsal::begin(bench.library, bench.stage, &of, &given)?;
        Ok(Self { bench, of, given, start, moves: Vec::new(), rehearsal })
    }

    /// Does what a command says, and tells what happened. A command that cannot be done changes nothing.
    ///
    /// # Errors
    /// Why it cannot be done, a line a reason.
    pub fn act(&mut self, command: &Command) -> Result<Vec<Moment>, Vec<String>> {
        let now = self.now();
        let happens = match command {
            Command::Pass(ms) => return self.pass(later(self.bench, now, *ms)?),
            Command::At(text) => {
                let at = crate::play::calendar::wall_time(text, Some(now.day))
                    .ok_or_else(|| vec![format!("`{text}` is no time, such as `17:30`")])?;
                return self.pass(at);
            }
            Command::Back(count) => return self.back(*count).map(|()| Vec::new()),
            Command::Zone(zone) => Happens::Seen(Some(Spanned::from(self.zone_of(zone).as_str()))),
            Command::Seen => Happens::Seen(None),
            Command::Leave => Happens::Leaves,
            Command::Signal(name) => Happens::Signal(Some(Spanned::from(name.as_str()))),
            Command::Feedback(score) => Happens::Feedback(Spanned::from(*score)),
            Command::Stop => Happens::Stops,
            Command::Pick(name) => Happens::Picks(Spanned::from(name.as_str())),
            Command::Choose(number) => Happens::Picks(Spanned::from(self.chosen(*number)?.as_str())),
            Command::Answer(name, outcome) => self.answer(name.as_deref(), *outcome)?,
            Command::Give(facts) => {
                let facts: Vec<GivenFact> = facts.iter().map(|fact| self.named(fact)).collect();
                return self.beat(Happens::of_facts(&facts), facts);
            }
        };
        self.beat(happens, Vec::new())
    }

    /// All there is to see now.
    pub fn view(&self) -> View {
        let stage = self.bench.stage;
        let now = self.now();
        let schema = &stage.schema;
        let facts = schema.facts().filter_map(|(slot, fact)| {
            let value = self.rehearsal.facts.get(slot.index()).copied().filter(|value| value.is_known())?;
            // Nobody reads a distance of fifteen digits.
            let short = match value {
                Value::Double(number) => Value::Double((number * 100.0).round() / 100.0),
                other => other,
            };
            Some((fact.path.clone(), words(schema, fact.ty, short)))
        });
        View {
            journey: self.of.value.clone(),
            fresh: self.history().moments.is_empty(),
            at: now,
            zone: stage.zone(&self.rehearsal.facts).map(|zone| zone.name.clone()),
            pages: self.rehearsal.standing(self.bench.eyes(), now),
            offers: self.rehearsal.standing_offers(),
            facts: facts.collect(),
            picks: self.rehearsal.picks(stage.instant(now)).into_iter().map(|(name, _)| name).collect(),
        }
    }

    /// The time it is.
    pub fn now(&self) -> WallTime {
        self.moves.last().map_or(self.start, |last| match last {
            Move::Beat(beat) => beat.at.value,
            Move::Pass(at) => *at,
        })
    }

    /// Everything that happened so far.
    pub fn history(&self) -> &crate::play::Transcript {
        self.rehearsal.transcript()
    }

    /// How many moves can be taken back.
    pub fn moves(&self) -> usize {
        self.moves.len()
    }

    /// What was played, as a play that expects just what came of it.
    pub fn play(&self, title: &str) -> Plays {
        let beats = self.moves.iter().filter_map(|one| match one {
            Move::Beat(beat) => Some(beat.clone()),
            Move::Pass(_) => None,
        });
        let until = match self.moves.last() {
            Some(Move::Pass(at)) => Some(Spanned::from(*at)),
            _ => None,
        };
        let expected = |at, what| Expected { span: Span::default(), at, what, text: None };
        let came = self.history().emissions().map(|emission| expected(emission.at, emission.what));
        let page = self.rehearsal.page().map(|page| expected(self.now(), What::Page(page.to_owned())));
        let play = Play {
            title: Spanned::from(title),
            given: self.given.clone(),
            when: beats.collect(),
            until,
            then: came.chain(page).collect(),
        };
        Plays { of: self.of.clone(), plays: vec![play] }
    }

    fn beat(&mut self, happens: Happens, facts: Vec<GivenFact>) -> Result<Vec<Moment>, Vec<String>> {
        let beat = Beat { span: Span::default(), at: Spanned::from(self.now()), happens, facts };
        self.advance(Move::Beat(beat))
    }

    fn pass(&mut self, at: WallTime) -> Result<Vec<Moment>, Vec<String>> {
        if at < self.now() {
            return Err(vec![format!("it is {} already: `back` takes moves back", Clock(self.now().ms))]);
        }
        self.advance(Move::Pass(at))
    }

    fn advance(&mut self, next: Move) -> Result<Vec<Moment>, Vec<String>> {
        if self.moves.len() >= BEATS_MAX {
            return Err(vec![format!("a play has at most {BEATS_MAX} events")]);
        }
        let told = self.history().moments.len();
        // Tried on a copy: what cannot be done leaves no trace.
        let mut tried = self.rehearsal.clone();
        next.apply(&mut tried);
        if !tried.problems().is_empty() {
            return Err(tried.problems().iter().map(said).collect());
        }
        self.rehearsal = tried;
        self.moves.push(next);
        Ok(self.history().moments.get(told..).unwrap_or_default().to_vec())
    }

    /// Takes moves back by playing those before them again: everything is exactly as it was then.
    fn back(&mut self, count: usize) -> Result<(), Vec<String>> {
        if count > self.moves.len() {
            return Err(vec![format!("there are {} moves to take back", self.moves.len())]);
        }
        let problems = |problems: Vec<Diagnostic>| problems.iter().map(said).collect::<Vec<_>>();
        let begin = Rehearsal::begin(self.bench.library, self.bench.stage, &self.of, &self.given);
        let mut rehearsal = begin.map_err(problems)?;
        self.moves.truncate(self.moves.len() - count);
        for one in &self.moves {
            one.apply(&mut rehearsal);
        }
        self.rehearsal = rehearsal;
        Ok(())
    }

    /// The pick of a choice by its number on the page.
    fn chosen(&self, number: usize) -> Result<String, Vec<String>> {
        let view = self.view();
        let decision = view.pages.first().and_then(|page| page.choices.get(number.checked_sub(1)?));
        let Some(decision) = decision else { return Err(vec![format!("there is no choice {number} here")]) };
        match &decision.pick {
            Some(pick) => Ok(pick.clone()),
            None => Err(vec![format!(
                "choice {number} is no pick; it is taken by what it waits for: {}",
                decision.condition
            )]),
        }
    }

    /// The answer to an offer by name, or to the only one that stands.
    fn answer(&self, name: Option<&str>, outcome: Outcome) -> Result<Happens, Vec<String>> {
        let standing = self.rehearsal.standing_offers();
        let name = match (name, standing.as_slice()) {
            (Some(name), _) => name.to_owned(),
            (None, [only]) => only.name.clone(),
            (None, []) => return Err(vec!["no offer stands that could be answered".to_owned()]),
            (None, _) => return Err(vec!["several offers stand: say which one".to_owned()]),
        };
        Ok(Happens::Answer(Spanned::from((name, outcome))))
    }

    /// A zone by its name, or by the only name it is a part of.
    fn zone_of(&self, text: &str) -> String {
        let names: Vec<&str> = self.bench.stage.zones.iter().map(|zone| zone.name.as_str()).collect();
        only(text, &names, |name, part| name.contains(part))
    }

    /// A fact by its path, or by the only path that ends so: `rain` for `weather.rain`.
    fn named(&self, fact: &GivenFact) -> GivenFact {
        let schema = &self.bench.stage.schema;
        let paths: Vec<&str> = schema.facts().map(|(_, fact)| fact.path.as_str()).collect();
        let path = only(&fact.path.value, &paths, |path, part| path.rsplit('.').next() == Some(part));
        GivenFact { path: Spanned::from(path.as_str()), value: fact.value.clone() }
    }
}

impl Move {
    fn apply(&self, rehearsal: &mut Rehearsal<'_>) {
        match self {
            Self::Beat(beat) => rehearsal.beat(beat),
            Self::Pass(at) => rehearsal.pass(*at),
        }
    }
}

/// The text itself where it is a name, else the one name that matches, else the text, to be complained about.
fn only(text: &str, names: &[&str], matches: impl Fn(&str, &str) -> bool) -> String {
    let mut found = names.iter().filter(|name| matches(name, text));
    match (found.next(), found.next()) {
        _ if names.contains(&text) => text.to_owned(),
        (Some(one), None) => (*one).to_owned(),
        _ => text.to_owned(),
    }
}

fn later(bench: Bench<'_>, now: WallTime, ms: i64) -> Result<WallTime, Vec<String>> {
    let at = bench
        .stage
        .instant(now)
        .0
        .checked_add(ms)
        .filter(|_| ms <= turnpage_journeys_engine::bounds::SPAN_MS_MAX);
    let at = at.ok_or_else(|| vec!["that is longer than anybody waits".to_owned()])?;
    Ok(bench.stage.wall(turnpage_journeys_expr::Timestamp(at)))
}

fn given_fact(path: &str, value: &str) -> GivenFact {
    GivenFact { path: Spanned::from(path), value: Spanned::from(GivenValue::One(value.to_owned())) }
}

fn said(problem: &Diagnostic) -> String {
    match &problem.help {
        Some(help) => format!("{}; {help}", problem.message),
        None => problem.message.clone(),
    }
}
