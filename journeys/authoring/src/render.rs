//! A report as the text a person reads: message, file and line, caret, help.
//!
//! Plain output is stable and has no escape sequences; coloured output is the same text with colours. What authors wrote is
//! shown with control characters replaced, so a hostile file cannot drive the terminal.
//!
//! Next: the command line prints it.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use turnpage_journeys_expr::Severity;

use crate::report::{Finding, Report};
use crate::source::Source;

/// Most findings shown in full. A file with more has one cause, and its reader scrolls back to the first.
const SHOWN_MAX: usize = 100;

/// Columns a line may take before it is trimmed around the caret. Fixed, so that plain output does not depend on a terminal.
const WIDTH: usize = 120;

/// The findings one under the other, with a closing line that counts them; empty for an empty report.
pub fn render(report: &Report, colour: bool) -> String {
    if report.is_empty() {
        return String::new();
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(WIDTH);
    let mut text = String::new();
    for finding in report.findings().iter().take(SHOWN_MAX) {
        let Some(source) = report.sources().get(finding.source) else { continue };
        text.push_str(&renderer.render(&[group(source, finding)]));
        text.push_str("\n\n");
    }
    text.push_str(&summary(report));
    text
}

fn group<'a>(source: &'a Source, finding: &'a Finding) -> Group<'a> {
    let diagnostic = &finding.diagnostic;
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    let excerpt = Excerpt::of(&source.text, diagnostic.span.start as usize..diagnostic.span.end as usize);
    let snippet = Snippet::source(excerpt.text)
        .path(source.name.as_str())
        .line_start(excerpt.line)
        .annotation(AnnotationKind::Primary.span(excerpt.span));
    let mut group = title.element(snippet);
    if let Some(note) = &finding.note {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

fn summary(report: &Report) -> String {
    let errors = report.errors();
    let warnings = report.findings().len() - errors;
    let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(count(errors, "error"));
    }
    if warnings > 0 {
        parts.push(count(warnings, "warning"));
    }
    let shown = if report.findings().len() > SHOWN_MAX {
        format!(", the first {SHOWN_MAX} shown")
    } else {
        String::new()
    };
    format!("{}{shown}\n", parts.join(" and "))
}

/// The whole lines a span touches, so that rendering costs what is shown, not what the file holds.
#[derive(Debug, PartialEq, Eq)]
struct Excerpt<'a> {
    text: &'a str,
    /// Of the first line, from 1.
    line: usize,
    /// Within `text`.
    span: Range<usize>,
}

impl<'a> Excerpt<'a> {
    /// A span that leaves the text or splits a character is moved to the nearest place that does not.
    fn of(text: &'a str, span: Range<usize>) -> Self {
        let start = text.floor_char_boundary(span.start);
        let end = text.ceil_char_boundary(span.end.max(start));
        let (before, rest) = text.split_at(start);
        let from = before.rfind('\n').map_or(0, |at| at + 1);
        let inside = end - start;
        let tail = rest.get(inside..).unwrap_or_default();
        let to = end + tail.find('\n').unwrap_or(tail.len());
        let line = 1 + before.bytes().filter(|&byte| byte == b'\n').count();
        Self { text: text.get(from..to).unwrap_or_default(), line, span: start - from..end - from }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use turnpage_journeys_expr::{Diagnostic, Span};

    use super::{Excerpt, SHOWN_MAX, render};
    use crate::report::Report;

    fn check(text: &str, diagnostics: Vec<Diagnostic>, expected: &Expect) {
        expected.assert_eq(&render(&Report::of("parks/heron.yaml", text, diagnostics), false));
    }

    #[test]
    fn an_error_shows_its_line_its_caret_and_its_help() {
        let text = "venue: heron\nadmit: role == \"gest\"\n";
        let wrong = Diagnostic::error("unknown-symbol", Span::new(28, 34), "`gest` is no role here")
            .with_help("did you mean `guest`?");
        check(
            text,
            vec![wrong],
            &expect![[r#"
            error[unknown-symbol]: `gest` is no role here
             --> parks/heron.yaml:2:16
              |
            2 | admit: role == "gest"
              |                ^^^^^^
              |
              = help: did you mean `guest`?

            1 error
        "#]],
        );
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        let text = "title: Café Zürich, zone: hal\n";
        let start = text.find("hal").unwrap() as u32;
        let wrong = Diagnostic::warning("unknown-zone", Span::new(start, start + 3), "no zone `hal`");
        check(
            text,
            vec![wrong],
            &expect![[r#"
            warning[unknown-zone]: no zone `hal`
             --> parks/heron.yaml:1:27
              |
            1 | title: Café Zürich, zone: hal
              |                           ^^^

            1 warning
        "#]],
        );
    }

    #[test]
    fn an_empty_text_has_a_place_too() {
        check(
            "",
            vec![Diagnostic::error("file", Span::default(), "this file is empty")],
            &expect![[r#"
            error[file]: this file is empty
             --> parks/heron.yaml:1:1
              |
            1 |
              | ^

            1 error
        "#]],
        );
    }

    #[test]
    fn control_characters_never_reach_the_terminal() {
        let text = "journey: \u{1b}[31mred\u{7}\n";
        let wrong = Diagnostic::error("name", Span::new(9, 17), "`\u{1b}[31mred` is no name");
        let rendered = render(&Report::of("a.yaml", text, vec![wrong]), false);
        assert!(!rendered.contains(['\u{1b}', '\u{7}']), "{rendered:?}");
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let wrong = Diagnostic::error("key", Span::new(0, 5), "unknown key `venu`");
        let report = Report::of("a.yaml", "venu: x\n", vec![wrong]);
        let coloured = render(&report, true);
        let mut plain = String::new();
        let mut rest = coloured.as_str();
        while let Some((text, escape)) = rest.split_once('\u{1b}') {
            plain.push_str(text);
            rest = escape.split_once('m').unwrap().1;
        }
        plain.push_str(rest);
        assert_ne!(coloured, plain);
        assert_eq!(plain, render(&report, false));
    }

    #[test]
    fn a_flood_is_cut_and_counted() {
        let wrong = Diagnostic::error("key", Span::new(0, 1), "unknown key");
        let rendered = render(&Report::of("a.yaml", "x", vec![wrong; SHOWN_MAX + 7]), false);
        assert_eq!(rendered.matches("unknown key").count(), SHOWN_MAX);
        assert!(rendered.ends_with("107 errors, the first 100 shown\n"), "{rendered}");
    }

    #[test]
    fn spans_that_leave_the_text_are_pulled_in() {
        assert_eq!(Excerpt::of("ab\ncd", 40..50), Excerpt { text: "cd", line: 2, span: 2..2 });
        assert_eq!(Excerpt::of("é", 1..1), Excerpt { text: "é", line: 1, span: 0..2 });
        assert_eq!(Excerpt::of("ab\ncd\nef", 1..4), Excerpt { text: "ab\ncd", line: 1, span: 1..4 });
    }
}
