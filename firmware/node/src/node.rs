//! The node: senses in, publications out. A state machine without a clock, a socket or a task.
//!
//! [`Node::sense`] looks at whatever is due and turns it into frames in the backlog;
//! [`Node::poll`] does the same and hands out the next frame to publish. What became of a publication comes back
//! through [`Node::acknowledged`], [`Node::lost`] and [`Node::refused`].
//!
//! Next: `session` publishes, `shell` loops.

use core::fmt::Write;

use heapless::{String, Vec};
use turnpage_firmware_wire::topic::{Channel, TOPIC_LEN_MAX};
use turnpage_firmware_wire::{
    Birth, ENCODED_LEN_MAX, Frame, Header, Health, Senses, Text, Topic, WILL_SEQUENCE,
};

use crate::backlog::{Backlog, Entry, Kind};
use crate::presence::{Change, Filter, Heard};
use crate::{BadgeReader, Config, DailyKey, Deadline, Now, Reason, Ticket, WeatherSensor};

/// Most badges taken from the reader in one scan, so that a chattering line cannot hold the node.
const SCAN_BADGES_MAX: usize = 64;

/// A message for the session to publish at QoS 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Publish<'a> {
    /// To be given back when it is settled.
    pub ticket: Ticket,
    /// Where.
    pub topic: &'a str,
    /// A sealed frame.
    pub payload: &'a [u8],
    /// Whether the receiver keeps it for later subscribers.
    pub retain: bool,
}

/// What a broker is to say when it has lost a node; see [`Node::will`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Will {
    topic: TopicText,
    payload: Vec<u8, ENCODED_LEN_MAX>,
}

impl Will {
    /// Topic and payload, as the session's options take them.
    pub fn parts(&self) -> (&str, &[u8]) {
        (&self.topic, &self.payload)
    }
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The receiver cannot take it now: over quota, not (yet) allowed, busy.
    ForNow,
    /// The receiver will never take it: too large, malformed.
    ForGood,
}

/// A sensor node with a badge reader `R` and a weather sensor `W` (either may be [`Absent`](crate::Absent)),
/// room for `BADGES` badges present and `FRAMES` frames waiting. Takes 40 bytes a badge and 196 a frame, and
/// less than 1 KiB besides.
#[derive(Debug)]
pub struct Node<R, W, const BADGES: usize = 64, const FRAMES: usize = 32> {
    config: Config,
    boot: u32,
    sequence: u32,
    reader: R,
    weather: W,
    presence: Filter<BADGES>,
    backlog: Backlog<FRAMES>,
    faults: u32,
    due: Due,
    event_topic: TopicText,
    birth_topic: TopicText,
}

type TopicText = String<TOPIC_LEN_MAX>;

/// When each repeated task is next due, on the uptime clock. All of them are due at once after a start.
#[derive(Debug, Clone, Copy, Default)]
struct Due {
    scan_ms: u64,
    weather_ms: u64,
    heartbeat_ms: u64,
    /// Nothing is handed out before this instant; 0 when nothing holds it back.
    retry_ms: u64,
}

impl<R: BadgeReader, W: WeatherSensor, const BADGES: usize, const FRAMES: usize> Node<R, W, BADGES, FRAMES> {
    /// A node that has just started for the `boot`th time.
    pub fn new(config: Config, boot: u32, reader: R, weather: W) -> Self {
        let node = &config.name;
        let event_topic = topic(&config.venue, Channel::Event { node });
        let birth_topic = topic(&config.venue, Channel::Birth { node });
        Self {
            presence: Filter::new(config.presence),
            config,
            boot,
            sequence: 0,
            reader,
            weather,
            backlog: Backlog::new(),
            faults: 0,
            due: Due::default(),
            event_topic,
            birth_topic,
        }
    }

