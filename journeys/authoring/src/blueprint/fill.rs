//! A journey out of a blueprint: inputs checked, holes filled, keys put behind the journey's own.

use std::collections::BTreeMap;

use turnpage_journeys_document::{Content, Entry, Node, Scalar, parse_duration};
use turnpage_journeys_engine::Spanned;
use turnpage_journeys_expr::{Diagnostic, Schema, Span, Type};

use super::{Blueprint, Blueprints, DEPTH_MAX, FILLED_BYTES_MAX, Input, Of, Part, Use, head, hole};

/// A journey with its blueprint's keys.
#[derive(Debug)]
pub(crate) struct Filled {
    /// All keys; places from the first part's base on are those of blueprints.
    pub(crate) root: Node,
    pub(crate) parts: Vec<Part>,
    /// A blueprint it is made from is wrong by itself.
    pub(crate) broken: bool,
}

impl Blueprints {
    /// The journey that `root`, a text of `length` bytes, makes of the blueprint it uses; `None` when it uses none. Keys that the
    /// journey has itself are its own.
    pub(crate) fn fill(
        &mut self,
        root: &Node,
        length: usize,
        schema: &Schema,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Filled> {
        let Content::Map(own) = &root.value else { return None };
        if !own.iter().any(|entry| entry.key.text() == "use") {
            return None;
        }
        let uses = head::use_of(root, problems);
        let mut filler = Filler {
            all: self,
            schema,
            problems,
            parts: Vec::new(),
            end: length + 1,
            chain: Vec::new(),
            broken: false,
        };
        let mut entries = own.clone();
        if let Some(uses) = &uses {
            filler.add(uses, &mut entries);
        }
        let (parts, broken) = (filler.parts, filler.broken);
        Some(Filled { root: Node { span: root.span, value: Content::Map(entries) }, parts, broken })
    }

    /// A journey of its own out of a blueprint whose inputs all have defaults, named like it.
    pub(crate) fn alone(
        &mut self,
        blueprint: &Blueprint,
        schema: &Schema,
        problems: &mut Vec<Diagnostic>,
    ) -> Filled {
        let mut entries = Vec::new();
        let mut filler = Filler {
            all: self,
            schema,
            problems,
            parts: Vec::new(),
            end: 0,
            chain: Vec::new(),
            broken: false,
        };
        filler.add(&blueprint.itself(), &mut entries);
        let (parts, broken) = (filler.parts, filler.broken);
        Filled { root: Node { span: Span::default(), value: Content::Map(entries) }, parts, broken }
    }
}

struct Filler<'a> {
    all: &'a mut Blueprints,
    schema: &'a Schema,
    problems: &'a mut Vec<Diagnostic>,
    parts: Vec<Part>,
    /// Where the next text's places begin.
    end: usize,
    /// Blueprints that are being filled, outermost first.
    chain: Vec<String>,
    broken: bool,
}

