//! What a blueprint is called, what it takes, and whether its holes are inputs.

use turnpage_journeys_document::{Content, Node, Scalar};
use turnpage_journeys_engine::Spanned;
use turnpage_journeys_expr::{Diagnostic, Span, Type};

use super::{Blueprint, Input, Of, Use, hole};
use crate::language::journey::{BLUEPRINT, INPUT};
use crate::read::{type_of, typed};

/// Words for what an input takes that a variable does not hold, and for a number of any kind.
const WORDS: [(&str, Of); 6] = [
    ("text", Of::Text),
    ("name", Of::Name),
    ("bool", Of::Plain(Type::Bool)),
    ("int", Of::Plain(Type::Int)),
    ("number", Of::Plain(Type::Double)),
    ("duration", Of::Plain(Type::Duration)),
];

/// Keys of a blueprint that the journeys made from it do not have.
const OWN: [&str; 5] = ["blueprint", "about", "inputs", "use", "with"];

/// Whether a file is a blueprint.
fn is_blueprint(root: &Node) -> bool {
    let Content::Map(entries) = &root.value else { return false };
    entries.iter().any(|entry| entry.key.text() == "blueprint")
}

/// Reads the blueprint at `source`, a text of `length` bytes; `None` when the text is none.
pub(crate) fn read(
    root: &Node,
    source: usize,
    length: usize,
    problems: &mut Vec<Diagnostic>,
) -> Option<Option<Blueprint>> {
    is_blueprint(root).then(|| blueprint(root, source, length, problems))
}

fn blueprint(root: &Node, source: usize, length: usize, problems: &mut Vec<Diagnostic>) -> Option<Blueprint> {
    let Content::Map(entries) = &root.value else { return None };
    let mut fields = root.fields(problems)?;
    let name = fields.required("blueprint", problems).and_then(|node| named(node, problems));
    if let Some(node) = fields.optional("about", problems) {
        node.text(problems);
    }
    let mut inputs = Vec::new();
    if let Some(node) = fields.optional("inputs", problems) {
        for entry in node.entries(problems).unwrap_or_default() {
            let name = Spanned::new(entry.key.text().to_owned(), entry.key_span);
            inputs.extend(input(name, &entry.value, problems));
        }
    }
    for key in BLUEPRINT.keys.iter().filter(|key| !["blueprint", "about", "inputs"].contains(&key.name)) {
        fields.ignore(key.name);
    }
    let uses = use_of(root, problems);
    BLUEPRINT.hold(fields.asked());
    fields.finish(problems);
    let body: Vec<_> = entries.iter().filter(|entry| !OWN.contains(&entry.key.text())).cloned().collect();
    let mut used = vec![false; inputs.len()];
    let given = uses.iter().flat_map(|uses| uses.with.iter().map(|(_, node)| node));
    for node in body.iter().map(|entry| &entry.value).chain(given) {
        hole::look(node, &inputs, &mut used, problems);
    }
    for (input, _) in inputs.iter().zip(&used).filter(|(_, used)| !**used) {
        let message = format!("the input `{}` stands nowhere", input.name.value);
        let help = format!("write `${{{}}}` where its value belongs", input.name.value);
        problems.push(Diagnostic::warning("unused-input", input.name.span, message).with_help(help));
    }
    Some(Blueprint { name: name?, source, length, inputs, uses, body, broken: false })
}

/// `use:` and `with:` of a journey or of a blueprint.
pub(super) fn use_of(root: &Node, problems: &mut Vec<Diagnostic>) -> Option<Use> {
    let Content::Map(entries) = &root.value else { return None };
    let find = |key| entries.iter().find(|entry| entry.key.text() == key);
    let name = named(&find("use")?.value, problems)?;
    let mut with = Vec::new();
    if let Some(given) = find("with").filter(|given| !given.value.is_null()) {
        for entry in given.value.entries(problems).unwrap_or_default() {
            let input = Spanned::new(entry.key.text().to_owned(), entry.key_span);
            with.push((input, entry.value.clone()));
        }
    }
    Some(Use { name, with })
}

fn named(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Spanned<String>> {
    let text = node.text(problems)?;
    Some(Spanned::new(text.to_owned(), node.span))
}

fn input(name: Spanned<String>, node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Input> {
    if !hole::is_name(&name.value) {
        let message = format!("`{}` cannot be the name of an input", name.value);
        let help = "a name has ASCII letters, digits, `-` or `_`";
        problems.push(Diagnostic::error("bad-name", name.span, message).with_help(help));
    }
    if let Content::Scalar(scalar) = &node.value {
        let message = format!("the input `{}` has no type", name.value);
        let of = match typed(scalar.text()) {
            Some((Type::Bool, _)) => "bool",
            Some((Type::Int, _)) => "int",
            Some((Type::Duration, _)) => "duration",
            Some(_) => "number",
            None => "text",
        };
        let help = format!("write `{{ type: {of}, default: {} }}`", scalar.text());
        problems.push(Diagnostic::error("bad-input", node.span, message).with_help(help));
        return None;
    }
    let mut fields = node.fields(problems)?;
    let of = fields.required("type", problems).and_then(|node| {
        let word = named(node, problems)?;
        let known = WORDS.into_iter().find(|(name, _)| *name == word.value).map(|(_, of)| of);
        let of = known
            .or_else(|| type_of(&word.value).map(Of::Plain))
            .unwrap_or_else(|| Of::Domain(word.value.clone()));
        Some(Spanned::new(of, word.span))
    });
    let default = fields.optional("default", problems).and_then(|node| scalar(node, problems));
    let about = fields.optional("about", problems).and_then(|node| node.text(problems)).map(str::to_owned);
    INPUT.hold(fields.asked());
    fields.finish(problems);
    // One of no known type takes every text, so that its uses are not wrong, too.
    let of = of.unwrap_or_else(|| Spanned::new(Of::Text, Span::default()));
    Some(Input { name, of, default, about })
}

/// The plain value of an input.
pub(super) fn scalar(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Scalar> {
    node.text(problems)?;
    node.scalar().cloned()
}
