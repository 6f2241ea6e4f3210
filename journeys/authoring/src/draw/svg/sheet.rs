//! One page as a box: its name, what it calls, and a row for every way in and every choice.
//!
//! Measured before it is placed and written after, from the same lines of text.

use std::fmt::Write as _;

use super::style;
use super::text::{Font, escape, number, put, width, wrap};
use crate::draw::layout::{Block, Layout, Line, PAGE_WIDTH, Side};
use crate::draw::picture::{Page, Picture, Row, RowKind, Sort};

/// Where text begins, from the left side: marks stand before it.
const TEXT_LEFT: f64 = 30.0;
const TEXT_RIGHT: f64 = 14.0;
const ROOM: f64 = PAGE_WIDTH - TEXT_LEFT - TEXT_RIGHT;

/// Lines of a guard that are shown; pointing at it shows the rest.
const WHEN_LINES_MAX: usize = 4;

/// Rows of a page that are shown: more than a journey that compiles can have.
const ROWS_MAX: usize = 300;

const HEADER: f64 = 34.0;
const LINE: f64 = 16.0;
const PILL: f64 = 22.0;
const PAD: f64 = 8.0;

pub(super) struct Sheet<'a> {
    page: &'a Page,
    title: Vec<String>,
    rows: Vec<RowSheet<'a>>,
    height: f64,
}

struct RowSheet<'a> {
    row: &'a Row,
    when: Vec<String>,
    pills: Vec<Pill>,
    /// Name and number of the page it turns to.
    to: Option<(String, usize)>,
    /// The same page's whole name.
    leads: Option<String>,
    /// Below the top of the page.
    top: f64,
    height: f64,
}

/// A deed in its coloured field, placed in its row.
struct Pill {
    sort: Sort,
    text: String,
    x: f64,
    /// Which line of pills.
    line: usize,
}

impl<'a> Sheet<'a> {
    pub(super) fn of(page: &'a Page, picture: &Picture) -> Self {
        let title = wrap(&page.name, ROOM, Font::Strong, 3);
        let mut top = HEADER + 18.0 * title.len().saturating_sub(1) as f64;
        if page.calls.is_some() {
            top += 20.0;
        }
        let mut rows = Vec::new();
        for row in page.rows.iter().take(ROWS_MAX) {
            let row = RowSheet::of(row, picture, top);
            top += row.height;
            rows.push(row);
        }
        let noted = page.missing || page.rows.len() > ROWS_MAX || page.rows.is_empty();
        let height = if noted { top + 22.0 } else { top };
        Self { page, title, rows, height }
    }

    pub(super) fn block(&self) -> Block {
        Block { height: self.height, door: HEADER / 2.0 }
    }

    /// The lines that leave this page, row by row.
    pub(super) fn lines(&self, from: usize) -> impl Iterator<Item = Line> {
        self.rows.iter().filter_map(move |row| {
            let (_, to) = row.to.as_ref().filter(|(_, to)| *to != from)?;
            Some(Line { from, port: row.top + row.height - PAD - LINE / 2.0 + 2.0, to: *to })
        })
    }

    /// Writes page `own` at a place.
    pub(super) fn write(&self, svg: &mut String, own: usize, (x, y): (f64, f64), layout: &Layout) {
        let hue = own % super::HUES;
        let _ = writeln!(svg, "<g data-page=\"{}\">", escape(&self.page.name));
        let header = self.frame(svg, hue, (x, y));
        if let Some(called) = &self.page.calls {
            style::mark(svg, style::MARK_CALL, (x + 11.0, y + header + 6.0));
            let called = wrap(&format!("calls {called}"), ROOM, Font::Small, 1).join("");
            put(svg, "to", (x + TEXT_LEFT, y + header + 10.0), &called);
        }
        for row in &self.rows {
            row.write(svg, own, (x, y), layout);
        }
        let hidden = self.page.rows.len().saturating_sub(ROWS_MAX);
        let last = (x + TEXT_LEFT, y + self.height - 9.0);
        match () {
            () if self.page.missing => put(svg, "losttext", last, "no such page"),
            () if hidden > 0 => put(svg, "note", last, &format!("and {hidden} more")),
            () if self.page.rows.is_empty() => put(svg, "note", last, "the end"),
            () => {}
        }
        svg.push_str("</g>\n");
    }

    /// The box with its name; gives the height of the header.
    fn frame(&self, svg: &mut String, hue: usize, (x, y): (f64, f64)) -> f64 {
        let n = number;
        let header = HEADER + 18.0 * self.title.len().saturating_sub(1) as f64;
        let look = match () {
            () if self.page.missing => "box lost".to_owned(),
            () if self.page.start => format!("box start s{hue}"),
            () => "box".to_owned(),
        };
        let (px, py, width, height) = (n(x), n(y), n(PAGE_WIDTH), n(self.height));
        let _ = writeln!(
            svg,
            "<rect class=\"{look}\" x=\"{px}\" y=\"{py}\" width=\"{width}\" height=\"{height}\" rx=\"9\"/>"
        );
        if self.page.end {
            let (ix, iy) = (n(x + 3.5), n(y + 3.5));
            let (width, height) = (n(PAGE_WIDTH - 7.0), n(self.height - 7.0));
            let _ = writeln!(
                svg,
                "<rect class=\"mark\" x=\"{ix}\" y=\"{iy}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>"
            );
        }
        let (right, low) = (n(PAGE_WIDTH - 18.0), n(header - 9.0));
        let _ = writeln!(
            svg,
            "<path class=\"f{hue} tint\" d=\"M{px} {}v-{low}a9 9 0 0 1 9 -9h{right}a9 9 0 0 1 9 9v{low}z\"/>",
            n(y + header)
        );
        for (index, line) in self.title.iter().enumerate() {
            put(svg, "page", (x + TEXT_LEFT, y + 22.0 + 18.0 * index as f64), line);
        }
        if self.page.start {
            style::mark(svg, style::MARK_START, (x + 12.0, y + 17.0));
        } else if self.page.end {
            style::mark(svg, style::MARK_END, (x + 12.0, y + 17.0));
        }
        header
    }
}

