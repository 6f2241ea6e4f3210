//! Named texts as an author keeps them: one file or a directory of files, read within bounds.
//!
//! A file that cannot be a text (not UTF-8, too large, not a plain file, unreadable) becomes a finding beside the
//! others, so that one bad file never hides what is wrong with the rest. Nothing here looks into a text.
//!
//! Next: `read`, which turns a text into a definition.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use turnpage_journeys_expr::{Diagnostic, Span};

use crate::report::{Finding, Report};

/// Most bytes of one authored file. A journey of sixty pages with texts in ten languages stays under 100 KiB.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// Most files of one directory. The largest venue we know of runs a few hundred journeys.
pub const FILES_MAX: usize = 1_000;

/// The venue's own file, which lies beside the journeys and is read by the gateway's core.
pub const VENUE_FILE: &str = "venue.yaml";

/// One text with the name it is reported under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path as the author would type it.
    pub name: String,
    /// The whole text. Of a file that is not UTF-8 it is the lossy reading, of one that was not read it is empty.
    pub text: String,
}

/// The texts of one check, and what was wrong with the files they came from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    pub(crate) report: Report,
}

/// A directory that cannot be listed at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory is missing or may not be read.
    #[error("cannot read `{path}`")]
    Directory {
        /// The directory as it was given.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The directory is larger than a directory of journeys can be.
    #[error("`{path}` has more than {FILES_MAX} YAML files")]
    TooManyFiles {
        /// The directory as it was given.
        path: PathBuf,
    },
}

impl Sources {
    /// One text that did not come from a file.
    pub fn of(name: impl Into<String>, text: impl Into<String>) -> Self {
        let mut sources = Self::default();
        sources.add(name, text);
        sources
    }

    /// Adds one more text.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.report.add_source(name, text);
    }

    /// Reads one file, or every `.yaml` and `.yml` file directly in a directory, by name, the venue's file left out.
    ///
    /// # Errors
    /// Only when `path` itself cannot be read; what is wrong with a file in it is kept for the report.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let mut sources = Self::default();
        if path.is_dir() {
            for file in yaml_files(path)? {
                sources.load_file(&file);
            }
        } else {
            fs::metadata(path).map_err(|source| Error::Directory { path: path.to_owned(), source })?;
            sources.load_file(path);
        }
        Ok(sources)
    }

    /// Adds the texts of others, and what was wrong with their files.
    pub fn merge(&mut self, other: Self) {
        self.report.merge(other.report);
    }

    /// The texts in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.report.sources().iter()
    }

    /// What is wrong with the files so far.
    pub fn report(&self) -> &Report {
        &self.report
    }

    fn load_file(&mut self, path: &Path) {
        let name = path.display().to_string();
        match read_bounded(path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => self.add(name, text),
                Err(error) => self.add_not_utf8(name, &error),
            },
            Err((message, help)) => {
                let source = self.report.add_source(name, "");
                let diagnostic = Diagnostic { help, ..Diagnostic::error("file", Span::default(), message) };
                self.report.add(Finding::new(source, diagnostic));
            }
        }
    }

    /// The lossy reading keeps every byte before the first bad one where it was, so the caret is right.
    fn add_not_utf8(&mut self, name: String, error: &std::string::FromUtf8Error) {
        let at = u32::try_from(error.utf8_error().valid_up_to()).unwrap_or(u32::MAX);
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let source = self.report.add_source(name, text);
        let span = Span::new(at, at.saturating_add(char::REPLACEMENT_CHARACTER.len_utf8() as u32));
        let diagnostic = Diagnostic::error("file", span, "this file is not UTF-8 text")
            .with_help("save it with the encoding UTF-8");
        self.report.add(Finding::new(source, diagnostic));
    }
}

fn yaml_files(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::Directory { path: directory.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        let venue = path.file_name().is_some_and(|name| name == VENUE_FILE);
        if !yaml || venue || path.is_dir() {
            continue;
        }
        if files.len() == FILES_MAX {
            return Err(Error::TooManyFiles { path: directory.to_owned() });
        }
        files.push(path);
    }
    files.sort();
    Ok(files)
}

/// A message and a help for what cannot be read. A pipe or a device is refused before it is opened: it may never end.
fn read_bounded(path: &Path) -> Result<Vec<u8>, (String, Option<String>)> {
    let unreadable = |error: std::io::Error| (format!("this file cannot be read: {error}"), None);
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(("this is not a plain file".to_owned(), None));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err((
            format!("this file is larger than {FILE_BYTES_MAX} bytes"),
            Some("split it: one journey a file".to_owned()),
        ));
    }
    Ok(bytes)
}
