"""A link to a message leads to it, wherever it is; it changes nothing."""

import pytest

from tests.chat.talk import HTMX, newest
from tests.factories import make_conversation, make_message, make_reply
from tests.page import Page

pytestmark = pytest.mark.any_database


@pytest.fixture(autouse=True)
def _small_pages(settings):
    settings.CHAT_PAGE_SIZE = 4


@pytest.fixture
def conversation(ada):
    return make_conversation(ada, *[f"Text {number}" for number in range(12)])


def bodies(page):
    return [message.shown for message in page.messages]


def follow(client, message):
    """Open the link to the message; return the address and the page."""
    response = client.get(f"/chat/messages/{message.pk}/")
    assert response.status_code == 302
    return response["Location"], Page(client.get(response["Location"]))


def test_a_message_of_the_newest_page_is_shown_there(ada_client, conversation):
    for message in list(conversation.messages.all())[-4:]:
        address, page = follow(ada_client, message)
        assert address == f"/chat/{conversation.pk}/#message-{message.pk}"
        assert message.content in bodies(page)
        assert "Newest messages" not in page.links


@pytest.mark.parametrize("number", range(8))
def test_an_earlier_message_is_shown_with_its_neighbours(ada_client, conversation, number):
    message = list(conversation.messages.all())[number]
    address, page = follow(ada_client, message)
    assert address == f"/chat/{conversation.pk}/?at={message.pk}#message-{message.pk}"
    first = max(0, number - 1)
    assert bodies(page) == [f"Text {each}" for each in range(first, number + 3)]
    assert page.links["Newest messages"] == f"/chat/{conversation.pk}/"
    assert ("Earlier messages" in page.links) is (first > 0)


def test_later_messages_lead_to_the_end(ada_client, conversation):
    _, page = follow(ada_client, conversation.messages.first())
    seen = bodies(page)
    while "Later messages" in page.links:
        page = Page(ada_client.get(page.links["Later messages"]))
        seen += bodies(page)
    assert set(seen) == {f"Text {number}" for number in range(12)}
    assert "Newest messages" not in page.links


def test_a_message_of_another_version_is_shown_without_choosing_it(ada_client, ada):
    conversation = make_conversation(ada, "Question", "Answer", "More", "Another answer")
    old = newest(conversation)
    first = conversation.messages.first()
    make_message(conversation, "Question, edited", parent_id=None)
    tip = make_reply(conversation, "Answer to that")

    _, page = follow(ada_client, old)

    assert bodies(page) == ["Question", "Answer", "More", "Another answer"]
    assert "another version" in page.text
    conversation.refresh_from_db()
    assert conversation.tip == tip
    assert "Answer to that" in Page(ada_client.get(page.links["Newest messages"])).text
    ada_client.post(page.buttons["Go on with this version"])
    conversation.refresh_from_db()
    assert conversation.tip == old
    assert first.content in bodies(Page(ada_client.get(f"/chat/{conversation.pk}/")))


def test_the_branch_shown_is_the_one_around_a_message_it_holds(ada_client, ada):
    """Not the newest of its versions."""
    conversation = make_conversation(ada, "Question", "Answer")
    tip = newest(conversation)
    make_reply(conversation, "Newer answer", parent_id=tip.parent_id)
    conversation.tip = tip
    conversation.save(update_fields=["tip"])
    _, page = follow(ada_client, conversation.messages.first())
    assert bodies(page) == ["Question", "Answer"]


def test_a_message_sent_from_an_earlier_page_leads_to_the_newest(ada_client, conversation, demo):
    _, page = follow(ada_client, conversation.messages.first())
    action = page.named("composer").get("hx-post")
    response = ada_client.post(action, {"message": "Back to the end"}, headers=HTMX)
    assert response["HX-Redirect"] == f"/chat/{conversation.pk}/"
    assert conversation.messages.filter(content="Back to the end").exists()


@pytest.mark.parametrize("at", ["x", "-1", "0", "", "9" * 12, "9" * 5000, "²"])
def test_a_place_that_is_none_is_not_found(ada_client, conversation, at):
    assert ada_client.get(f"/chat/{conversation.pk}/?at={at}").status_code == 404


def test_a_message_of_another_conversation_is_not_found(ada_client, ada, conversation):
    other = newest(make_conversation(ada, "Other"))
    assert ada_client.get(f"/chat/{conversation.pk}/?at={other.pk}").status_code == 404


def test_a_link_into_a_long_conversation_takes_few_queries(
    ada_client, ada, django_assert_max_num_queries
):
    conversation = make_conversation(ada, *[f"Text {number}" for number in range(60)])
    first = conversation.messages.first()
    with django_assert_max_num_queries(14):
        ada_client.get(f"/chat/{conversation.pk}/?at={first.pk}")
