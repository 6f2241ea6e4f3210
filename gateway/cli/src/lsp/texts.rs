//! The texts an editor has open, the files they lie with, and what is wrong with them.
//!
//! An open text stands for its file. Journeys of one folder are checked together, as the gateway would load them; plays lie
//! in a folder below and know the journeys above. Next: answer.rs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use lsp_types::{
    DiagnosticRelatedInformation, DiagnosticSeverity, DidChangeTextDocumentParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams, Location,
    NumberOrString, Position, Range, Uri,
};
use serde_json::Value;
use turnpage_journeys_authoring::editor::{Lines, Place};
use turnpage_journeys_authoring::source::FILE_BYTES_MAX;
use turnpage_journeys_authoring::{Diagnostic, Schema, Severity, Source, Sources, Span, check, play};

use super::parameters;

/// Most texts open at once; further ones are not looked at.
const OPEN_MAX: usize = 1_000;

/// Most diagnostics of one text: an editor's list, not a log.
const DIAGNOSTICS_MAX: usize = 500;

/// A text in the editor.
struct Open {
    uri: Uri,
    text: String,
    version: i32,
}

/// What is wrong with a text that is open.
type Told = (Uri, Option<i32>, Vec<lsp_types::Diagnostic>);

pub(super) struct Texts {
    pub(super) schema: Schema,
    /// By the name their sources have.
    open: BTreeMap<String, Open>,
}

impl Texts {
    pub(super) fn new(schema: Schema) -> Self {
        Self { schema, open: BTreeMap::new() }
    }

    pub(super) fn opened(&mut self, params: Value) -> Option<Uri> {
        let params: DidOpenTextDocumentParams = parameters(params).ok()?;
        let document = params.text_document;
        self.keep(document.uri, document.text, document.version)
    }

    /// Changes come as whole texts.
    pub(super) fn changed(&mut self, params: Value) -> Option<Uri> {
        let params: DidChangeTextDocumentParams = parameters(params).ok()?;
        let text = params.content_changes.into_iter().rev().find(|change| change.range.is_none())?.text;
        self.keep(params.text_document.uri, text, params.text_document.version)
    }

    pub(super) fn saved(&mut self, params: Value) -> Option<Uri> {
        let params: DidSaveTextDocumentParams = parameters(params).ok()?;
        self.open.contains_key(&name_of(&params.text_document.uri)).then_some(params.text_document.uri)
    }

    pub(super) fn closed(&mut self, params: Value) -> Option<Uri> {
        let params: DidCloseTextDocumentParams = parameters(params).ok()?;
        self.open.remove(&name_of(&params.text_document.uri)).map(|open| open.uri)
    }

    fn keep(&mut self, uri: Uri, text: String, version: i32) -> Option<Uri> {
        let name = name_of(&uri);
        if self.open.len() >= OPEN_MAX && !self.open.contains_key(&name) {
            return None;
        }
        self.open.insert(name, Open { uri: uri.clone(), text, version });
        Some(uri)
    }

    /// The texts that a text lies with, itself first.
    pub(super) fn beside(&self, uri: &Uri) -> Option<Vec<Source>> {
        let name = name_of(uri);
        let own = self.open.get(&name)?;
        let mut sources = vec![Source { name: name.clone(), text: readable(&own.text).to_owned() }];
        for source in folder(&name) {
            let open = self.open.get(&source.name).map(|open| readable(&open.text).to_owned());
            if source.name != name {
                sources.push(Source { text: open.unwrap_or(source.text), name: source.name });
            }
        }
        Some(sources)
    }

    /// Where a source is for the editor.
    pub(super) fn uri_of(&self, name: &str) -> Option<Uri> {
        match self.open.get(name) {
            Some(open) => Some(open.uri.clone()),
            None => Uri::from_str(&format!("file://{}", escaped(name))).ok(),
        }
    }

