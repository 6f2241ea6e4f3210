//! States to pages, events to choices, with a note for everything that is not what it was.

use std::collections::BTreeMap;

use super::super::Left;
use super::expression::{Says, Term, read};
use super::model::{Action, Event, Model, State};

/// Bytes of a name, as the engine takes them.
const NAME_MAX: usize = 64;

/// Words that guards keep for themselves.
const RESERVED: [&str; 10] =
    ["true", "false", "null", "in", "has", "role", "result", "channel", "segments", "size"];

#[derive(Debug, Default)]
pub(super) struct Journey {
    pub(super) name: String,
    pub(super) about: Option<String>,
    pub(super) model: String,
    pub(super) start: String,
    /// First values, in guards' words.
    pub(super) variables: BTreeMap<String, String>,
    pub(super) pages: Vec<(String, Vec<Choice>)>,
    pub(super) left: Vec<Left>,
    pub(super) signals: BTreeMap<String, String>,
}

#[derive(Debug, Default, Clone)]
pub(super) struct Choice {
    /// The event it was.
    pub(super) event: String,
    pub(super) on: Option<String>,
    pub(super) after_s: Option<i64>,
    pub(super) when: Option<String>,
    pub(super) set: BTreeMap<String, String>,
    pub(super) tickets: Vec<String>,
    pub(super) turn_to: Option<String>,
}

pub(super) fn translate(model: &Model) -> Journey {
    let mut translator = Translator { model, pages: BTreeMap::new(), journey: Journey::default() };
    translator.whole();
    translator.journey
}

/// `PressureInput`, `sensorData.pressure` as `pressure_input_sensor_data_pressure`, which guards can also ask for with a dot.
pub(super) fn signal_name(input: &str, way: &str) -> String {
    worded(&format!("{input}.{way}"), '_')
}

pub(super) fn variable_name(name: &str) -> String {
    let name = worded(name, '_');
    let first = name.chars().next().is_some_and(|first| first.is_ascii_digit());
    if first || RESERVED.contains(&name.as_str()) { format!("v_{name}") } else { name }
}

/// Lower-case words joined by a mark: camel case and everything that is no letter or digit parts them.
fn worded(name: &str, mark: char) -> String {
    let mut worded = String::new();
    let mut small = false;
    for c in name.chars() {
        let parts = !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && small);
        if parts && !worded.is_empty() && !worded.ends_with(mark) {
            worded.push(mark);
        }
        if c.is_ascii_alphanumeric() {
            worded.push(c.to_ascii_lowercase());
        }
        small = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    worded.truncate(NAME_MAX - 4);
    let worded = worded.trim_end_matches(mark);
    if worded.is_empty() { "unnamed".to_owned() } else { worded.to_owned() }
}

struct Translator<'a> {
    model: &'a Model,
    /// Names of pages by names of states.
    pages: BTreeMap<&'a str, String>,
    journey: Journey,
}

/// What happens on the way through some events: variables with their new values, and tickets.
#[derive(Default, Clone)]
struct Deeds {
    set: BTreeMap<String, String>,
    tickets: Vec<String>,
}

impl<'a> Translator<'a> {
    fn left(&mut self, place: &str, reason: impl Into<String>) {
        let left = Left { place: place.to_owned(), reason: reason.into() };
        if !self.journey.left.contains(&left) {
            self.journey.left.push(left);
        }
    }

    fn whole(&mut self) {
        let model = self.model;
        self.journey.name = worded(&model.name, '-');
        self.journey.model.clone_from(&model.name);
        self.journey.about.clone_from(&model.about);
        for state in &model.states {
            let mut page = worded(&state.name, '-');
            let taken =
                |page: &String, pages: &BTreeMap<&str, String>| pages.values().any(|other| other == page);
            let base = page.clone();
            for number in 2.. {
                if !taken(&page, &self.pages) {
                    break;
                }
                page = format!("{base}-{number}");
            }
            self.pages.insert(&state.name, page);
        }
        self.journey.start = self.pages.get(model.initial.as_str()).cloned().unwrap_or_default();
        if let Some(key) = &model.key {
            let reason = format!(
                "one detector for each `{key}` becomes one instance for the venue: a signal does not say whom it is about"
            );
            self.left("model", reason);
        }
        if model.batch {
            self.left("model", "evaluation in batches: a journey sees what was set only with the next event");
        }
        self.variables();
        for state in &model.states {
            let choices = self.state(state);
            let page = self.pages.get(state.name.as_str()).cloned().unwrap_or_default();
            self.journey.pages.push((page, choices));
        }
    }

