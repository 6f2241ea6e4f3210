//! What a text holds, for an editor's list: the journey, its variables, offers and pages.

use turnpage_journeys_expr::Span;

use super::Desk;

/// What an entry of an outline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutlineKind {
    /// A journey, a blueprint or a file of plays.
    Whole,
    /// A variable or a parameter.
    Variable,
    /// An offer.
    Offer,
    /// A page.
    Page,
}

/// One entry of an outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: OutlineKind,
    /// Where its name stands.
    pub span: Span,
    /// From its name to where the next of its sort begins.
    pub whole: Span,
}

impl Desk<'_> {
    /// The outline, in document order.
    pub fn outline(&self) -> Vec<Outline> {
        let skeleton = self.skeleton();
        let end = self.text().len() as u32;
        let mut entries: Vec<Outline> = Vec::new();
        for entry in &skeleton.entries {
            let kind = match (entry.path.as_slice(), entry.key) {
                ([], "journey" | "blueprint" | "plays_of") => OutlineKind::Whole,
                ([super::skeleton::Step::Key(top)], key) if !key.is_empty() => match *top {
                    "variables" | "parameters" => OutlineKind::Variable,
                    "offers" => OutlineKind::Offer,
                    "pages" => OutlineKind::Page,
                    _ => continue,
                },
                _ => continue,
            };
            let (name, span) = match (kind, entry.value) {
                (OutlineKind::Whole, Some((value, span))) => (value, span),
                _ => (entry.key, entry.key_span),
            };
            // A name as wide as nothing cannot be shown.
            if !name.is_empty() {
                entries.push(Outline {
                    name: name.to_owned(),
                    kind,
                    span,
                    whole: Span::new(span.start, end),
                });
            }
        }
        let starts: Vec<u32> = skeleton
            .entries
            .iter()
            .filter(|entry| entry.path.len() < 2)
            .map(|entry| entry.key_span.start)
            .collect();
        for entry in entries.iter_mut().filter(|entry| entry.kind != OutlineKind::Whole) {
            let next = starts.iter().copied().filter(|start| *start > entry.span.start).min();
            entry.whole.end = next.unwrap_or(end).max(entry.span.end);
        }
        entries
    }
}
