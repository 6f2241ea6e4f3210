//! A node over its whole life without a network: what it says when, under which name, and what it does when nobody listens.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use turnpage_firmware_node::{
    Absent, Badge, BadgeReader, Config, DailyKey, Deadline, Fault, Intervals, Node, Now, Reason, Refusal,
    Rules, Sample, Uid, WeatherSensor,
};
use turnpage_firmware_wire::{Frame, Health, Key, Name, NodeId, Presence, Quality, Role, Sealed, Weather};

const BOOT_AT_MS: u64 = 1_795_334_400_000;

/// A reader and a weather sensor fed from the test.
#[derive(Clone, Default)]
struct Hand(Rc<RefCell<VecDeque<Result<Badge, Fault>>>>);

impl BadgeReader for Hand {
    fn read(&mut self) -> Result<Option<Badge>, Fault> {
        self.0.borrow_mut().pop_front().transpose()
    }
}

impl Hand {
    fn badge(&self, uid: &[u8], role: Option<&str>) {
        let uid = Uid::new(uid).expect("a uid");
        let role = role.map(|role| Role::new(role).expect("a role"));
        self.0.borrow_mut().push_back(Ok(Badge { uid, role, rssi_dbm: Some(-60) }));
    }
}

struct Sunny;

impl WeatherSensor for Sunny {
    fn sample(&mut self, uptime_ms: u64) -> Sample {
        let temperature_centi_c = i16::try_from(uptime_ms / 1_000).ok();
        Sample { weather: Weather { temperature_centi_c, ..Weather::default() }, faults: 1 }
    }
}

fn key() -> Key {
    Key::new(&[1; Key::LEN])
}

fn config() -> Config {
    let name = |name| Name::new(name).expect("a name");
    let mut config = Config::new(NodeId(12), name("gate-1"), name("park"), key(), DailyKey::new([2; 32]));
    config.intervals =
        Intervals { scan_ms: 500, weather_ms: 10_000, heartbeat_s: 60, ..Intervals::default() };
    config.presence = Rules { stay_ms: 5_000, silence_ms: 3_000, ..Rules::default() };
    config
}

fn at(uptime_ms: u64) -> Now {
    Now::synced(uptime_ms, BOOT_AT_MS + uptime_ms)
}

/// Everything the node has to say at `now`, acknowledged at once.
fn say<R: BadgeReader, W: WeatherSensor, const B: usize, const F: usize>(
    node: &mut Node<R, W, B, F>,
    now: Now,
) -> Vec<Frame> {
    let mut frames = Vec::new();
    while let Some(publish) = node.poll(now) {
        frames.push(
            Sealed::parse(publish.payload).and_then(|sealed| sealed.verify(&key())).expect("its own frame"),
        );
        let ticket = publish.ticket;
        node.acknowledged(ticket);
    }
    frames
}

/// (time since boot, presence) of the sightings among frames.
fn sightings(frames: &[Frame]) -> Vec<(u64, Presence)> {
    let seen =
        frames.iter().filter_map(|frame| Some((frame.header.at_ms - BOOT_AT_MS, frame.sighting?.presence)));
    seen.collect()
}

#[test]
fn a_visit_is_told_from_enter_to_leave_with_its_own_times() {
    let hand = Hand::default();
    let mut node: Node<_, _> = Node::new(config(), 3, hand.clone(), Absent);
    say(&mut node, at(0));
    hand.badge(b"\x04\x01", Some("vip"));
    let frames = say(&mut node, at(700));
    assert_eq!(sightings(&frames), [(700, Presence::Enter)]);
    assert_eq!(frames[0].sighting.and_then(|sighting| sighting.role).as_deref(), Some("vip"));
    for second in 1..=5 {
        hand.badge(b"\x04\x01", Some("vip"));
        let expected = if second == 5 { vec![(5_700, Presence::Stay)] } else { vec![] };
        assert_eq!(sightings(&say(&mut node, at(700 + second * 1_000))), expected);
    }
    assert_eq!(node.deadline(), Deadline { uptime_ms: 6_200, reason: Reason::Scan });
    // The board slept over the end of the silence: the leave is dated when it was complete.
    assert_eq!(sightings(&say(&mut node, at(20_000))), [(8_700, Presence::Leave)]);
}

