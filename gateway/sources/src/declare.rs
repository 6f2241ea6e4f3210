//! A declaration in a configuration to a checked source: everything that is wrong with it, all at once.
//!
//! ```yaml
//! - name: tills                       # in logs and metrics; the ready-made one's name where absent
//!   topics: till/+/queue              # an MQTT topic filter
//!   payload: json                     # json | text; absent: json
//!   identity: daily                   # daily | lasting | given: how ids become names of subjects; absent: daily
//!   role: guest                       # of sightings that do not say; absent: the venue's first
//!   tables: { zones: { till-1: food } }          # names with words, read as zones["till-1"]
//!   let: { device: 'matched[0]' }                # what rules call by a name
//!   map:                              # every rule that applies says something
//!     - when: payload.open            # CEL; absent: always. What it reads and is not there: it does not apply
//!       each: payload.lanes           # a list: the rule is applied to every `item`
//!       at: { seconds: payload.time } # seconds | milliseconds | rfc3339; absent: the gateway's time
//!       signal: { name: '"queue-" + device', value: { minutes: item.wait } }
//! - { use: owntracks, role: guest }   # a ready-made one: topics, tables, role and identity may be given with it
//! ```
//!
//! What rules say is read in declare/says.rs. Before: a document of journeys/document. Next: check.rs, source.rs.

mod says;

use serde_json::{Map, Value as Json};
use turnpage_gateway_mqtt::Filter;
use turnpage_journeys_document::{Fields, Node, parse};
use turnpage_journeys_expr::{Diagnostic, Span};

use crate::check::{Names, check};
use crate::identity::{IDENTITIES, Identity};
use crate::moment::CLOCKS;
use crate::quantity::Counts;
use crate::ready::{READY, Ready};
use crate::rule::{Format, Rule, Term};

/// Rules of a source: each is looked at for every message.
const RULES_MAX: usize = 64;
/// Words in a table: a venue's sensors, or its tags.
const WORDS_MAX: usize = 65_536;
/// Bytes of a source's name, which is a label of metrics.
const NAME_MAX: usize = 64;

/// What a message is called in expressions.
const MESSAGE: [&str; 3] = ["payload", "topic", "matched"];

type Problems = Vec<Diagnostic>;

/// A source as it was declared, yet to be held against a venue.
#[derive(Debug)]
pub struct Declared {
    pub(crate) name: String,
    /// The declaration, for what is wrong with the whole of it.
    pub(crate) span: Span,
    pub(crate) topics: Filter,
    pub(crate) identity: Identity,
    /// The role of sightings that do not say, and where it stands.
    pub(crate) role: Option<(String, Span)>,
    pub(crate) body: Body,
}

/// What a ready-made declaration may say too.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) topics: Option<Filter>,
    pub(crate) format: Format,
    pub(crate) tables: Vec<(String, Json)>,
    pub(crate) lets: Vec<(String, Term)>,
    pub(crate) rules: Vec<Rule>,
    /// Constant signals that are named, with their places: they can be held against the venue now.
    pub(crate) signals: Vec<(String, Counts, Span)>,
}

impl Declared {
    /// Reads a declaration that is a text of its own.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn of(text: &str) -> Result<Self, Problems> {
        let document = parse(text)?;
        let mut problems = Vec::new();
        let declared = document.fields(&mut problems).and_then(|mut fields| {
            let declared = Self::read(&mut fields, &mut problems);
            fields.finish(&mut problems);
            declared
        });
        declared.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// Reads the declaration whose keys are `fields`; the caller finishes them, and may have taken keys of its own.
    pub fn read(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Self> {
        let span = fields.anchor();
        let name = fields.optional("name", problems);
        let ready = fields.optional("use", problems).map(|node| (node.span, ready(node, problems)));
        let identity =
            fields.optional("identity", problems).and_then(|node| node.word(&IDENTITIES, problems));
        let role = fields.optional("role", problems);
        let role = role.and_then(|node| Some((node.text(problems)?.to_owned(), node.span)));
        let body = match &ready {
            Some((span, ready)) => using(fields, *span, (*ready)?, problems)?,
            None => {
                if !fields.contains("map") || !fields.contains("topics") {
                    let message = "a source has `topics` and `map`, or `use` for a ready-made one";
                    let known = READY.each_ref().map(|ready| ready.name).join(", ");
                    let problem = Diagnostic::error("missing-key", span, message);
                    problems.push(problem.with_help(format!("ready-made are: {known}")));
                }
                body(fields, None, problems)
            }
        };
        let name = match (name, &ready) {
            (Some(node), _) => self::name(node, problems)?,
            (None, Some((_, ready))) => ready.as_ref()?.name.to_owned(),
            (None, None) => {
                problems.push(Diagnostic::error("missing-key", span, "missing key `name`"));
                return None;
            }
        };
        let topics = body.topics.clone()?;
        Some(Self { name, span, topics, identity: identity.unwrap_or_default(), role, body })
    }
}

/// The source's name: what metrics carry as a label.
fn name(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    if !(1..=NAME_MAX).contains(&text.len()) || text.chars().any(char::is_control) {
        let message = format!("a source's name has 1 to {NAME_MAX} bytes on one line");
        problems.push(Diagnostic::error("bad-name", node.span, message));
        return None;
    }
    Some(text.to_owned())
}

fn ready(node: &Node, problems: &mut Problems) -> Option<&'static Ready> {
    let words: Vec<(&str, &Ready)> = READY.iter().map(|ready| (ready.name, ready)).collect();
    node.word(&words, problems)
}

