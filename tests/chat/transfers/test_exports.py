"""Taking a conversation away as text, Markdown and JSON, and a message as its raw text."""

import json
import re
import textwrap

import pytest
from markdown_it import MarkdownIt

from apps.chat.models import Message
from tests.chat.talk import Pieces, ask, newest
from tests.factories import make_attachment, make_conversation, make_message, make_reply
from tests.page import Page

pytestmark = pytest.mark.any_database

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
        text = textwrap.dedent(export(ada_client, conversation, form))
        assert re.search(r"First question\?\n\n *\[file: tides.png\]\n", text)
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
        textwrap.indent(SAYS, "    "),
        "Second question?\n    In two lines.",
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


FORGED = "Nov. 1, 2026, 10 a.m."
IMITATIONS = {
    "a heading": f"## You\n\n*{FORGED}*\n\nForged",
    "closed": f"## You ##\n\n*{FORGED}*\n\nForged",
    "a tab": f"##\tYou\n\n*{FORGED}*\n\nForged",
    "three spaces": f"   ## You\n\n*{FORGED}*\n\nForged",
    "underlined": f"You\n---\n\n*{FORGED}*\n\nForged",
    "a title": "# Another conversation\n\n## You\n\nForged",
    "an underlined title": f"Another\n===\n\nYou\n-\n\n*{FORGED}*",
    "after code that is never closed": f"```\nx\n```\n## You\n\n*{FORGED}*",
    "in HTML": f"<h2>You</h2>\n\n<p>{FORGED}</p>",
    "in HTML, in a line": f"Well. <H2 class='x'>You</H2> {FORGED}",
    "behind HTML that hides a fence": f"<pre>\n```\n</pre>\n## You\n\n*{FORGED}*\n```",
    "behind a fold that hides a fence": f"<details>\n```\n\n## You\n\n*{FORGED}*\n```",
    "behind a comment that hides a fence": f"<!--\n~~~\n-->\n## You\n\n*{FORGED}*\n~~~",
    "in HTML, behind a backslash that is hidden itself": f"\\\\<h2>You</h2> {FORGED}",
    "in HTML, in what looks like code": f"`a\n<h2>You</h2>\n` {FORGED}",
    "in HTML, in code that ends with its paragraph": f"`a\n\nx <h2>You</h2> {FORGED}`",
    "in HTML, in code that ends with its item": f"- `\n- `\n  `<h2>You</h2> {FORGED}`",
    "in HTML, in code that ends with its cell": "| a | b |\n|-|-|\n| `a | <h2>You</h2>` |",
    "in HTML, in a fold": f"<details><h2>You</h2>`<h2>You</h2>` {FORGED}</details>",
    "in HTML, in a list in a fold": f"<details>\n- `<h2>You</h2>` {FORGED}",
    "in HTML, in what defines a link": "[x]: <h2>You</h2>",
    "after a carriage return": f"Well.\r## You\r\r*{FORGED}*\r\rForged",
    "after two kinds of line ends": f"Well.\r\nYou\r---\n\n*{FORGED}*",
    "as text": f"You · {FORGED}\n\nForged",
    "as text, after what some read as a line's end": f"Well.\u2028You · {FORGED}",
    "as text, after a form feed": f"Well.\x85You · {FORGED}\x85Forged",
}


def turns_of_text(text):
    return [line for line in text.splitlines() if line.strip() and not line.startswith(" ")][2:]


def headings(text):
    """Return the levels and texts of headings as a strict reader of HTML and Markdown sees them."""
    tokens = MarkdownIt("commonmark", {"html": True}).parse(text)
    found = [
        (int(token.tag[1]), tokens[number + 1].content)
        for number, token in enumerate(tokens)
        if token.type == "heading_open"
    ]
    html = [token.content for token in tokens if token.type == "html_block"]
    html += [
        child.content
        for token in tokens
        for child in token.children or ()
        if child.type == "html_inline"
    ]
    return found, re.findall(r"<h[1-6]", "".join(html), re.IGNORECASE)


@pytest.mark.row("O-139")
@pytest.mark.parametrize("said", IMITATIONS.values(), ids=IMITATIONS)
def test_nothing_said_can_be_taken_for_a_turn(ada_client, ada, said):
    conversation = make_conversation(ada, said, said, "The end.", title="Title")
    text = export(ada_client, conversation, "text")
    assert [turn.split(" · ")[0] for turn in turns_of_text(text)] == ["You", "Assistant", "You"]
    found, in_html = headings(export(ada_client, conversation, "markdown"))
    turns = [text for level, text in found if level < 3]
    assert turns == ["Title", "You", "Assistant", "You"]
    assert in_html == []


@pytest.mark.row("O-139")
def test_no_name_can_be_taken_for_a_turn(ada_client, ada, media):
    conversation = make_conversation(ada, "?", title=f"Title\n\n## You\n\nYou · {FORGED}")
    make_reply(conversation, "Words", model=f"m\n\n## You\n\nYou · {FORGED}")
    assert len(turns_of_text(export(ada_client, conversation, "text"))) == 2
    found, _ = headings(export(ada_client, conversation, "markdown"))
    assert len([text for level, text in found if level < 3]) == 3


@pytest.mark.parametrize(
    ("said", "exported"),
    [
        ("# A\n## B\n###### C", "### A\n#### B\n###### C"),
        ("Two\nlines\n===\nText", "### Two lines\nText"),
        ("> # Quoted\n> Text", "> ### Quoted\n> Text"),
        ("- # Listed\n- x\n  ---", "- ### Listed\n- #### x"),
        ("```sh\n# A comment\n```", "```sh\n# A comment\n```"),
        ("    # Code", "    # Code"),
        ("#hashtag and a < b, `<h2>` and <b>x</b>", "#hashtag and a < b, `<h2>` and <b>x</b>"),
        ("<div>\nText", "\\<div>\nText"),
        ("<https://a.b>, <me@a.b>, List<String>", "<https://a.b>, <me@a.b>, List\\<String>"),
        ("| `<h2>` | b |\n|-|-|", "| `<h2>` | b |\n|-|-|"),
        ("<details>\n<!--\n\nx", "<details>\n&lt;!--\n\nx\n\n</details>"),
        ("a <s>b <u>c</u>", "a <s>b <u>c</u>\n\n</s>"),
        ("a </s> <br> `<s>`", "a </s> <br> `<s>`"),
        ("a\n\n---\n\nb", "a\n\n---\n\nb"),
        ("| a |\n| - |\n| b |", "| a |\n| - |\n| b |"),
        ("- a\n- b\n\n1. c", "- a\n- b\n\n1. c"),
    ],
)
def test_headings_go_below_ours_and_all_else_stays(ada_client, ada, said, exported):
    conversation = make_conversation(ada, "?", said)
    assert f"\n\n{exported}\n" in export(ada_client, conversation, "markdown")
