//! Untrusted bytes to events: known, authentic, new, in time, and said by someone who may say it.
//!
//! Refuses with a reason and never panics; what a refused message looked like is kept by whoever called. It does not
//! know subjects, zones or journeys. Before: the doors. Next: event.rs, then enrich.rs.

mod gate;
mod json;
mod window;

pub use gate::{Gate, Unsealed};
pub(crate) use json::FactPayload;

use std::collections::BTreeMap;
use std::sync::Arc;

use turnpage_firmware_wire as wire;
use turnpage_firmware_wire::topic::Channel;

use crate::Timestamp;
use crate::batch::{Mark, Reason};
use crate::event::{ContextEvent, Place, Presence, Sighting, TimeQuality, Weather, What};
use crate::id::{NodeId, SubjectName};
use crate::options::{Keys, Options, Origin, Role};
use crate::venue::Venue;

/// Bytes of the longest message that is looked at: a JSON payload with room for other systems' extra fields.
pub(crate) const PAYLOAD_MAX: usize = 4_096;

/// Why a message goes no further.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    Duplicate,
    Dead(Reason),
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self::Dead(reason)
    }
}

/// What a message said. A frame with weather and a sighting is two events, the weather first, because the
/// subject stands in it.
#[derive(Debug, Default)]
pub(crate) struct Admitted {
    pub(crate) events: Vec<ContextEvent>,
    /// The node that said it.
    pub(crate) node: Option<NodeId>,
}

/// The stage with what it has to remember: the node's marks.
pub(crate) struct Admit {
    gate: Arc<Gate>,
    marks: BTreeMap<NodeId, Mark>,
    limits: Limits,
}

/// How far an observer's clock may be off, in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Limits {
    future: i64,
    ancient: i64,
}

impl Admit {
    pub(crate) fn new(venue: &Venue, keys: &Keys, options: &Options) -> Self {
        Self {
            gate: Arc::new(Gate::new(venue, keys)),
            marks: BTreeMap::new(),
            limits: Limits { future: options.future_ms, ancient: options.ancient_ms },
        }
    }

    /// What frames are held against.
    pub(crate) fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// Every node's mark.
    pub(crate) fn marks(&self) -> &BTreeMap<NodeId, Mark> {
        &self.marks
    }

    /// Takes marks back after a restart.
    pub(crate) fn restore(&mut self, marks: BTreeMap<NodeId, Mark>) {
        self.marks = marks;
    }

    /// A message as it came, and what a door has opened of it. Admitting it marks its node, so that a second delivery is a
    /// duplicate.
    pub(crate) fn message(
        &mut self,
        now: Timestamp,
        from: &Origin,
        topic: &str,
        payload: &[u8],
        opened: Option<&Unsealed>,
    ) -> Result<Admitted, Refusal> {
        match opened.and_then(|opened| opened.by(&self.gate)) {
            Some((frame, false)) => return self.frame(now, frame?),
            Some((frame, true)) => return self.birth(now, frame?),
            None => {}
        }
        if payload.len() > PAYLOAD_MAX {
            return Err(Reason::Oversized.into());
        }
        let topic = wire::Topic::parse(topic).map_err(|_| Reason::Topic)?;
        if topic.venue != self.gate.venue {
            return Err(Reason::Topic.into());
        }
        let one = |event: Result<ContextEvent, Reason>| {
            let mut event = event?;
            self.time(now, &mut event)?;
            Ok(Admitted { events: vec![event], node: None })
        };
        match topic.channel {
            Channel::Event { node } => {
                let frame = self.gate.frame(&from.role, node, payload)?;
                self.frame(now, &frame)
            }
            Channel::Birth { node } => {
                let frame = self.gate.frame(&from.role, node, payload)?;
                self.birth(now, &frame)
            }
            Channel::Signal { name } => {
                may(from, &[Role::Source, Role::Trusted])?;
                one(json::signal(name, payload))
            }
            Channel::Outcome { subject } => {
                may(from, &[Role::Channel, Role::Trusted])?;
                one(json::outcome(subject, payload))
            }
            Channel::Consent { subject } => {
                may(from, &[Role::Channel, Role::Trusted])?;
                one(json::consent(subject, payload))
            }
            Channel::Subject { subject } => {
                may(from, &[Role::Channel, Role::Source, Role::Trusted])?;
                one(json::profile(subject, payload))
            }
            Channel::Feedback { subject } => {
                may(from, &[Role::Channel, Role::Trusted])?;
                one(json::feedback(subject, payload))
            }
            Channel::Pick { subject } => {
                may(from, &[Role::Channel, Role::Trusted])?;
                one(json::pick(subject, payload))
            }
            // What the gateway itself publishes is not for it to read.
            Channel::Config { .. }
            | Channel::Offer { .. }
            | Channel::Choices { .. }
            | Channel::Staff { .. } => Err(Reason::Topic.into()),
        }
    }

