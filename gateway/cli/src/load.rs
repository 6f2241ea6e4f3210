//! Reads a venue and its journeys from disk and gathers everything that is wrong with them into one report.
//!
//! Knows files and bounds; what a venue or a journey may say is decided by gateway/core and journeys/authoring.
//! Next: the command that asked.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use turnpage_gateway_core::venue::{FileProblems, SourceFile};
use turnpage_gateway_core::{Edition, EditionFile, EditionPart, Venue};
use turnpage_gateway_server::Pictures;
use turnpage_journeys_authoring::draw::{Format, draw};
use turnpage_journeys_authoring::script::Script;
use turnpage_journeys_authoring::{Checked, Report, Sources, check, render};

pub(crate) use turnpage_journeys_authoring::Library;

/// The file that makes a directory a venue.
const VENUE_FILE: &str = "venue.yaml";

/// Bytes of one venue file. A detailed map of a large airport is a few megabytes.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Files of one venue: itself and its maps.
const FILES_MAX: usize = 64;

/// A venue that can be run, with its journeys.
pub(crate) struct Loaded {
    pub(crate) venue: Venue,
    pub(crate) library: Library,
    /// The journeys as they are drawn.
    pub(crate) pictures: Pictures,
    /// What both were read from.
    pub(crate) texts: Vec<EditionFile>,
}

/// A result that is either whole or a report to print.
pub(crate) type Outcome<T> = Result<T, Report>;

/// Reads the venue of a directory.
pub(crate) fn venue(dir: &Path) -> anyhow::Result<Outcome<Venue>> {
    Ok(venue_of(dir, &venue_files(dir)?))
}

fn venue_of(dir: &Path, files: &[(PathBuf, String)]) -> Outcome<Venue> {
    let named: Vec<SourceFile<'_>> =
        files.iter().map(|(path, text)| SourceFile { name: file_name(path), text }).collect();
    Venue::read(&named).map_err(|problems| venue_report(dir, files, problems))
}

/// Each journey by itself, drawn.
pub(crate) fn pictures(checked: &Checked) -> Pictures {
    let picture = |script: &Script| {
        let drawn = draw(std::slice::from_ref(&script.definition), Format::Svg);
        (script.definition.name.value.clone(), drawn)
    };
    Arc::new(checked.scripts.iter().map(picture).collect())
}

/// Checks journeys against a venue. Warnings are printed here, because a library that has some still runs.
pub(crate) fn journeys(venue: &Venue, sources: Sources) -> Outcome<Library> {
    checked(venue, sources).map(|(library, _)| library)
}

/// As [`journeys`], with the texts as they were checked.
pub(crate) fn checked(venue: &Venue, sources: Sources) -> Outcome<(Library, Checked)> {
    let mut checked = check(sources, &venue.schema());
    match checked.library.take() {
        Some(library) => {
            print(&checked.report);
            Ok((library, checked))
        }
        None => Err(checked.report),
    }
}

/// Reads a venue's directory and journeys' paths; reports what is wrong with any of them.
pub(crate) fn all(venue_dir: &Path, journey_paths: &[PathBuf]) -> anyhow::Result<Outcome<Loaded>> {
    let sources = journey_sources(journey_paths)?;
    let files = venue_files(venue_dir)?;
    let texts = edition_files(&files, &sources);
    let venue = match venue_of(venue_dir, &files) {
        Ok(venue) => venue,
        Err(report) => return Ok(Err(report)),
    };
    Ok(checked(&venue, sources).map(|(library, checked)| {
        let pictures = pictures(&checked);
        Loaded { venue, library, pictures, texts }
    }))
}

/// The texts as they were read, each under its name in its directory.
fn edition_files(venue: &[(PathBuf, String)], journeys: &Sources) -> Vec<EditionFile> {
    let file = |part, path: &Path, text: &str| EditionFile {
        part,
        name: file_name(path).to_owned(),
        text: text.to_owned(),
    };
    let venue = venue.iter().map(|(path, text)| file(EditionPart::Venue, path, text));
    let journeys = journeys.iter().map(|it| file(EditionPart::Journeys, Path::new(&it.name), &it.text));
    venue.chain(journeys).collect()
}

