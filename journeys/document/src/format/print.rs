//! The tree back to text, comments put where they stood.
//!
//! Values are printed in the order of the text, and comments with them: those before a value above it, those behind it on its
//! line, those after the last value of a block at the end of the block they are indented like.

use granit_parser::ScalarStyle;

use super::written::{Comment, Document, Form, Written};
use super::{WIDTH, quote};

const INDENT: usize = 2;

/// Prints what was read from `text`.
pub(super) fn print(text: &str, document: Document) -> String {
    let mut printer = Printer {
        text,
        comments: document.comments.into_iter().peekable(),
        out: String::new(),
        last: 0,
        inline: false,
        fresh: true,
    };
    if let Some(root) = &document.root {
        printer.root(root);
    }
    printer.above(usize::MAX, 0, 0);
    if !printer.out.is_empty() && !printer.out.ends_with('\n') {
        printer.out.push('\n');
    }
    printer.out
}

struct Printer<'a> {
    text: &'a str,
    comments: std::iter::Peekable<std::vec::IntoIter<Comment>>,
    out: String,
    /// Where in the text the last printed thing ended.
    last: usize,
    /// The next entry goes on on this line: it is the first behind a dash.
    inline: bool,
    /// Nothing was printed in this block yet, so no blank line comes before what is next.
    fresh: bool,
}

impl Printer<'_> {
    fn root(&mut self, root: &Written) {
        match &root.form {
            Form::List { items, .. } if !items.is_empty() => self.rooted(root),
            Form::Map { entries, .. } if !entries.is_empty() => self.rooted(root),
            Form::Scalar(text, ScalarStyle::Plain) if text.is_empty() => {}
            _ => {
                self.above(root.start, 0, 0);
                self.line(0, root.start);
                self.value(root, 0, usize::MAX, "");
            }
        }
    }

    /// A list or a map at the top is never in brackets. Its anchor goes: nothing can repeat the whole text.
    fn rooted(&mut self, root: &Written) {
        self.block(root, 0, usize::MAX);
    }

    /// The entries of a list or map, a line or more each. `until` is where the next thing of the text begins.
    fn block(&mut self, written: &Written, indent: usize, until: usize) {
        self.fresh = true;
        match &written.form {
            Form::List { items, .. } => {
                for (nth, item) in items.iter().enumerate() {
                    let next = items.get(nth + 1).map_or(until, |next| next.start);
                    self.open_line(indent, item.start);
                    self.out.push('-');
                    self.value(item, indent, next, "-");
                }
            }
            Form::Map { entries, .. } => {
                for (nth, (key, value)) in entries.iter().enumerate() {
                    let next = entries.get(nth + 1).map_or(until, |(next, _)| next.start);
                    self.open_line(indent, key.start);
                    let key_text = inline(key).unwrap_or_default();
                    self.out.push_str(&key_text);
                    self.out.push(':');
                    self.last = key.end;
                    self.value(value, indent, next, ":");
                }
            }
            _ => {}
        }
        // Those behind the last entry that are indented like the entries are still of this block.
        let column = column_of(self.text, written.start);
        if column > 0 {
            self.above(until, indent, column);
        }
    }

    /// Comments above, a blank line where the text has one, and the indentation.
    fn open_line(&mut self, indent: usize, start: usize) {
        if std::mem::take(&mut self.inline) {
            self.fresh = false;
            return;
        }
        self.above(start, indent, 0);
        self.line(indent, start);
    }

    /// Begins a line for what stands at `start` in the text.
    fn line(&mut self, indent: usize, start: usize) {
        let between = self.text.get(self.last..start).unwrap_or_default();
        let blank = between.bytes().filter(|byte| *byte == b'\n').count() > 1 && !self.out.is_empty();
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        if blank && !self.fresh {
            self.out.push('\n');
        }
        self.fresh = false;
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// A value behind a key or a dash, and the comment on its line.
    fn value(&mut self, value: &Written, indent: usize, until: usize, behind: &str) {
        let mut gap = if behind.is_empty() { "" } else { " " };
        // Nothing can repeat the whole text.
        if let Some(anchor) = value.anchor.as_ref().filter(|_| !behind.is_empty()) {
            self.out.push_str(&format!("{gap}&{anchor}"));
            gap = " ";
        }
        let column = self.out.len() - self.out.rfind('\n').map_or(0, |at| at + 1) + 1;
        if let Form::Scalar(text, style) = &value.form {
            let broken = self.text.get(value.start..value.end).is_some_and(|inside| inside.contains('\n'));
            if let Some((header, lines)) = quote::block(text, *style, broken, column) {
                self.out.push_str(gap);
                self.out.push_str(header);
                self.beside(value.start);
                self.lines(&lines, indent + INDENT);
                self.last = value.end;
                // What stood between the lines of a plain text is told after it.
                return;
            }
        }
        if !self.breaks(value)
            && let Some(line) = inline(value)
            && (column + line.chars().count() <= WIDTH || !is_collection(value))
        {
            if !line.is_empty() {
                self.out.push_str(gap);
                self.out.push_str(&line);
            }
            self.last = self.last.max(value.end);
            self.beside(value.end);
            return;
        }
        // What stands between a dash and its first entry came above the dash.
        if behind != "-" {
            self.beside(self.last);
        }
        // Behind a dash the first entry goes on on the same line; an anchor there would be the first key's.
        self.inline = behind == "-" && value.anchor.is_none();
        if self.inline {
            self.out.push(' ');
        }
        self.block(value, indent + INDENT, until);
        self.last = self.last.max(value.end);
    }

    /// Whether a list or map must stand on lines of its own: its author had it so, or there are comments in it.
    fn breaks(&mut self, value: &Written) -> bool {
        match &value.form {
            Form::List { flow, items } => (!flow && !items.is_empty()) || self.comment_in(value),
            Form::Map { flow, entries } => (!flow && !entries.is_empty()) || self.comment_in(value),
            _ => false,
        }
    }

    fn comment_in(&mut self, value: &Written) -> bool {
        let empty = match &value.form {
            Form::List { items, .. } => items.is_empty(),
            Form::Map { entries, .. } => entries.is_empty(),
            _ => true,
        };
        !empty && self.comments.peek().is_some_and(|comment| comment.start < value.end)
    }

    fn lines(&mut self, lines: &[String], indent: usize) {
        for line in lines {
            self.out.push('\n');
            if !line.is_empty() {
                self.out.extend(std::iter::repeat_n(' ', indent));
                self.out.push_str(line);
            }
        }
    }

    /// The comment that follows on the line of what ended at `end`.
    fn beside(&mut self, end: usize) {
        let text = self.text;
        let follows = |comment: &Comment| {
            let between = text.get(end.min(comment.start)..comment.start).unwrap_or_default();
            !comment.own_line && !between.contains('\n')
        };
        if let Some(comment) = self.comments.next_if(follows) {
            self.out.push_str(&format!("  #{}", comment.text));
            self.last = self.last.max(comment.end);
        }
    }

    /// Comments before `start`, each on its own line, as long as they are indented at least like `column`.
    fn above(&mut self, start: usize, indent: usize, column: usize) {
        let text = self.text;
        let fits = |comment: &Comment| {
            comment.start < start && (!comment.own_line || column_of(text, comment.start) >= column)
        };
        while let Some(comment) = self.comments.next_if(fits) {
            self.line(indent, comment.start);
            self.out.push_str(&format!("#{}", comment.text));
            self.last = self.last.max(comment.end);
        }
    }
}

