//! Arbitration: of the offers that journeys want to make to one subject in one step, which leave the house.
//!
//! The journeys decided that they want to make them; here the venue, the subject and the other offers have their say. The
//! offers of a step are seen together: they are ranked, and each is asked about in its turn, after those before it were
//! made. The order of rules is the order of [`judge`] and [`Round::grant`], and the first reason to withhold is the one
//! that is told. One file a family of rules is beside this one: purpose, caps, fatigue, holdout, slot, pool, auction,
//! presence; books.rs is what is remembered of a subject.
//!
//! What is withheld goes back to its journey as an outcome, and what the journey answers is planned in turn: offers.rs.
//! Everything is decided from what comes in, so that a log makes the same day again. Before: the engine's step. Next:
//! record.rs, which writes down why, and the outbox in pipeline/offers.rs.

mod auction;
mod books;
mod caps;
mod fatigue;
mod holdout;
mod pool;
pub(crate) mod presence;
pub(crate) mod purpose;
mod slot;

use std::cmp::Reverse;

use turnpage_journeys_engine::SubjectKind;
use turnpage_journeys_expr::LocalTime;

pub(crate) use self::books::Books;
pub(crate) use self::caps::Caps;

use self::auction::{Bid, Spending};
use self::pool::Pools;
use self::slot::Live;
use crate::Timestamp;
use crate::batch::{Ground, Verdict, Withheld};
use crate::id::OfferId;
use crate::venue::{Price, Size, Venue};

/// How often a journey may answer a withheld offer with another one in the same step.
pub(crate) const ROUNDS_MAX: usize = 8;
/// Offers of one subject that wait for a channel: more would all arrive at once when it comes back.
const WAITING_MAX: usize = 16;
/// The channel of an offer that names none, in a venue that names none.
const CHANNEL: &str = "app";

/// An offer that a journey wants to make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'a> {
    pub(crate) id: OfferId,
    pub(crate) journey: &'a str,
    pub(crate) offer: &'a str,
    /// Its channels, best first.
    pub(crate) channels: &'a [String],
    /// What it is for, if for one of the venue's purposes.
    pub(crate) purpose: Option<&'a str>,
    /// Whether consent covers it.
    pub(crate) consent: bool,
    /// Its journey's order is law: it goes before others, and nobody is held out.
    pub(crate) mandated: bool,
    pub(crate) priority: i32,
    /// The pool of which it holds a unit.
    pub(crate) hold: Option<&'a str>,
    /// Who pays for its slot.
    pub(crate) vendor: Option<&'a str>,
    /// Its journey's own share of held out subjects, in millionths.
    pub(crate) hold_out_ppm: Option<u32>,
    /// When it is over by itself.
    pub(crate) until: Timestamp,
}

/// Whom it is about, and how things stand before the step. What is made changes it.
#[derive(Clone, Debug)]
pub(crate) struct Asking<'a> {
    pub(crate) at: Timestamp,
    pub(crate) local: LocalTime,
    /// What is asked: only a person's day is capped, and a team has no quiet hours.
    pub(crate) kind: SubjectKind,
    pub(crate) subject: &'a str,
    pub(crate) caps: Caps,
    pub(crate) books: Books,
    /// Offers that the subject's party has had today, all together, where that counts.
    pub(crate) party_today: u32,
    /// The channel that the subject is at: a place in the venue's channels.
    pub(crate) present: Option<usize>,
    /// The subject's offers that wait for a channel.
    pub(crate) waiting: usize,
}

/// What was decided about a wish, and what decided it.
pub(crate) type Decision = (Verdict, Option<Ground>);

/// What is scarce for everybody: units of pools, and vendors' money.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    seed: u64,
    pools: Pools,
    spending: Spending,
}

impl Plan {
    pub(crate) fn new(venue: &Venue, seed: u64) -> Self {
        Self { seed, pools: Pools::new(&venue.pools), spending: Spending::default() }
    }

