"""The HTML of replies that have ended; that of the latest is kept."""

import threading
from collections import OrderedDict

from apps.chat.replies.streaming import long_replies
from apps.markdown.stream import render_markdown

MOST_CHARS = 32_000_000  # Of all that is kept, with the texts: those of 2,000 usual replies.
LONG = 30_000  # Characters, from which on a reply is rendered by another process.

_kept: OrderedDict[tuple[int, str], str] = OrderedDict()  # By reply and text.
_chars = 0
_lock = threading.Lock()


def reply_html(reply_id: int, text: str) -> str:
    """Return the HTML of the reply with this text."""
    with _lock:
        if (html := _kept.get((reply_id, text))) is not None:
            _kept.move_to_end((reply_id, text))
            return html
    render = long_replies.render if len(text) > LONG else render_markdown
    html = render(text, id_prefix(reply_id))
    keep(reply_id, text, html)
    return html


def keep(reply_id: int, text: str, html: str) -> None:
    """Keep the HTML, made with the reply's prefix, until that of others takes its place."""
    global _chars
    with _lock:
        if (reply_id, text) not in _kept:
            _chars += len(text) + len(html)
        _kept[reply_id, text] = html
        while _chars > MOST_CHARS:
            (_reply, old), oldest = _kept.popitem(last=False)
            _chars -= len(old) + len(oldest)


def id_prefix(reply_id: int) -> str:
    """Return what the ids inside the reply's HTML begin with."""
    return f"m{reply_id}-"
