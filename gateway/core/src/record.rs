//! Why an offer was made or withheld, in words that outlive the venue's numbers.
//!
//! Made for every offer that a journey asked for, while the facts its guard read are still at hand. Before: plan.rs.
//! Next: batch.rs.

use turnpage_journeys_engine::ChoiceInfo;
use turnpage_journeys_expr::{Schema, Slot, Type, Value};

use crate::batch::FactRecord;
use crate::enrich::facts::Fact;
use crate::venue::schema::Asked;

/// The guard of a choice as it was written, if it has one.
pub(crate) fn guard(choice: Option<&ChoiceInfo>) -> Option<String> {
    choice.map(|choice| choice.guard.clone()).filter(|guard| !guard.is_empty())
}

/// What the guard of a choice read. `fact` looks a fact up as it was for the guard.
pub(crate) fn facts(
    asked: &Asked,
    choice: Option<&ChoiceInfo>,
    fact: impl Fn(Slot) -> Option<Fact>,
) -> Vec<FactRecord> {
    let slots = choice.map(|choice| choice.reads.as_slice()).unwrap_or_default();
    let record = |slot: &Slot| {
        let declared = asked.schema.at(*slot)?;
        let Fact { value, age_ms } = fact(*slot)?;
        Some(FactRecord {
            path: declared.path.clone(),
            value: show(&asked.schema, declared.ty, value),
            age_ms,
        })
    };
    slots.iter().filter_map(record).collect()
}

/// A value as people read it, with its unit.
pub(crate) fn show(schema: &Schema, ty: Type, value: Value) -> String {
    match (value, ty) {
        (Value::Duration(ms), Type::Duration) => format!("{} s", ms / 1_000),
        _ => schema.show(ty, value),
    }
}
