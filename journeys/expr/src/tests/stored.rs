//! Programs, copy and schemas through bytes and back: what was compiled is read again, as deep and as long as it may be.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::stored::Within;
use crate::tests::stage;
use crate::{Program, Schema, Template, Type, Value};

/// Its name, and its title.
type Member = (&'static str, Option<&'static str>);

pub(super) fn through_bytes<T: Serialize + DeserializeOwned>(one: &T) -> T {
    let bytes = postcard::to_allocvec(one).expect("it can be written");
    let (back, rest) = postcard::take_from_bytes(&bytes).expect("what was written is read");
    assert!(rest.is_empty());
    back
}

#[test]
fn the_deepest_guards_come_back() {
    let shapes = [
        format!("{}place.outdoor", "!".repeat(508)),
        format!("{}true", "place.outdoor ? false : ".repeat(80)),
        format!("{}place.outdoor{}", "place.outdoor ? (".repeat(32), ") : false".repeat(32)),
        format!("{}1 == 1", "rides + ".repeat(250)),
        format!("{}rides{} == 1", "int(".repeat(31), ")".repeat(31)),
        format!("{}x > rides{}", "[1, rides].exists_one(x, ".repeat(8), ")".repeat(8)),
        format!("[{}1]{}.exists(x, x > 3)", "rides, ".repeat(2), ".map(x, x + rides)".repeat(16)),
        format!("size([{}1]{}) == 1", "rides, ".repeat(3), ".filter(x, x > rides)".repeat(6)),
    ];
    // Half of what a thread gets by default.
    let worker = std::thread::Builder::new().stack_size(1 << 20);
    let run = move || {
        let stage = stage();
        for shape in &shapes {
            let compiled = stage.guard(shape).unwrap_or_else(|problems| panic!("{shape}: {problems:?}"));
            let back = through_bytes(&compiled);
            assert_eq!(format!("{compiled:?}"), format!("{back:?}"));
            assert_eq!(compiled.holds(&stage.env()), back.holds(&stage.env()));
        }
    };
    worker.spawn(run).expect("a thread starts").join().expect("nothing overflows");
}

#[test]
fn copy_comes_back() {
    let stage = stage();
    let nested = "{".to_owned() + &"place.outdoor ? 'a' : ".repeat(80) + "'b'}";
    for text in [
        "",
        "It rains at {place.zone.name}: {weather.rain} mm {{!}}",
        "{time.date} {duration('5m')}",
        &nested,
    ] {
        let compiled = Template::compile(text, &stage.scope()).expect("it is right");
        let back = through_bytes(&compiled);
        assert_eq!(format!("{compiled:?}"), format!("{back:?}"));
        assert_eq!(compiled.render(&stage.env(), &stage.schema), back.render(&stage.env(), &stage.schema));
    }
}

#[test]
fn a_schema_comes_back_and_one_that_cannot_be_does_not() {
    let schema = stage().schema;
    assert_eq!(format!("{schema:?}"), format!("{:?}", through_bytes(&schema)));
    assert_eq!(format!("{:?}", Schema::new()), format!("{:?}", through_bytes(&Schema::new())));
    let week: Vec<Member> = Schema::WEEKDAYS.map(|day| (day, None)).to_vec();
    let read = |domains: &[(&str, Vec<Member>)], facts: &[(&str, Type)]| {
        let bytes = postcard::to_allocvec(&(domains, facts)).expect("it can be written");
        postcard::from_bytes::<Schema>(&bytes).is_ok()
    };
    let days = ("weekday", week.clone());
    let only = std::slice::from_ref(&days);
    assert!(read(only, &[("a", Type::Bool)]));
    assert!(!read(&[], &[]), "a calendar has weekdays");
    assert!(!read(&[("weekday", week[1..].to_vec())], &[]));
    assert!(!read(&[days.clone(), days.clone()], &[]), "a domain twice");
    assert!(!read(&[days.clone(), ("role", vec![("a", None), ("a", None)])], &[]), "a member twice");
    assert!(!read(only, &[("a", Type::Bool), ("a", Type::Int)]), "a fact twice");
    assert!(!read(only, &[("a", Type::Text)]), "no fact is text");
    let role = schema.domain_id("place").or(schema.domain_id("zone")).expect("it is there");
    assert!(!read(only, &[("a", Type::Symbol(role))]), "of a domain that is not there");
}

#[test]
fn what_is_not_there_does_not_fit() {
    let stage = stage();
    let fits = |text: &str, schema: &Schema, locals: usize| {
        let program = stage.guard(text).expect("it is right");
        program.fits(&Within { schema, locals, kept: &|_| u16::MAX })
    };
    assert!(fits("rides > 3 && place.outdoor", &stage.schema, 2));
    assert!(!fits("rides > 3", &stage.schema, 0), "a variable past the end");
    assert!(!fits("place.outdoor", &Schema::new(), 2), "a fact of another venue");
    let words = Template::compile("{place.zone.name} {rides}", &stage.scope()).expect("it is right");
    let within = Within { schema: &stage.schema, locals: 2, kept: &|_| u16::MAX };
    assert!(words.fits(&within) && !words.fits(&Within { locals: 0, ..within }));
    assert!(!words.fits(&Within { schema: &Schema::new(), ..within }));
    let program = Program::compile("rides", &stage.scope(), Type::Int).expect("it is right");
    assert_eq!(program.eval(&stage.env()), Value::Int(4));
}
