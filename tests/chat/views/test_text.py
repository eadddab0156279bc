"""Text that breaks storage or display: what comes in is what is shown, whoever wrote it."""

import pytest

from apps.chat.models import Message
from tests.chat.talk import HTMX, Stream, answered, ask, ended, page_of, say, shown
from tests.page import Page

LANGUAGES = "مرحبا بالعالم · Žluťoučký kůň · 你好，世界 · 👩‍👩‍👧‍👦 🏳️‍🌈 · e\u0301"


def question(client, text):
    """Return the row of a message as it was stored."""
    return answered(client, text).parent


@pytest.mark.parametrize(
    ("posted", "stored"),
    [
        pytest.param("a\x00b", "ab", marks=pytest.mark.row("O-041")),
        ("a\x1b[31mb\x07", "a[31mb"),
        ("a\r\nb\rc\n", "a\nb\nc\n"),
        ("\n\nfirst line is empty", "\n\nfirst line is empty"),
        ("  indented\n\tby a tab  ", "  indented\n\tby a tab  "),
        ("a\ufeffb\u2028c\u200b", "a\ufeffb\u2028c\u200b"),
        pytest.param(LANGUAGES, LANGUAGES, marks=pytest.mark.row("O-048")),
        ("<script>alert(1)</script>&amp;", "<script>alert(1)</script>&amp;"),
        ("{{ 7 }}{% now 'Y' %}<!-- cut -->", "{{ 7 }}{% now 'Y' %}<!-- cut -->"),
        ("%00 %s {0} ' \" \\ ; DROP TABLE", "%00 %s {0} ' \" \\ ; DROP TABLE"),
    ],
)
def test_a_message_is_stored_as_it_was_typed(ada_client, demo, posted, stored):
    """I1"""
    assert question(ada_client, posted).content == stored


@pytest.mark.parametrize("body", [b"message=%ED%A0%80x", b"message=%FF%FEx", b"message=%F0%9Fx"])
def test_bytes_that_are_no_text_do_no_harm(ada_client, demo, body):
    kind = "application/x-www-form-urlencoded"
    assert ada_client.post("/chat/new/", body, content_type=kind).status_code == 303
    stored = Message.objects.get(role="user").content
    assert stored.endswith("x")
    assert stored.encode()


@pytest.mark.row("O-047")
@pytest.mark.parametrize("typed", ["", " ", "   \n ", "\t\r\n", "\u00a0", "\x00"])
def test_white_space_is_no_message(ada_client, typed):
    response = say(ada_client, typed)
    assert response.status_code == 422
    assert Page(response).alerts == ["Type a message first."]
    assert not Message.objects.exists()


@pytest.mark.row("O-047")
def test_white_space_is_no_further_message_either(ada_client, demo):
    reply = answered(ada_client)
    response = say(ada_client, " \n", reply.conversation, headers=HTMX)
    assert response.status_code == 422
    assert Page(response).alerts == ["Type a message first."]
    assert Message.objects.count() == 2


def test_a_message_as_long_as_may_be_is_stored(ada_client, demo):
    demo.fault = "length"
    assert len(question(ada_client, "語" * 100_000).content) == 100_000


@pytest.mark.row("O-046")
@pytest.mark.parametrize("letter", ["x", "語", "😀"])
def test_a_message_that_is_too_long_comes_back_whole(ada_client, letter):
    response = say(ada_client, letter * 200_000)
    assert response.status_code == 422
    page = Page(response)
    assert page.typed == letter * 200_000
    assert page.alerts == ["This message is too long by 100,000 characters."]
    assert not Message.objects.exists()


@pytest.mark.row("O-046")
def test_a_further_message_that_is_too_long_comes_back_whole(ada_client, demo):
    reply = answered(ada_client)
    typed = "word\n" * 40_000
    response = say(ada_client, typed, reply.conversation)
    assert response.status_code == 422
    assert Page(response).typed == typed
    assert [message.name for message in Page(response).messages] == ["You", "Assistant"]
    assert len(demo.requests) == 1


