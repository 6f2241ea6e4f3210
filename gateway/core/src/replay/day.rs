//! A recorded day through the whole corridor: what the gateway would have done with these events.
//!
//! The shape for journeys of every kind of subject: parties, zones, vehicles, teams and the venue run, presence settles,
//! weather and signals are fused, words and picks and answers come in. A line of it has an `at`; day/line.rs says what
//! else. Every channel takes what it is given; time passes from line to line. Before: replay.rs. Next: pipeline.rs.

mod line;
mod said;

use std::io::{self, BufRead, BufReader, Read, Write};

use rustc_hash::FxHashMap;
use serde::Serialize;
use turnpage_journeys_engine::{Library, Outcome};

use self::line::Line;
use self::said::Saying;
use super::trace::{Answer, Told};
use super::{Error, LINE_MAX, SEED, Summary};
use crate::Timestamp;
use crate::event::{ContextEvent, TimeQuality, What};
use crate::id::{OfferId, SubjectName};
use crate::options::{Keys, Options};
use crate::pipeline::witness::{Deed, Done};
use crate::pipeline::{Admission, Pipeline};
use crate::venue::Venue;

/// Bytes read at once.
const CHUNK: usize = 256 << 10;
/// Lines after which what the corridor would have committed is let go.
const GROUP: u64 = 256;

/// The corridor, and what a line may refer to.
struct Day<R> {
    venue: Venue,
    pipeline: Pipeline,
    lines: BufReader<R>,
    text: Vec<u8>,
    summary: Summary,
    /// When the last line came.
    now: Timestamp,
    /// Offers by subject in the order in which they were made, for answers.
    offers: FxHashMap<SubjectName, Vec<Made>>,
    /// Deeds that were looked through for offers, of those not yet taken.
    looked: usize,
}

/// An offer that can be answered.
struct Made {
    journey: String,
    offer: String,
    id: OfferId,
}

/// One line of output.
#[derive(Serialize)]
struct Row<'a> {
    t: i64,
    at: String,
    subject: &'a SubjectName,
    kind: &'static str,
    journey: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    page: &'a str,
    #[serde(flatten)]
    done: &'a Done,
}

/// Runs a day and writes everything that journeys did, in the order in which they did it.
pub(super) fn run(
    venue: &Venue,
    library: Library,
    seed: u64,
    reader: impl Read,
    writer: impl Write,
) -> Result<Summary, Error> {
    let mut day = Day::new(venue, library, seed, reader);
    let mut writer = io::BufWriter::with_capacity(CHUNK, writer);
    while let Some(deeds) = day.next()? {
        for Deed { at, subject, kind, journey, page, done } in &deeds {
            day.summary.offers += u64::from(matches!(done, Done::Offer { .. }));
            let (t, at, kind) = (at.0, venue.written(*at), kind.name());
            let row = Row { t, at, subject, kind, journey, page, done };
            serde_json::to_writer(&mut writer, &row).map_err(io::Error::from)?;
            writer.write_all(b"\n")?;
        }
    }
    writer.flush()?;
    Ok(day.end())
}

/// Runs a day and keeps what became of offers.
pub(super) fn told(
    venue: &Venue,
    library: Library,
    seed: u64,
    reader: impl Read,
) -> Result<(Vec<Told>, Summary), Error> {
    let mut day = Day::new(venue, library, seed, reader);
    let mut all = Vec::new();
    while let Some(deeds) = day.next()? {
        all.extend(deeds.into_iter().filter_map(|deed| of_offer(deed, false)));
    }
    day.summary.offers = all.len() as u64;
    Ok((all, day.end()))
}

/// Runs a day and saves everyone's instances as its end left them.
pub(super) fn inside(venue: &Venue, library: Library, reader: impl Read) -> Result<Vec<Vec<u8>>, Error> {
    let mut day = Day::new(venue, library, SEED, reader);
    while day.next()?.is_some() {}
    Ok(day.pipeline.instances())
}

