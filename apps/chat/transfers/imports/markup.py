"""Words for what other services show in ways of their own: code, links, quotations, documents."""

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from apps.chat.transfers.imports.conversation import Conversation
from apps.chat.transfers.imports.values import line, text

_LANGUAGE = re.compile(r"[\w+#.-]{1,30}")
_NO_LANGUAGE = {"unknown", "text", "plaintext", "other"}
_TICKS = re.compile(r"`{3,}")
_SIGNS = re.compile(r"([\\`*_\[\]<>])")


def fenced(code: str, language: Any = "") -> str:
    """Return the code as a block of Markdown that nothing in it can end."""
    if not code.strip():
        return ""
    language = text(language)
    if not _LANGUAGE.fullmatch(language) or language.lower() in _NO_LANGUAGE:
        language = ""
    longest = max(map(len, _TICKS.findall(code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def title(words: Any) -> str:
    """Return the name of a document above it."""
    name = escaped(line(words))
    return f"**{name}**" if name else ""


def escaped(words: str) -> str:
    """Return the words so that Markdown shows them as they are."""
    return _SIGNS.sub(r"\\\1", words)


def quoted(words: str) -> str:
    return "\n".join(f"> {each}".rstrip() for each in words.strip().split("\n")) if words else ""


def link(address: Any, words: Any = "") -> str:
    """Return a link in Markdown; what is no address of the web stays words."""
    url, name = "".join(text(address).split()), line(words)
    if not re.match(r"https?://", url, re.IGNORECASE):
        return escaped(name or url[:200])
    url = url.replace("<", "%3C").replace(">", "%3E")
    return f"[{escaped(name or url[:200])}](<{url}>)"


def sources(links: "dict[str, str]") -> str:
    """Return a list of links, by their addresses, with what each is called."""
    if not links:
        return ""
    return "\n".join(["Sources:", "", *(f"- {link(url, name)}" for url, name in links.items())])


@dataclass(frozen=True, slots=True)
class Document:
    """A text that was written beside a conversation, in one of its versions."""

    name: str
    text: str
    language: str | None = None  # None: it is Markdown.

    def shown(self, conversation: Conversation) -> str:
        """Return it under its name. Raise Unreadable where its versions become too much."""
        conversation.spend(len(self.text))
        words = self.text.strip() if self.language is None else fenced(self.text, self.language)
        return "\n\n".join(filter(None, [title(self.name), words]))

    def changed(self, old: str, new: str, *, everywhere: bool = False) -> "Document | None":
        """Return the next version, or None if the old words are not in this one."""
        times = (self.text.count(old) if everywhere else int(old in self.text)) if old else 0
        size = len(self.text) + times * (len(new) - len(old))
        if not times or size > settings.CHAT_REPLY_MAX_CHARS:
            return None
        return replace(self, text=self.text.replace(old, new, times))


def change(name: str, old: str, new: str) -> str:
    """Return what was changed in a document that is not at hand."""
    lines = [f"- {each}" for each in old.splitlines()] + [f"+ {each}" for each in new.splitlines()]
    return "\n\n".join(filter(None, [title(name), fenced("\n".join(lines), "diff")]))
