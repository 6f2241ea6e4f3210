//! Seeded chance for walks: SplitMix64, the same on every machine. Never for secrets.

/// A stream of numbers.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// The stream of one walk. Neighbouring walks of neighbouring seeds share nothing.
    pub(super) fn of(seed: u64, walk: u64) -> Random {
        let mut seeds = Random(seed);
        Random(seeds.next() ^ walk.wrapping_mul(0xd134_2543_de82_ef95))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`; 0 of none.
    pub(super) fn below(&mut self, n: usize) -> usize {
        // The bias of a remainder over a few dozen is beyond noticing.
        (self.next() % (n.max(1) as u64)) as usize
    }

    /// One of them.
    pub(super) fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// True so many times of a hundred.
    pub(super) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}
