//! Who pays for a slot, and how much: the venue's `auction`, in `venue.yaml` or in a file that it names.
//!
//! A bid is for a slot, never for a person: its condition reads what is so at a place and a time, and whatever it reads of
//! the subject is an error with its place in the text. Plain data and its reading. Before: read.rs. Next:
//! plan/auction.rs, which holds the auctions.

use turnpage_journeys_document::{Fields, Node};
use turnpage_journeys_expr::{Diagnostic, Expression, Scope, Span, Type};

use super::Venue;
use super::policy::{hours, is_channel};
use super::schema::{FactKind, declare};

/// Vendors of one venue: each has a budget that is saved by itself.
const VENDORS_MAX: usize = 64;
/// Bids of one vendor, and floors of a venue: all are looked at for every slot.
const BIDS_MAX: usize = 64;
/// More than any day or slot costs, and sums of it stay far from overflow.
const MONEY_MAX: i64 = 1_000_000_000;

type Problems = Vec<Diagnostic>;

/// Who pays for slots.
#[derive(Clone, Debug, Default)]
pub struct Auction {
    /// What slots cost at least, in the file's order: the first that fits counts.
    pub floors: Vec<Price>,
    /// Who bids, in the file's order.
    pub vendors: Vec<Vendor>,
}

/// Somebody who pays for slots.
#[derive(Clone, Debug)]
pub struct Vendor {
    /// Its name, as offers say it.
    pub name: String,
    /// What it pays at most on a date of the venue, in the venue's smallest coin.
    pub budget: u32,
    /// The hours over which that is spread, in milliseconds since local midnight; spent as it comes where absent.
    pub pace: Option<(u32, u32)>,
    /// What it bids: the highest that fits counts.
    pub bids: Vec<Price>,
}

/// An amount for some slots.
#[derive(Clone, Debug)]
pub struct Price {
    /// In the venue's smallest coin.
    pub amount: u32,
    /// On these channels; on all where there is none.
    pub channels: Vec<String>,
    /// Where and when this holds; everywhere and always where absent.
    pub when: Option<Expression>,
}

impl Auction {
    /// A vendor by name.
    #[must_use]
    pub fn vendor(&self, name: &str) -> Option<&Vendor> {
        self.vendors.iter().find(|vendor| vendor.name == name)
    }
}

/// What is so at a place and a time, whoever is there.
fn is_of_a_slot(kind: FactKind) -> bool {
    kind.is_weather()
        || matches!(
            kind,
            FactKind::Zone
                | FactKind::Kind
                | FactKind::Level
                | FactKind::Outdoor
                | FactKind::Queue
                | FactKind::Count
                | FactKind::Signal(_)
        )
}

/// `auction`: floors and vendors, over the facts of a venue that is otherwise read.
pub(super) fn read(node: &Node, venue: &Venue, problems: &mut Problems) -> Auction {
    let Some(mut keys) = node.fields(problems) else { return Auction::default() };
    let reader = Reader { venue };
    let floors = keys.optional("floors", problems);
    let floors = floors.map(|node| reader.prices("floor", node, problems)).unwrap_or_default();
    let vendors = keys.required("vendors", problems);
    keys.finish(problems);
    let Some(entries) = vendors.and_then(|node| node.entries(problems)) else {
        return Auction { floors, vendors: Vec::new() };
    };
    if let Some(node) = vendors.filter(|_| entries.len() > VENDORS_MAX) {
        let message = format!("{} vendors; a venue has at most {VENDORS_MAX}", entries.len());
        problems.push(Diagnostic::error("too-many", node.span, message));
        return Auction { floors, vendors: Vec::new() };
    }
    let mut vendors = Vec::with_capacity(entries.len());
    for entry in entries {
        let name = entry.key.text();
        if !turnpage_firmware_wire::topic::is_name(name) {
            let problem =
                Diagnostic::error("bad-name", entry.key_span, format!("`{name}` cannot be a vendor"));
            problems.push(problem.with_help("1 to 32 letters, digits, `_`, `.` or `-`"));
        }
        vendors.extend(reader.vendor(name, &entry.value, problems));
    }
    Auction { floors, vendors }
}

struct Reader<'a> {
    venue: &'a Venue,
}

