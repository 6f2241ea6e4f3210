//! Operations that nobody compiled.

use super::*;
use crate::program::Env;
use crate::recall::Of;
use crate::time::{LocalTime, Timestamp};
use crate::value::Value;

fn read(ops: &[Op]) -> Result<Program, &'static str> {
    read_with(ops, &[], &[])
}

fn read_with(ops: &[Op], symbols: &[Symbol], recalls: &[Recall]) -> Result<Program, &'static str> {
    let (ops, symbols, recalls) = (ops.to_vec(), symbols.to_vec(), recalls.to_vec());
    Program::try_from(Stored { ops, symbols, recalls })
}

#[test]
fn what_is_no_tree_is_refused() {
    let both = |first| Op::All { first, count: 2 };
    assert!(read(&[both(1), Op::Fact(0), Op::Fact(1)]).is_ok());
    let wrong: [&[Op]; 10] = [
        &[],
        &[Op::Not(0)],
        &[both(1), Op::Not(0), Op::Fact(0)],
        &[both(1), Op::Fact(0)],
        &[Op::Not(1)],
        &[Op::Fact(0), Op::Fact(1)],
        // Looked at twice each, a chain of these costs two to the power of its length.
        &[both(1), both(2), Op::Fact(0), Op::Fact(0)],
        &[both(1), Op::Not(3), Op::Not(3), Op::Fact(0)],
        &[Op::All { first: u16::MAX, count: u16::MAX }],
        &[Op::Strict { first: 1, count: u16::MAX }, Op::Fact(0)],
    ];
    for ops in wrong {
        assert!(read(ops).is_err(), "{ops:?}");
    }
}

#[test]
fn what_looks_past_its_tables_is_refused() {
    let one_of = |from, count| [Op::OneOf { operand: 1, from, count }, Op::Fact(0)];
    let symbols = [Symbol(1), Symbol(2)];
    assert!(read_with(&one_of(0, 2), &symbols, &[]).is_ok());
    assert!(read_with(&one_of(1, 2), &symbols, &[]).is_err());
    assert!(read_with(&one_of(u16::MAX, u16::MAX), &symbols, &[]).is_err());
    let today = [Recall::Today(Of { offer: 0, outcome: None })];
    let kept = Kept { recall: 0, place: 3 };
    let program = read_with(&[Op::Today(kept)], &[], &today).unwrap();
    assert!(read_with(&[Op::Counted(kept)], &[], &today).is_err(), "another question");
    assert!(read_with(&[Op::Since(Kept { recall: 1, ..kept })], &[], &today).is_err());
    let schema = crate::Schema::new();
    let fits = |place| program.fits(&Within { schema: &schema, locals: 0, kept: &|_| place });
    assert!(fits(3) && !fits(4) && !fits(u16::MAX));
}

/// As deep as may be, in half of what a thread gets by default; and one deeper.
#[test]
fn evaluating_recurses_no_deeper_than_it_may() {
    let chain = |depth: u16| -> Vec<Op> {
        let op = |index: u16| if index.is_multiple_of(2) { Op::Not(index + 1) } else { Op::Known(index + 1) };
        (0..depth).map(op).chain([Op::Fact(0)]).collect()
    };
    assert!(read(&chain(DEPTH_MAX + 1)).is_err());
    let program = read(&chain(DEPTH_MAX)).unwrap();
    let worker = std::thread::Builder::new().stack_size(1 << 20);
    let eval = move || {
        let now = Timestamp::default();
        program.eval(&Env { facts: &[], locals: &[], local: LocalTime::default(), now })
    };
    assert_eq!(worker.spawn(eval).unwrap().join().unwrap(), Value::Bool(false));
}
