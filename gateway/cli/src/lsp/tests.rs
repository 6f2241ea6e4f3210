//! The server through its protocol: a client at the other end of a connection in memory, and bytes that are no protocol.

use std::io::Cursor;
use std::thread::JoinHandle;

use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

use super::{serve, wire};

const URI: &str = "untitled:rain.yaml";

/// An emoji before the guard on its line: columns count it twice.
const JOURNEY: &str = "journey: rain\noffers:\n  cocoa: { text: { en: \"🍫?\" }, channels: [band] }\npages:\n  strolling:\n    choices:\n      - { pick: 🍫, when: weather.rain > 0.5, offer: cocoa, turn_to: sheltre }\n  shelter:\n";

struct Client {
    connection: Connection,
    server: JoinHandle<anyhow::Result<bool>>,
    asked: i32,
}

impl Client {
    fn start() -> Self {
        let mut client = Self::unstarted();
        let begun = client.ask("initialize", json!({ "capabilities": {} }));
        assert_eq!(begun["serverInfo"]["name"], "turnpage");
        client.tell("initialized", json!({}));
        client
    }

    fn unstarted() -> Self {
        let (server, connection) = Connection::memory();
        Self { connection, server: std::thread::spawn(move || serve(&server, None)), asked: 0 }
    }

    fn tell(&self, method: &str, params: Value) {
        self.connection.sender.send(Notification::new(method.to_owned(), params).into()).expect("it listens");
    }

