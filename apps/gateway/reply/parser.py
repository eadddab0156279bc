from collections.abc import Callable
from typing import Any

from apps.gateway.call import Call
from apps.gateway.errors.inband import error_in
from apps.gateway.errors.translation import Failure, classify
from apps.gateway.json import parsed
from apps.gateway.reply import choices
from apps.gateway.reply.delivery import Delivery, Receiver
from apps.gateway.reply.finish_reasons import EARLY, FAULT, STOP, TOOL, log_unknown
from apps.gateway.reply.normalize import (
    DONE,
    end_of,
    fault_of,
    is_sign_of_life,
    objects_in,
    unwrapped,
    usage_in,
)
from apps.gateway.reply.sources import IN_PLACES, sources_in
from apps.gateway.transport.sse import EventSplitter
from apps.gateway.types import Outcome, Usage

_FINISH_GRACE = 5.0  # Seconds for usage and [DONE], once the answer is complete.
_COURTESY = 0.1  # Seconds for the end of the body after [DONE], to keep the connection.
_PLAIN_CHOICE = {"index", "delta", "finish_reason", "logprobs", "native_finish_reason"}
_PLAIN_CHOICE |= {"stop_reason", "token_ids", "content_filter_results"}  # vLLM's, Azure's.
_DONE = {DONE, '"[DONE]"', "DONE"}


