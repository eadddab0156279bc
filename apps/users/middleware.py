import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def apply_preferences(get_response: GetResponse) -> GetResponse:
    """Answer in the person's language and time zone.

    Innermost and without an asynchronous side, it makes Django run the whole chain of middleware
    in one thread instead of hopping between threads at each.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            if request.user.language:
                translation.activate(request.user.language)
                request.LANGUAGE_CODE = request.user.language
            if request.user.time_zone:
                timezone.activate(zoneinfo.ZoneInfo(request.user.time_zone))
        try:
            return get_response(request)
        finally:
            timezone.deactivate()

    return middleware
