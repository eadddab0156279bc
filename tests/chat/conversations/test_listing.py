"""The list of conversations, their titles, and how one is deleted."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.chat.conversations.listing import list_conversations
from apps.chat.models import Conversation, make_title
from tests.chat.talk import answered, say
from tests.factories import make_conversation
from tests.page import Page, words

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)  # A Wednesday.


@pytest.fixture
def at_noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)


def make(user, title, moment):
    conversation = make_conversation(user, title=title)
    Conversation.objects.filter(pk=conversation.pk).update(updated_at=moment)
    return conversation


def groups(user):
    return {
        group.name: [row.title for row in group.conversations]
        for group in list_conversations(user)[1]
    }


def test_conversations_stand_under_their_days(ada, at_noon):
    for title, moment in {
        "an hour ago": NOON - timedelta(hours=1),
        "last night": NOON - timedelta(hours=13),
        "on Sunday": NOON - timedelta(days=3),
        "six days ago": NOON - timedelta(days=6),
        "a week ago": NOON - timedelta(days=7),
        "in February": NOON - timedelta(days=30),
        "a year ago": NOON - timedelta(days=365),
    }.items():
        make(ada, title, moment)
    assert groups(ada) == {
        "Today": ["an hour ago"],
        "Yesterday": ["last night"],
        "This week": ["on Sunday", "six days ago"],
        "March 2026": ["a week ago"],
        "February 2026": ["in February"],
        "March 2025": ["a year ago"],
    }


@pytest.mark.parametrize(
    ("zone", "group"),
    [("UTC", "Today"), ("America/New_York", "Yesterday"), ("Asia/Tokyo", "Today")],
)
def test_days_are_those_of_the_persons_time_zone(ada, at_noon, zone, group):
    """At 00:30 UTC it is still yesterday in New York."""
    make(ada, "Night", NOON.replace(hour=0, minute=30))
    with timezone.override(ZoneInfo(zone)):
        assert groups(ada) == {group: ["Night"]}


def test_the_page_speaks_the_persons_time_zone(ada_client, ada, at_noon):
    make(ada, "Just now", NOON)
    ada.time_zone = "Pacific/Kiritimati"
    ada.save(update_fields=["time_zone"])
    assert "Today" in Page(ada_client.get("/chat/")).text


def test_a_clock_that_is_ahead_does_no_harm(ada, at_noon):
    make(ada, "From tomorrow", NOON + timedelta(days=1))
    assert groups(ada) == {"Today": ["From tomorrow"]}


def test_the_list_comes_a_page_at_a_time(ada_client, ada, settings):
    settings.CHAT_PAGE_SIZE = 3
    for number in range(7):
        make_conversation(ada, title=f"Number {number}")
    seen, path = [], "/chat/"
    while path:
        page = Page(ada_client.get(path))
        navigation = page.all("nav[@aria-label='Conversations']")[0]
        titles = [words(link) for link in navigation.iter("a") if not link.get("rel")]
        assert len(titles) <= 3
        seen += titles
        path = page.links.get("Older conversations")
    assert seen == [f"Number {number}" for number in range(6, -1, -1)]
    assert "Newer" in page.links


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "9" * 50])
def test_a_page_that_does_not_exist_is_another(ada_client, ada, number):
    make_conversation(ada, title="Only one")
    assert "Only one" in Page(ada_client.get(f"/chat/?page={number}")).text


def test_the_list_takes_the_same_queries_for_any_length(ada_client, ada):
    counts = []
    for _ in range(2):
        for number in range(12):
            make_conversation(ada, "Question", "Answer", title=f"Number {number}")
        with CaptureQueriesContext(connection) as queries:
            ada_client.get("/chat/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_open_conversation_is_marked_in_the_list(ada_client, ada):
    conversation = make_conversation(ada, "Question", title="This one")
    make_conversation(ada, title="Another")
    page = Page(ada_client.get(f"/chat/{conversation.pk}/"))
    marked = page.all("a[@aria-current='page']")
    assert "This one" in [words(link) for link in marked]
    assert "Another" not in [words(link) for link in marked]


def test_a_list_without_conversations_says_so(ada_client):
    assert "No conversations yet." in Page(ada_client.get("/chat/")).text


def test_chat_home_offers_a_composer(ada_client, demo):
    page = Page(ada_client.get("/chat/"))
    form = page.named("composer")
    assert form.get("action") == "/chat/new/"
    assert form.get("method") == "post"
    assert page.links["New chat"] == "/chat/new/"


def test_a_starter_fills_the_composer_and_stores_nothing(ada_client):
    page = Page(ada_client.get("/chat/new/"))
    starter = next(href for href in page.links.values() if "?text=" in href)
    assert Page(ada_client.get(starter)).typed
    assert not Conversation.objects.exists()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Short", "Short"),
        ("  two\n\n lines\t and tabs ", "two lines and tabs"),
        ("word " * 30, "word word word word word word word word word word word word…"),
        ("x" * 100, "x" * 59 + "…"),
        ("A sentence that ends right about here, with a comma, and then goes on", None),
        ("語" * 100, "語" * 59 + "…"),
        ("<b>bold</b> & co", "<b>bold</b> & co"),
    ],
)
def test_a_title_is_the_beginning_of_the_first_message(text, title):
    made = make_title(text)
    assert len(made) <= 60
    if title is None:
        assert made.endswith("…")
        assert text.startswith(made[:-1])
        assert made[-2] not in " ,"
    else:
        assert made == title


def test_the_title_stays_when_the_conversation_goes_on(ada_client, demo):
    reply = answered(ada_client, "The first words")
    answered(ada_client, "Other words", reply.conversation)
    assert Conversation.objects.get().title == "The first words"


def test_delete_asks_first(ada_client, ada):
    conversation = make_conversation(ada, "Question", "Answer", title="Precious")
    page = Page(ada_client.get(f"/chat/{conversation.pk}/delete/"))
    assert "Precious" in page.text
    assert "restored for 30 days" in page.text
    assert page.links["Keep it"] == f"/chat/{conversation.pk}/"
    assert "Delete" in page.buttons
    assert Conversation.objects.exists()


def test_what_was_deleted_cannot_be_answered_and_the_text_is_not_swept_away(ada_client, ada):
    conversation = make_conversation(ada, "Question")
    ada_client.post(f"/chat/{conversation.pk}/delete/")
    response = say(ada_client, "Too late", conversation, headers={"HX-Request": "true"})
    assert response.status_code == 404
    assert Page(response).all("section[@class='error-page']")
