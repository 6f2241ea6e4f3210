//! Shares and what they may be, of what was counted: by setting, for each journey's lot, and for each journey's promise.
//!
//! Every share has two intervals, because it is looked at in two ways: `low` and `high` are for one look, `always_low` and
//! `always_high` for a page that is reloaded all day. Lift and change have the second kind only: they are what decisions hang on.
//! Before: tally.rs. Next: table.rs, or JSON as it is.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use turnpage_gateway_measure::{Lift, Rate};

use crate::promise::Kept;
use crate::tally::{Cell, Count, Tally, Thing};
use crate::{Day, Promise};

/// Offers from which on their mean value has an interval: of fewer the spread says little about the next.
const MANY: u64 = 30;

/// Days from the first to the last, both among them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Period {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
}

/// What rows are by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The venue's day.
    Day,
    /// The journey.
    Journey,
    /// The page that it was made on.
    Page,
    /// The offer.
    Offer,
    /// The channel.
    Channel,
    /// Where the subject was.
    Zone,
    /// The venue's hour.
    Hour,
    /// What the subject is here.
    Role,
    /// The weather where it was.
    Weather,
    /// Why it was withheld.
    Withheld,
}

/// A question that cannot be answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong(pub String);

/// What was counted over a period.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
    /// Over which days; `None` when nothing was counted at all.
    pub period: Option<Period>,
    /// What the rows are by.
    pub by: Vec<By>,
    /// One for each combination that there was, in order.
    pub rows: Vec<Row>,
    /// All together.
    pub total: Row,
    /// Why offers were withheld, and how often.
    pub withheld: BTreeMap<String, u64>,
    /// Each journey that held somebody out.
    pub lifts: Vec<LiftRow>,
    /// Each journey that says what it is for.
    pub promises: Vec<Kept>,
}

/// What was counted of some offers.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Row {
    /// Of which, in the order of [`Report::by`].
    pub key: Vec<String>,
    /// Offers made.
    pub made: u64,
    /// Offers withheld.
    pub withheld: u64,
    /// Taken by a channel.
    pub delivered: u64,
    /// Seen.
    pub seen: u64,
    /// More was asked for.
    pub clicked: u64,
    /// Accepted.
    pub accepted: u64,
    /// Declined.
    pub declined: u64,
    /// Not answered in time.
    pub expired: u64,
    /// Taken back.
    pub withdrawn: u64,
    /// Clicked, of those delivered; of those made where nothing says what was delivered.
    pub click_through: Option<Estimate>,
    /// Accepted, of those made.
    pub conversion: Option<Estimate>,
    /// What they brought.
    pub worth: Option<Worth>,
}

/// A share and where the truth may lie.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Estimate {
    /// How often.
    pub hits: u64,
    /// Of how many.
    pub of: u64,
    /// As a share, 0 to 1.
    pub share: f64,
    /// No less with 95 % confidence, at one look.
    pub low: f64,
    /// No more.
    pub high: f64,
    /// No less, at every look at once.
    pub always_low: f64,
    /// No more.
    pub always_high: f64,
}

/// What offers brought, in the venue's money.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Worth {
    /// Together.
    pub total: f64,
    /// Each that was made, whatever became of it.
    pub mean: f64,
    /// No less than this each with 95 % confidence, and no more; `None` for fewer offers than that can be said of.
    pub interval: Option<(f64, f64)>,
}

/// What offers add to a journey's people over those held out.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct LiftRow {
    /// Which journey.
    pub journey: String,
    /// People who were offered something, and came round.
    pub treated: Estimate,
    /// People who were held out, and came round by themselves.
    pub held_out: Estimate,
    /// The treated's share less the other.
    pub difference: f64,
    /// No less, at every look at once.
    pub low: f64,
    /// No more.
    pub high: f64,
    /// The difference as a part of the hold-out's share.
    pub relative: Option<f64>,
    /// Whether it is known which way it goes.
    pub settled: bool,
}

