from django.http import HttpRequest, QueryDict

from apps.core.htmx import HtmxRequest
from apps.core.text import read_number as read_number
from apps.users.models import User


class UserRequest(HtmxRequest):
    """A request of somebody who has logged in."""

    user: User


def posted(request: HttpRequest) -> QueryDict | None:
    """Return the data for a form: None if it is only looked at, for it may be sent empty."""
    return request.POST if request.method == "POST" else None
