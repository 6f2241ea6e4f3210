//! Parser events stacked up into nodes, every bound counted.
//!
//! Next: `node`, what comes out.

use std::collections::{BTreeMap, BTreeSet};

use granit_parser::{Event, ScalarStyle, StructureStyle};
use turnpage_journeys_expr::{Diagnostic, Span};

use crate::node::{Content, Entry, Node, Scalar};
use crate::origin::Origin;
use crate::parse::Limits;

/// Bytes of text that weigh as much as one node.
const BYTES_PER_NODE: usize = 64;

/// Problems after which reading stops: nobody reads more.
const PROBLEMS_MAX: usize = 100;

/// Maps up to this size are searched for duplicate keys pair by pair.
const SMALL_MAP: usize = 16;

pub(super) struct Loader<'a> {
    text: &'a str,
    limits: Limits,
    /// Collections that are open, outermost first.
    open: Vec<Open>,
    root: Option<Node>,
    /// Finished values with an anchor, and what repeating each weighs.
    anchors: BTreeMap<usize, (Node, usize)>,
    nodes: usize,
    repeated: usize,
    documents: usize,
    problems: Vec<Diagnostic>,
    stopped: bool,
}

/// A list or map whose end has not come yet.
struct Open {
    start: Span,
    flow: bool,
    anchor: usize,
    weight: usize,
    content: Building,
}

enum Building {
    List(Vec<Node>),
    /// The key waits for its value; it is missing where a key was unusable.
    Map(Vec<Entry>, Option<Key>),
}

enum Key {
    Read(Scalar, Span),
    Unusable,
}

impl<'a> Loader<'a> {
    pub(super) fn new(text: &'a str, limits: Limits) -> Self {
        Self {
            text,
            limits,
            open: Vec::new(),
            root: None,
            anchors: BTreeMap::new(),
            nodes: 0,
            repeated: 0,
            documents: 0,
            problems: Vec::new(),
            stopped: false,
        }
    }

    pub(super) fn stopped(&self) -> bool {
        self.stopped
    }

    /// Records a problem after which nothing more can be read.
    pub(super) fn give_up(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
        self.stopped = true;
    }

    pub(super) fn finish(mut self) -> Result<Node, Vec<Diagnostic>> {
        if !self.problems.is_empty() {
            self.problems.sort_by_key(|problem| problem.span);
            return Err(self.problems);
        }
        let end = Span::new(self.text.len() as u32, self.text.len() as u32);
        Ok(self.root.unwrap_or(Node { span: end, value: Content::Null }))
    }

