//! Journeys as pictures: Mermaid and DOT for tools that lay out themselves, SVG laid out here for the wall.
//!
//! Draws what the author wrote, so a journey that reads but does not compile can be seen, holes and all. Nothing here
//! checks, runs or reads a file; the same definitions give the same bytes on every machine.
//!
//! Order of reading: `picture` (a definition as pages, rows and arrows), `words` (how a choice is said in one line),
//! then one file a format. `layout` puts the pages of the SVG on paper.

mod dot;
mod layout;
mod mermaid;
mod picture;
mod svg;
mod words;

use turnpage_journeys_engine::Definition;

use picture::Picture;

/// What a picture is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A Mermaid flowchart, as READMEs and wikis show them.
    Mermaid,
    /// Graphviz.
    Dot,
    /// A picture of its own, laid out here; follows the reader's light or dark scheme.
    Svg,
}

/// Draws journeys into one picture, in the order given.
pub fn draw(journeys: &[Definition], format: Format) -> String {
    let pictures: Vec<Picture> = journeys.iter().map(Picture::of).collect();
    match format {
        Format::Mermaid => mermaid::write(&pictures),
        Format::Dot => dot::write(&pictures),
        Format::Svg => svg::write(&pictures),
    }
}
