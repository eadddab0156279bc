"""Thoughts that a model has left in its answer, told apart from it by their marks.

Marks count at the start of an answer, where any number of thoughts may stand one after another.
A closing mark whose beginning the service has kept for itself counts once, anywhere outside code:
all before it was thought. An answer about such marks keeps them.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from apps.gateway.reply import code_spans
from apps.gateway.reply.harmony import Channels
from apps.gateway.reply.reasoning_tags import (
    HARMONY_ANSWERS,
    LONE,
    WORDS,
    Opening,
    find,
    fold,
    opening_of,
)

_MOST_CANDIDATES = 50  # Closing marks that are looked at; each costs reading what came before it.
_FIRST_LETTERS = re.compile("[<[◁]").search  # Of the closing marks that may come alone.
_BULLET = re.compile(r"\s*([-*+>|#]+|\d+[.)])\s*")
_SENTENCE_ENDS = ".!?…:。！？：；;)）*"
_BLANKS = re.compile(r"[\s\ufeff\u200b\u2060]*")
_QUOTES = "\"'“”‘’«»`([{<|/\\=„「『"
_EMPHASIS = re.compile(r"(?:^|\s)[*_~]*([*_~])\Z")
_GOES_ON = ".,;:!?)\"'`’”»]}|、，。」』"  # What follows a word of a sentence.


class Split(NamedTuple):
    """What a piece turned out to be."""

    text: str
    reasoning: str
    recalls: bool = False  # All text before was thought; the reasoning begins with it.


class ThoughtSplitter:
    """Split a text that arrives in pieces, to the same result as splitting it whole."""

    def __init__(self, begun: str = "") -> None:
        self.calls_tool = False
        self._begun = begun  # What the answer goes on from, if it does.
        self._step: Callable[[str, bool], str | None] | None = self._start
        self._held = ""
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._recalls = False
        self._said: list[str] = []  # All text, while a lone closing mark may follow.
        self._lone: tuple[str, ...] = tuple(LONE)
        self._words = ""  # With which the text begins, if they may prove to be thoughts.
        self._is_beginning = True  # It may yet begin with such words.
        self._closings: tuple[str, ...] = ()
        self._thought: list[str] = []  # What is between the marks.
        self._candidates = _MOST_CANDIDATES
        self._has_thoughts = False
        self._channels = Channels()
        self._looks = True  # Any text may matter, not only what holds a first letter of a mark.

    def feed(self, text: str) -> Split:
        if self._step is None:
            return Split(text, "")
        if not (self._held or self._looks or _FIRST_LETTERS(text)):
            self._said.append(text)
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

    # Each step takes of the text what is its own; it returns the rest, or None if it waits.

    def _start(self, text: str, is_all: bool) -> str | None:
        bare = text[_BLANKS.match(text).end() :]  # type: ignore[union-attr]
        opening = opening_of(bare, is_all, self._has_thoughts) if bare else Opening("")
        if opening and not opening.kind:
            self._held = text
            if is_all:
                self._step = None
                return bare if self._has_thoughts else text
            return None
        if opening is None:
            self._step = self._answer if self._lone else None
            return bare if self._has_thoughts else text
        return self._open(opening, bare)

    def _open(self, opening: Opening, bare: str) -> str:
        if opening.kind == "harmony":
            self._step = self._in_channels
            return bare
        self._closings = opening.closings
        if opening.kind == "wrapper":
            self._step = self._wrapped
        else:
            if self._has_thoughts and opening.kind == "thoughts":
                self._reasoning.append("\n\n")
            self._has_thoughts, self._lone, self._is_beginning = True, (), False
            if opening.kind == "thoughts":
                self._thought, self._step = [], self._begins_to_think
        return bare[opening.length :]

    def _begins_to_think(self, text: str, is_all: bool) -> str | None:
        """Leave out a mark that comes twice: from the template, and from the model itself."""
        bare = text.lstrip()
        again = opening_of(bare, is_all, True) if bare else Opening("")
        if again and not again.kind and not is_all:
            self._held = text
            return None
        self._step = self._thinking
        return bare[again.length :] if again and again.closings == self._closings else text

    def _thinking(self, text: str, is_all: bool) -> str | None:
        start, end = find(text, self._closings, is_all)
        self._reasoning.append(text[:start])
        self._thought.append(text[:start])
        if start == end:
            self._held = text[start:]
            return None
        thought = "".join(self._thought)
        if _is_spoken_of(thought) or any(
            LONE.get(m, "\0") in fold(thought) for m in self._closings
        ):
            self._lone = tuple(mark for mark in self._closings if mark in LONE)  # Another may come.
            self._begun = thought + text[start:end]
        self._step = self._start
        return text[end:]

    def _wrapped(self, text: str, is_all: bool) -> str | None:
        """Take the answer out of its wrapper; it begins and ends with neither mark nor blanks."""
        start, end = find(text, self._closings, is_all)
        words = text[:start].rstrip()
        self._text.append(words if self._said else words.lstrip())
        self._said += [words] if words.strip() else []
        if start == end:
            self._held = text[len(words) :]
            return None
        self._step = self._unwrapped
        return text[end:]

    def _unwrapped(self, text: str, is_all: bool) -> str | None:
        if text.strip():
            self._step = None
            return text
        self._held = text
        return None

    def _in_channels(self, text: str, is_all: bool) -> None:
        words, reasoning = self._channels.feed(text, is_all)
        self.calls_tool = self._channels.calls_tool
        self._text.append(words)
        self._reasoning.append(reasoning)

    def _answer(self, text: str, is_all: bool) -> str | None:
        if self._is_beginning:
            self._look_for_words("".join([*self._said, text]).lstrip())
        self._looks = self._is_beginning or bool(self._words)
        start, end = find(text, self._lone, is_all)
        after = text[end:]
        if start == end or not (is_all or after.strip(" \t")):
            self._say(text[:start])
            self._held = text[start:]
            if is_all:
                self._say(self._held)
            return None
        mark = fold(text[start:end])
        before = "".join([*self._said, text[:start]])
        if not self._closes(mark, before, after):
            self._say(text[:end])
            self._candidates -= 1
            self._step = self._answer if self._candidates else None
            return after
        return self._recall(mark, before, after)

    def _look_for_words(self, text: str) -> None:
        low = fold(text[:40])
        self._words = next((words for words in WORDS if low.startswith(words)), "")
        self._lone += WORDS.get(self._words, ())
        self._is_beginning = not self._words and any(words.startswith(low) for words in WORDS)

    def _say(self, text: str) -> None:
        self._said.append(text)
        self._text.append(text)

    def _closes(self, mark: str, before: str, after: str) -> bool:
        """Return whether the closing mark ends thoughts, and is not spoken of."""
        if mark not in LONE:
            return True
        return LONE[mark] not in fold(before) and _stands_alone(self._begun + before, after)

    def _recall(self, mark: str, before: str, after: str) -> str:
        if mark not in LONE:
            before = before.lstrip()[len(self._words) :]
        if mark in HARMONY_ANSWERS:
            before = before.rstrip().removesuffix("<|end|>")
        self._recalls, self._has_thoughts, self._lone = True, True, ()
        self._reasoning.append(before)
        self._text, self._said, self._looks = [], [], True
        if mark in HARMONY_ANSWERS:
            self._channels, self._step = Channels(is_answer=True), self._in_channels
        else:
            self._step = self._start
        return after


def _stands_alone(before: str, after: str) -> bool:
    """Return whether a mark between these is no word of a sentence, and no example in code."""
    line = before.rpartition("\n")[2]
    if not line.strip():
        return len(line.expandtabs(4)) < 4 and not code_spans.ends_in_block(before)
    if _BULLET.fullmatch(line) or after.startswith(tuple(_GOES_ON)):
        return False
    emphasis = _EMPHASIS.search(line)
    if emphasis and after.startswith(emphasis[1]):
        return False
    if not after.strip(" \t") and line.rstrip()[-1] in ":：":
        return False
    return not _is_spoken_of(before)


def _is_spoken_of(before: str) -> bool:
    """Return whether a mark after this would be a word of a sentence, or an example in code."""
    line = before.rpartition("\n")[2]
    if not line.strip():
        return code_spans.ends_in_block(before)
    is_glued = not line[-1].isspace() and line[-1] not in _QUOTES
    is_after_sentence = is_glued or line.rstrip()[-1] in _SENTENCE_ENDS
    return not is_after_sentence or code_spans.ends_in_span(before)


def split_thoughts(text: str) -> tuple[str, str]:
    """Return the text without the thoughts in it, and these."""
    splitter = ThoughtSplitter()
    first, last = splitter.feed(text), splitter.flush()
    said = last.text if last.recalls else first.text + last.text
    return said, (first.reasoning + last.reasoning).strip()
