"""Forms of people whose session was over: kept until they have logged in, then shown again."""

import re
import time
from typing import Any, TypeVar

from allauth.core import ratelimit
from django.conf import settings
from django.forms import BaseForm
from django.http import HttpRequest, QueryDict

from apps.server.last_person import last_person

MOST_BYTES = 4 * settings.CHAT_MESSAGE_MAX_CHARS + 10_000  # Of a session: a message fits.
MOST_FORMS = 5
SECONDS = 3600
LINE_CHARS = 40

_KEY = "kept_forms"
_SECRET = re.compile("password|passphrase|code|otp|token|secret", re.IGNORECASE)
_OURS = {"key", "writer"}  # Nobody types them, and they do not outlive the page.

Form = TypeVar("Form", bound=BaseForm)


def typed(form: QueryDict) -> dict[str, list[str]]:
    """Return what a form holds of its writer's: no secret, and nothing that is empty."""
    names = [name for name in form if name not in _OURS and not _SECRET.search(name)]
    fields = {name: [str(value) for value in form.getlist(name)] for name in names}
    return {name: values for name, values in fields.items() if any(map(str.strip, values))}


def texts(form: QueryDict) -> list[tuple[str, bool]]:
    """Return each text of a form, and whether it is a short line; for pages without the form."""
    found = [value for values in typed(form).values() for value in values if value.strip()]
    return [(text, len(text) < LINE_CHARS and "\n" not in text) for text in found]


def keep(request: HttpRequest, path: str) -> bool:
    """Keep what a stranger has posted for the form of the page at this path, if it can be kept."""
    fields = typed(request.POST)
    # Strangers can send forms, too, and must not fill the database with them.
    if not fields or not ratelimit.consume(request, action="keep_form"):
        return False
    return keep_fields(
        request, path, fields, request.POST.get("writer") or last_person(request.COOKIES)
    )


def keep_fields(
    request: HttpRequest, path: str, fields: dict[str, list[str]], writer: str = ""
) -> bool:
    """Keep the fields in the session; return whether they are few enough for that."""
    form = {"path": path, "fields": fields, "writer": writer, "at": time.time()}
    others = [each for each in _kept(request) if each["path"] != path][1 - MOST_FORMS :]
    while others and _bytes(form) + sum(map(_bytes, others)) > MOST_BYTES:
        others.pop(0)
    if _bytes(form) > MOST_BYTES:
        return False
    request.session[_KEY] = [*others, form]
    return True


def take(request: HttpRequest, path: str) -> QueryDict | None:
    """Return what was kept for this page, once, and to nobody but its writer."""
    kept = _kept(request)
    found = [form for form in kept if form["path"] == path]
    if not found or request.method != "GET":
        return None
    request.session[_KEY] = [form for form in kept if form["path"] != path]
    form = found[-1]
    if form["writer"] not in ("", str(request.user.pk)):
        return None
    data = QueryDict(mutable=True)
    for name, values in form["fields"].items():
        data.setlist(name, values)
    return data


def take_text(request: HttpRequest, path: str, name: str = "message") -> str:
    """Return one text of what was kept for this page."""
    kept = take(request, path)
    return str(kept.get(name, "")) if kept else ""


def move(request: HttpRequest, path: str, to: str) -> None:
    """Keep for another page what was kept for this one, which leads there."""
    if kept := take(request, path):
        keep_fields(request, to, typed(kept), str(request.user.pk))


def restore(request: HttpRequest, form: Form, path: str = "") -> Form:
    """Fill in what was kept for a form that is only looked at; nothing is saved by that."""
    if form.is_bound:
        return form
    if kept := take(request, path or request.path):
        for name, field in form.fields.items():
            key = form.add_prefix(name)
            if name not in _OURS and not _SECRET.search(name) and not field.widget.is_hidden:
                form.initial[name] = field.widget.value_from_datadict(kept, {}, key)
    return form


def _kept(request: HttpRequest) -> list[dict[str, Any]]:
    begun = time.time() - SECONDS
    return [form for form in request.session.get(_KEY, []) if form["at"] > begun]


def _bytes(form: dict[str, Any]) -> int:
    """Return how large the form is, with the names of its fields, which its sender chooses, too."""
    return len(str(form["fields"]).encode(errors="replace"))