fn column_of(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    before.len() - before.rfind('\n').map_or(0, |newline| newline + 1)
}

fn is_collection(value: &Written) -> bool {
    matches!(value.form, Form::List { .. } | Form::Map { .. })
}

/// A value on one line. `None` where something in it needs lines of its own.
fn inline(value: &Written) -> Option<String> {
    bare(value, false)
}

fn bare(value: &Written, in_flow: bool) -> Option<String> {
    Some(match &value.form {
        Form::Alias(name) => format!("*{name}"),
        Form::Scalar(text, ScalarStyle::Plain) if text.is_empty() => String::new(),
        Form::Scalar(text, style) => quote::line(text, *style, in_flow),
        Form::List { items, .. } if items.is_empty() => "[]".to_owned(),
        Form::Map { entries, .. } if entries.is_empty() => "{}".to_owned(),
        Form::List { items, .. } => {
            let items: Option<Vec<String>> = items.iter().map(in_line).collect();
            let items = items?;
            if items.iter().any(String::is_empty) {
                return None;
            }
            format!("[{}]", items.join(", "))
        }
        Form::Map { entries, .. } => {
            let mut parts = Vec::new();
            for (nth, (key, value)) in entries.iter().enumerate() {
                let key = in_line(key)?;
                let value = in_line(value)?;
                // Between a `:` and a `,` nothing is not seen.
                if value.is_empty() && nth + 1 < entries.len() {
                    return None;
                }
                let gap = if value.is_empty() { "" } else { " " };
                parts.push(format!("{key}:{gap}{value}"));
            }
            format!("{{ {} }}", parts.join(", "))
        }
    })
}

/// A value in brackets or braces, its anchor with it.
fn in_line(value: &Written) -> Option<String> {
    let line = bare(value, true)?;
    Some(match &value.anchor {
        Some(anchor) => format!("&{anchor} {line}"),
        None => line,
    })
}