    /// Does whatever is due at `now` and returns the next message to publish, if any. Call it until it returns
    /// `None` for as long as the session has room, and again no later than at [`Self::deadline`].
    pub fn poll(&mut self, now: Now) -> Option<Publish<'_>> {
        self.sense(now);
        if self.due.retry_ms > 0 {
            return None;
        }
        let entry = self.backlog.next()?;
        let (topic, retain) = match entry.kind {
            Kind::Event => (&self.event_topic, false),
            Kind::Birth => (&self.birth_topic, true),
        };
        Some(Publish { ticket: entry.ticket, topic, payload: entry.frame(), retain })
    }

    /// Does whatever is due at `now` without handing anything out: for a node that is not connected, or whose
    /// session has no room.
    pub fn sense(&mut self, now: Now) {
        if now.uptime_ms >= self.due.retry_ms {
            self.due.retry_ms = 0;
        }
        if R::FITTED {
            if now.uptime_ms >= self.due.scan_ms {
                self.due.scan_ms = now.uptime_ms + u64::from(self.config.intervals.scan_ms.max(1));
                self.scan(now);
            }
            while let Some(change) = self.presence.expire(now.uptime_ms) {
                self.report(now, change);
            }
        }
        if W::FITTED && now.uptime_ms >= self.due.weather_ms {
            self.due.weather_ms = now.uptime_ms + u64::from(self.config.intervals.weather_ms.max(1));
            let sample = self.weather.sample(now.uptime_ms);
            self.faults = self.faults.saturating_add(sample.faults);
            self.append(now, |frame| frame.weather = Some(sample.weather));
        }
        if now.uptime_ms >= self.due.heartbeat_ms {
            self.due.heartbeat_ms =
                now.uptime_ms + u64::from(self.config.intervals.heartbeat_s.max(1)) * 1_000;
            let health = self.health(now);
            self.append(now, |frame| frame.health = Some(health));
        }
    }

    /// When to poll again at the latest, and what for.
    pub fn deadline(&self) -> Deadline {
        let Due { scan_ms, weather_ms, heartbeat_ms, retry_ms } = self.due;
        let heartbeat = Deadline { uptime_ms: heartbeat_ms, reason: Reason::Heartbeat };
        let others = [
            R::FITTED.then_some(Deadline { uptime_ms: scan_ms, reason: Reason::Scan }),
            self.presence.deadline_ms().map(|uptime_ms| Deadline { uptime_ms, reason: Reason::Silence }),
            W::FITTED.then_some(Deadline { uptime_ms: weather_ms, reason: Reason::Weather }),
            (retry_ms > 0).then_some(Deadline { uptime_ms: retry_ms, reason: Reason::Retry }),
        ];
        others.into_iter().flatten().fold(heartbeat, Ord::min)
    }

    /// The retained message a broker is to publish in this node's name when the connection breaks: sealed once, before the
    /// session is set up.
    pub fn will(&self, now: Now) -> Will {
        let header = self.header(now, WILL_SEQUENCE);
        let frame = Frame { birth: self.life(false), ..Frame::new(header) };
        let mut buffer = [0; ENCODED_LEN_MAX];
        // A buffer of this size takes any frame, and no field of this one has a range to leave.
        let payload = frame.seal(&self.config.key, &mut buffer).unwrap_or(&[]);
        Will { topic: self.birth_topic.clone(), payload: Vec::from_slice(payload).unwrap_or_default() }
    }

    /// To be called on every new connection, before the first [`Self::poll`] on it: queues the birth in front, and puts
    /// back to rest whatever the session does not know to be `under_way` (any more).
    pub fn connected(&mut self, now: Now, under_way: impl FnMut(Ticket) -> bool) {
        self.backlog.rest_unless(under_way);
        self.due.retry_ms = 0;
        let birth = self.life(true);
        if let Some(entry) = self.entry(now, Kind::Birth, |frame| frame.birth = birth) {
            self.backlog.push_birth(entry);
        }
    }

    /// The publication is committed at the receiver: the frame is forgotten.
    pub fn acknowledged(&mut self, ticket: Ticket) {
        self.backlog.settle(ticket);
    }

    /// The session that carried the publication is gone without an answer: the frame is published again.
    pub fn lost(&mut self, ticket: Ticket) {
        self.backlog.rest(ticket);
    }

    /// The receiver would not take the publication.
    pub fn refused(&mut self, ticket: Ticket, refusal: Refusal, now: Now) {
        match refusal {
            Refusal::ForGood => self.backlog.give_up(ticket),
            Refusal::ForNow => {
                self.backlog.rest(ticket);
                self.due.retry_ms = now.uptime_ms + u64::from(self.config.intervals.pause_ms);
            }
        }
    }

    /// Changes to another day's key. Everyone here leaves under the old pseudonym and enters again
    /// under the new one with the next reception.
    pub fn set_daily_key(&mut self, now: Now, key: DailyKey) {
        while let Some(change) = self.presence.evict(now.uptime_ms) {
            self.report(now, change);
        }
        self.config.daily_key = key;
    }

    /// How the node is doing at `now`.
    pub fn health(&self, now: Now) -> Health {
        Health {
            uptime_s: u32::try_from(now.uptime_ms / 1_000).unwrap_or(u32::MAX),
            backlog: u16::try_from(self.backlog.len()).unwrap_or(u16::MAX),
            dropped: self.backlog.dropped(),
            faults: self.faults,
            supply_mv: None,
        }
    }

    /// What it was configured with.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// The badge reader, for a board that feeds it.
    pub const fn reader_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// The weather sensor, for a board that feeds it.
    pub const fn weather_mut(&mut self) -> &mut W {
        &mut self.weather
    }

    fn scan(&mut self, now: Now) {
        for _ in 0..SCAN_BADGES_MAX {
            match self.reader.read() {
                Ok(Some(badge)) => {
                    let subject = self.config.daily_key.pseudonym(&badge.uid);
                    let Heard { evicted, change } =
                        self.presence.hear(subject, badge.role, badge.rssi_dbm, now.uptime_ms);
                    self.faults = self.faults.saturating_add(u32::from(evicted.is_some()));
                    for change in [evicted, change].into_iter().flatten() {
                        self.report(now, change);
                    }
                }
                Ok(None) => return,
                Err(_fault) => self.faults = self.faults.saturating_add(1),
            }
        }
    }

    fn report(&mut self, now: Now, change: Change) {
        self.append(now.back_to(change.uptime_ms), |frame| frame.sighting = Some(change.sighting));
    }

    fn append(&mut self, now: Now, fill: impl FnOnce(&mut Frame)) {
        if let Some(entry) = self.entry(now, Kind::Event, fill) {
            self.backlog.push(entry);
        }
    }

    /// Seals one frame. `None` cannot occur: every frame fits [`ENCODED_LEN_MAX`], and a node makes none out of range.
    fn entry(&mut self, now: Now, kind: Kind, fill: impl FnOnce(&mut Frame)) -> Option<Entry> {
        let header = self.header(now, self.sequence);
        self.sequence = self.sequence.wrapping_add(1);
        let mut frame = Frame::new(header);
        fill(&mut frame);
        let mut buffer = [0; ENCODED_LEN_MAX];
        let sealed = frame.seal(&self.config.key, &mut buffer).ok();
        let entry = sealed.and_then(|bytes| Entry::new(Ticket(header.sequence), kind, bytes));
        debug_assert!(entry.is_some(), "a node's own frame does not encode");
        entry
    }

    const fn header(&self, now: Now, sequence: u32) -> Header {
        let Now { at_ms, quality, .. } = now;
        Header { node: self.config.id, boot: self.boot, sequence, at_ms, quality }
    }

    fn life(&self, online: bool) -> Option<Birth> {
        let sense = |fitted: bool, sense| if fitted { sense } else { Senses::default() };
        let senses = sense(R::FITTED, Senses::BADGE).and(sense(W::FITTED, Senses::WEATHER));
        let firmware = self.config.firmware.or_else(|| Text::new("unknown"))?;
        Some(Birth { online, firmware, senses, heartbeat_s: self.config.intervals.heartbeat_s })
    }
}

fn topic(venue: &str, channel: Channel<'_>) -> TopicText {
    let mut text = TopicText::new();
    let written = write!(text, "{}", Topic { venue, channel });
    debug_assert!(written.is_ok(), "every topic fits its bound");
    text
}
