"""The page without scripts: it stays open, and the reply grows in it as it is written."""

import re

import pytest

from apps.chat.models import Message
from apps.chat.replies.streaming import follow
from apps.chat.views import live
from apps.server import lifecycle
from tests.chat.talk import (
    Pieces,
    answered,
    ask,
    ended,
    follow_page,
    newest,
    page_of,
    press,
    say,
    shown,
)
from tests.factories import make_conversation, make_reply
from tests.live_server import read_rest, read_until, wait_until
from tests.page import Page

pytestmark = pytest.mark.any_database

THREE = "Here are three parts."


def test_what_comes_late_is_told_by_the_clock_of_its_reader(ada_client, ada, grow, demo):
    ada.time_zone = "Pacific/Kiritimati"
    ada.save()
    _, page = grow("Question")
    times = re.findall('<time datetime="([^"]*)"', page.rest())
    assert len(times) == 3
    assert {time[-6:] for time in times} == {"+14:00"}


def grown(html):
    """Return the article in which the reply has grown; another holds its final form."""
    return next(a for a in Page(html).messages if a.element.get("id", "").endswith("-growing"))


def test_the_page_arrives_with_the_words_as_they_are_written(ada_client, demo, monkeypatch):
    demo.fault = "stall"
    reply = ask(ada_client, "Question")
    page = follow_page(ada_client, reply)
    html = page.read_until("parts.")
    assert "Question" in html
    assert "</html>" not in html
    assert Message.objects.get(pk=reply.pk).state == "running"
    press(ada_client, reply, "stop")
    html += page.rest()
    assert grown(html).shown == THREE
    assert [m.state for m in Page(html).messages if m.name == "Assistant"][-1] == "stopped"


def test_the_grown_page_ends_with_the_message_in_its_final_form(ada_client, demo, grow):
    """I9"""
    reply, opened = grow("A table, please")
    html = opened.rest()
    row = ended(reply)
    page = Page(html)
    final = page.messages[-1]
    assert final.element.get("id") == f"message-{reply.pk}"
    assert (final.name, final.state) == ("Assistant", "done")
    assert "Regenerate" in final.buttons
    assert final.shown == shown(ada_client, row).shown
    assert len(page.all("html")) == 1


def test_the_forms_of_the_grown_message_can_be_sent(ada_client, demo, grow):
    """What arrives after the request has been answered has its token all the same."""
    _, opened = grow("A table, please")
    last = Page(opened.rest()).messages[-1].element
    forms = [form for form in last.iter("form") if form.get("method") == "post"]
    tokens = [form.find(".//input[@name='csrfmiddlewaretoken']").get("value") for form in forms]
    assert tokens
    assert all(tokens)


def test_no_id_is_on_the_grown_page_twice(demo, grow):
    page = Page(grow("A table, please")[1].rest())
    ids = [each.get("id") for each in page.root.iter() if each.get("id")]
    outside = [each for each in ids if not each.startswith(("name-", "time-"))]
    assert sorted(set(outside)) == sorted(outside)


def test_stop_stands_before_the_reply_that_grows(ada_client, demo):
    demo.fault = "stall"
    reply = ask(ada_client)
    page = follow_page(ada_client, reply)
    html = page.read_until("Here are")
    assert html.index(">Stop</button>") < html.index("Here are")
    page.close()


def test_a_conversation_without_a_reply_on_its_way_is_shown_as_ever(ada_client, demo):
    reply = answered(ada_client)
    response = ada_client.get(f"/chat/{reply.conversation_id}/follow/")
    assert response.status_code == 200
    assert f'id="message-{reply.pk}"' in response.content.decode()


def test_the_ordinary_page_links_to_the_one_that_grows(ada_client, demo):
    """What a reload without scripts shows."""
    demo.fault = "silent"
    reply = ask(ada_client)
    page = page_of(ada_client, reply)
    assert (
        page.links["Show the reply while it is written"] == f"/chat/{reply.conversation_id}/follow/"
    )


def test_the_growing_page_is_not_held_up_on_its_way(ada_client, demo):
    demo.fault = "stall"
    reply = ask(ada_client)
    path = f"/chat/{reply.conversation_id}/follow/"
    response = ada_client.get(path, headers={"Accept-Encoding": "gzip"})
    assert response["X-Accel-Buffering"] == "no"
    assert response["Content-Encoding"] == "identity"
    assert response["Cache-Control"] == "private, no-store"
    press(ada_client, reply, "stop")
    Pieces(response).rest()


def test_a_page_that_is_opened_late_begins_with_what_there_is(ada_client, demo):
    demo.fault = "stall"
    reply = ask(ada_client)
    follow_page(ada_client, reply).read_until("parts.")
    late = follow_page(ada_client, reply)
    html = late.read_until("parts.")
    press(ada_client, reply, "stop")
    assert grown(html + late.rest()).shown == THREE


def test_the_growing_page_says_what_it_waits_for(ada_client, demo, monkeypatch):
    monkeypatch.setattr(live, "NOTE_SECONDS", 0.01)
    demo.fault = "silent"
    page = follow_page(ada_client, ask(ada_client))
    page.read_until("Waiting for the reply, ")
    page.close()


