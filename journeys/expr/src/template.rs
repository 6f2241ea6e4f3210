//! Copy with holes: `"Cocoa at {nearest('food').name}?"`.
//!
//! A hole holds an expression of any type but Bool. Only here text has a value: a name's title, or a choice between
//! texts (`{has(weather.rain) ? 'wet' : 'dry'}`).
//!
//! Next: `template/read`, from a text to its pieces; `template/words`, how values read;
//! `template/stored`, pieces that come back from bytes.

#[cfg(feature = "compile")]
mod read;
mod stored;
mod words;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

use crate::program::Env;
use crate::recall::Recall;
use crate::schema::{Schema, Slot};
use crate::template::words::Words;

/// Longest text, bytes: several times what a band or a sign can show.
const TEMPLATE_MAX: usize = 4_096;

/// A text whose holes are expressions, checked and compiled. What serde writes of it is checked when it is read back.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "stored::Stored")]
pub struct Template {
    pieces: Box<[Words]>,
    reads: Box<[Slot]>,
    recalls: Box<[Recall]>,
}

impl Template {
    fn of(pieces: Vec<Words>) -> Self {
        let (mut reads, mut recalls) = (Vec::new(), Vec::new());
        for piece in &pieces {
            piece.reads(&mut reads);
            piece.recalls(&mut recalls);
        }
        reads.sort_unstable();
        reads.dedup();
        recalls.sort_unstable();
        recalls.dedup();
        Self { pieces: pieces.into(), reads: reads.into(), recalls: recalls.into() }
    }

    /// The text under `env`; what is unknown prints as `?`.
    #[must_use]
    pub fn render(&self, env: &Env<'_>, schema: &Schema) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            piece.write(&mut text, env, schema);
        }
        text
    }

    /// The facts the template may read, sorted, each once.
    #[must_use]
    pub fn reads(&self) -> &[Slot] {
        &self.reads
    }

    /// What the template asks about the past, each once.
    #[must_use]
    pub fn recalls(&self) -> &[Recall] {
        &self.recalls
    }

    /// Says where in [`Env::locals`] the answer to each recall is kept. Until then every count is 0.
    pub fn place(&mut self, at: impl Fn(Recall) -> u16) {
        for piece in &mut self.pieces {
            piece.place(&at);
        }
    }
}
