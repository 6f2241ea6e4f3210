//! `turnpage lsp`: a language server on stdin and stdout, for any editor that speaks the protocol.
//!
//! Thin: it keeps the open texts and turns messages into questions to `authoring::editor` and `check`, which know no
//! protocol. On `lsp-server`, which rust-analyzer's people keep for their own use: one thread and channels. The other
//! choice, `tower-lsp-server`, is a release candidate that would bring an asynchronous stack for requests that each take
//! a millisecond. Before: args.rs. Next: lsp/wire.rs (bytes), lsp/texts.rs (open texts), lsp/answer.rs (questions).

mod answer;
mod texts;
mod wire;

use std::path::Path;
use std::process::ExitCode;

use anyhow::anyhow;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{self, Notification as _};
use lsp_types::{
    CompletionOptions, HoverProviderCapability, InitializeParams, OneOf, PublishDiagnosticsParams,
    RenameOptions, ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind, Uri,
};
use serde_json::Value;
use turnpage_journeys_authoring::{Schema, render};

use crate::args::LspArgs;
use crate::load;
use texts::Texts;

/// Serves one editor until it says goodbye or hangs up.
pub(crate) fn run(args: &LspArgs) -> anyhow::Result<ExitCode> {
    let (server, client) = Connection::memory();
    let pumps = wire::pump(client, std::io::stdin(), std::io::stdout());
    let served = serve(&server, args.venue.as_deref());
    // The pumps end when the last message is out and the editor has closed its end.
    drop(server);
    let orderly = served?;
    pumps.finish()?;
    Ok(if orderly { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Speaks the protocol over a connection; true when the editor said goodbye in order.
pub(crate) fn serve(connection: &Connection, venue: Option<&Path>) -> anyhow::Result<bool> {
    let Ok((id, params)) = connection.initialize_start() else { return Ok(false) };
    // Parameters that are not the protocol's tell nothing, which is what absent ones would.
    let params: InitializeParams = serde_json::from_value(params).unwrap_or_default();
    let wanted = params.initialization_options.as_ref().and_then(|options| options.get("venue")?.as_str());
    let schema = match schema(venue.or(wanted.map(Path::new))) {
        Ok(schema) => schema,
        Err(error) => {
            let message = format!("{error:#}");
            connection.sender.send(Response::new_err(id, ErrorCode::InvalidParams as i32, message).into())?;
            return Err(error);
        }
    };
    let about = serde_json::json!({
        "capabilities": serde_json::to_value(capabilities())?,
        "serverInfo": { "name": "turnpage", "version": env!("CARGO_PKG_VERSION") },
    });
    if connection.initialize_finish(id, about).is_err() {
        return Ok(false);
    }
    let mut server = Server { connection, texts: Texts::new(schema) };
    for message in &connection.receiver {
        match message {
            Message::Request(request) => {
                // Goodbye in two steps: after the answer only `exit` is waited for.
                match connection.handle_shutdown(&request) {
                    Ok(true) => return Ok(true),
                    Err(_) => return Ok(false),
                    Ok(false) => server.request(request)?,
                }
            }
            Message::Notification(notification) if notification.method == notification::Exit::METHOD => {
                return Ok(false);
            }
            Message::Notification(notification) => server.notified(notification)?,
            // Nothing is asked of the editor, so nothing is answered.
            Message::Response(_) => {}
        }
    }
    Ok(false)
}

/// The facts of a venue: of a directory, or of the sample park.
fn schema(dir: Option<&Path>) -> anyhow::Result<Schema> {
    let venue = match dir {
        Some(dir) => load::venue(dir)?,
        None => crate::demo::park::venue(),
    };
    let venue = venue.map_err(|report| anyhow!("the venue is not sound:\n{}", render(&report, false)))?;
    Ok(venue.schema())
}

fn capabilities() -> ServerCapabilities {
    let letters = [" ", "\"", "'", ".", "(", "[", "{", ":"];
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::FULL)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(letters.map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: Default::default(),
        })),
        ..ServerCapabilities::default()
    }
}

struct Server<'a> {
    connection: &'a Connection,
    texts: Texts,
}

impl Server<'_> {
    fn request(&self, request: Request) -> anyhow::Result<()> {
        let Request { id, method, params } = request;
        let response = match answer::answer(&self.texts, &method, params) {
            Some(Ok(value)) => Response::new_ok(id, value),
            Some(Err(wrong)) => Response::new_err(id, ErrorCode::InvalidParams as i32, wrong.to_string()),
            None => {
                Response::new_err(id, ErrorCode::MethodNotFound as i32, format!("`{method}` is not served"))
            }
        };
        Ok(self.connection.sender.send(response.into())?)
    }

    /// A text was opened, changed, saved or closed. What cannot be read changes nothing.
    fn notified(&mut self, notification: Notification) -> anyhow::Result<()> {
        let Notification { method, params } = notification;
        let touched = match method.as_str() {
            notification::DidOpenTextDocument::METHOD => self.texts.opened(params),
            notification::DidChangeTextDocument::METHOD => self.texts.changed(params),
            notification::DidSaveTextDocument::METHOD => self.texts.saved(params),
            notification::DidCloseTextDocument::METHOD => {
                let closed = self.texts.closed(params);
                if let Some(uri) = &closed {
                    self.publish(uri.clone(), None, Vec::new())?;
                }
                closed
            }
            _ => None,
        };
        let Some(touched) = touched else { return Ok(()) };
        for (uri, version, diagnostics) in self.texts.diagnose(&touched) {
            self.publish(uri, version, diagnostics)?;
        }
        Ok(())
    }

    fn publish(
        &self,
        uri: Uri,
        version: Option<i32>,
        diagnostics: Vec<lsp_types::Diagnostic>,
    ) -> anyhow::Result<()> {
        let params = PublishDiagnosticsParams { uri, diagnostics, version };
        let method = notification::PublishDiagnostics::METHOD.to_owned();
        Ok(self.connection.sender.send(Notification::new(method, params).into())?)
    }
}

/// The parameters of a message, or why they are none.
fn parameters<P: serde::de::DeserializeOwned>(params: Value) -> Result<P, serde_json::Error> {
    serde_json::from_value(params)
}

#[cfg(test)]
mod tests;
