//! A picture as a Mermaid flowchart. Mermaid lays it out; here it is only said, every word of the author's escaped.
//!
//! Pages have ids of their own (`j0p3`), so no name can collide with a keyword. Choices between the same two pages share
//! one arrow.

use std::fmt::Write as _;

use super::picture::{self, Arrow, Call, Picture, Row, RowKind};
use super::words;

/// Choices whose words an arrow carries; the rest is counted.
const LABEL_ROWS_MAX: usize = 4;

pub(super) fn write(pictures: &[Picture]) -> String {
    let mut text = String::from("flowchart TD\n");
    let several = pictures.len() > 1;
    for (journey, picture) in pictures.iter().enumerate() {
        let title = format!("{}: {}", escape(&picture.name), escape(&picture.about));
        if several {
            let _ = writeln!(text, "  subgraph j{journey}[\"{title}\"]");
        } else {
            let _ = writeln!(text, "  %% {}", title.replace(['{', '}'], ""));
        }
        pages(&mut text, journey, picture);
        arrows(&mut text, journey, picture);
        if several {
            text.push_str("  end\n");
        }
    }
    calls(&mut text, pictures);
    text.push_str("  classDef start stroke-width:3px\n");
    text.push_str("  classDef missing stroke:#c00,stroke-dasharray:4 3\n");
    text
}

fn pages(text: &mut String, journey: usize, picture: &Picture) {
    for (index, page) in picture.pages.iter().enumerate() {
        let mut label = escape(&page.name);
        if page.missing {
            label.push_str("<br/>(no such page)");
        }
        if let Some(called) = &page.calls {
            let _ = write!(label, "<br/>calls {}", escape(called));
        }
        let id = format!("j{journey}p{index}");
        // An end is a double circle's stadium, a page that calls has the bars of a subroutine.
        let _ = match () {
            () if page.calls.is_some() => writeln!(text, "  {id}[[\"{label}\"]]"),
            () if page.end => writeln!(text, "  {id}([\"{label}\"])"),
            () => writeln!(text, "  {id}(\"{label}\")"),
        };
        if page.missing {
            let _ = writeln!(text, "  class {id} missing");
        } else if page.start {
            let _ = writeln!(text, "  {id}s((\" \")) --> {id}\n  class {id} start");
        }
        let entries: Vec<&Row> = page.rows.iter().filter(|row| row.kind == RowKind::Entry).collect();
        if !entries.is_empty() {
            let label = label_of(&entries);
            let _ = writeln!(text, "  {id}a>\"anywhere\"] -. \"{label}\" .-> {id}");
        }
        let notes: Vec<&Row> = page.rows.iter().filter(|row| row.kind == RowKind::Note).collect();
        if !notes.is_empty() {
            let _ = writeln!(text, "  {id}n[/\"{}\"/] -.- {id}", label_of(&notes));
        }
    }
}

fn arrows(text: &mut String, journey: usize, picture: &Picture) {
    for Arrow { from, to, rows } in picture.arrows() {
        let _ = writeln!(text, "  j{journey}p{from} -- \"{}\" --> j{journey}p{to}", label_of(&rows));
    }
}

/// Dotted arrows from a calling page to the start of the journey it calls.
fn calls(text: &mut String, pictures: &[Picture]) {
    for Call { from: (journey, page), to: (other, start) } in picture::calls(pictures) {
        let _ = writeln!(text, "  j{journey}p{page} -. calls .-> j{other}p{start}");
    }
}

fn label_of(rows: &[&Row]) -> String {
    words::label(rows, LABEL_ROWS_MAX, escape).join("<br/>")
}

/// Letters, digits and harmless marks stay; everything else becomes its number, which Mermaid shows and never reads.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        let plain = c.is_alphanumeric() || matches!(c, ' ' | '.' | ',' | ':' | '-' | '_' | '…' | '“' | '”');
        if plain {
            escaped.push(c);
        } else {
            let _ = write!(escaped, "#{};", u32::from(c));
        }
    }
    escaped
}
