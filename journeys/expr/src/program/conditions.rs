//! Many conditions asked at once: one look at each fact says which of all of them hold.
//!
//! There are few values of a fact that conditions tell apart: a symbol that one of them names or any other, true or false, a
//! double below a limit, on it or above. What holds of each is put down when the table is made, by asking the conditions
//! themselves, and later a value is only looked up. Knows nothing of variables, which differ between the instances that
//! share a table. Comes after `condition.rs`; next: the gates of `journeys/engine`.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::program::condition::{Condition, Is, Look};
use crate::time::LocalTime;
use crate::value::{SET_MAX, Symbol, Value};

/// At most [`Conditions::MAX`] conditions on facts and the clock, each a bit by its place.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    symbols: Vec<Symbols>,
    bools: Vec<Bools>,
    limits: Vec<Limit>,
    clock: Vec<Between>,
}

/// What holds of each symbol of a fact.
#[derive(Clone, Debug)]
struct Symbols {
    slot: usize,
    /// Of those below [`SET_MAX`], as far as any is named.
    low: Vec<u64>,
    /// Of those named beyond, ascending.
    high: Vec<(Symbol, u64)>,
    /// Of any other.
    others: u64,
}

/// What holds of a fact that is false or true.
#[derive(Clone, Debug)]
struct Bools {
    slot: usize,
    no: u64,
    yes: u64,
}

/// What holds of a double by where it stands to what it is compared with.
#[derive(Clone, Debug)]
struct Limit {
    slot: usize,
    than: f64,
    below: u64,
    on: u64,
    above: u64,
    /// Where one of them has no order.
    apart: u64,
}

/// What holds while the clock stands between two times.
#[derive(Clone, Debug)]
struct Between {
    start: u32,
    end: u32,
    bit: u64,
}

/// A condition on a fact, with its bit.
#[derive(Clone, Copy)]
struct Asked {
    slot: usize,
    is: Is,
    bit: u64,
}

/// The bits of those that hold of a value.
fn holding<'a>(asked: impl IntoIterator<Item = &'a Asked>, fact: Value) -> u64 {
    let sure = asked.into_iter().filter(|asked| asked.is.sure_of(fact));
    sure.fold(0, |bits, asked| bits | asked.bit)
}

impl Conditions {
    /// As many as a word has bits.
    pub const MAX: usize = 64;

    /// The table of these conditions. One on a variable never holds here, nor does one past [`MAX`](Self::MAX).
    #[must_use]
    pub fn new(conditions: &[Condition]) -> Self {
        let (mut all, mut of_facts) = (Self::default(), Vec::new());
        for (condition, nth) in conditions.iter().take(Self::MAX).zip(0..) {
            let bit = 1 << nth;
            match condition.0 {
                Look::Fact { slot, is } => of_facts.push(Asked { slot: usize::from(slot), is, bit }),
                Look::Clock(start, end) => all.clock.push(Between { start, end, bit }),
                Look::Local { .. } => {}
            }
        }
        of_facts.sort_by_key(|asked| asked.slot);
        for asked in of_facts.chunk_by(|one, other| one.slot == other.slot) {
            all.symbols.extend(Symbols::new(asked));
            all.bools.extend(Bools::new(asked));
            all.limits.extend(asked.iter().filter_map(Limit::new));
        }
        all
    }

    /// The bits of those that certainly hold.
    #[must_use]
    pub fn holding(&self, facts: &[Value], local: LocalTime) -> u64 {
        let mut bits = 0;
        for symbols in &self.symbols {
            if let Some(Value::Symbol(symbol)) = facts.get(symbols.slot) {
                bits |= symbols.of(*symbol);
            }
        }
        for Bools { slot, no, yes } in &self.bools {
            if let Some(Value::Bool(truth)) = facts.get(*slot) {
                bits |= if *truth { yes } else { no };
            }
        }
        for limit in &self.limits {
            if let Some(Value::Double(double)) = facts.get(limit.slot) {
                bits |= match double.partial_cmp(&limit.than) {
                    Some(Ordering::Less) => limit.below,
                    Some(Ordering::Equal) => limit.on,
                    Some(Ordering::Greater) => limit.above,
                    None => limit.apart,
                };
            }
        }
        for Between { start, end, bit } in &self.clock {
            bits |= if local.between(*start, *end) { *bit } else { 0 };
        }
        bits
    }
}

impl Symbols {
    /// Of one fact, where any condition names symbols.
    fn new(asked: &[Asked]) -> Option<Self> {
        let named = asked.iter().flat_map(|asked| asked.is.symbols());
        let (low, mut high): (Vec<Symbol>, Vec<Symbol>) = named.partition(|symbol| symbol.0 < SET_MAX);
        let is_asked = asked.iter().any(|asked| asked.is.is_of_symbols());
        high.sort_unstable();
        high.dedup();
        let low = low.into_iter().max().map_or(0, |last| last.0 + 1);
        let other = (0..=u32::MAX).rev().map(Symbol).find(|symbol| high.binary_search(symbol).is_err());
        let of = |symbol| holding(asked, Value::Symbol(symbol));
        is_asked.then(|| Self {
            slot: asked.first().map_or(0, |asked| asked.slot),
            low: (0..low).map(|symbol| of(Symbol(symbol))).collect(),
            others: other.map_or(0, of),
            high: high.into_iter().map(|symbol| (symbol, of(symbol))).collect(),
        })
    }

    #[inline]
    fn of(&self, symbol: Symbol) -> u64 {
        self.low.get(symbol.0 as usize).copied().unwrap_or_else(|| self.beyond(symbol))
    }

    fn beyond(&self, symbol: Symbol) -> u64 {
        let found = self.high.binary_search_by_key(&symbol, |(named, _)| *named);
        found.ok().and_then(|at| self.high.get(at)).map_or(self.others, |(_, bits)| *bits)
    }
}

impl Bools {
    /// Of one fact, where any condition asks whether it is true.
    fn new(asked: &[Asked]) -> Option<Self> {
        let slot = asked.iter().find(|asked| matches!(asked.is, Is::Bool(_)))?.slot;
        let [no, yes] = [false, true].map(|truth| holding(asked, Value::Bool(truth)));
        Some(Self { slot, no, yes })
    }
}

impl Limit {
    /// Of one comparison. What nothing is below, or above, has nothing that looks there.
    fn new(asked: &Asked) -> Option<Self> {
        let Is::Double(_, than) = asked.is else { return None };
        let of = |double| holding([asked], Value::Double(double));
        let (below, on, above) = (of(than.next_down()), of(than), of(than.next_up()));
        Some(Self { slot: asked.slot, than, below, on, above, apart: of(f64::NAN) })
    }
}
