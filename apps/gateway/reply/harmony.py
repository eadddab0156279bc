"""Harmony: split gpt-oss's channels into text and reasoning where a service left its tokens in.

A message is `<|start|>assistant<|channel|>analysis<|message|>…<|end|>`; Muse's are
`<|start|>assistant to=self<|message|>…<|eom|>`. See OpenAI's "Harmony response format".
"""

import re

from apps.gateway.reply.reasoning_tags import find

_ENDS = ("<|end|>", "<|return|>", "<|call|>", "<|eom|>", "<|eot|>")
_TOKENS = ("<|start|>", "<|channel|>", "<|message|>", "<|constrain|>", *_ENDS)
_HEADER_CHARS = 300  # A longer one is text.
_RECIPIENT = re.compile(r"\bto=(\S+)")
_USER_RECIPIENTS = ("user", "all", "assistant")


class HarmonySplitter:
    """Split Harmony messages that arrive in pieces, however they are cut."""

    def __init__(self, is_answer: bool = False) -> None:
        self.calls_tool = False
        self._kind = "text" if is_answer else "between"  # Or "header", "reasoning".
        self._header = ""
        self._held = ""
        self._seen_kinds: set[str] = set()  # Kinds that have text already.
        self._is_new = is_answer  # This message has no text yet.

    def feed(self, text: str, is_all: bool) -> tuple[str, str]:
        """Return the new text and the new reasoning."""
        parts: dict[str, list[str]] = {"text": [], "reasoning": []}
        rest, self._held = self._held + text, ""
        while True:
            start, end = find(rest, _TOKENS, is_all)
            self._add(rest[:start], parts)
            if start == end:
                break
            self._switch_channel(rest[start:end].lower())
            rest = rest[end:]
        if not is_all:
            self._held = rest[start:]
        elif self._kind == "header":  # It never became a message.
            self._header = ""
        return "".join(parts["text"]), "".join(parts["reasoning"])

    def _switch_channel(self, mark: str) -> None:
        if mark in _ENDS:
            self.calls_tool = self.calls_tool or mark == "<|call|>"
            self._kind = "between"
        elif mark == "<|message|>":
            self._kind, self._header, self._is_new = _channel_of(self._header), "", True
        else:
            self._header = "" if mark == "<|start|>" else f"{self._header} "
            self._kind = "header"

    def _add(self, text: str, parts: dict[str, list[str]]) -> None:
        if self._kind == "header" and len(self._header) + len(text) <= _HEADER_CHARS:
            self._header += text
            return
        if self._kind in ("header", "between"):
            if not text.strip():
                return
            self._kind, text, self._is_new = "text", self._header + text, True
            self._header = ""
        if self._is_new:
            text = text.lstrip()
            if not text:
                return
            self._is_new = False
            if self._kind in self._seen_kinds:
                text = f"\n\n{text}"
            self._seen_kinds.add(self._kind)
        parts[self._kind].append(text)


def _channel_of(header: str) -> str:
    recipient = _RECIPIENT.search(header)
    if recipient and recipient[1] not in _USER_RECIPIENTS:
        return "reasoning"  # To the model itself, or to a tool that was not offered.
    return "reasoning" if re.search(r"\b(analysis|thought)\b", header) else "text"
