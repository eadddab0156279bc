"""The page that Prometheus reads: only METRICS_TOKEN or METRICS_ADDRESSES makes it."""

import ipaddress

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from apps.core.monitoring import metrics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    if not metrics.is_wanted():
        raise Http404
    if not (_has_token(request) or _is_near(request)):
        return HttpResponse("Send METRICS_TOKEN as a bearer token.", "text/plain", status=403)
    return HttpResponse(metrics.exposition(), CONTENT_TYPE)


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and constant_time_compare(given, settings.METRICS_TOKEN)


def _is_near(request: HttpRequest) -> bool:
    """Return whether the visitor's own address may read, not that of the proxy in front."""
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except ValueError:
        return False
    networks = map(ipaddress.ip_network, settings.METRICS_ADDRESSES)
    return any(address in network for network in networks)
