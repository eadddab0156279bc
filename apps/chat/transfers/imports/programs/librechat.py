"""Conversations of LibreChat's export: messages in a tree, or in a list that names parents."""

import re
from typing import Any

from apps.chat.context.system_prompt import MAX_CHARS as PROMPT_CHARS
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
from apps.chat.transfers.imports.markup import fenced, link
from apps.chat.transfers.imports.ordering import from_the_roots
from apps.chat.transfers.imports.programs.chatgpt.marks import without_marks
from apps.chat.transfers.imports.thoughts import read_text
from apps.chat.transfers.imports.values import items, line, mapping, moment, names, paragraphs, text

Data = dict[str, Any]

_CONVERSATION = names(
    "conversationId endpoint endpointType title exportAt branches recursive options messages"
    " messagesTree createdAt updatedAt user model tags isArchived _id iconURL expiredAt"
)
_MESSAGE = names(
    "messageId parentMessageId conversationId sender text isCreatedByUser content children files"
    " attachments model endpoint error unfinished cancelled finish_reason createdAt updatedAt"
    " tokenCount feedback iconURL metadata depth siblingIndex isEdited _id __v user plugin"
    " plugins clientId generation summary summaryTokenCount responseMessageId searchResult"
    " overrideParentMessageId thread_id isCompleted latestMessage bg current invocationId expiredAt"
    " clientTimestamp role"
)
_ESCAPED_MARK = re.compile(r"\\u(e20[0-6])", re.IGNORECASE)
_IS_MARKED = re.compile(r"\\ue202turn\d", re.IGNORECASE)
_PART = {"type", "text", "think", "tool_call", "error", "image_file", "image_url", "agent_update"}
_PART |= {"tool_call_ids", "index", "input_audio", "video_url", "agentId", "groupId", "signature"}
_CALL = names("id name args output type progress auth expires_at function code_interpreter")


def is_one(data: Data) -> bool:
    messages = _messages(data)
    return "conversationId" in data and any("messageId" in mapping(each) for each in messages)


def read(data: Data, stock: Stock = EMPTY) -> Conversation:
    """Read one conversation. Raise Unreadable."""
    times = {"created_at": data.get("createdAt"), "updated_at": data.get("updatedAt")}
    name, title = data.get("conversationId"), data.get("title")
    conversation = new_conversation("librechat", name, title, stock, **times)
    conversation.check("conversation", data, _CONVERSATION)
    options = mapping(data.get("options"))
    prompt = text(options.get("promptPrefix")) or text(options.get("system"))
    conversation.settings["system_prompt"] = prompt[:PROMPT_CHARS]
    conversation.settings["is_archived"] = data.get("isArchived") is True
    nodes = _flat(conversation, _messages(data))
    places: dict[str, int | None] = {}
    for name, parent in from_the_roots(nodes, _parent_of, _time_of):
        places[name] = _take(conversation, nodes[name], places.get(parent))
    conversation.odd += len(nodes) - len(places)
    return conversation


def _messages(data: Data) -> list[Any]:
    return items(data.get("messages")) or items(data.get("messagesTree"))


def _flat(conversation: Conversation, messages: list[Any]) -> dict[str, Data]:
    """Return all messages by their ids; those in a tree learn whom they follow."""
    nodes: dict[str, Data] = {}
    waiting: list[tuple[Any, str]] = [(each, "") for each in reversed(messages)]
    while waiting:
        message, parent = waiting.pop()
        fields = mapping(message)
        name = text(fields.get("messageId"))
        if not name or name in nodes:
            conversation.odd += 1
            continue
        nodes[name] = fields | ({"parentMessageId": parent} if parent else {})
        waiting += [(child, name) for child in reversed(items(fields.get("children")))]
    return nodes


def _parent_of(node: Data) -> str:
    return text(node.get("parentMessageId"))


def _time_of(node: Data) -> Any:
    return moment(node.get("createdAt"))


