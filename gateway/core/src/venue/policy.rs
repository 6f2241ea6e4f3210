//! What may be offered when: the venue's `policy`, its channels and its purposes of consent.
//!
//! Plain data and its reading. Before: read.rs. Next: plan.rs, which goes by it; pools.rs and auction.rs for what is scarce.

use turnpage_journeys_document::{Fields, Node};
use turnpage_journeys_expr::{Diagnostic, SET_MAX, Span};

use super::parts::unknown;
use super::read::words;

/// Live offers of one subject that a channel may be said to hold: more are no arbitration.
const SLOTS_MAX: i64 = 32;
/// Longest wait that fatigue can bring: a month without a word is a goodbye.
const WAIT_MS_MAX: i64 = 31 * 86_400_000;
/// Millionths in a whole.
pub(crate) const PPM: u32 = 1_000_000;

type Problems = Vec<Diagnostic>;

/// What may be offered when.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Policy {
    /// Whether offers need a yes first.
    pub consent: Consent,
    /// What consent is asked for, in the file's order; none where there is one consent for all.
    pub purposes: Vec<PurposeDeclared>,
    /// Offers for each subject and venue-local day.
    pub offers_per_day: Option<u32>,
    /// Offers of one journey for each subject and venue-local day.
    pub offers_per_journey: Option<u32>,
    /// Offers for a party and all its members together, each venue-local day.
    pub offers_per_party: Option<u32>,
    /// Milliseconds between two offers to a subject; 0 none.
    pub min_gap_ms: i64,
    /// How much longer who takes nothing is left alone.
    pub fatigue: Option<Fatigue>,
    /// Milliseconds since local midnight, from (inclusive) and until (exclusive); may wrap midnight.
    pub quiet_hours: Option<(u32, u32)>,
    /// Channels that exist here; empty for any.
    pub channels: Vec<String>,
    /// How many live offers each channel of a subject holds.
    pub slots: Slots,
    /// Which of an offer's channels it takes.
    pub channel: ChannelBy,
    /// Share of subjects that a journey never makes offers to, in millionths.
    pub hold_out_ppm: u32,
}

impl Policy {
    /// Whether what stands of a subject's offers has to be remembered beside the offers themselves.
    #[must_use]
    pub fn follows(&self) -> bool {
        self.slots != Slots::default() || !self.purposes.is_empty()
    }

    /// The place of a purpose in [`Policy::purposes`].
    #[must_use]
    pub fn find_purpose(&self, name: &str) -> Option<usize> {
        self.purposes.iter().position(|purpose| purpose.name == name)
    }
}

/// Whether offers need a yes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Consent {
    /// Until it is withdrawn, consent is taken for granted (say, part of the ticket's terms).
    #[default]
    Assumed,
    /// No offer before a yes.
    Required,
}

/// Something that consent is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PurposeDeclared {
    /// Its name, as journeys and consent messages say it.
    pub name: String,
    /// Whether it needs a yes of its own.
    pub consent: Consent,
}

/// Who takes nothing is left alone longer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fatigue {
    /// So many offers in a row that were declined or ran out.
    pub after: u32,
    /// How long to wait then, in milliseconds; twice as long with each further one.
    pub wait_ms: i64,
    /// And at most so long.
    pub most_ms: i64,
}

/// How many live offers each channel of a subject holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Slots {
    /// As many as journeys make.
    #[default]
    Any,
    /// So many on every channel.
    Each(u32),
    /// So many on these channels, as many as journeys make on others.
    Of(Vec<(String, u32)>),
}

impl Slots {
    /// The bound of a channel, if it has one.
    #[must_use]
    pub fn of(&self, channel: &str) -> Option<u32> {
        match self {
            Self::Any => None,
            Self::Each(count) => Some(*count),
            Self::Of(counts) => counts.iter().find(|(name, _)| name == channel).map(|(_, count)| *count),
        }
    }
}

/// Which of an offer's channels it takes, of those that exist here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ChannelBy {
    /// The offer's first.
    #[default]
    Listed,
    /// The one that the subject is present on, and else the offer's first.
    Present,
}

