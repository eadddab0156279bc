"""Server-sent events: split a response body into events."""

from apps.gateway.errors.translation import UpstreamError

_MAX_EVENT_BYTES = 16_000_000  # Room for a picture; an event without end must not fill the memory.
_MAX_STRAY_CHARS = 1_000_000


class EventSplitter:
    """Splitter of bytes into server-sent events (HTML standard, 9.2.6)."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []  # An unfinished line.
        self._size = 0
        self._data: list[str] = []  # The lines of an unfinished event.
        self._data_size = 0
        self._event = ""
        self._stray: list[str] = []  # Lines before the first event, of none.
        self._stray_left = _MAX_STRAY_CHARS
        self._after_cr = False
        self._at_start = True

    @property
    def stray(self) -> str:
        """What came before the first event, if it looks like JSON."""
        text = "\n".join(self._stray).strip()
        return text if text.startswith(("{", "[")) else ""

    def feed(self, data: bytes) -> list[tuple[str, str]]:
        """Return (name, data) of each complete event; raise UpstreamError for one without end."""
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
        """Return the last event, whose empty line the end of the body has cut off."""
        return self.feed(b"\n\n")

    def _keep(self, tail: bytes) -> None:
        self._parts.append(tail)
        self._size += len(tail)
        if self._size + self._data_size > _MAX_EVENT_BYTES:
            raise UpstreamError("unreadable", reason="an event without end")

    def _events(self, lines: list[str]) -> list[tuple[str, str]]:
        if self._at_start:
            self._at_start = False
            lines[0] = lines[0].removeprefix("\ufeff")
        events: list[tuple[str, str]] = []
        for line in lines:
            if line.startswith("data:"):
                self._stray_left = 0
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
            elif line.startswith(("error:", '{"error"')):  # llama.cpp's and Ollama's.
                self._event = "error"
                self._data.append(line.removeprefix("error:").strip())
            elif self._stray_left > 0 and not line.startswith(":"):
                self._stray.append(line)
                self._stray_left -= len(line) + 1
        return events
