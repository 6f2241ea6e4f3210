//! From a text, and from the typed tree it means, to a flat program.
//!
//! Next: `eval`.

use alloc::vec::Vec;

use crate::check::check;
use crate::diagnostic::{Diagnostic, Span};
use crate::fold::fold;
use crate::operator::Comparison;
use crate::parse::parse;
use crate::program::{Index, Kept, Op, Program, Scope};
use crate::recall::Recall;
use crate::schema::Slot;
use crate::typed::{Term, Typed};
use crate::types::Type;
use crate::value::{Symbol, Value};

impl Program {
    /// Checks `text` against `scope` and compiles it to a value of type `expected`.
    ///
    /// # Errors
    /// Everything wrong with the text at once, spans relative to `text`, ordered by place. Syntax is told before
    /// types: while the syntax is wrong, nothing is known about types.
    pub fn compile(text: &str, scope: &Scope<'_>, expected: Type) -> Result<Self, Vec<Diagnostic>> {
        if expected == Type::Text {
            let whole = Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
            let message = "text is made by templates, not by expressions";
            return Err(alloc::vec![Diagnostic::error("wrong-type", whole, message)]);
        }
        Ok(Self::emit(&fold(check(&parse(text)?, scope, Some(expected))?)))
    }

    /// The program of an expression that has been checked, as it is: `fold` it first.
    pub(crate) fn emit(typed: &Typed) -> Self {
        emit(typed)
    }
}

fn emit(typed: &Typed) -> Program {
    let mut emitter =
        Emitter { ops: Vec::new(), symbols: Vec::new(), reads: Vec::new(), recalls: Vec::new() };
    let root = emitter.reserve(1);
    emitter.fill(root, typed);
    emitter.reads.sort_unstable();
    emitter.reads.dedup();
    Program {
        ops: emitter.ops.into_boxed_slice(),
        symbols: emitter.symbols.into_boxed_slice(),
        reads: emitter.reads.into_boxed_slice(),
        recalls: emitter.recalls.into_boxed_slice(),
    }
}

struct Emitter {
    ops: Vec<Op>,
    symbols: Vec<Symbol>,
    reads: Vec<Slot>,
    recalls: Vec<Recall>,
}

impl Emitter {
    /// Makes room for consecutive operations.
    fn reserve(&mut self, count: usize) -> Index {
        let first = self.ops.len();
        self.ops.resize(first + count, Op::Const(Value::Unknown));
        first as Index
    }

    /// Puts operands one after the other and gives the first one's index.
    fn operands(&mut self, operands: &[&Typed]) -> Index {
        let first = self.reserve(operands.len());
        for (index, operand) in (first..).zip(operands) {
            self.fill(index, operand);
        }
        first
    }

    fn fill(&mut self, index: Index, typed: &Typed) {
        let op = self.op(typed);
        if let Some(place) = self.ops.get_mut(usize::from(index)) {
            *place = op;
        }
    }

