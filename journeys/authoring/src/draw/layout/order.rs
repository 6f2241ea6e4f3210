//! What stands above what in a column: sweeps that move every item to the middle of what it is linked with, of which the
//! one with the fewest crossings is kept.

use super::lanes::Lanes;

/// Sweeps to the right and back. More no longer change what people see.
const SWEEPS: usize = 10;

/// Links past which crossings are no longer counted and the last sweep is kept: nobody counts them on paper either.
const COUNTED_MAX: usize = 20_000;

pub(super) fn settle(lanes: &mut Lanes) {
    let neighbours = Neighbours::of(lanes);
    let mut best = (crossings(lanes), lanes.columns.clone());
    for sweep in 0..SWEEPS {
        let wide = lanes.columns.len();
        for step in 0..wide {
            let column = if sweep.is_multiple_of(2) { step } else { wide - 1 - step };
            let side = if sweep.is_multiple_of(2) { &neighbours.left } else { &neighbours.right };
            sort(lanes, column, side);
        }
        let now = crossings(lanes);
        // Later is better when equal: it has been straightened more often.
        if now <= best.0 {
            best = (now, lanes.columns.clone());
        }
    }
    lanes.columns = best.1;
    for column in 0..lanes.columns.len() {
        number(lanes, column);
    }
}

/// What every item is linked with on either side: the other item, and how far down it as a share of its height.
struct Neighbours {
    left: Vec<Vec<(usize, f64)>>,
    right: Vec<Vec<(usize, f64)>>,
}

impl Neighbours {
    fn of(lanes: &Lanes) -> Self {
        let none = vec![Vec::new(); lanes.items.len()];
        let mut neighbours = Self { left: none.clone(), right: none };
        let share = |index: usize, y: f64| (index, y / lanes.item(index).height.max(1.0));
        for link in &lanes.links {
            if let Some(own) = neighbours.left.get_mut(link.right) {
                own.push(share(link.left, link.left_y));
            }
            if let Some(own) = neighbours.right.get_mut(link.left) {
                own.push(share(link.right, link.right_y));
            }
        }
        neighbours
    }
}

/// Sorts a column by the middle of each item's neighbours. What has none keeps its place.
fn sort(lanes: &mut Lanes, column: usize, neighbours: &[Vec<(usize, f64)>]) {
    let Some(items) = lanes.columns.get(column) else { return };
    let middle = |index: usize| {
        let own = neighbours.get(index).filter(|own| !own.is_empty())?;
        let sum: f64 = own.iter().map(|(other, share)| lanes.item(*other).place as f64 + share).sum();
        Some(sum / own.len() as f64)
    };
    let mut keyed: Vec<(f64, usize)> = items
        .iter()
        .enumerate()
        .map(|(place, index)| (middle(*index).unwrap_or(place as f64), *index))
        .collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    if let Some(items) = lanes.columns.get_mut(column) {
        *items = keyed.into_iter().map(|(_, index)| index).collect();
    }
    number(lanes, column);
}

fn number(lanes: &mut Lanes, column: usize) {
    for (place, index) in lanes.columns.get(column).into_iter().flatten().enumerate() {
        if let Some(item) = lanes.items.get_mut(*index) {
            item.place = place;
        }
    }
}

/// Pairs of links that cross, over all gaps; 0 where they are too many to be counted.
fn crossings(lanes: &Lanes) -> u64 {
    if lanes.links.len() > COUNTED_MAX {
        return 0;
    }
    let mut gaps: Vec<Vec<(f64, f64)>> = vec![Vec::new(); lanes.columns.len()];
    for link in &lanes.links {
        let (left, right) = (lanes.item(link.left), lanes.item(link.right));
        let end = |place: usize, y: f64, height: f64| place as f64 + y / height.max(1.0);
        if let Some(gap) = gaps.get_mut(left.column) {
            gap.push((
                end(left.place, link.left_y, left.height),
                end(right.place, link.right_y, right.height),
            ));
        }
    }
    gaps.iter_mut().map(|gap| inversions(gap)).sum()
}

/// Pairs whose left ends and right ends are in opposite order, counted by merging.
fn inversions(links: &mut [(f64, f64)]) -> u64 {
    links.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut ends: Vec<f64> = links.iter().map(|link| link.1).collect();
    count(&mut ends)
}

fn count(ends: &mut [f64]) -> u64 {
    if ends.len() < 2 {
        return 0;
    }
    let (left, right) = ends.split_at_mut(ends.len() / 2);
    let mut crossed = count(left) + count(right);
    let mut later = right.iter().peekable();
    let mut merged = Vec::with_capacity(left.len() + later.len());
    for (done, end) in left.iter().enumerate() {
        while let Some(other) = later.next_if(|other| **other < *end) {
            crossed += (left.len() - done) as u64;
            merged.push(*other);
        }
        merged.push(*end);
    }
    merged.extend(later);
    ends.copy_from_slice(&merged);
    crossed
}
