"""Quotes, cut to a length."""

from __future__ import annotations


def shorten(text: str, limit: int) -> str:
    """Cut a text to about `limit` characters, at a space where one is near."""
    if len(text) <= limit:
        return text
    cut = text[:limit]
    return cut[: max(cut.rfind(" "), limit * 2 // 3)].rstrip() + " …"


def quote(text: str) -> str:
    """Return a text as a Markdown blockquote, without what cannot be shown."""
    clean = text.encode("utf-8", "replace").decode().replace("\0", "")
    lines = shorten(clean.strip(), 240).splitlines() or [""]
    return "\n".join(f"> {line}".rstrip() for line in lines)
