"""Errors for Sentry, where SENTRY_DSN is set: the only import of its package.

It gets what the log gets: where the code was and what it belongs to; no variables, no bodies, no
cookies, and no path that lets somebody in.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.core.monitoring.log_formatter import masked
from apps.server import log_context


def start() -> None:
    """Have errors that are logged sent, unless nobody wants them."""
    if not settings.SENTRY_DSN:
        return
    try:
        import sentry_sdk
        from sentry_sdk.integrations.logging import LoggingIntegration
    except ImportError as error:
        raise ImproperlyConfigured(
            "SENTRY_DSN is set, but its package is not installed:"
            " .venv/bin/python -m pip install --require-hashes -r requirements/sentry.txt"
        ) from error
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        # Every error is logged once, in one place; integrations would add what is in requests.
        default_integrations=False,
        integrations=[LoggingIntegration(level=None)],
        before_send=cleaned,
        include_local_variables=False,
        include_source_context=True,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        server_name="",
    )


def cleaned(event: Any, hint: Any = None) -> Any:
    """Return the event without secrets, and with what it belongs to as tags."""
    tags = {name: str(value) for name, value in log_context.current().items()}
    event["tags"] = {**(event.get("tags") or {}), **tags}
    event.get("logentry", {}).pop("params", None)
    for each in event.get("exception", {}).get("values", []):
        each["value"] = masked(str(each.get("value") or ""))
    for name in ("message", "formatted"):
        if text := event.get("logentry", {}).get(name):
            event["logentry"][name] = masked(str(text))
    event.get("extra", {}).clear()
    return event
