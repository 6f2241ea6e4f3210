//! Lines cut into links between neighbouring columns, with a lane in every column they cross.

use std::collections::{BTreeMap, BTreeSet};

use super::{Block, Line};

/// Height of a lane.
const LANE: f64 = 6.0;

/// A page or a lane in a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Item {
    pub(super) column: usize,
    pub(super) height: f64,
    /// The page it is, or the page its lane leads to.
    pub(super) page: usize,
    /// It is a lane.
    pub(super) lane: bool,
    /// Its place in its column.
    pub(super) place: usize,
    /// Its top.
    pub(super) y: f64,
}

/// A stretch of lines from the right side of an item to the left side of one in the next column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Link {
    pub(super) left: usize,
    /// Below the top of the left item.
    pub(super) left_y: f64,
    pub(super) right: usize,
    /// Below the top of the right item.
    pub(super) right_y: f64,
    /// The page the lines lead to.
    pub(super) to: usize,
}

/// A line between two pages of one column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bend {
    pub(super) from: usize,
    pub(super) port: f64,
    pub(super) to: usize,
}

#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// Pages first, by their number; then lanes.
    pub(super) items: Vec<Item>,
    /// The items of every column from top to bottom.
    pub(super) columns: Vec<Vec<usize>>,
    pub(super) links: Vec<Link>,
    pub(super) bends: Vec<Bend>,
}

impl Lanes {
    pub(super) fn of(blocks: &[Block], lines: &[Line], columns: &[usize]) -> Self {
        let page = |(page, (block, &column)): (usize, (&Block, &usize))| Item {
            column,
            height: block.height,
            page,
            lane: false,
            place: 0,
            y: 0.0,
        };
        let items: Vec<Item> = blocks.iter().zip(columns).enumerate().map(page).collect();
        let wide = columns.iter().max().map_or(0, |last| last + 1);
        let mut lanes = Self { items, columns: vec![Vec::new(); wide], ..Self::default() };
        let mut cutter = Cutter { blocks, known: BTreeMap::new(), told: BTreeSet::new() };
        for line in lines.iter().filter(|line| line.from != line.to) {
            if let (Some(&from), Some(&to)) = (columns.get(line.from), columns.get(line.to)) {
                cutter.cut(line, from, to, &mut lanes);
            }
        }
        for (index, item) in lanes.items.iter_mut().enumerate() {
            if let Some(column) = lanes.columns.get_mut(item.column) {
                item.place = column.len();
                column.push(index);
            }
        }
        lanes
    }

    /// An item that is known to be there.
    pub(super) fn item(&self, index: usize) -> Item {
        const NOWHERE: Item = Item { column: 0, height: 0.0, page: 0, lane: true, place: 0, y: 0.0 };
        self.items.get(index).copied().unwrap_or(NOWHERE)
    }
}

struct Cutter<'a> {
    blocks: &'a [Block],
    /// Lanes by column, page and whether they run to the left.
    known: BTreeMap<(usize, usize, bool), usize>,
    /// Links by their ends and the port's bits, so that shared stretches are kept once.
    told: BTreeSet<(usize, u64, usize, u64)>,
}

impl Cutter<'_> {
    fn cut(&mut self, line: &Line, from: usize, to: usize, lanes: &mut Lanes) {
        let door = self.blocks.get(line.to).map_or(0.0, |block| block.door);
        if from == to {
            lanes.bends.push(Bend { from: line.from, port: line.port, to: line.to });
            return;
        }
        let back = to < from;
        let (mut at, mut at_y) = (line.from, line.port);
        let between: Vec<usize> =
            if back { (to + 1..from).rev().collect() } else { (from + 1..to).collect() };
        for column in between {
            let lane = *self.known.entry((column, line.to, back)).or_insert_with(|| {
                let page = line.to;
                lanes.items.push(Item { column, height: LANE, page, lane: true, place: 0, y: 0.0 });
                lanes.items.len() - 1
            });
            self.link(back, (at, at_y), (lane, LANE / 2.0), line.to, lanes);
            (at, at_y) = (lane, LANE / 2.0);
        }
        self.link(back, (at, at_y), (line.to, door), line.to, lanes);
    }

    fn link(&mut self, back: bool, from: (usize, f64), onto: (usize, f64), to: usize, lanes: &mut Lanes) {
        let ((left, left_y), (right, right_y)) = if back { (onto, from) } else { (from, onto) };
        if self.told.insert((left, left_y.to_bits(), right, right_y.to_bits())) {
            lanes.links.push(Link { left, left_y, right, right_y, to });
        }
    }
}