@pytest.mark.parametrize("agent", ["w3m/0.5.3", "Lynx/2.9", "ELinks/0.13", "Links (2.25)"])
def test_a_text_browser_gets_the_reply_once(demo, grow, agent):
    """It would show what the style sheet hides, so it gets the final form only."""
    html = grow("A table, please", **{"User-Agent": agent})[1].rest()
    assert [message.name for message in Page(html).messages] == ["You", "Assistant"]


@pytest.mark.row("O-075")
def test_a_growing_page_ends_with_a_link_when_the_server_stops(ada_client, demo, monkeypatch):
    demo.fault = "stall"
    reply = ask(ada_client)
    page = follow_page(ada_client, reply)
    html = page.read_until("parts.")
    monkeypatch.setattr(lifecycle, "is_stopping", lambda: True)
    follow.close_all()
    html += page.rest()
    assert Page(html).links["Go on here"] == f"/chat/{reply.conversation_id}/"


@pytest.mark.row("O-065")
def test_a_growing_page_ends_well_when_the_conversation_is_deleted(ada_client, demo):
    demo.fault = "stall"
    reply = ask(ada_client)
    page = follow_page(ada_client, reply)
    html = page.read_until("parts.")
    ada_client.post(f"/chat/{reply.conversation_id}/delete/")
    html += page.rest()
    assert Page(html).messages[-1].state == "stopped"
    assert Page(html).messages[-1].shown == THREE


def test_a_growing_page_follows_a_reply_of_another_process(ada_client, ada):
    conversation = make_conversation(ada, "Question")
    reply = make_reply(conversation, "Some words", state="running")
    page = follow_page(ada_client, reply)
    html = page.read_until("Some words")
    Message.objects.filter(pk=reply.pk).update(content="Some words more", state="done")
    html += page.rest()
    assert Page(html).messages[-1].shown == "Some words more"


# Under gunicorn, by a client that knows nothing but forms.


@pytest.mark.row("O-071")
def test_everything_works_without_scripts(shared_server, monkeypatch):
    """Ask, see it grow, stop, try again, regenerate, go through versions, delete."""
    monkeypatch.setattr(shared_server.demo, "pace", 0.0)
    person = shared_server.person("grace")
    shared_server.demo.fault = "stall"
    try:
        growing = person.ask("First question")
        html = read_until(growing, "parts.")
        assert "</html>" not in html
        person.page = html
        stop = re.search(r'name="stop" value="(\d+)"', html)[1]
        send = re.search(r'action="(/chat/\d+/send/)"', html)[1]
        person.post(send, {"stop": stop, "message": "typed meanwhile"})
        html += read_rest(growing)
        assert Page(html).messages[-1].state == "stopped"
        assert Page(person.page).messages[-1].shown == THREE
        assert Page(person.page).typed == "typed meanwhile"
    finally:
        shared_server.demo.fault = None
    again = Page(person.page).messages[-1].buttons["Try again"]
    person.post(again)
    page = Page(person.page)
    assert page.messages[-1].state == "done"
    assert "demo model" in page.messages[-1].shown
    person.post(page.messages[-1].buttons["Previous version"])
    assert Page(person.page).messages[-1].shown == THREE
    person.post(Page(person.page).messages[-1].buttons["Next version"])
    person.post(Page(person.page).messages[-1].buttons["Regenerate"])
    assert "3 of 3" in Page(person.page).messages[-1].text
    delete = Page(person.page).buttons["Delete"]
    person.get(delete)
    assert "Delete this conversation?" in person.page
    person.post(delete)
    assert re.search(r"/chat/\?deleted=\d+$", person.url)
    assert "No conversations yet." in person.page


def test_the_growing_page_is_read_piece_by_piece(shared_server, monkeypatch):
    """gunicorn holds nothing back, and a reader that leaves does not end the reply."""
    monkeypatch.setattr(shared_server.demo, "pace", 0.005)
    person = shared_server.person("hilda")
    growing = person.ask("300 words, please")
    first = read_until(growing, "You wrote")
    assert "</html>" not in first
    growing.close()
    number = re.search(r"/chat/(\d+)/send/", first)[1]

    def state():
        sql = "SELECT state FROM chat_message WHERE conversation_id = ? AND role = 'assistant'"
        return shared_server.query(sql, number) == [("done",)]

    wait_until(state)
    assert "Part 1" in person.get(f"/chat/{number}/")


def test_drafts_and_newest(ada_client, demo):
    """A page that grows shows the composer with what was typed."""
    reply = answered(ada_client)
    press(ada_client, reply, "show", message="A draft")
    demo.fault = "stall"
    press(ada_client, reply, "again", message="A draft")
    page = follow_page(ada_client, newest(reply.conversation))
    html = page.read_until("parts.")
    page.close()
    assert "A draft</textarea>" in html
    assert say(ada_client, "x", reply.conversation).status_code == 409