#[test]
fn all_nodes_of_a_venue_name_a_badge_alike_and_only_today() {
    let uid = Uid::new(b"\x04\xa2\x19\x6b\x22\x33\x44").expect("a uid");
    let today = DailyKey::of_day([9; 32], 20_779);
    assert_eq!(today.pseudonym(&uid), DailyKey::of_day([9; 32], 20_779).pseudonym(&uid));
    assert_ne!(today.pseudonym(&uid), DailyKey::of_day([9; 32], 20_780).pseudonym(&uid));
    assert_ne!(today.pseudonym(&uid), DailyKey::of_day([8; 32], 20_779).pseudonym(&uid));
    // Computed by another implementation of HMAC-SHA-256.
    let mut jefe = [0; 32];
    jefe[..4].copy_from_slice(b"Jefe");
    let short = Uid::new(b"what do ya").expect("a uid");
    assert_eq!(DailyKey::new(jefe).pseudonym(&short).to_string(), "60382e084c5806b8");
}

#[test]
fn a_new_day_renames_everybody_who_is_here() {
    let hand = Hand::default();
    let mut node: Node<_, _> = Node::new(config(), 3, hand.clone(), Absent);
    hand.badge(b"\x04\x01", None);
    let before = say(&mut node, at(0));
    node.set_daily_key(at(1_000), DailyKey::new([3; 32]));
    hand.badge(b"\x04\x01", None);
    let after = say(&mut node, at(1_000));
    assert_eq!(sightings(&after), [(1_000, Presence::Leave), (1_000, Presence::Enter)]);
    let subject = |frames: &[Frame], index: usize| {
        frames.iter().filter_map(|frame| frame.sighting).nth(index).map(|sighting| sighting.subject)
    };
    assert_eq!(subject(&before, 0), subject(&after, 0));
    assert_ne!(subject(&after, 0), subject(&after, 1));
}

#[test]
fn weather_and_health_come_at_their_intervals_and_faults_are_told() {
    let hand = Hand::default();
    hand.0.borrow_mut().push_back(Err(Fault::Format));
    let mut node: Node<_, _> = Node::new(config(), 3, hand, Sunny);
    let mut said = Vec::new();
    for second in 0..=60 {
        said.extend(say(&mut node, at(second * 1_000)));
    }
    let weather: Vec<_> = said.iter().filter_map(|frame| frame.weather?.temperature_centi_c).collect();
    assert_eq!(weather, [0, 10, 20, 30, 40, 50, 60]);
    let health: Vec<_> = said.iter().filter_map(|frame| frame.health).collect();
    // The frame that tells it is not yet in the backlog it tells of; the weather of the same instant is.
    assert_eq!(health[0], Health { uptime_s: 0, backlog: 1, dropped: 0, faults: 2, supply_mv: None });
    assert_eq!(health[1], Health { uptime_s: 60, faults: 8, ..health[0] });
    assert_eq!(health.len(), 2);
}

#[test]
fn deadlines_say_what_they_are_for() {
    let hand = Hand::default();
    let mut node: Node<_, _> = Node::new(config(), 3, Absent, Sunny);
    assert_eq!(node.deadline().uptime_ms, 0, "after a start everything is due");
    say(&mut node, at(0));
    assert_eq!(node.deadline(), Deadline { uptime_ms: 10_000, reason: Reason::Weather });

    let mut node: Node<_, _> = Node::new(config(), 3, Absent, Absent);
    say(&mut node, at(0));
    assert_eq!(node.deadline(), Deadline { uptime_ms: 60_000, reason: Reason::Heartbeat });

    let mut slow = config();
    slow.intervals.scan_ms = 4_000;
    let mut node: Node<_, _> = Node::new(slow, 3, hand.clone(), Absent);
    hand.badge(b"\x04\x01", None);
    say(&mut node, at(0));
    assert_eq!(node.deadline(), Deadline { uptime_ms: 3_000, reason: Reason::Silence });
}