/// The lists `channels` and `policy`, which name each other's words, and `purposes`.
pub(super) fn read(
    policy: Option<&Node>,
    channels: Option<&Node>,
    purposes: Option<&Node>,
    problems: &mut Problems,
) -> Policy {
    let listed = channels.map(|node| words("channel", Some(node), problems).into_names());
    let purposes = purposes.map(|node| self::purposes(node, problems)).unwrap_or_default();
    let policy = match policy {
        Some(node) => self::policy(node, listed, problems).unwrap_or_default(),
        None => Policy { channels: listed.unwrap_or_default(), ..Policy::default() },
    };
    Policy { purposes, ..policy }
}

fn policy(node: &Node, listed: Option<Vec<String>>, problems: &mut Problems) -> Option<Policy> {
    let mut keys = node.fields(problems)?;
    let consent = [("assumed", Consent::Assumed), ("required", Consent::Required)];
    let consent = keys.optional("consent", problems).and_then(|node| node.word(&consent, problems));
    let offers_per_day = count(&mut keys, "offers_per_day", problems);
    let offers_per_journey = count(&mut keys, "offers_per_journey", problems);
    let offers_per_party = count(&mut keys, "offers_per_party", problems);
    let min_gap_ms = keys.optional("min_gap", problems).and_then(|node| node.duration_ms(problems));
    let fatigue = keys.optional("fatigue", problems).and_then(|node| fatigue(node, problems));
    let quiet_hours = keys.optional("quiet_hours", problems).and_then(|node| hours(node, problems));
    let own = keys.optional("channels", problems);
    if let Some(node) = own.filter(|_| listed.is_some()) {
        let problem = Diagnostic::error("duplicate", node.span, "the venue's `channels` say this already");
        problems.push(problem.with_help("keep one of the two lists"));
    }
    let own = words("channel", own, problems).into_names();
    let channels = listed.unwrap_or(own);
    let slots = keys.optional("slots", problems).and_then(|node| slots(node, &channels, problems));
    let by = [("listed", ChannelBy::Listed), ("present", ChannelBy::Present)];
    let channel = keys.optional("channel", problems).and_then(|node| node.word(&by, problems));
    let hold_out = keys.optional("hold_out", problems).and_then(|node| share_ppm(node, problems));
    keys.finish(problems);
    Some(Policy {
        consent: consent.unwrap_or_default(),
        purposes: Vec::new(),
        offers_per_day,
        offers_per_journey,
        offers_per_party,
        min_gap_ms: min_gap_ms.unwrap_or(0),
        fatigue,
        quiet_hours,
        channels,
        slots: slots.unwrap_or_default(),
        channel: channel.unwrap_or_default(),
        hold_out_ppm: hold_out.unwrap_or(0),
    })
}

fn count(keys: &mut Fields<'_>, key: &'static str, problems: &mut Problems) -> Option<u32> {
    let node = keys.optional(key, problems)?;
    node.int_in(0..=i64::from(u32::MAX), problems).and_then(|count| u32::try_from(count).ok())
}

/// `{ service: assumed, adverts: required }`
fn purposes(node: &Node, problems: &mut Problems) -> Vec<PurposeDeclared> {
    let words = [("assumed", Consent::Assumed), ("required", Consent::Required)];
    let entries = node.entries(problems).unwrap_or_default();
    if entries.len() > SET_MAX as usize {
        let message = format!("{} purposes; a venue has at most {SET_MAX}", entries.len());
        problems.push(Diagnostic::error("too-many", node.span, message));
        return Vec::new();
    }
    let mut declared = Vec::with_capacity(entries.len());
    for entry in entries {
        let name = entry.key.text();
        if name == crate::event::ALL_PURPOSES {
            let problem = Diagnostic::error("bad-name", entry.key_span, "`offers` stands for all purposes");
            problems.push(problem.with_help("give this one a name of its own, such as `adverts`"));
        } else if !turnpage_firmware_wire::topic::is_name(name) {
            let message = format!("`{name}` cannot be a purpose");
            let problem = Diagnostic::error("bad-name", entry.key_span, message);
            problems.push(problem.with_help("1 to 32 letters, digits, `_`, `.` or `-`"));
        } else if let Some(consent) = entry.value.word(&words, problems) {
            declared.push(PurposeDeclared { name: name.to_owned(), consent });
        }
    }
    declared
}

