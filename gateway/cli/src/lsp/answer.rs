//! Questions of an editor, each answered from the texts as they are: what it asks in the protocol's words, the desk's answer,
//! and that in the protocol's words again.

use lsp_types::request::{self, Request as _};
use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionParams, CompletionTextEdit, DocumentChanges,
    DocumentFormattingParams, DocumentSymbol, DocumentSymbolParams, GotoDefinitionParams, HoverContents,
    HoverParams, Location, MarkupContent, MarkupKind, OneOf, OptionalVersionedTextDocumentIdentifier,
    Position, ReferenceParams, RenameParams, SymbolKind, TextDocumentEdit, TextDocumentPositionParams,
    TextEdit, Uri, WorkspaceEdit,
};
use serde_json::Value;
use turnpage_journeys_authoring::editor::{Desk, Found, Lines, OutlineKind, Place, Suggests};
use turnpage_journeys_authoring::{Source, Span, format};

use super::parameters;
use super::texts::{Texts, range};

type Answer = Result<Value, serde_json::Error>;

/// The answer to a request; none for a method that is not served.
pub(super) fn answer(texts: &Texts, method: &str, params: Value) -> Option<Answer> {
    Some(match method {
        request::Completion::METHOD => complete(texts, params),
        request::HoverRequest::METHOD => hover(texts, params),
        request::GotoDefinition::METHOD => definition(texts, params),
        request::References::METHOD => references(texts, params),
        request::PrepareRenameRequest::METHOD => prepare_rename(texts, params),
        request::Rename::METHOD => rename(texts, params),
        request::DocumentSymbolRequest::METHOD => symbols(texts, params),
        request::Formatting::METHOD => formatted(texts, params),
        _ => return None,
    })
}

/// A question about a place in a text: answered with null where the text is not open.
fn at_place(
    texts: &Texts,
    at: &TextDocumentPositionParams,
    answer: impl FnOnce(&Desk<'_>, u32, &Lines<'_>) -> Answer,
) -> Answer {
    let Some(sources) = texts.beside(&at.text_document.uri) else { return Ok(Value::Null) };
    let Some(own) = sources.first() else { return Ok(Value::Null) };
    let lines = Lines::of(&own.text);
    let Position { line, character } = at.position;
    let offset = lines.offset(Place { line, column: character });
    answer(&Desk { schema: &texts.schema, sources: &sources, at: 0 }, offset, &lines)
}

fn complete(texts: &Texts, params: Value) -> Answer {
    let params: CompletionParams = parameters(params)?;
    at_place(texts, &params.text_document_position, |desk, offset, lines| {
        let item =
            |(order, suggestion): (usize, turnpage_journeys_authoring::editor::Suggestion)| CompletionItem {
                kind: Some(match suggestion.kind {
                    Suggests::Key => CompletionItemKind::PROPERTY,
                    Suggests::Word => CompletionItemKind::KEYWORD,
                    Suggests::Member => CompletionItemKind::ENUM_MEMBER,
                    Suggests::Fact => CompletionItemKind::FIELD,
                    Suggests::Page => CompletionItemKind::CLASS,
                    Suggests::Offer => CompletionItemKind::EVENT,
                    Suggests::Variable => CompletionItemKind::VARIABLE,
                    Suggests::Journey => CompletionItemKind::MODULE,
                }),
                detail: (!suggestion.about.is_empty()).then_some(suggestion.about),
                // The order of the language, not of the alphabet.
                sort_text: Some(format!("{order:04}")),
                text_edit: Some(CompletionTextEdit::Edit(TextEdit {
                    range: range(lines, suggestion.replaces),
                    new_text: if suggestion.kind == Suggests::Key {
                        format!("{}: ", suggestion.text)
                    } else {
                        suggestion.text.clone()
                    },
                })),
                label: suggestion.text,
                ..CompletionItem::default()
            };
        let items: Vec<CompletionItem> = desk.complete(offset).into_iter().enumerate().map(item).collect();
        serde_json::to_value(items)
    })
}

fn hover(texts: &Texts, params: Value) -> Answer {
    let params: HoverParams = parameters(params)?;
    at_place(texts, &params.text_document_position_params, |desk, offset, lines| {
        serde_json::to_value(desk.hover(offset).map(|hover| lsp_types::Hover {
            contents: HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: hover.text }),
            range: Some(range(lines, hover.span)),
        }))
    })
}

