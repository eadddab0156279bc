"""How forms are answered: with why they are refused, or with another page."""

import logging

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render, resolve_url
from django.utils.translation import gettext

from apps.chat.attachments.services import discard
from apps.chat.forms.messages import MessageForm
from apps.chat.models import Message
from apps.chat.usage.limit_errors import LimitReached
from apps.core.exceptions import Refused
from apps.core.files.disk_space import UNSTORABLE
from apps.core.htmx import leave_for, retry_after
from apps.users.http import UserRequest

logger = logging.getLogger(__name__)

# A busy or full database is told like the others: what was typed stays.
REFUSALS = (Refused, *UNSTORABLE)


def explain(error: Exception, form: MessageForm) -> int:
    """Put into the form why its message was refused; return the status to answer with."""
    if isinstance(error, Refused):
        code = "limit" if isinstance(error, LimitReached) else "refused"
        form.add_error(None, ValidationError(error.sentence, code=code))
        return error.status
    logger.error("a message could not be saved", exc_info=error)
    form.add_error(
        None, gettext("Your message could not be saved. It is still here: send it again.")
    )
    return 503


def refuse(request: UserRequest, error: Refused, back: str) -> HttpResponse:
    """Answer a button with why it does nothing now; htmx shows it as an alert."""
    is_over_limit = isinstance(error, LimitReached)
    context = {"reason": error.sentence, "back": back, "is_over_limit": is_over_limit}
    response = render(request, "chat/user_error.html", context, status=error.status)
    return retry_after(response, error)


def sent_before(request: UserRequest, form: MessageForm) -> HttpResponse:
    """Answer a form that was sent twice with what it made the first time."""
    discard(request.user.attachments.filter(pk__in=[file.pk for file in form.kept.new]))
    own = Message.objects.owned_by(request.user)
    message = get_object_or_404(own, key=form.sent()["key"])
    return leave_for(request, resolve_url("follow_conversation", message.conversation_id))
