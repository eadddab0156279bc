"""What the converter writes, as MathML Core with classes in the place of styles."""

import re
from collections.abc import Iterable
from html import escape
from xml.etree import ElementTree

from apps.markdown.maths.styles import Look, Looks
from apps.markdown.maths.text import unprotect
from apps.markdown.maths.tokens import TexError

# https://www.w3.org/TR/mathml-core/: elements but those that hold links, HTML or actions.
_TAG_NAMES = (
    "mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt"
    " mstyle msub msubsup msup mtable mtd mtext mtr munder munderover"
)
TAGS = frozenset(_TAG_NAMES.split())
_WORDS = (
    "accent accentunder columnspan displaystyle fence form largeop mathvariant movablelimits"
    " rowspan scriptlevel separator stretchy symmetric"
)
_LENGTHS = "depth height linethickness lspace maxsize minsize rspace voffset width"
ATTRIBUTES = frozenset(f"{_WORDS} {_LENGTHS} class mathcolor".split())
_VALUE = re.compile(r"true|false|prefix|infix|postfix|normal|[+-]?\d|#[0-9a-f]{6}")
_SIZE = re.compile(r"[+-]?\d*\.?\d+(?:em|ex|px|pt|pc|cm|mm|in|%)?")
_COLOUR = re.compile(r"color:#([0-9A-Fa-f]{6})")
_PADDING = re.compile(r"padding-(left|right):\s*([\d.]+em)")
_STRIKES = {
    "updiagonalstrike": "maths__strike--up",
    "downdiagonalstrike": "maths__strike--down",
    "horizontalstrike": "maths__strike--through",
    "box": "maths__box",
}
_BORDER = re.compile(r"border-(top|right|left|bottom): *[\d.]+em (solid|dashed)")
_TEXT_CLASSES = {"b": "bold", "i": "italic", "code": "code"}
_WIDE = {
    "\u0302": "maths__hat",
    "\u0303": "maths__wave",
    "~": "maths__wave",
    "\u23de": "maths__brace--over",
    "\u23df": "maths__brace--under",
}
_DEEPEST = 150  # Elements within elements.
_LINES = {"\u0332": "", "\u0305": "", "_": "", "\u203e": "", "\u00af": ""}


def write_mathml(xml: str, looks: Looks) -> str:
    """Return the content of the converter's `math` element."""
    root = ElementTree.fromstring(xml.replace("&ApplyFunction;", "\u2061"))  # noqa: S314
    return "".join(_Writer(looks).write(child) for child in root)


class _Writer:
    def __init__(self, looks: Looks) -> None:
        self._looks = looks

    def write(self, element: ElementTree.Element, depth: int = 0) -> str:
        if depth > _DEEPEST:
            raise TexError("elements lie too deep within one another")
        tag, style = element.tag, element.get("style", "")
        if tag == "menclose":
            return self._enclosed(element, depth)
        if tag == "mtext" and len(element):
            return self._styled_text(element)
        if tag in ("mover", "munder") and _is_line(element):
            look = Look(classes=f"maths__line--{tag[1:]}")
            return _tag(look.tag, {"class": look.classes}, self.write(element[0], depth + 1))
        if tag == "mtable":
            _settle_rules(element)
        if tag == "mrow" and (colour := _COLOUR.search(style)):
            return self._dressed(self._looks.find(colour[1]), element, depth)
        if tag == "mpadded" and style:
            return self._spaced(element, style, depth)
        if tag == "mroot":
            return self._root(element, depth)
        if tag not in TAGS:
            raise TexError(f"an element that is not known: {tag}")
        return _tag(tag, _attributes(element), self._content(element, depth))

    def _content(self, element: ElementTree.Element, depth: int) -> str:
        children = "".join(self.write(child, depth + 1) for child in element)
        return _written_text(element) + children

    def _root(self, element: ElementTree.Element, depth: int) -> str:
        content, degree = (self.write(child, depth + 1) for child in element)
        return _tag("mroot", {}, _tag("mrow", {}, content) + degree)

    def _dressed(self, look: Look, element: ElementTree.Element, depth: int) -> str:
        attributes = {"class": look.classes} if look.classes else {}
        return _tag(look.tag, attributes | look.attributes, self._content(element, depth))

    def _enclosed(self, element: ElementTree.Element, depth: int) -> str:
        notations = element.get("notation", "").split()
        classes = " ".join(_STRIKES[notation] for notation in notations)
        if len(notations) == 2:
            classes = "maths__strike--cross"
        content = [child for child in element if "menclose" not in child.get("class", "")]
        inside = "".join(self.write(child, depth + 1) for child in content)
        return _tag("mrow", {"class": classes}, inside)

    def _styled_text(self, element: ElementTree.Element) -> str:
        parts = []
        if element.text:
            parts.append(_tag("mtext", {}, escape(_spaces(element.text), quote=False)))
        for child in element:
            attributes = {"class": f"maths__text--{_TEXT_CLASSES[child.tag]}"}
            text = "".join(child.itertext())
            parts.append(_tag("mtext", attributes, escape(_spaces(text), quote=False)))
            if child.tail:
                parts.append(_tag("mtext", {}, escape(_spaces(child.tail), quote=False)))
        return parts[0] if len(parts) == 1 else _tag("mrow", {}, "".join(parts))

    def _spaced(self, element: ElementTree.Element, style: str, depth: int) -> str:
        widths = dict(_PADDING.findall(style))
        parts = [
            f'<mspace width="{widths["left"]}"></mspace>' if "left" in widths else "",
            self._content(element, depth),
            f'<mspace width="{widths["right"]}"></mspace>' if "right" in widths else "",
        ]
        return _tag("mrow", {}, "".join(parts))


