"""A conversation as a text or a Markdown file: the branch that is shown, message by message.

Nothing in a message can be taken for the beginning of another: in text all that was said is
indented, in Markdown its headings stand below those of the messages. A file is made in pieces, so
that a long conversation takes neither memory nor anybody's turn.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_valid_filename
from django.utils.translation import gettext

from apps.chat.message_tree import branch_ids
from apps.chat.models import Conversation, Message
from apps.chat.replies import failures
from apps.chat.replies.sources import shown_sources
from apps.core.text import one_line
from apps.markdown.quoting import below_headings

BATCH = 100  # Messages read at once.
INDENT = "    "
NAME_CHARS = 80  # Some file systems take 255 bytes, and a character may have four.

_MARKUP = re.compile(r"[\\\[\]`*_<>~$|!#&]")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$", re.MULTILINE)


def file_name(title: str, ending: str) -> str:
    """Return a name for the file that every system takes, as like the title as can be."""
    words = re.sub(r"[^\w-]+", " ", title).strip(" -")[:NAME_CHARS].strip()
    return f"{get_valid_filename(words)}.{ending}" if words else f"conversation.{ending}"


def shown_messages(conversation: Conversation) -> Iterator[Message]:
    """Yield the messages of the shown branch, oldest first; between two, no query is open."""
    return messages_by_id(branch_ids(conversation.tip_id))


def messages_by_id(ids: list[int]) -> Iterator[Message]:
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        messages = (
            Message.objects.select_related("picture").prefetch_related("attachments").in_bulk(batch)
        )
        yield from (messages[pk] for pk in batch if pk in messages)


def text_pieces(conversation: Conversation) -> Iterator[str]:
    return gathered(_text_parts(conversation.title, shown_messages(conversation)))


def markdown_pieces(conversation: Conversation) -> Iterator[str]:
    return gathered(_markdown_parts(conversation.title, shown_messages(conversation)))


def gathered(parts: Iterable[str], size: int = 64 * 1024) -> Iterator[str]:
    """Yield the parts joined to pieces of about this many characters."""
    gathered: list[str] = []
    length = 0
    for part in parts:
        gathered.append(part)
        length += len(part)
        if length >= size:
            yield "".join(gathered)
            gathered, length = [], 0
    yield "".join(gathered)


def _text_parts(title: str, messages: Iterable[Message]) -> Iterator[str]:
    title = one_line(title)
    yield f"{title}\n{'=' * min(len(title), 70)}\n"
    for message in messages:
        said = "\n\n".join(filter(None, (message.words, _source_lines(message))))
        yield f"\n{' · '.join(_heading(message))}\n\n{_indented(said)}\n"
        if ending := _ending(message):
            yield f"\n[{ending}]\n"


def _markdown_parts(title: str, messages: Iterable[Message]) -> Iterator[str]:
    yield f"# {one_line(title)}\n"
    for message in messages:
        who, *details = _heading(message)
        content = below_headings(message.words + _missing_fence(message.content))
        yield f"\n## {who}\n\n*{' · '.join(details)}*\n\n{content}\n"
        if message.sources:
            yield f"\n{_source_links(message)}\n"
        if ending := _ending(message):
            yield f"\n> {ending}\n"


def _source_lines(message: Message) -> str:
    sources = shown_sources(message.sources)
    lines = [
        f"{n}. {each.url}" if each.title == each.host else f"{n}. {each.title}: {each.url}"
        for n, each in enumerate(sources, 1)
    ]
    return "\n".join([gettext("Sources") + ":", *lines]) if lines else ""


def _source_links(message: Message) -> str:
    """Return the sources as a list in Markdown, in which no title can be markup."""
    links = [
        f"{n}. [{_escaped(each.title)}](<{each.url}>)"
        for n, each in enumerate(shown_sources(message.sources), 1)
    ]
    return "\n".join([f"**{gettext('Sources')}**\n", *links])


def _escaped(words: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", words)


def _heading(message: Message) -> list[str]:
    """Return who wrote it, with which model, and when."""
    when = date_format(timezone.localtime(message.timestamp), "DATETIME_FORMAT")
    who = str(message.get_role_display())
    return [who, one_line(message.model), when] if message.model else [who, when]


def _indented(text: str) -> str:
    """Return the text with each of its lines indented, whatever begins a line for a reader."""
    return textwrap.indent(text, INDENT, lambda line: bool(line.strip()))


def _ending(message: Message) -> str:
    """Return in words what is missing of the reply."""
    if message.error:
        return failures.sentence(message)
    return "" if message.state == Message.State.DONE else str(message.get_state_display())


def _missing_fence(text: str) -> str:
    """Return what closes a code block that was never closed: all that follows would be code."""
    fence = ""
    for match in _FENCE.finditer(text):
        mark, rest = match[1], match[2].strip()
        if not fence:
            fence = mark if "`" not in rest or mark[0] == "~" else ""
        elif mark.startswith(fence) and not rest:
            fence = ""
    return f"\n{fence}" if fence else ""
