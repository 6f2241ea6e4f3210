//! Why, from a data directory: the log up to the instant is the state, and what follows is what came of it.
//!
//! The store is opened and never written. Its log is trimmed after snapshots, so a subject that was not heard of since
//! the log begins is not known; the screen then begins with what is. Before: why.rs. Next: screen.rs.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use turnpage_gateway_core::{
    Batch, Cause, ContextEvent, DecisionRecord, Keys, Note, NoteRecord, Options, Pipeline, Place, Purpose,
    State, SubjectName, Timestamp, Venue, Verdict, What,
};
use turnpage_gateway_store::{Disk, Sequence, Store as _, disk};

use super::{AFTER_MAX, Answer, Happened, around};
use crate::load::Loaded;

/// Reads the log up to `at` and a little further.
pub(super) fn answer(
    data: &Path,
    loaded: Loaded,
    subject: &str,
    at: Timestamp,
    seed: u64,
) -> anyhow::Result<Answer> {
    let name = SubjectName::new(subject).ok_or_else(|| anyhow!("`{subject}` is no subject's name"))?;
    if !data.join("log").is_dir() {
        bail!("`{}` holds no log", data.display());
    }
    let store = Disk::open(data, disk::Options::default())
        .with_context(|| format!("cannot open `{}`; is its gateway running?", data.display()))?;
    let (mut state, mut happened) = (State::default(), Vec::new());
    // The group that the instant falls into is taken in entry by entry.
    let mut split: Option<Batch> = None;
    let mut after = 0;
    let mut first = None;
    store.log(Sequence(1), &mut |sequence, batch| {
        first.get_or_insert(sequence);
        let told = told(&name, &batch, &loaded.venue);
        after += told.iter().filter(|told| told.at > at).count();
        happened.extend(told);
        if split.is_none() && batch.now <= at {
            state.absorb(batch);
        } else if split.is_none() {
            split = Some(batch);
        }
        after < AFTER_MAX
    })?;
    if first.is_some_and(|first| first > Sequence(1)) {
        eprintln!(
            "the log begins at commit {}: what was said before is not known",
            first.unwrap_or_default()
        );
    }
    let options = Options { seed, ..Options::default() };
    let mut pipeline = Pipeline::restore(loaded.venue, loaded.library, Keys::default(), options, state)?;
    for entry in split.map(|batch| batch.entries).unwrap_or_default() {
        if entry.now > at {
            break;
        }
        match entry.cause {
            Cause::Event(event) => drop(pipeline.event(entry.now, event)),
            Cause::Tick => pipeline.advance(entry.now),
            // What was saved before has gone on under the journeys given here already.
            Cause::Edition(_) => {}
        }
    }
    happened.sort_by_key(|told| told.at);
    Ok(around(pipeline.why(&name, at), happened, at))
}

/// What of a group is about a subject.
fn told(name: &SubjectName, batch: &Batch, venue: &Venue) -> Vec<Happened> {
    let events = batch.entries.iter().filter_map(|entry| match &entry.cause {
        Cause::Event(event) => event_of(name, event, venue).map(|what| Happened { at: entry.now, what }),
        Cause::Tick | Cause::Edition(_) => None,
    });
    let decisions = batch.decisions.iter().filter(|decision| decision.subject == *name).map(decision);
    let notes = batch.notes.iter().filter(|note| note.subject == *name).map(note);
    events.chain(decisions).chain(notes).collect()
}

fn event_of(name: &SubjectName, event: &ContextEvent, venue: &Venue) -> Option<String> {
    let (subject, what) = match &event.what {
        What::Sighting(seen) => {
            let place = match &seen.place {
                // A node that was taken down since has its number left.
                Place::Node(id) => match venue.nodes.iter().find(|node| node.id == *id) {
                    Some(node) => format!("node {}", node.name),
                    None => format!("node {id}"),
                },
                Place::Zone(zone) => zone.to_string(),
                Place::Point { lon, lat, .. } => format!("{lon}, {lat}"),
                Place::Venue => "no zone".to_owned(),
            };
            (&seen.subject, format!("seen at {place}"))
        }
        What::Reception(heard) => (&heard.subject, format!("heard by {}", heard.receiver)),
        What::Outcome { subject, outcome, offer } => (subject, format!("{} {offer}", outcome.name())),
        What::Sale { subject, offer, value } => (subject, format!("paid {value} for {offer}")),
        What::Consent { subject, purpose, granted } => {
            let purpose = match purpose {
                Purpose::Offers => "offers",
                Purpose::Named(name) => name.as_str(),
            };
            (subject, format!("said {} to {purpose}", if *granted { "yes" } else { "no" }))
        }
        What::Profile { subject, .. } => (subject, "its profile was told".to_owned()),
        What::Feedback { subject, score, .. } => (subject, format!("gave the score {score}")),
        What::Pick { subject, pick, journey, .. } => (subject, format!("picked {pick} ({journey})")),
        What::Weather { .. } | What::Signal { .. } | What::Node { .. } => return None,
    };
    (subject == name).then_some(what)
}

fn decision(record: &DecisionRecord) -> Happened {
    let DecisionRecord { at, journey, page, offer, verdict, ground, .. } = record;
    let ground = ground.as_ref().map(|ground| format!(", {ground}")).unwrap_or_default();
    let verdict = match verdict {
        Verdict::Made { channel } => format!("offer {offer} on {channel}{ground}"),
        Verdict::Withheld(why) => format!("withheld {offer}: {}{ground}", why.as_str()),
    };
    Happened { at: *at, what: format!("{verdict} ({journey}, page {page})") }
}

fn note(record: &NoteRecord) -> Happened {
    let NoteRecord { at, journey, page, note, .. } = record;
    let more = match note {
        Note::Limit { offer } | Note::Held { offer } => format!(" {offer}"),
        Note::Dispatch { role, task, .. } => format!(" {role}: {task}"),
        Note::Ticket { text } => format!(" {text}"),
        Note::Remembered { fact, value } => format!(" {fact} = {value}"),
        Note::Chose { alternative, by, .. } => format!(" alternative {alternative} ({by})"),
        Note::Foretold { reached } => format!(" {}", if *reached { "rightly" } else { "wrongly" }),
        Note::Passed { .. } | Note::Breach | Note::Strayed => String::new(),
    };
    Happened { at: *at, what: format!("{}{more} ({journey}, page {page})", note.word()) }
}
