//! What a sound journey says that its author can hardly mean: choices nobody takes, pages nobody leaves, offers nobody ends.
//!
//! Only journeys without errors are looked at, as they were written. A lint keeps silent where it is not sure: a guard that
//! might hold counts as one that does. One file a family. Comes after the compiler; next: `report`.

mod answers;
mod copy;
mod ends;
mod guards;
mod hidden;
mod mandate;
mod offers;
mod spam;
mod unused;
mod view;

use turnpage_journeys_engine::{Definition, Problem};
use turnpage_journeys_expr::{Diagnostic, Schema};

use self::view::View;

/// Everything that is probably not meant, of the definitions that `sound` says have no errors.
pub(crate) fn lint(
    definitions: &[Definition],
    schema: &Schema,
    sound: impl Fn(usize) -> bool,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (journey, definition) in definitions.iter().enumerate().filter(|(journey, _)| sound(*journey)) {
        let mut told = Vec::new();
        journey_lints(&mut View::new(definition, definitions, schema), &mut told);
        problems.extend(told.into_iter().map(|diagnostic| Problem { journey, diagnostic }));
    }
    problems
}

/// Choices that are never taken are found first, since everything about the graph goes by those that are left.
fn journey_lints(view: &mut View<'_>, told: &mut Vec<Diagnostic>) {
    guards::look(view, told);
    hidden::look(view, told);
    answers::look(view, told);
    ends::look(view, told);
    offers::look(view, told);
    spam::look(view, told);
    copy::look(view, told);
    mandate::look(view, told);
    unused::look(view, told);
}
