from typing import Any

from django.http import HttpRequest

from apps.chat import usage


def service(request: HttpRequest) -> dict[str, Any]:
    """Let the base page ask, for staff, how the AI service is."""
    return {"quota_is_used_up": usage.quota_is_used_up}
