//! Auctions of slots: what a vendor bids for one, what it costs, and what each vendor has spent today.
//!
//! A bid is for a slot and reads nothing of whom it is shown to: venue/auction.rs sees to that. The highest bid of an
//! offer's vendor that fits the slot and that its budget still allows counts. Of the offers that want the slot the highest
//! bid wins it, and pays what the highest that did not get one bid, at least the slot's floor: who bids what a slot is worth
//! to him never pays more, and gains nothing by guessing. It is charged when the offer is made, because the slot is what was
//! bought, and a budget is never overrun. Before: pool.rs. Next: presence.rs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use turnpage_journeys_expr::LocalTime;

use crate::batch::{Ground, Withheld};
use crate::venue::{Auction, Price, Vendor};

/// The keys of what vendors have spent in the saved house; the vendor's name follows.
pub(crate) const KEY: &str = "spent/";
/// The layout of what is saved. A change is a new number, and the old ones stay readable.
const VERSION: u8 = 1;
const HOUR_MS: u32 = 3_600_000;
const DAY_MS: u32 = 24 * HOUR_MS;

/// What a vendor has spent on a date of the venue.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Spent {
    version: u8,
    day: i32,
    amount: u32,
}

/// What all vendors have spent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spending {
    by_vendor: BTreeMap<String, Spent>,
    dirty: BTreeSet<String>,
}

/// A bid that stands for a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Bid {
    pub(crate) amount: u32,
    pub(crate) floor: u32,
}

impl Spending {
    /// What an offer's vendor bids for a slot on a channel, or why nothing that counts. `fits` says whether a condition
    /// holds for the slot.
    pub(crate) fn bid(
        &self,
        auction: &Auction,
        vendor: &str,
        channel: &str,
        local: LocalTime,
        fits: &dyn Fn(&Price) -> bool,
    ) -> Result<Bid, (Withheld, Ground)> {
        let fits = |price: &&Price| {
            (price.channels.is_empty() || price.channels.iter().any(|known| known == channel)) && fits(price)
        };
        let floor = auction.floors.iter().find(fits).map_or(0, |price| price.amount);
        let declared = auction.vendor(vendor);
        let bids = declared.into_iter().flat_map(|vendor| &vendor.bids).filter(fits);
        let best = bids.map(|price| price.amount).max();
        let name = || vendor.to_owned();
        let Some((declared, amount)) = declared.zip(best.filter(|amount| *amount >= floor)) else {
            return Err((Withheld::NoBid, Ground::NoBid { vendor: name(), bid: best, floor }));
        };
        let (spent, limit) = (self.today(vendor, local), allowance(declared, local));
        if spent.saturating_add(amount) > limit {
            return Err((Withheld::Budget, Ground::Budget { vendor: name(), bid: amount, spent, limit }));
        }
        Ok(Bid { amount, floor })
    }

    /// A vendor pays for a slot.
    pub(crate) fn charge(&mut self, vendor: &str, price: u32, local: LocalTime) {
        let amount = self.today(vendor, local).saturating_add(price);
        self.by_vendor.insert(vendor.to_owned(), Spent { version: VERSION, day: local.day, amount });
        self.dirty.insert(vendor.to_owned());
    }

    fn today(&self, vendor: &str, local: LocalTime) -> u32 {
        let spent = self.by_vendor.get(vendor).filter(|spent| spent.day == local.day);
        spent.map_or(0, |spent| spent.amount)
    }

    /// What changed since this was asked last.
    pub(crate) fn take_dirty(&mut self) -> Vec<(String, Vec<u8>)> {
        let dirty = std::mem::take(&mut self.dirty);
        dirty.iter().filter_map(|vendor| saved(vendor, self.by_vendor.get(vendor)?)).collect()
    }

    /// Everything, by key.
    pub(crate) fn save(&self) -> Vec<(String, Vec<u8>)> {
        self.by_vendor.iter().filter_map(|(vendor, spent)| saved(vendor, spent)).collect()
    }

    /// Takes one back; that of a vendor who is no more is let go. `None` when it is not ours.
    pub(crate) fn restore(&mut self, auction: &Auction, key: &str, bytes: &[u8]) -> Option<()> {
        let vendor = key.strip_prefix(KEY)?;
        let spent: Spent = postcard::from_bytes(bytes).ok()?;
        if spent.version != VERSION {
            return None;
        }
        if auction.vendor(vendor).is_some() {
            self.by_vendor.insert(vendor.to_owned(), spent);
        }
        Some(())
    }
}

