//! The tree of an expression as it was written: CEL's shapes, our names, full spans, no types yet.
//!
//! Next: `parse` builds it; `check` gives it types.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::diagnostic::Span;
pub use crate::operator::{Arithmetic, Comparison};

/// An expression and all of the text it covers, its own brackets left out.
#[derive(Debug)]
pub struct Expr {
    /// All of its text, its own brackets left out.
    pub span: Span,
    /// What it is.
    pub shape: Shape,
}

/// What an expression is.
#[derive(Debug)]
pub enum Shape {
    /// A truth.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Double(f64),
    /// A text.
    Text(String),
    /// A bare name.
    Name(String),
    /// `of.name`
    Field {
        /// What the field is of.
        of: Box<Expr>,
        /// Its name.
        name: String,
    },
    /// `of[index]`
    Index {
        /// What is looked into.
        of: Box<Expr>,
        /// Where.
        index: Box<Expr>,
    },
    /// `name(args)` or `on.name(args)`
    Call {
        /// What a method is called on.
        on: Option<Box<Expr>>,
        /// The function's name.
        name: String,
        /// Its arguments; a macro's variable is a name among them.
        args: Vec<Expr>,
    },
    /// `has(of.name)`
    Has {
        /// What the field is of.
        of: Box<Expr>,
        /// Its name.
        name: String,
    },
    /// `!inner`
    Not(Box<Expr>),
    /// `-inner`
    Negate(Box<Expr>),
    /// Left, operator, right.
    Binary(Box<Expr>, Operator, Box<Expr>),
    /// Condition, then, otherwise.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `[items]`
    List(Vec<Expr>),
    /// Something CEL has and the subset has not: what it is and the reason.
    Outside(&'static str),
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `in`
    In,
    /// `==`, `<` and their like.
    Compare(Comparison),
    /// `+` and its like.
    Arithmetic(Arithmetic),
}

impl Operator {
    /// The operator as authors write it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::And => "&&",
            Self::Or => "||",
            Self::In => "in",
            Self::Compare(comparison) => comparison.word(),
            Self::Arithmetic(arithmetic) => arithmetic.word(),
        }
    }
}

impl Comparison {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Differs => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether only equality is asked, which every type answers.
    pub(crate) fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::Differs)
    }

    /// The comparison with its sides swapped: `a < b` is `b > a`.
    pub(crate) fn swapped(self) -> Self {
        match self {
            Self::Equal | Self::Differs => self,
            Self::Less => Self::Greater,
            Self::AtMost => Self::AtLeast,
            Self::Greater => Self::Less,
            Self::AtLeast => Self::AtMost,
        }
    }
}

impl Arithmetic {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}
