"""Links without brackets: bare addresses of pages and of people, as GFM finds them.

https://github.github.com/gfm/#autolinks-extension-, and beside letters of other scripts, too, for
Chinese and Japanese put no space there.
"""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_CHARACTERS = r"[^\s<>\"`\[\]{}|\\^*，。、；：！？（）《》「」『』【】“”…]{1,2000}"
URL = re.compile(rf"https?://\w{_CHARACTERS}", re.IGNORECASE)
_ADDRESS = re.compile(rf"(?:https?://|www\.)\w{_CHARACTERS}", re.IGNORECASE)
# Of the last two parts of a name, none has an underscore.
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){0,20}(?:[^\W_]|-){1,63}\.(?:[^\W_]|-){1,63}(?=[/?#:]|$)")
_WWW = "www."
_ENTITY = re.compile(r"&[A-Za-z0-9]{1,32};$")
_MAIL = re.compile(
    r"(?<![A-Za-z0-9._+/-])(?:mailto:)?[A-Za-z0-9._+-]{1,64}@"
    r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){1,8}"
)


def add_to(parser: MarkdownIt) -> None:
    parser.inline.ruler.at("text", _text)
    parser.inline.ruler.after("text", "www", _www)
    parser.inline.ruler.before("escape", "bare_link", _bare_link)


def find_url(text: str, start: int) -> str:
    """Return the address that starts there, without the punctuation that ends the sentence."""
    match = _ADDRESS.match(text, start)
    url = match[0] if match else ""
    while url and url[-1] in ".,;:!?'\")_~$":
        if url[-1] == ")" and url.count("(") >= url.count(")"):
            break
        entity = _ENTITY.search(url[-40:]) if url[-1] == ";" else None
        url = url[: -len(entity[0])] if entity else url[:-1]
    return url


def _text(state: StateInline, silent: bool) -> bool:
    """Take the text up to the next sign, as markdown-it does, or up to where `www.` begins."""
    start = state.pos
    sign = state.md.inline.terminator_re.search(state.src, start)
    end = sign.start() if sign else state.posMax
    www = state.src.find(_WWW, start, end)
    while www >= 0 and not _may_begin(state.src, www):
        www = state.src.find(_WWW, www + 1, end)
    end = www if www >= 0 else end
    if end <= start:
        return False
    if not silent:
        state.append_pending(state.src[start:end])
    state.pos = end
    return True


def _may_begin(text: str, place: int) -> bool:
    before = text[place - 1] if place else " "
    return not (before.isascii() and before.isalnum()) and before not in "/.-:@+="


def _www(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "w" or silent or state.linkLevel:
        return False
    if not state.src.startswith(_WWW, state.pos) or not _may_begin(state.src, state.pos):
        return False
    url = find_url(state.src, state.pos)
    if not _DOMAIN.match(url):
        return False
    return _push(state, url, f"http://{url}", state.pos + len(url))


def _bare_link(state: StateInline, silent: bool) -> bool:
    """Make a link of a bare http or https address; it is found at its colon."""
    if silent or state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = re.search(r"(?<![A-Za-z0-9])https?$", state.pending[-8:], re.IGNORECASE)
    if not scheme:
        return False
    start = state.pos - len(scheme[0])
    url = find_url(state.src, start)
    if not url or not state.md.validateLink(state.md.normalizeLink(url)):
        return False
    state.pending = state.pending[: -len(scheme[0])]
    return _push(state, url, url, start + len(url))


def _push(state: StateInline, text: str, url: str, end: int) -> bool:
    state.push("link_open", "a", 1).attrs = {"href": state.md.normalizeLink(url)}
    state.push("text", "", 0).content = text
    state.push("link_close", "a", -1)
    state.pos = end
    return True


def link_mail(token: Token) -> Iterator[Token]:
    """Make links of the mail addresses in a text that is in no link."""
    text, done = token.content, 0
    for match in _MAIL.finditer(text):
        if not match[0][-1].isalpha():  # A version, say: react@18.2.0.
            continue
        address = match[0].removeprefix("mailto:")
        if match.start() > done:
            yield token.copy(content=text[done : match.start()])
        yield Token("link_open", "a", 1, attrs={"href": f"mailto:{address}"})
        yield token.copy(content=match[0])
        yield Token("link_close", "a", -1)
        done = match.end()
    if done < len(text):
        yield token.copy(content=text[done:]) if done else token