    /// Decides about all offers of a step, in the order in which they are given. `fits` says whether the condition of a
    /// price holds for a slot of this subject now; `left` what a signal says is left.
    pub(crate) fn arbitrate(
        &mut self,
        venue: &Venue,
        asking: &mut Asking<'_>,
        wishes: &[Wish<'_>],
        fits: &dyn Fn(&Price) -> bool,
        left: &dyn Fn(usize) -> Option<u32>,
    ) -> Vec<Decision> {
        let mut round = Round { plan: self, venue, asking, fits, left };
        let rank = |(at, wish)| Ranked { at, wish, bid: round.bid(wish).ok().flatten() };
        let mut ranked: Vec<_> = wishes.iter().enumerate().map(rank).collect();
        // Stable: what is equal stays in the order of the journeys' names and of their documents.
        ranked.sort_by_key(|ranked| (Reverse(ranked.tier()), Reverse(ranked.bid.map(|bid| bid.amount))));
        let mut decided = vec![None; wishes.len()];
        for (nth, candidate) in ranked.iter().enumerate() {
            let behind = ranked.get(nth + 1..).unwrap_or_default();
            let decision = round.grant(candidate, behind);
            if let Some(slot) = decided.get_mut(candidate.at) {
                *slot = Some(decision);
            }
        }
        // Each wish was ranked, so each was decided about.
        decided.into_iter().flatten().collect()
    }

    /// An offer was accepted.
    pub(crate) fn accepted(&mut self, venue: &Venue, id: OfferId, at: Timestamp, midnight: Timestamp) {
        self.pools.take(&venue.pools, id, at, midnight);
    }

    /// An offer is over and was not accepted.
    pub(crate) fn over(&mut self, id: OfferId) {
        self.pools.release(id);
    }

    /// A signal was measured.
    pub(crate) fn told(&mut self, venue: &Venue, signal: usize, at: Timestamp) {
        self.pools.told(&venue.pools, signal, at);
    }

    /// What changed since this was asked last, by key of the saved house; what is gone has no bytes.
    pub(crate) fn take_dirty(&mut self, venue: &Venue) -> Vec<(String, Vec<u8>)> {
        let mut dirty = self.pools.take_dirty(&venue.pools);
        dirty.extend(self.spending.take_dirty());
        dirty
    }

    /// Everything, by key.
    pub(crate) fn save(&self, venue: &Venue) -> Vec<(String, Vec<u8>)> {
        let mut saved = self.pools.save(&venue.pools);
        saved.extend(self.spending.save());
        saved
    }

    /// Whether a key of the saved house is of arbitration.
    pub(crate) fn is_key(key: &str) -> bool {
        key.starts_with(pool::KEY) || key.starts_with(auction::KEY)
    }

    /// Takes one key back; `None` when it is not ours.
    pub(crate) fn restore(&mut self, venue: &Venue, key: &str, bytes: &[u8]) -> Option<()> {
        if key.starts_with(pool::KEY) {
            return self.pools.restore(&venue.pools, key, bytes);
        }
        self.spending.restore(&venue.auction, key, bytes)
    }
}

/// A wish with its place among the step's, and what its vendor bids.
struct Ranked<'a> {
    at: usize,
    wish: &'a Wish<'a>,
    bid: Option<Bid>,
}

impl Ranked<'_> {
    /// What counts before any bid.
    fn tier(&self) -> (bool, i32) {
        (self.wish.mandated, self.wish.priority)
    }
}

/// The decisions of one step as they are made.
struct Round<'a, 's> {
    plan: &'a mut Plan,
    venue: &'a Venue,
    asking: &'a mut Asking<'s>,
    fits: &'a dyn Fn(&Price) -> bool,
    left: &'a dyn Fn(usize) -> Option<u32>,
}

