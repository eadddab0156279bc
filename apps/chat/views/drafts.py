"""What stands in the composer, sent while one types."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from apps.chat.views import composer
from apps.core.decorators import login_required
from apps.users.http import UserRequest


@require_POST
@login_required(page="conversation", stays=True)
def keep_draft(request: UserRequest, pk: int) -> HttpResponse:
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    composer.store_draft(request, conversation)
    return HttpResponse(status=204)


@require_POST
@login_required(page="new_conversation", stays=True)
def keep_new_draft(request: UserRequest) -> HttpResponse:
    composer.store_draft(request, None)
    return HttpResponse(status=204)
