//! Time of this thread on the processor, where the system tells it, and else the wall's: other work on the machine does
//! not count.

use std::time::Instant;

/// Between a start and a stop.
pub(crate) struct Clock {
    from: Instant,
    processor: Option<u64>,
    seconds: f64,
}

impl Clock {
    fn processor() -> Option<u64> {
        let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        told.split_whitespace().next()?.parse().ok()
    }

    pub(crate) fn start(&mut self) {
        (self.processor, self.from) = (Clock::processor(), Instant::now());
    }

    /// Takes what was made meanwhile, so that making it is not optimised away.
    pub(crate) fn stop(&mut self, made: usize) {
        let wall = self.from.elapsed().as_secs_f64();
        std::hint::black_box(made);
        let spent = Clock::processor().zip(self.processor).map(|(now, then)| (now - then) as f64 / 1e9);
        self.seconds = spent.unwrap_or(wall);
    }
}

/// The seconds that `run` took between its start and its stop.
pub(crate) fn timed(run: impl FnOnce(&mut Clock)) -> f64 {
    let mut clock = Clock { from: Instant::now(), processor: None, seconds: 0.0 };
    run(&mut clock);
    clock.seconds
}
