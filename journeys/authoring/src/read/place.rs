//! Names and expressions out of scalars, and where their bytes stand in the file.
//!
//! The engine counts places inside an expression from the start of its text. Where the file writes that text otherwise
//! (escapes, folded lines) [`Places`] leads back.

use turnpage_journeys_document::{Entry, Node, Scalar};
use turnpage_journeys_engine::Spanned;
use turnpage_journeys_expr::Span;

use super::Reader;

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
        if !scalar.verbatim() {
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
        Some(Spanned::new(text.to_owned(), node.span))
    }
}

/// A name where a key stands, such as a page's. Whether it is well formed and unique is the compiler's to say.
pub(crate) fn key_name(entry: &Entry) -> Spanned<String> {
    Spanned::new(entry.key.text().to_owned(), entry.key_span)
}