def _take(conversation: Conversation, node: Data, place: int | None) -> int | None:
    conversation.check("message", node, _MESSAGE)
    turn = Turn()
    is_question = node.get("isCreatedByUser") is True
    for part in items(node.get("content")):
        _read_part(conversation, part, turn)
    if not items(node.get("content")):
        _read_words(conversation, node, turn, is_question=is_question)
    for key in ("files", "attachments"):
        for file in map(mapping, items(node.get(key))):
            _read_file(conversation, file, turn)
    if is_question:
        turn.words += turn.thoughts
    else:
        turn.words = [_without_marks(conversation, words) for words in turn.words]
    role = Message.Role.USER if is_question else Message.Role.ASSISTANT
    empty = EMPTY_QUESTION if is_question else EMPTY_REPLY
    words = paragraphs(turn.words) or ("" if turn.files else empty)
    message = message_of(role, words, node.get("createdAt"), node.get("model"))
    if message.is_reply:
        message.reasoning = paragraphs(turn.thoughts)
    return conversation.add(place, message, turn.files)


def _without_marks(conversation: Conversation, words: str) -> str:
    """Return the words without marks of sources, which models write as escapes, too."""
    if _IS_MARKED.search(words):
        words = _ESCAPED_MARK.sub(lambda match: chr(int(match[1], 16)), words)
    return without_marks(words, conversation.leave_out).strip()


def _read_words(conversation: Conversation, node: Data, turn: Turn, *, is_question: bool) -> None:
    words = conversation.words(node.get("text"), turn)
    if is_question:
        turn.words.append(words)
    elif node.get("error") is True and words:
        turn.words.append(f"[Error: {words}]")
    else:
        read_text(words, turn)


def _read_part(conversation: Conversation, part: Any, turn: Turn) -> None:
    if isinstance(part, str):
        turn.words.append(text(part))
        return
    fields = mapping(part)
    kind = text(fields.get("type"))
    if kind == "text":
        read_text(_value(fields.get("text")), turn)
    elif kind == "think":
        turn.thoughts.append(_value(fields.get("think")).strip())
    elif kind == "tool_call":
        _read_call(conversation, mapping(fields.get("tool_call")), turn)
    elif kind == "error":
        turn.words.append(f"[Error: {_value(fields.get('error')) or _value(fields.get('text'))}]")
    elif kind in ("image_file", "image_url"):
        file = mapping(fields.get(kind))
        conversation.picture(turn, _address(file), file.get("filename"))
    elif kind != "agent_update":
        conversation.leave_out(kind or "part without a type")
        turn.words.append(_value(fields.get("text")))
        return
    conversation.check(kind, fields, _PART)


def _value(value: Any) -> str:
    return text(mapping(value).get("value")) or text(value)


def _address(file: Data) -> str:
    keys = ("url", "file_id", "filepath", "filename")
    return next((text(file.get(key)) for key in keys if file.get(key)), "")


def _read_call(conversation: Conversation, call: Data, turn: Turn) -> None:
    conversation.check("tool_call", call, _CALL)
    function = mapping(call.get("function"))
    name, given = call.get("name") or function.get("name"), call.get("args")
    asked = text(given) or text(function.get("arguments"))
    if isinstance(given, dict):
        asked = "\n".join(f"{key}: {value}" for key, value in given.items())
    answer = text(call.get("output")) or text(function.get("output"))
    turn.thoughts.append(paragraphs([line(name), fenced(asked), answer]))


def _read_file(conversation: Conversation, file: Data, turn: Turn) -> None:
    name = line(file.get("filename")) or "?"
    found = items(mapping(file.get("web_search")).get("organic"))
    for each in map(mapping, found):
        turn.words.append(link(each.get("link"), each.get("title")))
    if found:
        return
    if words := text(file.get("text")):
        turn.words.append(f"[File: {name}]\n\n{words}")
    elif text(file.get("type")).startswith("image/") or file.get("width"):
        conversation.picture(turn, _address(file), name)
    elif "filename" in file:
        conversation.file(turn, name, _address(file))
    else:
        conversation.leave_out(text(file.get("type")) or "attachment")
