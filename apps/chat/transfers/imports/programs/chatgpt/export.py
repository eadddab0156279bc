"""Conversations of ChatGPT's export: a mapping of nodes, each of which names its parent.

What the model said to its tools and they to it becomes the reasoning of the reply that follows,
but for what people see of it: pictures, documents, reports. What no reply follows is a reply of
its own, so that no turn is lost. What the service hides stays hidden.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from apps.chat.models import Message
from apps.chat.transfers.imports.archive_files import EMPTY, Stock
from apps.chat.transfers.imports.conversation import (
    EMPTY_QUESTION,
    Conversation,
    Turn,
    message_of,
    new_conversation,
)
from apps.chat.transfers.imports.markup import Document
from apps.chat.transfers.imports.ordering import from_the_roots
from apps.chat.transfers.imports.programs.chatgpt.canvas import TOOL as CANVAS
from apps.chat.transfers.imports.programs.chatgpt.canvas import read_call
from apps.chat.transfers.imports.programs.chatgpt.marks import without_older_marks
from apps.chat.transfers.imports.programs.chatgpt.metadata import (
    is_hidden,
    pointers,
    read_after,
    read_before,
)
from apps.chat.transfers.imports.programs.chatgpt.parts import Fields, read_content
from apps.chat.transfers.imports.programs.chatgpt.tool_work import (
    Sight,
    Work,
    empty_reply,
    reply_after,
    reply_without_words,
    sight_of,
)
from apps.chat.transfers.imports.values import items, mapping, moment, names, paragraphs, text

STEP_CHARS = 20  # What going through one thing that was done counts: branches go through it again.

_HIDDEN = {"user_editable_context", "model_editable_context"}
_CONVERSATION = names(
    "title create_time update_time mapping current_node conversation_id id moderation_results"
    " plugin_ids gizmo_id gizmo_type conversation_template_id default_model_slug safe_urls"
    " blocked_urls disabled_tool_ids conversation_origin voice sugar_item_id memory_scope"
    " async_status owner workspace_id context_scopes pinned_time model_switcher"
)
_NODE = {"id", "message", "parent", "children"}
_MESSAGE = {"id", "author", "content", "metadata", "status", "recipient", "channel"}


@dataclass(frozen=True, slots=True)
class Point:
    """Where a line of nodes has come to."""

    place: int | None = None  # Of the last message.
    work: Work | None = None  # What was done since.
    document: Document | None = None  # That was written last.


@dataclass
class _Line:
    """What is known while the nodes of one conversation are read."""

    conversation: Conversation
    ends: dict[Work, int | None] = field(default_factory=dict)  # Replies that are only work.


def read(data: Fields, stock: Stock = EMPTY) -> Conversation:
    """Read one conversation. Raise Unreadable."""
    name = data.get("conversation_id") or data.get("id")
    times = {"created_at": data.get("create_time"), "updated_at": data.get("update_time")}
    conversation = new_conversation("chatgpt", name, data.get("title"), stock, **times)
    conversation.check("conversation", data, _CONVERSATION)
    nodes = {name: mapping(node) for name, node in mapping(data.get("mapping")).items()}
    inner = {text(node.get("parent")) for node in nodes.values()}
    line, points = _Line(conversation), {"": Point()}
    for name, parent in from_the_roots(nodes, _parent_of, _time_of):
        point = _take(line, nodes[name], points.get(parent, Point()))
        points[name] = point if name in inner else _ended(line, point)
    conversation.odd += len(nodes) - len(points) + ("" not in nodes)  # They go in a circle.
    current = points.get(text(data.get("current_node")))
    conversation.tip = _ended(line, current).place if current else None
    return conversation


def _parent_of(node: Fields) -> str:
    return text(node.get("parent"))


def _time_of(node: Fields) -> Any:
    return moment(mapping(node.get("message")).get("create_time"))


def _take(line: _Line, node: Fields, point: Point) -> Point:
    """Take what the node says; return where its line has come to."""
    conversation = line.conversation
    fields = mapping(node.get("message"))
    conversation.check("node", node, _NODE)
    content, metadata = mapping(fields.get("content")), mapping(fields.get("metadata"))
    author = mapping(fields.get("author"))
    role = text(author.get("role"))
    if role == "system" or is_hidden(metadata) or text(content.get("content_type")) in _HIDDEN:
        conversation.hidden += any(map(text, items(content.get("parts")))) or "text" in content
        return point
    if not fields:
        return point
    conversation.check("message", fields, _MESSAGE)
    turn = _read(conversation, content, metadata)
    if role == "user":
        return _asked(line, turn, fields, point)
    if role in ("assistant", "tool", "function"):
        return _answered(line, turn, fields, point)
    if not turn.is_empty:
        conversation.leave_out(f"role {role}")
    return point


def _read(conversation: Conversation, content: Fields, metadata: Fields) -> Turn:
    turn = Turn()
    read_before(conversation, metadata, turn)
    read_content(conversation, content, turn)
    read_after(conversation, metadata, turn, seen=pointers(content))
    return turn


def _asked(line: _Line, turn: Turn, fields: Fields, point: Point) -> Point:
    point = _ended(line, point)
    words = paragraphs(turn.words + turn.thoughts) or ("" if turn.files else EMPTY_QUESTION)
    question = message_of(Message.Role.USER, words, fields.get("create_time"))
    return replace(point, place=line.conversation.add(point.place, question, turn.files))


def _answered(line: _Line, turn: Turn, fields: Fields, point: Point) -> Point:
    author, metadata = mapping(fields.get("author")), mapping(fields.get("metadata"))
    role, recipient = text(author.get("role")), text(fields.get("recipient")) or "all"
    time, model = fields.get("create_time"), metadata.get("model_slug")
    if role == "assistant" and recipient == "all" and (any(turn.words) or turn.files):
        turn.words = [without_older_marks(words) for words in turn.words]
        line.conversation.spend(STEP_CHARS * (point.work.steps if point.work else 0))
        reply, files = reply_after(point.work, turn, time, model)
        place = line.conversation.add(point.place, reply, files)
        return replace(point, place=place, work=None)
    sight = sight_of(turn, role, text(author.get("name")))
    document = point.document
    if recipient.startswith(CANVAS):
        said = _unfenced(mapping(fields.get("content")))
        shown, document = read_call(line.conversation, said, document)
        if shown:
            turn.words, sight = [shown], Sight.SHOWN
    steps = point.work.steps + 1 if point.work else 1
    work = Work(point.work, turn, sight, time, model, steps)
    return replace(point, work=work, document=document)


def _unfenced(content: Fields) -> str:
    """Return what was written for a tool."""
    parts = [text(part) for part in items(content.get("parts"))]
    return text(content.get("text")) or "".join(parts)


def _ended(line: _Line, point: Point) -> Point:
    """Make the work that no words have followed a reply of its own, once."""
    if point.work is None:
        return point
    if point.work not in line.ends:
        line.ends[point.work] = _added(line.conversation, point.work, point.place)
    return replace(point, place=line.ends[point.work], work=None)


def _added(conversation: Conversation, work: Work, place: int | None) -> int | None:
    conversation.spend(STEP_CHARS * work.steps)
    found = reply_without_words(work)
    if found:
        return conversation.add(place, *found)
    if place is not None and conversation.messages[place].is_reply:
        return place
    return conversation.add(place, empty_reply(work))
