"""Pictures and sources that come with a reply: kept, shown, taken along, and deleted with it."""

import base64
import json
import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfReader

from apps.chat.conversations import forking, sharing, trash
from apps.chat.models import Conversation, Message
from scripts.demo_openai.faults.service_replies.chunks import PICTURE
from tests.chat.talk import (
    Pieces,
    Stream,
    answered,
    ask,
    ended,
    ended_transfer,
    newest,
    press,
    settled,
    shown,
)
from tests.factories import make_attachment
from tests.live_server import wait_until
from tests.page import Page
from tests.uploads import picture, png, saved
from tests.upstream import DONE, STOP, Upstream, delta, hang, head, part, reply

pytestmark = pytest.mark.any_database

SVG = "data:image/svg+xml;base64,PHN2Zy8+"


def address(data, kind="png"):
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def image(url, **more):
    return delta(content="", images=[{"type": "image_url", "image_url": {"url": url}, **more}])


@pytest.fixture(autouse=True)
def _media(media):
    """Let each test have files of its own."""


@pytest.fixture
def say_in_reply(settings, ada_client):
    """Return what has a model answer with these events, and gives the ended reply."""

    def answer(*events, text="Hello", conversation=None):
        with Upstream([head(), *events, STOP, DONE]) as upstream:
            settings.OPENAI_BASE_URL = upstream.url
            return answered(ada_client, text, conversation)

    return answer


def images_in(article):
    return [(each.get("src"), each.get("alt")) for each in article.element.findall(".//img")]


