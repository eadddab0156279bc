"""A title is the first words at once; a model may find a better one, a person's name stays."""

import pytest

from apps.chat.models import Conversation
from apps.chat.summaries.titles import tidied
from tests.chat.talk import HTMX, answered, ended, newest, press, settled
from tests.page import Page, words

QUESTION = "How do I bake bread, and for how long does it have to stay in the oven at home?"


@pytest.fixture
def model(demo, settings):
    """The demo model, which also finds titles."""
    settings.CHAT_TITLE_MODEL = "parlor-demo-mini"
    return demo


def asked(model):
    return [request["model"] for request in model.requests]


def test_without_a_model_the_first_words_are_the_title(ada_client, demo):
    conversation = answered(ada_client, QUESTION).conversation
    settled()
    assert conversation.title == "How do I bake bread, and for how long does it have to stay…"
    assert len(demo.requests) == 1


def test_a_model_gives_the_title_after_the_first_reply(ada_client, model):
    reply = answered(ada_client, QUESTION)
    before = reply.conversation.updated_at
    settled()
    conversation = Conversation.objects.get()
    assert conversation.title == "How do i bake bread"
    assert conversation.updated_at == before
    assert asked(model) == ["parlor-demo", "parlor-demo-mini"]
    answered(ada_client, "And rolls?", conversation)
    settled()
    assert asked(model)[2:] == ["parlor-demo"]  # Once is enough.
    assert "How do i bake bread" in Page(ada_client.get("/chat/")).links


def test_an_open_page_asks_once_for_the_title(ada_client, model, settings):
    settings.CHAT_TITLE_MODEL = "fault-silent"
    reply = answered(ada_client, QUESTION)
    path = f"/chat/{reply.conversation_id}/title/"
    [asks] = asks_of(ada_client, reply)
    assert (asks.get("hx-get"), asks.get("hx-trigger")) == (path, "load delay:3s")
    Conversation.objects.update(title="Bread")
    page = Page(ada_client.get(path, headers=HTMX))
    assert words(page.named("conversation-title")) == "Bread"
    assert "Bread" in page.links
    assert asks_of(ada_client, reply) == []


def asks_of(client, reply):
    page = Page(client.get(f"/chat/messages/{reply.pk}/", headers=HTMX))
    return [span for span in page.all("span") if span.get("hx-get")]


def test_a_name_that_a_person_gave_stays(ada_client, model):
    model.fault = "pause"
    reply = answered(ada_client, QUESTION)
    Conversation.objects.update(title="Mine", named_by_person=True)
    settled()
    press(ada_client, reply, "again")
    ended(newest(reply.conversation))
    settled()
    assert Conversation.objects.get().title == "Mine"


def test_a_reply_that_failed_makes_no_title(ada_client, model):
    model.fault = "401"
    answered(ada_client, QUESTION)
    settled()
    assert len(model.requests) == 1


def test_a_later_whole_reply_makes_the_title_that_a_failed_one_could_not(ada_client, model):
    model.fault = "401"
    conversation = answered(ada_client, QUESTION).conversation
    model.fault = None
    answered(ada_client, "And rolls?", conversation)
    settled()
    assert Conversation.objects.get().title == "And rolls"
    answered(ada_client, "And cakes?", conversation)
    settled()
    assert asked(model).count("parlor-demo-mini") == 1


@pytest.mark.row("O-132")
def test_a_title_is_made_without_the_models_thoughts(ada_client, model, settings):
    settings.CHAT_TITLE_MODEL = "fault-marks-no-start"
    answered(ada_client, QUESTION)
    settled()
    assert Conversation.objects.get().title == "Here are three parts"


def test_a_title_that_fails_is_not_missed(ada_client, model, settings):
    settings.CHAT_TITLE_MODEL = "fault-401"
    reply = answered(ada_client, QUESTION)
    settled()
    assert reply.state == "done"
    assert Conversation.objects.get().title.startswith("How do I bake bread, and")


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        ("Bread at home", "Bread at home"),
        ('"Bread at home"', "Bread at home"),
        ("\n\n# **Bread** at home\nWith rolls", "Bread at home"),
        ("Title: Bread at home.", "Bread at home"),
        ("„Brot“", "Brot"),
        ("word " * 50, "word word word word word word word word word word word word…"),
        ("x" * 200, "x" * 59 + "…"),
        ("a\0b\u202e", "ab\u202e"),
        ('""', ""),
        ("<think>Let me think about it.</think>Bread", "Bread"),
        ("Let me think about it.\n</think>\n\nBread", "Bread"),
        ("<think>Let me think", ""),
        ("<title>Bread</title>", "Bread"),
        ("<title>", ""),
        ("</think>", ""),
        ("Write the title of this conversation.", ""),
        ("You write the title of a conversation: a few words", ""),
        ("A few words, at most 60 characters", ""),
        ("The title of this song", "The title of this song"),
    ],
)
def test_an_answer_becomes_a_title(answer, title):
    assert tidied(answer) == title