@pytest.mark.parametrize("typed", ["\n  two spaces", "a</textarea><script>b", "&lt;b&gt; &amp;"])
def test_a_refused_message_comes_back_to_the_letter(ada_client, demo, typed):
    demo.fault = "silent"
    reply = ask(ada_client)
    assert Page(say(ada_client, typed, reply.conversation)).typed == typed


def test_markup_in_a_message_is_shown_and_does_nothing(ada_client, demo):
    typed = "<script>alert(1)</script><img src=x onerror=alert(1)> <b>bold</b> \"' &amp;"
    reply = answered(ada_client, typed)
    page = page_of(ada_client, reply)
    assert typed in page.messages[0].text
    for tag in ("script", "img", "b"):
        assert page.messages[0].element.findall(f".//{tag}") == []
    assert page.all("h1")[0].text == reply.conversation.title


@pytest.mark.row("O-048")
def test_each_message_and_title_has_a_direction_of_its_own(ada_client, demo):
    page = page_of(ada_client, answered(ada_client, LANGUAGES))
    assert [message.body.get("dir") for message in page.messages] == ["auto", "auto"]
    assert page.all("h1")[0].get("dir") == "auto"
    assert page.all("textarea")[0].get("dir") == "auto"
    assert LANGUAGES in page.messages[0].text


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        pytest.param("nul", "beforeafter end", marks=pytest.mark.row("O-040")),
        pytest.param("surrogate", "before \ufffd after", marks=pytest.mark.row("O-042")),
        pytest.param("split-emoji", "smile \U0001f600 end", marks=pytest.mark.row("O-043")),
        pytest.param("bytewise", "Žluťoučký kůň 你好 😀 مرحبا", marks=pytest.mark.row("O-044")),
        pytest.param(
            "line-ends",
            "a\nb\nc\u2028d\u2029e\u0085f\n\ndata: x\n\nevent: done\ndata: y\n\nid: 1\n\nend",
            marks=pytest.mark.row("O-045"),
        ),
    ],
)
def test_a_strange_reply_is_stored_clean_and_the_same_everywhere(ada_client, demo, fault, text):
    """I9: what the stream has sent, what the reloaded page shows, and what the row holds."""
    demo.fault = fault
    demo.pace = 0.005
    reply = ask(ada_client)
    stream = Stream(ada_client, reply).to_the_end()
    row = ended(reply)
    demo.pace = 0.0
    assert row.content == text
    assert row.state == "done"
    assert [event.name for event in stream.events].count("done") == 1
    assert stream.is_done
    assert "".join(stream.shown.split()) == "".join(text.split())
    assert "".join(shown(ada_client, row).shown.split()) == "".join(text.split())


def test_a_reply_of_control_characters_and_marks_is_shown(ada_client, demo):
    demo.fault = "control"
    row = answered(ada_client)
    assert not set(row.content) & set("\x00\x01\x07\x08\x1b")
    assert "b\ufffd" in shown(ada_client, row).shown


def test_a_reply_with_markup_holds_nothing_that_acts(ada_client, demo):
    """Neither streamed nor reloaded: no script, no picture from elsewhere, nothing for htmx."""
    demo.fault = "markup"
    reply = ask(ada_client)
    stream = Stream(ada_client, reply).to_the_end()
    row = ended(reply)
    body = shown(ada_client, row).body
    forbidden = {"script", "img", "iframe", "style", "form", "button", "object", "svg"}
    for root in (body, Page(stream.html).root):
        assert not forbidden & {element.tag for element in root.iter()}
        for element in root.iter():
            assert not [name for name in element.attrib if name.startswith(("on", "hx-", "style"))]
            assert element.get("href", "https:").startswith(("https:", "http:", "mailto:", "#"))


def test_a_reply_cannot_cut_the_page_that_grows(demo, grow):
    """The marks at which the page is cut are not to be had by typing them."""
    marks = "<!-- cut -->" * 5
    reply, growing = grow(marks)
    page = Page(growing.rest())
    assert marks in page.messages[0].text
    assert ended(reply).state == "done"
