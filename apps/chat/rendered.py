"""The HTML of replies that have ended; that of the latest is kept."""

import threading
from collections import OrderedDict

from apps.chat.markdown import render_markdown

MOST = 256  # Replies.

_kept: OrderedDict[tuple[int, str], str] = OrderedDict()  # By reply and text.
_lock = threading.Lock()


def reply_html(reply_id: int, text: str) -> str:
    """Return the HTML of the reply with this text."""
    with _lock:
        if (html := _kept.get((reply_id, text))) is not None:
            _kept.move_to_end((reply_id, text))
            return html
    html = render_markdown(text, prefix=id_prefix(reply_id))
    keep(reply_id, text, html)
    return html


def keep(reply_id: int, text: str, html: str) -> None:
    """Keep the HTML, made with the reply's prefix, until that of others takes its place."""
    with _lock:
        _kept[reply_id, text] = html
        while len(_kept) > MOST:
            _kept.popitem(last=False)


def id_prefix(reply_id: int) -> str:
    """Return what the ids inside the reply's HTML begin with."""
    return f"m{reply_id}-"
