from django.http import HttpResponse
from django.views.decorators.http import require_POST

from apps.chat.conversations import forking
from apps.chat.views import composer, page_context, responses
from apps.core.decorators import login_required
from apps.core.exceptions import Refused
from apps.core.htmx import leave_for
from apps.users.http import UserRequest


@require_POST
@login_required(page="message", stays=True)
def fork(request: UserRequest, pk: int) -> HttpResponse:
    """Open a new conversation that begins with all that led to the message."""
    message = page_context.owned(request, pk)
    composer.keep_typed(request, message.conversation)
    try:
        conversation = forking.fork_within_limits(message)
    except Refused as error:
        return responses.refuse(request, error, message.get_absolute_url())
    return leave_for(request, conversation.get_absolute_url())