impl<'a> RowSheet<'a> {
    fn of(row: &'a Row, picture: &Picture, top: f64) -> Self {
        let when = match row.kind {
            RowKind::Alternative => vec!["or".to_owned()],
            RowKind::Choosing => {
                wrap(&format!("{}, what works best:", row.when), ROOM, Font::Mono, WHEN_LINES_MAX)
            }
            _ => wrap(&row.when, ROOM, Font::Mono, WHEN_LINES_MAX),
        };
        let pills = pills(row);
        let name = |to: usize| picture.pages.get(to).map_or("", |page| page.name.as_str());
        let short = |to: usize| wrap(name(to), ROOM - 20.0, Font::Strong, 1).join("");
        let to = row.to.map(|to| (short(to), to));
        let pill_lines = pills.last().map_or(0, |pill| pill.line + 1);
        let mut height = PAD * 2.0 + LINE * when.len() as f64 + PILL * pill_lines as f64;
        if to.is_some() {
            height += LINE + 2.0;
        }
        let leads = row.to.map(|to| name(to).to_owned());
        Self { row, when, pills, to, leads, top, height }
    }

    fn write(&self, svg: &mut String, own: usize, (x, y): (f64, f64), layout: &Layout) {
        let top = y + self.top;
        let (left, line) = (number(x), number(top));
        let turn = self.row.choice.zip(self.leads.as_ref());
        let turn = turn.map(|(choice, to)| format!(" data-choice=\"{choice}\" data-to=\"{}\"", escape(to)));
        let _ = write!(svg, "<g{}><title>{}</title>", turn.unwrap_or_default(), escape(&self.whole()));
        if self.row.kind != RowKind::Alternative {
            let _ = write!(svg, "<path class=\"rule\" d=\"M{left} {line}h{}\"/>", number(PAGE_WIDTH));
        }
        svg.push('\n');
        style::mark(svg, self.mark(), (x + 11.0, top + PAD + LINE / 2.0));
        let mut below = top + PAD;
        for line in &self.when {
            put(svg, "when", (x + TEXT_LEFT, below + 12.0), line);
            below += LINE;
        }
        for pill in &self.pills {
            pill.write(svg, (x + TEXT_LEFT, below + 3.0));
        }
        if let Some((name, to)) = &self.to {
            let base = top + self.height - PAD - 2.0;
            let class = format!("to f{}", to % super::HUES);
            // Where the line leaves, the name stands.
            let (class, x, words) = match layout.side(own, *to) {
                _ if *to == own => (format!("{class} end"), x + PAGE_WIDTH - 12.0, "to itself".to_owned()),
                Side::Left => (class, x + 12.0, format!("← {name}")),
                Side::Right => (format!("{class} end"), x + PAGE_WIDTH - 12.0, format!("{name} →")),
            };
            put(svg, &class, (x, base), &words);
        }
        svg.push_str("</g>\n");
    }

    fn mark(&self) -> &'static str {
        match self.row.kind {
            RowKind::Entry => style::MARK_ENTRY,
            RowKind::Note => style::MARK_NOTE,
            RowKind::Choosing => style::MARK_TURN,
            RowKind::Choice | RowKind::Alternative if self.to.is_some() => style::MARK_TURN,
            RowKind::Choice | RowKind::Alternative => style::MARK_STAY,
        }
    }

    /// What is shown when somebody points at the row.
    fn whole(&self) -> String {
        let deeds = self.row.does.iter().map(|deed| deed.text.as_str());
        let to = self.to.iter().map(|(name, _)| format!("turn to {name}"));
        let lines = std::iter::once(self.row.when.clone()).chain(deeds.map(str::to_owned)).chain(to);
        lines.collect::<Vec<String>>().join("\n")
    }
}

impl Pill {
    fn write(&self, svg: &mut String, (x, y): (f64, f64)) {
        let class = match self.sort {
            Sort::Offer => 0,
            Sort::Outcome => 1,
            Sort::Staff => 2,
            Sort::Memory => 3,
        };
        let (x, y) = (x + self.x, y + PILL * self.line as f64);
        let (left, top, wide) = (number(x), number(y), number(width(&self.text, Font::Small) + 14.0));
        let _ = writeln!(
            svg,
            "<rect class=\"p{class}\" x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"18\" rx=\"9\"/>"
        );
        put(svg, &format!("t{class}"), (x + 7.0, y + 13.0), &self.text);
    }
}

/// What a row does, beside each other while there is room.
fn pills(row: &Row) -> Vec<Pill> {
    let (mut x, mut line) = (0.0, 0);
    let mut pills = Vec::new();
    for deed in &row.does {
        let text = wrap(&deed.text, ROOM - 16.0, Font::Small, 1).join("");
        let wide = width(&text, Font::Small) + 14.0;
        if x > 0.0 && x + wide > ROOM {
            x = 0.0;
            line += 1;
        }
        pills.push(Pill { sort: deed.sort, text, x, line });
        x += wide + 6.0;
    }
    pills
}
