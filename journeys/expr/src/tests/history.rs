//! The past of an instance: what is asked, where the answers are kept, and what they are worth.

use expect_test::{Expect, expect};

use crate::tests::{drawn, stage};
use crate::{Env, History, Of, Program, Recall, Schema, Scope, Template, Type, Value};

/// One line a guard, with a past: shelter was visited twice, cocoa made 5 times (twice today), last half an hour ago and
/// accepted once, yesterday. Tea was never made.
fn check(guards: &[&str], expected: Expect) {
    let stage = stage();
    let (pages, offers) =
        (["strolling".to_owned(), "shelter".to_owned()], ["cocoa".to_owned(), "tea".to_owned()]);
    let history = History { pages: &pages, offers: &offers, outcomes: &["seen", "accepted"] };
    let scope = Scope { history: Some(&history), ..stage.scope() };
    let now = stage.env().now.0;
    let day = i64::from(stage.clock.day);
    let mut locals = stage.values.clone();
    locals.extend([0, 2, 5, day, 2, now - 1_800_000, 1, day - 1, 1, 0].map(Value::Int));
    let cocoa = |outcome| Of { offer: 0, outcome };
    let place = |recall| match recall {
        Recall::Visits(page) => 2 + page,
        Recall::Count(of) if of == cocoa(None) => 4,
        Recall::Today(of) if of == cocoa(None) => 5,
        Recall::Since(of) if of == cocoa(None) => 7,
        Recall::Count(of) if of == cocoa(Some(1)) => 8,
        Recall::Today(of) if of == cocoa(Some(1)) => 9,
        _ => 99,
    };
    let mut table = String::new();
    for text in guards {
        let value = match Program::compile(text, &scope, Type::Bool) {
            Ok(mut program) => {
                program.place(place);
                let env = Env { locals: &locals, ..stage.env() };
                program.holds(&env).map_or("unknown".into(), |truth| truth.to_string())
            }
            Err(problems) => drawn(text, &problems),
        };
        table += &format!("{text:<60} {value}\n");
    }
    expected.assert_eq(&table);
}

#[test]
fn counts_and_spans() {
    check(
        &[
            "history.visits('shelter') == 2",
            "history.visits('strolling') == 0",
            "history.count('cocoa') == 5",
            "history.count('cocoa.accepted') == 1",
            "history.today('cocoa') == 2",
            "history.today('cocoa.accepted') == 0",
            "history.since('cocoa') == duration('30m')",
            "history.count('tea') == 0 && history.today('tea.seen') == 0",
            "history.since('tea') > duration('1h')",
            "history.count('tea') == 0 || history.since('tea') > duration('1h')",
        ],
        expect![[r#"
            history.visits('shelter') == 2                               true
            history.visits('strolling') == 0                             true
            history.count('cocoa') == 5                                  true
            history.count('cocoa.accepted') == 1                         true
            history.today('cocoa') == 2                                  true
            history.today('cocoa.accepted') == 0                         true
            history.since('cocoa') == duration('30m')                    true
            history.count('tea') == 0 && history.today('tea.seen') == 0  true
            history.since('tea') > duration('1h')                        unknown
            history.count('tea') == 0 || history.since('tea') > duration('1h') true
        "#]],
    );
}

#[test]
fn names_that_are_not_there() {
    check(
        &[
            "history.visits('sheltr') > 1",
            "history.count('coco.accepted') > 1",
            "history.count('cocoa.acepted') > 1",
            "history.visits(1) > 1",
            "history.visit('shelter') > 1",
        ],
        expect![[r#"
            history.visits('sheltr') > 1                                 history.visits('sheltr') > 1
                           ^^^^^^^^ unknown-page: this journey has no page `sheltr`
                                    help: did you mean `shelter`?

            history.count('coco.accepted') > 1                           history.count('coco.accepted') > 1
                          ^^^^^^^^^^^^^^^ unknown-offer: this journey has no offer `coco`
                                          help: did you mean `cocoa`?

            history.count('cocoa.acepted') > 1                           history.count('cocoa.acepted') > 1
                          ^^^^^^^^^^^^^^^ unknown-outcome: `acepted` is no outcome of an offer
                                          help: did you mean `accepted`?

            history.visits(1) > 1                                        history.visits(1) > 1
            ^^^^^^^^^^^^^^^^^ bad-arguments: `history.visits` takes one page, in quotes
                              help: write `history.visits("shelter")`

            history.visit('shelter') > 1                                 history.visit('shelter') > 1
            ^^^^^^^^^^^^^^^^^^^^^^^^ unknown-function: unknown function `history.visit`
                                     help: did you mean `visits`?

        "#]],
    );
    let schema = Schema::new();
    let scope = Scope { schema: &schema, locals: &[], history: None };
    let text = "history.visits('shelter') > 1";
    let problems = Program::compile(text, &scope, Type::Bool).expect_err("there is no instance");
    expect![[r#"
        history.visits('shelter') > 1
        ^^^^^^^^^^^^^^^^^^^^^^^^^ no-history: `history` is asked on the pages of a journey only
    "#]]
    .assert_eq(&drawn(text, &problems));
}

#[test]
fn nothing_kept_is_nothing_counted() {
    let stage = stage();
    let offers = ["cocoa".to_owned()];
    let history = History { pages: &[], offers: &offers, outcomes: &[] };
    let scope = Scope { history: Some(&history), ..stage.scope() };
    let text = "history.count('cocoa') == 0 && history.today('cocoa') == 0 && history.count('cocoa') < 1";
    let program = Program::compile(text, &scope, Type::Bool).expect("the guard is right");
    let cocoa = Of { offer: 0, outcome: None };
    assert_eq!(program.recalls(), [Recall::Count(cocoa), Recall::Today(cocoa)]);
    assert_eq!(program.holds(&stage.env()), Some(true));
    let mut copy =
        Template::compile("Cocoa number {history.count('cocoa') + 1}", &scope).expect("it is right");
    assert_eq!(copy.recalls(), [Recall::Count(cocoa)]);
    copy.place(|_| 0);
    assert_eq!(copy.render(&stage.env(), &stage.schema), "Cocoa number 5");
}
