//! A play file to plays, with everything that is wrong in its shape.
//!
//! Which facts exist and which zones there are is known to the stage; `run` says what does not fit it.

mod then;
mod when;

use turnpage_journeys_document::{Content, Entry, Node, parse};
use turnpage_journeys_engine::{Outcome, Spanned};
use turnpage_journeys_expr::Diagnostic;

use crate::language::play::{PLAY, PLAYS};

use super::calendar::{date_of, wall_time};
use super::{BEATS_MAX, Given, GivenFact, GivenValue, PLAYS_MAX, Play, Plays, WallTime};

/// Reads one play file.
///
/// # Errors
/// Everything that is wrong with its shape.
pub fn read(text: &str) -> Result<Plays, Vec<Diagnostic>> {
    let root = parse(text)?;
    let mut reader = Reader::default();
    let plays = reader.plays(&root);
    match plays {
        Some(plays) if reader.problems.is_empty() => Ok(plays),
        _ => Err(reader.problems),
    }
}

#[derive(Default)]
pub(super) struct Reader {
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
        let given = fields
            .optional("given", &mut self.problems)
            .map_or_else(Given::default, |node| self.given(node, Given::default()));
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
        // What must always hold is read by `explore`.
        fields.ignore("properties");
        PLAYS.hold(fields.asked());
        fields.finish(&mut self.problems);
        Some(Plays { of, plays })
    }

    fn play(&mut self, node: &Node, given: &Given) -> Option<Play> {
        let mut fields = node.fields(&mut self.problems)?;
        let title =
            fields.required("play", &mut self.problems).and_then(|node| self.word(node)).unwrap_or_default();
        let mut play = Play { title, given: given.clone(), ..Play::default() };
        if let Some(node) = fields.optional("given", &mut self.problems) {
            play.given = self.given(node, play.given);
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
            play.then = self.then(node);
        }
        PLAY.hold(fields.asked());
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

    /// Facts by path, the date and the seed, after those of the file.
    fn given(&mut self, node: &Node, mut given: Given) -> Given {
        let Some(entries) = node.entries(&mut self.problems) else { return given };
        for entry in entries {
            match entry.key.text() {
                "date" => {
                    let day = entry.value.text(&mut self.problems).and_then(date_of);
                    if day.is_none() {
                        self.problem(&entry.value, "this is no date such as `2026-07-18`".to_owned());
                    }
                    // Times are read on some day all the same: they are not wrong.
                    self.day = Some(day.unwrap_or_default());
                }
                "seed" => {
                    let seed = entry.value.int_in(0..=i64::MAX, &mut self.problems);
                    given.seed = seed.map_or(0, i64::unsigned_abs);
                }
                _ => given.facts.extend(self.fact(entry)),
            }
        }
        given
    }

    fn fact(&mut self, entry: &Entry) -> Option<GivenFact> {
        let path = Spanned::new(entry.key.text().to_owned(), entry.key_span);
        let node = &entry.value;
        let value = if node.is_list() {
            let items = node.list(&mut self.problems)?;
            GivenValue::Set(items.iter().filter_map(|item| Some(self.word(item)?.value)).collect())
        } else {
            GivenValue::One(self.word(node)?.value)
        };
        Some(GivenFact { path, value: Spanned::new(value, node.span) })
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