    /// First values: what the first state sets when it is entered, or nothing.
    fn variables(&mut self) {
        let model = self.model;
        let all = model.states.iter().flat_map(|state| {
            [&state.enter, &state.input, &state.transitions, &state.exit].into_iter().flatten()
        });
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for event in all {
            for action in &event.actions {
                let Action::SetVariable { name, value } = action else { continue };
                let truth = matches!(
                    read(value),
                    Ok(Term::Bool(_)
                        | Term::Undefined(_)
                        | Term::Binary(_, "&&" | "||" | "==" | "!=" | "<" | ">" | "<=" | ">=", _))
                );
                let zero = if truth { "false" } else { "0.0" };
                let own = variable_name(name);
                if let Some(other) = names.insert(own.clone(), name.clone()).filter(|other| other != name) {
                    self.left("variables", format!("`{name}` and `{other}` are both called `{own}` here"));
                }
                self.journey.variables.entry(own).or_insert_with(|| zero.to_owned());
            }
        }
        let Some(first) = model.states.iter().find(|state| state.name == model.initial) else { return };
        for event in first.enter.iter().filter(|event| always(event)) {
            for action in &event.actions {
                let Action::SetVariable { name, value } = action else { continue };
                let literal = match read(value) {
                    Ok(term @ (Term::Number(_) | Term::Bool(_))) => Some(term),
                    Ok(Term::Unary("-", of)) if matches!(*of, Term::Number(_)) => Some(Term::Unary("-", of)),
                    _ => None,
                };
                let mut says = Says { set: &BTreeMap::new(), timer: false, signals: BTreeMap::new() };
                if let Some(Ok(value)) = literal.map(|term| says.say(&term)) {
                    self.journey.variables.insert(variable_name(name), value);
                } else {
                    let place = place(first, "onEnter", event);
                    self.left(&place, format!("`{name}` begins as 0 or false: its first value is computed"));
                }
            }
        }
        for event in first.enter.iter().filter(|event| !messages(event).is_empty()) {
            let place = place(first, "onEnter", event);
            self.left(
                &place,
                "what the first state says when a detector begins: a journey begins in silence",
            );
        }
    }

    fn state(&mut self, state: &'a State) -> Vec<Choice> {
        let mut before = Deeds::default();
        for event in state.input.iter().filter(|event| always(event)) {
            self.deeds(&place(state, "onInput", event), event, &mut before, false);
        }
        let mut choices = Vec::new();
        for event in &state.transitions {
            self.event(state, "transition", event, &before, &mut choices);
        }
        let conditional = state.input.iter().filter(|event| !always(event)).count();
        for event in state.input.iter().filter(|event| !always(event)) {
            self.event(state, "onInput", event, &before, &mut choices);
        }
        if conditional > 0 && conditional + state.transitions.len() > 1 {
            let reason = "a detector runs every event whose condition holds and then looks at its transitions; the journey takes \
                          the first open choice, transitions first";
            self.left(&format!("state {}", state.name), reason);
        }
        if !before.set.is_empty() || !before.tickets.is_empty() {
            let event = state.input.iter().find(|event| always(event)).map_or("", |event| &event.name);
            let Deeds { set, tickets } = before;
            let on = Some("signal".to_owned());
            choices.push(Choice { event: event.to_owned(), on, set, tickets, ..Choice::default() });
        }
        choices
    }

