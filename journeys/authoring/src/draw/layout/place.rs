//! How far down every item stands: as near to what it is linked with as its neighbours in the column allow.
//!
//! Each column is solved exactly by pooling: items that want the same place share the mean of what they want.

use super::lanes::Lanes;

/// Passes to the right and to the left over all columns.
const PASSES: usize = 12;

/// Least space between two pages, between a page and a lane, and between two lanes.
const SPACE: (f64, f64, f64) = (30.0, 14.0, 7.0);

/// How much more a straight lane is worth than a straight way to a page.
const LANE_WEIGHT: f64 = 4.0;

pub(super) fn settle(lanes: &mut Lanes) {
    let wants = Wants::of(lanes);
    for column in 0..lanes.columns.len() {
        solve(lanes, column, |_, _| None);
    }
    for pass in 0..PASSES {
        let wide = lanes.columns.len();
        for step in 0..wide {
            let column = if pass.is_multiple_of(2) { step } else { wide - 1 - step };
            solve(lanes, column, |lanes, index| wants.of_item(lanes, index, pass));
        }
    }
    let top = lanes.items.iter().map(|item| item.y).fold(f64::MAX, f64::min);
    for item in &mut lanes.items {
        item.y -= top;
    }
}

/// For every item, where its links would have its top: the other item, what to add to that one's top, and the weight.
struct Wants {
    left: Vec<Vec<(usize, f64, f64)>>,
    right: Vec<Vec<(usize, f64, f64)>>,
}

impl Wants {
    fn of(lanes: &Lanes) -> Self {
        let none = vec![Vec::new(); lanes.items.len()];
        let mut wants = Self { left: none.clone(), right: none };
        for link in &lanes.links {
            let both = lanes.item(link.left).lane && lanes.item(link.right).lane;
            let weight = if both { LANE_WEIGHT } else { 1.0 };
            if let Some(own) = wants.left.get_mut(link.right) {
                own.push((link.left, link.left_y - link.right_y, weight));
            }
            if let Some(own) = wants.right.get_mut(link.left) {
                own.push((link.right, link.right_y - link.left_y, weight));
            }
        }
        wants
    }

    /// The mean of what one side wants, then of what the other does; of both in the last passes.
    fn of_item(&self, lanes: &Lanes, index: usize, pass: usize) -> Option<(f64, f64)> {
        let last = pass + 4 >= PASSES;
        let rightward = pass.is_multiple_of(2);
        let sides = [(&self.left, last || rightward), (&self.right, last || !rightward)];
        let (mut sum, mut weights) = (0.0, 0.0);
        for (side, _) in sides.iter().filter(|(_, asked)| *asked) {
            for (other, offset, weight) in side.get(index).into_iter().flatten() {
                sum += (lanes.item(*other).y + offset) * weight;
                weights += weight;
            }
        }
        (weights > 0.0).then(|| (sum / weights, weights))
    }
}

/// Items that stand as one block: the sum of what they want, its weight, and how many there are.
struct Pool {
    sum: f64,
    weight: f64,
    items: usize,
}

impl Pool {
    fn mean(&self) -> f64 {
        self.sum / self.weight
    }
}

/// Places a column: tops as near as possible to what is wanted, in order, with space between.
fn solve(lanes: &mut Lanes, column: usize, wanted: impl Fn(&Lanes, usize) -> Option<(f64, f64)>) {
    let Some(items) = lanes.columns.get(column).cloned() else { return };
    let mut pools: Vec<Pool> = Vec::new();
    let mut offsets = Vec::new();
    let mut offset = 0.0;
    let mut above = None;
    for &index in &items {
        let item = lanes.item(index);
        offset += above.map_or(0.0, |above: (f64, bool)| above.0 + space(above.1, item.lane));
        above = Some((item.height, item.lane));
        offsets.push(offset);
        // Without links an item stays where it is, if nobody pushes.
        let (want, weight) = wanted(lanes, index).unwrap_or((item.y, 0.05));
        pools.push(Pool { sum: (want - offset) * weight, weight, items: 1 });
        while let Some(last) = pools.pop() {
            match pools.last_mut() {
                Some(before) if before.mean() >= last.mean() => {
                    before.sum += last.sum;
                    before.weight += last.weight;
                    before.items += last.items;
                }
                _ => {
                    pools.push(last);
                    break;
                }
            }
        }
    }
    let tops = pools.iter().flat_map(|pool| std::iter::repeat_n(pool.mean(), pool.items));
    for ((index, top), offset) in items.into_iter().zip(tops).zip(offsets) {
        if let Some(item) = lanes.items.get_mut(index) {
            item.y = top + offset;
        }
    }
}

fn space(lane_above: bool, lane: bool) -> f64 {
    match (lane_above, lane) {
        (false, false) => SPACE.0,
        (true, true) => SPACE.2,
        _ => SPACE.1,
    }
}
