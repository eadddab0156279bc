"""The list of the service's models: asked for in the background, kept in a row, read from memory.

Every process looks into the row now and then; one of them asks the service when it is old.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

from django.conf import settings
from django.db import Error
from django.db.models import Q
from django.utils import timezone

from apps.catalog.catalog import Catalog
from apps.catalog.models import Listing, UnfitModel
from apps.gateway import client
from apps.gateway.client import GatewayError, ListedModel
from apps.jobs import housekeeping

logger = logging.getLogger(__name__)

FRESH_SECONDS = 300.0  # Of the row: then the service is asked again.
LOOK_SECONDS = 30.0  # Of the memory of a process: then it looks into the row.
RETRY_SECONDS = 30.0  # After a list that did not come.
UNFIT_SECONDS = 6 * 3600.0  # For which a model that has answered so is not offered.

Purpose = UnfitModel.Purpose

_memory: dict[str, Catalog] = {}
_looks: dict[str, float] = {}  # When the process has last begun to look.
_lock = threading.Lock()
_callbacks: list[Callable[[Catalog], object]] = []


def on_list(callback: Callable[[Catalog], object]) -> None:
    """Call the function, in a thread that may wait, whenever the service has listed its models."""
    _callbacks.append(callback)


def current() -> Catalog:
    """Return what is known of the models, without waiting for the service."""
    catalog = _memory.get(service_key()) or look()
    keep_up()
    return catalog


def remembered() -> Catalog:
    """Return what this process has in mind of the models: no query, and nobody is asked."""
    return _memory.get(service_key()) or Catalog()


def keep_up() -> None:
    """Look into the row in the background, if that was long ago, and ask the service if need be."""
    key, now = service_key(), time.monotonic()
    with _lock:
        if now - _looks.get(key, -LOOK_SECONDS) < LOOK_SECONDS:
            return
        _looks[key] = now
    if not housekeeping.submit(refresh):
        with _lock:
            _looks.pop(key, None)


def refresh() -> None:
    """Ask the service, if no process has done so lately, and look into the row."""
    key, now = service_key(), timezone.now()
    Listing.objects.get_or_create(service=key)
    old = Q(asked_at=None) | Q(asked_at__lte=now - timedelta(seconds=FRESH_SECONDS))
    if not Listing.objects.filter(old, service=key).update(asked_at=now):
        look()
        return
    try:
        fetch()
    except GatewayError:  # The gateway has logged it.
        retry = now - timedelta(seconds=FRESH_SECONDS - RETRY_SECONDS)
        Listing.objects.filter(service=key).update(asked_at=retry)
        look()


def fetch() -> Catalog:
    """Ask the service for its models and keep them; only for threads that may wait.

    An empty list changes nothing. Raise GatewayError.
    """
    models = client.list_models()
    if models:
        rows = [asdict(model) for model in models]
        now = timezone.now()
        kept = {"listed": rows, "listed_at": now, "asked_at": now}
        Listing.objects.update_or_create(service=service_key(), defaults=kept)
    catalog = look()
    catalog.sort()
    for callback in _callbacks if models else ():
        callback(catalog)
    return catalog


def look() -> Catalog:
    """Read what is kept, and return it."""
    key = service_key()
    row = Listing.objects.filter(service=key).first()
    unfit: dict[str, set[str]] = {purpose: set() for purpose in Purpose}
    rows = UnfitModel.objects.filter(service=key, until__gt=timezone.now())
    for name, purpose in rows.values_list("name", "purpose"):
        unfit[purpose].add(name)
    catalog = Catalog(
        tuple(_listed(fields) for fields in row.listed) if row else (),
        is_known=bool(row and row.listed_at),
        unfit_to_chat=frozenset(unfit[Purpose.CHAT]),
        unfit_for_pictures=frozenset(unfit[Purpose.PICTURE]),
    )
    if (known := _memory.get(key)) == catalog:
        return known  # It has sorted its names already.
    _memory[key] = catalog
    return catalog


def note_unfit(name: str, purpose: Purpose) -> None:
    """Offer the model no more, for a while: it has answered that it is not there or not able."""
    until = timezone.now() + timedelta(seconds=UNFIT_SECONDS)
    try:
        UnfitModel.objects.update_or_create(
            service=service_key(), name=name, purpose=purpose, defaults={"until": until}
        )
        look()
    except Error:  # What it is about matters more, and has to be stored, too.
        logger.warning("that %s is unfit could not be kept", name, exc_info=True)


def forget() -> None:
    """Forget what this process has in mind."""
    with _lock:
        _memory.clear()
        _looks.clear()


def service_key() -> str:
    """Return what stands for the service: its address may hold a password."""
    return hashlib.sha256(settings.OPENAI_BASE_URL.encode()).hexdigest()


def _listed(fields: dict[str, object]) -> ListedModel:
    """Return the model of the row; a later version may have put more into it."""
    known = {name: fields[name] for name in ListedModel.__slots__ if name in fields}
    return ListedModel(**known)  # type: ignore[arg-type]
