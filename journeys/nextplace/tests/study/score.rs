//! How good probabilities were: log-loss, Brier score, expected calibration error, and the table behind it.

use turnpage_journeys_nextplace::Place;

const BINS: usize = 10;

/// Everything counted over the moves foretold.
#[derive(Default)]
pub(crate) struct Score {
    moves: usize,
    nats: f64,
    brier: f64,
    /// The likeliest place of each move: how sure, and whether it came.
    likeliest: [Bin; BINS],
    /// Every place of each move.
    every: [Bin; BINS],
}

#[derive(Clone, Copy, Default)]
struct Bin {
    count: usize,
    said: f64,
    came: f64,
}

impl Bin {
    fn add(bins: &mut [Bin; BINS], said: f64, came: bool) {
        let bin = &mut bins[((said * BINS as f64) as usize).min(BINS - 1)];
        bin.count += 1;
        bin.said += said;
        bin.came += f64::from(came);
    }

    fn join(&mut self, other: &Bin) {
        self.count += other.count;
        self.said += other.said;
        self.came += other.came;
    }
}

impl Score {
    pub(crate) fn add(&mut self, shares: impl Iterator<Item = (Place, f64)>, came: Place) {
        let (mut of_came, mut best) = (0.0_f64, (came, -1.0));
        for (place, share) in shares {
            let hit = place == came;
            of_came += if hit { share } else { 0.0 };
            self.brier += (share - f64::from(hit)).powi(2);
            best = if share > best.1 { (place, share) } else { best };
            Bin::add(&mut self.every, share, hit);
        }
        assert!(of_came > 0.0, "a move to a place that was held impossible");
        self.moves += 1;
        self.nats -= of_came.ln();
        Bin::add(&mut self.likeliest, best.1, best.0 == came);
    }

    pub(crate) fn join(&mut self, other: &Score) {
        self.moves += other.moves;
        self.nats += other.nats;
        self.brier += other.brier;
        self.likeliest.iter_mut().zip(&other.likeliest).for_each(|(a, b)| a.join(b));
        self.every.iter_mut().zip(&other.every).for_each(|(a, b)| a.join(b));
    }

    pub(crate) fn moves(&self) -> usize {
        self.moves
    }

    /// Mean log-loss.
    pub(crate) fn nats(&self) -> f64 {
        self.nats / self.moves as f64
    }

    /// Mean squared error over all places of a move.
    pub(crate) fn brier(&self) -> f64 {
        self.brier / self.moves as f64
    }

    /// Expected calibration error of the likeliest place: the mean distance between how sure and how often right.
    pub(crate) fn ece(&self) -> f64 {
        let apart: f64 = self.likeliest.iter().map(|bin| (bin.said - bin.came).abs()).sum();
        apart / self.moves as f64
    }

    pub(crate) fn print_reliability(&self) {
        println!(
            "| said | likeliest place: moves | said, mean | came | every place: shares | said, mean | came |"
        );
        println!("|---|---|---|---|---|---|---|");
        for (ix, (one, every)) in self.likeliest.iter().zip(&self.every).enumerate() {
            let range = format!("{:.1} to {:.1}", ix as f64 / 10.0, (ix + 1) as f64 / 10.0);
            let mean = |bin: &Bin, sum: f64| {
                if bin.count == 0 { "".into() } else { format!("{:.3}", sum / bin.count as f64) }
            };
            let cells =
                |bin: &Bin| format!("{} | {} | {}", bin.count, mean(bin, bin.said), mean(bin, bin.came));
            println!("| {range} | {} | {} |", cells(one), cells(every));
        }
    }
}
