//! What the audit log holds on to, and what it notices.

use tempfile::TempDir;

use super::*;

/// A directory with a log of so many notes behind its start.
fn noted(names: &[&str]) -> TempDir {
    let dir = TempDir::new().unwrap();
    let audit = Audit::open(dir.path()).unwrap();
    for name in names {
        audit.note(What::SignedIn, name, "viewer");
    }
    audit.close();
    dir
}

#[test]
fn lines_are_numbered_hold_on_to_each_other_and_go_on_after_a_restart() {
    let dir = noted(&["a", "b"]);
    let again = Audit::open(dir.path()).unwrap();
    again.note(What::SignedOut, "a", "");
    again.close();
    let (records, head) = verify(&read(dir.path()).unwrap(), None).unwrap();
    let told: Vec<_> = records.iter().map(|it| (it.number, it.what.as_str(), it.who.as_str())).collect();
    assert_eq!(told, [(1, "signed-in", "a"), (2, "signed-in", "b"), (3, "signed-out", "a")]);
    assert_eq!(again.head(), Some((head, 0)));
}

#[test]
fn whatever_is_changed_left_out_or_cut_off_is_noticed() {
    let dir = noted(&["a", "b", "c"]);
    let bytes = read(dir.path()).unwrap();
    let (_, head) = verify(&bytes, None).unwrap();
    let noted = head.to_string();
    assert!(verify(&bytes, Some(&noted)).is_ok());
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let number = |lines: &[&str]| verify(lines.concat().as_bytes(), Some(&noted)).unwrap_err().number;
    // What the first line says is held by the second.
    let other = lines[0].replace("\"a\"", "\"x\"");
    assert_eq!(number(&[&other, lines[1], lines[2]]), 2);
    assert_eq!(number(&[lines[0], lines[2]]), 2);
    assert_eq!(number(&[lines[1], lines[0], lines[2]]), 1);
    // A whole chain that ends too soon is told by the head that somebody kept.
    assert!(verify([lines[0], lines[1]].concat().as_bytes(), None).is_ok());
    assert_eq!(number(&[lines[0], lines[1]]), 3);
    assert_eq!(number(&[]), 1);
    // So is the last line, which no other holds.
    let other = lines[2].replace("\"c\"", "\"x\"");
    assert_eq!(number(&[lines[0], lines[1], &other]), 4);
    assert_eq!(number(&[lines[0], lines[1], "{}\n"]), 3);
}

#[test]
fn a_line_that_a_crash_tore_at_any_byte_is_taken_off_and_that_is_noted() {
    let dir = noted(&["a", "b"]);
    let bytes = read(dir.path()).unwrap();
    let first = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for end in [first + 1, first + 10, bytes.len() - 2, bytes.len() - 1] {
        fs::write(file(dir.path()), &bytes[..end]).unwrap();
        assert!(verify(&bytes[..end], None).is_err());
        Audit::open(dir.path()).unwrap().close();
        let (records, _) = verify(&read(dir.path()).unwrap(), None).unwrap();
        assert_eq!((records.len(), records[1].what.as_str()), (2, "healed"), "cut at {end}");
        assert!(records[1].detail.contains(&format!("{} bytes", end - first)), "{}", records[1].detail);
    }
}

#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = noted(&["a"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let path = file(dir.path());
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}
