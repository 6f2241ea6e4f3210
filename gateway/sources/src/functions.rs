//! The functions of mappings: CEL's own where it has them, and the few that payloads ask for.
//!
//! Each is a line of [`FUNCTIONS`], which check.rs reads too, so that what is called exists. They are pure; text
//! pays by its length. Before: eval.rs.

use std::borrow::Cow;

use serde_json::Value as Json;
use turnpage_journeys_expr::Span;
use turnpage_journeys_expr::syntax::{Expr, Shape};

use crate::bthome;
use crate::eval::{Fault, Scope, TEXT_MAX, Value, own, short, unexpected};
use crate::secrets::Bindkeys;

/// What functions know beside their arguments.
#[derive(Clone, Copy)]
pub(crate) struct Context<'s> {
    pub(crate) bindkeys: &'s Bindkeys,
}

/// How a function is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// `name(..)`
    Function,
    /// `on.name(..)`
    Method,
    /// `list.name(variable, expression)`
    Macro,
}

/// A function: name, form, arguments (without the one before the dot), and how it is written.
pub(crate) struct Declared {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    pub(crate) arguments: usize,
    pub(crate) usage: &'static str,
}

const fn function(name: &'static str, form: Form, arguments: usize, usage: &'static str) -> Declared {
    Declared { name, form, arguments, usage }
}

/// Every function there is.
pub(crate) const FUNCTIONS: [Declared; 19] = [
    function("size", Form::Function, 1, "size(payload.list)"),
    function("size", Form::Method, 0, "payload.list.size()"),
    function("double", Form::Function, 1, "double(payload)"),
    function("int", Form::Function, 1, "int(payload.count)"),
    function("string", Form::Function, 1, "string(payload.id)"),
    function("find", Form::Function, 2, "find(payload, \"Temperature\")"),
    function("bthome", Form::Function, 2, "bthome(payload.servicedata, payload.id)"),
    function("contains", Form::Method, 1, "topic.contains(\"hall\")"),
    function("startsWith", Form::Method, 1, "topic.startsWith(\"hall\")"),
    function("endsWith", Form::Method, 1, "topic.endsWith(\"hall\")"),
    function("lowerAscii", Form::Method, 0, "payload.name.lowerAscii()"),
    function("trim", Form::Method, 0, "payload.trim()"),
    function("split", Form::Method, 1, "payload.split(\",\")"),
    function("replace", Form::Method, 2, "payload.id.replace(\":\", \"\")"),
    function("all", Form::Macro, 2, "payload.list.all(x, x > 0)"),
    function("exists", Form::Macro, 2, "payload.list.exists(x, x > 0)"),
    function("exists_one", Form::Macro, 2, "payload.list.exists_one(x, x > 0)"),
    function("filter", Form::Macro, 2, "payload.list.filter(x, x.rssi > -90)"),
    function("map", Form::Macro, 2, "payload.list.map(x, x.rssi)"),
];

/// Calls a function. check.rs has seen to it that there is one.
pub(crate) fn call<'s>(
    scope: &mut Scope<'s>,
    span: Span,
    on: Option<&'s Expr>,
    name: &str,
    args: &'s [Expr],
) -> Result<Value<'s>, Fault> {
    match (name, on, args) {
        ("size", Some(of), []) | ("size", None, [of]) => size(scope, of),
        ("double", None, [of]) => double(scope, of).map(own),
        ("int", None, [of]) => double(scope, of).map(|number| own(number.trunc())),
        ("string", None, [of]) => string(scope, of),
        ("find", None, [of, key]) => {
            let (of, key) = (scope.eval(of)?, scope.text(key)?);
            scope.pay(span, TEXT_MAX)?;
            let missing = || Fault::missing(span, format!("there is no `{}` anywhere", short(&key)));
            find(&of, &key).map(|found| own(found.clone())).ok_or_else(missing)
        }
        ("bthome", None, [data, address]) => {
            let (text, address_text) = (scope.text(data)?, scope.text(address)?);
            scope.pay(span, text.len().saturating_mul(64))?;
            let decoded = bthome::read(&text, &address_text, scope.functions.bindkeys);
            decoded.map(Cow::Owned).map_err(|error| Fault::wrong(data.span, error.to_string()))
        }
        (_, Some(list), [variable, body]) if name != "replace" => {
            over(scope, span, list, name, variable, body)
        }
        (_, Some(of), args) => method(scope, span, of, name, args),
        _ => Err(Fault::wrong(span, format!("there is no function `{name}`"))),
    }
}

fn size<'s>(scope: &mut Scope<'s>, of: &'s Expr) -> Result<Value<'s>, Fault> {
    let value = scope.eval(of)?;
    let size = match value.as_ref() {
        Json::String(text) => {
            scope.pay(of.span, text.len())?;
            text.chars().count()
        }
        Json::Array(items) => items.len(),
        Json::Object(fields) => fields.len(),
        other => return Err(unexpected("a list, a map or text", other, of.span)),
    };
    Ok(own(size as f64))
}