    fn respond(&mut self, method: &str, params: Value) -> Response {
        self.asked += 1;
        let request = Request::new(RequestId::from(self.asked), method.to_owned(), params);
        self.connection.sender.send(request.into()).expect("it listens");
        loop {
            if let Message::Response(response) = self.connection.receiver.recv().expect("an answer") {
                assert_eq!(response.id, RequestId::from(self.asked));
                return response;
            }
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let response = self.respond(method, params);
        serde_json::to_value(&response).expect("JSON")["result"].clone()
    }

    /// Asks about a place in the text.
    fn ask_at(&mut self, method: &str, line: u32, character: u32) -> Value {
        let at = json!({ "line": line, "character": character });
        self.ask(
            method,
            json!({ "textDocument": { "uri": URI }, "position": at, "context": { "includeDeclaration": true, "triggerKind": 1 }, "newName": "roof" }),
        )
    }

    /// Opens or changes the text and waits for what is wrong with it.
    fn write(&self, text: &str) -> Vec<Value> {
        self.tell(
            "textDocument/didOpen",
            json!({ "textDocument": { "uri": URI, "languageId": "yaml", "version": 1, "text": text } }),
        );
        self.told()
    }

    fn told(&self) -> Vec<Value> {
        loop {
            if let Message::Notification(note) = self.connection.receiver.recv().expect("diagnostics") {
                assert_eq!(note.method, "textDocument/publishDiagnostics");
                return note.params["diagnostics"].as_array().expect("a list").clone();
            }
        }
    }

    fn stop(mut self) -> bool {
        assert_eq!(self.ask("shutdown", Value::Null), Value::Null);
        self.tell("exit", Value::Null);
        self.server.join().expect("no panic").expect("no error")
    }
}

fn range(line: u32, from: u32, to: u32) -> Value {
    json!({ "start": { "line": line, "character": from }, "end": { "line": line, "character": to } })
}

#[test]
fn diagnostics_come_while_typing_with_utf16_columns() {
    let client = Client::start();
    let wrong = client.write(JOURNEY);
    let page = wrong.iter().find(|wrong| wrong["code"] == "unknown-page").expect("the misspelt page");
    assert_eq!(page["range"], range(6, 69, 76), "the emoji counts twice");
    assert!(
        page["message"].as_str().is_some_and(|message| message.contains("did you mean `shelter`?")),
        "{page}"
    );
    let sound = JOURNEY.replace("sheltre", "shelter").replace("pick: 🍫, ", "");
    client.tell(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": URI, "version": 2 }, "contentChanges": [{ "text": sound }] }),
    );
    assert_eq!(client.told(), Vec::<Value>::new());
    client.tell("textDocument/didClose", json!({ "textDocument": { "uri": URI } }));
    assert!(client.stop());
}

#[test]
fn plays_are_diagnosed_too() {
    let client = Client::start();
    let wrong = client.write("plays_of: rain\nplays:\n  - play: it rains\n    wen: []\n    then: nothing\n");
    assert!(wrong.iter().any(|wrong| wrong["code"] == "unknown-key"), "{wrong:?}");
    assert!(client.stop());
}

#[test]
fn questions_are_answered() {
    let mut client = Client::start();
    client.write(&JOURNEY.replace("sheltre", "shelter"));
    let items = client.ask_at("textDocument/completion", 6, 71);
    let labels: Vec<&str> =
        items.as_array().expect("a list").iter().filter_map(|item| item["label"].as_str()).collect();
    assert_eq!(labels, ["strolling", "shelter"]);
    assert_eq!(items[0]["textEdit"]["range"], range(6, 69, 71));
    let about = client.ask_at("textDocument/hover", 6, 35);
    assert!(about["contents"]["value"].as_str().is_some_and(|text| text.contains("mm/h")), "{about}");
    assert_eq!(client.ask_at("textDocument/definition", 6, 70)["range"], range(7, 2, 9));
    assert_eq!(client.ask_at("textDocument/references", 7, 4).as_array().map(Vec::len), Some(2));
    assert_eq!(client.ask_at("textDocument/prepareRename", 7, 4), range(7, 2, 9));
    let edits = client.ask_at("textDocument/rename", 7, 4);
    assert_eq!(edits["documentChanges"][0]["edits"].as_array().map(Vec::len), Some(2), "{edits}");
    let symbols = client.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": URI } }));
    let names: Vec<&str> =
        symbols.as_array().expect("a list").iter().filter_map(|symbol| symbol["name"].as_str()).collect();
    assert_eq!(names, ["rain", "cocoa", "strolling", "shelter"]);
    assert!(client.stop());
}

#[test]
fn hostile_messages_are_answered_or_passed_over() {
    let mut client = Client::start();
    client.write(JOURNEY);
    assert!(client.respond("textDocument/hover", json!({ "textDocument": 7 })).response_kind_is_error());
    assert!(client.respond("no/such/method", json!([1, 2])).response_kind_is_error());
    assert_eq!(client.ask_at("textDocument/hover", u32::MAX, u32::MAX), Value::Null);
    let elsewhere = json!({ "textDocument": { "uri": "file:///%zz/%00/nowhere.yaml" }, "position": { "line": 0, "character": 0 } });
    assert_eq!(client.ask("textDocument/hover", elsewhere), Value::Null);
    for method in [
        "textDocument/didOpen",
        "textDocument/didChange",
        "textDocument/didSave",
        "textDocument/didClose",
        "$/what",
    ] {
        for params in [Value::Null, json!(1), json!({ "textDocument": { "uri": "::::" } }), json!([[[[]]]])] {
            client.tell(method, params);
        }
    }
    for text in [
        "",
        "\u{0}\u{feff}",
        "journey: [",
        &"[".repeat(100_000),
        &"a: &x [*x, *x]\n".repeat(1_000),
        &"é".repeat(1 << 20),
    ] {
        let _ = client.write(text);
        client.ask_at("textDocument/completion", 0, 3);
        client.ask_at("textDocument/documentSymbol", 0, 0);
    }
    assert!(client.stop());
}

#[test]
fn an_editor_that_hangs_up_ends_the_server() {
    let client = Client::start();
    let Client { connection, server, .. } = client;
    drop(connection);
    assert!(!server.join().expect("no panic").expect("no error"));
    let client = Client::unstarted();
    drop(client.connection);
    assert!(!client.server.join().expect("no panic").expect("no error"));
}

#[test]
fn frames_are_read_within_bounds() {
    let read = |bytes: &[u8]| wire::read(&mut Cursor::new(bytes.to_vec()));
    assert_eq!(
        read(b"Content-Length: 2\r\nContent-Type: x\r\n\r\n{}").expect("a frame").as_deref(),
        Some(&b"{}"[..])
    );
    assert_eq!(read(b"").expect("the end"), None);
    assert_eq!(read(b"Content-Length: 9\r\n\r\n{}").expect("cut off"), None);
    for wrong in [
        "Content-Length: 99999999999999\r\n\r\n".to_owned(),
        "Content-Length: -1\r\n\r\n".to_owned(),
        "Content-Type: x\r\n\r\n".to_owned(),
        "x".repeat(5_000),
        "a: b\r\n".repeat(100),
    ] {
        assert!(read(wrong.as_bytes()).is_err(), "{wrong:.40}");
    }
}

trait IsError {
    fn response_kind_is_error(&self) -> bool;
}

impl IsError for Response {
    fn response_kind_is_error(&self) -> bool {
        serde_json::to_value(self).is_ok_and(|value| value.get("error").is_some())
    }
}

#[test]
fn what_is_about_two_places_names_both() {
    let client = Client::start();
    let hides = "      - { when: weather.rain > 0.2, turn_to: shelter }\n      - { when: weather.rain > 0.5";
    let text =
        JOURNEY.replace("sheltre", "shelter").replace("      - { pick: 🍫, when: weather.rain > 0.5", hides);
    let wrong = client.write(&text.replace("offers:", "version: 1\nversion: 2\noffers:"));
    let twice =
        wrong.iter().find(|wrong| wrong["code"] == "duplicate-key").expect("a key that is there twice");
    assert_eq!(twice["relatedInformation"][0]["location"], json!({ "uri": URI, "range": range(1, 0, 7) }));
    assert!(client.stop());
    let client = Client::start();
    let wrong = client.write(&text);
    let hidden =
        wrong.iter().find(|wrong| wrong["code"] == "hidden-choice").expect("a choice that is hidden");
    assert_eq!(hidden["relatedInformation"][0]["location"]["range"]["start"]["line"], 6, "{hidden}");
    assert!(client.stop());
}

#[test]
fn a_messy_text_is_put_into_its_canonical_form_at_once() {
    let mut client = Client::start();
    client.write("journey:   rain\r\npages:\r\n    strolling:\r\n");
    let asked = json!({ "textDocument": { "uri": URI }, "options": { "tabSize": 4, "insertSpaces": true } });
    let edits = client.ask("textDocument/formatting", asked.clone());
    assert_eq!(edits, json!([{ "range": range_to(3), "newText": "journey: rain\npages:\n  strolling:\n" }]));
    let sound = "journey: rain\npages:\n  strolling:\n";
    client.tell(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": URI, "version": 2 }, "contentChanges": [{ "text": sound }] }),
    );
    assert_eq!(client.ask("textDocument/formatting", asked), Value::Null, "it is in it already");
    assert!(client.stop());
}

/// Everything before a line.
fn range_to(line: u32) -> Value {
    json!({ "start": { "line": 0, "character": 0 }, "end": { "line": line, "character": 0 } })
}
