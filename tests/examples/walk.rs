//! The walk of host-nostd on this machine: journeys compiled here, with std, told line by line on stdout.
//!
//! `cargo run -p turnpage-tests --example walk VENUE_AND_JOURNEYS`; `host-nostd/prove` compares it with what the same journeys
//! do without std, from bytes.

extern crate alloc;

#[path = "../host-nostd/src/walk.rs"]
mod walk;

use std::io::{BufWriter, Write};
use std::path::Path;

use turnpage_gateway_core::Venue;
use turnpage_gateway_core::venue::SourceFile;
use turnpage_journeys_authoring::{Sources, check, render};

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).expect("a directory with a venue and its journeys");
    let folder = Path::new(&folder);
    let mut files = Vec::new();
    for name in ["venue.yaml", "zones.geojson"] {
        if folder.join(name).is_file() {
            files.push((name, std::fs::read_to_string(folder.join(name))?));
        }
    }
    let named: Vec<SourceFile<'_>> = files.iter().map(|(name, text)| SourceFile { name, text }).collect();
    let venue = Venue::read(&named).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let checked = check(Sources::load(folder).expect("it can be read"), &venue.schema());
    let library = checked.library.unwrap_or_else(|| panic!("{}", render(&checked.report, false)));
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut failed = None;
    walk::walk(library, &venue.schema(), 1, &mut |line| {
        failed = writeln!(out, "{line}").err().or(failed.take());
    });
    failed.map_or_else(|| out.flush(), Err)
}