fn saved(vendor: &str, spent: &Spent) -> Option<(String, Vec<u8>)> {
    // Plain data to memory: there is nothing that could fail.
    Some((format!("{KEY}{vendor}"), postcard::to_stdvec(spent).ok()?))
}

/// What a vendor may have spent by now: all of its budget, or, spread over its hours, the share of those that have begun.
fn allowance(vendor: &Vendor, local: LocalTime) -> u32 {
    let Some((from, to)) = vendor.pace else { return vendor.budget };
    let wrapped = |from: u32, to: u32| (to + DAY_MS - from) % DAY_MS;
    let length = wrapped(from, to);
    let length = if length == 0 { DAY_MS } else { length };
    let gone = wrapped(from, local.ms.min(DAY_MS - 1));
    if gone >= length {
        // Before its hours of the day begin, or after they end: what was not spent on time is not spent.
        return 0;
    }
    let (hours, begun) = (length.div_ceil(HOUR_MS), gone / HOUR_MS + 1);
    let share = u64::from(vendor.budget) * u64::from(begun) / u64::from(hours);
    u32::try_from(share).unwrap_or(vendor.budget)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(hour: u32) -> LocalTime {
        LocalTime { day: 1, ms: hour * HOUR_MS }
    }

    fn price(amount: u32, channels: &[&str]) -> Price {
        Price { amount, channels: channels.iter().map(|name| (*name).to_owned()).collect(), when: None }
    }

    fn auction(budget: u32, pace: Option<(u32, u32)>) -> Auction {
        let bids = vec![price(5, &["band"]), price(9, &["band"]), price(20, &["sign"])];
        let vendors = vec![Vendor { name: "grill".into(), budget, pace, bids }];
        Auction { floors: vec![price(4, &["band"]), price(30, &["sign"])], vendors }
    }

    #[test]
    fn the_highest_bid_that_fits_counts_and_reaches_the_floor() {
        let (spending, auction) = (Spending::default(), auction(100, None));
        let bid = |channel| spending.bid(&auction, "grill", channel, local(12), &|_| true);
        assert_eq!(bid("band"), Ok(Bid { amount: 9, floor: 4 }));
        let low = Ground::NoBid { vendor: "grill".into(), bid: Some(20), floor: 30 };
        assert_eq!(bid("sign"), Err((Withheld::NoBid, low)));
        let none = Ground::NoBid { vendor: "grill".into(), bid: None, floor: 0 };
        assert_eq!(bid("app"), Err((Withheld::NoBid, none)));
        let fits = spending.bid(&auction, "grill", "band", local(12), &|price| price.amount < 9);
        assert_eq!(fits, Ok(Bid { amount: 5, floor: 4 }), "what fits");
    }

    #[test]
    fn budgets_are_a_days_and_never_overrun() {
        let (mut spending, auction) = (Spending::default(), auction(20, None));
        let bid = |spending: &Spending, local| spending.bid(&auction, "grill", "band", local, &|_| true);
        spending.charge("grill", 12, local(12));
        let spent = Ground::Budget { vendor: "grill".into(), bid: 9, spent: 12, limit: 20 };
        assert_eq!(bid(&spending, local(13)), Err((Withheld::Budget, spent)));
        assert!(bid(&spending, LocalTime { day: 2, ms: 0 }).is_ok(), "a new date, a new budget");
        let mut back = Spending::default();
        for (key, bytes) in spending.save() {
            back.restore(&auction, &key, &bytes).unwrap();
        }
        assert_eq!(bid(&back, local(13)), bid(&spending, local(13)));
        assert_eq!(back.restore(&auction, "spent/grill", &[9, 9, 9]), None);
    }

    #[test]
    fn a_pace_spreads_a_budget_over_its_hours() {
        let of = |pace, hour| allowance(&auction(100, Some(pace)).vendors[0], local(hour));
        let day = (10 * HOUR_MS, 20 * HOUR_MS);
        assert_eq!([9, 10, 11, 14, 19, 20].map(|hour| of(day, hour)), [0, 10, 20, 50, 100, 0]);
        let night = (22 * HOUR_MS, 2 * HOUR_MS);
        assert_eq!([21, 22, 1, 2].map(|hour| of(night, hour)), [0, 25, 100, 0]);
    }
}
