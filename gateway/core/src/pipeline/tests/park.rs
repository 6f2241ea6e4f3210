//! The park of the venue's tests, with one journey and frames sealed as its nodes would.

use std::sync::OnceLock;

use turnpage_firmware_wire as wire;
use turnpage_journeys_engine::{
    ChoiceDef, Definition, Library, OfferDef, On, Outcome, OutcomeOf, PageDef, Upgrade, WordingDef, compile,
};

use super::super::{Admission, Pipeline};
use crate::Timestamp;
use crate::batch::State;
use crate::edition::{Edition, EditionDigest, EditionFile, EditionPart};
use crate::event::{ContextEvent, TimeQuality, What};
use crate::id::NodeId;
use crate::options::{Keys, Options, Origin, Role};
use crate::venue::{SourceFile, VENUE_FILE, Venue};

/// 2026-07-20 12:00 in New York.
pub(super) const NOON: i64 = 1_784_563_200_000;
pub(super) const MINUTE: i64 = 60_000;
const SECRET: [u8; 32] = [7; 32];

pub(super) struct Park {
    pub(super) pipeline: Pipeline,
    sequence: u32,
}

pub(super) fn event(at: i64, what: What) -> ContextEvent {
    ContextEvent { at: Timestamp(at), quality: TimeQuality::Synced, what }
}

pub(super) fn sighting(badge: u64) -> wire::Sighting {
    wire::Sighting {
        subject: wire::Pseudonym(badge.to_be_bytes()),
        role: wire::Text::new("guest"),
        presence: wire::Presence::Enter,
        rssi_dbm: None,
    }
}

/// The park, with more keys in its `venue.yaml`.
fn venue(more: &str) -> Venue {
    let park = &format!("{}\n{more}", include_str!("../../venue/tests/park.yaml"));
    let zones = include_str!("../../venue/tests/zones.geojson");
    let files =
        [SourceFile { name: VENUE_FILE, text: park }, SourceFile { name: "zones.geojson", text: zones }];
    Venue::read(&files).unwrap()
}

/// Cocoa for whoever stands in the rain.
fn rainy_day() -> Definition {
    let of = |outcome| OutcomeOf { offer: "cocoa".into(), outcome };
    let on = |outcome, page: &str| ChoiceDef {
        on: Some(On::Outcome(of(outcome)).into()),
        turn_to: Some(page.into()),
        ..ChoiceDef::default()
    };
    let strolling = ChoiceDef {
        when: Some("place.outdoor && weather.rain > 0.5".into()),
        offer: Some("cocoa".into()),
        turn_to: Some("shelter".into()),
        ..ChoiceDef::default()
    };
    let expired = on(Outcome::Expired, "strolling");
    let page = |name: &str, choices| PageDef { name: name.into(), choices, ..PageDef::default() };
    Definition {
        name: "rainy-day".into(),
        version: 1,
        offers: vec![OfferDef {
            name: "cocoa".into(),
            text: vec![WordingDef {
                language: "en".into(),
                channel: None,
                text: "It rains. Cocoa at {nearest('food').name}?".into(),
            }],
            channels: vec!["band".into()],
            valid_ms: Some((20 * MINUTE).into()),
            ..OfferDef::default()
        }],
        pages: vec![
            page("strolling", vec![strolling]),
            page("shelter", vec![on(Outcome::Accepted, "cosy"), on(Outcome::Withheld, "strolling"), expired]),
            page(
                "cosy",
                vec![ChoiceDef {
                    when: Some("weather.rain < 0.1".into()),
                    turn_to: Some("strolling".into()),
                    ..ChoiceDef::default()
                }],
            ),
        ],
        ..Definition::default()
    }
}

/// The editions that there are of the park: as it was; with a page under another name and one signal less; begun anew.
pub(super) const EDITIONS: usize = 3;

struct Ready {
    venue: Venue,
    library: Library,
    edition: Edition,
}

/// An edition, read and compiled once: that is dear, and hundreds of cases want the same.
fn ready(which: usize) -> &'static Ready {
    static READY: [OnceLock<Ready>; EDITIONS] = [const { OnceLock::new() }; EDITIONS];
    READY[which].get_or_init(|| {
        let mut journey = rainy_day();
        journey.version = u32::try_from(which).unwrap() + 1;
        let mut park = venue("");
        match which {
            1 => {
                park.signals.retain(|signal| signal.name != "wait-coaster");
                journey.pages[1].name = "waiting".into();
                journey.pages[0].choices[0].turn_to = Some("waiting".into());
                journey.upgrade = Upgrade::Map(vec![("shelter".into(), "waiting".into())]).into();
            }
            2 => journey.upgrade = Upgrade::Restart.into(),
            _ => {}
        }
        let compiled = compile(&[journey], &park.schema());
        let library = compiled.library.unwrap_or_else(|| panic!("{:#?}", compiled.problems));
        let text = EditionFile { part: EditionPart::Journeys, name: which.to_string(), text: String::new() };
        let digest = u8::try_from(which).unwrap();
        Ready { venue: park, library, edition: Edition::new(&[text], |_| [digest; 32]) }
    })
}

/// Which of the editions goes by this.
pub(super) fn number(EditionDigest([which, ..]): EditionDigest) -> usize {
    which.into()
}

