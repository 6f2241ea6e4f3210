//! Single values: with quotes, which, or without; and blocks of lines.

use granit_parser::ScalarStyle;

use super::WIDTH;

/// Columns that folded text fills.
const FOLD_WIDTH: usize = 100;

/// A value on one line.
pub(super) fn line(text: &str, style: ScalarStyle, in_flow: bool) -> String {
    let quoted = style != ScalarStyle::Plain;
    if plain(text, in_flow) && (!quoted || word(text)) {
        return text.to_owned();
    }
    if text.contains(['"', '\\']) && text.chars().all(printable) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if printable(c) => out.push(c),
            c if u32::from(c) <= 0xff => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if u32::from(c) <= 0xffff => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// The header and the lines of a block, for text that was written as one or over several lines; `None` where one line does.
pub(super) fn block(
    text: &str,
    style: ScalarStyle,
    broken: bool,
    column: usize,
) -> Option<(&'static str, Vec<String>)> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let clean = !body.is_empty()
        && body.chars().all(|c| c == '\n' || printable(c))
        && !body.ends_with('\n')
        && body.lines().all(|line| line.is_empty() || !line.trim().is_empty())
        && !body.starts_with([' ', '\n']);
    if !clean {
        return None;
    }
    let strip = body.len() == text.len();
    let straight = body.lines().all(|line| !line.starts_with(' ') && !line.ends_with(' '));
    let long = broken && column + text.len() > WIDTH && !text.contains('\n');
    match style {
        ScalarStyle::Literal => Some((if strip { "|-" } else { "|" }, literal(body))),
        ScalarStyle::Folded if straight => Some((if strip { ">-" } else { ">" }, folded(body))),
        ScalarStyle::Folded => Some((if strip { "|-" } else { "|" }, literal(body))),
        _ if long && straight => Some((">-", folded(body))),
        _ => None,
    }
}

fn literal(body: &str) -> Vec<String> {
    body.split('\n').map(str::to_owned).collect()
}

/// Paragraphs filled with words; a line break of the text is an empty line.
fn folded(body: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for (nth, paragraph) in body.split('\n').enumerate() {
        if nth > 0 {
            lines.push(String::new());
        }
        let mut line = String::new();
        // Where two blanks stand together no line may end: a fold stands for one.
        let together = paragraph.contains("  ");
        for word in paragraph.split(' ').filter(|word| together || !word.is_empty()) {
            if !line.is_empty() && !together && line.chars().count() + 1 + word.chars().count() > FOLD_WIDTH {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if together {
            paragraph.clone_into(&mut line);
        }
        if !line.is_empty() {
            lines.push(line);
        }
    }
    lines
}

/// Whether a value without quotes could be taken for something else than text.
pub(super) fn has_a_type(text: &str) -> bool {
    matches!(text, "" | "~" | "true" | "false")
        || text.eq_ignore_ascii_case("null")
        || text.parse::<f64>().is_ok()
}

/// A lower-case word, which nobody would put in quotes; words that some YAML reader takes for a truth are none.
fn word(text: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(plain)
        && !has_a_type(text)
        && !matches!(text, "y" | "n" | "yes" | "no" | "on" | "off")
}

/// Whether text can stand without quotes and is read back as it is.
fn plain(text: &str, in_flow: bool) -> bool {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return false };
    let second = chars.next();
    let starts = match first {
        '-' | '?' | ':' => second.is_some_and(|second| second != ' ' && !(in_flow && flow_mark(second))),
        ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`'
        | ' ' => false,
        _ => true,
    };
    starts
        && text.chars().all(printable)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !(in_flow && (text.contains(flow_mark) || text.contains(":,")))
}

fn flow_mark(c: char) -> bool {
    matches!(c, ',' | '[' | ']' | '{' | '}')
}

/// What may stand as it is: no control characters, no line breaks of any script, no byte order mark.
fn printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}