class Reply:
    """What has arrived of one answer; hands it over piece by piece, cleaned and measured."""

    def __init__(
        self,
        call: Call,
        deliver: Callable[[str, str], None],
        silence: float,
        max_chars: int,
        receiver: Receiver | None = None,
        begun: str = "",
    ) -> None:
        self.chunks: list[bytes] = []  # Filled by the reading loop, emptied by hand_over().
        self.finish_reason = ""  # One of openai_ends.py.
        self.usage: Usage | None = None
        self.events = 0
        self._call, self._silence = call, silence
        self._done = self._calls_tool = self._has_delta = False
        self._splitter = EventSplitter()
        self._delivery = Delivery(call, deliver, max_chars, receiver or Receiver(), begun)
        text, reasoning = self._delivery.text, self._delivery.reasoning
        self._hearers = {"content": text, "reasoning_content": reasoning, "reasoning": reasoning}
        self._plain_shape = 0

    @property
    def refused(self) -> bool:
        return self._delivery.refused

    @property
    def arrived(self) -> bool:
        return self._delivery.arrived

    @property
    def delivery_error(self) -> BaseException | None:
        return self._delivery.error

    @property
    def has_end(self) -> bool:
        """Whether nothing that is missing would make the answer more complete."""
        return bool(self.finish_reason) or (self._done and self.arrived)

    def pace(self, gather: Callable[[], float]) -> None:
        """Gather pieces for so many seconds, once the first has been delivered."""
        self._delivery.gather = gather

    def hand_over(self) -> None:
        """Deliver what has arrived; called whenever the reader is about to wait."""
        if not self.chunks:
            return
        data = b"".join(self.chunks)
        self.chunks.clear()
        try:
            for event, text in self._splitter.feed(data):
                self._take(event, text)
        except Failure:
            self._pass_on(last=True)
            raise
        finally:
            if self._delivery.is_waiting:
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
        if not self.events and (body := self._splitter.stray):
            self._take_body(body)  # It was no stream, whatever it was called.
        self._pass_on(last=True)

    def take_whole(self, body: bytes) -> None:
        """Take an answer that came as one JSON object although a stream was asked for."""
        if body.lstrip().startswith((b"data:", b"event:", b":")):
            self.chunks.append(body)  # It was one after all.
            self.end()
            return
        try:
            self._take_body(body.decode("utf-8", "replace"))
        finally:
            self._pass_on(last=True)

    def outcome(self) -> Outcome:
        """Return how the answer ended, or raise Failure if it is none."""
        had = self._delivery
        reason = self.finish_reason or (STOP if self._done and had.has_answer else "")
        if self._calls_tool and not had.has_answer and reason in ("", STOP):
            reason = TOOL
        if not reason:
            if self.arrived and not self._done:
                raise Failure("cut", reason="no finish reason")
            raise Failure("empty" if self.events else "unreadable", reason="no answer")
        if reason == STOP and not had.has_answer:
            raise Failure("empty", reason="finished without an answer")
        return Outcome(reason, self.usage, self.refused, had.has_text, had.pictures)

    def _take(self, event: str, data: str) -> None:
        if self._done or (not data.startswith("{") and self._is_no_chunk(event, data)):
            return
        if "\n" not in data:
            self._take_value(event, parsed(data))
            return
        for chunk in objects_in(data):
            self._take_value(event, chunk)

    def _take_value(self, event: str, chunk: object) -> None:
        if type(chunk) is dict:
            self.events += 1
            if event or not self._take_plain(chunk):
                self._take_chunk(event, chunk)
        elif chunk == DONE:
            self._done = True
        elif error := error_in(chunk):
            raise classify(None, error, {})

    def _is_no_chunk(self, event: str, data: str) -> bool:
        data = data.strip()
        if data.upper() in _DONE:
            self._done = True
            self._call.patience = _COURTESY
        if event == "error" and not self._done and not data.startswith(("{", "[")):
            raise classify(None, {"message": data}, {})
        # An event without data is none (HTML standard, 9.2.6).
        return self._done or is_sign_of_life(data)

    def _take_plain(self, chunk: dict[str, Any]) -> bool:
        """Take a chunk that has nothing but a piece of text; nearly all are such. Tell whether."""
        rows = chunk.get("choices")
        if type(rows) is not list or len(rows) != 1 or type(choice := rows[0]) is not dict:
            return False
        delta = choice.get("delta")
        if (
            type(delta) is not dict
            or not delta
            or choice.get("finish_reason") is not None
            or choice.get("index")
            or chunk.get("error") is not None
            or chunk.get("usage") is not None
            or not (
                len(chunk) + 64 * len(choice) == self._plain_shape or self._is_plain(chunk, choice)
            )
        ):
            return False
        return self._take_piece(delta)

    def _is_plain(self, chunk: dict[str, Any], choice: dict[str, Any]) -> bool:
        """Return whether there is nothing beside the delta; later ones of this shape are alike."""
        if not (IN_PLACES.isdisjoint(chunk) and choice.keys() <= _PLAIN_CHOICE):
            return False
        self._plain_shape = len(chunk) + 64 * len(choice)
        return True

    def _take_piece(self, delta: dict[str, Any]) -> bool:
        heard, text = None, ""
        for name, value in delta.items():
            if not value or name == "role" or (value == text and heard is self._hearers.get(name)):
                continue
            if heard or type(value) is not str or (heard := self._hearers.get(name)) is None:
                return False
            text = value
        if heard:
            if len(text) >= heard.length:
                return False
            heard.pending.append(text)
            heard.length += len(text)
        self._has_delta = True
        return True

    def _take_chunk(self, event: str, chunk: dict[str, Any], is_body: bool = False) -> None:
        chunk = unwrapped(chunk)
        error = error_in(chunk, event, is_body)
        if error is not None and not self.finish_reason:
            raise classify(None, error, {})
        choice = choices.first_choice(chunk.get("choices"), is_body)
        self.usage = usage_in(chunk, choice) or self.usage
        if choice is not None:
            self._take_choice(choice)
        self._delivery.add_items(sources_in(chunk))

    def _take_choice(self, choice: dict[str, Any]) -> None:
        end, reason = end_of(choice)
        is_end = bool(end or self.finish_reason)
        for name in ("delta", "message"):
            if message := choice.get(name):
                said = choices.read(message)
                self._calls_tool = self._calls_tool or said.calls_tool
                is_whole = name == "message"
                self._delivery.add(said, is_whole, is_end, self._has_delta)
                self._has_delta = self._has_delta or not is_whole
        if type(text := choice.get("text")) is str:  # The older protocol's.
            self._delivery.add(choices.Said(text), False, is_end, self._has_delta)
        self._delivery.add_items(choices.read({"images": choice.get("images")}).items)
        self._delivery.add_items(sources_in(choice))
        if (fault := fault_of(choice)) and not self.finish_reason:
            raise classify(None, error_in(fault), {})
        if end:
            self._finish(end, reason)

    def _finish(self, end: str, reason: str) -> None:
        if end == FAULT:
            raise Failure("unavailable", reason="finished with an error")
        if end == EARLY:
            log_unknown(reason)
        if end != STOP or not self.finish_reason:  # A good end mends no bad one.
            self.finish_reason = end
        self._call.extend(min(self._silence, _FINISH_GRACE))

    def _take_body(self, text: str) -> None:
        chunk, *more = objects_in(text)
        if more:
            for each in [chunk, *more]:
                self._take_value("", each)
        elif type(chunk) is dict and unwrapped(chunk).get("choices"):
            self.events += 1
            self._take_chunk("", chunk, is_body=True)
            self._done = True  # A body that was read is complete.
        elif (error := error_in(chunk, is_body=True)) is not None:
            self.events += 1
            raise classify(None, error, {})

    def _pass_on(self, last: bool = False) -> None:
        if not self.finish_reason:
            self._call.extend(self._silence)
        self._delivery.pass_on(last)
        self._calls_tool = self._calls_tool or self._delivery.calls_tool
