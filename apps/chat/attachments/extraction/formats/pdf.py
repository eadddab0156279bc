"""PDF: the text of its pages, what was filled into its forms, and the comments on it."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from apps.chat.attachments.extraction.results import Extract, Limits, Unreadable

_SHOWN_IN_FORMS = "/Widget"
_SAID = {"/Text": "comment", "/FreeText": "comment", "/Highlight": "comment on a marked place"}
_SAID |= dict.fromkeys(("/Underline", "/StrikeOut", "/Squiggly"), "comment on a marked place")
_SAID |= dict.fromkeys(("/Stamp", "/Caret", "/Square", "/Circle", "/Ink"), "comment")
_DEEPEST = 50  # Levels of fields in fields.
_CHOICES, _BUTTONS = "/Ch", "/Btn"
_PUSH_BUTTON = 1 << 16  # In a field's flags: it holds nothing.
_SECRET = 1 << 13  # A password, in a field of text.


def read(data: bytes, limits: Limits) -> Extract:
    """Pages that cannot be read are left out."""
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("password")
    pages, texts, empty, chars = len(reader.pages), [], 0, 0
    for number in range(min(pages, limits.pages)):
        if limits.is_reached(chars):
            break
        text = _page_text(reader.pages[number])
        empty += not text.strip()
        texts.append("\n".join(filter(None, [text, *_comments(reader.pages[number])])))
        chars += len(texts[-1])
    form = list(_form(reader))
    notes = {"empty_pages": empty, "is_form": not form and _has_xfa(reader)}
    notes["attached"] = _count_attached(reader)
    text = "\n\n".join(texts)[: limits.chars]
    if form:
        text = "\n\n".join(filter(str.strip, ["\n".join(form), text]))
    return Extract(text, notes, pages, len(texts))


def _page_text(page: Any) -> str:
    try:
        return str(page.extract_text())
    except Exception:  # The next page may be better.
        return ""


def _comments(page: Any) -> Iterator[str]:
    try:
        annotations = [each.get_object() for each in page.get("/Annots") or []]
    except Exception:
        return
    for annotation in annotations:
        words = annotation.get("/Contents") if hasattr(annotation, "get") else None
        kind = _SAID.get(annotation.get("/Subtype", "")) if words else None
        if kind:
            yield f"[{kind}] {words}"


def _form(reader: Any) -> Iterator[str]:
    """Yield a line for each field that holds something."""
    try:
        fields = reader.root_object["/AcroForm"]["/Fields"]
    except (KeyError, TypeError):
        return
    seen: set[int] = set()
    for field in fields:
        yield from _field(field, "", {}, seen, 0)


def _field(
    reference: Any, above: str, inherited: dict[str, Any], seen: set[int], depth: int
) -> Iterator[str]:
    field = reference.get_object()
    if not hasattr(field, "get") or id(field) in seen or depth > _DEEPEST:
        return
    seen.add(id(field))
    name = ".".join(filter(None, [above, str(field.get("/T") or "")]))
    own = {key: field[key] for key in ("/FT", "/Ff", "/V", "/Opt") if key in field}
    values = {**inherited, **own}
    kids = [kid for kid in field.get("/Kids") or [] if "/T" in kid.get_object()]
    if kids:
        for kid in kids:
            yield from _field(kid, name, values, seen, depth + 1)
    elif value := _value(values, field):
        label = field.get("/TU")  # What the page calls it.
        yield f"{name} ({label}): {value}" if label and label != name else f"{name}: {value}"


def _value(values: dict[str, Any], field: Any) -> str:
    kind, flags = values.get("/FT"), int(values.get("/Ff", 0))
    value: Any = values.get("/V")
    value = value.get_object() if hasattr(value, "get_object") else value
    if kind == _BUTTONS:
        if flags & _PUSH_BUTTON:
            return ""
        state = str(value if value is not None else field.get("/AS", "/Off")).removeprefix("/")
        return "" if state == "Off" else _option(values, state)
    if value is None or kind == "/Sig" or flags & _SECRET:
        return ""
    if isinstance(value, list):
        return ", ".join(_option(values, str(each)) for each in value)
    if hasattr(value, "get_data"):  # A long text may be a stream.
        return str(value.get_data().decode("utf-8", "replace"))
    return _option(values, str(value)) if kind == _CHOICES else str(value)


def _option(values: dict[str, Any], chosen: str) -> str:
    """Return how a choice is shown, which may be stored under a number."""
    options = values.get("/Opt") or []
    for place, option in enumerate(options):
        if isinstance(option, list) and len(option) == 2 and str(option[0]) == chosen:
            return str(option[1])
        if values.get("/FT") == _BUTTONS and chosen == str(place):
            return str(option)
    return "yes" if chosen == "Yes" else chosen


def _has_xfa(reader: Any) -> bool:
    """Return whether there is a form of the kind that only Adobe's programs show."""
    try:
        return "/XFA" in reader.root_object["/AcroForm"]
    except (KeyError, TypeError):
        return False


def _count_attached(reader: Any) -> int:
    try:
        return len(reader.attachments)
    except Exception:
        return 0