/// A ready-made body with an operator's topics and tables in it.
fn using(fields: &mut Fields<'_>, span: Span, ready: &Ready, problems: &mut Problems) -> Option<Body> {
    for key in ["payload", "let", "map"] {
        if fields.optional(key, problems).is_some() {
            let message = format!("`{key}` and `use` do not go together");
            let help = "copy the ready-made declaration and change the copy, or leave `use` out";
            problems.push(
                Diagnostic::error("both", fields.key_span(key).unwrap_or(span), message).with_help(help),
            );
        }
    }
    let topics = fields.optional("topics", problems);
    let asked = topics.and_then(|node| Some((filter(node, problems)?, node.span)));
    // Its own text is checked by a test; what it names of the topic has to be in an operator's filter too.
    let mut own = Vec::new();
    let document = parse(ready.text).ok()?;
    let mut keys = document.fields(&mut own)?;
    let mut body = body(&mut keys, asked.as_ref().map(|(filter, _)| filter), &mut own);
    if let Some((_, span)) = asked
        && !own.is_empty()
    {
        let message = format!("`{}` reads more wildcards than this filter has", ready.name);
        let problem = Diagnostic::error("no-wildcard", span, message);
        problems
            .push(problem.with_help(format!("its own is `{}`", topics_of(&document).unwrap_or_default())));
    }
    if let Some(node) = fields.optional("tables", problems) {
        for (name, table, span) in tables(node, problems) {
            match body.tables.iter_mut().find(|(known, _)| *known == name) {
                Some((_, slot)) => *slot = table,
                None => {
                    let message = format!("`{}` has no table `{name}`", ready.name);
                    let known = body.tables.iter().map(|(known, _)| known.as_str());
                    problems.push(Diagnostic::error("unknown-key", span, message).suggesting(&name, known));
                }
            }
        }
    }
    Some(body)
}

/// The topic filter that a ready-made declaration has of its own.
fn topics_of(document: &Node) -> Option<&str> {
    let entries = document.entries(&mut Vec::new())?;
    let topics = entries.iter().find(|entry| entry.key.text() == "topics")?;
    topics.value.scalar().map(|topics| topics.text())
}

/// Everything that a ready-made declaration may say. `asked` stands for its own topics.
fn body(fields: &mut Fields<'_>, asked: Option<&Filter>, problems: &mut Problems) -> Body {
    const FORMATS: [(&str, Format); 2] = [("json", Format::Json), ("text", Format::Text)];
    let topics = fields.optional("topics", problems).and_then(|node| filter(node, problems));
    let topics = asked.cloned().or(topics);
    let format = fields.optional("payload", problems).and_then(|node| node.word(&FORMATS, problems));
    let tables = fields.optional("tables", problems).map(|node| tables(node, problems)).unwrap_or_default();
    let wildcards = topics.as_ref().map_or(usize::MAX, |topics| wildcards(topics.as_str()));
    let mut names = Names { known: MESSAGE.map(str::to_owned).to_vec(), wildcards };
    let taken = |name: &str, span: Span, names: &mut Names, problems: &mut Problems| {
        if names.known.iter().any(|known| known == name) || name == "item" {
            problems.push(Diagnostic::error(
                "taken-name",
                span,
                format!("`{name}` is something else already"),
            ));
        } else {
            names.known.push(name.to_owned());
        }
    };
    tables.iter().for_each(|(name, _, span)| taken(name, *span, &mut names, problems));
    let mut lets = Vec::new();
    let entries =
        fields.optional("let", problems).and_then(|node| node.entries(problems)).unwrap_or_default();
    for entry in entries {
        if let Some(term) = term(&entry.value, "let", &names, problems) {
            lets.push((entry.key.text().to_owned(), term));
        }
        taken(entry.key.text(), entry.key_span, &mut names, problems);
    }
    let mut signals = Vec::new();
    let items = fields.optional("map", problems).and_then(|node| node.list(problems)).unwrap_or_default();
    if let Some(extra) = items.get(RULES_MAX) {
        let message = format!("a source has at most {RULES_MAX} rules");
        problems.push(Diagnostic::error("too-many", extra.span, message));
    }
    let rules = items.iter().take(RULES_MAX);
    let rules = rules.filter_map(|node| rule(node, &names, &mut signals, problems)).collect();
    let tables = tables.into_iter().map(|(name, table, _)| (name, table)).collect();
    Body { topics, format: format.unwrap_or_default(), tables, lets, rules, signals }
}

