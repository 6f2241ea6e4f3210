//! What targets share: a venue that ships and its journeys, and a text cut into several.

use std::sync::LazyLock;

use turnpage_gateway_core::venue::SourceFile;
use turnpage_gateway_core::{Keys, NodeId, Options, Pipeline, Timestamp, Venue};
use turnpage_journeys_authoring::check;
use turnpage_journeys_authoring::library::{Bundle, DAY_OUT};
use turnpage_journeys_engine::Library;
use turnpage_journeys_expr::{Diagnostic, Schema};

/// The bundle that all of it comes from: it brings its venue.
pub(crate) const BUNDLE: Bundle = DAY_OUT;
/// 2026-07-18 14:00 in Madrid.
pub(crate) const NOON: Timestamp = Timestamp(1_784_376_000_000);
/// The key of every node.
pub(crate) const KEY: [u8; 32] = [7; 32];
/// What stands between the texts of one input, where a target takes several.
const CUT: &str = "\n===\n";

/// The venue, its facts and its journeys.
pub(crate) struct Stage {
    pub(crate) venue: Venue,
    pub(crate) schema: Schema,
    pub(crate) library: Library,
}

/// The one that ships.
pub(crate) fn stage() -> &'static Stage {
    static STAGE: LazyLock<Stage> = LazyLock::new(|| {
        let name = |path: &'static str| path.rsplit('/').next().unwrap_or(path);
        let files: Vec<_> =
            BUNDLE.venue.iter().map(|(path, text)| SourceFile { name: name(path), text }).collect();
        let venue = Venue::read(&files).expect("what ships is sound");
        let schema = venue.schema();
        let library = check(BUNDLE.sources(), &schema).library.expect("what ships is sound");
        Stage { venue, schema, library }
    });
    &STAGE
}

/// What its gateway was given beside them.
pub(crate) fn options() -> (Keys, Options) {
    let nodes = stage().venue.nodes.iter().map(|node| (node.id, KEY));
    (Keys(nodes.chain([(NodeId(12), KEY)]).collect()), Options::default())
}

/// A gateway that opens for the first time.
pub(crate) fn pipeline() -> Pipeline {
    let (keys, options) = options();
    let Stage { venue, library, .. } = stage();
    Pipeline::new(venue.clone(), library.clone(), keys, options)
}

/// The texts of one input, as a reader of files reads them.
pub(crate) fn texts(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).split(CUT).map(str::to_owned).collect()
}

/// Each problem says something and has a place in its text.
pub(crate) fn placed(text: &str, problems: &[Diagnostic]) {
    for problem in problems {
        assert!(problem.span.slice(text).is_some(), "{problem:?} lies outside of {text:?}");
        assert!(!problem.message.is_empty() && !problem.code.is_empty(), "{problem:?} says nothing");
    }
}

/// Pulls small numbers and pieces out of hostile bytes; nothing is left at some time.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    /// The next byte.
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// The next piece: two bytes of length, then as much of it as there is.
    pub(crate) fn piece(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk()?;
        let (piece, rest) = rest.split_at(usize::from(u16::from_le_bytes(*length)).min(rest.len()));
        self.0 = rest;
        Some(piece)
    }
}
