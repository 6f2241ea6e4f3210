//! Copy that comes back from bytes. Choices between texts are written one after the other, condition, then, otherwise:
//! reading them recurses no deeper than is checked here.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize, Serializer};

use crate::program::Program;
use crate::schema::DomainId;
use crate::stored::{Within, list};
use crate::template::words::Words;
use crate::template::{TEMPLATE_MAX, Template};
use crate::types::Type;

/// Most pieces: every one takes a byte of the text.
const PIECES_MAX: usize = TEMPLATE_MAX;
/// Most choices one inside the other: each takes six bytes of an expression, and an expression has 4,096.
const NESTED_MAX: usize = 1_024;

/// A piece of a text. The two after an `If` are its branches.
#[derive(Serialize, Deserialize)]
enum Piece<S, P> {
    Text(S),
    Title(DomainId, P),
    Shown(Type, P),
    If(P),
}

#[derive(Deserialize)]
pub(super) struct Stored(#[serde(deserialize_with = "list::<_, _, PIECES_MAX>")] Vec<Piece<String, Program>>);

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut pieces = Vec::new();
        self.pieces.iter().for_each(|words| write(words, &mut pieces));
        to.collect_seq(pieces)
    }
}

fn write<'a>(words: &'a Words, to: &mut Vec<Piece<&'a str, &'a Program>>) {
    match words {
        Words::Text(text) => to.push(Piece::Text(text)),
        Words::Title(domain, program) => to.push(Piece::Title(*domain, program)),
        Words::Shown(ty, program) => to.push(Piece::Shown(*ty, program)),
        Words::If(condition, branches) => {
            to.push(Piece::If(condition));
            write(&branches.0, to);
            write(&branches.1, to);
        }
    }
}

impl TryFrom<Stored> for Template {
    type Error = &'static str;

    fn try_from(Stored(pieces): Stored) -> Result<Self, Self::Error> {
        let mut pieces = pieces.into_iter();
        let mut all = Vec::new();
        while !pieces.as_slice().is_empty() {
            all.push(read(&mut pieces, NESTED_MAX).ok_or("its choices have no end")?);
        }
        Ok(Self::of(all))
    }
}

fn read(from: &mut impl Iterator<Item = Piece<String, Program>>, deeper: usize) -> Option<Words> {
    Some(match from.next()? {
        Piece::Text(text) => Words::Text(text),
        Piece::Title(domain, program) => Words::Title(domain, program),
        Piece::Shown(ty, program) => Words::Shown(ty, program),
        Piece::If(condition) => {
            let deeper = deeper.checked_sub(1)?;
            Words::If(condition, Box::new((read(from, deeper)?, read(from, deeper)?)))
        }
    })
}

impl Template {
    /// Whether it names no fact, no domain, no variable and no answer that is not there.
    #[must_use]
    pub fn fits(&self, within: &Within<'_>) -> bool {
        self.pieces.iter().all(|words| fits(words, within))
    }
}

fn fits(words: &Words, within: &Within<'_>) -> bool {
    match words {
        Words::Text(_) => true,
        Words::Title(domain, program) => within.has_domain(*domain) && program.fits(within),
        Words::Shown(ty, program) => {
            ty.domain().is_none_or(|domain| within.has_domain(domain)) && program.fits(within)
        }
        Words::If(condition, branches) => {
            condition.fits(within) && fits(&branches.0, within) && fits(&branches.1, within)
        }
    }
}
