//! From a place in decoded text back to the file.
//!
//! Most scalars stand in the file as they are, and a start is all it takes. For the others (escapes,
//! folded lines, indented blocks) the decoded text is walked beside its source once, and every jump between
//! the two is kept.
//!
//! Next: `node` hands spans of guards and templates through [`Origin::locate`].

use turnpage_journeys_expr::Span;

/// How offsets in a decoded text map to offsets in the file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Origin {
    /// Decoded text and file agree byte by byte from this file offset on.
    Verbatim(u32),
    /// Pieces that agree byte by byte; sorted by `decoded`, the first starts at 0.
    Pieces(Box<[Piece]>),
}

/// From `decoded` on, the file goes on at `file`: byte by byte, or with so many bytes written for one character.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Piece {
    decoded: u32,
    file: u32,
    /// Length of an escape or a fold in the file; none where bytes agree.
    written: Option<u32>,
}

impl Origin {
    /// Finds out where the bytes of `decoded` stand in `source[start..end]`.
    pub(crate) fn trace(decoded: &str, source: &str, start: usize, end: usize, double_quoted: bool) -> Self {
        let written = source.get(start..end).unwrap_or_default();
        let mut file = skip_opening(written);
        if written.get(file..).is_some_and(|inside| inside.starts_with(decoded)) {
            return Self::Verbatim((start + file) as u32);
        }
        let mut pieces = Vec::new();
        let mut read = 0;
        while let Some(wanted) = decoded.get(read..).and_then(|rest| rest.chars().next()) {
            let rest = written.get(file..).unwrap_or_default();
            let Some(found) = rest.chars().next() else { break };
            if double_quoted && (rest.starts_with("\\\n") || rest.starts_with("\\\r")) {
                // An escaped line break stands for nothing.
                file += 2;
                continue;
            }
            let atom = if double_quoted && found == '\\' {
                Some(escape_len(rest))
            } else if rest.starts_with("''") && wanted == '\'' {
                Some(2)
            } else if found == wanted {
                None
            } else if matches!(wanted, ' ' | '\n') && found.is_ascii_whitespace() {
                // A fold: one blank or newline stands for a line break with its indentation.
                Some(rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len())
            } else {
                // Indentation.
                file += found.len_utf8();
                continue;
            };
            note(&mut pieces, read, start + file, atom);
            file += atom.unwrap_or(wanted.len_utf8());
            read += wanted.len_utf8();
        }
        // What is decoded without having been written (the last line break of a block) is at the end.
        note(&mut pieces, read, start + file.min(written.len()), Some(0));
        Self::Pieces(pieces.into_boxed_slice())
    }

    /// The bytes of the file that `span` of the decoded text came from.
    pub(crate) fn locate(&self, span: Span) -> Span {
        let start = self.offset(span.start, false);
        // The end belongs to the last byte inside, which may lie in another piece than the byte after it.
        let end = if span.end > span.start { self.offset(span.end - 1, true) } else { start };
        Span::new(start, end)
    }

    /// The same text further back in a file: every place moves on by `base`.
    pub(crate) fn shift(&mut self, base: u32) {
        match self {
            Self::Verbatim(start) => *start = start.saturating_add(base),
            Self::Pieces(pieces) => {
                for piece in pieces {
                    piece.file = piece.file.saturating_add(base);
                }
            }
        }
    }

    /// Where the bytes come from after some spans of the decoded text, in order, got other texts of these lengths. All of a
    /// new text comes from what was written in its place. `length` is that of the decoded text before.
    pub(crate) fn replaced(&self, edits: &[(Span, u32)], length: u32) -> Self {
        let mut pieces = Vec::new();
        let (mut read, mut made) = (0, 0);
        for (span, new) in edits {
            self.copy(Span::new(read, span.start), made, &mut pieces);
            made += span.start - read;
            let written = self.locate(*span);
            let written_len = Some(written.end - written.start);
            pieces.push(Piece { decoded: made, file: written.start, written: written_len });
            made += new;
            read = span.end;
        }
        self.copy(Span::new(read, length), made, &mut pieces);
        // Nothing is left of a text that was replaced by an empty one, and of two pieces at one place the later one counts.
        pieces.dedup_by(|later, earlier| {
            let same = later.decoded == earlier.decoded;
            if same {
                *earlier = *later;
            }
            same
        });
        Self::Pieces(pieces.into_boxed_slice())
    }

    /// Pieces of `span` as they go on from `made`.
    fn copy(&self, span: Span, made: u32, pieces: &mut Vec<Piece>) {
        if span.start >= span.end {
            return;
        }
        let old = match self {
            Self::Verbatim(start) => {
                pieces.push(Piece { decoded: made, file: start + span.start, written: None });
                return;
            }
            Self::Pieces(old) => old,
        };
        let first = old.partition_point(|piece| piece.decoded <= span.start).saturating_sub(1);
        for piece in old.iter().skip(first).take_while(|piece| piece.decoded < span.end) {
            let begin = piece.decoded.max(span.start);
            let inside = if piece.written.is_some() { 0 } else { begin - piece.decoded };
            let (file, written) = (piece.file + inside, piece.written);
            pieces.push(Piece { decoded: made + (begin - span.start), file, written });
        }
    }

    /// The offset in the file of a decoded byte, or of the place after it.
    fn offset(&self, decoded: u32, after: bool) -> u32 {
        let step = decoded.saturating_add(u32::from(after));
        match self {
            Self::Verbatim(start) => start.saturating_add(step),
            Self::Pieces(pieces) => {
                let next = pieces.partition_point(|piece| piece.decoded <= decoded);
                match pieces.get(next.saturating_sub(1)) {
                    Some(Piece { file, written: Some(written), .. }) => {
                        file + if after { *written } else { 0 }
                    }
                    Some(piece) => piece.file.saturating_add(step.saturating_sub(piece.decoded)),
                    None => step,
                }
            }
        }
    }
}

/// Adds a piece unless the last one goes on with it.
fn note(pieces: &mut Vec<Piece>, decoded: usize, file: usize, written: Option<usize>) {
    let next =
        Piece { decoded: decoded as u32, file: file as u32, written: written.map(|length| length as u32) };
    let goes_on = pieces.last().is_some_and(|last| {
        last.written.is_none()
            && next.written.is_none()
            && next.file - last.file == next.decoded - last.decoded
    });
    if !goes_on {
        pieces.push(next);
    }
}

/// Bytes before the content: a quote, or the header line of a block scalar.
fn skip_opening(written: &str) -> usize {
    match written.bytes().next() {
        Some(b'"' | b'\'') => 1,
        Some(b'|' | b'>') => written.find('\n').map_or(written.len(), |newline| newline + 1),
        _ => 0,
    }
}

/// Length of the escape that `rest` starts with; a surrogate pair counts as one.
fn escape_len(rest: &str) -> usize {
    match rest.as_bytes().get(1) {
        Some(b'x') => 4,
        Some(b'u') if is_high_surrogate(rest) => 12,
        Some(b'u') => 6,
        Some(b'U') => 10,
        _ => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
    }
}

fn is_high_surrogate(rest: &str) -> bool {
    rest.get(2..6)
        .and_then(|digits| u32::from_str_radix(digits, 16).ok())
        .is_some_and(|unit| (0xd800..0xdc00).contains(&unit))
}
