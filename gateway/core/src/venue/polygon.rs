//! Whether a ring of a polygon means something: closed, with an inside, not crossing itself.
//!
//! A ring may touch itself (surveyed outlines do); it may not cross itself, because then inside and outside are
//! anybody's guess. Before: geojson.rs. Next: map.rs.

use geo::Coord;
use geo::kernels::{Kernel, Orientation, RobustKernel};
use rstar::primitives::{GeomWithData, Line};
use rstar::{RTree, RTreeObject};
use turnpage_journeys_expr::{Diagnostic, Span};

/// A position of a ring and where it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Corner {
    pub(super) at: Coord<f64>,
    pub(super) span: Span,
}

/// Pushes what is wrong with a ring.
pub(super) fn check(ring: &[Corner], span: Span, problems: &mut Vec<Diagnostic>) {
    let (Some(first), Some(last)) = (ring.first(), ring.last()) else {
        problems.push(Diagnostic::error(
            "bad-ring",
            span,
            "a ring has at least four positions, this one has none",
        ));
        return;
    };
    if first.at != last.at {
        let problem = Diagnostic::error("open-ring", last.span, "the ring does not end where it began");
        problems.push(problem.with_help(format!("repeat `[{}, {}]` at its end", first.at.x, first.at.y)));
    } else if ring.len() < 4 {
        let message = format!("a ring has at least four positions, this one has {}", ring.len());
        problems.push(Diagnostic::error("bad-ring", span, message));
    } else if let Some(crossing) = crossing(ring) {
        let problem =
            Diagnostic::error("crossing-ring", crossing, "the ring crosses itself on the way from here");
        problems.push(problem.with_help("an outline may touch itself, not cross itself"));
    } else if twice_area(ring) == 0.0 {
        problems.push(Diagnostic::error("bad-ring", first.span, "the ring has no inside"));
    }
}

/// By the shoelace formula, relative to the first corner so that large coordinates lose nothing.
fn twice_area(ring: &[Corner]) -> f64 {
    let origin = ring.first().map_or(Coord { x: 0.0, y: 0.0 }, |corner| corner.at);
    let edges = ring.iter().zip(ring.iter().skip(1));
    edges
        .map(|(a, b)| (a.at.x - origin.x) * (b.at.y - origin.y) - (b.at.x - origin.x) * (a.at.y - origin.y))
        .sum()
}

/// Where the first edge begins that properly crosses another.
fn crossing(ring: &[Corner]) -> Option<Span> {
    let edge = |(ix, (a, b)): (usize, (&Corner, &Corner))| {
        GeomWithData::new(Line::new([a.at.x, a.at.y], [b.at.x, b.at.y]), (ix, a.span))
    };
    let edges: Vec<_> = ring.iter().zip(ring.iter().skip(1)).enumerate().map(edge).collect();
    let tree = RTree::bulk_load(edges.clone());
    edges.iter().find_map(|edge| {
        let others = tree.locate_in_envelope_intersecting(&edge.envelope());
        let crosses = |other: &GeomWithData<Line<[f64; 2]>, (usize, Span)>| {
            other.data.0 > edge.data.0 && properly_cross(edge.geom(), other.geom())
        };
        others.into_iter().any(crosses).then_some(edge.data.1)
    })
}

/// Each line has an end strictly on either side of the other: touching is not crossing.
fn properly_cross(a: &Line<[f64; 2]>, b: &Line<[f64; 2]>) -> bool {
    let side = |line: &Line<[f64; 2]>, point: [f64; 2]| {
        RobustKernel::orient2d(line.from.into(), line.to.into(), point.into())
    };
    let apart = |one: Orientation, other: Orientation| {
        one != other && one != Orientation::Collinear && other != Orientation::Collinear
    };
    apart(side(a, b.from), side(a, b.to)) && apart(side(b, a.from), side(b, a.to))
}
