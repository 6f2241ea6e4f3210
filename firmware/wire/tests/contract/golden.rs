//! Golden bytes: made once per version by an encoder that shares no code with this crate, and never edited since. If
//! one of these fails, the change is a new version.

use std::path::Path;

use turnpage_firmware_wire::{ENCODED_LEN_MAX, Frame, Sealed};

use crate::samples::{key, largest, seal, v1};

/// The bytes of `golden/v1/<name>.hex`: hexadecimal digits, and comments after `#`.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1").join(name).with_extension("hex");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let digits: String = text.lines().filter(|line| !line.starts_with('#')).collect();
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect::<Option<_>>()
        .unwrap_or_else(|| panic!("{name}: not hexadecimal"))
}

#[test]
fn version_1_still_makes_its_golden_bytes() {
    for (name, frame) in v1() {
        assert_eq!(seal(&frame), bytes(name), "{name}");
    }
}

#[test]
fn version_1_still_reads_its_golden_bytes() {
    for (name, frame) in v1() {
        let bytes = bytes(name);
        let sealed = Sealed::parse(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(*sealed.header(), frame.header, "{name}");
        assert_eq!(sealed.verify(&key()), Ok(frame), "{name}");
    }
}

#[test]
fn every_golden_file_has_its_sample() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of golden bytes")
        .map(|file| file.expect("a file").path().file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    let mut samples: Vec<_> = v1().map(|(name, _)| name.to_owned()).to_vec();
    samples.push("from-a-later-node".to_owned());
    files.sort();
    samples.sort();
    assert_eq!(files, samples);
}

#[test]
fn keys_of_a_later_node_are_skipped() {
    let bytes = bytes("from-a-later-node");
    let (_, enter) = v1().into_iter().find(|(name, _)| *name == "sighting-enter").expect("the sample");
    let frame = Sealed::parse(&bytes).and_then(|sealed| sealed.verify(&key()));
    assert_eq!(frame, Ok(enter));
}

#[test]
fn the_largest_sighting_with_all_four_clues_fits_128_bytes() {
    let all = largest();
    assert_eq!(seal(&all).len(), ENCODED_LEN_MAX);
    let four = Frame { health: None, birth: None, ..all };
    assert_eq!(seal(&four).len(), 127);
}
