"""An edited question is another version, with its own reply; all versions are kept."""

import uuid

import pytest

from apps.chat.models import Message
from tests.chat.talk import HTMX, answered, ended, newest, page_of, post, press, shown
from tests.factories import make_conversation, make_message
from tests.page import Page


@pytest.fixture
def conversation(ada):
    return make_conversation(ada, "First question", "First answer", "Second question", "Answer two")


@pytest.fixture
def questions(conversation):
    return list(conversation.messages.filter(role="user"))


def edit(client, question, text="Another question", **fields):
    headers = fields.pop("headers", None)
    fields = {"message": text, "key": str(uuid.uuid4()), **fields}
    return press(client, question, "edit", headers=headers, **fields)


def edited(client, question, text="Another question"):
    """Edit the question, and return the row of the new version once its reply has ended."""
    assert edit(client, question, text).status_code == 303
    return ended(newest(question.conversation)).parent


def bodies(page):
    return [message.shown for message in page.messages]


@pytest.mark.row("O-068")
def test_an_edited_question_is_a_version_with_its_own_reply(ada_client, demo, questions):
    before = list(Message.objects.order_by("pk").values())
    version = edited(ada_client, questions[1])

    assert (version.parent, version.content) == (questions[1].parent, "Another question")
    assert list(Message.objects.order_by("pk").values())[:4] == before
    page = page_of(ada_client, version)
    assert bodies(page)[:3] == ["First question", "First answer", "Another question"]
    assert "2 of 2" in page.messages[2].text
    sent = [message["content"] for message in demo.requests[-1]["body"]["messages"]]
    assert sent == ["First question", "First answer", "Another question"]


def test_the_first_question_of_a_conversation_has_versions_too(ada_client, demo, questions):
    version = edited(ada_client, questions[0])
    assert version.parent is None
    page = page_of(ada_client, version)
    assert bodies(page)[0] == "Another question"
    assert "2 of 2" in page.messages[0].text
    ada_client.post(page.messages[0].buttons["Previous version"])
    page = page_of(ada_client, version)
    assert bodies(page) == ["First question", "First answer", "Second question", "Answer two"]
    assert "1 of 2" in page.messages[0].text
    ada_client.post(page.messages[0].buttons["Next version"])
    assert bodies(page_of(ada_client, version))[0] == "Another question"


def test_the_form_stands_in_place_of_the_message(ada_client, questions):
    path = shown(ada_client, questions[1]).buttons["Edit"]
    response = ada_client.post(path)
    page = Page(ada_client.get(response["Location"]))
    form = page.named(f"message-{questions[1].pk}")
    assert [each.get("name") for each in form.iter("textarea")] == ["message"]
    assert "".join(form.itertext()).count("Second question") == 1
    assert page.links["Cancel"] == f"/chat/messages/{questions[1].pk}/"
    assert "Answer two" in page.text


def test_htmx_gets_the_form_alone_and_the_message_back(ada_client, questions):
    path = f"/chat/messages/{questions[1].pk}/"
    page = Page(ada_client.get(f"{path}edit/", headers=HTMX))
    assert page.typed == "Second question"
    assert len(page.all("article")) == 1
    page = Page(ada_client.get(path, headers=HTMX))
    assert bodies(page) == ["Second question"]
    assert "Edit" in page.buttons
    assert page.named("status") is None


def test_htmx_gets_the_version_and_drops_what_came_after_the_old_one(ada_client, demo, questions):
    demo.fault = "silent"
    response = edit(ada_client, questions[0], headers=HTMX)
    page = Page(response)
    assert [message.name for message in page.messages] == ["You", "Assistant"]
    assert "Stop" in page.buttons
    dropped = page.all("div[@hx-swap-oob]")
    assert f"delete:#message-{questions[0].pk} ~ *" in [each.get("hx-swap-oob") for each in dropped]


