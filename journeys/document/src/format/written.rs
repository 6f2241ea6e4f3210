//! A text as a tree of what was written: styles, anchors and places included, comments beside it.
//!
//! The text has been parsed within its limits before, so nothing is bounded here a second time. Next: `print`.

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, options};

/// What was written, and the comments with their places.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) root: Option<Written>,
    pub(super) comments: Vec<Comment>,
}

/// A value as it was written.
#[derive(Debug)]
pub(super) struct Written {
    /// Bytes of the text, from the value's first to after its last.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) anchor: Option<String>,
    pub(super) form: Form,
}

#[derive(Debug)]
pub(super) enum Form {
    /// `*name`.
    Alias(String),
    Scalar(String, ScalarStyle),
    List {
        flow: bool,
        items: Vec<Written>,
    },
    Map {
        flow: bool,
        entries: Vec<(Written, Written)>,
    },
}

/// A comment without its `#`.
#[derive(Debug)]
pub(super) struct Comment {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: String,
    /// Nothing stands before it on its line.
    pub(super) own_line: bool,
}

/// A collection whose end has not come yet; a map's key waits for its value.
struct Open {
    written: Written,
    key: Option<Written>,
}

/// Reads a text that is known to parse. `None` where the parser changes its mind.
pub(super) fn read(text: &str) -> Option<Document> {
    let options = options! { emit_comments: true, emit_anchor_events: true };
    let mut reader = Reader { text, open: Vec::new(), document: Document::default() };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.ok()?;
        let range = span.byte_range().unwrap_or(0..0);
        reader.event(event, range.start, range.end)?;
    }
    reader.document.comments.sort_by_key(|comment| comment.start);
    Some(reader.document)
}

struct Reader<'a> {
    text: &'a str,
    open: Vec<Open>,
    document: Document,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, start: usize, end: usize) -> Option<()> {
        let written = |form| Written { start, end, anchor: None, form };
        match event {
            Event::Comment(text, _) => {
                let before = self.text.get(..start)?.rsplit('\n').next().unwrap_or_default();
                // A byte order mark is no content.
                let own_line = before.trim_start_matches('\u{feff}').trim().is_empty();
                let text = text.trim_end().to_owned();
                self.document.comments.push(Comment { start, end, text, own_line });
            }
            Event::Alias(_) => {
                let name = self.text.get(start..end)?.trim_start_matches('*').to_owned();
                self.add(written(Form::Alias(name)));
            }
            // The parser says `~` for nothing.
            Event::Scalar(_, ScalarStyle::Plain, ..) if start == end => {
                self.add(written(Form::Scalar(String::new(), ScalarStyle::Plain)));
            }
            Event::Scalar(text, style, ..) => self.add(written(Form::Scalar(text.into_owned(), style))),
            Event::SequenceStart(style, ..) => {
                let flow = style == StructureStyle::Flow;
                let written = written(Form::List { flow, items: Vec::new() });
                self.open.push(Open { written, key: None });
            }
            Event::MappingStart(style, ..) => {
                let flow = style == StructureStyle::Flow;
                let written = written(Form::Map { flow, entries: Vec::new() });
                self.open.push(Open { written, key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Open { mut written, .. } = self.open.pop()?;
                written.end = match &written.form {
                    Form::List { flow: false, items } => items.last().map_or(written.end, |last| last.end),
                    Form::Map { flow: false, entries } => {
                        entries.last().map_or(written.end, |(_, last)| last.end)
                    }
                    _ => end,
                };
                self.add(written);
            }
            Event::Anchor(..) => {
                let name = self.text.get(start..end)?.trim_start_matches('&').to_owned();
                self.last()?.anchor = Some(name);
            }
            _ => {}
        }
        Some(())
    }

    /// Puts a finished value where it belongs. A block scalar is from its `|` or `>` to its last line with anything on it.
    fn add(&mut self, mut written: Written) {
        if let Form::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded) = written.form {
            written.start = header(self.text, written.start);
            let inside = self.text.get(written.start..written.end).unwrap_or_default();
            written.end = written.start + inside.trim_end().len();
        }
        match self.open.last_mut() {
            None => self.document.root = Some(written),
            Some(Open { written: Written { form: Form::List { items, .. }, .. }, .. }) => items.push(written),
            Some(Open { written: Written { form: Form::Map { entries, .. }, .. }, key }) => {
                match key.take() {
                    None => *key = Some(written),
                    Some(name) => entries.push((name, written)),
                }
            }
            Some(_) => {}
        }
    }

    /// The value whose event came last.
    fn last(&mut self) -> Option<&mut Written> {
        let Some(open) = self.open.last_mut() else { return self.document.root.as_mut() };
        if open.key.is_some() {
            return open.key.as_mut();
        }
        let fresh = match &open.written.form {
            Form::List { items, .. } => items.is_empty(),
            Form::Map { entries, .. } => entries.is_empty(),
            _ => false,
        };
        if fresh {
            return Some(&mut open.written);
        }
        match &mut open.written.form {
            Form::List { items, .. } => items.last_mut(),
            Form::Map { entries, .. } => entries.last_mut().map(|(_, value)| value),
            _ => None,
        }
    }
}

/// Where the `|` or `>` of a block stands whose lines, or whose header, begin at `start`.
fn header(text: &str, start: usize) -> usize {
    if text.get(start..).is_some_and(|rest| rest.starts_with(['|', '>'])) {
        return start;
    }
    let before = text.get(..start).unwrap_or_default().trim_end();
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    let opens = |rest: &str| {
        let rest = rest
            .get(1..)
            .unwrap_or_default()
            .trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
        rest.is_empty() || rest.trim_start().starts_with('#')
    };
    let line_text = before.get(line..).unwrap_or_default();
    let found = line_text.match_indices(['|', '>']).find(|(at, _)| line_text.get(*at..).is_some_and(opens));
    found.map_or(start, |(at, _)| line + at)
}
