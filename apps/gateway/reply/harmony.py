"""The channels of Harmony, in which gpt-oss speaks, where the service has left its tokens in.

A message is `<|start|>assistant<|channel|>analysis<|message|>…<|end|>`; Muse's are
`<|start|>assistant to=self<|message|>…<|eom|>`. See OpenAI's "Harmony response format".
"""

import re

from apps.gateway.reply.reasoning_tags import find

_ENDS = ("<|end|>", "<|return|>", "<|call|>", "<|eom|>", "<|eot|>")
_TOKENS = ("<|start|>", "<|channel|>", "<|message|>", "<|constrain|>", *_ENDS)
_HEADER_CHARS = 300  # A longer one is none.
_RECIPIENT = re.compile(r"\bto=(\S+)")
_TO_THE_PERSON = ("user", "all", "assistant")


class Channels:
    """Split such messages into text and reasoning, however they are cut."""

    def __init__(self, is_answer: bool = False) -> None:
        self.calls_tool = False
        self._kind = "text" if is_answer else "between"  # Or "header", "reasoning".
        self._header = ""
        self._held = ""
        self._said: set[str] = set()  # The kinds that have said something.
        self._is_new = is_answer  # Nothing of this message has come.

    def feed(self, text: str, is_all: bool) -> tuple[str, str]:
        """Return text and reasoning."""
        parts: dict[str, list[str]] = {"text": [], "reasoning": []}
        rest, self._held = self._held + text, ""
        while True:
            start, end = find(rest, _TOKENS, is_all)
            self._say(rest[:start], parts)
            if start == end:
                break
            self._turn(rest[start:end].lower())
            rest = rest[end:]
        if not is_all:
            self._held = rest[start:]
        elif self._kind == "header":  # It never became a message.
            self._header = ""
        return "".join(parts["text"]), "".join(parts["reasoning"])

    def _turn(self, mark: str) -> None:
        if mark in _ENDS:
            self.calls_tool = self.calls_tool or mark == "<|call|>"
            self._kind = "between"
        elif mark == "<|message|>":
            self._kind, self._header, self._is_new = _kind_of(self._header), "", True
        else:
            self._header = "" if mark == "<|start|>" else f"{self._header} "
            self._kind = "header"

    def _say(self, words: str, parts: dict[str, list[str]]) -> None:
        if self._kind == "header" and len(self._header) + len(words) <= _HEADER_CHARS:
            self._header += words
            return
        if self._kind in ("header", "between"):
            if not words.strip():
                return
            self._kind, words, self._is_new = "text", self._header + words, True
            self._header = ""
        if self._is_new:
            words = words.lstrip()
            if not words:
                return
            self._is_new = False
            if self._kind in self._said:
                words = f"\n\n{words}"
            self._said.add(self._kind)
        parts[self._kind].append(words)


def _kind_of(header: str) -> str:
    recipient = _RECIPIENT.search(header)
    if recipient and recipient[1] not in _TO_THE_PERSON:
        return "reasoning"  # To itself, or a tool that nobody has offered.
    return "reasoning" if re.search(r"\b(analysis|thought)\b", header) else "text"
