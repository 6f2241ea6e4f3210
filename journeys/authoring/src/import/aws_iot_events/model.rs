//! The JSON of a detector model as plain data, as its console exports it and as its interface describes it.
//!
//! Keys that say nothing about what a detector does (roles, tags, dates) are passed over. Next: `translate`.

use turnpage_journeys_document::{Content, Limits, Node, parse_within};
use turnpage_journeys_engine::bounds::PAGES_MAX;
use turnpage_journeys_expr::{Diagnostic, Span};

use crate::source::FILE_BYTES_MAX;

/// Values of one model: the service took at most 512 KiB of definition.
const NODES_MAX: usize = 50_000;

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) name: String,
    pub(super) about: Option<String>,
    /// The input's value that tells detectors apart.
    pub(super) key: Option<String>,
    pub(super) batch: bool,
    pub(super) initial: String,
    pub(super) states: Vec<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) name: String,
    pub(super) enter: Vec<Event>,
    pub(super) input: Vec<Event>,
    pub(super) transitions: Vec<Event>,
    pub(super) exit: Vec<Event>,
}

#[derive(Debug, Default)]
pub(super) struct Event {
    pub(super) name: String,
    /// Always, when absent.
    pub(super) condition: Option<String>,
    pub(super) actions: Vec<Action>,
    /// Of a transition, where it goes.
    pub(super) next: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    SetVariable {
        name: String,
        value: String,
    },
    SetTimer {
        name: String,
        seconds: Option<i64>,
        expression: Option<String>,
    },
    ClearTimer(String),
    ResetTimer(String),
    /// A message to people or devices: by which service, and to what.
    Message {
        service: String,
        to: String,
    },
    /// Anything else, by its key.
    Other(String),
}

pub(super) fn read(text: &str) -> Result<Model, Vec<Diagnostic>> {
    let limits = Limits { bytes_max: FILE_BYTES_MAX as usize, nodes_max: NODES_MAX, ..Limits::default() };
    let root = parse_within(text, limits)?;
    let mut reader = Reader::default();
    let model = reader.model(&root);
    match model {
        Some(model) if reader.problems.is_empty() => Ok(model),
        _ => Err(reader.problems),
    }
}

#[derive(Default)]
struct Reader {
    problems: Vec<Diagnostic>,
}

/// The value of a key, if the node is a map that has it.
fn child<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    let Content::Map(entries) = &node.value else { return None };
    entries
        .iter()
        .find(|entry| entry.key.text() == key)
        .map(|entry| &entry.value)
        .filter(|node| !node.is_null())
}

fn word(node: &Node, key: &str) -> Option<String> {
    child(node, key)?.scalar().map(|scalar| scalar.text().to_owned())
}

impl Reader {
    fn model(&mut self, root: &Node) -> Option<Model> {
        // `DescribeDetectorModel` wraps it; `CreateDetectorModel` and the console's export do not.
        let root = child(root, "detectorModel").unwrap_or(root);
        let facts = child(root, "detectorModelConfiguration").unwrap_or(root);
        let Some(definition) = child(root, "detectorModelDefinition") else {
            let message = "this is no detector model: it has no `detectorModelDefinition`";
            self.problems.push(Diagnostic::error("no-detector-model", Span::new(0, 0), message));
            return None;
        };
        let mut model = Model {
            name: word(facts, "detectorModelName").unwrap_or_else(|| "imported".to_owned()),
            about: word(facts, "detectorModelDescription"),
            key: word(facts, "key"),
            batch: word(facts, "evaluationMethod").is_some_and(|method| method == "BATCH"),
            initial: String::new(),
            states: Vec::new(),
        };
        model.initial = self.needed(definition, "initialStateName")?;
        let states = child(definition, "states");
        let Some(states) = states else {
            self.wrong(definition, "missing-key", "missing key `states`".to_owned());
            return None;
        };
        let states = states.list(&mut self.problems)?;
        if states.is_empty() || states.len() > PAGES_MAX {
            self.wrong(definition, "bad-states", format!("a model has 1 to {PAGES_MAX} states"));
            return None;
        }
        for node in states {
            let state = self.state(node)?;
            if model.states.iter().any(|other| other.name == state.name) {
                self.wrong(node, "duplicate-name", format!("another state is named `{}`, too", state.name));
            }
            model.states.push(state);
        }
        if !model.states.iter().any(|state| state.name == model.initial) {
            self.wrong(definition, "unknown-state", format!("no state is named `{}`", model.initial));
        }
        Some(model)
    }

    fn state(&mut self, node: &Node) -> Option<State> {
        let name = self.needed(node, "stateName")?;
        let mut events = |lifecycle: &str, sort: &str| self.events(child(node, lifecycle), sort);
        Some(State {
            name,
            enter: events("onEnter", "events"),
            input: events("onInput", "events"),
            transitions: events("onInput", "transitionEvents"),
            exit: events("onExit", "events"),
        })
    }

    fn events(&mut self, lifecycle: Option<&Node>, sort: &str) -> Vec<Event> {
        let Some(list) = lifecycle.and_then(|node| child(node, sort)) else { return Vec::new() };
        let Some(items) = list.list(&mut self.problems) else { return Vec::new() };
        let event = |node: &Node| Event {
            name: word(node, "eventName").unwrap_or_else(|| "unnamed".to_owned()),
            condition: word(node, "condition").filter(|condition| !condition.trim().is_empty()),
            actions: child(node, "actions").map(actions).unwrap_or_default(),
            next: word(node, "nextState"),
        };
        items.iter().map(event).collect()
    }

    fn needed(&mut self, node: &Node, key: &str) -> Option<String> {
        let found = word(node, key);
        if found.is_none() {
            self.wrong(node, "missing-key", format!("missing key `{key}`"));
        }
        found
    }

    fn wrong(&mut self, node: &Node, code: &'static str, message: String) {
        // A caret under a whole model helps nobody: its first byte is pointed at.
        let span = Span::new(node.span.start, node.span.start);
        self.problems.push(Diagnostic::error(code, span, message));
    }
}

fn actions(list: &Node) -> Vec<Action> {
    let Content::List(items) = &list.value else { return Vec::new() };
    let mut actions = Vec::new();
    for item in items {
        let Content::Map(entries) = &item.value else { continue };
        actions.extend(entries.iter().map(|entry| action(entry.key.text(), &entry.value)));
    }
    actions
}

fn action(key: &str, node: &Node) -> Action {
    let own = |key: &str| word(node, key).unwrap_or_default();
    match key {
        "setVariable" => Action::SetVariable { name: own("variableName"), value: own("value") },
        "setTimer" => Action::SetTimer {
            name: own("timerName"),
            seconds: word(node, "seconds").and_then(|seconds| seconds.parse().ok()),
            expression: word(node, "durationExpression"),
        },
        "clearTimer" => Action::ClearTimer(own("timerName")),
        "resetTimer" => Action::ResetTimer(own("timerName")),
        "sns" => Action::Message { service: key.to_owned(), to: own("targetArn") },
        "iotTopicPublish" => Action::Message { service: key.to_owned(), to: own("mqttTopic") },
        other => Action::Other(other.to_owned()),
    }
}