fn double<'s>(scope: &mut Scope<'s>, of: &'s Expr) -> Result<f64, Fault> {
    let value = scope.eval(of)?;
    let number = match value.as_ref() {
        Json::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Json::Number(number) => number.as_f64(),
        Json::String(text) => {
            scope.pay(of.span, text.len())?;
            // `f64` would also read `inf` and `nan`.
            text.trim().parse().ok().filter(|number: &f64| number.is_finite())
        }
        _ => None,
    };
    number.ok_or_else(|| unexpected("a number", &value, of.span))
}

fn string<'s>(scope: &mut Scope<'s>, of: &'s Expr) -> Result<Value<'s>, Fault> {
    let value = scope.eval(of)?;
    match value.as_ref() {
        Json::String(_) => Ok(value),
        Json::Bool(truth) => Ok(own(truth.to_string())),
        // Not as JSON writes it: 7.0 is 7.
        Json::Number(number) => {
            Ok(own(number.as_f64().map_or_else(String::new, |number| number.to_string())))
        }
        other => Err(unexpected("a truth, a number or text", other, of.span)),
    }
}

/// The first value under a key, at any depth: what is nearer the top before what is deeper in, in the order of keys.
fn find<'j>(of: &'j Json, key: &str) -> Option<&'j Json> {
    let mut level = vec![of];
    while !level.is_empty() {
        let fields = level.iter().filter_map(|value| value.as_object());
        if let Some(found) = fields.filter_map(|fields| fields.get(key)).find(|found| !found.is_null()) {
            return Some(found);
        }
        let below = level.iter().flat_map(|value| match value {
            Json::Object(fields) => fields.values().collect::<Vec<_>>(),
            Json::Array(items) => items.iter().collect(),
            _ => Vec::new(),
        });
        level = below.collect();
    }
    None
}

fn method<'s>(
    scope: &mut Scope<'s>,
    span: Span,
    of: &'s Expr,
    name: &str,
    args: &'s [Expr],
) -> Result<Value<'s>, Fault> {
    let text = scope.text(of)?;
    scope.pay(span, text.len())?;
    Ok(match (name, args) {
        ("contains", [part]) => own(text.contains(&*scope.text(part)?)),
        ("startsWith", [part]) => own(text.starts_with(&*scope.text(part)?)),
        ("endsWith", [part]) => own(text.ends_with(&*scope.text(part)?)),
        ("lowerAscii", []) => own(text.to_ascii_lowercase()),
        ("trim", []) => own(text.trim()),
        ("split", [part]) => {
            let part = scope.text(part)?;
            // A list costs more than its text.
            scope.pay(span, text.len().saturating_mul(8))?;
            Cow::Owned(text.split(&*part).map(Json::from).collect())
        }
        ("replace", [old, new]) => {
            let (old, new) = (scope.text(old)?, scope.text(new)?);
            let parts: Vec<&str> = text.split(&*old).collect();
            let length = parts.len().saturating_mul(new.len()).saturating_add(text.len());
            scope.pay(span, length)?;
            if length > TEXT_MAX {
                return Err(Fault::wrong(span, format!("this text would be longer than {TEXT_MAX} bytes")));
            }
            own(parts.join(&new))
        }
        _ => return Err(Fault::wrong(span, format!("there is no function `{name}`"))),
    })
}

/// A macro over the items of a list, or the keys of a map, in their order.
fn over<'s>(
    scope: &mut Scope<'s>,
    span: Span,
    list: &'s Expr,
    name: &str,
    variable: &'s Expr,
    body: &'s Expr,
) -> Result<Value<'s>, Fault> {
    let Shape::Name(variable) = &variable.shape else {
        return Err(Fault::wrong(variable.span, "expected a name"));
    };
    let items: Vec<Value<'s>> = match scope.eval(list)? {
        Cow::Borrowed(Json::Array(items)) => items.iter().map(Cow::Borrowed).collect(),
        Cow::Owned(Json::Array(items)) => items.into_iter().map(Cow::Owned).collect(),
        value if value.is_object() => value
            .as_object()
            .into_iter()
            .flat_map(|fields| fields.keys())
            .map(|key| own(key.as_str()))
            .collect(),
        other => return Err(unexpected("a list or a map", &other, list.span)),
    };
    scope.pay(span, items.len())?;
    let mut kept = Vec::new();
    let (mut held, mut refused, mut fault) = (0_usize, false, None);
    for item in items {
        scope.names.push((variable, item.clone()));
        let value = scope.eval(body);
        scope.names.pop();
        if name == "map" {
            let value = value?;
            kept.push(scope.owned(value, body.span)?);
            continue;
        }
        let truth =
            value.and_then(|value| value.as_bool().ok_or_else(|| unexpected("a truth", &value, body.span)));
        match truth {
            Ok(true) => {
                held += 1;
                if name == "filter" {
                    kept.push(scope.owned(item, list.span)?);
                }
            }
            Ok(false) => refused = true,
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    let value = match name {
        // One item decides, even when another has a fault.
        "exists" if held > 0 => return Ok(own(true)),
        "all" if refused => return Ok(own(false)),
        "exists" => own(false),
        "all" => own(true),
        "exists_one" => own(held == 1),
        _ => Cow::Owned(Json::Array(kept)),
    };
    fault.map_or(Ok(value), Err)
}
