//! Copy with holes: `"Cocoa at {nearest('food').name}?"`.

use alloc::string::String;
use alloc::vec::Vec;

use crate::diagnostic::Diagnostic;
use crate::program::{Env, Scope};
use crate::schema::{Schema, Slot};

/// A text whose holes are expressions, checked and compiled.
#[derive(Clone, Debug)]
pub struct Template {
    reads: Vec<Slot>,
}

impl Template {
    /// Checks and compiles a text with `{expression}` holes; `{{` and `}}` are literal braces.
    ///
    /// # Errors
    /// Everything wrong with the text at once, spans relative to `text`.
    pub fn compile(text: &str, scope: &Scope<'_>) -> Result<Self, Vec<Diagnostic>> {
        let _ = (text, scope);
        Ok(Self { reads: Vec::new() })
    }

    /// The text under `env`; an unknown hole prints as `?`.
    #[must_use]
    pub fn render(&self, env: &Env<'_>, schema: &Schema) -> String {
        let _ = (env, schema);
        String::new()
    }

    /// The facts the template may read, sorted, each once.
    #[must_use]
    pub fn reads(&self) -> &[Slot] {
        &self.reads
    }
}
