from django.http import HttpResponse
from django.views.decorators.http import require_POST

from apps.chat.conversations import forking
from apps.chat.views import composer, page_context
from apps.chat.views.submit import press
from apps.core.decorators import login_required
from apps.core.htmx import leave_for
from apps.users.http import UserRequest


@require_POST
@login_required(page="message", stays=True)
def fork(request: UserRequest, pk: int) -> HttpResponse:
    """Open a new conversation that begins with all that led to the message."""
    message = page_context.owned(request, pk)
    composer.store_draft(request, message.conversation)
    return press(
        request,
        message.get_absolute_url(),
        lambda: forking.fork_within_limits(message),
        lambda made: leave_for(request, made.get_absolute_url()),
    )