/// The journeys of an edition, if this version still reads them.
pub(crate) fn edition(edition: &Edition) -> Option<Library> {
    let files = edition.files();
    let venue: Vec<_> = files.iter().filter(|file| file.part == EditionPart::Venue).collect();
    let named: Vec<_> = venue.iter().map(|file| SourceFile { name: &file.name, text: &file.text }).collect();
    let mut sources = Sources::default();
    for file in files.iter().filter(|file| file.part == EditionPart::Journeys) {
        sources.merge(Sources::of(file.name.clone(), file.text.clone()));
    }
    check(sources, &Venue::read(&named).ok()?.schema()).library
}

/// The texts of journey files and directories, in the order given.
pub(crate) fn journey_sources(paths: &[PathBuf]) -> anyhow::Result<Sources> {
    let mut all = Sources::default();
    for path in paths {
        all.merge(Sources::load(path)?);
    }
    Ok(all)
}

/// As [`journey_sources`], where there must be some.
pub(crate) fn some_sources(paths: &[PathBuf]) -> anyhow::Result<Sources> {
    let sources = journey_sources(paths)?;
    if sources.iter().next().is_none() {
        let named = paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ");
        bail!("there is no journey in {named}: no file that ends in .yaml or .yml");
    }
    Ok(sources)
}

/// Prints a report to stderr and says what that means for the exit code.
pub(crate) fn print(report: &Report) -> ExitCode {
    eprint!("{}", render(report, console::colors_enabled_stderr()));
    if report.errors() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn venue_report(dir: &Path, files: &[(PathBuf, String)], problems: Vec<FileProblems>) -> Report {
    let mut report = Report::default();
    for FileProblems { file, diagnostics } in problems {
        let text = files.iter().find(|(path, _)| file_name(path) == file).map_or("", |(_, text)| text);
        report.merge(Report::of(dir.join(&file).display().to_string(), text, diagnostics));
    }
    report
}

/// `venue.yaml` first, then the maps beside it by name.
fn venue_files(dir: &Path) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let main = dir.join(VENUE_FILE);
    if !main.is_file() {
        bail!("`{}` holds no venue: there is no `{VENUE_FILE}` in it", dir.display());
    }
    let mut maps = Vec::new();
    for entry in dir.read_dir().with_context(|| format!("cannot read `{}`", dir.display()))? {
        let path = entry?.path();
        let map = path.extension().is_some_and(|e| e == "geojson" || e == "json");
        if map && path.is_file() {
            maps.push(path);
        }
    }
    if maps.len() >= FILES_MAX {
        bail!("`{}` holds more than {FILES_MAX} files", dir.display());
    }
    maps.sort();
    std::iter::once(main).chain(maps).map(|path| Ok((path.clone(), text(&path)?))).collect()
}

/// A whole text file, within [`FILE_BYTES_MAX`].
pub(crate) fn text(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let file = plain(path)?;
    file.take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        bail!("`{}` is larger than {FILE_BYTES_MAX} bytes", path.display());
    }
    String::from_utf8(bytes).with_context(|| format!("`{}` is not UTF-8 text", path.display()))
}

/// A file of events: `-` is stdin.
pub(crate) fn events(path: &Path) -> anyhow::Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    Ok(Box::new(plain(path)?))
}

/// Opens a file. A pipe or a device is refused before it is opened, because it may never end, and what only looks like a
/// file can be given on stdin where that is wanted.
pub(crate) fn plain(path: &Path) -> anyhow::Result<File> {
    let unreadable = || format!("cannot read `{}`", path.display());
    let metadata = std::fs::metadata(path).with_context(unreadable)?;
    if !metadata.is_file() {
        bail!("`{}` is not a plain file", path.display());
    }
    File::open(path).with_context(unreadable)
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}
