//! Where everyone is, as their last event said.
//!
//! The counterpart of the live corridor's presence and house: here each event brings place and weather with it.
//! Next: back in replay.rs.

use rustc_hash::FxHashMap;
use turnpage_journeys_engine::{Engine, Offsets, SubjectIx, SubjectKind, Triggers};
use turnpage_journeys_expr::{Value, closest};

use super::line::Line;
use super::more::More;
use super::seen::Seen;
use crate::Timestamp;
use crate::venue::schema::{Asked, FactKind};
use crate::venue::{Map, Venue};

/// Everyone, by the engine's index.
pub(super) struct Crowd<'a> {
    venue: &'a Venue,
    /// Subjects by name, where the name is short enough to be its own key.
    known: FxHashMap<Short, SubjectIx>,
    seen: Vec<Seen>,
    /// Zones by name: the venue's own by their numbers, then strangers.
    zones: FxHashMap<Box<str>, u32>,
    /// The kind that each zone was said to have last.
    kinds: Vec<u32>,
    /// What lines say beside, while somebody reads it.
    pub(super) more: More<'a>,
    /// Somebody reads what a line alone does not say.
    told: bool,
}

/// A name of at most 15 bytes: the bytes and the length, so that looking it up follows no pointer.
type Short = [u64; 2];

impl<'a> Crowd<'a> {
    pub(super) fn new(venue: &'a Venue, asked: &Asked) -> Self {
        let zones = (0..).zip(&venue.zones).map(|(ix, zone)| (zone.id.as_str().into(), ix));
        Self {
            venue,
            known: FxHashMap::default(),
            seen: Vec::new(),
            zones: zones.collect(),
            more: More::new(venue, asked.next),
            told: asked.facts.iter().any(|(_, kind)| !kind.is_in_a_line()),
            kinds: venue.zones.iter().map(|zone| u32::try_from(zone.kind).unwrap_or(0)).collect(),
        }
    }

    /// The subject of a name, new if nobody had it.
    pub(super) fn subject(&mut self, engine: &mut Engine, name: &str) -> Result<SubjectIx, String> {
        let short = short(name);
        if let Some(known) = short.and_then(|short| self.known.get(&short)) {
            return Ok(*known);
        }
        let subject = engine.subject(SubjectKind::Visitor, name).map_err(|error| error.to_string())?;
        self.known.extend(short.map(|short| (short, subject)));
        Ok(subject)
    }

    /// Takes an event; says what it triggers.
    pub(super) fn see(
        &mut self,
        subject: SubjectIx,
        line: &Line<'_>,
        offsets: &Offsets,
    ) -> Result<Triggers, String> {
        let zone = match self.zones.get(&*line.zone) {
            Some(zone) => *zone,
            None => {
                let next = u32::try_from(self.zones.len()).unwrap_or(Seen::NOWHERE);
                self.zones.insert(Box::from(&*line.zone), next);
                self.kinds.push(0);
                next
            }
        };
        let Some(kind) = self.kinds.get_mut(zone as usize) else { return Ok(Triggers::NONE) };
        *kind = name("kind", &self.venue.kinds, &line.zone_kind, *kind)?;
        let kind = *kind;
        if self.seen.len() <= subject.place() {
            self.seen.resize(subject.place() + 1, Seen::NOBODY);
        }
        let Some(seen) = self.seen.get_mut(subject.place()) else { return Ok(Triggers::NONE) };
        let (at, before) = (Timestamp(line.t), *seen);
        let role = name("role", &self.venue.roles, &line.role, before.role)?;
        let entered = zone != before.zone;
        *seen = Seen {
            at,
            since: if entered { at } else { before.since },
            zone,
            kind,
            role,
            outdoor: line.outdoor,
            rain: line.rain,
            temp: line.temp,
            queue: line.queue,
        };
        let triggers = match (entered, before.zone) {
            (false, _) => Triggers::SIGHTING,
            (true, Seen::NOWHERE) => Triggers::SIGHTING | Triggers::ENTER,
            (true, _) => Triggers::SIGHTING | Triggers::ENTER | Triggers::EXIT,
        };
        if self.told && entered {
            self.more.moved(subject, before.zone, zone, at, offsets.local(at));
        }
        let Some(also) = &line.also else { return Ok(triggers) };
        self.more.take(subject, &line.visitor, role, at, also)?;
        Ok(if also.score.is_some() { triggers | Triggers::FEEDBACK } else { triggers })
    }

    /// One fact about a subject; `fresh` says whether what its last line said of the weather still is.
    #[inline]
    pub(super) fn fact(
        &self,
        subject: SubjectIx,
        seen: &Seen,
        kind: FactKind,
        (at, fresh): (Timestamp, bool),
        map: &Map,
        offsets: &Offsets,
    ) -> Value {
        if self.told && !kind.is_in_a_line() {
            return self.more.fact(subject, seen, kind, at, offsets.local(at));
        }
        seen.fact(kind, at, fresh, self.venue, map)
    }

    pub(super) fn seen(&self, subject: SubjectIx) -> Seen {
        self.seen.get(subject.place()).copied().unwrap_or(Seen::NOBODY)
    }

    /// The name of the zone that somebody was seen in; looked for, because only those who ask why want it.
    pub(super) fn zone_name(&self, seen: Seen) -> Option<&str> {
        self.zones.iter().find(|(_, number)| **number == seen.zone).map(|(name, _)| &**name)
    }
}

/// The place of a word in one of the venue's lists; `guess` is where it probably is.
fn name(what: &str, known: &[String], word: &str, guess: u32) -> Result<u32, String> {
    if known.get(guess as usize).is_some_and(|name| name == word) {
        return Ok(guess);
    }
    let found = known.iter().position(|name| name == word).and_then(|at| u32::try_from(at).ok());
    found.ok_or_else(|| {
        let meant = closest(word, known.iter().map(String::as_str));
        let help = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
        format!("unknown {what} `{word}`{help}")
    })
}

fn short(name: &str) -> Option<Short> {
    let mut bytes = [0; 16];
    let (length, room) = bytes.split_last_mut()?;
    room.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
    *length = u8::try_from(name.len()).ok()?;
    let (low, high) = bytes.split_first_chunk()?;
    Some([u64::from_le_bytes(*low), u64::from_le_bytes(*high.first_chunk()?)])
}
