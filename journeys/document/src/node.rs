//! The tree: what was written, and where. Knows nothing of keys or types.
//!
//! Next: `decode` takes typed values out of it.

use turnpage_journeys_expr::Span;

use crate::origin::Origin;

/// A value and the bytes of the file it was written in. A value that came through an alias keeps the
/// span of the anchor's definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// From the first to the last byte of the value; a block map ends with its last value.
    pub span: Span,
    /// What stands there.
    pub value: Content,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// `null`, `~`, or nothing at all (then the span is empty).
    Null,
    /// Text; whether it is also a number or a truth is decided by who reads it.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A map in the order written, keys unique.
    Map(Vec<Entry>),
}

/// One key of a map with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key, decoded.
    pub key: Scalar,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// Text with escapes, folds and indentation taken away, which still knows where each byte came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    pub(crate) text: Box<str>,
    pub(crate) quoted: bool,
    pub(crate) origin: Origin,
}

impl Scalar {
    /// The decoded text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it was written in quotes or as a block, so that it is text and never a number.
    #[must_use]
    pub fn quoted(&self) -> bool {
        self.quoted
    }

    /// Whether the file has the text as it is, byte for byte.
    #[must_use]
    pub fn verbatim(&self) -> bool {
        matches!(self.origin, Origin::Verbatim(_))
    }

    /// The same with other texts in place of some spans, which are in order and lie apart. What is asked of places in a new
    /// text is answered with where the old one stands. A text that is replaced wholly is as `quoted` as the new one.
    #[must_use]
    pub fn replaced(&self, edits: &[(Span, &str)], quoted: bool) -> Self {
        let (mut text, mut read) = (String::new(), 0);
        for (span, new) in edits {
            text.push_str(self.text.get(read..span.start as usize).unwrap_or_default());
            text.push_str(new);
            read = span.end as usize;
        }
        text.push_str(self.text.get(read..).unwrap_or_default());
        let lengths: Vec<(Span, u32)> = edits.iter().map(|(span, new)| (*span, new.len() as u32)).collect();
        let origin = self.origin.replaced(&lengths, self.text.len() as u32);
        let wholly = matches!(edits, [(span, _)] if span.start == 0 && span.end as usize == self.text.len());
        Self { text: text.into(), quoted: if wholly { quoted } else { self.quoted }, origin }
    }

    /// The bytes of the file that a span of [`Self::text`] was decoded from.
    #[must_use]
    pub fn locate(&self, span: Span) -> Span {
        self.origin.locate(span)
    }
}

impl Node {
    /// Moves the value and all in it to where its file begins `base` bytes later: behind another text.
    pub fn shift(&mut self, base: u32) {
        let moved = |span: Span| Span::new(span.start.saturating_add(base), span.end.saturating_add(base));
        self.span = moved(self.span);
        match &mut self.value {
            Content::Null => {}
            Content::Scalar(scalar) => scalar.origin.shift(base),
            Content::List(items) => items.iter_mut().for_each(|item| item.shift(base)),
            Content::Map(entries) => {
                for entry in entries {
                    entry.key_span = moved(entry.key_span);
                    entry.key.origin.shift(base);
                    entry.value.shift(base);
                }
            }
        }
    }

    /// The scalar, if it is one.
    #[must_use]
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Content::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Whether it is null or nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.value, Content::Null)
    }

    /// Whether it is a list.
    #[must_use]
    pub fn is_list(&self) -> bool {
        matches!(self.value, Content::List(_))
    }

    /// Whether it is a map.
    #[must_use]
    pub fn is_map(&self) -> bool {
        matches!(self.value, Content::Map(_))
    }

    /// What it is, for messages: `a map`, `text`, ..
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match &self.value {
            Content::Null => "nothing",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
            Content::Scalar(scalar) if scalar.quoted => "text",
            Content::Scalar(scalar) if matches!(scalar.text(), "true" | "false") => "a truth",
            Content::Scalar(scalar) if scalar.text().parse::<f64>().is_ok() => "a number",
            Content::Scalar(_) => "text",
        }
    }
}
