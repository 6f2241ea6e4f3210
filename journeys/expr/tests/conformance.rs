//! Agreement with CEL's own conformance cases: whatever of them compiles in the subset must give CEL's answer.
//!
//! The cases lie beside the workspace and are not part of it; without them the test says so and is content. What
//! must not compile is the business of `diagnostics.rs`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

use flate2::read::GzDecoder;
use serde_json::Value as Json;
use turnpage_journeys_expr::{
    Env, Local, LocalTime, Program, Schema, Scope, Template, Timestamp, Type, Value,
};

/// Relative to this package, where cargo runs its tests.
const CASES: &str = "../../../shared/data/11-conformance/cel_spec_tests.ndjson.gz";

/// Types an expression of a case may have here, in the order they are tried.
const TYPES: [Type; 4] = [Type::Bool, Type::Int, Type::Double, Type::Duration];

/// How many of the cases must compile, so that a narrowed subset is noticed.
const COMPILED_MIN: usize = 279;

#[test]
fn what_compiles_agrees_with_cel() {
    let Ok(file) = File::open(CASES) else {
        eprintln!("skipped: the CEL conformance cases are not at {CASES}");
        return;
    };
    let (mut total, mut compiled, mut wrong) = (0, 0, Vec::new());
    let mut by_file: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for line in BufReader::new(GzDecoder::new(file)).lines() {
        let case: Json =
            serde_json::from_str(&line.expect("the archive is text")).expect("each line is JSON");
        total += 1;
        let counts = by_file.entry(case["file"].as_str().unwrap_or_default().into()).or_default();
        counts.1 += 1;
        if let Some(agreed) = run(&case) {
            compiled += 1;
            counts.0 += 1;
            if let Err(found) = agreed {
                wrong.push(format!("{}: wanted {}, found {found}", case["expr"], case["value"]));
            }
        }
    }
    println!("{compiled} of {total} cases compile in the subset: {by_file:?}");
    assert!(wrong.is_empty(), "{} of {compiled} disagree:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compiled >= COMPILED_MIN, "only {compiled} of {total} cases compile");
}

/// `None` if the case is outside of the subset, else whether it agrees, with what was found.
fn run(case: &Json) -> Option<Result<(), String>> {
    let schema = Schema::new();
    let mut locals = Vec::new();
    let mut values = Vec::new();
    for variable in case["type_env"].as_array().into_iter().flatten() {
        let ty = match variable["ident"]["type"]["primitive"]["$tok"].as_str()? {
            "BOOL" => Type::Bool,
            "INT64" => Type::Int,
            "DOUBLE" => Type::Double,
            _ => return None,
        };
        let name = variable["name"].as_str()?;
        let bound = case["bindings"].as_array().into_iter().flatten().find(|binding| binding["key"] == name);
        values.push(bound.and_then(|binding| value(&binding["value"]["value"])).unwrap_or(Value::Unknown));
        locals.push(Local { name: name.into(), ty });
    }
    let scope = Scope { schema: &schema, locals: &locals, history: None };
    let env = Env { facts: &[], locals: &values, local: LocalTime::default(), now: Timestamp::default() };
    let expr = case["expr"].as_str()?;
    if let Some(text) = case["value"]["string_value"].as_str() {
        // Text has a value in templates alone.
        let found = Template::compile(&format!("{{{expr}}}"), &scope).ok()?.render(&env, &schema);
        return Some(if found == text { Ok(()) } else { Err(found) });
    }
    if let Some(list) = case["value"].get("list_value") {
        // A list has no value of its own here, so it is compared with what is wanted.
        let empty = Vec::new();
        let elements = list["values"].as_array().unwrap_or(&empty).iter().map(literal);
        let elements: Option<Vec<String>> = elements.collect();
        let text = format!("({expr}) == [{}]", elements?.join(", "));
        let program = Program::compile(&text, &scope, Type::Bool).ok()?;
        let found = program.eval(&env);
        return Some(if found == Value::Bool(true) { Ok(()) } else { Err(format!("{found:?}")) });
    }
    let wanted = if case.get("eval_error").is_some() {
        Value::Unknown
    } else if let Some(typed) = case["typed_result"].get("result") {
        value(typed)?
    } else if let Some(plain) = case.get("value") {
        value(plain)?
    } else {
        Value::Bool(true)
    };
    let program = TYPES.iter().find_map(|ty| Program::compile(expr, &scope, *ty).ok())?;
    let found = program.eval(&env);
    Some(if same(wanted, found) { Ok(()) } else { Err(format!("{found:?}")) })
}

/// A value of the cases, if the subset has its like.
fn value(json: &Json) -> Option<Value> {
    let (kind, value) = json.as_object()?.iter().next()?;
    match kind.as_str() {
        "bool_value" => value.as_bool().map(Value::Bool),
        "int64_value" => value.as_i64().or_else(|| value["$tok"].as_str()?.parse().ok()).map(Value::Int),
        "double_value" => {
            let token = || value["$tok"].as_str()?.parse().ok();
            value.as_f64().or_else(token).map(Value::Double)
        }
        _ => None,
    }
}

/// A value of the cases as CEL writes it.
fn literal(json: &Json) -> Option<String> {
    if let Some(text) = json["string_value"].as_str() {
        return Some(format!("{text:?}"));
    }
    match value(json)? {
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(value) => Some(value.to_string()),
        Value::Double(value) => Some(format!("{value:?}")),
        _ => None,
    }
}

/// Equal bits of meaning: a NaN is wanted where a NaN is found.
fn same(wanted: Value, found: Value) -> bool {
    match (wanted, found) {
        (Value::Double(wanted), Value::Double(found)) => wanted == found || wanted.is_nan() && found.is_nan(),
        _ => wanted == found,
    }
}