def stored(media):
    return [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.row("O-135")
def test_a_picture_beside_the_text_stands_in_the_reply(ada_client, ada, say_in_reply):
    row = say_in_reply(part("Here you are:"), image(address(png((60, 40))), alt_text="A lake"))
    assert (row.state, row.content) == ("done", "Here you are:\n\n[picture: A lake]")
    (file,) = row.files
    assert (file.user, file.conversation, file.name) == (ada, row.conversation, "A lake.png")
    article = shown(ada_client, row)
    assert images_in(article) == [(f"/chat/attachments/{file.pk}/", "A lake")]
    assert article.shown == "Here you are:"
    response = ada_client.get(file.get_absolute_url())
    assert Image.open(BytesIO(b"".join(response))).size == (60, 40)


def test_text_after_a_picture_is_a_paragraph_of_its_own(say_in_reply):
    row = say_in_reply(image(PICTURE), part("That "), part("was it."))
    assert row.content == "[picture]\n\nThat was it."


@pytest.mark.row("O-135")
def test_the_model_reads_words_in_place_of_a_picture(ada_client, say_in_reply, settings):
    row = say_in_reply(part(f"Look: ![chart]({PICTURE})"))
    with Upstream(reply("Well.")) as upstream:
        settings.OPENAI_BASE_URL = upstream.url
        answered(ada_client, "And now?", row.conversation)
    sent = [json.loads(request.body)["messages"] for request in upstream.requests if request.body]
    assert [each["content"] for each in sent[0] if each["role"] != "system"] == [
        "Hello",
        "Look: [picture: chart]",
        "And now?",
    ]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
def test_every_raster_format_is_kept(say_in_reply, kind):
    data = saved(picture((60, 40)), kind)
    row = say_in_reply(part(f"![chart]({address(data, kind.lower())})"))
    assert row.content == "[picture: chart]"
    assert [(file.width, file.height) for file in row.files] == [(60, 40)]


@pytest.mark.parametrize(
    ("text", "content", "count"),
    [
        (f"| a |\n|---|\n| ![c]({PICTURE}) |", "| a |\n|---|\n| [picture: c] |", 1),
        (f"- ![c]({PICTURE})\n- b", "- [picture: c]\n- b", 1),
        (f"[![c]({PICTURE})](https://e.org/)", "[[picture: c]](https://e.org/)", 1),
        (f"![a]({PICTURE}) ![a]({PICTURE})", "[picture: a] [picture: a]", 2),
        (f"![a | *b*]({PICTURE})", "[picture: a b]", 1),
        (f"![c]({SVG})", "[picture: c (not kept: an SVG drawing cannot be shown)]", 0),
        (
            "![c](data:image/png;base64,QUFBQUFB)",
            "[picture: c (not kept: it is damaged, or of a kind that cannot be shown)]",
            0,
        ),
        (f"![c]({PICTURE}", "[picture: c (not kept: its end is missing)]", 0),
    ],
)
def test_a_picture_in_the_text_is_shown_in_its_place(
    ada_client, say_in_reply, text, content, count
):
    row = say_in_reply(*(part(text[at:][:50]) for at in range(0, len(text), 50)))
    assert (row.state, row.content) == ("done", content)
    assert len(images_in(shown(ada_client, row))) == count
    assert len(row.files) == min(count, 1)  # The same bytes are stored once.


def test_the_same_picture_under_two_names_is_stored_once(ada_client, say_in_reply, media):
    row = say_in_reply(part(f"![a]({PICTURE}) ![b]({PICTURE})"), image(PICTURE))
    assert row.content == "[picture: a] [picture: b]\n\n[picture]"
    names = [alt for _, alt in images_in(shown(ada_client, row))]
    assert names == ["a", "b", "Picture"]
    assert len(stored(media)) == 2  # The picture and its small copy.


def test_what_is_said_of_pictures_in_code_stays_words(ada_client, say_in_reply):
    row = say_in_reply(part(f"![c]({PICTURE})\n\n`[picture: c]`"))
    (_,) = images_in(shown(ada_client, row))
    assert shown(ada_client, row).shown == "[picture: c]"


def test_a_picture_that_the_text_no_longer_names_is_shown_below_it(ada_client, say_in_reply):
    row = say_in_reply(part(f"![c]({PICTURE})"))
    Message.objects.filter(pk=row.pk).update(content="Well.")
    ((source, alt),) = images_in(shown(ada_client, row))
    assert (source, alt) == (f"/chat/attachments/{row.files[0].pk}/thumbnail/", "c.png")


def test_too_many_pictures_and_full_storage_are_said(say_in_reply, settings):
    row = say_in_reply(*(image(address(png((9, n)))) for n in range(1, 23)))
    assert len(row.files) == 20
    assert row.content.count("there are too many in this reply") == 2
    settings.STORAGE_PER_PERSON = 1
    row = say_in_reply(part(f"![c]({PICTURE})"))
    assert row.content == "[picture: c (not kept: there is no room for more files)]"
    assert row.files == []


@pytest.mark.row("O-135")
def test_a_stopped_reply_keeps_its_pictures(ada_client, settings):
    script = [head(), part("Look: "), image(PICTURE), part("more"), hang]
    with Upstream(script) as upstream:
        settings.OPENAI_BASE_URL = upstream.url
        row = ask(ada_client)
        wait_until(lambda: row.attachments.exists())
        assert press(ada_client, row, "stop").status_code in (200, 204, 303)
        row = ended(row)
    assert row.state == "stopped"
    assert row.content.startswith("Look: \n\n[picture]")
    assert len(row.files) == 1


def test_pages_never_get_the_letters(ada_client, settings):
    letters = address(png((60, 40)))
    pieces = [part(letters[at:][:20]) for at in range(0, len(letters), 20)]
    with Upstream([head(), part("![c]("), *pieces, part(") and"), STOP, DONE]) as upstream:
        settings.OPENAI_BASE_URL = upstream.url
        row = ask(ada_client)
        stream = Stream(ada_client, row).to_the_end()
        row = ended(row)
    assert stream.is_done
    assert "base64" not in stream.html
    assert stream.shown in "[picture: c] and"  # It may have ended before it was followed.
    assert row.content == "[picture: c] and"


def test_going_on_keeps_what_came_before(ada_client, say_in_reply, settings):
    row = say_in_reply(part(f"![c]({PICTURE})"), source("https://a.example/"))
    Message.objects.filter(pk=row.pk).update(state="error", error="cut")
    with Upstream(reply(" goes on.")) as upstream:
        settings.OPENAI_BASE_URL = upstream.url
        press(ada_client, row, "continue")
        going_on = ended(newest(row.conversation))
    assert going_on.content == "[picture: c] goes on."
    assert [file.file for file in going_on.files] == [file.file for file in row.files]
    assert going_on.sources == row.sources


def test_a_fork_has_the_pictures_and_they_go_with_the_last(say_in_reply, media):
    row = say_in_reply(part(f"![c]({PICTURE})"), source("https://a.example/"))
    copy = forking.fork(row)
    assert copy.tip.sources == row.sources
    assert len(copy.tip.files) == 1
    for conversation in (row.conversation, copy):
        assert len(stored(media)) == 2  # The picture and its small copy.
        trash.empty(conversation.user, Conversation.objects.filter(pk=conversation.pk))
        settled()
    wait_until(lambda: not stored(media))


def source(url, title=""):
    citation = {"url": url, "title": title}
    return delta(annotations=[{"type": "url_citation", "url_citation": citation}])


@pytest.mark.row("O-136")
def test_sources_are_links_below_the_reply(ada_client, say_in_reply):
    row = say_in_reply(
        part("So it is."),
        source("https://a.example/x", "On *this*"),
        source("https://b.example/"),
        source("https://a.example/x", "Again"),
        source("javascript:alert(1)", "Bad"),
        source("ftp://c.example/", "Bad"),
    )
    assert row.sources == [
        {"url": "https://a.example/x", "title": "On *this*"},
        {"url": "https://b.example/"},
    ]
    article = shown(ada_client, row)
    items = [
        (link.text, link.get("href"), link.get("rel"))
        for link in article.element.findall(".//ol[@class='sources__list']/li/a")
    ]
    rel = "nofollow noopener noreferrer"
    assert items == [
        ("On *this*", "https://a.example/x", rel),
        ("b.example", "https://b.example/", rel),
    ]
    links = "1. [On \\*this\\*](<https://a.example/x>)\n2. [b.example](<https://b.example/>)"
    assert links in export(ada_client, row, "markdown")
    text = export(ada_client, row, "text")
    assert "1. On *this*: https://a.example/x\n" in text.replace("    ", "")


def test_a_reply_keeps_fifty_sources_at_most(ada_client, say_in_reply):
    row = say_in_reply(part("So."), *(source(f"https://a.example/{n}") for n in range(60)))
    assert len(row.sources) == 50
    summary = shown(ada_client, row).element.find(".//details[@class='sources__more']/summary")
    assert summary.text == "50 sources"


def export(client, row, form):
    return Pieces(client.get(f"/chat/{row.conversation_id}/export/{form}/")).rest()


@pytest.mark.row("O-135", "O-136")
def test_exports_say_the_picture_and_json_comes_back(ada_client, bob_client, bob, say_in_reply):
    row = say_in_reply(part(f"Look: ![c]({PICTURE})"), source("https://a.example/", "A"))
    for form in ("markdown", "text"):
        assert "Look: [picture: c]" in export(ada_client, row, form)
    first = json.loads(export(ada_client, row, "json"))
    assert first["messages"][1]["attachments"] == ["c.png"]
    assert first["messages"][1]["sources"] == [{"url": "https://a.example/", "title": "A"}]
    imported = import_file(bob_client, bob, json.dumps(first).encode())
    again = json.loads(export(bob_client, newest(imported), "json"))
    del first["messages"][1]["attachments"]  # One file of JSON holds no others.
    assert again["messages"] == first["messages"]


def import_file(client, user, content):
    client.post("/chat/import/", {"file": SimpleUploadedFile("export.json", content)})
    assert ended_transfer(user).state == "done"
    return user.conversations.get()


@pytest.mark.row("O-135")
def test_an_archive_of_the_account_brings_the_picture_back(
    ada_client, ada, bob_client, bob, say_in_reply
):
    say_in_reply(part(f"Look: ![c]({PICTURE})"))
    ada_client.post("/chat/export/")
    transfer = ended_transfer(ada)
    archive = Pieces(ada_client.get(f"/chat/transfers/{transfer.pk}/file/")).rest_of_bytes()
    names = zipfile.ZipFile(BytesIO(archive)).namelist()
    assert len([name for name in names if name.endswith("-c.png")]) == 1
    row = newest(import_file(bob_client, bob, archive))
    assert (row.content, [file.name for file in row.files]) == ("Look: [picture: c]", ["c.png"])
    assert len(images_in(shown(bob_client, row))) == 1


def test_the_letters_in_an_imported_reply_become_a_picture(bob_client, bob):
    said = {"uuid": "1", "sender": "assistant", "text": f"Look: ![c]({PICTURE})!"}
    chat = {"uuid": "2", "name": "A", "chat_messages": [said]}
    row = newest(import_file(bob_client, bob, json.dumps([chat]).encode()))
    assert row.content == "Look: [picture: c]!"
    assert len(images_in(shown(bob_client, row))) == 1


def test_the_pdf_holds_the_picture_and_the_sources(ada_client, say_in_reply):
    row = say_in_reply(part(f"![c]({address(png((60, 40)))})"), source("https://a.example/", "A"))
    response = ada_client.get(f"/chat/{row.conversation_id}/export/pdf/")
    assert response.status_code == 200
    pages = PdfReader(BytesIO(response.content)).pages
    assert len([each for page in pages for each in page.images]) == 1
    assert "a.example" in "".join(page.extract_text() for page in pages)


def test_who_has_the_link_sees_the_pictures_of_replies_alone(ada_client, ada, say_in_reply, client):
    row = say_in_reply(part(f"![c]({PICTURE})"), source("https://a.example/", "A"))
    asked = make_attachment(row.parent)
    other = say_in_reply(part(f"![c]({PICTURE})"))
    share = sharing.share(row.conversation, row)
    client.logout()
    token = f"/chat/shared/{sharing.token_of(share)}/"
    page = Page(client.get(token))
    (image,) = page.all("img")
    assert image.get("src") == f"{token}messages/{row.pk}/pictures/{row.files[0].pk}/"
    assert client.get(image.get("src"))["Content-Type"].startswith("image/")
    assert "https://a.example/" in [link.get("href") for link in page.all("a")]
    for message, file in ((row.parent, asked), (other, other.files[0]), (row, other.files[0])):
        url = f"{token}messages/{message.pk}/pictures/{file.pk}/"
        assert client.get(url).status_code == 404
    sharing.revoke(share)
    assert client.get(image.get("src")).status_code == 404


def test_a_stranger_gets_no_picture_of_a_reply(bob_client, say_in_reply):
    row = say_in_reply(part(f"![c]({PICTURE})"))
    assert bob_client.get(row.files[0].get_absolute_url()).status_code == 404
