from typing import Any

from django.http import HttpRequest

from apps.chat import site_limits, usage


def service(request: HttpRequest) -> dict[str, Any]:
    """Let the base page ask, for staff, how the AI service is."""
    return {
        "quota_is_used_up": usage.quota_is_used_up,
        "site_limit_warnings": site_limits.warnings,
    }
