"""Prompts of Google AI Studio: a list of chunks, of the person and of the model."""

import hashlib
import json
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
from apps.chat.transfers.imports.markup import fenced, link, sources
from apps.chat.transfers.imports.values import items, mapping, names, paragraphs, text

Data = dict[str, Any]

_PROMPT = {"runSettings", "systemInstruction", "chunkedPrompt", "title", "citations", "applet"}
_CHUNK = names(
    "text role isThought tokenCount finishReason parts thoughtSignatures createTime isEdited"
    " thinkingBudget branchParent branchChildren executableCode codeExecutionResult grounding"
    " errorMessage inlineFile inlineData inlineImage driveDocument driveImage driveVideo"
    " driveAudio youtubeVideo isGeneratedUsingApiKey"
)
_FILES = ("driveDocument", "driveImage", "driveVideo", "driveAudio")


def is_one(data: Data) -> bool:
    return isinstance(mapping(data.get("chunkedPrompt")).get("chunks"), list)


def read(data: Data, stock: Stock = EMPTY) -> Conversation:
    """Read one prompt, which has no name of its own: the same content is the same prompt."""
    written = json.dumps(data, sort_keys=True, default=str)
    name = hashlib.sha256(written.encode(errors="replace")).hexdigest()
    conversation = new_conversation("aistudio", name, data.get("title"), stock)
    conversation.check("prompt", data, _PROMPT)
    prompt = mapping(data.get("chunkedPrompt"))
    if pending := [
        each for each in items(prompt.get("pendingInputs")) if mapping(each).get("text")
    ]:
        conversation.draft = text(mapping(pending[0]).get("text"))
    instruction = mapping(data.get("systemInstruction"))
    parts = [text(mapping(part).get("text")) for part in items(instruction.get("parts"))]
    system = text(instruction.get("text")) or paragraphs(parts)
    conversation.settings["system_prompt"] = system[:PROMPT_CHARS]
    model = text(mapping(data.get("runSettings")).get("model")).removeprefix("models/")
    _read_chunks(conversation, items(prompt.get("chunks")), model)
    return conversation


def _read_chunks(conversation: Conversation, chunks: list[Any], model: str) -> None:
    """Join what one side has said in a row: a file and its question, thoughts and their answer."""
    place, speaker, time, turn = None, None, None, Turn()
    for chunk in map(mapping, chunks):
        role = Message.Role.USER if chunk.get("role") == "user" else Message.Role.ASSISTANT
        if chunk.get("role") not in ("user", "model"):
            conversation.odd += 1
            continue
        if speaker and role != speaker:
            place = _added(conversation, place, speaker, turn, (time, model))
            turn, time = Turn(), None
        speaker, time = role, time or chunk.get("createTime")
        _read_chunk(conversation, chunk, turn)
    if speaker:
        _added(conversation, place, speaker, turn, (time, model))


def _added(
    conversation: Conversation,
    place: int | None,
    role: Message.Role,
    turn: Turn,
    about: tuple[Any, str],
) -> int:
    empty = EMPTY_QUESTION if role == Message.Role.USER else EMPTY_REPLY
    words = paragraphs(turn.words) or ("" if turn.files else empty)
    message = message_of(role, words, *about)
    if message.is_reply:
        message.reasoning = paragraphs(turn.thoughts)
    return conversation.add(place, message, turn.files)


def _read_chunk(conversation: Conversation, chunk: Data, turn: Turn) -> None:
    conversation.check("chunk", chunk, _CHUNK)
    parts = [mapping(part) for part in items(chunk.get("parts"))]
    words = text(chunk.get("text")) or "".join(
        text(part.get("text")) for part in parts if not part.get("thought")
    )
    (turn.thoughts if chunk.get("isThought") is True else turn.words).append(words.strip())
    code, output = mapping(chunk.get("executableCode")), mapping(chunk.get("codeExecutionResult"))
    turn.words.append(fenced(text(code.get("code")), text(code.get("language")).lower()))
    turn.words.append(fenced(text(output.get("output"))))
    if error := text(chunk.get("errorMessage")):
        turn.words.append(f"[Error: {error}]")
    if video := text(mapping(chunk.get("youtubeVideo")).get("id")):
        turn.words.append(link(f"https://www.youtube.com/watch?v={video}"))
    found = items(mapping(chunk.get("grounding")).get("groundingSources"))
    pages = {text(mapping(each).get("uri")): text(mapping(each).get("title")) for each in found}
    turn.words.append(sources({url: name for url, name in pages.items() if url}))
    _read_files(conversation, chunk, [chunk, *parts], turn)


def _read_files(conversation: Conversation, chunk: Data, parts: list[Data], turn: Turn) -> None:
    for part in parts:
        for key in ("inlineFile", "inlineData", "inlineImage"):
            if inline := mapping(part.get(key)):
                kind = text(inline.get("mimeType")) or "application/octet-stream"
                letters = f"data:{kind};base64,{text(inline.get('data'))}"
                is_picture = kind.startswith("image/")
                conversation.file(turn, "", letters, "[Picture]" if is_picture else "[File]")
    for key in _FILES:
        if drive := mapping(chunk.get(key)):
            conversation.file(turn, drive.get("name"), drive.get("id"), f"[File: {key}]")
