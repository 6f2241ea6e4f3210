//! What a line of a game means. Says nothing about whether it can be done: the game does.

use turnpage_journeys_document::parse_duration;
use turnpage_journeys_engine::{Outcome, Spanned};

use crate::play::{GivenFact, GivenValue};

/// Something a player says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Something to do in the game.
    Do(Command),
    /// Show everything again.
    Look,
    /// Show every fact that is known.
    Facts,
    /// Show the zones.
    Zones,
    /// Show everything that happened.
    History,
    /// Write what was played as a play of this name.
    Save(String),
    /// Show what can be said.
    Help,
    /// Go.
    Quit,
    /// An empty line.
    Nothing,
}

/// Something to do in a game.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Let time pass, in milliseconds.
    Pass(i64),
    /// Let time pass until the wall shows this.
    At(String),
    /// Go to a zone.
    Zone(String),
    /// Be seen where one is.
    Seen,
    /// Leave the zone.
    Leave,
    /// Change facts; what kind of event that is follows from them.
    Give(Vec<GivenFact>),
    /// A signal says again what it said.
    Signal(String),
    /// Pick a choice by the name of its pick.
    Pick(String),
    /// Pick a choice by its number.
    Choose(usize),
    /// Answer an offer: the one of this name, or the only one that stands.
    Answer(Option<String>, Outcome),
    /// Give a score.
    Feedback(i64),
    /// Withdraw consent.
    Stop,
    /// Take moves back.
    Back(usize),
}

/// What can be said, for people.
pub const HELP: &str = "\
  +20m, +1h30m         let time pass; timers fire on the way
  at 17:30             let time pass until then; `at 2026-07-19 09:00` for another day
  zone plaza           go to a zone, by its name or by a part that no other has; `seen` stays
  leave                leave the zone
  rain 2.5             change a fact, by its path or its last word: `weather.rain 2.5`, `role vip`,
                       `signal.parking 91`; several with commas; `unknown` takes one away
  signal parking       a signal says again what it said
  2, pick rest         pick an open choice by its number or name
  accept, decline tea  answer the offer that stands, or the one named; also see, click, withhold
  feedback 2           give a score
  stop                 withdraw consent
  back, back 3         take moves back
  look, facts, zones   everything there is to see; every fact that is known; the zones
  history              everything that happened
  save NAME            write what was played as a play, which `turnpage test` then runs
  quit                 or ctrl-d
";

/// The verbs that answer an offer.
const ANSWERS: [(&str, Outcome); 6] = [
    ("accept", Outcome::Accepted),
    ("decline", Outcome::Declined),
    ("see", Outcome::Seen),
    ("click", Outcome::Clicked),
    ("deliver", Outcome::Delivered),
    ("withhold", Outcome::Withheld),
];

/// What a line says.
///
/// # Errors
/// It says nothing that can be understood, and why.
pub fn parse(line: &str) -> Result<Verb, String> {
    let line = line.trim();
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let needs = |what: &str| {
        if rest.is_empty() { Err(format!("`{word}` needs {what}")) } else { Ok(rest.to_owned()) }
    };
    if let Some(time) = word.strip_prefix('+') {
        let ms =
            parse_duration(time).ok_or_else(|| format!("`{time}` is no length of time, such as `20m`"))?;
        return Ok(Verb::Do(Command::Pass(ms)));
    }
    if let Ok(number) = line.parse() {
        return Ok(Verb::Do(Command::Choose(number)));
    }
    if let Some((_, outcome)) = ANSWERS.iter().find(|(verb, _)| *verb == word) {
        let offer = Some(rest).filter(|offer| !offer.is_empty()).map(str::to_owned);
        return Ok(Verb::Do(Command::Answer(offer, *outcome)));
    }
    let command = match word {
        "" => return Ok(Verb::Nothing),
        "look" | "l" => return Ok(Verb::Look),
        "facts" => return Ok(Verb::Facts),
        "zones" => return Ok(Verb::Zones),
        "history" => return Ok(Verb::History),
        "help" | "?" => return Ok(Verb::Help),
        "quit" | "exit" | "q" => return Ok(Verb::Quit),
        "save" => return Ok(Verb::Save(needs("a name")?)),
        "at" => Command::At(needs("a time, such as `17:30`")?),
        "zone" | "go" => Command::Zone(needs("a zone; `zones` lists them")?),
        "seen" => Command::Seen,
        "leave" => Command::Leave,
        "signal" => Command::Signal(needs("the signal's name")?),
        "pick" => Command::Pick(needs("the name of a pick")?),
        "answer" => answer(&needs("an outcome, such as `cocoa.accepted`")?)?,
        "feedback" => {
            let score = rest.parse().map_err(|_| format!("`{rest}` is no score: a whole number"))?;
            Command::Feedback(score)
        }
        "stop" => Command::Stop,
        "back" | "undo" if rest.is_empty() => Command::Back(1),
        "back" | "undo" => {
            Command::Back(rest.parse().map_err(|_| format!("`{rest}` is no number of moves"))?)
        }
        _ if rest.is_empty() => return Err(format!("`{word}` says nothing here; `help` lists what does")),
        _ => Command::Give(facts(line)?),
    };
    Ok(Verb::Do(command))
}

fn answer(text: &str) -> Result<Command, String> {
    let parts = text.rsplit_once('.').and_then(|(offer, word)| Some((offer, Outcome::from_name(word)?)));
    let (offer, outcome) =
        parts.ok_or_else(|| format!("`{text}` is no outcome of an offer, such as `cocoa.accepted`"))?;
    Ok(Command::Answer(Some(offer.to_owned()), outcome))
}

/// `rain 2.5, role vip`, with `=` for whoever likes it, and sets in brackets.
fn facts(line: &str) -> Result<Vec<GivenFact>, String> {
    let mut facts = Vec::new();
    let mut depth = 0_i32;
    let parts = line.split(|c: char| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        c == ',' && depth <= 0
    });
    for part in parts {
        let part = part.trim();
        let (path, value) = part
            .split_once(|c: char| c.is_whitespace() || c == '=')
            .ok_or_else(|| format!("`{part}` says nothing here; `help` lists what does"))?;
        let value = value.trim().trim_start_matches('=').trim();
        let set = value.strip_prefix('[').and_then(|value| value.strip_suffix(']'));
        let value = match set {
            Some(members) => {
                let members = members.split(',').map(|word| word.trim().to_owned());
                GivenValue::Set(members.filter(|word| !word.is_empty()).collect())
            }
            None => GivenValue::One(value.trim_matches('"').to_owned()),
        };
        facts.push(GivenFact { path: Spanned::from(path), value: Spanned::from(value) });
    }
    Ok(facts)
}
