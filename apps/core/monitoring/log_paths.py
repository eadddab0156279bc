"""How the address of a request is written into the log: without what lets somebody in."""

import logging
import re
from typing import Any

SECRETS = {"token", "key"}  # Parts of addresses: whoever knows them may come in.
_LONG = re.compile(r"[^/]{17,}")  # As all of them are, and no word of our addresses.


def loggable_path(request: Any) -> str:
    """Return the path without what is secret in it, and without the line breaks it can hold.

    Where no view was found nobody knows what is secret: a slash may be missing behind a token, or
    a mail program may have added a full stop. So all that is as long as a token is left out.
    """
    if (host := request.META.get("parlor.refused_host")) is not None:
        return f"host={host!r} is not in ALLOWED_HOSTS"  # What is not ours has no path here.
    path: str = request.path
    match = getattr(request, "resolver_match", None)
    if match is None:
        return _printable(_LONG.sub("-", path))
    for name in SECRETS & match.kwargs.keys():
        path = path.replace(str(match.kwargs[name]), "-")
    return _printable(path)


class HideSecretPaths(logging.Filter):
    """Leaves what is secret out of Django's own lines, which name the path of their request."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        path = getattr(request, "path", "")
        if len(path) > 1 and path in (line := record.getMessage()):
            record.msg, record.args = line.replace(path, loggable_path(request)), ()
        return True


def _printable(path: str) -> str:
    return path.encode("unicode_escape").decode()