fn definition(texts: &Texts, params: Value) -> Answer {
    let params: GotoDefinitionParams = parameters(params)?;
    at_place(texts, &params.text_document_position_params, |desk, offset, _| {
        let found = desk.definition(offset);
        serde_json::to_value(found.and_then(|found| location(texts, desk.sources, found)))
    })
}

fn references(texts: &Texts, params: Value) -> Answer {
    let params: ReferenceParams = parameters(params)?;
    at_place(texts, &params.text_document_position, |desk, offset, _| {
        let declared = desk.definition(offset).filter(|_| !params.context.include_declaration);
        let found = desk.references(offset).into_iter().filter(|found| Some(*found) != declared);
        let all: Vec<Location> = found.filter_map(|found| location(texts, desk.sources, found)).collect();
        serde_json::to_value(all)
    })
}

fn prepare_rename(texts: &Texts, params: Value) -> Answer {
    let params: TextDocumentPositionParams = parameters(params)?;
    at_place(texts, &params, |desk, offset, lines| {
        serde_json::to_value(desk.renamed(offset).map(|span| range(lines, span)))
    })
}

fn rename(texts: &Texts, params: Value) -> Answer {
    let params: RenameParams = parameters(params)?;
    at_place(texts, &params.text_document_position, |desk, offset, _| {
        let mut edits: Vec<TextDocumentEdit> = Vec::new();
        for found in desk.rename(offset, &params.new_name) {
            let Some(Location { uri, range }) = location(texts, desk.sources, found) else { continue };
            let edit = OneOf::Left(TextEdit { range, new_text: params.new_name.clone() });
            match edits.iter_mut().find(|document| document.text_document.uri == uri) {
                Some(document) => document.edits.push(edit),
                None => {
                    let text_document = OptionalVersionedTextDocumentIdentifier { uri, version: None };
                    edits.push(TextDocumentEdit { text_document, edits: vec![edit] });
                }
            }
        }
        let changes = DocumentChanges::Edits(edits);
        serde_json::to_value(WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() })
    })
}

fn symbols(texts: &Texts, params: Value) -> Answer {
    let params: DocumentSymbolParams = parameters(params)?;
    let uri: Uri = params.text_document.uri;
    let start = TextDocumentPositionParams {
        text_document: lsp_types::TextDocumentIdentifier { uri },
        position: Position::default(),
    };
    at_place(texts, &start, |desk, _, lines| {
        let symbol = |entry: turnpage_journeys_authoring::editor::Outline| {
            #[expect(
                deprecated,
                reason = "the protocol's struct has the field, and no constructor without it"
            )]
            DocumentSymbol {
                name: entry.name,
                detail: None,
                kind: match entry.kind {
                    OutlineKind::Whole => SymbolKind::MODULE,
                    OutlineKind::Variable => SymbolKind::VARIABLE,
                    OutlineKind::Offer => SymbolKind::EVENT,
                    OutlineKind::Page => SymbolKind::CLASS,
                },
                tags: None,
                deprecated: None,
                range: range(lines, entry.whole),
                selection_range: range(lines, entry.span),
                children: None,
            }
        };
        let all: Vec<DocumentSymbol> = desk.outline().into_iter().map(symbol).collect();
        serde_json::to_value(all)
    })
}

/// The canonical form, as one edit; nothing where the text cannot be read or is in it already.
fn formatted(texts: &Texts, params: Value) -> Answer {
    let params: DocumentFormattingParams = parameters(params)?;
    let start =
        TextDocumentPositionParams { text_document: params.text_document, position: Position::default() };
    at_place(texts, &start, |desk, _, lines| {
        let own = desk.sources.first().map_or("", |source| &source.text);
        let Ok(new_text) = format(own) else { return Ok(Value::Null) };
        if new_text == own {
            return Ok(Value::Null);
        }
        let whole = Span::new(0, u32::try_from(own.len()).unwrap_or(u32::MAX));
        serde_json::to_value([TextEdit { range: range(lines, whole), new_text }])
    })
}

fn location(texts: &Texts, sources: &[Source], found: Found) -> Option<Location> {
    let source = sources.get(found.source)?;
    let uri = texts.uri_of(&source.name)?;
    Some(Location { uri, range: range(&Lines::of(&source.text), found.span) })
}
