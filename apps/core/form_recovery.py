"""Recovery of forms that were posted without a log-in: kept in the session, then shown again."""

import re
import time
from typing import Any, TypeVar

from allauth.core import ratelimit
from django.conf import settings
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from apps.server.last_person import last_person

MOST_BYTES = 4 * settings.CHAT_MESSAGE_MAX_CHARS + 10_000  # Of a session: a message fits.
MOST_FORMS = 5
SECONDS = 3600
LINE_CHARS = 40

_KEY = "kept_forms"
_SECRET = re.compile("password|passphrase|secret|csrf|(^|_)(code|otp|token)$", re.IGNORECASE)
_OURS = {"key", "writer", "conversation"}  # Nobody types them; they do not outlive the page.

Form = TypeVar("Form", bound=BaseForm)


def typed_fields(form: QueryDict) -> dict[str, list[str]]:
    """Return the fields that a person filled in: no secret, and nothing that is empty."""
    names = [name for name in form if name not in _OURS and not _SECRET.search(name)]
    fields = {name: [str(value) for value in form.getlist(name)] for name in names}
    return {name: values for name, values in fields.items() if any(map(str.strip, values))}


def typed_texts(form: QueryDict) -> list[tuple[str, bool]]:
    """Return each text of a form, and whether it is a short line; for pages without the form."""
    found = [value for values in typed_fields(form).values() for value in values if value.strip()]
    return [(text, len(text) < LINE_CHARS and "\n" not in text) for text in found]


def keep(request: HttpRequest, page: str) -> bool:
    """Keep a form that was posted without a log-in for the page that shows it.

    Return whether it is kept: not if it is empty or too large, or if too many have come.
    """
    fields = typed_fields(request.POST)
    writer = request.POST.get("writer") or last_person(request.COOKIES)
    return bool(fields) and _may_keep(request) and _store(request, _path(page), fields, writer)


def recovered(request: HttpRequest, page: str) -> QueryDict | None:
    """Return the form that was kept for the page of this person, until it has been sent."""
    found = [form for form in _kept(request) if form["path"] == _path(page)]
    if not found:
        return None
    data = QueryDict(mutable=True)
    for name, values in found[-1]["fields"].items():
        data.setlist(name, values)
    return data


def restore(request: HttpRequest, form: Form) -> Form:
    """Fill a form that is not bound with what was kept for this page; nothing is saved by that."""
    kept = None if form.is_bound else recovered(request, request.path)
    for name, field in form.fields.items() if kept else ():
        if name not in _OURS and not _SECRET.search(name) and not field.widget.is_hidden:
            key = form.add_prefix(name)
            form.initial[name] = field.widget.value_from_datadict(kept, {}, key)
    return form


def render_form(
    request: HttpRequest, template: str, form: BaseForm, **context: object
) -> HttpResponse:
    """Show a form: as it was kept for this page, or with status 422 and why it was rejected."""
    context["form"] = restore(request, form)
    return render(request, template, context, status=422 if form.errors else 200)


def forget(request: HttpRequest, page: str) -> None:
    """Drop what was kept for the page: it is stored elsewhere now."""
    if any(form["path"] == _path(page) for form in _kept(request)):
        request.session[_KEY] = [form for form in _kept(request) if form["path"] != _path(page)]


def forget_sent(request: HttpRequest, page: str) -> None:
    """Drop what was kept for the page if this request has sent it: its form, or all its fields."""
    kept = recovered(request, page)
    if kept is not None and (request.path == _path(page) or set(kept) <= set(request.POST)):
        forget(request, page)


def move(request: HttpRequest, page: str, to: str) -> None:
    """Keep for another page what was kept for this one, which leads there."""
    if kept := recovered(request, page):
        forget(request, page)
        _store(request, _path(to), typed_fields(kept), str(request.user.pk))


def _may_keep(request: HttpRequest) -> bool:
    """Return whether a session may be stored; anonymous visitors must not fill the database.

    One that has kept a form is there already. People are counted apart, by their browser's cookie:
    a whole office that is logged out at once has one address.
    """
    if _KEY in request.session:
        return True
    if person := last_person(request.COOKIES):
        return bool(ratelimit.consume(request, action="keep_form_of_person", key=person))
    return bool(ratelimit.consume(request, action="keep_form"))


def _store(request: HttpRequest, path: str, fields: dict[str, list[str]], writer: str) -> bool:
    """Keep the fields in the session; return whether they are few enough for that."""
    form = {"path": path, "fields": fields, "writer": writer, "at": time.time()}
    others = [each for each in _kept(request) if each["path"] != path][1 - MOST_FORMS :]
    while others and _bytes(form) + sum(map(_bytes, others)) > MOST_BYTES:
        others.pop(0)
    if _bytes(form) > MOST_BYTES:
        return False
    request.session[_KEY] = [*others, form]
    return True


def _kept(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the forms that are kept for whoever looks, the newest last."""
    oldest = time.time() - SECONDS
    forms = [form for form in request.session.get(_KEY, []) if form["at"] > oldest]
    if not request.user.is_authenticated:
        return forms
    return [form for form in forms if form["writer"] in ("", str(request.user.pk))]


def _path(page: str) -> str:
    return page.partition("?")[0]


def _bytes(form: dict[str, Any]) -> int:
    """Return the size of the form with its fields' names, which its sender chooses, too."""
    return len(str(form["fields"]).encode(errors="replace"))