impl Report {
    /// Counts over some days, by what is asked; `promises` are held against the days of `baseline` where there are some.
    ///
    /// # Errors
    /// When it is asked by two things of an offer's setting at once.
    pub fn new(
        tally: &Tally,
        period: Option<Period>,
        by: &[By],
        promises: &[Promise],
        baseline: Option<Period>,
    ) -> Result<Self, Wrong> {
        let mut things = by.iter().filter_map(|by| by.thing());
        let thing = things.next().unwrap_or(Thing::Whole);
        if things.next().is_some() {
            let message = "counts are kept by one of channel, zone, hour, role, weather and withheld at a time; \
                           the rows of single offers have them all";
            return Err(Wrong(message.to_owned()));
        }
        let whole = tally.days().map(|(from, to)| Period { from, to });
        let period = period.or(whole);
        let within = |day| period.is_some_and(|period| period.has(day));
        let counted = || tally.cells.iter().filter(|(cell, _)| within(cell.day));
        let made = || counted().filter(|(cell, _)| !cell.held_out);

        let mut groups: BTreeMap<Vec<String>, Count> = BTreeMap::new();
        for (cell, count) in made().filter(|(cell, _)| cell.thing == thing) {
            let key = by.iter().map(|by| by.word(cell, tally)).collect();
            groups.entry(key).or_default().absorb(count);
        }
        let rows = groups.into_iter().map(|(key, count)| Row::of(key, &count)).collect();
        let mut total = Count::default();
        made().filter(|(cell, _)| cell.thing == Thing::Whole).for_each(|(_, count)| total.absorb(count));
        let mut withheld: BTreeMap<String, u64> = BTreeMap::new();
        for (cell, count) in made().filter(|(cell, _)| cell.thing == Thing::Withheld) {
            *withheld.entry(tally.names.word(cell.word).to_owned()).or_default() += count.withheld;
        }
        let lifts = tally.lot.lifts(within).into_iter();
        let lifts = lifts.filter_map(|(journey, lift)| LiftRow::of(tally.names.word(journey), lift));
        let mut lifts: Vec<_> = lifts.collect();
        lifts.sort_by(|a, b| a.journey.cmp(&b.journey));
        let promises = promises.iter().map(|promise| Kept::of(tally, promise, period, baseline)).collect();
        Ok(Self {
            period,
            by: by.to_vec(),
            rows,
            total: Row::of(Vec::new(), &total),
            withheld,
            lifts,
            promises,
        })
    }
}

impl Period {
    pub(crate) fn has(self, day: Day) -> bool {
        self.from <= day && day <= self.to
    }
}

impl Row {
    fn of(key: Vec<String>, count: &Count) -> Self {
        let Count {
            made, withheld, delivered, seen, clicked, accepted, declined, expired, withdrawn, ..
        } = *count;
        Self {
            key,
            made,
            withheld,
            delivered,
            seen,
            clicked,
            accepted,
            declined,
            expired,
            withdrawn,
            click_through: Estimate::of(count.clicks()),
            conversion: Estimate::of(count.conversions()),
            worth: Worth::of(count),
        }
    }
}

impl Worth {
    /// `None` while nothing was brought.
    fn of(count: &Count) -> Option<Self> {
        let mean = count.mean();
        let interval = mean.interval().filter(|_| count.made >= MANY);
        let interval = interval.map(|interval| (interval.low, interval.high));
        (count.value > 0.0).then_some(Self { total: count.value, mean: mean.mean, interval })
    }
}

impl Estimate {
    fn of(rate: Rate) -> Option<Self> {
        let (once, always) = (rate.interval(), rate.always());
        Some(Self {
            hits: rate.hits,
            of: rate.of,
            share: rate.share()?,
            low: once.low,
            high: once.high,
            always_low: always.low,
            always_high: always.high,
        })
    }
}

impl LiftRow {
    /// `None` while nobody was held out, or nobody was not.
    fn of(journey: &str, lift: Lift) -> Option<Self> {
        let interval = lift.always();
        Some(Self {
            journey: journey.to_owned(),
            treated: Estimate::of(lift.treated)?,
            held_out: Estimate::of(lift.held_out)?,
            difference: lift.difference()?,
            low: interval.low,
            high: interval.high,
            relative: lift.relative(),
            settled: !interval.contains(0.0),
        })
    }
}

impl By {
    /// All of them, as they are written.
    pub const ALL: [(&str, Self); 10] = [
        ("day", Self::Day),
        ("journey", Self::Journey),
        ("page", Self::Page),
        ("offer", Self::Offer),
        ("channel", Self::Channel),
        ("zone", Self::Zone),
        ("hour", Self::Hour),
        ("role", Self::Role),
        ("weather", Self::Weather),
        ("withheld", Self::Withheld),
    ];

    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, by)| *by == self).map_or("", |(name, _)| name)
    }

    fn thing(self) -> Option<Thing> {
        match self {
            Self::Day | Self::Journey | Self::Page | Self::Offer => None,
            Self::Channel => Some(Thing::Channel),
            Self::Zone => Some(Thing::Zone),
            Self::Hour => Some(Thing::Hour),
            Self::Role => Some(Thing::Role),
            Self::Weather => Some(Thing::Weather),
            Self::Withheld => Some(Thing::Withheld),
        }
    }

    fn word(self, cell: &Cell, tally: &Tally) -> String {
        let word = |number| tally.names.word(number).to_owned();
        match self {
            Self::Day => cell.day.to_string(),
            Self::Journey => word(cell.journey),
            Self::Page => word(cell.page),
            Self::Offer => word(cell.offer),
            _ => word(cell.word),
        }
    }
}

impl FromStr for By {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let known = Self::ALL.iter().find(|(name, _)| *name == text);
        let names = || Self::ALL.map(|(name, _)| name).join(", ");
        known.map(|(_, by)| *by).ok_or_else(|| Wrong(format!("`{text}` is none of {}", names())))
    }
}

impl FromStr for Period {
    type Err = Wrong;

    /// A day, or two with `..` between them.
    fn from_str(text: &str) -> Result<Self, Wrong> {
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        let (from, to) = (from.parse().map_err(Wrong)?, to.parse().map_err(Wrong)?);
        if from > to {
            return Err(Wrong(format!("`{text}` ends before it begins")));
        }
        Ok(Self { from, to })
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Wrong {}
