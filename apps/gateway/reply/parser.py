"""Reply parser: from bytes of a stream to delivered text, a finish reason and token counts."""

from collections.abc import Callable
from typing import Any

from apps.gateway.call import Call
from apps.gateway.errors.inband import error_in
from apps.gateway.errors.translation import UpstreamError, classify
from apps.gateway.json import parsed
from apps.gateway.reply import choices
from apps.gateway.reply.delivery import Delivery, ReplyCallbacks
from apps.gateway.reply.finish_reasons import ERROR, STOP, TOOL, UNKNOWN, log_unknown
from apps.gateway.reply.normalize import (
    DONE,
    error_of,
    finish_reason_of,
    is_keepalive,
    objects_in,
    unwrap,
    usage_in,
)
from apps.gateway.reply.sources import SOURCE_FIELD_SET, sources_in
from apps.gateway.transport.sse import EventSplitter
from apps.gateway.types import Outcome, Usage

_AFTER_FINISH_SECONDS = 5.0  # For usage and [DONE], once the reply is complete.
_AFTER_DONE_SECONDS = 0.1  # For the end of the body, to reuse the connection.
_PLAIN_CHOICE = {"index", "delta", "finish_reason", "logprobs", "native_finish_reason"}
_PLAIN_CHOICE |= {"stop_reason", "token_ids", "content_filter_results"}  # vLLM's, Azure's.
_DONE = {DONE, '"[DONE]"', "DONE"}