def _tag(tag: str, attributes: dict[str, str], content: str) -> str:
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value)
    return f"<{tag}{written}>{content}</{tag}>"


def _attributes(element: ElementTree.Element) -> dict[str, str]:
    found = {
        name: value
        for name, value in element.attrib.items()
        if name in ATTRIBUTES and (_VALUE.fullmatch(value) or _SIZE.fullmatch(value))
    }
    style = element.get("style", "")
    classes = _classes(style) if element.tag == "mtd" else ""
    if element.tag == "mspace" and "margin-left:-" in style:
        classes = "maths__back"
    elif element.tag == "mi" and len(element.text or "") > 1:
        found.setdefault("mathvariant", "normal")  # As it is in browsers, but not in PDFs.
    elif element.tag == "mo" and element.get("stretchy") != "false":
        classes = _WIDE.get(element.text or "", "")
    return {**found, "class": classes} if classes else found


def _classes(style: str) -> str:
    classes = [
        f"maths__cell--{'rule' if kind == 'solid' else 'dashes'}-{side}"
        for side, kind in _BORDER.findall(style)
    ]
    for words, name in (
        ("text-align: left", "left"),
        ("text-align: right", "right"),
        ("padding-left: 0;", "joined-left"),
        ("padding-right: 0;", "joined-right"),
        ("padding-left:1em", "apart"),
        ("padding-left: 0.1em", "narrow"),
        ("padding-top: 0;", "close"),
    ):
        if words in f"{style};":
            classes.append(f"maths__cell--{name}")
    return " ".join(classes)


def _is_line(element: ElementTree.Element) -> bool:
    """Return whether the sign above or below is a line as wide as what it belongs to."""
    sign = element[1] if len(element) == 2 else None
    return sign is not None and sign.get("stretchy") == "true" and (sign.text or "") in _LINES


def _settle_rules(table: ElementTree.Element) -> None:
    """Give the rules of the table's edges to its cells: Core draws none for a table."""
    rows = list(table)
    last = rows[-1] if rows else None
    if last is not None and len(rows) > 1 and _is_only_a_rule(last):
        table.remove(last)
        _add_border(rows[-2], "bottom", last[0].get("style", ""))
    style = table.get("style", "")
    if "border-top" in style and rows:
        _add_border(rows[0], "top", style)
    if "border-left" in style:
        for row in table:
            _add_border(row[:1], "left", style)
    if "border-bottom" in style and rows:
        _add_border(list(table)[-1], "bottom", style)
    table.attrib.pop("style", None)


def _is_only_a_rule(row: ElementTree.Element) -> bool:
    is_ruled = all("border-top" in cell.get("style", "") for cell in row)
    return len(row) > 0 and is_ruled and not "".join(row.itertext()).strip()


def _add_border(cells: Iterable[ElementTree.Element], side: str, like: str) -> None:
    kind = "dashed" if "dashed" in like else "solid"
    for cell in cells:
        cell.set("style", f"{cell.get('style', '')};border-{side}: 0.05em {kind}")


def _written_text(element: ElementTree.Element) -> str:
    text = element.text or ""
    if element.tag == "mtext":
        text = _spaces(text)
    elif element.tag == "mo" and text == "~" and element.get("stretchy") == "true":
        text = "\u0303"
    return escape(unprotect(text), quote=False)


def _spaces(text: str) -> str:
    """Keep blanks at the ends, which a browser leaves out, and let the others be blanks."""
    text = unprotect(text).replace("\ue020", " ")
    inside = text.strip(" \u00a0")
    if not inside:
        return "\u00a0" * bool(text)
    start, end = text.index(inside), len(text) - text.index(inside) - len(inside)
    inside = re.sub(" +", " ", inside)
    return "\u00a0" * (start > 0) + inside + "\u00a0" * (end > 0)
