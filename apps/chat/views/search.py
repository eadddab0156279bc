from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.chat.models import Conversation, Message
from apps.chat.search.excerpts import excerpt, marked
from apps.chat.search.query import MAX_CHARS, Phrase, parse_query
from apps.chat.search.services import find_messages, find_titles
from apps.chat.views import page_context
from apps.core.decorators import login_required
from apps.core.htmx import render_page, wants_fragment
from apps.core.text import clean_text
from apps.users.http import UserRequest, read_number

PAGE_SIZE = 20
MAX_TITLES = 10


@require_safe
@login_required
def search(request: UserRequest) -> HttpResponse:
    query = " ".join(clean_text(request.GET.get("q", "")).split())[:MAX_CHARS]
    context = {"query": query, **_found(request, parse_query(query))}
    if not wants_fragment(request):
        context |= page_context.list_context(request.user)
    return render_page(request, "chat/search.html", "chat/_found.html", context)


def _found(request: UserRequest, phrases: list[Phrase]) -> dict[str, Any]:
    before = read_number(request.GET.get("before", ""))
    titles = [] if before else find_titles(request.user, phrases, MAX_TITLES)
    messages = find_messages(request.user, phrases, PAGE_SIZE, before)
    return {
        "titles": [_title(conversation, phrases) for conversation in titles],
        "messages_found": [_message(message, phrases) for message in messages.messages],
        "older": messages.messages[-1].pk if messages.has_more else None,
        "is_past": bool(before),
    }


def _title(conversation: Conversation, phrases: list[Phrase]) -> dict[str, Any]:
    return {"conversation": conversation, "pieces": marked(conversation.title, phrases)}


def _message(message: Message, phrases: list[Phrase]) -> dict[str, Any]:
    return {"message": message, "pieces": excerpt(message.content, phrases)}
