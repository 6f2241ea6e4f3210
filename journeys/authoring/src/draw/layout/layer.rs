//! Which column a page stands in: as many turns from the start as the way there is long.
//!
//! Where following the longest way would draw a long snake of what is really a web, the shortest way counts. A column that
//! is full passes pages on to the next, so that a picture is about as wide as a screen and not as tall as a tower.

use std::collections::VecDeque;

use super::{Block, Line, PAGE_WIDTH};

/// Width over height that a picture should have.
const ASPECT: f64 = 1.5;

/// Paper over what stands on it.
const AIR: f64 = 1.35;

/// Space that goes with a page.
const SPACE: f64 = 28.0;

/// The column of every page, from 0 without gaps.
pub(super) fn columns(blocks: &[Block], lines: &[Line]) -> Vec<usize> {
    let next = targets(blocks.len(), lines);
    let shortest = shortest(&next);
    let depth = |ranks: &[usize]| ranks.iter().copied().max().unwrap_or_default();
    let longest = longest(&next);
    let ranks = if depth(&longest) <= 2 * depth(&shortest) + 1 { longest } else { shortest };
    let full = full_at(blocks);
    let wide = columns_wide(blocks, full);
    let mut order: Vec<(usize, usize)> = ranks.iter().copied().zip(0..).collect();
    order.sort_unstable();
    let mut heights: Vec<f64> = Vec::new();
    let mut columns = vec![0; blocks.len()];
    let mut pushed = vec![0; blocks.len()];
    for (rank, page) in order {
        let height = blocks.get(page).map_or(0.0, |block| block.height + SPACE);
        let least = rank.max(pushed.get(page).copied().unwrap_or_default());
        let mut column = least;
        while heights.get(column).is_some_and(|used| *used > 0.0 && used + height > full) {
            column += 1;
        }
        if heights.len() <= column {
            heights.resize(column + 1, 0.0);
        }
        if let Some(used) = heights.get_mut(column) {
            *used += height;
        }
        if let Some(own) = columns.get_mut(page) {
            *own = column;
        }
        // What comes after a page that was passed on is passed on, too, so that lines still run forward.
        for &to in next.get(page).into_iter().flatten() {
            let later = ranks.get(to).is_some_and(|to| *to > rank);
            if let Some(pushed) = pushed.get_mut(to).filter(|_| later) {
                *pushed = (*pushed).max(column + 1);
            }
        }
    }
    fold(columns, wide)
}

/// In a journey more than twice as wide as the paper, columns past its width go back to its left side, as lines of text
/// do; numbers nobody uses are closed up.
fn fold(columns: Vec<usize>, wide: usize) -> Vec<usize> {
    let last = columns.iter().copied().max().unwrap_or_default();
    let wide = if last < 2 * wide { last + 1 } else { wide };
    let folded: Vec<usize> = columns.into_iter().map(|column| column % wide.max(1)).collect();
    let mut used = folded.clone();
    used.sort_unstable();
    used.dedup();
    folded.into_iter().map(|column| used.partition_point(|other| *other < column)).collect()
}

/// The height at which a column is full.
fn full_at(blocks: &[Block]) -> f64 {
    let total: f64 = blocks.iter().map(|block| block.height + SPACE).sum();
    let tallest = blocks.iter().map(|block| block.height + SPACE).fold(0.0, f64::max);
    (total * AIR * PAGE_WIDTH * 1.3 / ASPECT).sqrt().max(tallest)
}

fn columns_wide(blocks: &[Block], full: f64) -> usize {
    let fit = (full * ASPECT / (PAGE_WIDTH * 1.3)).ceil();
    // A short journey is one line, however long that is.
    let least = blocks.len().min(6) as f64;
    (fit * 1.6).max(least) as usize
}

/// Where the choices of every page lead, each page once, in document order.
fn targets(pages: usize, lines: &[Line]) -> Vec<Vec<usize>> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); pages];
    for line in lines.iter().filter(|line| line.to < pages && line.to != line.from) {
        if let Some(own) = next.get_mut(line.from)
            && !own.contains(&line.to)
        {
            own.push(line.to);
        }
    }
    next
}

/// Turns from the first page, on the shortest way. A page no way leads to begins at 0 again.
fn shortest(next: &[Vec<usize>]) -> Vec<usize> {
    let mut ranks: Vec<Option<usize>> = vec![None; next.len()];
    let mut queue = VecDeque::new();
    for root in 0..next.len() {
        if ranks.get(root).is_some_and(Option::is_none) {
            queue.push_back((root, 0));
        }
        while let Some((page, rank)) = queue.pop_front() {
            let Some(own) = ranks.get_mut(page).filter(|own| own.is_none()) else { continue };
            *own = Some(rank);
            queue.extend(next.get(page).into_iter().flatten().map(|to| (*to, rank + 1)));
        }
    }
    ranks.into_iter().map(Option::unwrap_or_default).collect()
}

/// Turns from the first page on the longest way, those that lead back to a page on the same way left out.
fn longest(next: &[Vec<usize>]) -> Vec<usize> {
    let (order, back) = unwound(next);
    let mut ranks = vec![0_usize; next.len()];
    for page in order {
        let rank = ranks.get(page).copied().unwrap_or_default();
        for to in next.get(page).into_iter().flatten() {
            if back.binary_search(&(page, *to)).is_err()
                && let Some(later) = ranks.get_mut(*to)
            {
                *later = (*later).max(rank + 1);
            }
        }
    }
    ranks
}

/// Pages so that every line runs forward, but for those that close a circle, which come sorted.
fn unwound(next: &[Vec<usize>]) -> (Vec<usize>, Vec<(usize, usize)>) {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Never,
        OnTheWay,
        Done,
    }
    let mut seen = vec![Seen::Never; next.len()];
    let (mut done, mut back) = (Vec::new(), Vec::new());
    for root in 0..next.len() {
        let mut way = vec![(root, 0_usize)];
        while let Some((page, turn)) = way.pop() {
            let Some(state) = seen.get_mut(page) else { continue };
            if turn == 0 && *state != Seen::Never {
                continue;
            }
            *state = Seen::OnTheWay;
            match next.get(page).and_then(|targets| targets.get(turn)) {
                Some(&to) => {
                    way.push((page, turn + 1));
                    match seen.get(to) {
                        Some(Seen::Never) => way.push((to, 0)),
                        Some(Seen::OnTheWay) => back.push((page, to)),
                        _ => {}
                    }
                }
                None => {
                    if let Some(state) = seen.get_mut(page) {
                        *state = Seen::Done;
                    }
                    done.push(page);
                }
            }
        }
    }
    done.reverse();
    back.sort_unstable();
    (done, back)
}
