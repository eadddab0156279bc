"""Conversations of DeepSeek's export: a mapping of nodes whose messages consist of fragments."""

from typing import Any

from apps.chat.models import Message
from apps.chat.transfers.imports.archive_files import EMPTY, Stock
from apps.chat.transfers.imports.conversation import (
    EMPTY_REPLY,
    Conversation,
    Turn,
    message_of,
    new_conversation,
)
from apps.chat.transfers.imports.markup import as_json, fenced, sources
from apps.chat.transfers.imports.ordering import from_the_roots
from apps.chat.transfers.imports.values import items, mapping, moment, names, paragraphs, text

Data = dict[str, Any]

_CONVERSATION = names("id title inserted_at updated_at mapping current_message_id agent")
_NODE = {"id", "parent", "children", "message"}
_MESSAGE = names(
    "fragments content reasoning_content thinking_content search_results files model inserted_at"
    " role status id message_id parent_id search_status thinking_elapsed_secs error"
)
_FRAGMENT = {"type", "content", "results", "id", "references", "elapsed_secs", "status", "queries"}
_FRAGMENT |= {"stage_id", "url", "title", "hide_on_wip"}
_ROLES = {"USER": Message.Role.USER, "ASSISTANT": Message.Role.ASSISTANT}


def is_one(data: Data) -> bool:
    """Return whether its messages have fragments, or words without an author."""
    nodes = data.get("mapping")
    if not isinstance(nodes, dict):
        return False
    messages = [mapping(mapping(node).get("message")) for node in nodes.values()]
    return any(
        isinstance(each.get("fragments"), list)
        or ("author" not in each and isinstance(each.get("content"), str))
        for each in messages
    )


def read(data: Data, stock: Stock = EMPTY) -> Conversation:
    """Read one conversation. Raise Unreadable."""
    times = {"created_at": data.get("inserted_at"), "updated_at": data.get("updated_at")}
    conversation = new_conversation("deepseek", data.get("id"), data.get("title"), stock, **times)
    conversation.check("conversation", data, _CONVERSATION)
    nodes = {name: mapping(node) for name, node in mapping(data.get("mapping")).items()}
    places: dict[str, int | None] = {}
    for name, parent in from_the_roots(nodes, _parent_of, _time_of):
        conversation.check("node", nodes[name], _NODE)
        message = mapping(nodes[name].get("message"))
        places[name] = _take(conversation, message, places.get(parent))
    conversation.odd += len(nodes) - len(places)
    current = data.get("current_message_id")
    conversation.tip = places.get(str(current)) if isinstance(current, int | str) else None
    return conversation


def _parent_of(node: Data) -> str:
    return text(node.get("parent"))


def _time_of(node: Data) -> Any:
    return moment(mapping(node.get("message")).get("inserted_at"))


def _take(conversation: Conversation, message: Data, place: int | None) -> int | None:
    if not message:
        return place
    conversation.check("message", message, _MESSAGE)
    asked, told = Turn(), Turn()
    for fragment in map(mapping, items(message.get("fragments"))):
        _read_fragment(conversation, fragment, asked, told)
    if not items(message.get("fragments")):
        _read_older(conversation, message, asked, told, place)
    for file in map(mapping, items(message.get("files"))):
        target = told if told.words and not asked.words else asked
        conversation.file(target, file.get("file_name") or file.get("name"), file.get("id"))
    if error := text(message.get("error")):
        told.words.append(f"[Error: {error}]")
    time, model = message.get("inserted_at"), message.get("model")
    for role, turn in ((Message.Role.USER, asked), (Message.Role.ASSISTANT, told)):
        if not turn.is_empty:
            place = _added(conversation, place, message_of(role, "", time, model), turn)
    if asked.is_empty and told.is_empty:
        reply = message_of(Message.Role.ASSISTANT, EMPTY_REPLY, time, model)
        return conversation.add(place, reply)
    return place


def _added(conversation: Conversation, place: int | None, message: Message, turn: Turn) -> int:
    message.content = paragraphs(turn.words)
    message.reasoning = paragraphs(turn.thoughts) if message.is_reply else ""
    if message.is_reply and not message.content and not turn.files:
        message.content = EMPTY_REPLY
    return conversation.add(place, message, turn.files)


def _read_older(
    conversation: Conversation, message: Data, asked: Turn, told: Turn, place: int | None
) -> None:
    """Read a message without fragments; where it names no role, the two take turns."""
    before = conversation.messages[place] if place is not None else None
    is_reply = bool(before and not before.is_reply)
    role = _ROLES.get(text(message.get("role")).upper())
    if role is not None:
        is_reply = role == Message.Role.ASSISTANT
    words = text(message.get("content")).strip()
    if not is_reply:
        asked.words.append(words)
        return
    told.words.append(words)
    names = ("reasoning_content", "thinking_content")
    told.thoughts += [text(message.get(name)) for name in names]
    told.words.append(sources(_found(message.get("search_results"))))


def _read_fragment(conversation: Conversation, fragment: Data, asked: Turn, told: Turn) -> None:
    kind, words = text(fragment.get("type")).upper(), text(fragment.get("content")).strip()
    links = sources(_found(fragment.get("results")) | _found([fragment]))
    if kind == "REQUEST":
        asked.words.append(words)
    elif kind in ("RESPONSE", "TEMPLATE_RESPONSE"):
        told.words += [words, links]
    elif kind in ("THINK", "TOOL_SEARCH", "TOOL_OPEN"):
        told.thoughts += [words, _asked_for(fragment), links]
    elif kind in ("SEARCH", "READ_LINK"):
        told.words.append(paragraphs([words, links]))
    elif kind == "FILE":
        conversation.file(asked, fragment.get("title") or words, fragment.get("id"))
    else:
        conversation.leave_out(text(fragment.get("type")) or "fragment without a type")
        told.words.append(words)
        return
    conversation.check(kind, fragment, _FRAGMENT)


def _asked_for(fragment: Data) -> str:
    queries = items(fragment.get("queries"))
    return fenced(as_json(queries), "json") if queries else ""


def _found(results: Any) -> dict[str, str]:
    found = map(mapping, items(results))
    return {text(each.get("url")): text(each.get("title")) for each in found if each.get("url")}
