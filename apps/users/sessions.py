"""Sessions that are over."""

from importlib import import_module

from django.conf import settings


def prune() -> None:
    """Remove the sessions that have expired: they hold what strangers sent, too."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
