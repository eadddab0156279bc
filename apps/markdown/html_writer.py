"""The HTML that Markdown may become: written from tokens, and sanitised last of all."""

import re
from collections.abc import Sequence
from html import escape

import nh3
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from apps.markdown import highlighting
from apps.markdown.maths.converter import to_mathml
from apps.markdown.parser import Block, Reply, direction
from apps.markdown.rules import alerts
from apps.markdown.rules.autolinks import URL, find_url
from apps.markdown.rules.inline_html import TAGS
from apps.markdown.rules.plugins import PARSER

_PLACE = re.compile(r'<i class="maths">(\d+)</i>')
_ID = re.compile(r"[A-Za-z0-9_-]*fn(?:ref)?-\d+")
_ADDRESS = re.compile(r"https?://|mailto:", re.IGNORECASE)

_ATTRIBUTES = {
    "*": {"dir"},
    "a": {"aria-label", "href", "id", "title"},
    "div": {"aria-label", "id", "role", "tabindex"},
    "li": {"value"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "span": {"aria-hidden"},
}
_CLASSES = {
    "a": {"footnote__back"},
    "code": {"highlight", "math-source"},
    "div": {
        *alerts.CLASSES,
        "block",
        "block--draft",
        "code",
        "code__language",
        "footnote",
        "maths",
        "table",
    },
    "i": {"maths"},
    "li": {"task-list-item"},
    "p": {alerts.TITLE_CLASS, "plain"},
    "span": {"footnote__label", "maths__source", "task", "visually-hidden", *highlighting.CLASSES},
    "sup": {"footnote__reference"},
    "td": {"table__cell--center", "table__cell--left", "table__cell--right"},
    "th": {"table__cell--center", "table__cell--left", "table__cell--right"},
    "ul": {"contains-task-list"},
    "ol": {"contains-task-list"},
}
_TAG_NAMES = (
    "a blockquote br code details div h3 h4 h5 h6 hr li ol p pre q span summary"
    " table tbody td th thead tr ul"
)
_TAGS = TAGS.union(_TAG_NAMES.split())


def _keep(tag: str, name: str, value: str) -> str | None:
    if name == "id":
        return value if _ID.fullmatch(value) else None
    if name == "href":
        is_note = value.startswith("#") and _ID.fullmatch(value, 1)
        return value if is_note or _ADDRESS.match(value) else None
    return value


# No svg, no math, no style: each flaw found in the sanitiser so far needed one of them. MathML is
# written by `maths`, and takes its place in what is sanitised already. No text can pass for such
# a place, because text cannot hold a tag.
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    allowed_classes=_CLASSES,
    attribute_filter=_keep,
    link_rel="nofollow noopener noreferrer",
    url_schemes={"http", "https", "mailto"},
)


def sanitise(html: str) -> str:
    return _CLEANER.clean(html)


def write_blocks(blocks: list[Block], reply: Reply) -> str:
    """Write each block, read already, as a `div`."""
    formulas: list[str] = []
    env = {"formulas": formulas, "prefix": reply.prefix}
    parts = []
    for block in blocks:
        html = _RENDERER.render(block.tokens, PARSER.options, env)
        parts.append(f'<div class="block" dir="{direction(block.tokens)}">{html}</div>')
    html = sanitise("".join(parts))
    return _PLACE.sub(lambda place: formulas[int(place[1])], html) if formulas else html


def write_summary(block: Block, reply: Reply) -> str:
    html = write_blocks([block], reply)
    return html[html.index("<summary") : html.rindex("</div>")].strip()


def as_draft(html: str) -> str:
    """Make of a block in a fold what is shown until the fold is whole."""
    if html.startswith("<summary"):
        html = re.sub("^<summary|summary>$", lambda tag: tag[0].replace("summary", "p"), html)
        html = f'<div class="block" dir="auto">{html}</div>'
    return html.replace('<div class="block"', '<div class="block block--draft"', 1)


def write_plain(text: str) -> str:
    """Write a block that is not read as Markdown."""
    return sanitise(f'<div class="block" dir="auto">{_paragraph(escape(text, quote=False))}</div>')


def write_person(text: str) -> str:
    """Write what a person wrote: paragraphs, line breaks, and links where an address stands."""
    paragraphs = (_paragraph(_link(part)) for part in text.strip("\n").split("\n\n"))
    return sanitise("".join(paragraphs))


def _paragraph(html: str) -> str:
    return f'<p class="plain" dir="auto">{html.replace(chr(10), "<br>")}</p>'


def _link(text: str) -> str:
    parts = []
    done = 0
    for match in URL.finditer(text):
        url = find_url(text, match.start())
        if url:
            parts.append(escape(text[done : match.start()], quote=False))
            parts.append(f'<a href="{escape(url)}">{escape(url, quote=False)}</a>')
            done = match.start() + len(url)
    return "".join(parts) + escape(text[done:], quote=False)


class _Renderer(RendererHTML):
    """markdown-it's renderer; a method renders the tokens that have its name."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return highlighting.render_code(tokens[idx].content, tokens[idx].info)

    code_block = fence

    def code_inline(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return f'<code dir="ltr">{escape(tokens[idx].content, quote=False)}</code>'

    def table_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return '<div class="table" tabindex="0" role="group" aria-label="Table"><table>'

    def table_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return "</table></div>"

    def task(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        mark, words = ("☑", "Done:") if tokens[idx].meta["is_done"] else ("☐", "To do:")
        return (
            f'<span class="task" aria-hidden="true">{mark}</span> '
            f'<span class="visually-hidden">{words}</span> '
        )

    def maths_inline(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        token = tokens[idx]
        is_display = token.type == "maths_block" or token.meta["display"]
        mathml = None
        if not token.meta["is_source"]:
            mathml = to_mathml(token.content, display=is_display)
        if mathml is None:
            source = escape(token.content, quote=False)
            return f'<code class="math-source" dir="ltr">{source}</code>'
        env["formulas"].append(mathml)
        return f'<i class="maths">{len(env["formulas"]) - 1}</i>'

    def maths_block(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        formula = self.maths_inline(tokens, idx, options, env)
        return f'<div class="maths" tabindex="0" role="group" aria-label="Formula">{formula}</div>'

    def note_reference(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        note = tokens[idx].meta
        own = f' id="{env["prefix"]}fnref-{note["number"]}"' if note["is_first"] else ""
        return (
            f'<sup class="footnote__reference"><a href="#{env["prefix"]}fn-{note["number"]}"{own}>'
            f"[{escape(note['label'])}]</a></sup>"
        )

    def note_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        note = tokens[idx].meta
        own = f' id="{env["prefix"]}fn-{note["number"]}"' if note["is_first"] else ""
        label = f"[{escape(note['label'])}]"
        if note["is_referenced"]:
            label = (
                f'<a class="footnote__back" href="#{env["prefix"]}fnref-{note["number"]}"'
                f' aria-label="Back to reference {escape(note["label"])}">{label}</a>'
            )
        return f'<div class="footnote"{own}><span class="footnote__label">{label}</span> '


_RENDERER = _Renderer(PARSER)
