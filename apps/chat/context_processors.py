from typing import Any

from django.http import HttpRequest

from apps.chat.usage import records, site_limits


def service(request: HttpRequest) -> dict[str, Any]:
    """Let the base page ask, for staff, how the AI service is."""
    return {
        "quota_is_used_up": records.quota_is_used_up,
        "site_limit_warnings": site_limits.warnings,
    }
