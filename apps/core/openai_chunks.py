import re

_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*(\r\n|\Z)", re.IGNORECASE)
_SIZE = re.compile(rb"[0-9a-fA-F]{1,8}")
_HEAD_BYTES = 65536


class ChunkJoiner:
    """Join the chunks of one HTTP answer that arrived together into one (RFC 9112, 7.1).

    A server sends a chunk for every word. The HTTP library takes each through all its layers,
    which costs more than all that is done with the word afterwards. Whatever is not the plain
    case passes unchanged, for the library to judge.
    """

    def __init__(self) -> None:
        self._part = "head"  # Then "body"; or "rest", which passes unchanged.
        self._held = b""  # The head so far; later, what is too short to be understood.
        self._left = 0  # Bytes that the current chunk still lacks.
        self._is_inside = False  # A chunk has begun, and its line end has not come.

    def feed(self, data: bytes) -> bytes:
        """Return what to pass on; nothing while a chunk's size is incomplete."""
        if self._part == "body":
            return self._body(data)
        return self._head(data) if self._part == "head" else data

    def _head(self, data: bytes) -> bytes:
        self._held += data
        head, end, body = self._held.partition(b"\r\n\r\n")
        if not end and len(head) < _HEAD_BYTES:
            return data
        self._held = b""
        if not (head.startswith(b"HTTP/1.1 2") and _CHUNKED.search(head)):
            self._part = "rest"
            return data
        self._part = "body"
        return data[: len(data) - len(body)] + self._body(body)

    def _body(self, data: bytes) -> bytes:
        data = self._held + data
        parts: list[bytes] = []
        at = 0
        while (end := self._chunk(data, at, parts)) is not None:
            at = end
        rest, self._held = data[at:], b""
        if self._part == "body":
            rest, self._held = b"", rest
        joined = b"".join(parts)
        return (b"%x\r\n%s\r\n" % (len(joined), joined) if joined else b"") + rest

    def _chunk(self, data: bytes, at: int, parts: list[bytes]) -> int | None:
        """Take a size, or the bytes of a chunk; return where they end, None if it is too early."""
        if self._is_inside:
            return self._inside(data, at, parts)
        line_end = data.find(b"\r\n", at)
        if line_end < 0 and len(data) - at < 10:
            return None
        line = data[at : max(line_end, at)]
        self._left = int(line, 16) if _SIZE.fullmatch(line) else 0
        if not self._left:  # The last chunk, or something unusual.
            self._part = "rest"
            return None
        self._is_inside = True
        return line_end + 2

    def _inside(self, data: bytes, at: int, parts: list[bytes]) -> int | None:
        part = data[at : at + self._left]
        parts.append(part)
        self._left -= len(part)
        at += len(part)
        if not self._left and data.startswith(b"\r\n", at):
            self._is_inside = False
            return at + 2
        if not self._left and len(data) - at >= 2:
            self._part = "rest"  # No line end: the library will refuse what follows.
            return None
        return at if part else None
