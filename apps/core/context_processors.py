from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Give every template what the base page shows."""
    return {
        "demo_model": settings.DEMO_MODEL,
        # Whoever is invited has the link already.
        "registration_open": settings.REGISTRATION_OPEN
        and settings.REGISTRATION_NEEDS != "invitation",
        "sharing": settings.SHARING,
    }
