"""HTML as Markdown: what is to be read on the page, and nothing that runs."""

import re
from typing import Any

_UNSEEN = ("head", "script", "style", "template", "noscript", "iframe", "object", "svg")
_LINKS = ("http:", "https:", "mailto:")
_MANY_LINES = re.compile(r"\n{3,}")
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)


def html_to_markdown(html: str) -> str:
    """Return the text of the page with its headings, lists, tables and links."""
    from markdownify import MarkdownConverter

    page = _parsed(html)
    title = page.title.get_text(" ", strip=True) if page.title else ""
    _simplify(page)
    converter: Any = MarkdownConverter(
        heading_style="ATX",
        bullets="-",
        escape_asterisks=False,
        escape_underscores=False,
        table_infer_header=True,
    )
    text = _tidy(converter.convert_soup(page))
    return text if title in text[: len(title) + 10] else f"{title}\n\n{text}"


def _parsed(html: str) -> Any:
    """Parse it as browsers do: tags that were left out are there, and each is closed."""
    from xml.etree import ElementTree

    import tinyhtml5
    from bs4 import BeautifulSoup

    tree = tinyhtml5.parse(html, namespace_html_elements=False)
    return BeautifulSoup(ElementTree.tostring(tree, "unicode", "html"), "html.parser")


def _simplify(page: Any) -> None:
    """Take out what is not to be read, and put words where Markdown has no signs."""
    for element in [*page.find_all(_UNSEEN), *page.find_all(hidden=True)]:
        element.decompose()
    for picture in page.find_all("img"):  # Its address may be megabytes of data.
        words = (picture.get("alt") or "").strip()
        picture.replace_with(f"[picture: {words}]" if words else "")
    for link in page.find_all("a"):
        if not str(link.get("href", "")).startswith(_LINKS):
            link.unwrap()
    for table in page.select("table table"):
        rows = [
            [cell.get_text(" ", strip=True) for cell in row(["td", "th"])] for row in table("tr")
        ]
        table.replace_with("; ".join(", ".join(row) for row in rows))


def _tidy(text: str) -> str:
    return _MANY_LINES.sub("\n\n", _TRAILING.sub("", text.replace("\xa0", " "))).strip()
