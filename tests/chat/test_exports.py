"""Taking a conversation away as text, Markdown and JSON, and a message as its raw text."""

import json

import pytest

from apps.chat.models import Message
from tests.chat.talk import Pieces, ask, newest
from tests.factories import make_attachment, make_conversation, make_message, make_reply
from tests.page import Page

SAYS = "Příliš žluťoučký kůň, مرحبا بالعالم, 中文, 👩‍👩‍👧 & <b>\n\n| a |\n|-|\n| 1 |\n\n$x^2$"


def download(client, path):
    response = client.get(path)
    assert response.status_code == 200
    assert response["X-Content-Type-Options"] == "nosniff"
    return response, Pieces(response).rest()


def export(client, conversation, form):
    return download(client, f"/chat/{conversation.pk}/export/{form}/")[1]


@pytest.fixture
def conversation(ada):
    """Two questions; the first has two replies, of which the second goes on."""
    conversation = make_conversation(ada, "First question?", title="Tides: ebb & flow")
    question = newest(conversation)
    make_reply(conversation, "A reply that is not shown.", model="old-model")
    conversation.tip = question
    make_reply(conversation, SAYS, model="parlor-demo", reasoning="Hmm …", prompt_tokens=12)
    make_message(conversation, "Second question?\nIn two lines.")
    make_reply(conversation, "Only a part", state="error", error="cut")
    return conversation


def test_the_actions_of_a_conversation_have_every_form(ada_client, conversation):
    page = Page(ada_client.get(f"/chat/{conversation.pk}/"))
    for name in "Text", "Markdown", "JSON", "PDF":
        assert page.links[name] == f"/chat/{conversation.pk}/export/{name.lower()}/"


def test_files_are_named_in_every_form(ada_client, conversation, media):
    question = Message.objects.get(content="First question?")
    make_attachment(question, "tides.png")
    for form in "text", "markdown":
        assert "First question?\n\n[file: tides.png]\n" in export(ada_client, conversation, form)
    messages = json.loads(export(ada_client, conversation, "json"))["messages"]
    assert [message.get("attachments") for message in messages[:2]] == [["tides.png"], None]


@pytest.mark.row("O-105")
def test_the_text_has_the_shown_branch_in_its_words_and_order(ada_client, conversation):
    """I9"""
    response, text = download(ada_client, f"/chat/{conversation.pk}/export/text/")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="Tides_ebb_flow.txt"'
    assert text.startswith("Tides: ebb & flow\n=")
    parts = [
        "First question?",
        SAYS,
        "Second question?\nIn two lines.",
        "Only a part",
        "[The answer",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "not shown" not in text


def test_markdown_has_a_heading_for_each_message(ada_client, conversation):
    response, text = download(ada_client, f"/chat/{conversation.pk}/export/markdown/")
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    assert text.startswith("# Tides: ebb & flow\n\n## You\n")
    assert text.count("\n## You\n") == text.count("\n## Assistant\n") == 2
    assert SAYS in text
    assert "\n> The answer was cut off." in text


@pytest.mark.parametrize(
    ("said", "closed"),
    [
        ("```python\nx = 1", True),
        ("````\n```\nx", True),
        ("```\nx\n```", False),
        ("``` not ``` a fence", False),
        ("~~~\n```\nx\n~~~", False),
    ],
)
def test_code_that_was_cut_off_ends_with_its_message(ada_client, ada, said, closed):
    conversation = make_conversation(ada, "Code?", said, "And on.")
    text = export(ada_client, conversation, "markdown")
    fence = said[: len(said) - len(said.lstrip("`~"))]
    assert (f"{said}\n{fence}\n\n## You" in text) is closed
    assert "And on." in text


def test_a_name_in_any_script_is_the_name_of_the_file(ada_client, ada):
    conversation = make_conversation(ada, "?", title="潮汐 / ../../etc/passwd\r\nX-Evil: 1")
    response, _ = download(ada_client, f"/chat/{conversation.pk}/export/json/")
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E6%BD%AE%E6%B1%90_etc_passwd_X-Evil_1.json"
    )
    nameless = make_conversation(ada, "?", title="///")
    response, _ = download(ada_client, f"/chat/{nameless.pk}/export/text/")
    assert response["Content-Disposition"] == 'attachment; filename="conversation.txt"'


def test_json_has_every_version_and_all_that_is_known_of_it(ada_client, conversation):
    data = json.loads(export(ada_client, conversation, "json"))
    assert (data["format"], data["version"]) == ("parlor-conversation", 1)
    assert data["id"] == str(conversation.origin)
    messages = data["messages"]
    assert [each["parent"] for each in messages] == [None, 0, 0, 2, 3]
    assert data["tip"] == 4
    assert messages[2]["content"] == SAYS
    assert messages[2]["model"] == "parlor-demo"
    assert messages[2]["reasoning"] == "Hmm …"
    assert messages[2]["prompt_tokens"] == 12
    assert (messages[4]["state"], messages[4]["error"]) == ("error", "cut")
    assert messages[0].keys() == {"parent", "role", "content", "timestamp"}


def test_a_reply_that_is_being_written_is_exported_as_far_as_it_is(ada_client, demo):
    demo.fault = "silent"
    reply = ask(ada_client, "Hello?")
    data = json.loads(export(ada_client, reply.conversation, "json"))
    assert data["messages"][-1]["state"] == "interrupted"
    assert "Hello?" in export(ada_client, reply.conversation, "text")


def test_the_words_of_a_message_are_there_by_themselves(ada_client, conversation):
    reply = conversation.messages.get(content=SAYS)
    response = ada_client.get(f"/chat/messages/{reply.pk}/text/")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content.decode() == SAYS
    page = Page(ada_client.get(f"/chat/{conversation.pk}/"))
    links = [link.get("href") for link in page.all("a") if link.text == "Raw text"]
    assert f"/chat/messages/{reply.pk}/text/" in links


def fill(conversation, count):
    """Add messages without asking for each."""
    parent = newest(conversation).pk
    rows = [
        Message(
            pk=parent + n,
            parent_id=parent + n - 1,
            conversation=conversation,
            role="user" if n % 2 == 0 else "assistant",
            content=f"Message number {n}.",
        )
        for n in range(1, count)
    ]
    Message.objects.bulk_create(rows, batch_size=500)
    conversation.tip_id = parent + count - 1
    conversation.save(update_fields=["tip"])


def test_a_long_conversation_is_sent_in_pieces(ada_client, ada, django_assert_max_num_queries):
    conversation = make_conversation(ada, "Message number 0.")
    fill(conversation, 10_000)
    response = ada_client.get(f"/chat/{conversation.pk}/export/text/")
    pieces = Pieces(response)
    first = pieces.read()
    assert len(first) < 200_000
    text = first.decode() + pieces.rest()
    places = [text.index(f"Message number {n}.") for n in range(0, 10_000, 499)]
    assert places == sorted(places)
    assert text.count("Message number ") == 10_000
