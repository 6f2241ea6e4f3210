//! Intent: beginning before the subject gets there, and owning up to whether it did.
//!
//! An instance of kind intent begins when its goal is likely, ends when the goal is reached or its time is over, and
//! then rests until the goal was unlikely once: a probability that trembles around its threshold begins nothing
//! twice. The prediction itself is a fact that comes from outside. What authors may write is `compile/intent.rs`.
//! Next: `turn.rs`.

use crate::effect::Effect;
use crate::input::Triggers;
use crate::instances;
use crate::library::Intent;
use crate::turn::Turn;

impl Turn<'_> {
    /// An admitted event of an intent journey. Says with which triggers the page looks at it, or nothing when no
    /// instance is there to look. [15.1 to 15.4]
    pub(crate) fn foresee(&mut self, intent: &Intent, triggers: Triggers) -> Option<Triggers> {
        let is_there = intent.there.holds(&self.env()) == Some(true);
        if self.page().is_some() {
            if !is_there {
                return Some(triggers);
            }
            self.step.effects.push(Effect::Foretold { journey: self.ix, reached: true });
            return Some(triggers | Triggers::REACHED);
        }
        let likely = intent.likely.holds(&self.env());
        if *self.seat == self.journey.place.resting() {
            if likely == Some(false) {
                *self.seat = self.journey.place.nowhere;
                self.step.changed = true;
            }
            return None;
        }
        if likely != Some(true) || is_there {
            return None;
        }
        self.begin(self.journey.start?);
        self.page()?;
        let at = self.moment.at.0;
        instances::set_word(self.words, intent.word, at);
        self.start(intent.timer, at.saturating_add(intent.within_ms));
        Some(triggers)
    }

    /// The time to reach the goal is over. [15.3]
    pub(crate) fn missed(&mut self) {
        self.step.effects.push(Effect::Foretold { journey: self.ix, reached: false });
        self.rest();
    }

    /// The instance is over, and what it offered stands on. It does not begin again yet. [15.4]
    pub(crate) fn rest(&mut self) {
        self.end();
        *self.seat = self.journey.place.resting();
    }
}