impl Filler<'_> {
    /// Adds the keys of a blueprint that are not there yet, and those of the blueprint it is made from.
    fn add(&mut self, uses: &Use, entries: &mut Vec<Entry>) {
        let Some(blueprint) = self.find(&uses.name) else { return };
        self.broken |= blueprint.broken;
        let values = self.values(uses, &blueprint);
        let base = self.end;
        let mut bytes = self.all.filled.saturating_add(blueprint.length);
        self.end = base.saturating_add(blueprint.length + 1);
        self.parts.push(Part { source: blueprint.source, base: base as u32 });
        let mut made = blueprint.body.clone();
        let mut next = blueprint.uses.clone();
        let given = next.iter_mut().flat_map(|uses| uses.with.iter_mut().map(|(_, node)| node));
        for node in made.iter_mut().map(|entry| &mut entry.value).chain(given) {
            hole::fill(node, &values, &mut bytes);
        }
        self.all.filled = bytes;
        if bytes > FILLED_BYTES_MAX {
            let message = format!("blueprints were filled with more than {FILLED_BYTES_MAX} bytes in all");
            self.problems.push(Diagnostic::error("too-long", uses.name.span, message));
            return;
        }
        let moved = |span: Span| Span::new(span.start + base as u32, span.end + base as u32);
        // As a list its keys and values move in one go.
        let mut moving = Node { span: Span::default(), value: Content::Map(made) };
        moving.shift(base as u32);
        if let Content::Map(made) = moving.value {
            for entry in made {
                if !entries.iter().any(|own| own.key.text() == entry.key.text()) {
                    entries.push(entry);
                }
            }
        }
        if let Some(uses) = &mut next {
            uses.name.span = moved(uses.name.span);
            for (name, node) in &mut uses.with {
                name.span = moved(name.span);
                node.shift(base as u32);
            }
            self.chain.push(blueprint.name.value);
            self.add(uses, entries);
            self.chain.pop();
        }
    }

    fn find(&mut self, name: &Spanned<String>) -> Option<Blueprint> {
        let Spanned { value, span } = name;
        if self.chain.contains(value) {
            let way = self.chain.iter().map(String::as_str).chain([value.as_str()]);
            let message = format!("a blueprint is made from itself: {}", way.collect::<Vec<_>>().join(" > "));
            self.problems.push(Diagnostic::error("cyclic-use", *span, message));
            return None;
        }
        if self.chain.len() >= DEPTH_MAX {
            let message = format!("more than {DEPTH_MAX} blueprints are made from one another");
            self.problems.push(Diagnostic::error("too-deep", *span, message));
            return None;
        }
        let found = self.all.by_name.get(value).cloned();
        if found.is_none() {
            let problem =
                Diagnostic::error("unknown-blueprint", *span, format!("no blueprint is called `{value}`"));
            let names: Vec<&str> = self.all.by_name.keys().map(String::as_str).collect();
            let help = if names.is_empty() {
                "a blueprint is a file beside the journeys that begins with `blueprint: <name>`".to_owned()
            } else {
                format!("the blueprints here are: {}", names.join(", "))
            };
            self.problems.push(problem.with_help(help).suggesting(value, names));
        }
        found
    }

    /// The value of each input: given, or its default.
    fn values<'b>(&mut self, uses: &Use, blueprint: &'b Blueprint) -> BTreeMap<&'b str, Scalar> {
        for (name, _) in &uses.with {
            if !blueprint.inputs.iter().any(|input| input.name.value == name.value) {
                let message =
                    format!("the blueprint `{}` has no input `{}`", blueprint.name.value, name.value);
                let names: Vec<&str> =
                    blueprint.inputs.iter().map(|input| input.name.value.as_str()).collect();
                let help = format!("its inputs are: {}", names.join(", "));
                let problem = Diagnostic::error("unknown-input", name.span, message).with_help(help);
                self.problems.push(problem.suggesting(&name.value, names));
            }
        }
        let mut values = BTreeMap::new();
        for input in &blueprint.inputs {
            let given = uses.with.iter().find(|(name, _)| name.value == input.name.value);
            let value = match given {
                Some((_, node)) => {
                    let value = head::scalar(node, self.problems);
                    if let Some(value) = &value
                        && let Err((message, help)) =
                            self.fits(&input.of.value, value.text(), &input.name.value)
                    {
                        let problem = Diagnostic::error("bad-input", node.span, message);
                        self.problems.push(Diagnostic { help, ..problem });
                    }
                    value
                }
                None => input.default.clone().or_else(|| {
                    self.missing(uses, blueprint, input);
                    None
                }),
            };
            // What was told to be wrong or missing leaves its hole filled with something that is wrong nowhere else.
            values.extend(value.map(|value| (input.name.value.as_str(), value)));
        }
        values
    }

    fn missing(&mut self, uses: &Use, blueprint: &Blueprint, input: &Input) {
        let name = &input.name.value;
        let message = format!("the blueprint `{}` needs the input `{name}`", blueprint.name.value);
        let help = match &input.about {
            Some(about) => format!("give it under `with`: `{name}: ..` ({about})"),
            None => format!("give it under `with`: `{name}: ..`"),
        };
        self.problems.push(Diagnostic::error("missing-input", uses.name.span, message).with_help(help));
    }

    /// Whether a text is a value of an input's type.
    fn fits(&self, of: &Of, text: &str, name: &str) -> Result<(), (String, Option<String>)> {
        let number = || text.parse::<f64>().is_ok_and(f64::is_finite);
        let (fits, wanted) = match of {
            Of::Text => (true, ""),
            Of::Name => (hole::is_name(text), "a name"),
            Of::Plain(Type::Bool) => (matches!(text, "true" | "false"), "`true` or `false`"),
            Of::Plain(Type::Int) => (text.parse::<i64>().is_ok(), "a whole number"),
            Of::Plain(Type::Duration) => (parse_duration(text).is_some(), "a length of time such as `20m`"),
            Of::Plain(Type::Quantity(unit)) if !number() => {
                return Err((format!("`{name}` is a number of {}, not `{text}`", unit.word()), None));
            }
            Of::Plain(_) => (number(), "a number"),
            Of::Domain(domain) => return self.is_member(domain, text, name),
        };
        if fits { Ok(()) } else { Err((format!("`{name}` is {wanted}, not `{text}`"), None)) }
    }

    /// A domain that the venue does not have was told where the blueprint names it.
    fn is_member(&self, domain: &str, text: &str, name: &str) -> Result<(), (String, Option<String>)> {
        let Some(id) = self.schema.domain_id(domain) else { return Ok(()) };
        if self.schema.symbol(id, text).is_some() {
            return Ok(());
        }
        let problem = Diagnostic::error("bad-input", Span::default(), format!("`{text}` is no {domain}"));
        let help = problem.suggesting(text, self.schema.members(id)).help;
        Err((format!("`{name}` is a {domain}, and `{text}` is none"), help))
    }
}

impl Blueprint {
    /// Defaults of the wrong type, and types that the venue does not have.
    pub(crate) fn check(&self, all: &mut Blueprints, schema: &Schema, problems: &mut Vec<Diagnostic>) {
        let filler =
            Filler { all, schema, problems, parts: Vec::new(), end: 0, chain: Vec::new(), broken: false };
        for input in &self.inputs {
            if let Of::Domain(domain) = &input.of.value
                && schema.domain_id(domain).is_none()
            {
                let message = format!("no input can be of the type `{domain}`");
                let help = "write `text`, `name`, `bool`, `int`, `number`, `duration`, a unit such as `mm/h`, `zone`, `kind` \
                            or `role`";
                let known = ["text", "name", "bool", "int", "number", "duration", "zone", "kind", "role"];
                let problem = Diagnostic::error("unknown-type", input.of.span, message).with_help(help);
                filler.problems.push(problem.suggesting(domain, known));
                continue;
            }
            if let Some(default) = &input.default
                && let Err((message, help)) = filler.fits(&input.of.value, default.text(), &input.name.value)
            {
                let length = u32::try_from(default.text().len()).unwrap_or(u32::MAX);
                let span = default.locate(Span::new(0, length));
                filler.problems.push(Diagnostic { help, ..Diagnostic::error("bad-input", span, message) });
            }
        }
    }
}
