"""Documents that ChatGPT has written beside the conversation, by calls of its tool `canmore`."""

from apps.chat.transfers.imports.conversation import Conversation
from apps.chat.transfers.imports.markup import Document, change, quoted
from apps.chat.transfers.imports.programs.chatgpt.parts import Fields, structured
from apps.chat.transfers.imports.values import items, mapping, text

TOOL = "canmore."


def read_call(
    conversation: Conversation, words: str, document: Document | None
) -> tuple[str, Document | None]:
    """Return what the call shows, "" if it is none, and the document after it."""
    call = mapping(structured(words))
    if "content" in call and "updates" not in call:
        made = _created(call)
        return made.shown(conversation), made
    if updates := [mapping(each) for each in items(call.get("updates"))]:
        return _updated(conversation, updates, document)
    comments = [mapping(each) for each in items(call.get("comments"))]
    shown = [
        f"{quoted(text(each.get('pattern')))}\n\n{text(each.get('comment'))}" for each in comments
    ]
    return "\n\n".join(shown).strip(), document


def _created(call: Fields) -> Document:
    kind = text(call.get("type"))
    language = kind.removeprefix("code/") if kind.startswith("code") else None
    return Document(text(call.get("name")), text(call.get("content")), language)


def _updated(
    conversation: Conversation, updates: list[Fields], document: Document | None
) -> tuple[str, Document | None]:
    """Apply the changes in their order; show those that cannot be applied as they are."""
    loose: list[str] = []
    for each in updates:
        pattern, new = text(each.get("pattern")), text(each.get("replacement"))
        changed = _changed(document, pattern, new, everywhere=each.get("multiple") is True)
        if changed is None:
            loose.append(change("", pattern, new))
        else:
            document = changed
    whole = [document.shown(conversation)] if document and len(loose) < len(updates) else []
    return "\n\n".join(filter(None, [*whole, *loose])), document


def _changed(
    document: Document | None, pattern: str, new: str, *, everywhere: bool
) -> Document | None:
    """Return the next version. Patterns are never run: somebody's file may hold any."""
    if document is None:
        return None
    if pattern in (".*", "^.*$", r"[\s\S]*", "(?s).*"):
        return Document(document.name, new, document.language)
    plain = pattern if pattern in document.text else _unescaped(pattern)
    return document.changed(plain, new, everywhere=everywhere)


def _unescaped(pattern: str) -> str:
    """Return the words that a pattern stands for which only takes signs literally."""
    found, is_escaped = [], False
    for char in pattern:
        if char == "\\" and not is_escaped:
            is_escaped = True
        else:
            found.append("\n" if is_escaped and char == "n" else char)
            is_escaped = False
    return "".join(found)
