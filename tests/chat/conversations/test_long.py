"""A conversation of any length opens at its end, and goes back a page at a time."""

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from apps.chat.models import Message
from tests.chat.talk import HTMX
from tests.factories import make_conversation
from tests.page import Page, words

SIZE = 10


@pytest.fixture(autouse=True)
def _small_pages(settings):
    settings.CHAT_PAGE_SIZE = SIZE


def make_long(user, length):
    """Make a conversation of many messages, quickly."""
    conversation = make_conversation(user, "Message 0")
    Message.objects.bulk_create(
        Message(
            conversation=conversation,
            role="assistant" if number % 2 else "user",
            content=f"Message {number}",
        )
        for number in range(1, length)
    )
    first, *later = conversation.messages.values_list("pk", flat=True)
    assert later == list(range(first + 1, first + length))
    conversation.messages.filter(pk__in=later).update(parent=F("pk") - 1)
    conversation.tip_id = later[-1]
    conversation.save(update_fields=["tip"])
    return conversation


def numbers(page):
    return [int(words(article.body).split()[-1]) for article in page.messages]


def test_it_opens_at_its_end_and_links_to_what_was_before(ada_client, ada):
    conversation = make_long(ada, 25)
    page, seen = Page(ada_client.get(f"/chat/{conversation.pk}/")), []
    while True:
        seen = numbers(page) + seen
        if "Earlier messages" not in page.links:
            break
        page = Page(ada_client.get(page.links["Earlier messages"]))
    assert seen == list(range(25))


def test_htmx_gets_the_earlier_messages_in_place_of_the_link(ada_client, ada):
    conversation = make_long(ada, 25)
    link = Page(ada_client.get(f"/chat/{conversation.pk}/")).links["Earlier messages"]
    response = ada_client.get(link, headers=HTMX)
    assert "<html" not in response.content.decode()
    assert "HX-Request" in response["Vary"]
    page = Page(response)
    assert numbers(page) == list(range(5, 15))
    seam = page.named("before-" + link.rpartition("=")[2])
    assert words(seam) == "What came before is above."
    page = Page(ada_client.get(page.links["Earlier messages"], headers=HTMX))
    assert numbers(page) == list(range(5))
    assert "Earlier messages" not in page.links


def test_it_takes_the_same_queries_for_any_length(ada_client, ada):
    counts = []
    for length in (SIZE + 2, 300):
        conversation = make_long(ada, length)
        with CaptureQueriesContext(connection) as queries:
            ada_client.get(f"/chat/{conversation.pk}/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
