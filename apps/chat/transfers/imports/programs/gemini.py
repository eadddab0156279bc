"""Google Takeout's activity of Gemini: one question with its answer, as HTML, in each record."""

import hashlib
import re
from typing import Any

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
from apps.chat.transfers.imports.markup import link
from apps.chat.transfers.imports.values import items, mapping, names, paragraphs, text
from apps.markdown.from_html import markdown_from_html

Data = dict[str, Any]

_RECORD = names(
    "header title titleUrl time products activityControls safeHtmlItem subtitles attachedFiles"
    " imageFile details locationInfos"
)
# What stands before the words of a question, in the languages of the account; in most of them a
# blank that does not break follows.
_VERB = re.compile(r"[^\xa0\n]{1,40}\xa0|(?:Prompted|Asked|Said|Sent|Frage|Prompt)(?::| ) ?")
_CANVAS = re.compile(r"Created Gemini Canvas titled\s+", re.IGNORECASE)
_NAMES = ("gemini", "bard")


def is_one(data: Data) -> bool:
    """Return whether it is a record of activity, of Gemini under any of its names."""
    if "time" not in data or not isinstance(data.get("title"), str):
        return False
    names = [data.get("header"), *items(data.get("products"))]
    return any(name in text(each).lower() for each in names for name in _NAMES)


def read(data: Data, stock: Stock = EMPTY) -> Conversation:
    """Read one record, which is a conversation of one turn. Raise Unreadable."""
    told, time = text(data.get("title")), text(data.get("time"))
    name = hashlib.sha256(f"{time} {told}".encode()).hexdigest()
    conversation = new_conversation("gemini", name, "", stock, created_at=time, updated_at=time)
    conversation.check("record", data, _RECORD)
    asked, answer = Turn(), Turn()
    for each in items(data.get("safeHtmlItem")):
        answer.words.append(markdown_from_html(text(mapping(each).get("html"))))
    _read_title(conversation, data, asked, answer)
    for file in {text(file): None for file in items(data.get("attachedFiles"))}:
        conversation.file(asked, file.rpartition("/")[2], file)
    if picture := text(data.get("imageFile")):
        conversation.picture(asked, picture, picture)
    _add(conversation, asked, answer, time)
    return conversation


def _read_title(conversation: Conversation, data: Data, asked: Turn, answer: Turn) -> None:
    """Read the question; what the person did instead of asking is told as it stands."""
    told = text(data.get("title"))
    match = _VERB.match(told)
    canvas = _CANVAS.match(told)
    asked.words.append(told[match.end() :].replace("\xa0", " ").strip() if match else told)
    conversation.title = asked.words[0][:60] if canvas else ""
    for each in map(mapping, items(data.get("subtitles"))):
        name, url = text(each.get("name")), text(each.get("url"))
        if canvas:
            answer.words.append(name.strip())
        elif url:
            answer.words.append(link(url, name))
        elif name:
            conversation.leave_out("record.subtitles")


def _add(conversation: Conversation, asked: Turn, answer: Turn, time: str) -> None:
    words = paragraphs(asked.words) or ("" if asked.files else EMPTY_QUESTION)
    question = message_of(Message.Role.USER, words, time)
    place = conversation.add(None, question, asked.files)
    words = paragraphs(answer.words) or EMPTY_REPLY
    conversation.add(place, message_of(Message.Role.ASSISTANT, words, time))
