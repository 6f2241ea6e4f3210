//! Names and expressions out of scalars, and where their bytes stand in the file.
//!
//! The engine counts places inside an expression from the start of its text. Where the file writes that text otherwise
//! (escapes, folded lines) [`Places`] leads back.

use turnpage_journeys_document::{Entry, Node, Scalar};
use turnpage_journeys_engine::Spanned;
use turnpage_journeys_expr::Span;

use super::{NAME_BYTES_MAX, Reader};

/// The scalars of one file whose text differs from the bytes it is written with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    rewritten: Vec<(Span, Scalar)>,
}

impl Places {
    /// Remembers an expression and returns where it stands.
    fn remember(&mut self, scalar: &Scalar) -> Span {
        let length = u32::try_from(scalar.text().len()).unwrap_or(u32::MAX);
        let span = scalar.locate(Span::new(0, length));
        if span.end - span.start != length {
            self.rewritten.push((span, scalar.clone()));
        }
        span
    }

    /// The file's bytes for a span that the compiler counted on from the start of an expression.
    pub(crate) fn to_file(&self, span: Span) -> Span {
        let holds = |whole: &Span| whole.start <= span.start && span.start < whole.end && *whole != span;
        match self.rewritten.iter().find(|(whole, _)| holds(whole)) {
            Some((whole, scalar)) => {
                let length = u32::try_from(scalar.text().len()).unwrap_or(u32::MAX);
                let within = |at: u32| at.saturating_sub(whole.start).min(length);
                scalar.locate(Span::new(within(span.start), within(span.end)))
            }
            None => span,
        }
    }
}

impl Reader {
    /// A guard, a value or a template: text that the engine compiles.
    pub(crate) fn expression(&mut self, node: &Node) -> Option<Spanned<String>> {
        let text = node.text(&mut self.problems)?;
        let span = node.scalar().map_or(node.span, |scalar| self.places.remember(scalar));
        Some(Spanned::new(text.to_owned(), span))
    }

    /// A name where a value stands, such as `turn_to: shelter`.
    pub(crate) fn name(&mut self, node: &Node) -> Option<Spanned<String>> {
        let text = node.text(&mut self.problems)?;
        let name = Spanned::new(text.to_owned(), node.span);
        self.check_name(&name);
        Some(name)
    }

    /// A name where a key stands, such as a page's.
    pub(crate) fn key_name(&mut self, entry: &Entry) -> Spanned<String> {
        let name = Spanned::new(entry.key.text().to_owned(), entry.key_span);
        self.check_name(&name);
        name
    }

    /// Names travel in topics, metrics and `offer.outcome`, so they are plain: ASCII letters, digits, `-` and `_`.
    fn check_name(&mut self, name: &Spanned<String>) {
        let text = name.value.as_str();
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        let starts = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
        if plain && starts && text.len() <= NAME_BYTES_MAX {
            return;
        }
        let shown: String = text.chars().take(NAME_BYTES_MAX).collect();
        let help = format!(
            "write at most {NAME_BYTES_MAX} letters, digits, `-` and `_`, beginning with a letter: `rainy-day`"
        );
        self.problem("bad-name", name.span, format!("`{shown}` cannot be a name"), &help);
    }
}
