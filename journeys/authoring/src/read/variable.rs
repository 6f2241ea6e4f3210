//! Variables and parameters: what an instance remembers beside its page. The first value says the type, or the type is said.

use turnpage_journeys_document::{Content, Entry, Node, parse_duration};
use turnpage_journeys_engine::{Spanned, TypeDef, VariableDef};
use turnpage_journeys_expr::{Type, Unit};

use super::{Reader, key_name};
use crate::language::journey::VARIABLE;

impl Reader {
    pub(super) fn variables(&mut self, node: &Node) -> Vec<VariableDef> {
        let Some(entries) = node.entries(&mut self.problems) else { return Vec::new() };
        entries.iter().map(|entry| self.variable(entry)).collect()
    }

    /// A variable whose value is wrong is still declared, so that the guards that read it are not wrong too.
    fn variable(&mut self, entry: &Entry) -> VariableDef {
        let name = self.variable_name(entry);
        let span = entry.value.span;
        if let Content::Map(_) = entry.value.value {
            let (of, initial) = self.said(&entry.value);
            return VariableDef { name, of, initial };
        }
        if let Some((of, initial)) = entry.value.scalar().and_then(|scalar| typed(scalar.text())) {
            return VariableDef { name, of: of.into(), initial: Some(Spanned::new(initial, span)) };
        }
        let what = entry.value.scalar().map_or(entry.value.describe(), |scalar| scalar.text());
        self.problem(
            "bad-variable",
            if span.start == span.end { entry.key_span } else { span },
            format!("`{}` cannot begin as `{what}`", name.value),
            "give its first value, which says what it holds: `0`, `0.5`, `false` or a length of time such as `20m`; or say \
             its type: `{ type: zone }`",
        );
        VariableDef { name, of: Type::Int.into(), initial: Some(Spanned::new("0".to_owned(), span)) }
    }

    /// A type in words, and the first value if there is one.
    fn said(&mut self, node: &Node) -> (TypeDef, Option<Spanned<String>>) {
        let mut of = TypeDef::Is(Type::Int);
        let Some(mut fields) = node.fields(&mut self.problems) else { return (of, None) };
        if let Some(node) = fields.required("type", &mut self.problems)
            && let Some(word) = self.name(node)
        {
            of = match type_of(&word.value) {
                Some(ty) => TypeDef::Is(ty),
                None => TypeDef::Of(word),
            };
        }
        let initial = fields.optional("initial", &mut self.problems).and_then(|node| self.value(node));
        self.finish(fields, &VARIABLE);
        (of, initial)
    }

    /// An expression, or a length of time as it is written everywhere else: `10m`.
    pub(super) fn value(&mut self, node: &Node) -> Option<Spanned<String>> {
        let mut text = self.expression(node)?;
        if let Some(length_ms) = parse_duration(&text.value) {
            text.value = length(length_ms);
        }
        Some(text)
    }

    /// Guards read variables by their bare names, where `-` would be a minus and a digit in front a number.
    fn variable_name(&mut self, entry: &Entry) -> Spanned<String> {
        let name = key_name(entry);
        let text = name.value.as_str();
        if text.contains('-') || text.starts_with(|first: char| first.is_ascii_digit()) {
            let better = text.replace('-', "_");
            let message = format!("a guard could not read a variable named `{text}`");
            let help =
                format!("call it `{}`", better.trim_start_matches(|first: char| first.is_ascii_digit()));
            self.problem("bad-name", name.span, message, &help);
        }
        name
    }
}

/// The type of a word that every venue knows. Any other word may be one of a venue's domains.
pub(crate) fn type_of(word: &str) -> Option<Type> {
    Some(match word {
        "bool" => Type::Bool,
        "int" => Type::Int,
        "number" => Type::Double,
        "duration" => Type::Duration,
        unit => Type::Quantity(Unit::from_word(unit)?),
    })
}

/// The type of a first value, and the value as an expression.
pub(crate) fn typed(text: &str) -> Option<(Type, String)> {
    if matches!(text, "true" | "false") {
        return Some((Type::Bool, text.to_owned()));
    }
    if text.parse::<i64>().is_ok() {
        return Some((Type::Int, text.to_owned()));
    }
    if text.parse::<f64>().is_ok_and(f64::is_finite) {
        return Some((Type::Double, text.to_owned()));
    }
    parse_duration(text).map(|length_ms| (Type::Duration, length(length_ms)))
}

/// A length of time as an expression.
fn length(length_ms: i64) -> String {
    format!("duration(\"{length_ms}ms\")")
}