impl Reader<'_> {
    fn vendor(&self, name: &str, node: &Node, problems: &mut Problems) -> Option<Vendor> {
        let mut keys = node.fields(problems)?;
        let budget = money(&mut keys, "budget", problems);
        let pace = keys.optional("pace", problems).and_then(|node| hours(node, problems));
        let bids = keys.required("bids", problems).map(|node| self.prices("amount", node, problems));
        keys.finish(problems);
        Some(Vendor { name: name.to_owned(), budget: budget?, pace, bids: bids? })
    }

    /// Bids or floors: `{ amount: 12, channels: [band], when: place.kind == "plaza" && weather.rain > 0.5 }`
    fn prices(&self, of: &'static str, node: &Node, problems: &mut Problems) -> Vec<Price> {
        let items = node.list(problems).unwrap_or_default();
        if items.len() > BIDS_MAX {
            let message = format!("{} prices; at most {BIDS_MAX} stand in one list", items.len());
            problems.push(Diagnostic::error("too-many", node.span, message));
            return Vec::new();
        }
        items.iter().filter_map(|item| self.price(of, item, problems)).collect()
    }

    fn price(&self, of: &'static str, node: &Node, problems: &mut Problems) -> Option<Price> {
        let mut keys = node.fields(problems)?;
        let amount = money(&mut keys, of, problems);
        let mut channels = Vec::new();
        for item in
            keys.optional("channels", problems).and_then(|node| node.list(problems)).unwrap_or_default()
        {
            let Some(name) = item.text(problems) else { continue };
            if is_channel(name, item.span, &self.venue.policy.channels, problems) {
                channels.push(name.to_owned());
            }
        }
        let when = keys.optional("when", problems);
        keys.finish(problems);
        let when = match when {
            Some(node) => Some(self.condition(node, problems)?),
            None => None,
        };
        Some(Price { amount: amount?, channels, when })
    }

    /// A condition over the facts of a slot.
    fn condition(&self, node: &Node, problems: &mut Problems) -> Option<Expression> {
        let (text, scalar) = (node.text(problems)?, node.scalar()?);
        let (schema, slots) = declare(self.venue);
        let scope = Scope { schema: &schema, locals: &[], history: None };
        let checked = match Expression::check(text, &scope, Some(Type::Bool)) {
            Ok(checked) => checked,
            Err(wrong) => {
                problems.extend(wrong.into_iter().map(|problem| problem.moved(|span| scalar.locate(span))));
                return None;
            }
        };
        let before = problems.len();
        for slot in checked.reads() {
            let kind = slots.iter().find(|(known, _)| known == slot).map(|(_, kind)| *kind);
            let Some(fact) = schema.at(*slot).filter(|_| !kind.is_some_and(is_of_a_slot)) else { continue };
            let span = scalar.locate(written(text, &fact.path));
            let message = format!("`{}` is about a person, and a bid is for a slot", fact.path);
            let help = instead(kind, &fact.path);
            problems.push(Diagnostic::error("bid-on-a-person", span, message).with_help(help));
        }
        (problems.len() == before).then_some(checked)
    }
}

/// What a bid may say in place of something that it may not.
fn instead(kind: Option<FactKind>, path: &str) -> &'static str {
    match kind {
        Some(FactKind::Channel) => "say `channels: [band]` beside `when`",
        Some(FactKind::Dwell) => "did you mean `place.count`, the people in the zone?",
        Some(FactKind::Nearest(_) | FactKind::Distance(_) | FactKind::Next(_)) => {
            "did you mean `place.zone` or `place.kind`, the zone of the slot?"
        }
        Some(FactKind::PartySize | FactKind::PartyRoles) => {
            "did you mean `place.count`, the people in the zone? Whom they came with is theirs"
        }
        _ if path == "role" || path.starts_with("subject.") => {
            "say what slot it is: `place.`, `weather.`, `signal[..]`, `time.`; whom to offer it to is a journey's to say"
        }
        _ => "say what slot it is: `place.`, `weather.`, `signal[..]`, `time.`",
    }
}

/// Where a fact stands in a condition: its path, or what its path begins with where it is written as a call or with
/// brackets.
fn written(text: &str, path: &str) -> Span {
    let plain = |byte: Option<u8>| {
        byte.is_none_or(|byte| !byte.is_ascii_alphanumeric() && byte != b'_' && byte != b'.')
    };
    let find = |word: &str| {
        let whole = |at: &usize| {
            let before = at.checked_sub(1).and_then(|at| text.as_bytes().get(at).copied());
            plain(before) && plain(text.as_bytes().get(at + word.len()).copied())
        };
        let at = text.match_indices(word).map(|(at, _)| at).find(whole)?;
        Some(Span::new(u32::try_from(at).ok()?, u32::try_from(at + word.len()).ok()?))
    };
    let first = path.split('.').next().unwrap_or(path);
    let whole = || Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
    find(path).or_else(|| find(first)).unwrap_or_else(whole)
}

fn money(keys: &mut Fields<'_>, key: &'static str, problems: &mut Problems) -> Option<u32> {
    let node = keys.required(key, problems)?;
    node.int_in(0..=MONEY_MAX, problems).and_then(|amount| u32::try_from(amount).ok())
}
