//! Detector models become journeys that check accepts, with everything that was left told; anything else is an error.

use expect_test::{expect, expect_file};
use proptest::prelude::{ProptestConfig, any, proptest};
use turnpage_journeys_authoring::import::Imported;
use turnpage_journeys_authoring::import::aws_iot_events::import;
use turnpage_journeys_authoring::{Sources, check, render};
use turnpage_journeys_expr::Type;

use crate::stage::schema;

/// Models written after the service's public documentation: its motor, its heating and cooling, its alarm.
const MODELS: [(&str, &str); 3] = [
    ("motor", include_str!("detectors/motor.json")),
    ("hvac", include_str!("detectors/hvac.json")),
    ("simple-alarm", include_str!("detectors/simple-alarm.json")),
];

fn imported(name: &str) -> Imported {
    let (_, text) = MODELS.iter().find(|(model, _)| *model == name).expect("a model");
    import(text).expect("a sound model")
}

/// What check says of a journey in a venue that declares its signals.
fn judged(imported: &Imported) -> (bool, String) {
    let mut schema = schema();
    for (name, _) in &imported.signals {
        schema.fact(&format!("signal.{name}"), Type::Double).expect("a few facts fit");
    }
    let checked = check(Sources::of("imported.yaml", imported.text.as_str()), &schema);
    (checked.library.is_some(), render(&checked.report, false))
}

#[test]
fn models_become_journeys_that_run() {
    for (name, _) in MODELS {
        let imported = imported(name);
        let (sound, said) = judged(&imported);
        assert!(sound, "{said}\n{}", imported.text);
    }
    expect_file!["imported/motor.yaml"].assert_eq(&imported("motor").text);
    expect_file!["imported/hvac.yaml"].assert_eq(&imported("hvac").text);
    expect_file!["imported/simple-alarm.yaml"].assert_eq(&imported("simple-alarm").text);
}

#[test]
fn everything_left_is_told_twice() {
    for (name, _) in MODELS {
        let imported = imported(name);
        assert!(!imported.left.is_empty(), "{name}");
        for left in &imported.left {
            assert!(imported.text.contains(&format!("# - {}: {}\n", left.place, left.reason)), "{left:?}");
        }
    }
}

/// A model of one state with one event.
fn one(event: &str) -> String {
    format!(
        "{{\"detectorModelName\":\"one\",\"detectorModelDefinition\":{{\"initialStateName\":\"a\",\"states\":[\
         {{\"stateName\":\"a\",\"onInput\":{{\"transitionEvents\":[{event}]}}}},{{\"stateName\":\"b\"}}]}}}}"
    )
}

