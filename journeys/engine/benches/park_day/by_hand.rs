//! The same rules without an engine: one struct a visitor, one queue a delay, constants in the code.
//!
//! It is what a programmer would write who is paid for speed and never asked for a change: the measure the
//! engine is held against in the same run.

use crate::event::{Event, Role, ZoneKind};
use std::collections::VecDeque;

const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440 * MINUTE;
/// All measured events lie in one New York summer day.
const OFFSET: i64 = -240 * MINUTE;

/// What is said, in the order of the workload's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Said {
    Rest,
    Fastlane,
    Lunch,
    LunchAccepted,
    LunchExpired,
    Cocoa,
    CocoaAccepted,
    CocoaExpired,
    Greet,
}

#[derive(Clone, Copy)]
struct Visitor {
    zone: u16,
    rainy: u8,
    waiting: bool,
    cocoas: u8,
    rides: u8,
    cocoa_day: i32,
    lunch_day: i32,
    greeted: i64,
    rainy_due: i64,
    lunch_due: i64,
    heat_due: i64,
    temperature: f64,
}

const NEW: Visitor = Visitor {
    zone: u16::MAX,
    rainy: 0,
    waiting: false,
    cocoas: 0,
    rides: 0,
    cocoa_day: i32::MIN,
    lunch_day: i32::MIN,
    greeted: i64::MIN / 2,
    rainy_due: 0,
    lunch_due: 0,
    heat_due: 0,
    temperature: 0.0,
};

/// All visitors.
#[derive(Default)]
pub(crate) struct ByHand {
    visitors: Vec<Visitor>,
    rainy: VecDeque<(i64, u32)>,
    lunch: VecDeque<(i64, u32)>,
    heat: VecDeque<(i64, u32)>,
    pub(crate) said: Vec<(i64, u32, Said)>,
}

fn pop_due(queue: &mut VecDeque<(i64, u32)>, at: i64) -> Option<(i64, u32)> {
    queue.pop_front_if(|(due, _)| *due <= at)
}

impl ByHand {
    pub(crate) fn know(&mut self, visitors: u32) {
        self.visitors.resize(visitors as usize, NEW);
    }

    fn fire(&mut self, at: i64) {
        while let Some((due, who)) = pop_due(&mut self.rainy, at) {
            let visitor = &mut self.visitors[who as usize];
            if visitor.rainy_due == due {
                (visitor.rainy_due, visitor.rainy) = (0, 0);
                self.said.push((due, who, Said::CocoaExpired));
            }
        }
        while let Some((due, who)) = pop_due(&mut self.lunch, at) {
            let visitor = &mut self.visitors[who as usize];
            if visitor.lunch_due == due {
                (visitor.lunch_due, visitor.waiting) = (0, false);
                self.said.push((due, who, Said::LunchExpired));
            }
        }
        while let Some((due, who)) = pop_due(&mut self.heat, at) {
            let visitor = &mut self.visitors[who as usize];
            if visitor.heat_due == due {
                visitor.heat_due = 0;
                if visitor.temperature >= 30.0 {
                    self.said.push((due, who, Said::Rest));
                }
            }
        }
    }

    pub(crate) fn event(&mut self, event: &Event) {
        self.fire(event.at);
        let (at, who) = (event.at, event.visitor);
        let visitor = &mut self.visitors[who as usize];
        let entry = visitor.zone != event.zone;
        visitor.zone = event.zone;
        if event.role != Role::Staff {
            match visitor.rainy {
                0 if event.outdoor && event.rain > 0.5 => {
                    let day = (at + OFFSET).div_euclid(DAY) as i32;
                    if visitor.cocoa_day != day {
                        (visitor.cocoa_day, visitor.cocoas) = (day, 0);
                    }
                    if visitor.cocoas < 3 {
                        visitor.cocoas += 1;
                        (visitor.rainy, visitor.rainy_due) = (1, at + 20 * MINUTE);
                        self.rainy.push_back((visitor.rainy_due, who));
                        self.said.push((at, who, Said::Cocoa));
                    }
                }
                1 if event.kind == ZoneKind::Food => {
                    (visitor.rainy, visitor.rainy_due) = (2, 0);
                    self.said.push((at, who, Said::CocoaAccepted));
                }
                2 if event.rain < 0.1 && event.temperature > 18.0 => visitor.rainy = 0,
                _ => {}
            }
            if event.kind == ZoneKind::Plaza && !visitor.waiting {
                let (day, ms) = ((at + OFFSET).div_euclid(DAY) as i32, (at + OFFSET).rem_euclid(DAY));
                if (690 * MINUTE..810 * MINUTE).contains(&ms) && visitor.lunch_day != day {
                    (visitor.waiting, visitor.lunch_day) = (true, day);
                    visitor.lunch_due = at + 60 * MINUTE;
                    self.lunch.push_back((visitor.lunch_due, who));
                    self.said.push((at, who, Said::Lunch));
                }
            } else if event.kind == ZoneKind::Food && visitor.waiting {
                (visitor.waiting, visitor.lunch_due) = (false, 0);
                self.said.push((at, who, Said::LunchAccepted));
            }
            visitor.temperature = event.temperature;
            if entry {
                visitor.heat_due = if event.outdoor { at + 45 * MINUTE } else { 0 };
                if event.outdoor {
                    self.heat.push_back((visitor.heat_due, who));
                }
            }
        }
        if entry && event.kind == ZoneKind::Ride {
            visitor.rides += 1;
            if visitor.rides == 5 {
                visitor.rides = 0;
                self.said.push((at, who, Said::Fastlane));
            }
        }
        let gate = event.kind == ZoneKind::Gate && event.role == Role::Vip;
        if entry && gate && at - visitor.greeted >= 240 * MINUTE {
            visitor.greeted = at;
            self.said.push((at, who, Said::Greet));
        }
    }
}
