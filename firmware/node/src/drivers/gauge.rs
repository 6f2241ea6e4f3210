//! Rain and wind from pulses: a tipping bucket and a cup anemometer on counter inputs.
//!
//! Both count in hardware and are looked at once a sample. Rain is sparse (one tip of a 0.2 mm bucket every 24 minutes is
//! 0.5 mm/h), so its rate comes from the time between tips and not from tips per sample, which would
//! read 0, 0, 12, 0, ..; wind is dense, so its speed is pulses over the sample.

use crate::PulseCounter;

/// A tipping bucket rain gauge on a counter.
#[derive(Debug)]
pub struct RainGauge<C> {
    counter: C,
    /// Rain that tips the bucket, in thousandths of a millimetre.
    tip_um: u32,
    last: Option<Tips>,
}

#[derive(Debug, Clone, Copy)]
struct Tips {
    count: u32,
    /// When the last tip was noticed (or the gauge started).
    tipped_ms: u64,
    /// Time a tip took, at the last one; `None` before the first.
    apart_ms: Option<u64>,
}

/// With no tip for this long it does not rain.
const DRY_MS: u64 = 60 * 60 * 1_000;

const MS_PER_HOUR: u64 = 60 * 60 * 1_000;

impl<C: PulseCounter> RainGauge<C> {
    /// A gauge whose bucket tips every `tip_um` thousandths of a millimetre of rain (200 for most metric ones).
    pub const fn new(counter: C, tip_um: u32) -> Self {
        Self { counter, tip_um, last: None }
    }

    /// Rain intensity at `uptime_ms` in hundredths of a millimetre per hour; `None` at the first look.
    pub fn measure(&mut self, uptime_ms: u64) -> Option<u16> {
        let count = self.counter.count();
        let Some(last) = self.last else {
            self.last = Some(Tips { count, tipped_ms: uptime_ms, apart_ms: None });
            return None;
        };
        let since_ms = uptime_ms.saturating_sub(last.tipped_ms);
        let tips = count.wrapping_sub(last.count);
        let (apart_ms, quiet_ms) = match tips {
            0 => (last.apart_ms, since_ms),
            tips => {
                // After a dry spell the first tip ends an unknown part of it; one at a time from then on.
                let apart_ms = (since_ms.min(DRY_MS) / u64::from(tips)).max(1);
                self.last = Some(Tips { count, tipped_ms: uptime_ms, apart_ms: Some(apart_ms) });
                (Some(apart_ms), 0)
            }
        };
        let Some(apart_ms) = apart_ms.filter(|_| quiet_ms < DRY_MS) else { return Some(0) };
        // As the next tip keeps one waiting, the rate can only be lower than the last one.
        let rate = u64::from(self.tip_um) * MS_PER_HOUR / 10 / apart_ms.max(quiet_ms);
        Some(u16::try_from(rate).unwrap_or(u16::MAX))
    }
}

/// A cup anemometer on a counter.
#[derive(Debug)]
pub struct Anemometer<C> {
    counter: C,
    /// Wind that passes for one pulse, in thousandths of a millimetre.
    run_um: u32,
    last: Option<(u32, u64)>,
}

impl<C: PulseCounter> Anemometer<C> {
    /// An anemometer with `run_um` micrometres of wind run a pulse: 666_667 for the usual 2.4 km/h at one pulse a second.
    pub const fn new(counter: C, run_um: u32) -> Self {
        Self { counter, run_um, last: None }
    }

    /// Mean wind speed since the last look in centimetres per second; `None` at the first look.
    pub fn measure(&mut self, uptime_ms: u64) -> Option<u16> {
        let count = self.counter.count();
        let (last_count, last_ms) = self.last.replace((count, uptime_ms))?;
        let elapsed_ms = uptime_ms.checked_sub(last_ms).filter(|&elapsed_ms| elapsed_ms > 0)?;
        let pulses = u64::from(count.wrapping_sub(last_count));
        // Micrometres a millisecond are millimetres a second, ten to the centimetre.
        let speed = pulses * u64::from(self.run_um) / elapsed_ms / 10;
        Some(u16::try_from(speed).unwrap_or(u16::MAX))
    }
}

#[cfg(test)]
mod tests;
