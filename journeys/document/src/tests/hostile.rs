//! Texts written to hurt: each is refused with its reason, and none of them costs more than its length.

use crate::{Limits, parse, parse_within};

/// The code of the first problem.
fn refused(text: &str) -> Option<&'static str> {
    parse(text).err().and_then(|problems| problems.first().map(|problem| problem.code))
}

#[test]
fn aliases_that_multiply_are_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let item = format!("*a{}", level - 1);
        bomb += &format!("a{level}: &a{level} [{}]\n", vec![item; 10].join(", "));
    }
    assert_eq!(refused(&bomb), Some("too-many-aliases"));
    // One long text, repeated: few values, many bytes.
    let long = format!("a: &a '{}'\nb: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 5_000].join(", "));
    assert_eq!(refused(&long), Some("too-many-aliases"));
    // An anchor keeps a copy of its value, and so costs what an alias costs.
    let nested = format!("{}{}{}", "[&a ".repeat(60), "x, ".repeat(400), "]".repeat(60));
    assert_eq!(refused(&nested), Some("too-many-aliases"));
}

#[test]
fn aliases_that_bite_their_tail_are_refused() {
    assert_eq!(refused("a: &a [*a]"), Some("cyclic-alias"));
    assert_eq!(refused("a: &a {b: {c: *a}}"), Some("cyclic-alias"));
    assert_eq!(refused("&a [&b [*a, *b]]"), Some("cyclic-alias"));
}

#[test]
fn depth_is_bounded_whatever_it_is_made_of() {
    let flow = "[".repeat(10_000);
    let closed = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let maps = "{a: ".repeat(10_000);
    let block: String = (0..1_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    let items = "- ".repeat(10_000);
    for text in [flow, closed, maps, block, items] {
        assert_eq!(refused(&text), Some("too-deep"));
    }
    let fits = format!("{}{}", "[".repeat(64), "]".repeat(64));
    assert_eq!(refused(&fits), None);
    // Depth through aliases counts as well.
    let mut stairs = String::from("a0: &a0 [x]\n");
    for level in 1..100 {
        stairs += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
    }
    assert_eq!(refused(&stairs), Some("too-deep"));
}

#[test]
fn size_is_bounded() {
    assert_eq!(refused(&"x".repeat(50 << 20)), Some("too-long"));
    let limits = Limits { nodes_max: 1_000, ..Limits::default() };
    let many = format!("[{}]", "1,".repeat(1_001));
    let problems = parse_within(&many, limits).expect_err("one too many");
    assert_eq!(problems[0].code, "too-many-values");
    assert_eq!(problems.len(), 1);
}

#[test]
fn problems_are_bounded() {
    let twice = "a: 1\n".repeat(10_000);
    assert_eq!(parse(&twice).expect_err("one key ten thousand times").len(), 100);
    let tags = "- !x y\n".repeat(10_000);
    assert_eq!(parse(&tags).expect_err("ten thousand tags").len(), 100);
}

#[test]
fn large_maps_find_their_duplicates() {
    let mut map: String = (0..5_000).map(|key| format!("k{key}: {key}\n")).collect();
    assert_eq!(refused(&map), None);
    map += "k77: again\n";
    let problems = parse(&map).expect_err("k77 is there twice");
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].span.slice(&map), Some("k77"));
}