    /// What is wrong with the open texts of the folder that a text was touched in.
    pub(super) fn diagnose(&self, touched: &Uri) -> Vec<Told> {
        let touched = name_of(touched);
        let dir = Path::new(&touched).parent().map(Path::to_owned);
        let mut sources = Sources::default();
        let mut names: Vec<String> = folder(&touched).into_iter().map(|source| source.name).collect();
        let together = |name: &str| name == touched || Path::new(name).parent().map(Path::to_owned) == dir;
        names.extend(self.open.keys().filter(|name| together(name)).cloned());
        names.sort();
        names.dedup();
        let on_disk: BTreeMap<String, String> =
            folder(&touched).into_iter().map(|source| (source.name, source.text)).collect();
        for name in &names {
            let text = match self.open.get(name) {
                Some(open) => open.text.as_str(),
                None => on_disk.get(name).map_or("", String::as_str),
            };
            if !is_plays(text) {
                sources.add(name.as_str(), readable(text));
            }
        }
        let report = check(sources, &self.schema).report;
        let found = |name: &str| -> Vec<Diagnostic> {
            let at = report.sources().iter().position(|source| source.name == name);
            let own = report.findings().iter().filter(|finding| Some(finding.source) == at);
            own.map(|finding| finding.diagnostic.clone()).collect()
        };
        let open = self.open.iter().filter(|(name, _)| together(name));
        open.map(|(name, open)| {
            let diagnostics = match () {
                () if open.text.len() as u64 > FILE_BYTES_MAX => vec![too_large()],
                () if is_plays(&open.text) => play::read(&open.text).err().unwrap_or_default(),
                () => found(name),
            };
            let lines = Lines::of(&open.text);
            let told = diagnostics
                .iter()
                .take(DIAGNOSTICS_MAX)
                .map(|diagnostic| shown(diagnostic, &open.uri, &lines));
            (open.uri.clone(), Some(open.version), told.collect())
        })
        .collect()
    }
}

fn too_large() -> Diagnostic {
    Diagnostic::error("file", Span::default(), format!("this file is larger than {FILE_BYTES_MAX} bytes"))
}

/// A text as far as it is looked at: one that is too large is told so, and not read.
fn readable(text: &str) -> &str {
    if text.len() as u64 > FILE_BYTES_MAX { "" } else { text }
}

fn is_plays(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("plays_of:"))
}

/// The YAML files a text lies with, and for plays the journeys in the folder above.
fn folder(name: &str) -> Vec<Source> {
    let path = Path::new(name);
    let Some(dir) = path.parent().filter(|_| path.is_absolute()) else { return Vec::new() };
    let mut dirs = vec![dir];
    if dir.file_name().is_some_and(|name| name == "plays") {
        dirs.extend(dir.parent());
    }
    let loaded = dirs.into_iter().filter(|dir| dir.is_dir()).filter_map(|dir| Sources::load(dir).ok());
    loaded.flat_map(|sources| sources.iter().cloned().collect::<Vec<Source>>()).collect()
}

/// A source's name: the path of a file, the address of anything else.
pub(super) fn name_of(uri: &Uri) -> String {
    let address = uri.as_str();
    match address.strip_prefix("file://").map(unescaped) {
        Some(path) => PathBuf::from(path).display().to_string(),
        None => address.to_owned(),
    }
}

fn unescaped(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let code =
            [ahead.next(), ahead.next()].map(|digit| digit.and_then(|digit| (digit as char).to_digit(16)));
        match (byte, code) {
            (b'%', [Some(high), Some(low)]) => {
                bytes.push((high * 16 + low) as u8);
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn escaped(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    path.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

pub(super) fn range(lines: &Lines<'_>, span: Span) -> Range {
    let position = |Place { line, column }| Position { line, character: column };
    Range { start: position(lines.place(span.start)), end: position(lines.place(span.end)) }
}

fn shown(diagnostic: &Diagnostic, uri: &Uri, lines: &Lines<'_>) -> lsp_types::Diagnostic {
    let message = match &diagnostic.help {
        Some(help) => format!("{}\n{help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    lsp_types::Diagnostic {
        range: range(lines, diagnostic.span),
        severity: Some(match diagnostic.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        }),
        code: Some(NumberOrString::String(diagnostic.code.to_owned())),
        source: Some("turnpage".to_owned()),
        message,
        related_information: diagnostic.beside.map(|span| {
            let location = Location { uri: uri.clone(), range: range(lines, span) };
            vec![DiagnosticRelatedInformation { location, message: "this one comes first".to_owned() }]
        }),
        ..lsp_types::Diagnostic::default()
    }
}