impl Round<'_, '_> {
    /// Makes or withholds one offer, after those that go before it. `behind` are those that come after it.
    fn grant(&mut self, candidate: &Ranked<'_>, behind: &[Ranked<'_>]) -> Decision {
        let wish = candidate.wish;
        let channel = match judge(self.venue, self.plan.seed, self.asking, wish) {
            Ok(channel) => channel.to_owned(),
            Err(withheld) => return withheld,
        };
        let bid = match self.bid(wish) {
            Ok(bid) => bid,
            Err((why, ground)) => return (Verdict::Withheld(why), Some(ground)),
        };
        if let Some(rival) = self.rival(&channel) {
            return (Verdict::Withheld(Withheld::Rival), Some(rival));
        }
        if let Some(full) = self.full(wish) {
            return (Verdict::Withheld(Withheld::Full), Some(full));
        }
        let ground = wish.vendor.zip(bid).map(|(vendor, bid)| {
            let price = self.price(bid, candidate, behind, &channel);
            self.plan.spending.charge(vendor, price, self.asking.local);
            Ground::Sold { vendor: vendor.to_owned(), bid: bid.amount, price }
        });
        self.made(wish, &channel);
        (Verdict::Made { channel }, ground)
    }

    /// Books an offer that is made.
    fn made(&mut self, wish: &Wish<'_>, channel: &str) {
        let (policy, asking) = (&self.venue.policy, &mut *self.asking);
        asking.caps.made(asking.at, asking.local);
        asking.waiting += 1;
        asking.party_today = asking.party_today.saturating_add(1);
        if policy.offers_per_journey.is_some() {
            asking.books.journeys.made(wish.journey, asking.local);
        }
        if policy.follows() {
            let live = Live {
                id: wish.id,
                channel: channel.to_owned(),
                journey: wish.journey.to_owned(),
                offer: wish.offer.to_owned(),
                purpose: wish.purpose.map(str::to_owned),
                until: wish.until,
            };
            asking.books.lives.enter(live, asking.at);
        }
        if let Some(pool) = self.pool(wish) {
            self.plan.pools.hold(pool, wish.id, wish.until);
        }
    }

    /// What the offer's vendor bids for its slot, if it has a vendor.
    fn bid(&self, wish: &Wish<'_>) -> Result<Option<Bid>, (Withheld, Ground)> {
        let (Some(vendor), Some(channel)) = (wish.vendor, channel(self.venue, self.asking, wish)) else {
            return Ok(None);
        };
        let bid = self.plan.spending.bid(&self.venue.auction, vendor, channel, self.asking.local, self.fits);
        bid.map(Some)
    }

    /// What a slot costs who wins it: what the best bid that gets none of the channel's slots was, at least the floor.
    fn price(&self, bid: Bid, winner: &Ranked<'_>, behind: &[Ranked<'_>], on: &str) -> u32 {
        let Some(slots) = self.venue.policy.slots.of(on) else { return bid.floor };
        let taken = self.asking.books.lives.on(on, self.asking.at).count();
        let others = usize::try_from(slots).unwrap_or(usize::MAX).saturating_sub(taken + 1);
        let wants = |other: &&Ranked<'_>| {
            other.tier() == winner.tier()
                && judge(self.venue, self.plan.seed, self.asking, other.wish)
                    .is_ok_and(|channel| channel == on)
        };
        let losing = behind.iter().filter(wants).skip(others).filter_map(|other| other.bid).next();
        losing.map_or(bid.floor, |losing| losing.amount.max(bid.floor)).min(bid.amount)
    }

    /// What has the slot that an offer wants, if none is free.
    fn rival(&self, channel: &str) -> Option<Ground> {
        let slots = self.venue.policy.slots.of(channel)?;
        let mut live = self.asking.books.lives.on(channel, self.asking.at);
        let first = live.next()?;
        let taken = live.count() + 1;
        (taken >= usize::try_from(slots).unwrap_or(usize::MAX)).then(|| Ground::Rival {
            id: first.id,
            journey: first.journey.clone(),
            offer: first.offer.clone(),
        })
    }

    /// The pool that an offer holds a unit of, if it has none free.
    fn full(&mut self, wish: &Wish<'_>) -> Option<Ground> {
        let pool = self.pool(wish)?;
        let declared = self.venue.pools.get(pool)?;
        let size = size(declared.size, self.left);
        let level = size.map(|size| self.plan.pools.level(pool, size, self.asking.at));
        let free = level.is_some_and(|level| level.free > 0);
        (!free).then(|| Ground::Full { pool: declared.name.clone(), level })
    }

    fn pool(&self, wish: &Wish<'_>) -> Option<usize> {
        self.venue.pools.iter().position(|pool| Some(pool.name.as_str()) == wish.hold)
    }
}