#[test]
fn what_nobody_takes_is_kept_and_then_counted() {
    let mut node: Node<_, _, 64, 16> = Node::new(config(), 3, Absent, Sunny);
    for second in 0..=600 {
        node.sense(at(second * 1_000));
    }
    // 61 weathers and 11 healths were made; the last 16 of them are kept.
    let said = say(&mut node, at(600_000));
    let kept: Vec<_> = said.iter().map(|frame| frame.header.sequence).collect();
    assert_eq!(kept, (56..72).collect::<Vec<_>>());
    assert_eq!(node.health(at(600_000)).dropped, 56);
    assert!(
        said.iter().filter_map(|frame| frame.health).all(|health| health.dropped > 0),
        "it says so itself"
    );
}

#[test]
fn a_refusal_for_now_waits_and_one_for_good_is_counted() {
    let mut node: Node<_, _> = Node::new(config(), 3, Absent, Absent);
    let ticket = node.poll(at(0)).expect("a heartbeat").ticket;
    node.refused(ticket, Refusal::ForNow, at(100));
    assert_eq!(node.poll(at(200)), None);
    assert_eq!(node.deadline(), Deadline { uptime_ms: 1_100, reason: Reason::Retry });
    assert_eq!(node.poll(at(1_100)).map(|publish| publish.ticket), Some(ticket));
    node.refused(ticket, Refusal::ForGood, at(1_200));
    assert_eq!(node.poll(at(1_200)), None);
    assert_eq!(node.health(at(1_200)).dropped, 1);
}

#[test]
fn a_new_connection_begins_with_a_birth_and_repeats_what_is_unsettled() {
    let mut node: Node<_, _> = Node::new(config(), 3, Absent, Sunny);
    let first = node.poll(at(0)).expect("weather").ticket;
    let second = node.poll(at(0)).expect("health").ticket;
    node.connected(at(500), |ticket| ticket == first);
    let birth = node.poll(at(500)).expect("a birth");
    assert_eq!((birth.topic, birth.retain), ("turnpage/v1/park/node/gate-1/birth", true));
    assert_eq!(
        node.poll(at(500)).map(|publish| publish.ticket),
        Some(second),
        "the session does not know it"
    );
    assert_eq!(node.poll(at(500)), None, "the session knows it to be under way");
}

#[test]
fn a_node_without_the_time_says_so() {
    let mut node: Node<_, _> = Node::new(config(), 3, Absent, Absent);
    let frames = say(&mut node, Now::unknown(1_234));
    assert_eq!((frames[0].header.at_ms, frames[0].header.quality), (1_234, Quality::Unknown));
    let will = node.will(Now::unknown(0));
    let (topic, payload) = will.parts();
    assert_eq!(topic, "turnpage/v1/park/node/gate-1/birth");
    assert!(Sealed::parse(payload).and_then(|sealed| sealed.verify(&key())).is_ok());
}

#[test]
fn memory_is_what_the_documentation_says() {
    let small = size_of::<Node<Absent, Absent, 16, 16>>();
    assert_eq!(size_of::<Node<Absent, Absent, 32, 16>>() - small, 16 * 40, "40 bytes a badge");
    assert_eq!(size_of::<Node<Absent, Absent, 16, 32>>() - small, 16 * 196, "196 bytes a frame");
    assert!(small - 16 * (40 + 196) < 1024, "{} bytes besides", small - 16 * (40 + 196));
}