/// Runs a day and asks about a subject at an instant, after every event and timer at or before it.
pub(super) fn why(
    venue: &Venue,
    library: Library,
    reader: impl Read,
    subject: &str,
    at: Timestamp,
) -> Result<Answer, Error> {
    let name = SubjectName::new(subject);
    let mut day = Day::new(venue, library, SEED, reader);
    let (mut told, mut why, mut asked) = (Vec::new(), None, false);
    let mut tell = |deeds: Vec<Deed>| {
        let of_it = deeds.into_iter().filter(|deed| deed.subject.as_str() == subject);
        told.extend(of_it.filter_map(|deed| of_offer(deed, true)));
    };
    loop {
        let line = day.line()?;
        if !asked && line.as_ref().is_none_or(|line| line.came() > at) {
            // What is due until then has happened by then.
            day.pipeline.advance(at);
            tell(day.deeds());
            why = name.as_ref().and_then(|name| day.pipeline.why(name, at));
            asked = true;
        }
        let Some(line) = line else { break };
        day.take(line)?;
        tell(day.deeds());
    }
    Ok(Answer { why, told })
}

impl<R: Read> Day<R> {
    fn new(venue: &Venue, library: Library, seed: u64, reader: R) -> Self {
        let options = Options { seed, ..Options::default() };
        let mut pipeline = Pipeline::new(venue.clone(), library, Keys::default(), options);
        pipeline.listen();
        Self {
            venue: venue.clone(),
            pipeline,
            lines: BufReader::with_capacity(CHUNK, reader),
            text: Vec::new(),
            summary: Summary::default(),
            now: Timestamp(i64::MIN),
            offers: FxHashMap::default(),
            looked: 0,
        }
    }

    fn end(self) -> Summary {
        Summary { subjects: self.pipeline.subjects_known(), ..self.summary }
    }

    /// What the next line does; nothing after the last.
    fn next(&mut self) -> Result<Option<Vec<Deed>>, Error> {
        let Some(line) = self.line()? else { return Ok(None) };
        self.take(line)?;
        Ok(Some(self.deeds()))
    }

    /// The next line, read. Lines that are empty are passed over.
    fn line(&mut self) -> Result<Option<Line>, Error> {
        loop {
            self.text.clear();
            let most = LINE_MAX as u64 + 1;
            let read = self.lines.by_ref().take(most).read_until(b'\n', &mut self.text)?;
            if read == 0 {
                return Ok(None);
            }
            self.summary.events += 1;
            if self.text.len() > LINE_MAX && self.text.last() != Some(&b'\n') {
                return Err(self.wrong(format!("longer than {LINE_MAX} bytes")));
            }
            if self.text.trim_ascii().is_empty() {
                self.summary.events -= 1;
                continue;
            }
            let line = line::read(&self.text, &self.venue);
            return line.map(Some).map_err(|message| self.wrong(message));
        }
    }

    fn take(&mut self, line: Line) -> Result<(), Error> {
        let (at, came) = (line.at, line.came());
        if came < self.now {
            let (before, now) = (self.venue.written(self.now), self.venue.written(came));
            let message =
                format!("time goes back from {before} to {now}; what came late says when with `came`");
            return Err(self.wrong(message));
        }
        self.now = came;
        let said = said::of(line, &self.venue).map_err(|message| self.wrong(message))?;
        for saying in said {
            self.say(at, came, saying).map_err(|message| self.wrong(message))?;
        }
        // What is due by then has happened by then, whether or not a line was an event.
        self.pipeline.advance(came);
        if self.summary.events.is_multiple_of(GROUP) {
            drop(self.pipeline.take_batch());
        }
        Ok(())
    }

