"""HTML, as Markdown: what a browser would show of it."""

import re
from typing import Any

from apps.chat.attachments.extraction.decoding import codec_of, decode_evident
from apps.chat.attachments.extraction.encodings import guess_encoding
from apps.chat.attachments.extraction.markup import html_to_markdown
from apps.chat.attachments.extraction.results import Extract, Limits, Unreadable

_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]+(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE
)
_PRESCANNED = 2048  # Bytes in which the encoding is looked for; browsers take 1024.


def read(data: bytes, limits: Limits) -> Extract:
    html, notes = decode_html(data)
    notes["pictures"] = len(re.findall(r"<img\b", html, re.IGNORECASE))
    return Extract(html_to_markdown(html)[: limits.chars], notes)


def decode_html(data: bytes, codec: str | None = None) -> tuple[str, dict[str, Any]]:
    """Return the text of a page, and the notes on how it was decoded.

    What its sender says of its encoding counts, then what the page itself says.
    """
    declared = _DECLARED.search(data[:_PRESCANNED])
    if codec is None and declared:
        codec = codec_of(declared[1].decode("ascii", "replace"))
    evident = decode_evident(data)
    if evident and (codec is None or evident.encoding or not evident.unreadable):
        return evident.text, {"encoding": evident.encoding, "unreadable": evident.unreadable}
    if codec and not codec.startswith("utf"):
        text = data.decode(codec, "replace")
        return text, {"unreadable": text.count("\ufffd")}
    guess = guess_encoding(data)
    if guess is None:
        raise Unreadable("binary")
    notes = {
        "encoding": guess.encoding,
        "is_guess": not guess.is_sure,
        "unreadable": guess.unreadable,
    }
    return guess.text, notes
