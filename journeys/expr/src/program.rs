//! A compiled expression: what is left of a guard at run time.

use alloc::string::String;
use alloc::vec::Vec;

use crate::diagnostic::Diagnostic;
use crate::schema::{Schema, Slot};
use crate::time::LocalTime;
use crate::types::Type;
use crate::value::Value;

/// What an expression is evaluated against.
#[derive(Clone, Copy, Debug)]
pub struct Env<'a> {
    /// Facts by [`Slot`]; a slot past its end is unknown.
    pub facts: &'a [Value],
    /// The journey's variables, in the order of [`Scope::locals`].
    pub locals: &'a [Value],
    /// The venue's wall clock.
    pub local: LocalTime,
}

/// A variable of a journey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// The bare name authors write.
    pub name: String,
    /// What it holds.
    pub ty: Type,
}

/// What an expression may name.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The venue's facts.
    pub schema: &'a Schema,
    /// The journey's variables; a variable hides a fact of the same name.
    pub locals: &'a [Local],
}

/// An expression, checked and compiled.
#[derive(Clone, Debug)]
pub struct Program {
    reads: Vec<Slot>,
}

impl Program {
    /// Checks `text` against `scope` and compiles it to a value of type `expected`.
    ///
    /// # Errors
    /// Everything wrong with the text at once, spans relative to `text`, ordered by place.
    pub fn compile(text: &str, scope: &Scope<'_>, expected: Type) -> Result<Self, Vec<Diagnostic>> {
        let _ = (text, scope, expected);
        Ok(Self { reads: Vec::new() })
    }

    /// The value under `env`. Total: whatever cannot be computed is `Value::Unknown`. Never allocates.
    #[must_use]
    pub fn eval(&self, env: &Env<'_>) -> Value {
        let _ = env;
        Value::Unknown
    }

    /// The truth of a guard: `None` when unknown, or when the program is no Bool.
    #[must_use]
    pub fn holds(&self, env: &Env<'_>) -> Option<bool> {
        match self.eval(env) {
            Value::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// The facts the program may read, sorted, each once.
    #[must_use]
    pub fn reads(&self) -> &[Slot] {
        &self.reads
    }
}