def test_a_page_with_an_address_of_its_own_is_left_for_the_new_version(ada_client, demo, questions):
    address = questions[0].conversation.get_absolute_url()
    url = f"http://testserver{address}?at={questions[0].pk}#message-{questions[0].pk}"
    response = edit(ada_client, questions[0], headers=HTMX | {"HX-Current-URL": url})
    assert response["HX-Redirect"] == address


def test_the_draft_of_the_composer_stays(ada_client, demo, conversation, questions):
    post(ada_client, f"/chat/messages/{questions[1].pk}/edit/open/", message="Half a thought")
    version = edited(ada_client, questions[1])
    assert page_of(ada_client, version).typed == "Half a thought"


@pytest.mark.parametrize("headers", [None, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize(
    ("text", "says"), [("   ", "Type a message first."), ("x" * 100_001, "too long by 1 character")]
)
def test_what_is_invalid_comes_back(ada_client, questions, headers, text, says):
    response = edit(ada_client, questions[1], text, headers=headers)
    assert response.status_code == 422
    page = Page(response)
    assert any(says in alert for alert in page.alerts)
    form = page.named(f"message-{questions[1].pk}")
    assert "".join(next(form.iter("textarea")).itertext()).removeprefix("\n") == text
    assert Message.objects.count() == 4


@pytest.mark.parametrize("headers", [None, HTMX], ids=["plain", "htmx"])
def test_an_edit_waits_for_the_reply(ada_client, demo, questions, headers):
    demo.fault = "silent"
    edit(ada_client, questions[1], "First edit")
    key = str(uuid.uuid4())
    response = edit(ada_client, questions[1], "Second edit", headers=headers, key=key)
    assert response.status_code == 409
    page = Page(response)
    assert "Wait for the reply" in page.alerts[0]
    form = page.named(f"message-{questions[1].pk}")
    assert "".join(next(form.iter("textarea")).itertext()).strip() == "Second edit"
    assert key in [each.get("value") for each in form.iter("input")]
    assert Message.objects.in_progress().count() == 1


def test_an_edit_counts_as_a_message_of_the_minute(ada_client, demo, questions, settings):
    settings.CHAT_MESSAGES_PER_MINUTE = 1
    edited(ada_client, questions[1])
    response = edit(ada_client, questions[1], "One too many")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert "One too many" in response.content.decode()
    assert Message.objects.count() == 6


def test_a_form_sent_twice_makes_one_version(ada_client, demo, questions):
    key = str(uuid.uuid4())
    for _ in range(2):
        assert edit(ada_client, questions[1], key=key).status_code == 303
    assert Message.objects.filter(role="user").count() == 3


def test_a_reply_cannot_be_edited(ada_client, conversation):
    reply = newest(conversation)
    assert ada_client.get(f"/chat/messages/{reply.pk}/edit/").status_code == 404
    assert edit(ada_client, reply).status_code == 404
    assert conversation.messages.count() == 4


def test_what_failed_offers_to_edit_its_question(ada_client, demo):
    demo.fault = "policy"
    failed = answered(ada_client, "Question")
    response = ada_client.post(shown(ada_client, failed).buttons["Edit"])
    assert response["Location"].startswith(f"/chat/messages/{failed.parent_id}/edit/")


def test_a_version_far_up_is_shown_with_what_surrounds_it(ada_client, ada, settings):
    settings.CHAT_PAGE_SIZE = 4
    conversation = make_conversation(ada, *[f"Text {number}" for number in range(12)])
    first = conversation.messages.first()
    tip = newest(conversation)
    make_message(conversation, "Text 0, edited", parent_id=None)
    response = press(ada_client, first, "show")
    assert response["Location"] == f"/chat/{conversation.pk}/?at={first.pk}#message-{first.pk}"
    conversation.refresh_from_db()
    assert conversation.tip == tip
    page = Page(press(ada_client, first, "show", headers=HTMX))
    assert bodies(page) == ["Text 0", "Text 1", "Text 2"]
