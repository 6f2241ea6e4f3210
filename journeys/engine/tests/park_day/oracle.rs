//! The park-day rules written down straight, sharing nothing with the engine: a map of visitors, one set of
//! timers in the order they fire, and the time zone from a database.

use super::event::{Event, Line, Role, ZoneKind, name};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike};
use chrono_tz::America::New_York;
use std::collections::{BTreeMap, BTreeSet};

const MINUTE: i64 = 60_000;

#[derive(Clone, Copy, Default, PartialEq)]
enum Rainy {
    #[default]
    Strolling,
    Shelter,
    Cosy,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Lunch {
    #[default]
    Idle,
    Waiting,
    Done,
}

#[derive(Default)]
struct Visitor {
    zone: Option<u16>,
    rainy: Rainy,
    cocoas: BTreeMap<i32, u32>,
    lunch: Lunch,
    lunch_day: Option<i32>,
    rides: u32,
    greeted: Option<i64>,
    temperature: f64,
}

/// Everything the rules say about a stream of events, sorted as the workload's output is.
pub(crate) fn run(events: &[Event]) -> Vec<Line> {
    let mut oracle = Oracle::default();
    for event in events {
        oracle.event(event);
    }
    oracle.said.sort();
    oracle.said
}

#[derive(Default)]
struct Oracle {
    visitors: BTreeMap<u32, Visitor>,
    /// Deadline, visitor, journey: the order timers fire in.
    timers: BTreeSet<(i64, u32, &'static str)>,
    /// The deadline of each running timer.
    running: BTreeMap<(u32, &'static str), i64>,
    said: Vec<Line>,
}

impl Oracle {
    fn say(&mut self, at: i64, visitor: u32, journey: &'static str, offer: &'static str) {
        self.said.push((at, name(visitor), journey, offer));
    }

    fn start(&mut self, deadline: i64, visitor: u32, journey: &'static str) {
        self.timers.insert((deadline, visitor, journey));
        self.running.insert((visitor, journey), deadline);
    }

    fn cancel(&mut self, visitor: u32, journey: &'static str) {
        if let Some(deadline) = self.running.remove(&(visitor, journey)) {
            self.timers.remove(&(deadline, visitor, journey));
        }
    }

    fn event(&mut self, event: &Event) {
        while let Some(&(deadline, visitor, journey)) = self.timers.first() {
            if deadline > event.at {
                break;
            }
            self.cancel(visitor, journey);
            self.fire(deadline, visitor, journey);
        }
        let who = event.visitor;
        let visitor = self.visitors.entry(who).or_default();
        let entry = visitor.zone != Some(event.zone);
        visitor.zone = Some(event.zone);
        if entry && event.kind == ZoneKind::Ride {
            visitor.rides += 1;
            if visitor.rides == 5 {
                visitor.rides = 0;
                self.say(event.at, who, "loyal", "fastlane");
            }
        }
        if entry && event.kind == ZoneKind::Gate && event.role == Role::Vip {
            self.greet(event);
        }
        if event.role != Role::Staff {
            self.rainy(event);
            self.lunch(event);
            self.heat(event, entry);
        }
    }

    fn fire(&mut self, at: i64, who: u32, journey: &'static str) {
        let visitor = self.visitors.entry(who).or_default();
        match journey {
            "rainy-day" => {
                visitor.rainy = Rainy::Strolling;
                self.say(at, who, "rainy-day", "cocoa:expired");
            }
            "lunch" => {
                visitor.lunch = Lunch::Done;
                self.say(at, who, "lunch", "lunch:expired");
            }
            _ if visitor.temperature >= 30.0 => self.say(at, who, "heat-rest", "rest"),
            _ => {}
        }
    }

    fn greet(&mut self, event: &Event) {
        let visitor = self.visitors.entry(event.visitor).or_default();
        if visitor.greeted.is_none_or(|last| event.at - last >= 240 * MINUTE) {
            visitor.greeted = Some(event.at);
            self.say(event.at, event.visitor, "vip-greet", "greet");
        }
    }

    fn rainy(&mut self, event: &Event) {
        let (who, (day, _)) = (event.visitor, local(event.at));
        let visitor = self.visitors.entry(who).or_default();
        match visitor.rainy {
            Rainy::Strolling if event.outdoor && event.rain > 0.5 => {
                let today = visitor.cocoas.entry(day).or_default();
                if *today < 3 {
                    *today += 1;
                    visitor.rainy = Rainy::Shelter;
                    self.say(event.at, who, "rainy-day", "cocoa");
                    self.start(event.at + 20 * MINUTE, who, "rainy-day");
                }
            }
            Rainy::Shelter if event.kind == ZoneKind::Food => {
                visitor.rainy = Rainy::Cosy;
                self.say(event.at, who, "rainy-day", "cocoa:accepted");
                self.cancel(who, "rainy-day");
            }
            Rainy::Cosy if event.rain < 0.1 && event.temperature > 18.0 => visitor.rainy = Rainy::Strolling,
            _ => {}
        }
    }

    fn lunch(&mut self, event: &Event) {
        let (who, (day, time)) = (event.visitor, local(event.at));
        let visitor = self.visitors.entry(who).or_default();
        if visitor.lunch == Lunch::Done && visitor.lunch_day != Some(day) {
            visitor.lunch = Lunch::Idle;
        }
        let clock = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
        let noon = time >= clock(11, 30) && time < clock(13, 30);
        match visitor.lunch {
            Lunch::Idle if noon && event.kind == ZoneKind::Plaza => {
                (visitor.lunch, visitor.lunch_day) = (Lunch::Waiting, Some(day));
                self.say(event.at, who, "lunch", "lunch");
                self.start(event.at + 60 * MINUTE, who, "lunch");
            }
            Lunch::Waiting if event.kind == ZoneKind::Food => {
                visitor.lunch = Lunch::Done;
                self.say(event.at, who, "lunch", "lunch:accepted");
                self.cancel(who, "lunch");
            }
            _ => {}
        }
    }

    fn heat(&mut self, event: &Event, entry: bool) {
        let who = event.visitor;
        if entry {
            self.cancel(who, "heat-rest");
            if event.outdoor {
                self.start(event.at + 45 * MINUTE, who, "heat-rest");
            }
        }
        self.visitors.entry(who).or_default().temperature = event.temperature;
    }
}

fn local(at: i64) -> (i32, NaiveTime) {
    let local = DateTime::from_timestamp_millis(at).unwrap().with_timezone(&New_York);
    let date: NaiveDate = local.date_naive();
    (date.num_days_from_ce(), local.time().with_nanosecond(local.nanosecond()).unwrap())
}
