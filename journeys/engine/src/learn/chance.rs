//! How probable it was: the chance that each of some beta-distributed draws is the largest.
//!
//! Whoever compares alternatives afterwards weighs what happened by its chance, so the chance is computed and not
//! guessed: by summing over a grid, which needs no randomness and gives the same bits on every machine.
//! Next: `learn.rs`.

use alloc::vec;
use alloc::vec::Vec;

/// Points of the grid. Evidence is bounded (`EVIDENCE_MAX`) so that no peak falls between two of them.
const POINTS: u32 = 256;

/// For Beta(1 + successes, 1 + failures) each: the chance that its draw is the largest. They sum to 1.
pub(super) fn largest(evidence: &[(f64, f64)]) -> Vec<f64> {
    let mut totals = vec![0.0; evidence.len()];
    for point in 0..POINTS {
        let at = At::new(point);
        for (total, evidence) in totals.iter_mut().zip(evidence) {
            *total += at.density(*evidence);
        }
    }
    let (mut below, mut chances) = (vec![0.0; evidence.len()], vec![0.0; evidence.len()]);
    let mut here = vec![(0.0, 0.0); evidence.len()];
    for point in 0..POINTS {
        let at = At::new(point);
        for (((here, below), total), evidence) in here.iter_mut().zip(&mut below).zip(&totals).zip(evidence) {
            let density = at.density(*evidence) / total;
            // Half of the cell counts as below it: equals split their chance.
            *here = (density, *below + 0.5 * density);
            *below += density;
        }
        for (nth, chance) in chances.iter_mut().enumerate() {
            let others = here.iter().enumerate().filter(|(other, _)| *other != nth);
            let all_below: f64 = others.map(|(_, (_, below))| *below).product();
            *chance += here.get(nth).map_or(0.0, |(density, _)| density * all_below);
        }
    }
    let sum: f64 = chances.iter().sum();
    chances.iter().map(|chance| chance / sum).collect()
}

/// One point of the grid between 0 and 1.
struct At {
    log: f64,
    log_rest: f64,
}

impl At {
    fn new(point: u32) -> At {
        let x = (f64::from(point) + 0.5) / f64::from(POINTS);
        At { log: libm::log(x), log_rest: libm::log(1.0 - x) }
    }

    /// The density there over the density at its peak: between 0 and 1.
    fn density(&self, (successes, failures): (f64, f64)) -> f64 {
        let n = successes + failures;
        let part = |count: f64| if count > 0.0 { count * libm::log(count / n) } else { 0.0 };
        let peak = part(successes) + part(failures);
        libm::exp(successes * self.log + failures * self.log_rest - peak)
    }
}

#[cfg(test)]
mod tests {
    use super::super::dice::Bowl;
    use super::*;

    #[test]
    fn chances_are_those_of_many_draws() {
        let cases: [&[(f64, f64)]; 5] = [
            &[(0.0, 0.0), (0.0, 0.0)],
            &[(5.0, 5.0), (8.0, 2.0)],
            &[(1.0, 9.0), (2.0, 8.0), (0.0, 0.0)],
            &[(300.0, 700.0), (330.0, 670.0)],
            &[(4_000.0, 16_000.0), (4_100.0, 15_900.0), (1.0, 3.0)],
        ];
        for (step, evidence) in cases.into_iter().enumerate() {
            let chances = largest(evidence);
            assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            let mut dice = Bowl::new(3).dice(b"chance", "j", step as u32);
            let (n, mut won) = (4_000, vec![0_u32; evidence.len()]);
            for _ in 0..n {
                let draws: Vec<f64> = evidence.iter().map(|(s, f)| dice.beta(1.0 + s, 1.0 + f)).collect();
                let best = (0..draws.len()).max_by(|a, b| draws[*a].total_cmp(&draws[*b])).unwrap();
                won[best] += 1;
            }
            for (chance, won) in chances.iter().zip(won) {
                // Four standard errors of the draws, and a little for the grid.
                let error = 4.0 * (chance * (1.0 - chance) / f64::from(n)).sqrt() + 0.01;
                let seen = f64::from(won) / f64::from(n);
                assert!((chance - seen).abs() < error, "{evidence:?}: {chance} and {seen}");
            }
        }
    }

    #[test]
    fn one_alternative_is_certain_and_equals_are_even() {
        assert_eq!(largest(&[(3.0, 4.0)]), [1.0]);
        let even = largest(&[(9.0, 1.0), (9.0, 1.0), (9.0, 1.0)]);
        assert!(even.iter().all(|chance| (chance - 1.0 / 3.0).abs() < 1e-9), "{even:?}");
    }
}
