//! A picture as SVG that needs nothing else: no script, no font of its own, no file beside it. It follows the reader's
//! light or dark scheme, and pointing at a choice shows it whole.
//!
//! Pages and choices say in `data-` attributes which they are, so that whoever shows the picture can write beside them.
//!
//! A page is a box with its choices written in it, as in a book; a line leaves beside its choice and leads to the box it
//! turns to, in that box's colour. Next: `svg/sheet`, one page measured and written; `svg/text`, how wide words are.

mod sheet;
mod style;
mod text;

use std::fmt::Write as _;

use super::layout::{Layout, Line, PAGE_WIDTH, Piece, Side, layout};
use super::picture::{Offer, Picture};
use sheet::Sheet;
use text::{Font, escape, wrap};

/// Space around everything.
const MARGIN: f64 = 40.0;

/// Least width of the paper: a title with its notes.
const WIDTH_MIN: f64 = 760.0;

/// Space between cards of offers.
const CARD_GAP: f64 = 16.0;

/// Lines of copy on an offer's card.
const COPY_LINES_MAX: usize = 4;

/// Hues that lines and boxes take in turn.
pub(super) const HUES: usize = 8;

/// How long an arrow's head is.
const HEAD: f64 = 8.0;

pub(super) fn write(pictures: &[Picture]) -> String {
    let mut body = String::new();
    let mut width = WIDTH_MIN;
    let mut y = MARGIN;
    for picture in pictures {
        let (right, bottom) = journey(&mut body, picture, y);
        width = width.max(right + MARGIN);
        y = bottom + MARGIN;
    }
    legend(&mut body, y);
    let height = y + 40.0;
    let names: Vec<&str> = pictures.iter().map(|picture| picture.name.as_str()).collect();
    let (width, height, title) = (text::number(width), text::number(height), escape(&names.join(", ")));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{title}</title>\n"
    );
    svg.push_str(&style::sheet());
    svg.push_str("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
    svg.push_str(&body);
    svg.push_str("</svg>\n");
    svg
}

/// Writes one journey below `top`; gives how far right and down it reaches.
fn journey(svg: &mut String, picture: &Picture, top: f64) -> (f64, f64) {
    let mut y = top + 20.0;
    let x = MARGIN;
    text::put(svg, "name", (x, y), &picture.name);
    y += 22.0;
    text::put(svg, "about", (x, y), &picture.about);
    for note in &picture.notes {
        for line in wrap(note, WIDTH_MIN - 2.0 * MARGIN, Font::Small, 3) {
            y += 17.0;
            text::put(svg, "note", (x, y), &line);
        }
    }
    y += 28.0;
    let sheets: Vec<Sheet<'_>> = picture.pages.iter().map(|page| Sheet::of(page, picture)).collect();
    let blocks: Vec<_> = sheets.iter().map(Sheet::block).collect();
    let lines: Vec<Line> = sheets.iter().enumerate().flat_map(|(from, sheet)| sheet.lines(from)).collect();
    let layout = layout(&blocks, &lines);
    for piece in &layout.pieces {
        wire(svg, piece, (x, y));
    }
    for (index, (sheet, corner)) in sheets.iter().zip(&layout.corners).enumerate() {
        sheet.write(svg, index, (x + corner.0, y + corner.1), &layout);
    }
    doors(svg, &layout, &sheets, (x, y));
    let width = layout.width.max(WIDTH_MIN - 2.0 * MARGIN);
    let bottom = offers(svg, &picture.offers, (x, y + layout.height + 34.0), width);
    (x + width, bottom)
}

/// A piece of a line. It leaves and arrives level, so that a line reads as one through all its pieces.
fn wire(svg: &mut String, piece: &Piece, at: (f64, f64)) {
    let n = text::number;
    let place = |(x, y): (f64, f64)| (at.0 + x, at.1 + y);
    let (page, path) = match *piece {
        Piece::Curve { from, to, page } => {
            let ((x1, y1), (x2, y2)) = (place(from), place(to));
            let half = (x1 + x2) / 2.0;
            let (x1, y1, x2, y2, half) = (n(x1), n(y1), n(x2), n(y2), n(half));
            (page, format!("M{x1} {y1}C{half} {y1} {half} {y2} {x2} {y2}"))
        }
        Piece::Lane { from, to, y, page } => {
            let ((x1, y), (x2, _)) = (place((from, y)), place((to, y)));
            (page, format!("M{} {}H{}", n(x1), n(y), n(x2)))
        }
        Piece::Bend { x, from, to, reach, page } => {
            let ((x, from), (out, to)) = (place((x, from)), place((x + reach, to)));
            let (x, from, out, to) = (n(x), n(from), n(out), n(to));
            (page, format!("M{x} {from}C{out} {from} {out} {to} {x} {to}"))
        }
    };
    let _ = writeln!(svg, "<path class=\"wire s{}\" d=\"{path}\"/>", page % HUES);
}

