//! A play file to plays, with everything that is wrong in its shape.
//!
//! Which facts exist and which zones there are is known to the stage; `run` says what does not fit it.

use turnpage_journeys_document::{Content, Entry, Fields, Node, parse};
use turnpage_journeys_engine::{Outcome, Spanned};
use turnpage_journeys_expr::Diagnostic;

use crate::read::misspelt_is_not_missing;

use super::calendar::{date_of, wall_time};
use super::{BEATS_MAX, Beat, Expected, GivenFact, Happens, PLAYS_MAX, Play, Plays, WallTime, What};

/// Reads one play file.
///
/// # Errors
/// Everything that is wrong with its shape.
pub fn read(text: &str) -> Result<Plays, Vec<Diagnostic>> {
    let root = parse(text)?;
    let mut reader = Reader::default();
    let plays = reader.plays(&root);
    misspelt_is_not_missing(&mut reader.problems);
    match plays {
        Some(plays) if reader.problems.is_empty() => Ok(plays),
        _ => Err(reader.problems),
    }
}

#[derive(Default)]
struct Reader {
    problems: Vec<Diagnostic>,
    /// The date that times without one are on.
    day: Option<i32>,
}

impl Reader {
    fn plays(&mut self, root: &Node) -> Option<Plays> {
        let mut fields = root.fields(&mut self.problems)?;
        let of = fields
            .required("plays_of", &mut self.problems)
            .and_then(|node| self.word(node))
            .unwrap_or_default();
        let given =
            fields.optional("given", &mut self.problems).map_or_else(Vec::new, |node| self.given(node));
        let file_day = self.day;
        let mut plays = Vec::new();
        if let Some(node) = fields.required("plays", &mut self.problems) {
            let items = node.list(&mut self.problems).unwrap_or_default();
            if items.len() > PLAYS_MAX {
                self.problem(node, format!("more than {PLAYS_MAX} plays in one file"));
            }
            for item in items.iter().take(PLAYS_MAX) {
                self.day = file_day;
                plays.extend(self.play(item, &given));
            }
        }
        fields.finish(&mut self.problems);
        Some(Plays { of, plays })
    }

    fn play(&mut self, node: &Node, given: &[GivenFact]) -> Option<Play> {
        let mut fields = node.fields(&mut self.problems)?;
        let title =
            fields.required("play", &mut self.problems).and_then(|node| self.word(node)).unwrap_or_default();
        let mut play = Play { title, given: given.to_vec(), ..Play::default() };
        if let Some(node) = fields.optional("given", &mut self.problems) {
            play.given.extend(self.given(node));
        }
        if let Some(node) = fields.required("when", &mut self.problems) {
            let items = node.list(&mut self.problems).unwrap_or_default();
            if items.len() > BEATS_MAX {
                self.problem(node, format!("more than {BEATS_MAX} events in one play"));
            }
            play.when = items.iter().take(BEATS_MAX).filter_map(|item| self.beat(item)).collect();
        }
        play.until = fields.optional("until", &mut self.problems).and_then(|node| self.time(node));
        if let Some(node) = fields.required("then", &mut self.problems) {
            let items = node.list(&mut self.problems).unwrap_or_default();
            play.then = items.iter().filter_map(|item| self.expected(item)).collect();
        }
        fields.finish(&mut self.problems);
        let times = play.when.iter().map(|beat| &beat.at).chain(&play.until);
        for (earlier, later) in times.clone().zip(times.skip(1)) {
            if later.value < earlier.value {
                self.problems.push(Diagnostic::error(
                    "time-runs-back",
                    later.span,
                    "this is before the event above it",
                ));
            }
        }
        Some(play)
    }

    /// Facts by path, and the date.
    fn given(&mut self, node: &Node) -> Vec<GivenFact> {
        let Some(entries) = node.entries(&mut self.problems) else { return Vec::new() };
        let mut facts = Vec::new();
        for entry in entries {
            if entry.key.text() == "date" {
                let day = entry.value.text(&mut self.problems).and_then(date_of);
                if day.is_none() {
                    self.problem(&entry.value, "this is no date such as `2026-07-18`".to_owned());
                }
                // Times are read on some day all the same: they are not wrong.
                self.day = Some(day.unwrap_or_default());
            } else {
                facts.extend(self.fact(entry));
            }
        }
        facts
    }

