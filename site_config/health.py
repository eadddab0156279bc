"""Health probes: whether this process is up, whether it can take work, and what it works with."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from apps.core.cache import redis_client
from apps.core.files import disk_space
from apps.gateway import service_state
from apps.jobs import queue
from apps.server.admission.view_needs import urgent


@urgent
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is up."""
    return HttpResponse("ok", content_type="text/plain")


@urgent
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if database, files, pool and workers can take work, 503 with the reason if not."""
    needed = _needed()
    is_ready = set(needed.values()) <= {"ok", "unknown"}
    return JsonResponse(needed | _noted(), status=200 if is_ready else 503)


def _needed() -> dict[str, str]:
    """Return what has to be `ok` for this process to take work."""
    needed = {
        "database": disk_space.database_state(),
        "files": disk_space.files_state(),
    }
    return needed | queue.current().state()


def _noted() -> dict[str, str]:
    """Return what is no reason to refuse work: without it a process works on, slower or in part."""
    noted = {"service": service_state.state()}
    if redis_client.is_wanted():
        noted["redis"] = redis_client.state()
    return noted


urlpatterns = [
    path("healthz/", healthz, name="healthz"),
    path("readyz/", readyz, name="readyz"),
]
