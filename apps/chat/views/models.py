"""Finding a model among many, and choosing it: for a conversation, a new chat, or one reply."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from apps.chat.context import model_picker, model_selection
from apps.chat.conversations import services
from apps.chat.models import Conversation, Message
from apps.chat.views import page_context, responses
from apps.core.decorators import login_required
from apps.core.htmx import see_other, wants_fragment
from apps.core.text import clean_text
from apps.users.http import UserRequest, read_number
from apps.users.models import User

QUERY_CHARS = 200


@require_safe
@vary_on_headers("HX-Request")
@login_required
def models(request: UserRequest) -> HttpResponse:
    """Show what is found among the models, each as a button that chooses it."""
    number = read_number(request.GET.get("page", "1"))
    context = {"found": model_picker.find(request.user, _query(request), number)}
    context |= _purpose(request)
    if not wants_fragment(request):
        return render(request, "chat/models.html", context)
    page = "chat/_model_finder.html" if "open" in request.GET else "chat/_models_found.html"
    return render(request, page, context)


@require_safe
@login_required
def model_options(request: UserRequest) -> HttpResponse:
    """Return the options of a form's list of models, with those found first."""
    field = "chat_model" if "chat_model" in request.GET else "model"
    chosen = clean_text(request.GET.get(field, ""))
    # A person's own default stands above the installation's; a conversation's above the person's.
    person = User() if field == "chat_model" else request.user
    context = {
        "usual": model_picker.usual_label(person),
        "chosen": chosen,
        "names": _names_found(request.user, _query(request), chosen),
    }
    return render(request, "chat/_model_options.html", context)


@require_POST
@login_required(page="conversation", stays=True)
def choose_model(request: UserRequest, pk: int) -> HttpResponse:
    """Choose the model that answers in the conversation from now on."""
    return _choose(request, get_object_or_404(request.user.conversations, pk=pk))


@require_POST
@login_required(page="new_conversation", stays=True)
def choose_new_model(request: UserRequest) -> HttpResponse:
    """Choose the model that answers in the chat that is begun."""
    return _choose(request, None)


def _choose(request: UserRequest, conversation: Conversation | None) -> HttpResponse:
    model = request.POST.get("model", "")
    back = conversation.get_absolute_url() if conversation else reverse("new_conversation")
    if not model_selection.may_choose(model):
        return responses.refuse(request, model_selection.ModelNotOffered(), back)
    if conversation:
        services.choose_model(conversation, model)
    if wants_fragment(request):
        context = {"model": model, "picker": model_picker.picker(request.user, model)}
        return render(request, "chat/_chosen_model.html", {**context, "conversation": conversation})
    return see_other(back if conversation else f"{back}?{urlencode({'model': model})}")


def _query(request: UserRequest) -> str:
    query = request.GET.get("find") or request.GET.get("q", "")
    return " ".join(clean_text(query).split())[:QUERY_CHARS]


def _names_found(user: User, query: str, chosen: str) -> list[str]:
    shown = model_picker.picker(user, chosen).names
    found = model_picker.find(user, query).names if query else []
    return list(dict.fromkeys([*found, *shown]))


def _purpose(request: UserRequest) -> dict[str, Any]:
    """Return what a model is looked for: where to choose it, and where that leads back to."""
    if reply_id := request.GET.get("reply"):
        reply = page_context.owned(request, read_number(reply_id), role=Message.Role.ASSISTANT)
        action = reverse("answer_again", args=[reply.pk])
        return _ways("reply", reply.pk, action, "other_model", reply.get_absolute_url())
    if conversation_id := request.GET.get("conversation"):
        own = request.user.conversations
        conversation: Conversation = get_object_or_404(own, pk=read_number(conversation_id))
        action = reverse("choose_model", args=[conversation.pk])
        address = conversation.get_absolute_url()
        return _ways("conversation", conversation.pk, action, "model", address)
    return _ways("", "", reverse("choose_new_model"), "model", reverse("new_conversation"))


def _ways(purpose: str, pk: object, action: str, field: str, back: str) -> dict[str, Any]:
    return {"purpose": purpose, "pk": pk, "action": action, "field": field, "back": back}
