"""The pages that a reply rests on: kept with it as `[{"url": …, "title": …}]`."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from apps.core.text import clean_name, one_line
from apps.gateway.client import Source

MOST = 50
URL_CHARS = 2_000
TITLE_CHARS = 200


@dataclass(frozen=True, slots=True)
class ShownSource:
    """A source as a page shows it."""

    url: str
    title: str
    host: str


def add_source(sources: list[dict[str, str]], source: Source) -> bool:
    """Add the source, unless it is there or is none that a page can link to; return whether."""
    known = {each["url"] for each in sources}
    if len(sources) >= MOST or source.url in known or not _host(source.url):
        return False
    title = one_line(clean_name(source.title, TITLE_CHARS))
    sources.append({"url": source.url, "title": title} if title else {"url": source.url})
    return True


def read_sources(value: Any) -> list[dict[str, str]]:
    """Return the sources from somebody's file, as far as they are such."""
    sources: list[dict[str, str]] = []
    for each in value[: 4 * MOST] if isinstance(value, list) else ():
        url, title = (each.get("url"), each.get("title")) if isinstance(each, dict) else ("", "")
        if isinstance(url, str):
            add_source(sources, Source(url, title if isinstance(title, str) else ""))
    return sources


def shown_sources(sources: list[dict[str, str]]) -> list[ShownSource]:
    """Return the sources with the hosts that readers see."""
    return [
        ShownSource(each["url"], each.get("title") or _host(each["url"]), _host(each["url"]))
        for each in sources
    ]


def _host(url: str) -> str:
    """Return the host of an address on the web, or "" for anything else."""
    is_fit = len(url) <= URL_CHARS and url.isprintable() and not set(url) & set(' <>"`\\')
    if not is_fit:
        return ""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""
