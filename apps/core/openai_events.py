from .openai_errors import Failure

_EVENT_BYTES = 8_000_000  # No honest event is longer; what has no end must not fill the memory.


class EventSplitter:
    """Split bytes into server-sent events, as the HTML standard reads them (section 9.2.6)."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []  # An unfinished line.
        self._size = 0
        self._data: list[str] = []  # The lines of an unfinished event.
        self._data_size = 0
        self._event = ""
        self._after_cr = False
        self._at_start = True

    def feed(self, data: bytes) -> list[tuple[str, str]]:
        """Return the name and the data of each event that is complete."""
        if self._after_cr and data.startswith(b"\n"):
            data = data[1:]
        if not data:
            return []
        self._after_cr = data.endswith(b"\r")
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        head, newline, tail = data.rpartition(b"\n")
        if newline:
            self._parts.append(head)
            lines = b"".join(self._parts).decode("utf-8", "replace").split("\n")
            self._parts = []
            self._size = 0
            events = self._events(lines)
        else:
            events = []
        self._keep(tail)
        return events

    def finish(self) -> list[tuple[str, str]]:
        """Return the event that the end of the body has left without its empty line."""
        return self.feed(b"\n\n")

    def _keep(self, tail: bytes) -> None:
        self._parts.append(tail)
        self._size += len(tail)
        if self._size + self._data_size > _EVENT_BYTES:
            raise Failure("unreadable", reason="an event without end")

    def _events(self, lines: list[str]) -> list[tuple[str, str]]:
        if self._at_start:
            self._at_start = False
            lines[0] = lines[0].removeprefix("\ufeff")
        events: list[tuple[str, str]] = []
        for line in lines:
            if line.startswith("data:"):
                self._data.append(line[6:] if line.startswith(" ", 5) else line[5:])
                self._data_size += len(line)
            elif not line:
                if self._data:
                    events.append((self._event, "\n".join(self._data)))
                    self._data = []
                    self._data_size = 0
                self._event = ""
            elif line.startswith("event:"):
                self._event = line[6:].strip()
        return events


class ThinkSplitter:
    """Move `<think>…</think>` at the start of a text to the reasoning, however it is cut."""

    _OPEN, _CLOSE = "<think>", "</think>"

    def __init__(self) -> None:
        self._state = "start"
        self._held = ""

    def feed(self, text: str) -> tuple[str, str]:
        """Return text and reasoning."""
        if self._state == "text" or not text:
            return text, ""
        text, self._held = self._held + text, ""
        if self._state == "start":
            bare = text.lstrip()
            if len(bare) < len(self._OPEN) and self._OPEN.startswith(bare):
                self._held = text
                return "", ""
            if not bare.startswith(self._OPEN):
                self._state = "text"
                return text, ""
            self._state = "thinking"
            text = bare[len(self._OPEN) :]
        return self._think(text)

    def _think(self, text: str) -> tuple[str, str]:
        if self._state == "after":
            text = text.lstrip()
            self._state = "text" if text else "after"
            return text, ""
        reasoning, close, rest = text.partition(self._CLOSE)
        if close:
            self._state = "after"
            return self._think(rest)[0], reasoning
        keep = _overlap(text, self._CLOSE)
        self._held = text[len(text) - keep :]
        return "", text[: len(text) - keep]

    def flush(self) -> tuple[str, str]:
        """Return what was held back, when the text has ended."""
        held, self._held = self._held, ""
        return ("", held) if self._state == "thinking" else (held, "")


def _overlap(text: str, mark: str) -> int:
    """Count the characters at the end of the text that may begin the mark."""
    for length in range(min(len(mark) - 1, len(text)), 0, -1):
        if mark.startswith(text[-length:]):
            return length
    return 0
