import zoneinfo
from collections.abc import Callable

from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

from apps.server.last_person import remember_person

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def apply_preferences(get_response: GetResponse) -> GetResponse:
    """Answer in the person's language and time zone.

    Innermost and without an asynchronous side, it makes Django run the whole chain of middleware
    in one thread instead of hopping between threads at each.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        # Asked for a hundred times from here on: what is lazy would cost something each time.
        request.user = user = get_user(request)
        if user.is_authenticated:
            if user.language:
                translation.activate(user.language)
                request.LANGUAGE_CODE = user.language
            if user.time_zone:
                timezone.activate(zoneinfo.ZoneInfo(user.time_zone))
        try:
            response = get_response(request)
            if user.is_authenticated and request.user == user:
                remember_person(request, response)
            return response
        finally:
            timezone.deactivate()

    return middleware
