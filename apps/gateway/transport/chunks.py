"""HTTP chunks: join those that arrived together before the HTTP library parses them."""

import re

_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*(\r\n|\Z)", re.IGNORECASE)
_SIZE = re.compile(rb"[0-9a-fA-F]{1,8}")
_HEAD_BYTES = 65536
_INVALID_SIZE = b"-\r\n"


class ChunkJoiner:
    """Join the chunks of one HTTP response that arrived together (RFC 9112, 7.1).

    A server sends a chunk for every token. The HTTP library passes each through all its layers,
    which costs more than all that is done with the token afterwards. Anything but plain chunks
    passes unchanged, for the library to judge.
    """

    def __init__(self) -> None:
        self._part = "head"  # Then "body"; or "rest", which passes unchanged.
        self._held = b""  # The response's head so far; later, an incomplete chunk size.
        self._left = 0  # Bytes missing of the current chunk.
        self._is_inside = False  # Within a chunk, or before its line end.

    def feed(self, data: bytes) -> bytes:
        """Return the bytes to pass on; b"" while a chunk's size is incomplete."""
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
        at = self._finish_chunk(data, 0, parts) if self._is_inside else 0
        while self._part == "body" and not self._is_inside:
            line_end = data.find(b"\r\n", at, at + 10)
            if line_end < 0 and len(data) - at < 10:
                break
            line = data[at : max(line_end, at)]
            size = int(line, 16) if _SIZE.fullmatch(line) else 0
            if not size:  # The last chunk, or an invalid one.
                self._part = "rest"
                break
            start = line_end + 2
            at = start + size + 2
            if data[at - 2 : at] == b"\r\n":
                parts.append(data[start : at - 2])
            else:
                self._left, self._is_inside = size, True
                at = self._finish_chunk(data, start, parts)
        return _chunk(b"".join(parts)) + self._rest(data[at:])

    def _finish_chunk(self, data: bytes, at: int, parts: list[bytes]) -> int:
        """Add what has arrived of a chunk; return the index after it."""
        part = data[at : at + self._left]
        parts.append(part)
        self._left -= len(part)
        at += len(part)
        if not self._left and data.startswith(b"\r\n", at):
            self._is_inside = False
            return at + 2
        if not self._left and len(data) - at >= 2:
            self._part = "rest"
        return at

    def _rest(self, data: bytes) -> bytes:
        """Return the rest if it is to pass; keep it if it is only incomplete."""
        if self._part == "body":
            self._held = data
            return b""
        self._held = b""
        # A chunk without its line end must stay an error, whatever follows.
        return _INVALID_SIZE if self._is_inside else data


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data) if data else b""
