//! Randomness without a state: every draw is a keyed hash of what it is for and how many came before it.
//!
//! The same seed, subject, journey and step give the same draws on every machine and after every restart; nothing
//! of it is saved. Functions beyond the basic operations are those of `libm`, whose bits are the same everywhere.
//! Next: `learn.rs`, which lets the draws decide.

use core::hash::Hasher;
use siphasher::sip::SipHasher13;

/// The source of all draws of a venue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bowl {
    keyed: SipHasher13,
}

impl Bowl {
    pub(crate) fn new(seed: u64) -> Self {
        // The second half of the key says what the hash is for.
        Bowl { keyed: SipHasher13::new_with_keys(seed, u64::from_le_bytes(*b"learning")) }
    }

    /// The dice of one step of one instance. SipHash-1-3 over subject, 0xff, journey, 0xff, step and the number of the
    /// draw (little-endian). No name holds 0xff, being UTF-8.
    pub(crate) fn dice(&self, subject: &[u8], journey: &str, step: u32) -> Dice {
        let mut keyed = self.of(subject, journey);
        keyed.write(&step.to_le_bytes());
        Dice { keyed, drawn: 0 }
    }

    /// A number from 0 to 1 that a subject has in a journey for ever.
    pub(crate) fn lot(&self, subject: &[u8], journey: &str) -> f64 {
        unit(self.of(subject, journey).finish())
    }

    fn of(&self, subject: &[u8], journey: &str) -> SipHasher13 {
        let mut keyed = self.keyed;
        keyed.write(subject);
        keyed.write(&[0xff]);
        keyed.write(journey.as_bytes());
        keyed.write(&[0xff]);
        keyed
    }
}

/// The draws of one step, one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dice {
    keyed: SipHasher13,
    drawn: u64,
}

/// Tries of the gamma sampler. Each is accepted in at least 95 of 100 cases, so this many fail once in 10^41.
const TRIES_MAX: usize = 32;

impl Dice {
    /// Evenly between 0 and 1, never either.
    pub(crate) fn uniform(&mut self) -> f64 {
        let mut keyed = self.keyed;
        keyed.write(&self.drawn.to_le_bytes());
        self.drawn += 1;
        unit(keyed.finish())
    }

    /// The standard normal distribution, by Box and Muller; the second of the pair is not used.
    fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(self.uniform()));
        radius * libm::cos(2.0 * core::f64::consts::PI * self.uniform())
    }

    /// The gamma distribution of a shape of at least 1 and scale 1: Marsaglia and Tsang, "A simple method for
    /// generating gamma variables" (2000).
    fn gamma(&mut self, shape: f64) -> f64 {
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / libm::sqrt(9.0 * d);
        for _ in 0..TRIES_MAX {
            let x = self.normal();
            let v = 1.0 + c * x;
            if v <= 0.0 {
                continue;
            }
            let v = v * v * v;
            if libm::log(self.uniform()) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return d * v;
            }
        }
        d
    }

    /// The beta distribution, both shapes at least 1.
    pub(crate) fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (a, b) = (self.gamma(a), self.gamma(b));
        a / (a + b)
    }
}

/// 53 bits in the midst of their interval: neither 0 nor 1.
fn unit(bits: u64) -> f64 {
    ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_and_variance(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let n = 20_000;
        let all: Vec<f64> = (0..n).map(|_| draw()).collect();
        let mean = all.iter().sum::<f64>() / f64::from(n);
        (mean, all.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(n))
    }

    #[test]
    fn the_first_values_never_change() {
        let mut dice = Bowl::new(7).dice(b"ada", "rain", 1);
        let drawn = [
            dice.uniform(),
            dice.uniform(),
            dice.normal(),
            dice.gamma(1.0),
            dice.gamma(40.5),
            dice.beta(3.0, 9.0),
            Bowl::new(7).lot(b"ada", "rain"),
        ];
        let drawn = drawn.map(|value| format!("{:016x} {value}", value.to_bits()));
        // Pinned: a change here makes a replay choose what the day did not.
        expect_test::expect![[r#"
            3fb0f09c2968af94 0.06617141734085258
            3fc6e784262dc18a 0.17894031395145432
            3fe3c19980f823c4 0.6173827666217382
            3ff827b574c26455 1.509694534388719
            403ee27946b67c87 30.88466302829013
            3fd6ef11d492eac6 0.3583416534344618
            3fd62adaf5901787 0.3463656805109782"#]]
        .assert_eq(&drawn.join("\n"));
    }

    #[test]
    fn every_part_of_the_name_makes_other_draws() {
        let first = |seed, subject: &str, journey, step| {
            Bowl::new(seed).dice(subject.as_bytes(), journey, step).uniform()
        };
        let ada = first(1, "ada", "rain", 1);
        assert_eq!(ada, first(1, "ada", "rain", 1));
        for other in [
            first(2, "ada", "rain", 1),
            first(1, "bo", "rain", 1),
            first(1, "ada", "sun", 1),
            first(1, "ada", "rain", 2),
        ] {
            assert!(ada != other);
        }
    }

    #[test]
    fn distributions_have_their_moments() {
        let mut dice = Bowl::new(1).dice(b"ada", "rain", 1);
        // Four standard errors of 20,000 draws.
        let near = |(mean, variance): (f64, f64), expected_mean: f64, expected_variance: f64| {
            let error = (expected_variance / 20_000.0).sqrt();
            assert!((mean - expected_mean).abs() < 4.0 * error, "mean {mean}, not {expected_mean}");
            assert!(
                (variance / expected_variance - 1.0).abs() < 0.1,
                "variance {variance}, not {expected_variance}"
            );
        };
        near(mean_and_variance(|| dice.uniform()), 0.5, 1.0 / 12.0);
        near(mean_and_variance(|| dice.normal()), 0.0, 1.0);
        for shape in [1.0, 1.5, 30.0] {
            near(mean_and_variance(|| dice.gamma(shape)), shape, shape);
        }
        for (a, b) in [(1.0, 1.0), (2.0, 5.0), (300.0, 700.0)] {
            let n: f64 = a + b;
            near(mean_and_variance(|| dice.beta(a, b)), a / n, a * b / (n * n * (n + 1.0)));
        }
    }
}
