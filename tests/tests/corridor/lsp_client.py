"""Speaks to `turnpage lsp` through pygls. Run by `author.rs`; the binary is the first argument."""

import asyncio
import sys

from lsprotocol import types
from pygls.lsp.client import LanguageClient

TEXT = """journey: rain
pages:
  strolling:
    choices:
      - { when: weather.rain > 0.5, turn_to: sheltre }
  shelter:
"""
URI = "untitled:rain.yaml"


async def main(binary: str) -> None:
    client = LanguageClient("test", "1")
    told: asyncio.Future = asyncio.get_running_loop().create_future()

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def diagnostics(params: types.PublishDiagnosticsParams) -> None:
        if not told.done():
            told.set_result(params)

    await client.start_io(binary, "lsp")
    begun = await client.initialize_async(types.InitializeParams(capabilities=types.ClientCapabilities()))
    assert begun.capabilities.hover_provider, begun
    client.initialized(types.InitializedParams())
    document = types.TextDocumentItem(uri=URI, language_id="yaml", version=1, text=TEXT)
    client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=document))
    wrong = await told
    assert [d.code for d in wrong.diagnostics if d.code == "unknown-page"] == ["unknown-page"], wrong
    identifier = types.TextDocumentIdentifier(uri=URI)
    hover = await client.text_document_hover_async(
        types.HoverParams(text_document=identifier, position=types.Position(line=4, character=25))
    )
    assert "mm/h" in hover.contents.value, hover
    items = await client.text_document_completion_async(
        types.CompletionParams(text_document=identifier, position=types.Position(line=4, character=45))
    )
    assert "shelter" in [item.label for item in items], items
    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(text_document=identifier))
    assert [symbol.name for symbol in symbols] == ["rain", "strolling", "shelter"], symbols
    await client.shutdown_async(None)
    client.exit(None)
    print("understood")


asyncio.run(main(sys.argv[1]))
