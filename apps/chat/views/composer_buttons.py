"""The buttons of the composer beside Send, told apart by their names.

A form has one address in HTML 4 (section 17.3): that for sending. The value of a button is the id
of what it acts on.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse

from apps.chat.views import rejected_message
from apps.chat.views.attachments import remove_attachment
from apps.chat.views.messages import stop_reply
from apps.chat.views.prompts import insert_prompt
from apps.users.http import UserRequest, read_number

View = Callable[..., HttpResponse]

BUTTONS: dict[str, View] = {
    "stop": stop_reply,
    "remove": remove_attachment,
    "insert": insert_prompt,
}


def with_composer_buttons(send: View) -> View:
    """Return a view that does what the pressed button says; without one it sends the message.

    That view also leads whoever has to log in first back to their words.
    """

    @wraps(send)
    def wrapped(request: UserRequest, **kwargs: Any) -> HttpResponse:
        name = next((name for name in BUTTONS if name in request.POST), None)
        if name is None or not request.user.is_authenticated:
            return send(request, **kwargs)
        try:
            return BUTTONS[name](request, pk=read_number(request.POST[name]))
        except Http404:
            return rejected_message.button_gone(request)

    return wrapped