/// How many units a pool has now; `None` while nobody knows.
fn size(size: Size, left: &dyn Fn(usize) -> Option<u32>) -> Option<u32> {
    match size {
        Size::Fixed(size) => Some(size),
        Size::Left(signal) => left(signal),
    }
}

/// The channel that an offer takes, if it may go over one that the venue has.
fn channel<'a>(venue: &'a Venue, asking: &Asking<'_>, wish: &Wish<'a>) -> Option<&'a str> {
    presence::choose(&venue.policy, wish.channels, asking.present, CHANNEL)
}

/// Whether this subject may be made this offer now, whatever else is wanted, and on which channel.
fn judge<'a>(venue: &'a Venue, seed: u64, asking: &Asking<'_>, wish: &Wish<'a>) -> Result<&'a str, Decision> {
    let Asking { at, local, kind, .. } = *asking;
    let policy = &venue.policy;
    let withheld = |why, ground: Option<Ground>| Err((Verdict::Withheld(why), ground));
    let person = matches!(kind, SubjectKind::Visitor | SubjectKind::Party | SubjectKind::Vehicle);
    let cap = |count: u32, limit: Option<u32>| {
        limit.filter(|limit| person && count >= *limit).map(|limit| Ground::Cap { count, limit })
    };
    if !wish.consent {
        return withheld(
            Withheld::Consent,
            wish.purpose.map(|name| Ground::Purpose { purpose: name.to_owned() }),
        );
    }
    let Some(channel) = channel(venue, asking, wish) else { return withheld(Withheld::Channel, None) };
    let rests = kind != SubjectKind::Team;
    if rests && policy.quiet_hours.is_some_and(|(from, to)| local.between(from, to)) {
        return withheld(Withheld::QuietHours, None);
    }
    if let Some(cap) = cap(asking.caps.today(local), policy.offers_per_day) {
        return withheld(Withheld::DailyCap, Some(cap));
    }
    if let Some(cap) = cap(asking.books.journeys.today(wish.journey, local), policy.offers_per_journey) {
        return withheld(Withheld::JourneyCap, Some(cap));
    }
    if let Some(cap) = cap(asking.party_today, policy.offers_per_party) {
        return withheld(Withheld::PartyCap, Some(cap));
    }
    let ignored = asking.books.ignored;
    let tired_ms = policy.fatigue.map_or(0, |fatigue| fatigue::wait_ms(&fatigue, ignored));
    for (why, wait_ms, ignored) in
        [(Withheld::MinGap, policy.min_gap_ms, 0), (Withheld::Fatigue, tired_ms, ignored)]
    {
        let until = asking.caps.last.map(|last| Timestamp(last.0.saturating_add(wait_ms)));
        if let Some(until) = until.filter(|until| person && at < *until) {
            return withheld(why, Some(Ground::Wait { until, ignored }));
        }
    }
    if asking.waiting >= WAITING_MAX {
        return withheld(Withheld::Outbox, None);
    }
    let share_ppm = wish.hold_out_ppm.unwrap_or(policy.hold_out_ppm);
    if person && !wish.mandated && holdout::is_held_out(seed, asking.subject, wish.journey, share_ppm) {
        return withheld(Withheld::HoldOut, Some(Ground::HoldOut { share_ppm }));
    }
    Ok(channel)
}

#[cfg(test)]
mod tests;