    /// The choices of one event: one, or one for each way its condition can hold where a timer is among them.
    fn event(
        &mut self,
        state: &'a State,
        sort: &str,
        event: &Event,
        before: &Deeds,
        choices: &mut Vec<Choice>,
    ) {
        let place = place(state, sort, event);
        let condition = event.condition.as_deref().unwrap_or("true");
        let term = match read(condition) {
            Ok(term) => term,
            Err(reason) => {
                return self.left(&place, format!("the condition `{}`: {reason}", one_line(condition)));
            }
        };
        if condition.contains("isUndefined") {
            let reason = "`isUndefined` asks whether the message has a value; the guard asks whether it is known at all";
            self.left(&place, reason);
        }
        let waits = |term: &Term| term.clone().all().iter().any(|part| matches!(part, Term::Timeout(_)));
        let ways = term.clone().any();
        let ways = if ways.len() > 1 && ways.iter().any(waits) { ways } else { vec![term] };
        for way in ways {
            let mut deeds = before.clone();
            self.deeds(&place, event, &mut deeds, false);
            let resets = event.actions.iter().any(|action| matches!(action, Action::ResetTimer(_)));
            let next = event.next.as_deref().or(resets.then_some(state.name.as_str()));
            if let Some(next) = event.next.as_deref() {
                self.passing(state, next, &mut deeds);
            }
            let turn_to = match next.map(|next| self.pages.get(next).cloned()) {
                Some(None) => {
                    self.left(&place, format!("no state is named `{}`", one_line(next.unwrap_or_default())));
                    continue;
                }
                Some(page) => page,
                None => None,
            };
            let mut choice = Choice { event: event.name.clone(), turn_to, ..Choice::default() };
            if let Err(reason) = self.condition(state, &place, way, &mut choice) {
                self.left(&place, format!("the condition `{}`: {reason}", one_line(condition)));
                continue;
            }
            (choice.set, choice.tickets) = (deeds.set, deeds.tickets);
            if choice.turn_to.is_some() || !choice.set.is_empty() || !choice.tickets.is_empty() {
                choices.push(choice);
            }
        }
    }

    /// What leaving one state and entering the next does on the way.
    fn passing(&mut self, state: &State, next: &str, deeds: &mut Deeds) {
        let model = self.model;
        for event in &state.exit {
            self.deeds(&place(state, "onExit", event), event, deeds, true);
        }
        let Some(next) = model.states.iter().find(|other| other.name == next) else { return };
        for event in &next.enter {
            self.deeds(&place(next, "onEnter", event), event, deeds, true);
        }
    }

    /// Adds what an event does; where it is conditional and only passed by, its condition goes into the values.
    fn deeds(&mut self, place: &str, event: &Event, deeds: &mut Deeds, passing: bool) {
        let condition = if passing && !always(event) { event.condition.as_deref() } else { None };
        let guard = match condition.map(|condition| self.say(condition, &deeds.set)) {
            None => None,
            Some(Ok(guard)) => Some(guard),
            Some(Err(reason)) => return self.left(place, format!("its condition: {reason}")),
        };
        for action in &event.actions {
            match action {
                Action::SetVariable { name, value } => match self.say(value, &deeds.set) {
                    Ok(value) => {
                        let name = variable_name(name);
                        let old = deeds.set.get(&name).map_or(name.clone(), |old| format!("({old})"));
                        let value = match &guard {
                            Some(guard) => format!("({guard}) ? ({value}) : {old}"),
                            None => value,
                        };
                        deeds.set.insert(name, value);
                    }
                    Err(reason) => self.left(place, format!("setting `{}`: {reason}", one_line(name))),
                },
                Action::Message { service, to } => {
                    if guard.is_some() {
                        self.left(place, format!("`{service}` under a condition on the way: left"));
                    } else {
                        let said = format!("{}: {}", one_line(&event.name), one_line(to));
                        if !deeds.tickets.contains(&said) {
                            deeds.tickets.push(said);
                        }
                        self.left(
                            place,
                            format!("`{service}` becomes a ticket; its payload and its way are left"),
                        );
                    }
                }
                Action::Other(action) => {
                    self.left(place, format!("the action `{}` has no counterpart", one_line(action)));
                }
                // What a timer is counted from is told where it is waited for.
                Action::SetTimer { .. } => {}
                Action::ResetTimer(_) if !passing => {}
                Action::ResetTimer(timer) | Action::ClearTimer(timer) => {
                    let reason = format!(
                        "timer `{}`: a page's own timers begin when it is entered and end when it is left",
                        one_line(timer)
                    );
                    self.left(place, reason);
                }
            }
        }
    }

    fn say(&mut self, text: &str, set: &BTreeMap<String, String>) -> Result<String, String> {
        let mut says = Says { set, timer: false, signals: BTreeMap::new() };
        let said = says.say(&read(text)?);
        self.journey.signals.append(&mut says.signals);
        said
    }

