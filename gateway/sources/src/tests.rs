//! Declarations and messages in, events and diagnostics out.

mod bthome;
mod diagnostics;
mod hostile;
mod language;
mod ready;

use std::fmt::Write as _;
use std::sync::Arc;

use turnpage_gateway_core::venue::SourceFile;
use turnpage_gateway_core::{ContextEvent, Heard, Place, Timestamp, Venue, What};
use turnpage_journeys_expr::Diagnostic;

use crate::{Bindkeys, Declared, Mapped, Secret, Source};

const VENUE: &str = "
venue: park
time_zone: Europe/Berlin
kinds: [gate, food]
roles: [guest, cleaner]
zones: [{ id: gate, kind: gate }, { id: grill, kind: food }]
signals: [{ name: parking, unit: percent }, { name: door }, { name: wait, unit: minutes }]
receivers: [{ name: kitchen, zone: grill }]
";

/// 2026-07-18 12:00 in Berlin.
const NOW: Timestamp = Timestamp(1_784_368_800_000);

fn venue() -> Arc<Venue> {
    Arc::new(Venue::read(&[SourceFile { name: "venue.yaml", text: VENUE }]).unwrap())
}

fn declare(text: &str, bindkeys: Bindkeys) -> Result<Source, Vec<Diagnostic>> {
    Declared::of(text)?.resolve(&venue(), Some(&Secret::new([7; 32])), bindkeys)
}

/// A sound source.
fn source(text: &str) -> Source {
    declare(text, Bindkeys::default()).unwrap_or_else(|problems| panic!("{}", told(text, &problems)))
}

/// Each problem with the text it points at.
fn told(text: &str, problems: &[Diagnostic]) -> String {
    let line = |problem: &Diagnostic| {
        let help = problem.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        let at = problem.span.slice(text).unwrap_or_default();
        format!("{} at `{at}`: {}{help}\n", problem.code, problem.message)
    };
    problems.iter().map(line).collect()
}

/// What became of a message, in a line.
fn mapped(source: &Source, topic: &str, payload: &str) -> String {
    match source.map(NOW, topic, payload.as_bytes()) {
        Mapped::Events(events) => events.iter().map(shown).collect::<Vec<_>>().join("; "),
        Mapped::Ignored => "ignored".to_owned(),
        Mapped::Malformed(trouble) => format!("malformed ({}): {trouble}", trouble.kind.as_str()),
    }
}

fn shown(event: &ContextEvent) -> String {
    let mut line = match &event.what {
        What::Sighting(seen) => {
            format!("{} {:?} at {} as {:?}", seen.subject, seen.presence, place(&seen.place), seen.role)
        }
        What::Reception(heard) => {
            let loud = match heard.heard {
                Heard::Dbm { dbm, at_one_metre } => format!("{dbm} dBm ({at_one_metre:?} at 1 m)"),
                Heard::Metres(metres) => format!("{metres} m"),
            };
            format!("{} heard by {} at {loud} as {:?}", heard.subject, heard.receiver, heard.role)
        }
        What::Weather { place: at, reading } => {
            let fields = [
                ("temperature", reading.temperature),
                ("rain", reading.rain),
                ("wind", reading.wind),
                ("humidity", reading.humidity),
                ("light", reading.light),
            ];
            let known = fields.iter().filter_map(|(name, value)| Some(format!(" {name} {:.2}", (*value)?)));
            format!("weather at {}:{}", place(at), known.collect::<String>())
        }
        What::Signal { name, value } => format!("{name} = {value}"),
        other => format!("{other:?}"),
    };
    if event.at != NOW {
        write!(line, " @{}", event.at.0).unwrap();
    }
    line
}

fn place(place: &Place) -> String {
    match place {
        Place::Zone(zone) => zone.to_string(),
        Place::Node(node) => node.to_string(),
        Place::Venue => "the venue".to_owned(),
        Place::Point { lon, lat, level } => format!("{lon} {lat} {level:?}"),
    }
}
