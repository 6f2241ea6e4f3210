//! How wide words are, where they break, and how they are written safely.
//!
//! Nothing here asks a font: widths are generous guesses that hold for the usual ones, so that the same journey gives the
//! same bytes everywhere and no word leaves its box.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar as _;

/// The fonts of the style sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Font {
    /// Guards.
    Mono,
    /// Names of pages.
    Strong,
    /// Everything else.
    Small,
}

/// Width of a text in pixels, at most.
pub(super) fn width(text: &str, font: Font) -> f64 {
    text.chars().map(|c| char_width(c, font)).sum()
}

fn char_width(c: char, font: Font) -> f64 {
    let em = match font {
        Font::Mono => return 6.95 * c.width().unwrap_or(1) as f64,
        Font::Strong => 15.0,
        Font::Small => 12.0,
    };
    em * match c {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '(' | ')' => 0.4,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' | '—' => 1.0,
        c if c.is_ascii_uppercase() => 0.78,
        c if c.is_ascii() && font == Font::Small => 0.58,
        c if c.is_ascii() => 0.63,
        c => 0.72 * c.width().unwrap_or(1) as f64 + 0.05,
    }
}

/// Breaks a line into lines of at most `room` pixels, at spaces where it can; what is left after `lines_max` lines is an
/// ellipsis.
pub(super) fn wrap(text: &str, room: f64, font: Font, lines_max: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if lines.len() == lines_max {
            if let Some(last) = lines.last_mut() {
                cut(last, room, font);
            }
            break;
        }
        let end = breaks_at(rest, room, font);
        let (line, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        lines.push(line.trim_end().to_owned());
        rest = after.trim_start();
    }
    lines
}

/// Takes characters away until an ellipsis has room.
fn cut(line: &mut String, room: f64, font: Font) {
    while width(line, font) + char_width('…', font) > room && line.pop().is_some() {}
    line.push('…');
}

/// The byte at which the first line ends.
fn breaks_at(text: &str, room: f64, font: Font) -> usize {
    let mut used = 0.0;
    let mut space = None;
    for (at, c) in text.char_indices() {
        used += char_width(c, font);
        if c == ' ' {
            space = Some(at);
        }
        if used > room {
            // A word longer than the line is broken where it ends; one character always goes on.
            return space.unwrap_or(at).max(text.chars().next().map_or(1, char::len_utf8));
        }
    }
    text.len()
}

/// A number with at most one digit after the point.
pub(super) fn number(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded })
}

/// Writes one line of text.
pub(super) fn put(svg: &mut String, class: &str, (x, y): (f64, f64), text: &str) {
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{}\" y=\"{}\">{}</text>",
        number(x),
        number(y),
        escape(text)
    );
}

/// For text and attributes. Controls and the like never come this far: `words` replaces them.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