    /// One thing that a line says goes the way of a message.
    fn say(&mut self, at: Timestamp, came: Timestamp, saying: Saying) -> Result<(), String> {
        let what = match saying {
            Saying::What(what) => what,
            Saying::Answer { subject, journey, offer, outcome, value } => {
                // What is due first may make the offer that is answered, or end it.
                self.pipeline.advance(came);
                self.remember();
                match self.offer(&subject, journey.as_deref(), &offer) {
                    Some(offer) => What::answered(subject, offer, outcome, value)
                        .ok_or("`value` is what an accepted offer brought, in money")?,
                    None => return self.missed(),
                }
            }
            Saying::Pick { subject, journey, page, pick } => {
                self.pipeline.advance(came);
                let mut found = self.pipeline.picks_named(&subject, &pick);
                found.retain(|(its, at)| {
                    journey.as_ref().is_none_or(|journey| journey == its)
                        && page.as_ref().is_none_or(|page| page == at)
                });
                match found.as_slice() {
                    [] => return self.missed(),
                    [(journey, page)] => {
                        What::Pick { subject, journey: journey.clone(), page: page.clone(), pick }
                    }
                    [(one, _), (other, _), ..] => {
                        return Err(format!("`{pick}` is a pick of `{one}` and of `{other}`; say `journey`"));
                    }
                }
            }
        };
        let event = ContextEvent { at, quality: TimeQuality::Synced, what };
        match self.pipeline.event(came, event) {
            Admission::Admitted | Admission::Duplicate => {}
            Admission::Dead(reason) => return Err(format!("refused as `{}`", reason.as_str())),
        }
        self.remember();
        self.pipeline.hand_out();
        Ok(())
    }

    /// An answer or a pick that met nothing: under other journeys than those of the recorded day, that is no mistake.
    fn missed(&mut self) -> Result<(), String> {
        self.summary.missed += 1;
        Ok(())
    }

    /// Keeps which offers were made.
    fn remember(&mut self) {
        let deeds = self.pipeline.deeds();
        for deed in deeds.get(self.looked..).unwrap_or_default() {
            if let Done::Offer { offer, id, .. } = &deed.done {
                let made = Made { journey: deed.journey.clone(), offer: offer.clone(), id: *id };
                self.offers.entry(deed.subject.clone()).or_default().push(made);
            }
        }
        self.looked = deeds.len();
    }

    /// The latest offer of a name made to a subject.
    fn offer(&self, subject: &SubjectName, journey: Option<&str>, offer: &str) -> Option<OfferId> {
        let (callee, offer) = offer.rsplit_once('>').map_or((None, offer), |(of, offer)| (Some(of), offer));
        let is = |made: &&Made| {
            made.offer == offer
                && journey.is_none_or(|journey| made.journey.split('>').next() == Some(journey))
                && callee.is_none_or(|callee| made.journey.ends_with(&format!(">{callee}")))
        };
        self.offers.get(subject)?.iter().rev().find(is).map(|made| made.id)
    }

    fn deeds(&mut self) -> Vec<Deed> {
        self.remember();
        self.looked = 0;
        self.pipeline.take_deeds()
    }

    fn wrong(&self, message: String) -> Error {
        Error::Line { line: self.summary.events, message }
    }
}

/// A deed as a comparison counts it, or, with `all`, as whoever asks why reads it.
fn of_offer(deed: Deed, all: bool) -> Option<Told> {
    let Deed { at, subject, journey, page, done, .. } = deed;
    let (what, name) = match done {
        Done::Offer { offer, .. } => ("offer", offer),
        // A comparison counts what was withheld; who asks why reads what decided it, too.
        Done::Withheld { offer, by, ground } if all => {
            let ground = ground.map(|ground| format!(", {ground}")).unwrap_or_default();
            ("withheld", format!("{offer}: {}{ground}", by.as_str()))
        }
        Done::Withheld { offer, .. } => ("withheld", offer),
        // Told already, by what withheld it.
        Done::Outcome { outcome: Outcome::Withheld, .. } => return None,
        Done::Outcome { offer, outcome } => (outcome.name(), offer),
        Done::Noted(noted) => match (noted.0.word(), noted.told()) {
            (word @ ("dispatch" | "ticket" | "breach"), name) => (word, name),
            (word, name) if all => (word, name),
            _ => return None,
        },
        Done::Turned { to } if all => ("turned", to),
        Done::Withdrawn { offer } if all => ("withdrawn", offer),
        Done::Called { callee } if all => ("called", callee),
        Done::Returned { callee, result } if all => ("returned", format!("{callee} {result}")),
        Done::Begun if all => ("begun", String::new()),
        Done::Ended if all => ("ended", String::new()),
        _ => return None,
    };
    Some(Told { at, subject: subject.to_string(), journey, page, what, name })
}
