"""What Claude has written by tools: artifacts and files, in each version that was shown."""

from typing import Any

from apps.chat.transfers.imports.conversation import Conversation
from apps.chat.transfers.imports.markup import Document, as_json, change, fenced
from apps.chat.transfers.imports.values import mapping, names, text

Documents = dict[str, Document]
Call = dict[str, Any]

_LANGUAGES = {
    "text/html": "html",
    "image/svg+xml": "svg",
    "application/vnd.ant.mermaid": "mermaid",
    "application/vnd.ant.react": "jsx",
}
_MARKDOWN = {"text/markdown", "text/x-markdown", "text/plain", "md", "markdown"}
_INPUT = names(
    "id type title command content language version_uuid source old_str new_str path file_text"
    " description insert_line insert_text new_file_text view_range md_citations name filepath"
    " artifact_id file_path old_string new_string"
)


def read_call(conversation: Conversation, block: Call, documents: Documents) -> tuple[str, str]:
    """Return what the call has shown, and what it has asked if that is nothing.

    Documents are kept, so that later calls can change them.
    """
    name, given = text(block.get("name")), mapping(block.get("input"))
    shown = _written(conversation, name, given, documents)
    if shown:
        conversation.check(f"tool_use {name}", given, _INPUT)
        return shown, ""
    if not given:
        return "", text(block.get("message"))
    code = text(given.get("code")) or text(given.get("command"))
    said = fenced(code) if code and len(given) <= 2 else fenced(as_json(given), "json")
    return "", "\n\n".join(filter(None, [name, said]))


def _written(conversation: Conversation, name: str, given: Call, documents: Documents) -> str:
    """Return the document in its new version, or what was changed in one that is not known."""
    command = text(given.get("command"))
    key = text(given.get("id")) or text(given.get("path")) or text(given.get("file_path"))
    whole = text(given.get("content")) or text(given.get("file_text"))
    old = text(given.get("old_str")) or text(given.get("old_string"))
    new = text(given.get("new_str")) or text(given.get("new_string"))
    is_artifact = name == "artifacts" or command in ("create", "update", "rewrite")
    if whole and (is_artifact or "file_text" in given or name in ("create_file", "write")):
        documents[key] = _document(given, key, whole, documents.get(key))
        return documents[key].shown(conversation)
    if not old and not (new and name in ("str_replace", "insert")):
        return ""
    before = documents.get(key)
    after = before.changed(old, new) if before else None
    if after is None:
        return change(text(given.get("title")) or (before.name if before else key), old, new)
    documents[key] = after
    return after.shown(conversation)


def _document(given: Call, key: str, whole: str, before: Document | None) -> Document:
    name = text(given.get("title")) or (before.name if before else key)
    kind = text(given.get("type"))
    if "path" in given or "file_path" in given or not kind:
        suffix = key.rpartition(".")[2].lower() if "." in key else ""
        language = None if suffix in _MARKDOWN else suffix
        return Document(name, whole, before.language if before and not suffix else language)
    if kind in _MARKDOWN:
        return Document(name, whole)
    return Document(name, whole, text(given.get("language")) or _LANGUAGES.get(kind, ""))
