from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.chat.forms.messages import SummaryForm
from apps.chat.models import Conversation
from apps.chat.summaries import services as summaries
from apps.chat.views import composer, page_context
from apps.chat.views.submit import press
from apps.core import form_recovery
from apps.core.decorators import login_required
from apps.core.htmx import leave_for, render_page, see_other, wants_fragment
from apps.users.http import UserRequest


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def conversation_summary(request: UserRequest, pk: int) -> HttpResponse:
    """Show the summary; a POST corrects it."""
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    summary = summaries.summarised(conversation).summary
    if request.method != "POST":
        form = form_recovery.restore(request, SummaryForm(summary=summary))
        return _render(request, conversation, form)
    form = SummaryForm(request.POST, summary=summary)
    if summary is None or not form.is_valid():
        return _render(request, conversation, form, status=422)
    summaries.correct(summary, form.cleaned_data["text"])
    if wants_fragment(request):
        return _render(request, conversation, is_saved=True)
    return see_other("conversation_summary", pk)


@require_POST
@login_required(page="conversation", stays=True)
def summarise(request: UserRequest, pk: int) -> HttpResponse:
    return _make(request, pk, summaries.summarise)


@require_POST
@login_required(page="conversation_summary", stays=True)
def rebuild_summary(request: UserRequest, pk: int) -> HttpResponse:
    return _make(request, pk, summaries.rebuild)


def _make(request: UserRequest, pk: int, make: Callable[[Conversation], None]) -> HttpResponse:
    """Begin it, and go to the page that shows how it is made; the composer's text is kept."""
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    composer.store_draft(request, conversation)
    page = reverse("conversation_summary", args=[pk])
    return press(request, page, lambda: make(conversation), lambda made: leave_for(request, page))


def _render(
    request: UserRequest,
    conversation: Conversation,
    form: SummaryForm | None = None,
    status: int = 200,
    is_saved: bool = False,
) -> HttpResponse:
    summarised = summaries.summarised(conversation)
    # Sent again, it replaces the summary that there is now.
    if form and form.is_bound and summarised.summary:
        form.data = {**form.data, "summary": summarised.summary.pk}
    context = {
        "conversation": conversation,
        "is_saved": is_saved,
        **page_context.summary_context(summarised, form),
    }
    return render_page(
        request, "chat/conversation_summary.html", "chat/_summary.html", context, status
    )
