"""The page from which htmx asks: what it shows by its address, and whether a change fits into it.

A plain address shows the newest messages of a conversation. Whatever is put behind the messages of
an open page would push its first ones out of what a reload shows, and with them the reader's
place: then the page gets the address that names its first message.
"""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.http import HttpResponse

from apps.chat.message_tree import first_of_newest
from apps.chat.models import Conversation, Message
from apps.chat.views import page_context
from apps.users.http import UserRequest, read_number


def shows_change(request: UserRequest, conversation: Conversation, message_id: int) -> bool:
    """Return whether a reload of the page shows what comes in place of this message of its own."""
    query = _query(request, conversation)
    if query is None or set(query) - {"from"}:
        return False
    return _first_named(request) < message_id


def changed_context(request: UserRequest, message: Message) -> dict[str, Any] | None:
    """Return what the page shows with this version of a message; None if its address does not."""
    conversation = message.conversation
    if _has_address(request, page_context.address_of(message)):
        return page_context.context_around(request.user, conversation, message)
    if not shows_change(request, conversation, message.pk):
        return None
    first = conversation.messages.filter(pk=_first_named(request)).first()
    if first is None or not page_context.address_between(conversation, first.pk):
        return None
    return page_context.context_between(request.user, conversation, first, None)


def keep_first(
    request: UserRequest, response: HttpResponse, conversation: Conversation, old_tip: int | None
) -> HttpResponse:
    """Give the page an address with which a reload begins where the page began."""
    query = _query(request, conversation)
    if query is None or "from" in query:
        return response
    size = settings.CHAT_PAGE_SIZE
    first = first_of_newest(old_tip, size)
    is_same = first == first_of_newest(conversation.tip_id, size)
    if (query or not is_same) and (address := page_context.address_between(conversation, first)):
        response["HX-Replace-Url"] = address
    return response


def _has_address(request: UserRequest, address: str) -> bool:
    current = request.htmx.current_url_abs_path
    return current is None or current.partition("#")[0] == address.partition("#")[0]


def _first_named(request: UserRequest) -> int:
    """Return the id of the message with which the page begins by its address, or 0."""
    address = urlsplit(request.htmx.current_url_abs_path or "")
    return read_number(dict(parse_qsl(address.query)).get("from", ""))


def _query(request: UserRequest, conversation: Conversation) -> dict[str, str] | None:
    """Return what the page's address asks for, or None if it is not the conversation's."""
    address = urlsplit(request.htmx.current_url_abs_path or conversation.get_absolute_url())
    if address.path != conversation.get_absolute_url():
        return None
    return dict(parse_qsl(address.query, keep_blank_values=True))
