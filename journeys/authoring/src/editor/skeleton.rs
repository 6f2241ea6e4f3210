//! A YAML text as keys with their ways and plain values, also where it is not YAML at the moment.
//!
//! Reads block maps by their columns and flow maps by their brackets, line by line and without recursion. It is no YAML
//! parser: anchors, tags and lines that go on are passed over. Whether a text is right is the reader's to say.

use turnpage_journeys_expr::Span;

/// Nesting past which a text is passed over: what `document` reads at most.
const DEPTH_MAX: usize = 64;

/// One step from a map or list into what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    Key(&'a str),
    Item,
}

/// A key, or an item of a list with a plain value, with the value if that is plain.
#[derive(Debug, Clone)]
pub(crate) struct Entry<'a> {
    /// The way to the map or list it stands in.
    pub(crate) path: Vec<Step<'a>>,
    /// Empty for an item.
    pub(crate) key: &'a str,
    pub(crate) key_span: Span,
    /// The innermost item of a list around it, counted through the text from 1; 0 outside of lists.
    pub(crate) item: u32,
    /// As it is written, quotes taken off, escapes kept.
    pub(crate) value: Option<(&'a str, Span)>,
}

/// Where a text ends: what would be written next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cursor<'a> {
    /// A key of the map the way leads to, of which this much is there.
    Key { path: Vec<Step<'a>>, start: u32 },
    /// The value the way leads to.
    Value { path: Vec<Step<'a>>, start: u32 },
    /// A comment or a block of text.
    Nothing,
}

#[derive(Debug)]
pub(crate) struct Skeleton<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
}

impl<'a> Skeleton<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self { entries: Scanner::new(text).run().0 }
    }

    /// What would be written at an offset.
    pub(crate) fn cursor(text: &'a str, offset: u32) -> Cursor<'a> {
        let end = text.floor_char_boundary(offset as usize);
        Scanner::new(text.get(..end).unwrap_or_default()).run().1
    }

    /// The innermost item around an offset, by the entry that stands nearest before it.
    pub(crate) fn item_at(&self, offset: u32) -> u32 {
        let before = self.entries.iter().rev().find(|entry| entry.key_span.start <= offset);
        before.map_or(0, |entry| entry.item)
    }

    /// The plain value of a key at the top.
    pub(crate) fn top(&self, key: &str) -> Option<&'a str> {
        let mut tops = self.entries.iter().filter(|entry| entry.path.is_empty() && entry.key == key);
        tops.find_map(|entry| entry.value.map(|(value, _)| value))
    }

    /// The keys under a key at the top, such as the names of pages.
    pub(crate) fn under<'s>(&'s self, top: &'s str) -> impl Iterator<Item = &'s Entry<'a>> {
        self.entries
            .iter()
            .filter(move |entry| entry.path.as_slice() == [Step::Key(top)] && !entry.key.is_empty())
    }
}