#[test]
fn conditions_are_said_as_guards_or_with_the_reason_why_not() {
    let said = |condition: &str| {
        let condition = serde_json::to_string(condition).expect("a text");
        let imported =
            import(&one(&format!("{{\"eventName\":\"e\",\"condition\":{condition},\"nextState\":\"b\"}}")));
        let imported = imported.expect("a model");
        let line = |prefix: &str| {
            imported.text.lines().map(str::trim).find_map(|line| line.strip_prefix(prefix)).map(str::to_owned)
        };
        match line("when: ").or(line("on: ").or(line("- on: "))) {
            Some(when) => when,
            None => imported.left.iter().map(|left| left.reason.clone()).collect::<Vec<_>>().join("; "),
        }
    };
    let table = [
        "$input.In.a > 1 && !($input.In.b <= 2.50 || $input.In.a == -1)",
        "1 + 2 * $input.In.a - 3 / 4 > 0",
        "isUndefined($input.In.a)",
        "triggerType(\"Message\") && $input.In.a != 0",
        "triggerType(\"Timer\")",
        "convert(Decimal, $input.In.a) > 1",
        "currentInput(\"In\") && $input.In.a > 1",
        "currentInput(\"Other\")",
        "timeout(\"t\")",
        "$input.In.a == 'on'",
        "$input.In.list[0] > 1",
        "$input.In > 1",
        "contains($input.In.a, \"x\")",
        "$input.In.a >",
        "(((",
        "\"open",
        "2 ~ 3",
        "true",
    ];
    let shown: Vec<String> =
        table.iter().map(|condition| format!("{condition}  =>  {}", said(condition))).collect();
    expect![[r#"
        $input.In.a > 1 && !($input.In.b <= 2.50 || $input.In.a == -1)  =>  'signal["in_a"] > 1.0 && !((signal["in_b"] <= 2.5) || (signal["in_a"] == -1.0))'
        1 + 2 * $input.In.a - 3 / 4 > 0  =>  '((1.0 + (2.0 * signal["in_a"])) - (3.0 / 4.0)) > 0.0'
        isUndefined($input.In.a)  =>  '!has(signal.in_a)'
        triggerType("Message") && $input.In.a != 0  =>  'signal["in_a"] != 0.0'
        triggerType("Timer")  =>  the condition `triggerType("Timer")`: it never holds
        convert(Decimal, $input.In.a) > 1  =>  'signal["in_a"] > 1.0'
        currentInput("In") && $input.In.a > 1  =>  'signal["in_a"] > 1.0'
        currentInput("Other")  =>  the condition `currentInput("Other")`: which input came (`currentInput("Other")`) is no fact of guards
        timeout("t")  =>  the condition `timeout("t")`: nobody sets the timer `t`
        $input.In.a == 'on'  =>  the condition `$input.In.a == 'on'`: the text `on` has no counterpart: signals and variables are numbers or truths
        $input.In.list[0] > 1  =>  the condition `$input.In.list[0] > 1`: `$input.In.list[..]` is an item of a list, and signals have no lists
        $input.In > 1  =>  the condition `$input.In > 1`: `$input.In` is a whole message, and a signal is one value
        contains($input.In.a, "x")  =>  the condition `contains($input.In.a, "x")`: guards have no function `contains`
        $input.In.a >  =>  the condition `$input.In.a >`: it ends where a value should be
        (((  =>  the condition `(((`: it ends where a value should be
        "open  =>  the condition `"open`: a quote is never closed
        2 ~ 3  =>  the condition `2 ~ 3`: `~ 3` was not understood
        true  =>  signal"#]].assert_eq(&shown.join("\n"));
}

#[test]
fn what_is_no_model_is_an_error() {
    let said = |text: &str| match import(text) {
        Ok(imported) => format!("a journey:\n{}", imported.text),
        Err(problems) => problems
            .iter()
            .map(|problem| format!("{}: {}", problem.code, problem.message))
            .collect::<Vec<_>>()
            .join("; "),
    };
    let models = [
        "",
        "{}",
        "[1, 2]",
        "{\"detectorModelDefinition\": {",
        "{\"detectorModelDefinition\": {}}",
        "{\"detectorModelDefinition\": {\"initialStateName\": \"x\", \"states\": []}}",
        "{\"detectorModelDefinition\": {\"initialStateName\": \"x\", \"states\": [{\"stateName\": \"a\"}, {\"stateName\": \"a\"}]}}",
        "{\"detectorModelDefinition\": {\"initialStateName\": \"a\", \"states\": [{\"stateName\": \"a\", \"onInput\": {\"events\": 7}}]}}",
    ];
    let shown: Vec<String> = models.iter().map(|model| said(model)).collect();
    expect![[r#"
        no-detector-model: this is no detector model: it has no `detectorModelDefinition`
        no-detector-model: this is no detector model: it has no `detectorModelDefinition`
        no-detector-model: this is no detector model: it has no `detectorModelDefinition`
        syntax: this `{` is never closed
        missing-key: missing key `initialStateName`
        bad-states: a model has 1 to 1024 states
        duplicate-name: another state is named `a`, too; unknown-state: no state is named `x`
        wrong-type: expected a list, found a number"#]]
    .assert_eq(&shown.join("\n"));
}

#[test]
fn what_is_huge_or_deep_is_an_error_or_ends() {
    assert!(import(&"[".repeat(100_000)).is_err());
    assert!(import(&format!("{{\"a\":\"{}\"}}", "x".repeat(2 << 20))).is_err());
    let states: Vec<String> = (0..2_000).map(|state| format!("{{\"stateName\":\"s{state}\"}}")).collect();
    let many = format!(
        "{{\"detectorModelDefinition\":{{\"initialStateName\":\"s0\",\"states\":[{}]}}}}",
        states.join(",")
    );
    assert!(import(&many).is_err());
    for condition in [
        "(".repeat(10_000),
        "!".repeat(10_000),
        vec!["true"; 1_000].join("&&"),
        vec!["$input.a.b"; 900].join(" + "),
    ] {
        let imported = import(&one(&format!(
            "{{\"eventName\":\"e\",\"condition\":\"{condition}\",\"nextState\":\"b\"}}"
        )));
        assert_eq!(imported.expect("a model").left.len(), 1);
    }
}

#[test]
fn hostile_names_stay_names() {
    let word = "x\\n  - evil: true # ${{1}} \\u001b[31m 'quoted' \\\"twice\\\" {hole}";
    let event = format!(
        "{{\"eventName\":\"{word}\",\"condition\":\"$input.In.a > 1\",\"nextState\":\"b\",\"actions\":[{{\"sns\":{{\"targetArn\":\"{word}\"}}}},\
         {{\"setVariable\":{{\"variableName\":\"{word}\",\"value\":\"1\"}}}},{{\"{word}\":{{}}}}]}}"
    );
    let imported = import(&one(&event)).expect("a model");
    let (sound, said) = judged(&imported);
    assert!(sound, "{said}\n{}", imported.text);
    assert!(!imported.text.contains('\u{1b}'));
    assert!(!imported.text.lines().any(|line| line.trim_start().starts_with("- evil")));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Any condition gives a journey that check accepts, or a reason.
    #[test]
    fn no_condition_is_too_strange(condition in "[a-z0-9$.(){}\\[\\]\"'!=<>&|+*/ -]{0,40}", wild in any::<String>()) {
        for condition in [condition, wild] {
            let condition = serde_json::to_string(&condition).expect("a text");
            let event = format!("{{\"eventName\":\"e\",\"condition\":{condition},\"nextState\":\"b\"}}");
            if let Ok(imported) = import(&one(&event)) {
                assert!(imported.text.contains("turn_to: b") || !imported.left.is_empty(), "{}", imported.text);
            }
        }
    }
}
