//! What is made of constants alone becomes one: it is computed once, by the evaluator itself, and never again.
//!
//! What CEL calls an error stays one: it folds to unknown. Next: `program/emit`.

use alloc::string::String;

use crate::program::{Env, Program};
use crate::time::{LocalTime, Timestamp};
use crate::typed::{Term, Typed};

/// The same expression, computed as far as it can be without an environment.
pub(crate) fn fold(mut typed: Typed) -> Typed {
    for inner in typed.term.inner_mut() {
        let blank = Typed { ty: inner.ty, span: inner.span, term: Term::Text(String::new()) };
        *inner = fold(core::mem::replace(inner, blank));
    }
    let parts = typed.term.inner();
    let is_title = matches!(typed.term, Term::Title(..));
    if !is_title && !parts.is_empty() && parts.iter().all(|part| matches!(part.term, Term::Const(_))) {
        let env = Env { facts: &[], locals: &[], local: LocalTime::default(), now: Timestamp::default() };
        typed.term = Term::Const(Program::emit(&typed).eval(&env));
    }
    typed
}
