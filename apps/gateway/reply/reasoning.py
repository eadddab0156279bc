"""Reasoning in the text: split it from the reply by its tags.

Opening tags count at the start of a reply. A closing tag whose opening the service has dropped
counts once, outside code: all text before it was reasoning. A reply about tags keeps them.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from apps.gateway.reply import code_spans
from apps.gateway.reply.harmony import HarmonySplitter
from apps.gateway.reply.reasoning_tags import (
    HARMONY_ANSWERS,
    LONE_CLOSINGS,
    PLAIN_PAIRS,
    Opening,
    find,
    fold,
    opening_of,
)

_MAX_CANDIDATES = 50  # Lone closing tags examined; each costs reading all text before it.
_FIRST_LETTERS = re.compile("[<[◁]").search  # Of lone closing tags.
_BULLET = re.compile(r"\s*([-*+>|#]+|\d+[.)])\s*")
_SENTENCE_ENDS = ".!?…:。！？：；;)）*"
_BLANKS = re.compile(r"[\s\ufeff\u200b\u2060]*")
_QUOTES = "\"'“”‘’«»`([{<|/\\=„「『"
_EMPHASIS = re.compile(r"(?:^|\s)[*_~]*([*_~])\Z")
_SENTENCE_CONTINUES = ".,;:!?)\"'`’”»]}|、，。」』"  # What may follow a word within a sentence.


class Split(NamedTuple):
    """Text and reasoning of a piece."""

    text: str
    reasoning: str
    recalls: bool = False  # All text so far was reasoning, and begins `reasoning`.


class ReasoningSplitter:
    """Split a text that arrives in pieces; the result does not depend on where it is cut."""

    def __init__(self, prefix: str = "") -> None:
        self.calls_tool = False
        self._prefix = prefix  # The text that the reply continues.
        self._step: Callable[[str, bool], str | None] | None = self._start
        self._held = ""
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._recalls = False
        self._delivered: list[str] = []  # All text, while a lone closing tag may follow.
        self._lone_closings: tuple[str, ...] = tuple(LONE_CLOSINGS)
        self._plain_opening = ""  # The first words, if they may prove to begin reasoning.
        self._is_beginning = True  # The text may yet begin with such words.
        self._closings: tuple[str, ...] = ()
        self._tagged: list[str] = []  # The text between the tags.
        self._candidates = _MAX_CANDIDATES
        self._has_reasoning = False
        self._harmony = HarmonySplitter()
        self._must_search = True  # Even a piece without the first letter of a tag.

    def feed(self, text: str) -> Split:
        if self._step is None:
            return Split(text, "")
        if not (self._held or self._must_search or _FIRST_LETTERS(text)):
            self._delivered.append(text)
            return Split(text, "")
        return self._read(text, False)

    def flush(self) -> Split:
        """Return what was held back, when the text has ended."""
        return self._read("", True)

    def _read(self, text: str, is_all: bool) -> Split:
        rest: str | None = self._held + text
        self._held = ""
        while rest is not None and self._step:
            rest = self._step(rest, is_all)
        self._text.append(rest or "")
        split = Split("".join(self._text), "".join(self._reasoning), self._recalls)
        self._text, self._reasoning, self._recalls = [], [], False
        return split

    # Each step consumes a part of the text and returns the rest, or None if it needs more.

    def _start(self, text: str, is_all: bool) -> str | None:
        bare = text[_BLANKS.match(text).end() :]  # type: ignore[union-attr]
        opening = opening_of(bare, is_all, self._has_reasoning) if bare else Opening("")
        if opening and not opening.kind:
            self._held = text
            if is_all:
                self._step = None
                return bare if self._has_reasoning else text
            return None
        if opening is None:
            self._step = self._read_answer if self._lone_closings else None
            return bare if self._has_reasoning else text
        return self._open(opening, bare)

    def _open(self, opening: Opening, bare: str) -> str:
        if opening.kind == "harmony":
            self._step = self._read_harmony
            return bare
        self._closings = opening.closings
        if opening.kind == "wrapper":
            self._step = self._read_wrapped
        else:
            if self._has_reasoning and opening.kind == "thoughts":
                self._reasoning.append("\n\n")
            self._has_reasoning, self._lone_closings, self._is_beginning = True, (), False
            if opening.kind == "thoughts":
                self._tagged, self._step = [], self._skip_second_opening
        return bare[opening.length :]

    def _skip_second_opening(self, text: str, is_all: bool) -> str | None:
        """Skip an opening tag that comes twice: from the chat template, and from the model."""
        bare = text.lstrip()
        again = opening_of(bare, is_all, True) if bare else Opening("")
        if again and not again.kind and not is_all:
            self._held = text
            return None
        self._step = self._read_reasoning
        return bare[again.length :] if again and again.closings == self._closings else text

    def _read_reasoning(self, text: str, is_all: bool) -> str | None:
        start, end = find(text, self._closings, is_all)
        self._reasoning.append(text[:start])
        self._tagged.append(text[:start])
        if start == end:
            self._held = text[start:]
            return None
        tagged = "".join(self._tagged)
        if _is_quoted(tagged) or any(
            LONE_CLOSINGS.get(m, "\0") in fold(tagged) for m in self._closings
        ):
            self._lone_closings = tuple(mark for mark in self._closings if mark in LONE_CLOSINGS)
            self._prefix = tagged + text[start:end]
        self._step = self._start
        return text[end:]

    def _read_wrapped(self, text: str, is_all: bool) -> str | None:
        """Unwrap the answer, and strip the whitespace around it."""
        start, end = find(text, self._closings, is_all)
        words = text[:start].rstrip()
        self._text.append(words if self._delivered else words.lstrip())
        self._delivered += [words] if words.strip() else []
        if start == end:
            self._held = text[len(words) :]
            return None
        self._step = self._read_after_wrapper
        return text[end:]

    def _read_after_wrapper(self, text: str, is_all: bool) -> str | None:
        if text.strip():
            self._step = None
            return text
        self._held = text
        return None

    def _read_harmony(self, text: str, is_all: bool) -> None:
        words, reasoning = self._harmony.feed(text, is_all)
        self.calls_tool = self._harmony.calls_tool
        self._text.append(words)
        self._reasoning.append(reasoning)

    def _read_answer(self, text: str, is_all: bool) -> str | None:
        if self._is_beginning:
            self._find_plain_opening("".join([*self._delivered, text]).lstrip())
        self._must_search = self._is_beginning or bool(self._plain_opening)
        start, end = find(text, self._lone_closings, is_all)
        after = text[end:]
        if start == end or not (is_all or after.strip(" \t")):
            self._add_text(text[:start])
            self._held = text[start:]
            if is_all:
                self._add_text(self._held)
            return None
        mark = fold(text[start:end])
        before = "".join([*self._delivered, text[:start]])
        if not self._closes(mark, before, after):
            self._add_text(text[:end])
            self._candidates -= 1
            self._step = self._read_answer if self._candidates else None
            return after
        return self._recall(mark, before, after)

    def _find_plain_opening(self, text: str) -> None:
        low = fold(text[:40])
        self._plain_opening = next((words for words in PLAIN_PAIRS if low.startswith(words)), "")
        self._lone_closings += PLAIN_PAIRS.get(self._plain_opening, ())
        may_come = any(words.startswith(low) for words in PLAIN_PAIRS)
        self._is_beginning = may_come and not self._plain_opening

    def _add_text(self, text: str) -> None:
        self._delivered.append(text)
        self._text.append(text)

    def _closes(self, mark: str, before: str, after: str) -> bool:
        """Return whether the closing tag ends reasoning, and is not quoted."""
        if mark not in LONE_CLOSINGS:
            return True
        is_unopened = LONE_CLOSINGS[mark] not in fold(before)
        return is_unopened and _stands_alone(self._prefix + before, after)

    def _recall(self, mark: str, before: str, after: str) -> str:
        if mark not in LONE_CLOSINGS:
            before = before.lstrip()[len(self._plain_opening) :]
        if mark in HARMONY_ANSWERS:
            before = before.rstrip().removesuffix("<|end|>")
        self._recalls, self._has_reasoning, self._lone_closings = True, True, ()
        self._reasoning.append(before)
        self._text, self._delivered, self._must_search = [], [], True
        if mark in HARMONY_ANSWERS:
            self._harmony, self._step = HarmonySplitter(is_answer=True), self._read_harmony
        else:
            self._step = self._start
        return after


def _stands_alone(before: str, after: str) -> bool:
    """Return whether a tag between these is neither a word of a sentence nor an example in code."""
    line = before.rpartition("\n")[2]
    if not line.strip():
        return len(line.expandtabs(4)) < 4 and not code_spans.ends_in_block(before)
    if _BULLET.fullmatch(line) or after.startswith(tuple(_SENTENCE_CONTINUES)):
        return False
    emphasis = _EMPHASIS.search(line)
    if emphasis and after.startswith(emphasis[1]):
        return False
    if not after.strip(" \t") and line.rstrip()[-1] in ":：":
        return False
    return not _is_quoted(before)


def _is_quoted(before: str) -> bool:
    """Return whether a tag after this would be a word of a sentence or an example in code."""
    line = before.rpartition("\n")[2]
    if not line.strip():
        return code_spans.ends_in_block(before)
    is_glued = not line[-1].isspace() and line[-1] not in _QUOTES
    return not (is_glued or line.rstrip()[-1] in _SENTENCE_ENDS) or code_spans.ends_in_span(before)


def split_reasoning(text: str) -> tuple[str, str]:
    """Return a whole text without the reasoning in it, and that reasoning."""
    splitter = ReasoningSplitter()
    first, last = splitter.feed(text), splitter.flush()
    said = last.text if last.recalls else first.text + last.text
    return said, (first.reasoning + last.reasoning).strip()