    fn beat(&mut self, node: &Node) -> Option<Beat> {
        let entries = node.entries(&mut self.problems)?;
        let mut fields = node.fields(&mut self.problems)?;
        let span = fields.anchor();
        let at = fields.required("at", &mut self.problems).and_then(|node| self.time(node));
        let known = ["at", "zone", "leaves", "answer"];
        let facts: Vec<GivenFact> = entries
            .iter()
            .filter(|entry| !known.contains(&entry.key.text()))
            .filter_map(|entry| self.fact(entry))
            .collect();
        let happens = self.happens(&mut fields, &facts)?;
        Some(Beat { span, at: at?, happens, facts })
    }

    /// Facts alone make an event of the weather or of a signal; everything else is a sighting.
    fn happens(&mut self, fields: &mut Fields<'_>, facts: &[GivenFact]) -> Option<Happens> {
        if let Some(node) = fields.optional("answer", &mut self.problems) {
            return Some(Happens::Answer(self.outcome(node)?));
        }
        if let Some(node) = fields.optional("leaves", &mut self.problems)
            && node.bool(&mut self.problems)?
        {
            return Some(Happens::Leaves);
        }
        if let Some(node) = fields.optional("zone", &mut self.problems) {
            return Some(Happens::Seen(Some(self.word(node)?)));
        }
        let all = |prefixes: &[&str]| {
            let one = |fact: &GivenFact| prefixes.iter().any(|prefix| fact.path.value.starts_with(prefix));
            !facts.is_empty() && facts.iter().all(one)
        };
        Some(match () {
            () if all(&["weather."]) => Happens::Weather,
            () if all(&["signal.", "place.queue"]) => Happens::Signal,
            () => Happens::Seen(None),
        })
    }

    fn expected(&mut self, node: &Node) -> Option<Expected> {
        let mut fields = node.fields(&mut self.problems)?;
        let at = fields.required("at", &mut self.problems).and_then(|node| self.time(node));
        let offer = fields.optional("offer", &mut self.problems).and_then(|node| self.word(node));
        let outcome = fields.optional("outcome", &mut self.problems).and_then(|node| self.outcome(node));
        fields.finish(&mut self.problems);
        let (what, span) = match (offer, outcome) {
            (Some(offer), None) => (What::Offer(offer.value), offer.span),
            (None, Some(outcome)) => (What::Outcome(outcome.value.0, outcome.value.1), outcome.span),
            _ => {
                self.problem(
                    node,
                    "exactly one of `offer` and `outcome` can be expected at a time".to_owned(),
                );
                return None;
            }
        };
        Some(Expected { span, at: at?.value, what })
    }

    fn fact(&mut self, entry: &Entry) -> Option<GivenFact> {
        let path = Spanned::new(entry.key.text().to_owned(), entry.key_span);
        Some(GivenFact { path, value: self.word(&entry.value)? })
    }

    fn outcome(&mut self, node: &Node) -> Option<Spanned<(String, Outcome)>> {
        let text = node.text(&mut self.problems)?;
        let parts = text
            .split_once('.')
            .and_then(|(offer, word)| Some((offer.to_owned(), Outcome::from_name(word)?)));
        if parts.is_none() {
            self.problem(node, format!("`{text}` is no outcome of an offer, such as `cocoa.accepted`"));
        }
        Some(Spanned::new(parts?, node.span))
    }

    fn time(&mut self, node: &Node) -> Option<Spanned<WallTime>> {
        let time = wall_time(node.text(&mut self.problems)?, self.day);
        if time.is_none() {
            let help = "write `\"12:05\"` with a `date` under `given`, or `2026-07-18 12:05`";
            self.problems.push(Diagnostic::error("bad-time", node.span, "this is no time").with_help(help));
        }
        Some(Spanned::new(time?, node.span))
    }

    fn word(&mut self, node: &Node) -> Option<Spanned<String>> {
        let text = node.text(&mut self.problems)?;
        Some(Spanned::new(text.to_owned(), node.span))
    }

    fn problem(&mut self, node: &Node, message: String) {
        let span = match &node.value {
            Content::Map(entries) => entries.first().map_or(node.span, |entry| entry.key_span),
            _ => node.span,
        };
        self.problems.push(Diagnostic::error("bad-play", span, message));
    }
}
