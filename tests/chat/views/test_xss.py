"""What somebody, or a model, says stays text: in every place, on every page, at any moment."""

import json
import re

import pytest
from django.test import Client
from django.utils import timezone

from apps.catalog.model_kinds import can_chat
from apps.chat.context import model_picker
from apps.chat.conversations import sharing
from apps.chat.models import Message, Summary
from apps.markdown.stream import StreamRenderer, render_markdown, render_plain
from tests.chat.talk import HTMX, Stream, ask, ended, newest, page_of, post, settled
from tests.factories import make_attachment, make_conversation, make_reply, make_user
from tests.live_server import wait_until
from tests.page import Page, parse
from tests.upstream import DONE, STOP, Upstream, error, head, part
from tests.xss import PAYLOADS, check_inert

pytestmark = pytest.mark.any_database

every_payload = pytest.mark.parametrize("text", PAYLOADS, ids=range(len(PAYLOADS)))


def nonce(response):
    return re.search(r"'nonce-([^']+)'", response["Content-Security-Policy"])[1]


def check(client, path, text="", status=200, **headers):
    """Open the page and check it; the text is on it as text, if it has to be."""
    response = client.get(path, headers=headers)
    assert response.status_code == status, path
    page = Page(response)
    check_inert(page.root, nonce(response))
    if text:
        whole = "".join(page.root.itertext()) + " ".join(
            value for element in page.root.iter() for value in element.attrib.values()
        )
        assert " ".join(text.split()) in " ".join(whole.split()), path
    return page


@pytest.fixture
def person(db):
    return make_user("ada")


@pytest.fixture
def reader(person):
    client = Client()
    client.force_login(person)
    return client


def test_there_are_sixty():
    assert len(set(PAYLOADS)) == 60


@every_payload
def test_at_rest(reader, person, text, media):
    """In messages, replies, thoughts, titles, drafts, tags, prompts, summaries, names of files."""
    text = text.replace("\x0b", "").replace("\x0c", "")  # No text that is stored holds these.
    conversation = make_conversation(person, text, title=text, draft=text, system_prompt=text)
    reply = make_reply(conversation, text, reasoning=text, model=text, error="model", state="error")
    question = conversation.messages.first()
    make_attachment(question, f"{text[:80]}.txt", b"words")
    make_attachment(conversation, f"{text[:80]}.txt", b"words")
    person.tags.create(name=text[:50]).conversations.add(conversation)
    prompt = person.prompts.create(name=text[:50], text=text)
    Summary.objects.create(conversation=conversation, up_to=reply, text=text, state="ready")
    share = sharing.share(conversation, reply)
    here, there = f"/chat/{conversation.pk}", f"/chat/messages/{reply.pk}"
    assert check(reader, f"{here}/").typed == text
    check(reader, f"{there}/", **HTMX)
    check(reader, f"{here}/options/", text)
    check(reader, f"{here}/summary/")
    check(reader, f"/chat/messages/{question.pk}/edit/", text)
    check(reader, f"/chat/prompts/{prompt.pk}/", text)
    for path in "", "prompts/", "shares/", "search/?q=alert":
        check(reader, f"/chat/{path}")
    check(reader, f"/chat/shared/{sharing.token_of(share)}/", text[:40])


@pytest.mark.parametrize("text", [text for text in PAYLOADS if text[0] in "\"'-]" or "</t" in text])
def test_in_every_other_form(reader, person, text):
    """What breaks out of an attribute, a text area, or a title."""
    conversation = make_conversation(person, text, text, title=text)
    person.tags.create(name=text[:50]).conversations.add(conversation)
    person.system_prompt = text
    person.save()
    here = f"/chat/{conversation.pk}"
    for form in "rename", "tags", "delete", "share":
        check(reader, f"{here}/{form}/", text)
    check(reader, f"{here}/title/", text, **HTMX)
    check(reader, "/chat/preferences/", text)
    for path in "/chat/new/", "/chat/archive/", "/chat/usage/", "/users/profile/":
        check(reader, path)
    conversation.deleted_at = timezone.now()
    conversation.save()
    check(reader, "/chat/trash/", text)
    check(reader, f"{here}/erase/", text)