/// Heads of arrows, over the boxes they point at.
fn doors(svg: &mut String, layout: &Layout, sheets: &[Sheet<'_>], at: (f64, f64)) {
    for (page, side) in &layout.doors {
        let (Some(corner), Some(sheet)) = (layout.corners.get(*page), sheets.get(*page)) else { continue };
        let y = at.1 + corner.1 + sheet.block().door;
        let (tip, back) = match side {
            Side::Left => (at.0 + corner.0, -HEAD),
            Side::Right => (at.0 + corner.0 + PAGE_WIDTH, HEAD),
        };
        let n = text::number;
        let (hue, back) = (page % HUES, tip + back);
        let (tip, back, up, y, down) = (n(tip), n(back), n(y - 5.0), n(y), n(y + 5.0));
        let _ = writeln!(svg, "<path class=\"f{hue}\" d=\"M{tip} {y}L{back} {up}V{down}Z\"/>");
    }
}

/// Cards of what the journey may propose; gives how far down they reach.
fn offers(svg: &mut String, offers: &[Offer], at: (f64, f64), width: f64) -> f64 {
    let mut y = at.1;
    let across = (((width + CARD_GAP) / (PAGE_WIDTH + CARD_GAP)) as usize).max(1);
    for row in offers.chunks(across) {
        let copies: Vec<Vec<String>> = row
            .iter()
            .map(|offer| wrap(&offer.copy, PAGE_WIDTH - 28.0, Font::Small, COPY_LINES_MAX))
            .collect();
        let tallest = copies.iter().map(Vec::len).max().unwrap_or_default();
        let height = 52.0 + 16.0 * tallest as f64;
        for (column, (offer, copy)) in row.iter().zip(&copies).enumerate() {
            let x = at.0 + column as f64 * (PAGE_WIDTH + CARD_GAP);
            card(svg, offer, copy, (x, y), height);
        }
        y += height + CARD_GAP;
    }
    y
}

fn card(svg: &mut String, offer: &Offer, copy: &[String], (x, y): (f64, f64), height: f64) {
    let n = text::number;
    let (width, height) = (n(PAGE_WIDTH), n(height));
    let _ = writeln!(
        svg,
        "<g><title>{}</title><rect class=\"card\" x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>",
        escape(&offer.copy),
        n(x),
        n(y),
    );
    let fit = |words: &str, font| wrap(words, PAGE_WIDTH - 28.0, font, 1).join("");
    text::put(svg, "offer", (x + 14.0, y + 22.0), &fit(&format!("offer {}", offer.name), Font::Strong));
    for (index, line) in copy.iter().enumerate() {
        text::put(svg, "copy", (x + 14.0, y + 40.0 + 16.0 * index as f64), line);
    }
    let last = y + 42.0 + 16.0 * copy.len() as f64;
    text::put(svg, "note", (x + 14.0, last), &fit(&offer.about, Font::Small));
    svg.push_str("</g>\n");
}

/// What the marks mean.
fn legend(svg: &mut String, y: f64) {
    let marks = [
        (style::MARK_START, "start"),
        (style::MARK_END, "end"),
        (style::MARK_ENTRY, "entered from anywhere"),
        (style::MARK_CALL, "calls another journey"),
        (style::MARK_STAY, "stays on its page"),
        (style::MARK_TURN, "turns to another page"),
    ];
    let mut x = MARGIN;
    for (mark, words) in marks {
        style::mark(svg, mark, (x, y));
        text::put(svg, "note", (x + 20.0, y + 4.0), words);
        x += 42.0 + text::width(words, Font::Small);
    }
}
