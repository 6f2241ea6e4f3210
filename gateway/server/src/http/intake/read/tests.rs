//! Headers and bodies as strangers write them.

use axum::http::{HeaderValue, Response};
use axum::response::IntoResponse as _;
use proptest::prelude::*;
use turnpage_gateway_mqtt::Filter;

use super::*;

fn headers(name: &'static str, values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn permit() -> Permit {
    Permit::new(vec![Filter::new("till/+").unwrap()], Vec::new())
}

fn status(problem: Problem) -> u16 {
    let response: Response<_> = problem.into_response();
    response.status().as_u16()
}

#[test]
fn keys_are_strings_with_or_without_quotes() {
    let read = |values: &[&str]| key(&headers(KEY, values)).map_err(status);
    assert_eq!(read(&[]), Ok(None));
    for (text, expected) in [
        (r#""8e03978e-40d5""#, "8e03978e-40d5"),
        ("8e03978e-40d5", "8e03978e-40d5"),
        (r#" "two words" "#, "two words"),
        (r#""a\"b\\c""#, r#"a"b\c"#),
    ] {
        assert_eq!(read(&[text]), Ok(Some(expected.to_owned())), "{text}");
    }
    let long = "k".repeat(KEY_BYTES_MAX + 1);
    for values in [
        &[""][..],
        &[r#""""#],
        &[r#""open"#],
        &[r#""a" ;b"#],
        &[r#""a\n""#],
        &["two words"],
        &["a", "a"],
        &[&long],
    ] {
        assert_eq!(read(values), Err(400), "{values:?}");
    }
}

#[test]
fn credentials_are_a_name_and_whatever_follows_the_first_colon() {
    let read = |value: &str| credentials(&headers("authorization", &[value]));
    assert_eq!(read("Basic dGlsbDphOmI="), Some(("till".to_owned(), b"a:b".to_vec())));
    assert_eq!(read("basic dGlsbDo="), Some(("till".to_owned(), Vec::new())));
    for value in ["", "Basic", "Basic !", "Bearer dGlsbDphOmI=", "Basic dGlsbA=="] {
        assert_eq!(read(value), None, "{value}");
    }
}

#[test]
fn a_body_is_one_message_or_a_list() {
    let told = |body: &str| {
        messages(body.as_bytes(), &permit()).map_err(status).map(|messages| {
            let told = |said: &Said| {
                let checked = said.checked.as_ref().map_or_else(|reason| reason.as_str(), |_| "fine");
                format!("{} {} {checked}", said.topic, String::from_utf8_lossy(&said.payload))
            };
            messages.iter().map(told).collect::<Vec<_>>()
        })
    };
    let one = |text: &str| Ok(vec![text.to_owned()]);
    // A payload goes on as it was written: its spaces, and numbers that a float would change.
    assert_eq!(told(r#"{"topic":"till/1","payload":{ "n": 1.10 }}"#), one(r#"till/1 { "n": 1.10 } fine"#));
    assert_eq!(told(r#" [{"topic":"till/1","text":"18.5"}] "#), one("till/1 18.5 fine"));
    assert_eq!(told(r#"{"topic":"till/1","base64":"aGk="}"#), one("till/1 hi fine"));
    assert_eq!(told(r#"{"topic":"other","text":""}"#), one("other  impostor"));
    assert_eq!(told(r#"{"topic":"till/#","text":""}"#), one("till/#  topic"));
    for body in [
        "",
        "7",
        "{}",
        "[1]",
        r#"{"topic":"till/1"}"#,
        r#"{"topic":"till/1","payload":null}"#,
        r#"{"topic":"till/1","text":"a","base64":""}"#,
        r#"{"topic":"till/1","base64":"?"}"#,
        r#"{"topic":"till/1","text":"a","qos":1}"#,
        r#"{"topic":"till/1","text":"a"} {}"#,
    ] {
        assert_eq!(told(body), Err(400), "{body}");
    }
    let many = |count: usize| format!("[{}]", vec![r#"{"topic":"till/1","text":""}"#; count].join(","));
    assert_eq!(told(&many(MESSAGES_MAX)).unwrap().len(), MESSAGES_MAX);
    assert_eq!(told(&many(MESSAGES_MAX + 1)), Err(413));
    assert_eq!(told("[]"), Err(400));
    // Nesting costs no stack.
    let deep = format!(r#"{{"topic":"till/1","payload":{}}}"#, "[".repeat(100_000));
    assert_eq!(told(&deep), Err(400));
}

proptest! {
    #[test]
    fn any_bytes_are_answered(body in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,40}") {
        let _ = messages(&body, &permit()).map_err(status);
        let quoted = format!(r#"[{{"topic":{text:?},"payload":{text}}}]"#);
        let _ = messages(quoted.as_bytes(), &permit()).map_err(status);
        if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
            let headers = HeaderMap::from_iter([("idempotency-key", value.clone()), ("authorization", value)]
                .map(|(name, value)| (http::HeaderName::from_static(name), value)));
            let _ = key(&headers).map_err(status);
            let _ = credentials(&headers);
        }
    }
}
