"""Which model makes pictures: the one of the settings, or the newest that the service lists."""

from django.conf import settings

from apps.catalog import listing
from apps.gateway.client import GatewayError


def current() -> str:
    """Return the model that would make a picture now; empty while none is known."""
    return settings.IMAGE_MODEL or listing.current().painter


def is_open(model: str) -> bool:
    """Return whether it is still open which model makes a picture that was to be by this one.

    It is where the settings name another one by now, or the service has switched it off.
    """
    if settings.IMAGE_MODEL:
        return model != settings.IMAGE_MODEL
    return not model or listing.current().has_ended(model)


def find() -> str:
    """Return the model that makes the next picture; it may wait for the service to list some.

    Raise GatewayError; `no_model` says that the administrator has to name one.
    """
    model = current()
    if not model and not listing.current().is_known:
        model = listing.fetch().painter
    if not model:
        raise GatewayError("no_model")
    return model


def note_failure(model: str, code: str) -> None:
    """Learn from how it ended: a model that is not there is not asked again for a while."""
    if code == "model" and not settings.IMAGE_MODEL:
        listing.note_unfit(model, listing.Purpose.PICTURE)