    /// What a choice waits for: a timer or a signal, and the rest of its condition as a guard.
    fn condition(
        &mut self,
        state: &State,
        place: &str,
        way: Term,
        choice: &mut Choice,
    ) -> Result<(), String> {
        let (timers, parts): (Vec<Term>, Vec<Term>) =
            way.all().into_iter().partition(|part| matches!(part, Term::Timeout(_)));
        let none = BTreeMap::new();
        let mut says = Says { set: &none, timer: !timers.is_empty(), signals: BTreeMap::new() };
        let (mut guards, mut asked) = (Vec::new(), Vec::new());
        for part in &parts {
            if let Term::Current(input) = part {
                asked.push(input.clone());
                continue;
            }
            match says.say(part)?.as_str() {
                "true" => {}
                "false" => return Err("it never holds".to_owned()),
                guard => {
                    let joined = matches!(part, Term::Binary(_, "||", _));
                    guards.push(if joined && parts.len() > 1 {
                        format!("({guard})")
                    } else {
                        guard.to_owned()
                    });
                }
            }
        }
        choice.when = (!guards.is_empty()).then(|| guards.join(" && "));
        let signals = std::mem::take(&mut says.signals);
        if let Some(input) =
            asked.iter().find(|input| !signals.values().any(|value| value.starts_with(&format!("{input}."))))
        {
            return Err(format!("which input came (`currentInput(\"{input}\")`) is no fact of guards"));
        }
        match timers.as_slice() {
            [] => {
                let one = signals.keys().next().filter(|_| signals.len() == 1);
                choice.on = Some(one.map_or("signal".to_owned(), |name| format!("signal.{name}")));
            }
            [Term::Timeout(timer)] => choice.after_s = Some(self.timer(state, place, timer)?),
            _ => return Err("it waits for two timers at once".to_owned()),
        }
        self.journey.signals.extend(signals);
        Ok(())
    }

    /// Seconds of a timer that a state waits for: as the state itself sets it, or else as anybody does.
    fn timer(&mut self, state: &State, place: &str, timer: &str) -> Result<i64, String> {
        let set = |event: &Event| {
            event.actions.iter().find_map(|action| match action {
                Action::SetTimer { name, seconds, expression } if name == timer => {
                    let written = expression.as_deref().and_then(|text| text.trim().parse().ok());
                    Some(seconds.or(written).filter(|seconds| *seconds > 0))
                }
                _ => None,
            })
        };
        let own = state.enter.iter().find_map(set);
        let model = self.model;
        let anybody = || {
            let events = model.states.iter().flat_map(|state| {
                [&state.enter, &state.input, &state.transitions, &state.exit].into_iter().flatten()
            });
            events.into_iter().find_map(set)
        };
        let Some(seconds) = own.or_else(anybody) else {
            return Err(format!("nobody sets the timer `{timer}`"));
        };
        let Some(seconds) = seconds else {
            return Err(format!("how long the timer `{timer}` runs is computed"));
        };
        if own.is_none() {
            self.left(
                place,
                format!("timer `{}` is set elsewhere: here it runs from entering the page", one_line(timer)),
            );
        }
        Ok(seconds)
    }
}

/// Whether an event has no condition, or one that always holds.
fn always(event: &Event) -> bool {
    event.condition.as_deref().is_none_or(|condition| condition.trim().eq_ignore_ascii_case("true"))
}

fn messages(event: &Event) -> Vec<&Action> {
    event
        .actions
        .iter()
        .filter(|action| matches!(action, Action::Message { .. } | Action::Other(_)))
        .collect()
}

fn place(state: &State, sort: &str, event: &Event) -> String {
    format!("state {}, {sort}, event {}", one_line(&state.name), one_line(&event.name))
}

/// The model's words on one line, short enough for a list.
pub(super) fn one_line(text: &str) -> String {
    const SHOWN_MAX: usize = 100;
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = plain.split_whitespace().collect::<Vec<&str>>().join(" ");
    if line.chars().count() <= SHOWN_MAX {
        line
    } else {
        line.chars().take(SHOWN_MAX).chain("..".chars()).collect()
    }
}