    pub(super) fn event(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::DocumentStart(..) => self.document(span),
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span);
                let (node, weight) = self.scalar(&text, style, span);
                self.add(node, weight, anchor);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span);
                self.begin(Building::List(Vec::new()), style, anchor, span);
            }
            Event::MappingStart(style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span);
                self.begin(Building::Map(Vec::new(), None), style, anchor, span);
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            _ => {}
        }
    }

    fn document(&mut self, span: Span) {
        self.documents += 1;
        if self.documents > 1 {
            let message = "a second document starts here; a file holds one";
            self.give_up(Diagnostic::error("second-document", span, message));
        }
    }

    fn refuse_tag(&mut self, tagged: bool, span: Span) {
        if tagged {
            let problem = Diagnostic::error("tag", span, "tags are not supported");
            self.problem(problem.with_help("remove the `!..`; quote the value to make it text"));
        }
    }

    fn problem(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
        self.stopped |= self.problems.len() >= PROBLEMS_MAX;
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: Span) -> (Node, usize) {
        let plain = style == ScalarStyle::Plain;
        let empty = span.start == span.end;
        let value = if plain && (empty || matches!(text, "null" | "~" | "Null" | "NULL")) {
            Content::Null
        } else {
            let double = style == ScalarStyle::DoubleQuoted;
            let (start, end) = (span.start as usize, span.end as usize);
            let origin = Origin::trace(text, self.text, start, end, double);
            Content::Scalar(Scalar { text: text.into(), quoted: !plain, origin })
        };
        (Node { span, value }, 1 + text.len() / BYTES_PER_NODE)
    }

    fn begin(&mut self, content: Building, style: StructureStyle, anchor: usize, start: Span) {
        let is_key = matches!(self.open.last(), Some(Open { content: Building::Map(_, None), .. }));
        if is_key {
            let problem = Diagnostic::error("bad-key", start, "a key must be text, not a list or a map");
            return self.give_up(problem.with_help("quote text that holds `{`, `}`, `[` or `]`"));
        }
        if self.open.len() >= self.limits.depth_max {
            let message = format!("nested deeper than {} levels", self.limits.depth_max);
            return self.give_up(Diagnostic::error("too-deep", start, message));
        }
        let flow = style == StructureStyle::Flow;
        self.open.push(Open { start, flow, anchor, weight: 1, content });
    }

    fn end(&mut self, span: Span) {
        let Some(open) = self.open.pop() else { return };
        let (value, last) = match open.content {
            Building::List(items) => {
                let last = items.last().map(|item| item.span);
                (Content::List(items), last)
            }
            Building::Map(entries, _) => {
                self.refuse_duplicates(&entries);
                let last = entries.last().map(|entry| entry.key_span.to(entry.value.span));
                (Content::Map(entries), last)
            }
        };
        // The parser ends a block where the next thing starts, blank lines and comments included.
        let end = if open.flow { span.end } else { last.map_or(open.start.end, |last| last.end) };
        let node = Node { span: Span::new(open.start.start, end), value };
        self.add(node, open.weight, open.anchor);
    }

    /// Puts a finished value where it belongs: as a key, as a value, as an item, as the root.
    fn add(&mut self, node: Node, weight: usize, anchor: usize) {
        self.nodes += 1;
        if self.nodes > self.limits.nodes_max {
            let message = format!("more than {} values", self.limits.nodes_max);
            return self.give_up(Diagnostic::error("too-many-values", node.span, message));
        }
        if anchor != 0 {
            // Keeping a copy costs what repeating costs.
            if !self.repeat(weight, node.span) {
                return;
            }
            self.anchors.insert(anchor, (node.clone(), weight));
        }
        let mut refused = None;
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(open) => {
                open.weight += weight;
                match &mut open.content {
                    Building::List(items) => items.push(node),
                    Building::Map(_, key @ None) => *key = Some(read_key(node, &mut refused)),
                    Building::Map(entries, key) => {
                        if let Some(Key::Read(name, key_span)) = key.take() {
                            entries.push(Entry { key: name, key_span, value: node });
                        }
                    }
                }
            }
        }
        if let Some(problem) = refused {
            self.problem(problem);
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) {
        let Some((node, weight)) = self.anchors.get(&anchor) else {
            let message = "this alias stands inside the value it repeats";
            return self.give_up(Diagnostic::error("cyclic-alias", span, message));
        };
        let (weight, depth) = (*weight, depth(node));
        if self.open.len() + depth > self.limits.depth_max {
            let message = format!("nested deeper than {} levels", self.limits.depth_max);
            return self.give_up(Diagnostic::error("too-deep", span, message));
        }
        if self.repeat(weight, span)
            && let Some((node, _)) = self.anchors.get(&anchor)
        {
            let node = node.clone();
            self.add(node, weight, 0);
        }
    }

    /// Whether so much more may be repeated.
    fn repeat(&mut self, weight: usize, span: Span) -> bool {
        self.repeated += weight;
        self.nodes += weight;
        let allowed = self.repeated <= self.limits.repeated_max;
        if !allowed {
            let message = format!("anchors and aliases repeat more than {} values", self.limits.repeated_max);
            self.give_up(Diagnostic::error("too-many-aliases", span, message));
        }
        allowed
    }

    fn refuse_duplicates(&mut self, entries: &[Entry]) {
        let mut seen = BTreeSet::new();
        for (index, entry) in entries.iter().enumerate() {
            let key = entry.key.text();
            let again = if entries.len() <= SMALL_MAP {
                entries.iter().take(index).any(|earlier| earlier.key.text() == key)
            } else {
                !seen.insert(key)
            };
            if again {
                let message = format!("the key `{key}` is already there");
                let first = entries.iter().find(|earlier| earlier.key.text() == key);
                let problem = Diagnostic::error("duplicate-key", entry.key_span, message);
                self.problem(first.map_or(problem.clone(), |first| problem.with_beside(first.key_span)));
            }
            if self.stopped {
                return;
            }
        }
    }
}

/// A finished value as a key, if it can be one.
fn read_key(node: Node, refused: &mut Option<Diagnostic>) -> Key {
    let message = match node.value {
        Content::Scalar(key) if key.text() == "<<" && !key.quoted() => "merge keys are not supported",
        Content::Scalar(key) => return Key::Read(key, node.span),
        _ => "a key must be text",
    };
    *refused = Some(Diagnostic::error("bad-key", node.span, message));
    Key::Unusable
}

/// Levels of lists and maps in a value. Recursion is bounded: the value was built within the limit.
fn depth(node: &Node) -> usize {
    match &node.value {
        Content::Null | Content::Scalar(_) => 0,
        Content::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Content::Map(entries) => 1 + entries.iter().map(|entry| depth(&entry.value)).max().unwrap_or(0),
    }
}
