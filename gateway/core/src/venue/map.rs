//! Where coordinates are: zones found by R-tree and point-in-polygon, distances in metres.
//!
//! Geometry only: what a subject's way through zones means is decided in enrich/presence.rs. Coordinates are
//! projected once onto a plane around the venue (equirectangular), which keeps straight edges straight and is off
//! by less than a metre over the few kilometres of a venue. Next: enrich.rs.

use std::collections::BTreeMap;

use geo::{
    Area, BoundingRect, Centroid, Contains, Coord, Distance, Euclidean, InteriorPoint, Intersects, MapCoords,
    MultiPolygon, Point,
};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::{Mount, Venue, Zone};
use crate::id::{NodeId, ZoneIx, ZoneName};

/// Metres in a degree of latitude (IUGG mean earth radius).
const METRES_A_DEGREE: f64 = 6_371_008.8 * std::f64::consts::PI / 180.0;
/// What a storey of difference adds to a distance, in metres: about the way to a staircase and up.
const STOREY_M: f64 = 25.0;

/// A point with an optional storey.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spot {
    /// Degrees east of Greenwich.
    pub lon: f64,
    /// Degrees north of the equator.
    pub lat: f64,
    /// The storey, where known.
    pub level: Option<i16>,
}

/// A venue's zones, ready to be asked about places.
#[derive(Clone, Debug)]
pub struct Map {
    plane: Plane,
    shapes: Vec<Option<Shape>>,
    tree: RTree<GeomWithData<Rectangle<[f64; 2]>, u16>>,
    /// For each zone and each kind, the zone of that kind nearest to the zone's middle.
    nearest: Vec<Vec<Option<Near>>>,
    by_kind: Vec<Vec<ZoneIx>>,
    names: BTreeMap<ZoneName, ZoneIx>,
    mounts: BTreeMap<NodeId, Mount>,
    /// How late nodes may come that have a bound of their own.
    lates: BTreeMap<NodeId, i64>,
    /// Nodes whose sightings say on which channel somebody is present.
    channels: BTreeMap<NodeId, usize>,
}

/// The nearest zone of a kind.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Near {
    /// Which zone.
    pub zone: ZoneIx,
    /// How far its edge is, in metres; 0 inside. `None` where the map does not say.
    pub metres: Option<f64>,
}

#[derive(Clone, Debug)]
struct Shape {
    /// In metres on the venue's plane.
    outline: MultiPolygon<f64>,
    /// A point that is surely inside, even in a crescent.
    middle: Point<f64>,
    area: f64,
    level: i16,
}

/// Degrees to metres around a point of the venue.
#[derive(Clone, Copy, Debug)]
struct Plane {
    lon: f64,
    lat: f64,
    east: f64,
}

impl Plane {
    fn around(zones: &[Zone]) -> Self {
        let boxes = zones.iter().filter_map(|zone| zone.shape.as_ref()?.bounding_rect());
        let whole = boxes.reduce(|a, b| {
            let (low, high) = (a.min(), a.max());
            geo::Rect::new(
                Coord { x: low.x.min(b.min().x), y: low.y.min(b.min().y) },
                Coord { x: high.x.max(b.max().x), y: high.y.max(b.max().y) },
            )
        });
        let middle = whole.map_or(Coord { x: 0.0, y: 0.0 }, |whole| whole.center());
        Self { lon: middle.x, lat: middle.y, east: middle.y.to_radians().cos() * METRES_A_DEGREE }
    }

    fn project(&self, at: Coord<f64>) -> Coord<f64> {
        Coord { x: (at.x - self.lon) * self.east, y: (at.y - self.lat) * METRES_A_DEGREE }
    }

    fn point(&self, spot: &Spot) -> Point<f64> {
        Point(self.project(Coord { x: spot.lon, y: spot.lat }))
    }
}

impl Map {
    /// The map of a venue.
    #[must_use]
    pub fn new(venue: &Venue) -> Self {
        let mounts = venue.nodes.iter().map(|node| (node.id, node.mount)).collect();
        let lates = venue.nodes.iter().filter_map(|node| Some((node.id, node.late_ms?))).collect();
        let channels = venue.nodes.iter().filter_map(|node| Some((node.id, node.channel?))).collect();
        Self { mounts, lates, channels, ..Self::of(&venue.zones, venue.kinds.len()) }
    }

    /// The map of these zones, while the nodes are still being read; `kinds` is how many kinds there are.
    pub(super) fn of(zones: &[Zone], kinds: usize) -> Self {
        let plane = Plane::around(zones);
        let shapes: Vec<_> = zones.iter().map(|zone| Shape::of(zone, plane)).collect();
        let boxes = shapes.iter().enumerate().filter_map(|(ix, shape)| {
            let bounds = shape.as_ref()?.outline.bounding_rect()?;
            let corners = Rectangle::from_corners(bounds.min().into(), bounds.max().into());
            Some(GeomWithData::new(corners, u16::try_from(ix).ok()?))
        });
        let tree = RTree::bulk_load(boxes.collect());
        let mut by_kind = vec![Vec::new(); kinds];
        for (ix, zone) in (0..).map(ZoneIx).zip(zones) {
            if let Some(of_kind) = by_kind.get_mut(zone.kind) {
                of_kind.push(ix);
            }
        }
        let names = (0..).map(ZoneIx).zip(zones).map(|(ix, zone)| (zone.id.clone(), ix)).collect();
        let mut map = Self {
            plane,
            shapes,
            tree,
            nearest: Vec::new(),
            by_kind,
            names,
            mounts: BTreeMap::new(),
            lates: BTreeMap::new(),
            channels: BTreeMap::new(),
        };
        map.nearest = (0..)
            .map(ZoneIx)
            .zip(zones)
            .map(|(ix, _)| (0..kinds).map(|kind| map.search(None, Some(ix), kind)).collect())
            .collect();
        map
    }

