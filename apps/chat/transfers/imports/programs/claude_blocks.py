"""The blocks of which a message of Claude's export consists, in their order."""

import re
from collections.abc import Callable
from typing import Any

from apps.chat.transfers.imports.conversation import Conversation, Turn
from apps.chat.transfers.imports.markup import fenced, link, sources, title
from apps.chat.transfers.imports.programs.claude_tools import Documents, read_call
from apps.chat.transfers.imports.thoughts import set_apart
from apps.chat.transfers.imports.values import items, line, mapping, names, paragraphs, text

Block = dict[str, Any]
Reader = Callable[[Conversation, Block, Turn], None]

_TIMES = {"type", "start_timestamp", "stop_timestamp", "flags", "id", "uuid", "index"}
_KNOWN = {
    "text": {"text", "citations"},
    "thinking": {"thinking", "summaries", "signature", "alternative_display_type"},
    "tool_use": names(
        "name input message integration_name integration_icon_url icon_name context"
        " display_content approval_key approval_options mcp_server_url tool_use_id"
    ),
    "tool_result": names(
        "tool_use_id name content message integration_name integration_icon_url icon_name"
        " mcp_server_url display_content meta structured_content"
    ),
    "voice_note": {"text", "title"},
}
_THINKING = re.compile(r"<antThinking\b[^>]{0,500}>")
_ARTIFACT = re.compile(r"<antArtifact\b(?P<about>[^>]{0,500})>")
_NOT_SHOWN = re.compile(r"```\nThis block is not supported on your current device yet\.\n```\n?")


def read_blocks(conversation: Conversation, blocks: Any, turn: Turn, documents: Documents) -> None:
    """Add the blocks to the turn: what people saw to its words, what they did not to its thoughts.

    Where nothing else was said, what tools have answered is the reply, or what they were asked.
    """
    answers: list[str] = []
    asked: list[str] = []
    for block in items(blocks):
        if isinstance(block, str):
            turn.words.append(text(block))
            continue
        fields = mapping(block)
        kind = text(fields.get("type"))
        if kind in ("tool_use", "server_tool_use", "mcp_tool_use"):
            shown, call = read_call(conversation, fields, documents)
            turn.words.append(shown)
            _also(turn, asked, call)
        elif kind.endswith("tool_result"):
            _also(turn, answers, _result(conversation, fields, turn))
        elif kind in _BLOCKS:
            _BLOCKS[kind](conversation, fields, turn)
        else:
            _unknown(conversation, fields, kind, turn)
            continue
        conversation.check(kind, fields, _TIMES | _KNOWN.get(kind, _KNOWN["tool_result"] | _FREE))
    if not any(turn.words) and not turn.files:
        promoted = answers or asked
        turn.words += promoted
        turn.thoughts = [each for each in turn.thoughts if each not in promoted]


_FREE = {"input", "source", "data", "text", "title", "file_uuid", "file_name"}


def _also(turn: Turn, found: list[str], words: str) -> None:
    if words:
        turn.thoughts.append(words)
        found.append(words)


def without_tags(words: str, turn: Turn) -> None:
    """Add a text in which older models have set thoughts and documents apart by tags."""

    def aside(match: re.Match[str], inside: str) -> str:
        turn.thoughts.append(inside.strip())
        return ""

    def written(match: re.Match[str], inside: str) -> str:
        name = re.search(r'title="([^"]*)"', match["about"])
        return paragraphs(["\n", title(name[1] if name else ""), inside.strip(), "\n"])

    words = set_apart(_NOT_SHOWN.sub("", words), _THINKING, "</antThinking>", aside)
    turn.words.append(set_apart(words, _ARTIFACT, "</antArtifact>", written).strip())


def _text(conversation: Conversation, block: Block, turn: Turn) -> None:
    without_tags(text(block.get("text")), turn)
    links: dict[str, str] = {}
    for citation in map(mapping, items(block.get("citations"))):
        details = mapping(citation.get("details"))
        url = text(citation.get("url")) or text(details.get("url"))
        name = text(citation.get("title")) or text(details.get("title"))
        if url:
            links[url] = links.get(url) or name
        elif name or details:
            conversation.leave_out(text(details.get("type")) or "citation")
    turn.words.append(sources(links))


def _thinking(conversation: Conversation, block: Block, turn: Turn) -> None:
    summaries = [text(mapping(each).get("summary")) for each in items(block.get("summaries"))]
    turn.thoughts.append(text(block.get("thinking")) or paragraphs(summaries))


def _voice(conversation: Conversation, block: Block, turn: Turn) -> None:
    turn.words.append(paragraphs([title(block.get("title")), text(block.get("text"))]))


def _picture(conversation: Conversation, block: Block, turn: Turn) -> None:
    source = mapping(block.get("source"))
    letters = text(source.get("data"))
    kind = text(source.get("media_type")) or "image/png"
    key = f"data:{kind};base64,{letters}" if letters else text(block.get("file_uuid"))
    conversation.picture(turn, key or source.get("url"), block.get("file_name"))


def _document(conversation: Conversation, block: Block, turn: Turn) -> None:
    source = mapping(block.get("source"))
    name = line(block.get("title")) or line(block.get("file_name"))
    if words := text(source.get("data")) if source.get("type") == "text" else "":
        turn.words.append(f"[File: {name or '?'}]\n\n{words}")
    else:
        conversation.file(turn, name, block.get("file_uuid"))


_BLOCKS: dict[str, Reader] = {
    "text": _text,
    "thinking": _thinking,
    "voice_note": _voice,
    "image": _picture,
    "document": _document,
    "token_budget": lambda conversation, block, turn: None,  # How much the model might write.
}


def _unknown(conversation: Conversation, block: Block, kind: str, turn: Turn) -> None:
    """Keep the words of a block that nobody knows, and tell that there was more to it."""
    conversation.leave_out(kind or "block without a type")
    turn.words.append(text(block.get("text")))


def _result(conversation: Conversation, block: Block, turn: Turn) -> str:
    """Return what a tool has answered; its pictures go with the message."""
    content = block.get("content")
    parts = [content] if isinstance(content, str) else items(content)
    said = [_answer(conversation, part, turn) for part in parts]
    if not any(said):
        said.append(_displayed(block.get("display_content")))
    words = paragraphs(part.strip() for part in said)
    return f"[Error: {words}]" if words and block.get("is_error") is True else words


def _answer(conversation: Conversation, part: Any, turn: Turn) -> str:
    if isinstance(part, str):
        return text(part)
    fields = mapping(part)
    kind = text(fields.get("type"))
    if kind == "image":
        _picture(conversation, fields, turn)
        return ""
    if kind == "local_resource":
        conversation.file(turn, fields.get("name"), fields.get("uuid"))
        return ""
    words = text(fields.get("text"))
    if url := text(fields.get("url")):
        words = paragraphs([link(url, fields.get("title")), words])
    if not words:
        conversation.leave_out(kind or "tool_result")
    return words


def _displayed(content: Any) -> str:
    """Return what the page has shown instead of the answer."""
    fields = mapping(content)
    if code := text(fields.get("json_block")) or text(fields.get("code")):
        return fenced(code, fields.get("language") or ("json" if "json_block" in fields else ""))
    names = [
        link(each.get("url"), each.get("title"))
        for each in map(mapping, items(fields.get("content")))
    ]
    return paragraphs([text(fields.get("text")), *names])
