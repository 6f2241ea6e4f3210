//! Every key of the language into the definition that the engine compiles.

use std::path::Path;

use expect_test::expect_file;
use turnpage_journeys_authoring::read;

#[test]
fn every_key_is_read() {
    let reading = read(include_str!("whole.yaml"));
    assert_eq!(reading.diagnostics, []);
    let definition = reading.definition.expect("it is a journey");
    // Places are tested with carets; here they would only be noise.
    let shown = format!("{definition:#?}\n");
    let lines = shown.lines().map(str::trim_start).collect::<Vec<_>>().join(" ");
    let mut told = String::new();
    let mut rest = lines.as_str();
    while let Some((before, after)) = rest.split_once("span: Span {") {
        told.push_str(before);
        rest = after.split_once("},").map_or("", |(_, rest)| rest);
    }
    told.push_str(rest);
    let told = told.replace("value: ", "").replace(" }, ", " },\n") + "\n";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/authoring/diagnostics");
    expect_file![folder.join("whole.expect")].assert_eq(&told);
}
