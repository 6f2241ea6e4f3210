//! The author's tools from outside: `draw`, `import` and `lsp`, the last one also through a client library that is not ours.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use turnpage_journeys_engine::Library;
use turnpage_tests::workspace::{root, turnpage};

fn says(args: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(turnpage()).args(args).current_dir(root()).output().expect("the binary starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn shipped_journeys_are_drawn() {
    let (code, drawn, said) = says(&["draw", "journeys/library/theme-park"]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert!(drawn.starts_with("flowchart") && drawn.contains("strolling"), "{drawn}");
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("rain.svg");
    let out = file.to_str().expect("a plain path");
    let (code, drawn, _) =
        says(&["draw", "--format", "svg", "--out", out, "journeys/library/theme-park/rainy-day.yaml"]);
    assert_eq!((code, drawn.as_str()), (Some(0), ""));
    assert!(fs::read_to_string(file).expect("it was written").starts_with("<svg"));
}

#[test]
fn journeys_are_compiled_to_a_file_that_is_read_back() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("day-out");
    let out = file.to_str().expect("a plain path");
    let day_out = "journeys/library/day-out";
    let (code, printed, said) = says(&["compile", "--venue", day_out, "--out", out, day_out]);
    assert_eq!((code, printed.as_str()), (Some(0), ""), "{said}");
    let bytes = fs::read(&file).expect("it was written");
    let (library, schema) = Library::from_bytes(&bytes).expect("it is whole");
    assert_eq!(said, format!("{} journeys in {} bytes: `{out}`\n", library.journeys().len(), bytes.len()));
    assert_eq!(library.to_bytes(&schema), Ok(bytes));
    fs::write(&file, "journey: lost\npages: { here: { choices: [{ turn_to: there }] } }\n").expect("it can");
    let none = directory.path().join("none");
    let none = none.to_str().expect("a plain path");
    let (code, _, said) = says(&["compile", "--venue", day_out, "--out", none, out]);
    assert!(code == Some(1) && said.contains("unknown-page") && fs::metadata(none).is_err(), "{said}");
}

#[test]
fn what_does_not_compile_is_drawn_and_what_cannot_be_read_is_told() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("hole.yaml");
    fs::write(&file, "journey: hole\npages:\n  one:\n    choices: [ { after: 1m, turn_to: nowhere } ]\n")
        .expect("written");
    let path = file.to_str().expect("a plain path");
    let (code, drawn, said) = says(&["draw", path]);
    assert_eq!(code, Some(0), "{said}");
    assert!(drawn.contains("no such page"), "{drawn}");
    fs::write(&file, "journey: [").expect("written");
    let (code, drawn, said) = says(&["draw", path]);
    assert_eq!((code, drawn.as_str()), (Some(1), ""), "{said}");
    assert!(said.contains("hole.yaml:1"), "{said}");
}

#[test]
fn a_detector_model_is_brought_over_with_a_list_of_what_was_left() {
    let model = "journeys/authoring/tests/authoring/detectors/motor.json";
    let (code, journey, said) = says(&["import", "aws-iot-events", model]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        journey.contains("journey: motor-detector-model") && said.contains("left: "),
        "{journey}\n{said}"
    );
    let (code, journey, said) = says(&["import", "aws-iot-events", "journeys/library/theme-park/lunch.yaml"]);
    assert_eq!((code, journey.as_str()), (Some(1), ""));
    assert!(said.contains("no detector model"), "{said}");
}

#[test]
fn the_language_server_speaks_over_its_streams() {
    let frame = |body: &str| format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let messages = [
        r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#,
        r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#,
        "this is no JSON",
        r#"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"untitled:a","languageId":"yaml","version":1,"text":"journey: a\npages: { b: { choices: [ { after: 1m, turn_to: c } ] } }\n"}}}"#,
        r#"{"jsonrpc":"2.0","id":2,"method":"shutdown"}"#,
        r#"{"jsonrpc":"2.0","method":"exit"}"#,
    ];
    let mut child = Command::new(turnpage())
        .arg("lsp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let input: String = messages.iter().map(|message| frame(message)).collect();
    child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it reads");
    let Output { status, stdout, .. } = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&stdout);
    assert_eq!(status.code(), Some(0), "{said}");
    for expected in ["hoverProvider", "publishDiagnostics", "unknown-page"] {
        assert!(said.contains(expected), "`{expected}` is not in:\n{said}");
    }
}

/// pygls is the client half of a library that many servers are tested with. It is not part of this repository.
#[test]
fn a_client_library_that_is_not_ours_understands_the_server() {
    let script = root().join("tests/tests/corridor/lsp_client.py");
    let python = |args: &[&str]| Command::new("python3").args(args).output();
    let there = python(&["-c", "import pygls, lsprotocol"]).is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("left out: there is no python3 with pygls here; `pip install pygls` brings it");
        return;
    }
    let binary = turnpage();
    let args = [script.to_str().expect("a plain path"), binary.to_str().expect("a plain path")];
    let Output { status, stdout, stderr } = python(&args).expect("python runs");
    let said = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    assert!(status.success() && said.contains("understood"), "{said}");
}
