//! What authors are told about syntax, before any name is looked at.

use expect_test::expect;

use crate::tests::diagnostics::check;
use crate::tests::stage;

#[test]
fn operators_and_values() {
    check(
        &[
            "",
            "role = 'guest' and rides > 1 or not place.outdoor",
            "role == 'guest' & rides > 1 | place.outdoor",
            "role not in ['guest']",
            "not (rides > 1)",
            "not > 1",
            "rides >",
            "rides > > 1",
            "> 1",
            "rides 1",
        ],
        expect![[r#"

            ^ syntax: expected an expression, found nothing

            role = 'guest' and rides > 1 or not place.outdoor
                 ^ syntax: `=` does not compare
                   help: did you mean `==`?
            role = 'guest' and rides > 1 or not place.outdoor
                           ^^^ syntax: `and` is no operator
                               help: did you mean `&&`?
            role = 'guest' and rides > 1 or not place.outdoor
                                         ^^ syntax: `or` is no operator
                                            help: did you mean `||`?
            role = 'guest' and rides > 1 or not place.outdoor
                                            ^^^ syntax: `not` is no operator
                                                help: did you mean `!`?

            role == 'guest' & rides > 1 | place.outdoor
                            ^ syntax: `&` is no operator
                              help: did you mean `&&`?
            role == 'guest' & rides > 1 | place.outdoor
                                        ^ syntax: `|` is no operator
                                          help: did you mean `||`?

            role not in ['guest']
                 ^^^ syntax: `not in` is no operator
                     help: put `!(..)` around it: `!(role in ["guest"])`

            not (rides > 1)
            ^^^ syntax: `not` is no operator
                help: did you mean `!`?

            not > 1
            ^^^ unknown-name: unknown fact `not`

            rides >
                   ^ syntax: expected a value after `>`

            rides > > 1
                  ^^^ syntax: expected a value between `>` and `>`

            > 1
            ^ syntax: expected a value before `>`

            rides 1
                  ^ syntax: expected an operator before `1`

        "#]],
    );
}

#[test]
fn brackets_and_choices() {
    check(
        &[
            "(rides > 1",
            "((rides > 1) && [1",
            "rides > 1)",
            "role in ['guest')",
            "role in ['guest',]",
            "()",
            "place. > 1",
            "place.outdoor ? 1",
            "place.outdoor : 1",
            "(place.outdoor ? 1) : 2",
            "rides, 1",
        ],
        expect![[r#"
            (rides > 1
            ^ syntax: this `(` is never closed

            ((rides > 1) && [1
            ^ syntax: this `(` is never closed
            ((rides > 1) && [1
                            ^ syntax: this `[` is never closed

            rides > 1)
                     ^ syntax: this `)` closes nothing

            role in ['guest')
                    ^^^^^^^^^ syntax: `)` does not close `[`

            role in ['guest',]
                            ^^ syntax: expected a value between `,` and `]`

            ()
             ^ syntax: expected a value before `)`

            place. > 1
                 ^ syntax: expected a name after `.`

            place.outdoor ? 1
                          ^ syntax: this `?` has no `:` after it
                            help: write `condition ? value : other value`

            place.outdoor : 1
                          ^ syntax: this `:` has no `?` before it

            (place.outdoor ? 1) : 2
                           ^ syntax: this `?` has no `:` after it
                             help: write `condition ? value : other value`
            (place.outdoor ? 1) : 2
                                ^ syntax: this `:` has no `?` before it

            rides, 1
                 ^ syntax: a `,` stands only between arguments or list elements

        "#]],
    );
}

#[test]
fn literals() {
    check(
        &["weather.rain > 20m", "rides > 0x", "role == 'guest", "role == “guest”", "role == \"\\q\""],
        expect![[r#"
            weather.rain > 20m
                           ^^^ syntax: `20m` is not a number
                               help: write a length of time as `duration("20m")`

            rides > 0x
                    ^^ syntax: `0x` cannot stand here

            role == 'guest
                    ^ syntax: this text has no closing quote

            role == “guest”
                    ^^^^^^^ syntax: `“` is not a quote CEL knows
                            help: use `"` or `'`

            role == "\q"
                    ^^^^ syntax: this text holds an escape that CEL does not know
                         help: `\\` is a backslash, `\"` a quote, `\n` a new line

        "#]],
    );
}

#[test]
fn signs_and_letters() {
    check(
        &[
            "!-rides",
            "if(rides)",
            "99999999999999999999 > rides",
            "rides > 1;",
            "1(2)",
            "größe > 1",
            "// only a remark",
        ],
        expect![[r#"
            !-rides
              ^^^^^ syntax: `rides` cannot stand here
                    help: put what the sign is for in brackets: `!(-x < 1)`

            if(rides)
            ^^ syntax: `if` is reserved in CEL

            99999999999999999999 > rides
            ^^^^^^^^^^^^^^^^^^^^ syntax: the number `99999999999999999999` is out of range

            rides > 1;
                     ^ syntax: unexpected character `;`

            1(2)
             ^ syntax: only a function can be called

            größe > 1
            ^^^^^ syntax: `größe` is no name
                  help: names are made of `a` to `z`, digits and `_`

            // only a remark
            ^ syntax: expected an expression, found nothing

        "#]],
    );
}

#[test]
fn spans_cover_brackets_and_lines() {
    check(
        &[
            "place.outdoor\n  && (rides + 1) > (role)",
            "((rides)) + (1.5) > 2.0",
            "-(role) > 1",
            "(place.outdoor ? role : (rides)) == 1",
            "nearest( 'food' ) > (time.hour)",
        ],
        expect![[r#"
              && (rides + 1) > (role)
                 ^^^^^^^^^^^^^^^^^^^^ wrong-type: a whole number is not compared with a role

            ((rides)) + (1.5) > 2.0
            ^^^^^^^^^^^^^^^^^ wrong-type: `+` does not take a whole number and a number
                              help: CEL does not mix whole numbers with doubles: write `1.0` for `1`, or `double(..)`

            -(role) > 1
              ^^^^ wrong-type: `-` takes a number, and this is a role

            (place.outdoor ? role : (rides)) == 1
                             ^^^^^^^^^^^^^ wrong-type: both sides of `:` must be alike: a role and a whole number

            nearest( 'food' ) > (time.hour)
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ wrong-type: a zone is not compared with a whole number

        "#]],
    );
}

#[test]
fn bounds_come_before_the_parser() {
    let deep = format!("{}1{} == 1", "(".repeat(33), ")".repeat(33));
    let fits = format!("{}1{} == 1", "(".repeat(32), ")".repeat(32));
    let wide = format!("{}true", "true && ".repeat(256));
    let long = format!("rides == 1 // {}", "x".repeat(4_096));
    let stage = stage();
    let code = |text: &str| stage.guard(text).err().map(|problems| problems.iter().map(|p| p.code).collect());
    assert_eq!(code(&fits), None);
    assert_eq!(code(&deep), Some(vec!["too-deep"]));
    assert_eq!(code(&wide), Some(vec!["too-long"]));
    assert_eq!(code(&long), Some(vec!["too-long"]));
}