class ReplyParser:
    """Parser of one reply, fed with chunks; delivers text and reasoning as they arrive."""

    def __init__(
        self,
        call: Call,
        deliver: Callable[[str, str], None],
        silence: float,
        max_chars: int,
        callbacks: ReplyCallbacks | None = None,
        prefix: str = "",
    ) -> None:
        self.chunks: list[bytes] = []  # Filled by the reading loop, emptied by deliver_pending().
        self.finish_reason = ""  # A constant of finish_reasons.py.
        self.usage: Usage | None = None
        self.events = 0
        self._call, self._silence_seconds = call, silence
        self._done = self._calls_tool = self._has_delta = False
        self._splitter = EventSplitter()
        self._delivery = Delivery(call, deliver, max_chars, callbacks or ReplyCallbacks(), prefix)
        text, reasoning = self._delivery.text, self._delivery.reasoning
        self._plain_fields = {"content": text}
        self._plain_fields |= {"reasoning_content": reasoning, "reasoning": reasoning}
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
        """Whether the reply is complete, whatever may still be missing of the body."""
        return bool(self.finish_reason) or (self._done and self.arrived)

    def pace(self, gather: Callable[[], float]) -> None:
        """Set the function that returns the seconds between reads, after the first delivery."""
        self._delivery.gather = gather

    def deliver_pending(self) -> None:
        """Deliver what has arrived; called before each wait for the network."""
        if not self.chunks:
            return
        data = b"".join(self.chunks)
        self.chunks.clear()
        try:
            for event, text in self._splitter.feed(data):
                self._take(event, text)
        except UpstreamError:
            self._flush(last=True)
            raise
        finally:
            if self._delivery.is_waiting:
                self._flush()

    def end(self) -> None:
        """Deliver the rest, at the end of the body."""
        self.deliver_pending()
        try:
            for event, text in self._splitter.finish():
                self._take(event, text)
        except UpstreamError as failure:
            if failure.code != "unreadable":  # A truncated event: the reply was cut.
                raise
        if not self.events and (body := self._splitter.stray):
            self._take_body(body)  # Not a stream, whatever its content type said.
        self._flush(last=True)

    def take_json(self, body: bytes) -> None:
        """Parse a reply that came as one JSON object although a stream was requested."""
        if body.lstrip().startswith((b"data:", b"event:", b":")):
            self.chunks.append(body)  # A stream after all.
            self.end()
            return
        try:
            self._take_body(body.decode("utf-8", "replace"))
        finally:
            self._flush(last=True)

    def outcome(self) -> Outcome:
        """Return how the reply ended; raise UpstreamError if it is empty or incomplete."""
        had = self._delivery
        reason = self.finish_reason or (STOP if self._done and had.has_answer else "")
        if self._calls_tool and not had.has_answer and reason in ("", STOP):
            reason = TOOL
        if not reason:
            if self.arrived and not self._done:
                raise UpstreamError("cut", reason="no finish reason")
            raise UpstreamError("empty" if self.events else "unreadable", reason="no answer")
        if reason == STOP and not had.has_answer:
            raise UpstreamError("empty", reason="finished without an answer")
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
            self._call.read_timeout = _AFTER_DONE_SECONDS
        if event == "error" and not self._done and not data.startswith(("{", "[")):
            raise classify(None, {"message": data}, {})
        # An event without data is not dispatched (HTML standard, 9.2.6).
        return self._done or is_keepalive(data)

    def _take_plain(self, chunk: dict[str, Any]) -> bool:
        """Take a chunk of nothing but text, as nearly all are; return whether it was one.

        The general way, _take_chunk(), costs several times as much.
        """
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
        """Return whether a chunk has nothing beside the delta; remember its shape for the next."""
        if not (SOURCE_FIELD_SET.isdisjoint(chunk) and choice.keys() <= _PLAIN_CHOICE):
            return False
        self._plain_shape = len(chunk) + 64 * len(choice)
        return True

    def _take_piece(self, delta: dict[str, Any]) -> bool:
        received, text, fields = None, "", self._plain_fields
        for name, value in delta.items():
            if not value or name == "role" or (value == text and received is fields.get(name)):
                continue
            if received or type(value) is not str or (received := fields.get(name)) is None:
                return False
            text = value
        if received:
            if len(text) >= received.length:
                return False
            received.pending.append(text)
            received.length += len(text)
        self._has_delta = True
        return True

    def _take_chunk(self, event: str, chunk: dict[str, Any], is_body: bool = False) -> None:
        chunk = unwrap(chunk)
        error = error_in(chunk, event, is_body)
        if error is not None and not self.finish_reason:
            raise classify(None, error, {})
        choice = choices.first_choice(chunk.get("choices"), is_body)
        self.usage = usage_in(chunk, choice) or self.usage
        if choice is not None:
            self._take_choice(choice)
        self._delivery.add_items(sources_in(chunk))

    def _take_choice(self, choice: dict[str, Any]) -> None:
        end, reason = finish_reason_of(choice)
        is_end = bool(end or self.finish_reason)
        for name in ("delta", "message"):
            if message := choice.get(name):
                parsed = choices.parse_message(message)
                self._calls_tool = self._calls_tool or parsed.calls_tool
                is_whole = name == "message"
                self._delivery.add(parsed, is_whole, is_end, self._has_delta)
                self._has_delta = self._has_delta or not is_whole
        if type(text := choice.get("text")) is str:  # The legacy completions API.
            self._delivery.add(choices.ParsedMessage(text), False, is_end, self._has_delta)
        self._delivery.add_items(choices.parse_message({"images": choice.get("images")}).items)
        self._delivery.add_items(sources_in(choice))
        if (fault := error_of(choice)) and not self.finish_reason:
            raise classify(None, error_in(fault), {})
        if end:
            self._finish(end, reason)

    def _finish(self, end: str, reason: str) -> None:
        if end == ERROR:
            raise UpstreamError("unavailable", reason="finished with an error")
        if end == UNKNOWN:
            log_unknown(reason)
        if end != STOP or not self.finish_reason:  # "stop" does not override a limit or a filter.
            self.finish_reason = end
        self._call.extend(min(self._silence_seconds, _AFTER_FINISH_SECONDS))

    def _take_body(self, text: str) -> None:
        chunk, *more = objects_in(text)
        if more:
            for each in [chunk, *more]:
                self._take_value("", each)
        elif type(chunk) is dict and unwrap(chunk).get("choices"):
            self.events += 1
            self._take_chunk("", chunk, is_body=True)
            self._done = True  # A body that parses is complete.
        elif (error := error_in(chunk, is_body=True)) is not None:
            self.events += 1
            raise classify(None, error, {})

    def _flush(self, last: bool = False) -> None:
        if not self.finish_reason:
            self._call.extend(self._silence_seconds)
        self._delivery.flush(last)
        self._calls_tool = self._calls_tool or self._delivery.calls_tool
