"""What a view needs of the server, said where the view is defined.

The handler looks at it when the address is resolved, before it reads the body. What is not said
here is a page or a form: nothing in an address or in a header can claim more.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.conf import settings
from django.urls import Resolver404, ResolverMatch, get_resolver

from apps.server.request_threads import Lane, makers, passwords

View = TypeVar("View", bound=Callable[..., Any])

# Of a form without files, in bytes: more than is taken, so that what is too long can be shown.
FORM_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Needs:
    is_urgent: bool = False
    reads_in: Lane | None = None  # Threads for GET and HEAD, and
    writes_in: Lane | None = None  # for all else, if they are not those of pages and forms.
    takes_files: bool = False
    body_bytes: Callable[[], int] = lambda: FORM_BYTES


PAGE = Needs()


def _needing(view: View, **needs: Any) -> View:
    view.needs = replace(getattr(view, "needs", PAGE), **needs)  # type: ignore[attr-defined]
    return view


def urgent(view: View) -> View:
    """Let the view go first: a reply that is on its way depends on it, or a probe does."""
    return _needing(view, is_urgent=True)


def slow(view: View) -> View:
    """Give the view's pages the threads for what takes seconds."""
    return _needing(view, reads_in=makers)


def hashes_password(view: View) -> View:
    """Give the view's form the threads for hashing, which is meant to be slow."""
    return _needing(view, writes_in=passwords)


def takes_files(view: View) -> View:
    """Take files with the view's form, and give these the threads for reading them."""
    return _needing(view, takes_files=True, body_bytes=lambda: settings.UPLOAD_MAX_BYTES)


def takes_import(view: View) -> View:
    """Take one file with the view's form, which may be larger than any other."""
    return _needing(view, takes_files=True, body_bytes=_import_bytes)


def _import_bytes() -> int:
    most: int = max(settings.UPLOAD_MAX_BYTES, settings.IMPORT_MAX_BYTES + FORM_BYTES)
    return most


def find(path: str) -> tuple[ResolverMatch | None, Needs | None]:
    """Resolve the path; return its match and what its view needs, or None where nothing is."""
    try:
        match = get_resolver().resolve(path)
    except Resolver404:
        return None, None
    return match, getattr(match.func, "needs", PAGE)
