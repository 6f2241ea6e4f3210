//! Where pages stand on paper and how the lines between them run.
//!
//! Pages stand in columns of one width, and a line leaves a page beside the row it belongs to. Lines bend only in the gaps
//! between columns and cross a column in a lane of its own, so no line ever touches text. All lines to one page share
//! their lanes: sixty pages that turn back to the first are one line, not sixty.
//!
//! Order of reading: `layer` (page to column), `lanes` (lines to links between neighbouring columns), `order` (what
//! stands above what), `place` (how far down). Every step is a fixed number of passes over pages and links.
//! No font, colour or escape is known here. Before: `svg`, which measures the pages. Next: `svg` again, which draws.

mod lanes;
mod layer;
mod order;
mod place;

use lanes::Lanes;

/// Width of every page.
pub(super) const PAGE_WIDTH: f64 = 330.0;

/// Least space between two columns.
const GAP_MIN: f64 = 64.0;

/// Most space between two columns, whatever runs there.
const GAP_MAX: f64 = 170.0;

/// What a gap grows by for each line in it.
const GAP_LINE: f64 = 4.0;

/// A page to be placed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Block {
    pub(super) height: f64,
    /// Where lines come in, below its top.
    pub(super) door: f64,
}

/// A line from a row of a page to another page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line {
    pub(super) from: usize,
    /// Where it leaves, below the page's top.
    pub(super) port: f64,
    pub(super) to: usize,
}

/// Which side of its page a line leaves on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// A piece of a line, with the page it leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Piece {
    /// Through a gap.
    Curve { from: (f64, f64), to: (f64, f64), page: usize },
    /// Across a column.
    Lane { from: f64, to: f64, y: f64, page: usize },
    /// Out of a page and into another of the same column, through the gap to its right.
    Bend { x: f64, from: f64, to: f64, reach: f64, page: usize },
}

/// Pages and lines with their places.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    /// The upper left corner of every page.
    pub(super) corners: Vec<(f64, f64)>,
    /// The column of every page.
    pub(super) columns: Vec<usize>,
    pub(super) pieces: Vec<Piece>,
    /// Where lines come in: the page and its side, each once.
    pub(super) doors: Vec<(usize, Side)>,
}

impl Layout {
    /// The side on which lines between two pages leave the first: left only for a column further left.
    pub(super) fn side(&self, from: usize, to: usize) -> Side {
        if self.columns.get(to) < self.columns.get(from) { Side::Left } else { Side::Right }
    }
}

/// Places pages and lines. Lines to their own page, or from or to a page that is not there, are left out.
pub(super) fn layout(blocks: &[Block], lines: &[Line]) -> Layout {
    let columns = layer::columns(blocks, lines);
    let mut lanes = Lanes::of(blocks, lines, &columns);
    order::settle(&mut lanes);
    place::settle(&mut lanes);
    Layout { columns, ..draw(blocks, &lanes) }
}

fn draw(blocks: &[Block], lanes: &Lanes) -> Layout {
    let xs = column_lefts(lanes);
    let x = |column: usize| xs.get(column).copied().unwrap_or_default();
    let mut layout = Layout::default();
    for page in 0..blocks.len() {
        let item = lanes.item(page);
        layout.corners.push((x(item.column), item.y));
    }
    for link in &lanes.links {
        let (left, right) = (lanes.item(link.left), lanes.item(link.right));
        let from = (x(left.column) + PAGE_WIDTH, left.y + link.left_y);
        let to = (x(right.column), right.y + link.right_y);
        layout.pieces.push(Piece::Curve { from, to, page: link.to });
        if link.right == link.to {
            layout.doors.push((link.to, Side::Left));
        } else if link.left == link.to {
            layout.doors.push((link.to, Side::Right));
        }
    }
    for item in lanes.items.iter().skip(blocks.len()) {
        let (from, y) = (x(item.column), item.y + item.height / 2.0);
        layout.pieces.push(Piece::Lane { from, to: from + PAGE_WIDTH, y, page: item.page });
    }
    for bend in &lanes.bends {
        let (from, to) = (lanes.item(bend.from), lanes.item(bend.to));
        let door = blocks.get(bend.to).map_or(0.0, |block| block.door);
        let (from_y, to_y) = (from.y + bend.port, to.y + door);
        let reach = ((from_y - to_y).abs() * 0.12 + 26.0).min(GAP_MIN * 1.1);
        let x = x(from.column) + PAGE_WIDTH;
        layout.pieces.push(Piece::Bend { x, from: from_y, to: to_y, reach, page: bend.to });
        layout.doors.push((bend.to, Side::Right));
    }
    layout.doors.sort_by_key(|(page, side)| (*page, *side == Side::Right));
    layout.doors.dedup();
    let bottom = lanes.items.iter().map(|item| item.y + item.height);
    layout.height = bottom.fold(0.0, f64::max);
    layout.width = xs.last().copied().unwrap_or_default() + PAGE_WIDTH;
    // Lines that bend to the right of the last column need room there.
    let last = lanes.columns.len().saturating_sub(1);
    if lanes.bends.iter().any(|bend| lanes.item(bend.from).column == last) {
        layout.width += GAP_MIN;
    }
    layout
}

/// The left side of every column.
fn column_lefts(lanes: &Lanes) -> Vec<f64> {
    let mut lines_in = vec![0_u32; lanes.columns.len()];
    let ends = lanes.links.iter().map(|link| lanes.item(link.left).column);
    for column in ends.chain(lanes.bends.iter().map(|bend| lanes.item(bend.from).column)) {
        if let Some(count) = lines_in.get_mut(column) {
            *count += 1;
        }
    }
    let mut x = 0.0;
    let mut lefts = Vec::new();
    for count in lines_in {
        lefts.push(x);
        x += PAGE_WIDTH + (GAP_MIN + GAP_LINE * f64::from(count)).min(GAP_MAX);
    }
    lefts
}
