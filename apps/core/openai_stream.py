import json
from collections.abc import Callable
from typing import Any, TypeGuard

from .openai_calls import Call
from .openai_errors import Failure, classify
from .openai_events import EventSplitter, ThinkSplitter
from .openai_values import Outcome, Usage
from .text import TextCleaner

_FINISH_GRACE = 5.0  # Seconds for usage and [DONE], once the answer is complete.
_COURTESY = 0.1  # Seconds for the end of the body after [DONE], to keep the connection.


class Reply:
    """What has arrived of one answer; hands it over piece by piece, cleaned and measured."""

    def __init__(
        self, call: Call, deliver: Callable[[str, str], None], silence: float, max_chars: int
    ) -> None:
        self.chunks: list[bytes] = []  # Filled by the reading loop, emptied by hand_over().
        self.finish_reason = ""
        self.usage: Usage | None = None
        self.refused = False
        self.events = 0
        self.arrived = False
        self.gather: Callable[[], float] | None = None
        self.delivery_error: BaseException | None = None
        self._call, self._deliver, self._silence = call, deliver, silence
        self._chars_left = max_chars
        self._done = self._has_text = False
        self._splitter, self._think = EventSplitter(), ThinkSplitter()
        self._texts: list[str] = []
        self._reasonings: list[str] = []
        self._text_cleaner, self._reasoning_cleaner = TextCleaner(), TextCleaner()

    def hand_over(self) -> None:
        """Deliver what has arrived; called whenever the reader is about to wait."""
        if not self.chunks:
            return
        data = b"".join(self.chunks)
        self.chunks.clear()
        try:
            for event, text in self._splitter.feed(data):
                self._take(event, text)
        finally:
            if self._texts or self._reasonings:
                self._pass_on()

    def end(self) -> None:
        """Deliver the rest, when nothing more comes."""
        self.hand_over()
        try:
            for event, text in self._splitter.finish():
                self._take(event, text)
        except Failure as failure:
            if failure.code != "unreadable":  # Half an event: the answer was cut, no more.
                raise
        self._pass_on(last=True)

    def take_whole(self, body: bytes) -> None:
        """Take an answer that came as one JSON object although a stream was asked for."""
        text = body.decode("utf-8", "replace")
        chunk = _parsed(text)
        if type(chunk) is dict and chunk.get("choices"):
            self._take("", text)
            self._pass_on(last=True)

    def outcome(self) -> Outcome:
        """Return how the answer ended, or raise Failure if it is none."""
        if not self.finish_reason:
            if self.arrived:
                raise Failure("cut", reason="no finish reason")
            raise Failure("empty" if self.events else "unreadable", reason="no answer")
        if not self._has_text and self.finish_reason != "content_filter":
            raise Failure("empty", reason=f"finished with {self.finish_reason}")
        return Outcome(self.finish_reason, self.usage, self.refused)

    def _take(self, event: str, data: str) -> None:
        if self._done:
            return
        if data.strip() == "[DONE]":
            self._done = True
            self._call.patience = _COURTESY
            return
        chunk = _parsed(data)
        if type(chunk) is not dict:
            return
        self.events += 1
        self._check(event, chunk)
        if type(usage := chunk.get("usage")) is dict:
            self._count(usage)
        choices = chunk.get("choices")
        if type(choices) is list and choices and type(choices[0]) is dict:
            self._take_choice(choices[0])

    def _check(self, event: str, chunk: dict[str, Any]) -> None:
        error = chunk.get("error")
        if error is None and event != "error":
            return
        if not self.finish_reason:
            raise classify(None, chunk if error is None else error, {})

    def _count(self, usage: dict[str, Any]) -> None:
        prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
        if _is_count(prompt) and _is_count(completion):
            self.usage = Usage(prompt, completion)

    def _take_choice(self, choice: dict[str, Any]) -> None:
        delta = choice.get("delta") or choice.get("message")
        if type(delta) is dict:
            if type(text := delta.get("content")) is str and text:
                self._texts.append(text)
            if type(text := delta.get("refusal")) is str and text:
                self._texts.append(text)
                self.refused = True
            text = delta.get("reasoning_content") or delta.get("reasoning")
            if type(text) is str:
                self._reasonings.append(text)
        reason = choice.get("finish_reason")
        if type(reason) is str and reason:
            if reason == "error":
                raise Failure("unavailable", reason="finished with an error")
            self.finish_reason = reason
            self._call.extend(min(self._silence, _FINISH_GRACE))

    def _pass_on(self, last: bool = False) -> None:
        text = self._text_cleaner.feed("".join(self._texts))
        reasoning = self._reasoning_cleaner.feed("".join(self._reasonings))
        self._texts, self._reasonings = [], []
        if not self.finish_reason:
            self._call.extend(self._silence)
        if last:
            text += self._text_cleaner.flush()
            reasoning += self._reasoning_cleaner.flush()
        text, thought = self._think.feed(text)
        if last:
            rest = self._think.flush()
            text, thought = text + rest[0], thought + rest[1]
        self._send(text, reasoning + thought)

    def _send(self, text: str, reasoning: str) -> None:
        too_big = len(text) + len(reasoning) > self._chars_left
        if too_big:
            reasoning = reasoning[: self._chars_left]
            text = text[: self._chars_left - len(reasoning)]
        self._chars_left -= len(text) + len(reasoning)
        if text or reasoning:
            self.arrived = True
            self._has_text = self._has_text or bool(text.strip())
            self._call.gather = self.gather
            try:
                self._deliver(text, reasoning)
            except BaseException as error:
                self.delivery_error = error
                raise
        if too_big:
            raise Failure("too_big", reason="the limit of characters")


def _parsed(data: str) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Failure("unreadable", reason=type(error).__name__) from error


def _is_count(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value < 2**31