@every_payload
def test_in_what_is_asked_for(reader, text):
    """In addresses, in queries, and in forms that are refused."""
    query = dict.fromkeys(["q", "month", "before", "tag", "past", "page", "message"], text)
    for path in "search/", "", "usage/", "archive/":
        response = reader.get(f"/chat/{path}", query)
        check_inert(Page(response).root, nonce(response))
    for client in reader, Client():
        check(client, f"/nowhere/{text}/".replace("?", ""), status=404)
    response = post(reader, "/chat/new/", message="Hello", model=text)
    assert response.status_code == 422
    check_inert(Page(response).root, nonce(response))
    response = Client().post("/users/login/", {"username": text, "password": text, "next": text})
    check_inert(Page(response).root, nonce(response))
    response = Client().get("/users/login/", {"next": text})
    check_inert(Page(response).root, nonce(response))


@every_payload
def test_as_it_streams(text):
    """However it is cut: whole, letter by letter, or in threes."""
    for wrap in "{}", "- {}", "> {}", "`{}`", "```\n{}", "|{}|\n|-|\n|{}|", "$ {} $", "**{}**":
        whole = wrap.replace("{}", text)
        check_inert(parse(render_markdown(whole)))
        check_inert(parse(render_plain(whole)))
        for size in 1, 3:
            renderer = StreamRenderer("m1-")
            pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
            html = "".join(map(renderer.feed, pieces)) + renderer.finish()
            check_inert(parse(html))


def test_from_a_model_to_the_page(ada_client, settings):
    """All of them in one reply, each cut in the middle; in the stream and in the final page."""
    texts = [f"{text}\n\n" for text in PAYLOADS]
    pieces = [
        part(half) for text in texts for half in (text[: len(text) // 2], text[len(text) // 2 :])
    ]
    with Upstream([head(), *pieces, STOP, DONE]) as upstream:
        settings.OPENAI_BASE_URL, settings.CHAT_DEFAULT_MODEL = upstream.url, "m"
        reply = ask(ada_client, "".join(texts))
        stream = Stream(ada_client, reply).to_the_end()
        assert ended(reply).state == "done"
    check_inert(parse(stream.html))
    assert "request.user.password" in stream.shown
    page = check(ada_client, f"/chat/{reply.conversation_id}/")
    assert "request.user.password" in page.messages[1].shown
    check(ada_client, f"/chat/messages/{reply.pk}/", **HTMX)


@pytest.mark.parametrize("place", ["message", "code", "param", "type"])
def test_from_the_errors_of_a_service(ada_client, settings, place):
    body = {"error": {"message": "x", place: "".join(PAYLOADS)}}
    with Upstream(error(400, body)) as upstream:
        settings.OPENAI_BASE_URL, settings.CHAT_DEFAULT_MODEL = upstream.url, "m"
        reply = ended(ask(ada_client))
    assert "alert(1)" not in page_of(ada_client, reply).text
    assert "alert(1)" not in str(Message.objects.filter(pk=reply.pk).values().get())


@pytest.mark.parametrize("shown_at_most", [10, 10_000])
def test_from_the_names_of_models(ada_client, settings, demo, monkeypatch, shown_at_most):
    """Of a service that lists them: all in a list, or to be found."""
    monkeypatch.setattr(model_picker, "MOST_SHOWN", shown_at_most)
    monkeypatch.setattr(model_picker, "PAGE_SIZE", 10_000)
    settings.CHAT_MODELS, settings.CHAT_DEFAULT_MODEL = [], "m"
    names = [text for text in PAYLOADS if text.isprintable()]
    body = {"object": "list", "data": [{"id": name, "object": "model"} for name in names]}
    data = json.dumps(body).encode()
    answer = head(kind="application/json", Content_Length=len(data)) + data
    with Upstream(answer) as upstream:
        settings.OPENAI_BASE_URL = upstream.url

        def offered():
            check(ada_client, "/chat/new/")
            return {each.get("value") for each in check(ada_client, "/chat/models/").all("button")}

        wait_until(lambda: offered() >= set(filter(can_chat, names)))
        settled()
        check(ada_client, "/chat/preferences/")
        conversation = make_conversation(ada_client.get("/chat/").wsgi_request.user, "Hi", "Ho")
        check(ada_client, f"/chat/{conversation.pk}/options/")
        check(ada_client, f"/chat/messages/{newest(conversation).pk}/", **HTMX)