struct Frame<'a> {
    step: Step<'a>,
    /// Its column, in block style.
    column: usize,
    /// It is the inside of a bracket.
    flow: bool,
    /// Of an item, its number in the text.
    item: u32,
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    stack: Vec<Frame<'a>>,
    /// Closing brackets that are waited for, each with the height of the stack under it.
    open: Vec<(char, usize)>,
    entries: Vec<Entry<'a>>,
    /// Items so far.
    items: u32,
    cursor: Option<Cursor<'a>>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, stack: Vec::new(), open: Vec::new(), entries: Vec::new(), items: 0, cursor: None }
    }

    fn run(mut self) -> (Vec<Entry<'a>>, Cursor<'a>) {
        while self.at < self.text.len() {
            let before = self.at;
            if self.open.is_empty() {
                self.line();
            } else {
                self.flow();
            }
            if self.at == before {
                self.at = self.next_line();
            }
        }
        let cursor = self.cursor.take().unwrap_or_else(|| match self.open.is_empty() {
            // The text ends with a line break: a key of the first column.
            true => Cursor::Key { path: Vec::new(), start: self.at as u32 },
            false => Cursor::Nothing,
        });
        (self.entries, cursor)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next_line(&self) -> usize {
        self.rest().find('\n').map_or(self.text.len(), |newline| self.at + newline + 1)
    }

    fn path(&self) -> Vec<Step<'a>> {
        self.stack.iter().map(|frame| frame.step).collect()
    }

    fn item(&self) -> u32 {
        self.stack.last().map_or(0, |frame| frame.item)
    }

    fn key_cursor(&self, start: usize) -> Cursor<'a> {
        Cursor::Key { path: self.path(), start: start as u32 }
    }

    fn value_cursor(&self, start: usize) -> Cursor<'a> {
        Cursor::Value { path: self.path(), start: start as u32 }
    }

    fn push(&mut self, step: Step<'a>, column: usize, flow: bool) {
        let inner = self.item();
        if step == Step::Item {
            self.items += 1;
        }
        let item = if step == Step::Item { self.items } else { inner };
        if self.stack.len() < DEPTH_MAX {
            self.stack.push(Frame { step, column, flow, item });
        }
    }

    /// One line of block style.
    fn line(&mut self) {
        let start = self.at;
        let line = self.text.get(start..self.next_line()).unwrap_or_default();
        let last = !line.ends_with('\n');
        let body = line.trim_end_matches(['\n', '\r']);
        let mut column = body.len() - body.trim_start_matches(' ').len();
        let mut inside = body.get(column..).unwrap_or_default();
        if inside.is_empty() || inside.starts_with('#') {
            if last {
                self.leave(column, false);
                self.cursor =
                    Some(if inside.is_empty() { self.key_cursor(start + column) } else { Cursor::Nothing });
            }
            self.at = start + line.len();
            return;
        }
        let mut dashes = 0;
        while inside == "-" || inside.starts_with("- ") {
            dashes += 1;
            if dashes > DEPTH_MAX {
                break;
            }
            self.leave(column, true);
            self.push(Step::Item, column, false);
            let after = inside.get(1..).unwrap_or_default();
            column += inside.len() - after.trim_start_matches(' ').len();
            inside = after.trim_start_matches(' ');
        }
        if dashes == 0 {
            self.leave(column, false);
        }
        self.at = start + column;
        match key_of(inside) {
            Some((key, key_start, length)) => {
                self.key(key, start + column + key_start, column, false);
                self.at = start + column + length;
                self.value(start + body.len(), last);
            }
            None if dashes > 0 && !inside.is_empty() => self.value(start + body.len(), last),
            None => {
                if last {
                    self.cursor = Some(self.key_cursor(start + column));
                }
                self.at = start + line.len();
            }
        }
    }

    /// Takes frames off that a line at this column no longer lies in.
    fn leave(&mut self, column: usize, dash: bool) {
        while self.stack.last().is_some_and(|frame| {
            // A dash may stand in the column of the key whose list it begins.
            let outside =
                if dash && frame.step != Step::Item { frame.column > column } else { frame.column >= column };
            frame.flow || outside
        }) {
            self.stack.pop();
        }
    }

    fn key(&mut self, key: &'a str, start: usize, column: usize, flow: bool) {
        let key_span = Span::new(start as u32, (start + key.len()) as u32);
        self.entries.push(Entry { path: self.path(), key, key_span, item: self.item(), value: None });
        self.push(Step::Key(key), column, flow);
    }

    /// What stands behind a key or a dash of block style; `end` is where the line does.
    fn value(&mut self, end: usize, last: bool) {
        let rest = self.text.get(self.at..end).unwrap_or_default();
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        let value = rest.get(spaces..).unwrap_or_default();
        self.at += spaces;
        let start = self.at;
        match value.chars().next() {
            Some('{' | '[') => self.flow(),
            Some('|' | '>') => self.block(end),
            Some('"' | '\'') => {
                self.scalar(start, false);
                self.at = self.next_line();
            }
            Some('#') => {
                self.cursor = last.then_some(Cursor::Nothing);
                self.at = self.next_line();
            }
            None => {
                if last && spaces > 0 {
                    self.cursor = Some(self.value_cursor(start));
                } else if last {
                    self.cursor = Some(Cursor::Nothing);
                }
                self.at = self.next_line();
            }
            Some(_) => {
                self.scalar(start, false);
                self.at = self.next_line();
            }
        }
    }

    /// Passes over a block of text: every line further in than its key.
    fn block(&mut self, end: usize) {
        let column = self.stack.last().map_or(0, |frame| frame.column);
        self.at = self.text.len().min(end + 1);
        loop {
            let line = self.text.get(self.at..self.next_line()).unwrap_or_default();
            let body = line.trim_end();
            let indent = line.len() - line.trim_start_matches(' ').len();
            if line.is_empty() || (!body.is_empty() && indent <= column) {
                break;
            }
            self.at += line.len();
        }
        if self.at >= self.text.len() {
            self.cursor = Some(Cursor::Nothing);
        }
    }

    /// A plain or quoted value at `start`; gives nothing back but moves behind it.
    fn scalar(&mut self, start: usize, flow: bool) {
        let rest = self.text.get(start..).unwrap_or_default();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (inner, length, closed) = match quote {
            Some(quote) => {
                let line = first_line(rest);
                let (inner, length, closed) = quoted(line, quote);
                (inner, length, closed || line.len() < rest.len())
            }
            None => {
                let length = plain_len(rest, flow);
                let trimmed = rest.get(..length).unwrap_or_default().trim_end().len();
                (0..trimmed, length, length < rest.len())
            }
        };
        let span = Span::new((start + inner.start) as u32, (start + inner.end) as u32);
        if !closed {
            self.cursor = Some(self.value_cursor(start));
        }
        if let Some(value) = rest.get(inner) {
            let path = self.path();
            match self.entries.last_mut() {
                Some(entry) if path.split_last() == Some((&Step::Key(entry.key), &entry.path)) => {
                    entry.value.get_or_insert((value, span));
                }
                _ => self.entries.push(Entry {
                    path,
                    key: "",
                    key_span: Span::new(span.start, span.start),
                    item: self.item(),
                    value: Some((value, span)),
                }),
            }
        }
        self.at = start + length;
    }

    /// Inside brackets, until the outermost is closed or the text ends.
    fn flow(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', ',']).len();
            if self.left_brackets(rest.get(..blank).unwrap_or_default()) {
                return;
            }
            self.at += blank;
            let rest = self.rest();
            let Some(c) = rest.chars().next() else {
                self.flow_cursor();
                return;
            };
            match c {
                '#' => self.at = self.next_line(),
                '{' | '[' if self.open.len() < DEPTH_MAX => {
                    // An item of a list, which a map in it or a list in it is.
                    if self.open.last().is_some_and(|(close, _)| *close == ']') {
                        self.push(Step::Item, 0, true);
                    }
                    self.open.push((if c == '{' { '}' } else { ']' }, self.stack.len()));
                    self.at += 1;
                }
                // Whose brackets are whose is not followed any deeper.
                '{' | '[' => self.at = self.text.len(),
                '}' | ']' => {
                    self.at += 1;
                    self.open.pop();
                    self.unwind();
                    if self.open.is_empty() {
                        self.at = self.next_line();
                        return;
                    }
                }
                _ if self.open.last().is_some_and(|(close, _)| *close == '}') => self.flow_key(),
                _ => {
                    self.push(Step::Item, 0, true);
                    self.scalar(self.at, true);
                    self.unwind();
                }
            }
        }
    }

    /// Whether these blanks lead to a line no further in than what the brackets belong to. Then they were never closed, as
    /// while somebody types, and the text goes on behind them.
    fn left_brackets(&mut self, blanks: &str) -> bool {
        let Some((_, indent)) = blanks.rsplit_once('\n') else { return false };
        let next = self.rest().get(blanks.len()..).and_then(|rest| rest.chars().next());
        let column = self.stack.iter().rev().find(|frame| !frame.flow).map_or(0, |frame| frame.column);
        if indent.len() > column || matches!(next, None | Some('}' | ']' | '#')) {
            return false;
        }
        self.open.clear();
        self.unwind();
        self.at += blanks.len() - indent.len();
        true
    }

    /// The stack as it is directly inside the innermost bracket.
    fn unwind(&mut self) {
        let height = self.open.last().map_or(0, |(_, height)| *height);
        let outermost = self.open.is_empty();
        while self.stack.len() > height && self.stack.last().is_some_and(|frame| frame.flow || !outermost) {
            self.stack.pop();
        }
    }

    /// The text ends inside brackets, between two values.
    fn flow_cursor(&mut self) {
        if self.cursor.is_some() {
            return;
        }
        let in_map = self.open.last().is_some_and(|(close, _)| *close == '}');
        if !in_map {
            self.push(Step::Item, 0, true);
        }
        self.cursor = Some(if in_map { self.key_cursor(self.at) } else { self.value_cursor(self.at) });
    }

    /// A key of a map in brackets, with its value where that is plain.
    fn flow_key(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let line = first_line(rest);
        let stop = line.find([',', '}', '{', '[', ']']).unwrap_or(line.len());
        let Some((key, key_start, length)) = key_of(line.get(..stop).unwrap_or_default()) else {
            if start + stop >= self.text.len() {
                self.cursor = Some(self.key_cursor(start));
            }
            self.at = start + stop.max(1);
            return;
        };
        self.key(key, start + key_start, 0, true);
        let after = rest.get(length..).unwrap_or_default();
        let spaces = after.len() - after.trim_start_matches([' ', '\n', '\r']).len();
        self.at = start + length + spaces;
        match self.rest().chars().next() {
            None => {
                self.cursor = Some(if spaces > 0 { self.value_cursor(self.at) } else { Cursor::Nothing });
            }
            Some('{' | '[') => return,
            Some(',' | '}' | ']') => {}
            Some(_) => self.scalar(self.at, true),
        }
        self.unwind();
    }
}

