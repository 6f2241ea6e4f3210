//! Offsets in bytes to lines and columns as editors count them (both from 0, columns in UTF-16 units), and back.

/// A place as an editor says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// From 0.
    pub line: u32,
    /// UTF-16 units from the start of the line, from 0.
    pub column: u32,
}

/// Where the lines of a text begin.
#[derive(Debug)]
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Finds the lines of a text.
    pub fn of(text: &'a str) -> Self {
        let after = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(after).collect() }
    }

    /// The place of an offset; one inside a character is that character's, one past the end is the end's.
    pub fn place(&self, offset: u32) -> Place {
        let offset = self.text.floor_char_boundary(offset as usize);
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let column = self.text.get(start..offset).unwrap_or_default().encode_utf16().count();
        Place { line: line as u32, column: column as u32 }
    }

    /// The offset of a place; a column past its line is the line's end, a line past the text is the text's.
    pub fn offset(&self, place: Place) -> u32 {
        let Some(&start) = self.starts.get(place.line as usize) else { return self.text.len() as u32 };
        let rest = self.text.get(start..).unwrap_or_default();
        let line = rest.split_once('\n').map_or(rest, |(line, _)| line);
        let mut units = place.column as usize;
        let mut offset = start;
        for c in line.trim_end_matches('\r').chars() {
            if units < c.len_utf16() {
                break;
            }
            units -= c.len_utf16();
            offset += c.len_utf8();
        }
        offset as u32
    }
}
