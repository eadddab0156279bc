"""Chats of Open WebUI's export: messages by their ids, which name parents and children."""

from typing import Any

from apps.chat.context.system_prompt import MAX_CHARS as PROMPT_CHARS
from apps.chat.forms.organize import MAX_TAGS, TAG_MAX_CHARS
from apps.chat.models import Message
from apps.chat.transfers.imports.archive_files import EMPTY, Stock
from apps.chat.transfers.imports.conversation import (
    EMPTY_QUESTION,
    EMPTY_REPLY,
    Conversation,
    Turn,
    message_of,
    new_conversation,
)
from apps.chat.transfers.imports.markup import link, sources
from apps.chat.transfers.imports.ordering import from_the_roots
from apps.chat.transfers.imports.thoughts import read_text
from apps.chat.transfers.imports.values import (
    items,
    line,
    mapping,
    moment,
    names,
    number,
    paragraphs,
    text,
)

Data = dict[str, Any]

_ROLES = {"user": Message.Role.USER, "assistant": Message.Role.ASSISTANT}
_RECORD = names(
    "id user_id title chat updated_at created_at share_id archived pinned meta folder_id history"
    " models params messages tags timestamp files options system features variables tasks"
    " summary last_read_at"
)
_MESSAGE = names(
    "id parentId childrenIds role content timestamp model models modelName modelIdx files done"
    " sources citations error statusHistory status usage info userContext lastSentence"
    " originalContent reasoning_content followUps annotation feedbackId context selectedModelId"
    " state arena metadata output user code_executions"
)


def is_one(data: Data) -> bool:
    history = mapping(_chat(data).get("history"))
    return isinstance(history.get("messages"), dict)


def read(data: Data, stock: Stock = EMPTY) -> Conversation:
    """Read one chat, alone or in the record around it. Raise Unreadable."""
    chat = _chat(data)
    title = data.get("title") or chat.get("title")
    created = data.get("created_at") or chat.get("timestamp")
    times = {"created_at": created, "updated_at": data.get("updated_at")}
    history = mapping(chat.get("history"))
    name = data.get("id") or chat.get("id") or text(history.get("currentId"))
    conversation = new_conversation("openwebui", name, title, stock, **times)
    for fields in (data, chat) if chat is not data else (data,):
        conversation.check("chat", fields, _RECORD)
    _read_settings(conversation, data, chat)
    nodes = {name: mapping(node) for name, node in history["messages"].items()}
    places: dict[str, int | None] = {}
    for name, parent in from_the_roots(nodes, _parent_of, _time_of):
        places[name] = _take(conversation, nodes[name], places.get(parent))
    conversation.odd += len(nodes) - len(places)
    conversation.tip = places.get(text(history.get("currentId")))
    return conversation


def _chat(data: Data) -> Data:
    return mapping(data.get("chat")) or data


def _parent_of(node: Data) -> str:
    return text(node.get("parentId"))


def _time_of(node: Data) -> Any:
    return moment(node.get("timestamp"))


def _read_settings(conversation: Conversation, data: Data, chat: Data) -> None:
    params = mapping(chat.get("params"))
    temperature = number(params.get("temperature"))
    conversation.settings = {
        "is_pinned": data.get("pinned") is True,
        "is_archived": data.get("archived") is True,
        "system_prompt": (text(params.get("system")) or text(chat.get("system")))[:PROMPT_CHARS],
        "temperature": temperature if temperature is not None and temperature <= 2 else None,
    }
    tags = items(mapping(data.get("meta")).get("tags")) or items(chat.get("tags"))
    names = [line(mapping(tag).get("name") or tag, TAG_MAX_CHARS) for tag in tags]
    conversation.tags = list({name.lower(): name for name in names if name}.values())[:MAX_TAGS]


def _take(conversation: Conversation, node: Data, place: int | None) -> int | None:
    role = _ROLES.get(text(node.get("role")))
    if role is None:
        if node.get("role") == "system":
            conversation.hidden += bool(text(node.get("content")))
        else:
            conversation.odd += 1
        return place
    conversation.check("message", node, _MESSAGE)
    turn = Turn()
    if role == Message.Role.USER:
        turn.words.append(conversation.words(node.get("content"), turn))
    else:
        _read_reply(conversation, node, turn)
    for file in map(mapping, items(node.get("files"))):
        _read_file(conversation, file, turn)
    empty = EMPTY_QUESTION if role == Message.Role.USER else EMPTY_REPLY
    words = paragraphs(turn.words) or ("" if turn.files else empty)
    message = message_of(role, words, node.get("timestamp"), node.get("model"))
    message.reasoning = paragraphs(turn.thoughts)
    return conversation.add(place, message, turn.files)


def _read_reply(conversation: Conversation, node: Data, turn: Turn) -> None:
    for status in map(mapping, items(node.get("statusHistory"))):
        said = [text(status.get(name)) for name in ("description", "query")]
        turn.thoughts.append("\n".join(filter(None, said)))
    turn.thoughts.append(text(node.get("reasoning_content")))
    read_text(conversation.words(node.get("content"), turn), turn)
    links: dict[str, str] = {}
    for source in map(mapping, [*items(node.get("sources")), *items(node.get("citations"))]):
        links |= _source(source)
    turn.words.append(sources(links))
    error = node.get("error")
    words = text(mapping(error).get("content")) or text(error)
    if words:
        turn.words.append(f"[Error: {words.strip()}]")
    if runs := items(node.get("code_executions")):
        conversation.leave_out("code_executions", len(runs))


def _source(source: Data) -> dict[str, str]:
    """Return the pages of one source, or the name of the file that it is."""
    about = mapping(source.get("source"))
    name = text(about.get("name")) or text(about.get("id"))
    pages = [mapping(each).get("source") for each in items(source.get("metadata"))]
    urls = [url for url in map(text, [about.get("url"), *pages]) if url.startswith("http")]
    return dict.fromkeys(urls, name) if urls else ({name: name} if name else {})


def _read_file(conversation: Conversation, file: Data, turn: Turn) -> None:
    kind = text(file.get("type"))
    if kind == "image":
        conversation.picture(turn, file.get("url"), file.get("name"))
        return
    inner = mapping(file.get("file"))
    name = text(file.get("name")) or text(inner.get("filename")) or text(file.get("title"))
    words = text(mapping(inner.get("data")).get("content"))
    url = text(file.get("url"))
    if words:
        turn.words.append(f"[File: {line(name) or '?'}]\n\n{words}")
    elif url.startswith("http"):
        turn.words.append(link(url, name))
    elif kind in ("file", "doc", "text", ""):
        conversation.file(turn, name, file.get("id"))
    else:
        conversation.leave_out(kind)
        turn.words.append(f"[File: {line(name) or '?'}]")