    /// The zone of an id.
    #[must_use]
    pub fn zone(&self, id: &str) -> Option<ZoneIx> {
        self.names.get(id).copied()
    }

    /// Where a node is mounted, if the venue has it.
    #[must_use]
    pub fn mount(&self, node: NodeId) -> Option<Mount> {
        self.mounts.get(&node).copied()
    }

    /// How late what a node observed may come and still be acted on, in milliseconds, where the venue says so.
    pub(crate) fn late_ms(&self, node: NodeId) -> Option<i64> {
        self.lates.get(&node).copied()
    }

    /// The channel that whoever a node sees is present on, if it is a kiosk or the like: a place in the venue's channels.
    pub(crate) fn channel(&self, node: NodeId) -> Option<usize> {
        self.channels.get(&node).copied()
    }

    /// The zone that a spot is in. Where zones overlap, one on the spot's storey goes before others, then one
    /// nearer to the ground, then the smaller, then the earlier in the file. A boundary belongs to its zone.
    #[must_use]
    pub fn locate(&self, spot: &Spot) -> Option<ZoneIx> {
        let point = self.plane.point(spot);
        let at = AABB::from_point([point.x(), point.y()]);
        let candidates = self.tree.locate_in_envelope_intersecting(&at).filter_map(|found| {
            let shape = self.shape(ZoneIx(found.data))?;
            let elsewhere = spot.level.is_some_and(|level| level != shape.level);
            (!elsewhere && shape.outline.intersects(&point)).then_some((found.data, shape))
        });
        let rank = |a: &(u16, &Shape), b: &(u16, &Shape)| {
            (a.1.level.unsigned_abs().cmp(&b.1.level.unsigned_abs()))
                .then(a.1.area.total_cmp(&b.1.area))
                .then(a.0.cmp(&b.0))
        };
        candidates.min_by(rank).map(|(ix, _)| ZoneIx(ix))
    }

    /// Metres from a spot to the edge of a zone, 0 inside; `None` for a zone without a shape or on another storey.
    #[must_use]
    pub fn outside_by(&self, zone: ZoneIx, spot: &Spot) -> Option<f64> {
        let shape = self.shape(zone)?;
        if spot.level.is_some_and(|level| level != shape.level) {
            return None;
        }
        Some(shape.distance(self.plane.point(spot)))
    }

    /// The nearest zone of a kind to a spot, or else to the middle of a zone.
    ///
    /// A zone of that kind around the subject is the nearest at 0 metres. A venue with only one zone of a kind needs
    /// no map to know it.
    #[must_use]
    pub fn nearest(&self, spot: Option<&Spot>, zone: Option<ZoneIx>, kind: usize) -> Option<Near> {
        match (spot, zone) {
            (None, Some(zone)) => *self.nearest.get(usize::from(zone.0))?.get(kind)?,
            _ => self.search(spot, zone, kind),
        }
    }

    /// Metres between a zone and a spot's or another zone's middle; `None` where the map does not say.
    #[must_use]
    pub fn between(&self, zone: ZoneIx, other: &Place) -> Option<f64> {
        let shape = self.shape(zone)?;
        match other {
            Place::Spot(spot) => {
                Some(shape.distance(self.plane.point(spot)) + storeys(shape.level, spot.level))
            }
            Place::Zone(other) if *other == zone => Some(0.0),
            Place::Zone(other) => {
                let other = self.shape(*other)?;
                Some(shape.distance(other.middle) + storeys(shape.level, Some(other.level)))
            }
        }
    }

    fn search(&self, spot: Option<&Spot>, zone: Option<ZoneIx>, kind: usize) -> Option<Near> {
        let of_kind = self.by_kind.get(kind)?;
        if let Some(here) = zone.filter(|zone| of_kind.contains(zone)) {
            return Some(Near { zone: here, metres: Some(0.0) });
        }
        let from = spot.map(|spot| Place::Spot(*spot)).or(zone.map(Place::Zone));
        let measured = of_kind.iter().filter_map(|zone| Some((*zone, self.between(*zone, from.as_ref()?)?)));
        let closest = measured.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        match (closest, of_kind.as_slice()) {
            (Some((zone, metres)), _) => Some(Near { zone, metres: Some(metres) }),
            (None, [only]) => Some(Near { zone: *only, metres: None }),
            (None, _) => None,
        }
    }

    fn shape(&self, zone: ZoneIx) -> Option<&Shape> {
        self.shapes.get(usize::from(zone.0))?.as_ref()
    }
}

/// What a distance is measured from.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Place {
    /// A point.
    Spot(Spot),
    /// The middle of a zone.
    Zone(ZoneIx),
}

impl Shape {
    fn of(zone: &Zone, plane: Plane) -> Option<Self> {
        let outline = zone.shape.as_ref()?.map_coords(|at| plane.project(at));
        let middle = outline.interior_point().or_else(|| outline.centroid())?;
        Some(Self { area: outline.unsigned_area(), middle, outline, level: zone.level })
    }

    fn distance(&self, point: Point<f64>) -> f64 {
        if self.outline.contains(&point) { 0.0 } else { Euclidean.distance(&point, &self.outline) }
    }
}

fn storeys(level: i16, other: Option<i16>) -> f64 {
    other.map_or(0.0, |other| f64::from((i32::from(level) - i32::from(other)).unsigned_abs()) * STOREY_M)
}
