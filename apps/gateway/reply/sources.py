"""Sources: the web pages that a reply cites, in the fields in which services name them."""

from collections.abc import Iterator
from typing import Any

from apps.core.text import clean_name
from apps.gateway.types import Source

# OpenAI and OpenRouter have annotations, Perplexity search_results and citations, xAI citations,
# Azure a context, Groq executed_tools, Gemini grounding metadata, Zhipu web_search, Qwen
# search_info. Those with titles come first.
SOURCE_FIELDS = (
    "annotations",
    "search_results",
    "web_search",
    "search_info",
    "executed_tools",
    "grounding_metadata",
    "groundingMetadata",
    "grounding_chunks",
    "groundingChunks",
    "context",
    "sources",
    "citations",
)
SOURCE_FIELD_SET = frozenset(SOURCE_FIELDS)

_PAGE_FIELDS = (
    "url_citation",
    "web",
    "source",
    "document",
    "results",
    "sources",
    "output",
    "content",
)
_NESTED_FIELDS = (*_PAGE_FIELDS, *SOURCE_FIELDS)
_ADDRESSES = ("url", "uri", "link", "href", "source")
_TITLES = ("title", "name", "site_name")
_MAX_DEPTH = 6
_MAX_CHARS = 2_000, 300  # Of a URL, and of a title.


def sources_in(holder: dict[str, Any]) -> Iterator[Source]:
    """Yield the sources that a chunk, a choice or a message names."""
    for place in SOURCE_FIELDS:
        if value := holder.get(place):
            yield from _sources(value, 0)


def _sources(value: object, depth: int) -> Iterator[Source]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, str):
        yield from _source(value, "")
    elif isinstance(value, list):
        for each in value:
            yield from _sources(each, depth + 1)
    elif isinstance(value, dict):
        title = next((text for name in _TITLES if isinstance(text := value.get(name), str)), "")
        addresses = [text for name in _ADDRESSES if isinstance(text := value.get(name), str)]
        yield from _source(next(iter(addresses), ""), title)
        for name in _NESTED_FIELDS:
            if isinstance(inner := value.get(name), dict | list):
                yield from _sources(inner, depth + 1)


def _source(address: str, title: str) -> Iterator[Source]:
    address = address.strip()
    is_page = address.lower().startswith(("http://", "https://"))
    if is_page and len(address) <= _MAX_CHARS[0] and address.isprintable() and " " not in address:
        yield Source(address, clean_name(title, _MAX_CHARS[1]))
