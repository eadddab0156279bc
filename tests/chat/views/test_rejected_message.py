"""Whatever answers a plain form that could not be sent, its text is on the page."""

import uuid

import pytest
from django.test import Client

from apps.chat.conversations import services, trash
from apps.chat.models import Message
from tests.chat.talk import HTMX, say
from tests.factories import make_conversation, make_user
from tests.page import Page

TEXT = 'Words that took an hour,\r\n  <b>and</b> "more"'
SHOWN = TEXT.replace("\r\n", "\n")


def send_again(client, page):
    """Press the button of the page that shows the text once more."""
    form = next(each for each in page.all("form") if "error-page" in each.get("class", ""))
    fields = {each.get("name"): each.get("value") for each in form.iter("input")}
    return client.post(form.get("action"), {**fields, "message": page.typed})


def careful(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


@pytest.mark.parametrize("is_new", [True, False])
def test_a_form_whose_token_is_too_old_can_be_sent_again(ada, demo, is_new):
    client = careful(ada)
    response = say(
        client, TEXT, *([] if is_new else [make_conversation(ada, "Question", "Answer")])
    )
    assert response.status_code == 403
    page = Page(response)
    assert page.typed == SHOWN
    assert send_again(client, page).status_code == 303
    assert Message.objects.filter(content=SHOWN).count() == 1


def test_a_button_whose_token_is_too_old_loses_nothing(ada):
    reply = make_conversation(ada, "Question", "Answer").messages.last()
    response = careful(ada).post(f"/chat/messages/{reply.pk}/again/", {"message": TEXT})
    assert response.status_code == 403
    page = Page(response)
    assert page.typed == SHOWN
    assert "Send it now" not in page.buttons


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_message_to_a_deleted_conversation_can_begin_a_new_one(ada_client, ada, demo, headers):
    conversation = make_conversation(ada, "Question")
    path = conversation.get_absolute_url()
    conversation.delete()
    response = ada_client.post(f"{path}send/", {"message": TEXT}, headers=headers)
    assert response.status_code == 404
    page = Page(response)
    assert page.all("section[@class='error-page']")
    assert page.typed == SHOWN
    assert send_again(ada_client, page).status_code == 303
    assert Message.objects.filter(content=SHOWN).exists()


def test_an_edit_of_a_deleted_message_can_begin_a_new_conversation(ada_client, demo):
    response = ada_client.post("/chat/messages/987654321/edit/", {"message": TEXT})
    assert response.status_code == 404
    assert send_again(ada_client, Page(response)).status_code == 303


def test_a_bug_of_ours_does_not_cost_the_text(ada_client, monkeypatch):
    monkeypatch.setattr(services, "start_conversation", lambda *args, **kwargs: 1 / 0)
    ada_client.raise_request_exception = False
    response = say(ada_client, TEXT)
    assert response.status_code == 500
    assert Page(response).all("textarea[@readonly]")
    assert SHOWN.replace('"', "&quot;").replace("<b>", "&lt;b&gt;").split(",")[0] in (
        response.content.decode()
    )


def test_a_form_that_is_too_big_does_not_cost_the_text(ada_client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    text = "Seven. " * 1_000
    response = say(ada_client, text)
    assert response.status_code == 413
    assert "".join(Page(response).all("textarea")[0].itertext()).removeprefix("\n") == text


def test_another_person_who_logs_in_does_not_see_the_text(client, ada, bob):
    """The browser's session was Ada's when she wrote."""
    say(client, TEXT, writer=ada.pk)
    client.force_login(bob)
    assert Page(client.get("/chat/new/")).typed == ""
    client.force_login(ada)
    assert Page(client.get("/chat/new/")).typed == ""


def test_its_writer_sees_the_text(client, ada):
    say(client, TEXT, writer=ada.pk)
    client.force_login(ada)
    assert Page(client.get("/chat/")).typed == SHOWN


def test_an_edit_outlives_the_session(client, ada):
    question = make_conversation(ada, "Question", "Answer").messages.first()
    path = f"/chat/messages/{question.pk}/edit/"
    response = client.post(path, {"message": TEXT, "writer": ada.pk})
    assert response["Location"] == f"/users/login/?next={path}"
    client.force_login(ada)
    form = Page(client.get(path)).named(f"message-{question.pk}")
    assert "".join(next(form.iter("textarea")).itertext()).removeprefix("\n") == SHOWN


def test_an_edit_is_not_shown_to_whom_it_does_not_belong(client, ada, bob):
    question = make_conversation(ada, "Question", "Answer").messages.first()
    path = f"/chat/messages/{question.pk}/edit/"
    client.post(path, {"message": TEXT, "writer": ada.pk})
    client.force_login(bob)
    assert client.get(path).status_code == 404


def test_another_button_pressed_too_late_loses_nothing(client, ada):
    reply = make_conversation(ada, "Question", "Answer").messages.last()
    response = client.post(f"/chat/messages/{reply.pk}/again/", {"message": TEXT, "writer": ada.pk})
    page = f"/chat/messages/{reply.pk}/"
    assert response["Location"] == f"/users/login/?next={page}"
    client.force_login(ada)
    assert Page(client.get(page, follow=True)).typed == SHOWN


def test_a_person_without_a_name_in_the_form_gets_it_back(client, ada):
    say(client, TEXT)
    client.force_login(make_user("carla"))
    assert Page(client.get("/chat/new/")).typed == SHOWN


@pytest.mark.parametrize("what", ["send", "edit", "again"])
def test_what_is_sent_while_its_conversation_is_deleted_is_shown(
    ada, ada_client, monkeypatch, what
):
    conversation = make_conversation(ada, "Question", "Answer")
    question, reply = conversation.messages.order_by("pk")
    address = {
        "send": f"/chat/{conversation.pk}/send/",
        "edit": f"/chat/messages/{question.pk}/edit/",
        "again": f"/chat/messages/{reply.pk}/again/",
    }[what]
    monkeypatch.setattr(
        services.recovery,
        "end_abandoned",
        lambda _: trash.put_in(conversation),  # As another tab does just then.
    )
    response = ada_client.post(address, {"message": TEXT, "key": uuid.uuid4()})
    assert response.status_code == 404
    assert Page(response).typed == SHOWN
    assert Message.objects.count() == 2
