//! The bounds that a fact's type and name put on its values.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::schema::{Schema, Slot};
use crate::types::{Type, Unit};

/// Bounds by slot; a fact that is not in the list has none.
pub(crate) type Ranges = Vec<(Slot, Range)>;

/// Bounds, both of them inside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Range {
    pub(super) fn words(self) -> String {
        if self.high.is_finite() {
            format!("always from {} to {}", self.low, self.high)
        } else {
            format!("never below {}", self.low)
        }
    }
}

/// The bounds of the facts that are read.
pub(crate) fn ranges(reads: &[Slot], schema: &Schema) -> Ranges {
    let of = |slot: &Slot| {
        let fact = schema.at(*slot)?;
        Some((*slot, range(&fact.path, fact.ty)?))
    };
    reads.iter().filter_map(of).collect()
}

fn range(path: &str, ty: Type) -> Option<Range> {
    // Another system's numbers are what it says they are, and a venue may keep any number about a subject.
    if path.starts_with("signal.") || path.starts_with("subject.") {
        return None;
    }
    let (low, high) = match ty {
        Type::Quantity(Unit::Percent) => (0.0, 100.0),
        Type::Quantity(Unit::Celsius) => (-273.15, f64::INFINITY),
        Type::Quantity(_) | Type::Duration => (0.0, f64::INFINITY),
        Type::Double if path.starts_with("next.") => (0.0, 1.0),
        Type::Int if matches!(path, "place.count" | "party.size") => (0.0, f64::INFINITY),
        _ => return None,
    };
    Some(Range { low, high })
}