/// A key at the start of a line: the key, where it begins, and how far its colon reaches.
fn key_of(line: &str) -> Option<(&str, usize, usize)> {
    if let Some(quote) = line.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let (inner, length, closed) = quoted(line, quote);
        let colon = closed && line.get(length..)?.starts_with(':');
        let start = inner.start;
        return colon.then_some((line.get(inner)?, start, length + 1));
    }
    let colon = line.char_indices().find(|(at, c)| {
        let after = line.get(at + 1..).unwrap_or_default();
        *c == ':' && (after.is_empty() || after.starts_with(' '))
    })?;
    let key = line.get(..colon.0)?;
    (!key.is_empty() && !key.contains(['#', '{', '['])).then_some((key.trim_end(), 0, colon.0 + 1))
}

/// A quoted value: what is inside, its length with the quotes, and whether it ends.
fn quoted(text: &str, quote: char) -> (std::ops::Range<usize>, usize, bool) {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if quote == '"' && c == '\\' {
            chars.next();
        } else if c == quote {
            if quote == '\'' && chars.next_if(|(_, next)| *next == '\'').is_some() {
                continue;
            }
            return (1..at, at + 1, true);
        }
    }
    (1..text.len().max(1), text.len(), false)
}

/// The first line of a text. Quotes are looked for on one line only: while somebody types one, the rest of the text
/// must not vanish into it.
fn first_line(text: &str) -> &str {
    text.split_once('\n').map_or(text, |(line, _)| line)
}

/// How long a plain value is: to the end of its line or to a comment, in brackets also to a comma or bracket.
fn plain_len(text: &str, flow: bool) -> usize {
    let line = first_line(text);
    let line = line.split_once(" #").map_or(line, |(line, _)| line);
    if flow { line.find([',', '}', ']', '{', '[']).unwrap_or(line.len()) } else { line.len() }
}