    /// An event's time, if clocks may differ that much. An observer without a clock is given the gateway's. A
    /// subject's word is never refused for its time, because a withdrawal must count however long it was under way.
    pub(crate) fn time(&self, now: Timestamp, event: &mut ContextEvent) -> Result<(), Reason> {
        if event.quality == TimeQuality::Unknown {
            event.at = now;
        }
        if let What::Consent { .. } = event.what {
            event.at = event.at.min(now);
            return Ok(());
        }
        let ahead = event.at.0.saturating_sub(now.0);
        if ahead > self.limits.future {
            return Err(Reason::Future);
        }
        if ahead.saturating_neg() > self.limits.ancient {
            return Err(Reason::Ancient);
        }
        Ok(())
    }

    fn frame(&mut self, now: Timestamp, frame: &wire::Frame) -> Result<Admitted, Refusal> {
        if frame.birth.is_some() {
            return Err(Reason::Malformed.into());
        }
        let node = NodeId(frame.header.node.0);
        let old = self.marks.get(&node).copied();
        let mark = window::admit(old, frame.header.boot, frame.header.sequence)?;
        let mut events = Vec::with_capacity(2);
        for what in observations(node, frame)? {
            let mut event = ContextEvent { at: time(&frame.header), quality: quality(&frame.header), what };
            self.time(now, &mut event)?;
            events.push(event);
        }
        self.marks.insert(node, Mark { seen_at: now, ..mark });
        Ok(Admitted { events, node: Some(node) })
    }

    /// A birth or a will. They have no place in the order of events: a birth overtakes the node's backlog, a will was
    /// sealed before all of it. The pipeline knows which of them is news.
    fn birth(&mut self, now: Timestamp, frame: &wire::Frame) -> Result<Admitted, Refusal> {
        let birth = frame.birth.ok_or(Reason::Malformed)?;
        let node = NodeId(frame.header.node.0);
        let what = What::Node {
            node,
            online: birth.online,
            boot: frame.header.boot,
            sequence: frame.header.sequence,
        };
        let event = ContextEvent { at: now, quality: TimeQuality::Estimated, what };
        Ok(Admitted { events: vec![event], node: Some(node) })
    }
}

fn may(from: &Origin, roles: &[Role]) -> Result<(), Reason> {
    if roles.contains(&from.role) { Ok(()) } else { Err(Reason::Impostor) }
}

/// The observations in a frame; a frame with health alone has none.
fn observations(node: NodeId, frame: &wire::Frame) -> Result<impl Iterator<Item = What>, Reason> {
    let place = frame.place.map_or(Place::Node(node), |place| Place::Point {
        lon: f64::from(place.lon_e7) / 1e7,
        lat: f64::from(place.lat_e7) / 1e7,
        level: place.level.map(i16::from),
    });
    let weather =
        frame.weather.map(|reading| What::Weather { place: place.clone(), reading: weather(&reading) });
    let sighting = match frame.sighting {
        None => None,
        Some(seen) => Some(What::Sighting(Sighting {
            subject: SubjectName::new(&seen.subject.to_string()).ok_or(Reason::Malformed)?,
            role: seen.role.map(|role| role.as_str().to_owned()),
            place,
            presence: match seen.presence {
                wire::Presence::Enter | wire::Presence::Stay => Presence::Seen,
                wire::Presence::Leave => Presence::Left,
            },
        })),
    };
    Ok(weather.into_iter().chain(sighting))
}

fn weather(reading: &wire::Weather) -> Weather {
    let hundredths = |value: f64| value / 100.0;
    Weather {
        temperature: reading.temperature_centi_c.map(f64::from).map(hundredths),
        rain: reading.rain_centi_mm_h.map(f64::from).map(hundredths),
        wind: reading.wind_cm_s.map(f64::from).map(hundredths),
        humidity: reading.humidity_centi_pct.map(f64::from).map(hundredths),
        light: reading.light_lx.map(f64::from),
    }
}

fn time(header: &wire::Header) -> Timestamp {
    // Beyond 63 bits is as far in the future as the end of them.
    Timestamp(i64::try_from(header.at_ms).unwrap_or(i64::MAX))
}

fn quality(header: &wire::Header) -> TimeQuality {
    match header.quality {
        wire::Quality::Synced => TimeQuality::Synced,
        wire::Quality::Estimated => TimeQuality::Estimated,
        wire::Quality::Unknown => TimeQuality::Unknown,
    }
}
