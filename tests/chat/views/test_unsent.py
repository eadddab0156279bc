"""The session is over when Send is pressed; the text is there again after the log-in."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from apps.chat.models import Message
from tests.chat.talk import HTMX, answered, post, say
from tests.factories import PASSWORD, make_conversation
from tests.page import Page

pytestmark = pytest.mark.any_database

TEXT = 'Words that took an hour,\r\n  <b>and</b> "more"'
SHOWN = TEXT.replace("\r\n", "\n")


@pytest.fixture
def conversation(ada):
    return make_conversation(ada, "Question", "Answer")


def log_in(client, location, username="ada"):
    """Log in at the page that the location names; return the page that comes next."""
    target = parse_qs(urlsplit(location).query)["next"][0]
    form = {"username": username, "password": PASSWORD, "next": target}
    response = client.post(location, form, follow=True)
    assert response.status_code == 200
    return response


@pytest.mark.row("O-070")
def test_a_first_message_comes_back_after_the_log_in(client, ada, demo):
    response = say(client, TEXT)
    assert response.status_code == 302
    assert not Message.objects.exists()

    response = log_in(client, response["Location"])

    assert response.request["PATH_INFO"] == "/chat/new/"
    assert Page(response).typed == SHOWN
    assert say(client, Page(response).typed, key=Page(response).key).status_code == 303
    assert Message.objects.filter(content=SHOWN).count() == 1


@pytest.mark.row("O-070")
def test_a_further_message_comes_back_in_its_conversation(client, conversation, demo):
    response = log_in(client, say(client, TEXT, conversation)["Location"])
    assert response.request["PATH_INFO"] == f"/chat/{conversation.pk}/"
    assert Page(response).typed == SHOWN
    assert conversation.messages.count() == 2


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.row("O-070")
def test_htmx_is_led_to_the_log_in_and_back(client, conversation, demo, is_new):
    response = say(client, TEXT, *([] if is_new else [conversation]), headers=HTMX)
    assert response.status_code == 401
    response = log_in(client, response["HX-Redirect"])
    assert Page(response).typed == SHOWN


def test_the_text_comes_back_until_it_is_sent(client, ada, demo):
    log_in(client, say(client, TEXT)["Location"])
    assert Page(client.get("/chat/new/")).typed == SHOWN
    say(client, TEXT)
    assert Page(client.get("/chat/new/")).typed == ""


def test_a_newer_draft_is_not_lost_to_the_text_that_came_back(client, conversation):
    log_in(client, say(client, TEXT, conversation)["Location"])
    path = f"/chat/{conversation.pk}/"
    post(client, f"{path}pin/", message="Newer words")
    assert Page(client.get(path)).typed == "Newer words"


def test_the_text_comes_back_on_its_own_page_only(client, conversation, demo):
    location = say(client, TEXT, conversation)["Location"]
    log_in(client, location.replace(str(conversation.pk), "new"))
    other = make_conversation(conversation.user, "Other")
    assert Page(client.get(f"/chat/{other.pk}/")).typed == ""
    assert Page(client.get(f"/chat/{conversation.pk}/")).typed == SHOWN


def test_the_text_of_one_browser_is_not_shown_in_another(client, ada, demo):
    say(client, TEXT)
    other = Client()
    other.force_login(ada)
    assert Page(other.get("/chat/new/")).typed == ""


def test_a_stranger_who_logs_in_does_not_get_into_the_conversation(client, conversation, bob):
    location = say(client, TEXT, conversation)["Location"]
    form = {"username": "bob", "password": PASSWORD, "next": f"/chat/{conversation.pk}/"}
    response = client.post(location, form, follow=True)
    assert response.status_code == 404
    assert conversation.messages.count() == 2


def test_an_empty_message_keeps_nothing(client, ada):
    response = say(client, "")
    assert response.status_code == 302
    assert "sessionid" not in client.cookies


def test_a_draft_is_not_lost_to_the_text_that_comes_back(client, conversation, demo):
    conversation.draft = "An older draft"
    conversation.save(update_fields=["draft"])
    response = log_in(client, say(client, TEXT, conversation)["Location"])
    assert SHOWN in Page(response).typed


@pytest.mark.row("O-069")
def test_a_log_out_elsewhere_does_not_lose_what_is_sent_then(ada_client, demo):
    reply = answered(ada_client)
    ada_client.logout()
    response = log_in(ada_client, say(ada_client, TEXT, reply.conversation)["Location"])
    assert Page(response).typed == SHOWN


def test_other_buttons_lead_to_the_log_in_without_effect(client, conversation):
    reply = conversation.messages.last()
    for action in "stop", "again", "continue", "show":
        response = post(client, f"/chat/messages/{reply.pk}/{action}/", message=TEXT)
        assert response["Location"] == f"/users/login/?next=/chat/messages/{reply.pk}/"
    assert conversation.messages.count() == 2