fn filter(node: &Node, problems: &mut Problems) -> Option<Filter> {
    let text = node.text(problems)?;
    match Filter::new(text) {
        Ok(_) if takes_ours(text) => {
            let message =
                format!("`{text}` would take the gateway's own topics, which begin with `turnpage/v1`");
            problems.push(Diagnostic::error("bad-filter", node.span, message));
            None
        }
        Ok(filter) => Some(filter),
        Err(error) => {
            let message = format!("`{text}` is not a topic filter: {error}");
            problems.push(Diagnostic::error("bad-filter", node.span, message));
            None
        }
    }
}

/// Whether a filter matches what nodes and channels publish to: `turnpage/v1/<venue>/<kind>/<name>`.
fn takes_ours(filter: &str) -> bool {
    let levels: Vec<&str> = filter.split('/').collect();
    let long = levels.len() >= 5 || levels.last() == Some(&"#");
    let fits = |at: usize, name: &str| levels.get(at).is_none_or(|level| [name, "+", "#"].contains(level));
    let rest = |at: usize| levels.get(at) == Some(&"#");
    long && fits(0, "turnpage") && (rest(0) || fits(1, "v1"))
}

/// How many levels of a filter are wildcards.
fn wildcards(filter: &str) -> usize {
    filter.split('/').filter(|level| matches!(*level, "+" | "#")).count()
}

fn tables(node: &Node, problems: &mut Problems) -> Vec<(String, Json, Span)> {
    let mut read = Vec::new();
    for entry in node.entries(problems).unwrap_or_default() {
        let mut table = Map::new();
        let words = entry.value.entries(problems).unwrap_or_default();
        if words.len() > WORDS_MAX {
            let message = format!("a table has at most {WORDS_MAX} words");
            problems.push(Diagnostic::error("too-many", entry.key_span, message));
            continue;
        }
        for word in words {
            if let Some(text) = word.value.text(problems) {
                table.insert(word.key.text().to_owned(), Json::from(text));
            }
        }
        read.push((entry.key.text().to_owned(), Json::Object(table), entry.key_span));
    }
    read
}

fn rule(
    node: &Node,
    names: &Names,
    signals: &mut Vec<(String, Counts, Span)>,
    problems: &mut Problems,
) -> Option<Rule> {
    let mut fields = node.fields(problems)?;
    let each = fields.optional("each", problems).and_then(|node| term(node, "each", names, problems));
    let mut inner = names.clone();
    if fields.contains("each") {
        inner.known.push("item".to_owned());
    }
    let when = fields.optional("when", problems).and_then(|node| term(node, "when", &inner, problems));
    let at = fields.optional("at", problems).and_then(|node| {
        let (clock, node) = one_of(node, &CLOCKS, "how time is written", problems)?;
        Some((clock, term(node, "at", &inner, problems)?))
    });
    let says = says::read(&mut fields, &inner, signals, problems);
    fields.finish(problems);
    Some(Rule { when, each, at, says: says? })
}

/// A map with one key out of a few, each standing for a value.
fn one_of<'a, T: Copy>(
    node: &'a Node,
    words: &[(&'static str, T)],
    what: &str,
    problems: &mut Problems,
) -> Option<(T, &'a Node)> {
    let known = || words.iter().map(|(word, _)| *word);
    let entries = node.entries(problems)?;
    let [entry] = entries else {
        let message = format!("expected one key that says {what}");
        let help = format!("write one of: {}", known().collect::<Vec<_>>().join(", "));
        problems.push(Diagnostic::error("wrong-type", node.span, message).with_help(help));
        return None;
    };
    let Some((_, value)) = words.iter().find(|(word, _)| *word == entry.key.text()) else {
        let message = format!("unknown word `{}`", entry.key.text());
        let help = format!("write one of: {}", known().collect::<Vec<_>>().join(", "));
        let problem = Diagnostic::error("unknown-word", entry.key_span, message).with_help(help);
        problems.push(problem.suggesting(entry.key.text(), known()));
        return None;
    };
    Some((*value, &entry.value))
}

/// An expression; its problems stand where it stands in the file.
fn term(node: &Node, path: &'static str, names: &Names, problems: &mut Problems) -> Option<Term> {
    let scalar = node.scalar();
    let text = node.text(problems)?;
    match check(text, names) {
        Ok(tree) => Some(Term { text: text.to_owned(), tree, path }),
        Err(found) => {
            let moved = |span| scalar.map_or(node.span, |scalar| scalar.locate(span));
            problems.extend(found.into_iter().map(|problem| problem.moved(moved)));
            None
        }
    }
}
