//! A picture as Graphviz DOT. Graphviz lays it out; every word of the author's stands in an escaped string.

use std::fmt::Write as _;

use super::picture::{self, Arrow, Call, Picture, Row, RowKind};
use super::words;

/// Choices whose words an arrow carries; the rest is counted.
const LABEL_ROWS_MAX: usize = 6;

const HEAD: &str = "  graph [rankdir=TB fontname=\"Helvetica\" labelloc=t nodesep=0.4 ranksep=0.6]
  node [shape=box style=rounded fontname=\"Helvetica\" fontsize=12]
  edge [fontname=\"Helvetica\" fontsize=9]
";

pub(super) fn write(pictures: &[Picture]) -> String {
    let mut text = format!("digraph journeys {{\n{HEAD}");
    for (journey, picture) in pictures.iter().enumerate() {
        let title = format!("{}: {}", quoted_inside(&picture.name), quoted_inside(&picture.about));
        let _ =
            writeln!(text, "  subgraph cluster_{journey} {{\n  label=\"{title}\" style=rounded color=gray");
        pages(&mut text, journey, picture);
        for Arrow { from, to, rows } in picture.arrows() {
            let _ = writeln!(text, "  j{journey}p{from} -> j{journey}p{to} [label=\"{}\"]", label_of(&rows));
        }
        text.push_str("  }\n");
    }
    calls(&mut text, pictures);
    text.push_str("}\n");
    text
}

fn pages(text: &mut String, journey: usize, picture: &Picture) {
    for (index, page) in picture.pages.iter().enumerate() {
        let id = format!("j{journey}p{index}");
        let mut label = quoted_inside(&page.name);
        if let Some(called) = &page.calls {
            let _ = write!(label, "\\ncalls {}", quoted_inside(called));
        }
        for row in page.rows.iter().filter(|row| row.kind == RowKind::Note) {
            let _ = write!(label, "\\n{}", quoted_inside(&words::said(row)));
        }
        let look = match () {
            () if page.missing => " style=\"rounded,dashed\" color=red fontcolor=red",
            () if page.calls.is_some() => " shape=component style=\"\"",
            () if page.end => " peripheries=2",
            () if page.start => " penwidth=2.5",
            () => "",
        };
        let _ = writeln!(text, "  {id} [label=\"{label}\"{look}]");
        if page.start {
            let _ = writeln!(text, "  {id}s [shape=point width=0.15 label=\"\"]\n  {id}s -> {id}");
        }
        let entries: Vec<&Row> = page.rows.iter().filter(|row| row.kind == RowKind::Entry).collect();
        if !entries.is_empty() {
            let label = label_of(&entries);
            let _ = writeln!(text, "  {id}a [shape=plaintext label=\"anywhere\"]");
            let _ = writeln!(text, "  {id}a -> {id} [style=dashed label=\"{label}\"]");
        }
    }
}

/// Dotted arrows from a calling page to the start of the journey it calls.
fn calls(text: &mut String, pictures: &[Picture]) {
    for Call { from: (journey, page), to: (other, start) } in picture::calls(pictures) {
        let _ = writeln!(text, "  j{journey}p{page} -> j{other}p{start} [style=dotted label=calls]");
    }
}

fn label_of(rows: &[&Row]) -> String {
    words::label(rows, LABEL_ROWS_MAX, quoted_inside).join("\\n")
}

/// The inside of a quoted string. A backslash is doubled, so that no author's `\N` becomes Graphviz's; an ampersand would
/// begin an entity.
fn quoted_inside(text: &str) -> String {
    let mut inside = String::new();
    for c in text.chars() {
        match c {
            '\\' => inside.push_str("\\\\"),
            '"' => inside.push_str("\\\""),
            '&' => inside.push_str("&amp;"),
            c => inside.push(c),
        }
    }
    inside
}