/// `{ after: 3, wait: 1h, most: 8h }`
fn fatigue(node: &Node, problems: &mut Problems) -> Option<Fatigue> {
    let mut keys = node.fields(problems)?;
    let after = keys.required("after", problems);
    let after = after.and_then(|node| node.int_in(1..=i64::from(u16::MAX), problems));
    let wait = keys.required("wait", problems).and_then(|node| wait_ms(node, problems));
    let most = keys.optional("most", problems);
    let most_ms = most.and_then(|node| wait_ms(node, problems));
    keys.finish(problems);
    let (after, wait_ms) = (u32::try_from(after?).ok()?, wait?);
    if let (Some(most), Some(most_ms)) = (most, most_ms)
        && most_ms < wait_ms
    {
        let problem = Diagnostic::error("out-of-range", most.span, "this is shorter than `wait`");
        problems.push(problem.with_help("`most` bounds how far the wait grows; absent: as long as `wait`"));
    }
    Some(Fatigue { after, wait_ms, most_ms: most_ms.unwrap_or(wait_ms) })
}

fn wait_ms(node: &Node, problems: &mut Problems) -> Option<i64> {
    let wait = node.duration_ms(problems)?;
    if wait == 0 || wait > WAIT_MS_MAX {
        let problem =
            Diagnostic::error("out-of-range", node.span, "a wait is longer than nothing, and at most `31d`");
        problems.push(problem);
    }
    Some(wait)
}

/// `1`, or `{ band: 1, app: 3 }`
fn slots(node: &Node, channels: &[String], problems: &mut Problems) -> Option<Slots> {
    let bound = |node: &Node, problems: &mut Problems| {
        node.int_in(1..=SLOTS_MAX, problems).and_then(|count| u32::try_from(count).ok())
    };
    if !node.is_map() {
        return bound(node, problems).map(Slots::Each);
    }
    let mut of = Vec::new();
    for entry in node.entries(problems)? {
        let name = entry.key.text();
        is_channel(name, entry.key_span, channels, problems);
        of.extend(bound(&entry.value, problems).map(|count| (name.to_owned(), count)));
    }
    Some(Slots::Of(of))
}

/// Whether a venue has a channel. One that lists none has any.
pub(super) fn is_channel(name: &str, span: Span, channels: &[String], problems: &mut Problems) -> bool {
    let known = channels.is_empty() || channels.iter().any(|known| known == name);
    if !known {
        problems.push(unknown("channel", name, span, channels.iter().map(String::as_str)));
    }
    known
}

/// A share between 0 and 1, in millionths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and a million")]
fn share_ppm(node: &Node, problems: &mut Problems) -> Option<u32> {
    let share = node.double(problems)?;
    if (0.0..=1.0).contains(&share) {
        return Some(libm::round(share * f64::from(PPM)) as u32);
    }
    let problem = Diagnostic::error("out-of-range", node.span, format!("`{share}` is not between 0 and 1"));
    problems.push(if (0.0..=100.0).contains(&share) {
        problem.with_help(format!("write {share} % as `{}`", share / 100.0))
    } else {
        problem.with_help("write a share, such as `0.05`")
    });
    None
}

/// `{ from: "22:00", to: "08:00" }`
pub(super) fn hours(node: &Node, problems: &mut Problems) -> Option<(u32, u32)> {
    let mut keys = node.fields(problems)?;
    let from = keys.required("from", problems).and_then(|node| time_of_day(node, problems));
    let to = keys.required("to", problems).and_then(|node| time_of_day(node, problems));
    keys.finish(problems);
    Some((from?, to?))
}

/// `22:00` as milliseconds since local midnight.
fn time_of_day(node: &Node, problems: &mut Problems) -> Option<u32> {
    let text = node.text(problems)?;
    let number = |digits: &str, below: u32| {
        let plain = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.parse().ok().filter(|value| plain && *value < below)
    };
    let time = text.split_once(':').and_then(|(hour, minute)| {
        let (hour, minute): (u32, u32) = (number(hour, 24)?, number(minute, 60)?);
        Some((hour * 60 + minute) * 60_000)
    });
    if time.is_none() {
        let problem = Diagnostic::error("bad-time", node.span, format!("`{text}` is not a time of day"));
        problems.push(problem.with_help("write hours and minutes: `\"08:30\"`"));
    }
    time
}
