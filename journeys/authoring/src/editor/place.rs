//! Which key of the language a way through a text leads to.

use super::skeleton::{Entry, Skeleton, Step};
use crate::language::journey::{BLUEPRINT, JOURNEY, VARIABLE};
use crate::language::play::PLAYS;
use crate::language::{Form, Key, Shape};

static NAME: Form = Form::Name;

/// The map a whole text is.
pub(super) fn root(skeleton: &Skeleton<'_>) -> &'static Shape {
    let has = |key: &str| skeleton.entries.iter().any(|entry| entry.path.is_empty() && entry.key == key);
    match () {
        () if has("plays_of") => &PLAYS,
        () if has("blueprint") => &BLUEPRINT,
        () => &JOURNEY,
    }
}

/// What stands where a way leads.
pub(super) fn form(root: &'static Shape, path: &[Step<'_>]) -> Option<Form> {
    path.iter().try_fold(Form::Map(root), |form, step| into(form, *step))
}

fn into(form: Form, step: Step<'_>) -> Option<Form> {
    match (form, step) {
        (Form::Map(shape) | Form::MapOrNothing(shape), Step::Key(key)) => shape.key(key).map(|key| key.form),
        (Form::MapAndFacts(shape), Step::Key(key)) => {
            Some(shape.key(key).map_or(Form::Scalar, |key| key.form))
        }
        (Form::Named(inner) | Form::Values(inner), Step::Key(_)) => Some(*inner),
        (Form::Variables, Step::Key(_)) => Some(Form::Map(&VARIABLE)),
        (Form::Copy, Step::Key(_)) => Some(Form::Copy),
        (Form::Upgrade, Step::Key("map")) => Some(Form::Values(&NAME)),
        (Form::List(shape) | Form::ListOrWord(shape, _), Step::Item) => Some(Form::Map(shape)),
        (Form::ListAndFacts(shape), Step::Item) => Some(Form::MapAndFacts(shape)),
        (Form::Channels, Step::Item) => Some(Form::Name),
        _ => None,
    }
}

/// The map with known keys that a form is, if it is one.
pub(super) fn shape(form: Form) -> Option<&'static Shape> {
    match form {
        Form::Map(shape) | Form::MapOrNothing(shape) | Form::MapAndFacts(shape) => Some(shape),
        _ => None,
    }
}

/// The key an entry is, in the map it stands in.
pub(super) fn key(root: &'static Shape, entry: &Entry<'_>) -> Option<(&'static Shape, &'static Key)> {
    let map = shape(form(root, &entry.path)?)?;
    Some((map, map.key(entry.key)?))
}

/// The form of an entry's value.
pub(super) fn value_form(root: &'static Shape, entry: &Entry<'_>) -> Option<Form> {
    let map = form(root, &entry.path)?;
    if entry.key.is_empty() { Some(map) } else { into(map, Step::Key(entry.key)) }
}

/// What a name in some place is a name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Page,
    Offer,
    Variable,
    /// A journey or a blueprint.
    Journey,
    /// A member of a domain of the venue.
    Domain(&'static str),
    Signal,
}

/// What the plain value at the end of a way names.
pub(super) fn named_by(path: &[Step<'_>]) -> Option<Of> {
    let (last, before) = path.split_last()?;
    match (last, before) {
        (Step::Key("turn_to" | "start" | "page"), _) => Some(Of::Page),
        (Step::Key("breach"), [Step::Key("plays"), ..]) => Some(Of::Page),
        (Step::Key(_), [Step::Key("upgrade"), Step::Key("map")]) => Some(Of::Page),
        (Step::Key("offer" | "nudge" | "withdraw"), _) => Some(Of::Offer),
        (Step::Key("returns"), []) => Some(Of::Variable),
        (Step::Key("journey" | "blueprint" | "use" | "plays_of"), []) | (Step::Key("call"), _) => {
            Some(Of::Journey)
        }
        (Step::Key("role"), _) | (Step::Key("dispatch"), [Step::Key("plays"), ..]) => {
            Some(Of::Domain("role"))
        }
        (Step::Key("goal"), _) => Some(Of::Domain("kind")),
        (Step::Key("zone"), _) => Some(Of::Domain("zone")),
        (Step::Item, [.., Step::Key("channels")]) => Some(Of::Domain("channel")),
        (Step::Key("signal"), _) => Some(Of::Signal),
        _ => None,
    }
}
