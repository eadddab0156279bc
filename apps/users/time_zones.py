from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import gettext_lazy as _

REGIONS = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific"),
}


def time_zone_choices(current: str) -> list[tuple[Any, Any]]:
    """Return the zones as choices for a select, by region; the current one in any case."""
    server = _("As the server: %(zone)s") % {"zone": settings.TIME_ZONE}
    choices: list[tuple[Any, Any]] = [("", server), ("UTC", "UTC")]
    if current and current != "UTC" and current.partition("/")[0] not in REGIONS:
        choices.append((current, current))
    return choices + [(REGIONS[region], places) for region, places in _zones().items()]


@cache  # Finding the names means reading a directory tree.
def _zones() -> dict[str, list[tuple[str, str]]]:
    zones: dict[str, list[tuple[str, str]]] = {region: [] for region in REGIONS}
    for name in sorted(available_timezones()):
        region, _slash, place = name.partition("/")
        if place and region in zones:
            zones[region].append((name, place.replace("/", ", ").replace("_", " ")))
    return zones
