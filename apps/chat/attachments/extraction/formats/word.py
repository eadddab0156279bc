"""DOCX, as Markdown: headings, lists, tables, notes and comments; of changes, the final text."""

import re
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

from apps.chat.attachments.extraction.archives import (
    count_pictures,
    has_macros,
    names_below,
    open_archive,
    part_of,
)
from apps.chat.attachments.extraction.markup import html_to_markdown
from apps.chat.attachments.extraction.results import Extract, Limits, Unreadable

_SPACE = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
# What mammoth does not know, though it holds runs: fields, directions, base texts of ruby.
_WRAPPERS = re.compile(
    rb"</?w:(?:fldSimple|bdo|dir|ruby|rubyBase)(?:\s[^>]*)?>|<w:rubyPr>.*?</w:rubyPr>", re.DOTALL
)
_RUBY = re.compile(rb"<w:rt>(.*?)</w:rt>\s*(<w:rubyBase>.*?</w:rubyBase>)", re.DOTALL)
_STYLES = "\n".join(
    [
        *(f"p.Heading{level} => h{level}:fresh" for level in range(1, 7)),
        "p.Title => h1:fresh",
        "p[style-name='Title'] => h1:fresh",
        "comment-reference => sup",
    ]
)


def read(data: bytes, limits: Limits) -> Extract:
    import mammoth

    archive = open_archive(data)
    if not names_below(archive, r"word/document\d*\.xml"):
        raise Unreadable("damaged")
    made = mammoth.convert_to_html(
        _unwrapped(archive, data),
        style_map=_STYLES,
        convert_image=lambda _: [],
        external_file_access=False,
    )
    texts = [html_to_markdown(made.value), *_margins(archive)]
    return Extract("\n\n".join(filter(None, texts))[: limits.chars], _notes(archive))


def _unwrapped(archive: ZipFile, data: bytes) -> BytesIO:
    """Return the file without the wrappers that would take what is in them along."""
    names = names_below(archive, r"word/(?:document|footnotes|endnotes|comments)\d*\.xml")
    parts = {name: archive.read(name) for name in names}
    changed = {name: part for name, part in parts.items() if _WRAPPERS.search(part)}
    if not changed:
        return BytesIO(data)
    made = BytesIO()
    with ZipFile(made, "w") as target:
        for name in dict.fromkeys(archive.namelist()):
            part = archive.read(name) if name not in changed else _without_wrappers(changed[name])
            target.writestr(name, part)
    return made


def _without_wrappers(part: bytes) -> bytes:
    part = _RUBY.sub(rb"\2<w:t>(</w:t>\1<w:t>)</w:t>", part)
    return _WRAPPERS.sub(b"", part)


def _margins(archive: ZipFile) -> Iterator[str]:
    """Yield what stands above and below the pages, each text once."""
    seen: set[str] = set()
    for kind in ("header", "footer"):
        for name in names_below(archive, rf"word/{kind}\d*\.xml"):
            paragraphs = part_of(archive, name).iter(f"{_SPACE}p")
            lines = ["".join(each.text or "" for each in p.iter(f"{_SPACE}t")) for p in paragraphs]
            text = "\n".join(filter(str.strip, lines))
            if text and text not in seen:
                seen.add(text)
                yield f"[{kind}] {text}"


def _notes(archive: ZipFile) -> dict[str, int | bool]:
    names = names_below(archive, r"word/document\d*\.xml")
    tags = [element.tag for element in part_of(archive, names[0]).iter()]
    return {
        "pictures": count_pictures(archive),
        "formulas": tags.count(_MATHS),
        "changes": tags.count(f"{_SPACE}ins") + tags.count(f"{_SPACE}del"),
        "macros": has_macros(archive),
    }