fn keys() -> Keys {
    Keys((1..=4).map(|node| (NodeId(node), SECRET)).collect())
}

fn options() -> Options {
    Options { seed: 42, ..Options::default() }
}

impl Park {
    pub(super) fn new() -> Self {
        Self::restored(State::default())
    }

    /// The park after a restart, under the edition that it was in.
    pub(super) fn restored(state: State) -> Self {
        let ready = ready(state.edition().map_or(0, |edition| number(edition.digest())));
        Self::of(ready.venue.clone(), ready.library.clone(), state)
    }

    /// Goes on under one of the editions, as a reload and a restart do.
    pub(super) fn edition(&mut self, now: i64, which: usize) {
        let ready = ready(which);
        let (venue, library, edition) = (ready.venue.clone(), ready.library.clone(), ready.edition.clone());
        let (now, state) = (Timestamp(now), self.pipeline.state());
        let next = Pipeline::migrate(now, edition, venue, library, keys(), options(), state).unwrap();
        let old = std::mem::replace(&mut self.pipeline, next);
        self.pipeline.relieve(old);
    }

    /// The park with more keys in its `venue.yaml` and with other journeys, after a restart.
    pub(super) fn with(more: &str, journeys: &[Definition], state: State) -> Self {
        let venue = venue(more);
        let compiled = compile(journeys, &venue.schema());
        let library = compiled.library.unwrap_or_else(|| panic!("{:#?}", compiled.problems));
        Self::of(venue, library, state)
    }

    /// The park where every change of zone counts at once.
    pub(super) fn unsettled() -> Self {
        let park = Self::new();
        let mut venue = park.pipeline.venue().clone();
        venue.presence.settle_ms = 0;
        Self::of(venue, park.pipeline.library().clone(), State::default())
    }

    fn of(venue: Venue, library: Library, state: State) -> Self {
        let (keys, options) = (keys(), options());
        let pipeline = if state == State::default() {
            Pipeline::new(venue, library, keys, options)
        } else {
            Pipeline::restore(venue, library, keys, options, state).unwrap()
        };
        Self { pipeline, sequence: 0 }
    }

    /// A frame as the node would seal it.
    pub(super) fn frame(
        &self,
        node: u32,
        sequence: u32,
        at: i64,
        fill: impl FnOnce(&mut wire::Frame),
    ) -> Vec<u8> {
        let at_ms = u64::try_from(at).unwrap();
        let header = wire::Header {
            node: wire::NodeId(node),
            boot: 3,
            sequence,
            at_ms,
            quality: wire::Quality::Synced,
        };
        let mut frame = wire::Frame::new(header);
        fill(&mut frame);
        let mut buffer = [0; wire::FRAME_LEN_MAX];
        frame.seal(&wire::Key::new(&SECRET), &mut buffer).unwrap().to_vec()
    }

    /// A message on a topic of the park.
    pub(super) fn say(&mut self, now: i64, role: Role, topic: &str, payload: &[u8]) -> Admission {
        let origin = Origin { client: "test".into(), role };
        let topic = format!("turnpage/v1/harbour-park/{topic}");
        self.pipeline.message(Timestamp(now), &origin, &topic, payload)
    }

    /// The plaza's node sees a badge.
    pub(super) fn badge(&mut self, now: i64, badge: u64) -> Admission {
        self.seen(now, now, badge, TimeQuality::Synced)
    }

    /// The plaza's node saw a badge at a time of its own.
    pub(super) fn seen(&mut self, now: i64, at: i64, badge: u64, quality: TimeQuality) -> Admission {
        self.sequence += 1;
        let frame = self.frame(1, self.sequence, at, |frame| {
            frame.sighting = Some(sighting(badge));
            if quality == TimeQuality::Unknown {
                frame.header.quality = wire::Quality::Unknown;
            }
        });
        self.say(now, Role::Trusted, "node/plaza-1/event", &frame)
    }

    /// The mast measures rain, in hundredths of a millimetre an hour.
    pub(super) fn rain(&mut self, now: i64, rain: u16) -> Admission {
        self.sequence += 1;
        let reading = wire::Weather { rain_centi_mm_h: Some(rain), ..wire::Weather::default() };
        let frame = self.frame(2, self.sequence, now, |frame| frame.weather = Some(reading));
        self.say(now, Role::Trusted, "node/mast/event", &frame)
    }

    /// A birth or will of the plaza's node.
    pub(super) fn life(&mut self, online: bool, boot: u32, sequence: u32) -> Admission {
        let frame = self.frame(1, sequence, NOON, |frame| {
            frame.header.boot = boot;
            frame.birth = Some(wire::Birth {
                online,
                firmware: wire::Text::new("1.0").unwrap(),
                senses: wire::Senses::BADGE,
                heartbeat_s: 60,
            });
        });
        self.say(NOON, Role::Trusted, "node/plaza-1/birth", &frame)
    }

    /// The offers of a new batch, as `subject offer`.
    pub(super) fn offers(&mut self) -> Vec<String> {
        let batch = self.pipeline.take_batch();
        batch.outbox.iter().map(|offer| format!("{} {}", offer.subject, offer.offer)).collect()
    }
}