    fn op(&mut self, typed: &Typed) -> Op {
        match &typed.term {
            Term::Const(value) => Op::Const(*value),
            Term::Fact(slot) => {
                self.reads.push(*slot);
                Op::Fact(slot.0)
            }
            Term::Local(index) => Op::Local(*index),
            Term::Hour => Op::Hour,
            Term::Minute => Op::Minute,
            Term::Weekday => Op::Weekday,
            Term::Date => Op::Date,
            Term::TimeOfDay => Op::TimeOfDay,
            Term::Recall(recall) => self.recall(*recall),
            Term::InSet(needle, set) => Op::InSet(self.operands(&[needle, set])),
            Term::Between(start, end) => Op::Between(*start, *end),
            Term::Known(inner) => Op::Known(self.operands(&[inner])),
            Term::Not(inner) => Op::Not(self.operands(&[inner])),
            Term::Negate(inner) => Op::Negate(self.operands(&[inner])),
            Term::And(..) => {
                let mut terms = Vec::new();
                flatten(typed, &|term| matches!(term, Term::And(..)), &mut terms);
                Op::All { first: self.operands(&terms), count: terms.len() as u16 }
            }
            Term::Or(..) => {
                let mut terms = Vec::new();
                flatten(typed, &|term| matches!(term, Term::Or(..)), &mut terms);
                Op::Any { first: self.operands(&terms), count: terms.len() as u16 }
            }
            Term::Compare(comparison, left, right) => self.compare(*comparison, left, right),
            Term::Arithmetic(arithmetic, left, right) => {
                Op::Arithmetic(*arithmetic, self.operands(&[left, right]))
            }
            Term::In(needle, elements) => self.membership(needle, elements),
            Term::If(condition, then, otherwise) => Op::If(self.operands(&[condition, then, otherwise])),
            Term::Strict(needed, result) => {
                let mut operands: Vec<&Typed> = needed.iter().collect();
                operands.push(result);
                Op::Strict { first: self.operands(&operands), count: needed.len() as u16 }
            }
            Term::Count(terms) => {
                let operands: Vec<&Typed> = terms.iter().collect();
                Op::Count { first: self.operands(&operands), count: terms.len() as u16 }
            }
            Term::Size(set) => Op::Size(self.operands(&[set])),
            Term::Portion(span, unit_ms, wraps) => {
                Op::Portion { operand: self.operands(&[span]), unit_ms: *unit_ms, wraps: *wraps }
            }
            Term::ToInt(inner) => Op::ToInt(self.operands(&[inner])),
            Term::ToDouble(inner) => Op::ToDouble(self.operands(&[inner])),
            // Words are taken apart by templates; what is left of them here has no value.
            Term::Text(_) | Term::Title(..) => Op::Const(Value::Unknown),
        }
    }

    fn recall(&mut self, recall: Recall) -> Op {
        let index = self.recalls.iter().position(|known| *known == recall).unwrap_or_else(|| {
            self.recalls.push(recall);
            self.recalls.len() - 1
        });
        let kept = Kept { recall: index as u16, place: u16::MAX };
        match recall {
            Recall::Visits(_) | Recall::Count(_) => Op::Counted(kept),
            Recall::Today(_) => Op::Today(kept),
            Recall::Since(_) => Op::Since(kept),
        }
    }

    /// A fact against a constant is one operation, whichever side it stands on.
    fn compare(&mut self, comparison: Comparison, left: &Typed, right: &Typed) -> Op {
        let (fact, constant, comparison) = match (&left.term, &right.term) {
            (Term::Const(_), Term::Fact(_)) => (right, left, comparison.swapped()),
            _ => (left, right, comparison),
        };
        if let (Term::Fact(slot), Term::Const(value)) = (&fact.term, &constant.term) {
            let is_double = matches!(fact.ty, Type::Double | Type::Quantity(_));
            let fused = match *value {
                Value::Double(than) if is_double => Some(Op::FactCompares { slot: slot.0, comparison, than }),
                Value::Symbol(symbol) => {
                    Some(Op::FactIs { slot: slot.0, negated: comparison == Comparison::Differs, symbol })
                }
                _ => None,
            };
            if let Some(op) = fused {
                self.reads.push(*slot);
                return op;
            }
        }
        Op::Compare(comparison, self.operands(&[fact, constant]))
    }

    fn membership(&mut self, needle: &Typed, elements: &[Typed]) -> Op {
        let constants = elements.iter().map(|element| match element.term {
            Term::Const(Value::Symbol(symbol)) => Some(symbol),
            _ => None,
        });
        match constants.collect::<Option<Vec<Symbol>>>() {
            Some(symbols) if !symbols.is_empty() => {
                let from = self.symbols.len() as u16;
                let count = symbols.len() as u16;
                self.symbols.extend(symbols);
                Op::OneOf { operand: self.operands(&[needle]), from, count }
            }
            _ => {
                let mut operands = Vec::with_capacity(elements.len() + 1);
                operands.push(needle);
                operands.extend(elements);
                Op::In { first: self.operands(&operands), count: elements.len() as u16 }
            }
        }
    }
}

/// The operands of a chain of one associative operator, in the order written.
fn flatten<'a>(typed: &'a Typed, same: &impl Fn(&Term) -> bool, into: &mut Vec<&'a Typed>) {
    match &typed.term {
        Term::And(left, right) | Term::Or(left, right) if same(&typed.term) => {
            flatten(left, same, into);
            flatten(right, same, into);
        }
        _ => into.push(typed),
    }
}
