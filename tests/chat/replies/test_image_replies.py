"""Pictures in a conversation: asked for by words, shown, stopped, tried again, taken along."""

import io
import json
import uuid
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from apps.chat.conversations import forking, sharing
from apps.chat.models import Message, UsageRecord
from apps.chat.replies import recovery
from apps.ghibli_converter import job
from apps.ghibli_converter.models import Picture
from apps.jobs.leases import lease
from tests.chat.talk import (
    HTMX,
    Pieces,
    Stream,
    answered,
    ask,
    ended,
    ended_transfer,
    newest,
    page_of,
    post,
    press,
    say,
    send,
    shown,
)
from tests.factories import make_attachment, make_conversation, make_picture, make_reply
from tests.live_server import wait_until
from tests.page import Page, links
from tests.uploads import png

pytestmark = pytest.mark.any_database

State = Message.State


@pytest.fixture(autouse=True)
def _model(settings):
    settings.IMAGE_MODEL = "parlor-demo-image"


def image_calls(demo):
    return [each for each in demo.records if each.path.startswith("/v1/images/")]


def images_in(article):
    return article.element.findall(".//img")


def running(reply):
    wait_until(lambda: Message.objects.get(pk=reply.pk).state == State.RUNNING)
    return Message.objects.select_related("picture").get(pk=reply.pk)


def test_a_picture_is_asked_for_in_the_conversation(ada_client, ada, demo, media):
    reply = answered(ada_client, "/image Two foxes\nin the snow")
    assert (reply.state, reply.error, reply.model) == (State.DONE, "", "parlor-demo-image")
    assert reply.parent.content == "/image Two foxes\nin the snow"
    assert reply.conversation.title == "Two foxes in the snow"
    picture = ada.pictures.get()
    assert reply.picture == picture
    assert (picture.state, picture.kind, picture.words) == (
        "done",
        "create",
        "Two foxes\nin the snow",
    )
    assert len(image_calls(demo)) == len(demo.records) == 1
    record = UsageRecord.objects.get()
    assert (record.purpose, record.outcome) == ("picture", "done")
    article = shown(ada_client, reply)
    (image,) = images_in(article)
    assert image.get("src") == f"/gallery/{picture.pk}/file/"
    assert image.get("alt") == "Two foxes in the snow"
    assert "[picture:" not in article.shown
    assert f"/gallery/{picture.pk}/" in links(article.element).values()
    gallery = Page(ada_client.get("/gallery/"))
    assert f"/gallery/{picture.pk}/" in [link.get("href") for link in gallery.all("a")]


def test_the_button_asks_for_a_picture_of_what_was_typed(ada_client, ada, demo, media):
    assert say(ada_client, "Two foxes", picture="1").status_code == 303
    reply = ended(Message.objects.filter(role="assistant").latest("pk"))
    assert reply.parent.content == "/image Two foxes"
    assert ada.pictures.get().words == "Two foxes"
    assert "Make a picture" in page_of(ada_client, reply).composer_buttons


@pytest.mark.parametrize("text", ["/images of what?", "Say /image foxes", "/imagefoxes"])
def test_other_words_are_a_message(ada_client, ada, demo, text):
    reply = answered(ada_client, text)
    assert reply.content
    assert reply.picture is None
    assert not ada.pictures.exists()


def test_the_model_reads_what_the_picture_was_asked_to_show(ada_client, demo, media):
    reply = answered(ada_client, "/image Two foxes")
    answered(ada_client, "How many are there?", reply.conversation)
    sent = demo.records[-1].body["messages"]
    said = [(each["role"], each["content"]) for each in sent if each["role"] != "system"]
    assert said == [
        ("user", "/image Two foxes"),
        ("assistant", "[picture: Two foxes]"),
        ("user", "How many are there?"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("/image", "Say what the picture should show."),
        ("/image " + "x" * 4_001, "These words are too long for a picture. Use fewer."),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_kept(ada_client, ada, demo, text, reason):
    response = say(ada_client, text)
    assert response.status_code == 422
    page = Page(response)
    assert reason in page.alerts[0]
    assert page.typed == text
    assert not Message.objects.exists()


def test_the_button_without_words_says_so(ada_client, demo):
    response = say(ada_client, "  ", picture="1")
    assert response.status_code == 422
    assert Page(response).alerts == ["Type a message first."]


def test_files_do_not_go_with_a_picture(ada_client, ada, demo, media):
    response = send(ada_client, ("lake.png", png()), text="/image A lake")
    assert response.status_code == 422
    page = Page(response)
    assert "made of words alone" in page.alerts[0]
    assert page.typed == "/image A lake"
    assert page.all("input[@name='attachment']")
    assert not Message.objects.exists()


def test_a_refusal_by_the_safety_system_is_said_in_plain_words(ada_client, ada, demo, media):
    demo.fault = "image-moderation"
    reply = answered(ada_client, "/image Something forbidden")
    assert (reply.state, reply.error, reply.content) == (State.ERROR, "policy", "")
    article = shown(ada_client, reply)
    assert "declined to make this picture because of its content rules" in article.note
    assert "Edit" in article.buttons
    picture = ada.pictures.get()
    assert (picture.state, picture.error, picture.words) == (
        "error",
        "policy",
        "Something forbidden",
    )
    demo.fault = None
    fields = {"message": "/image Something nice", "key": str(uuid.uuid4())}
    assert press(ada_client, reply.parent, "edit", **fields).status_code == 303
    assert ended(newest(reply.conversation)).state == State.DONE


def test_a_picture_is_followed_and_stopped(ada_client, ada, demo, media):
    demo.fault = "image-silent"
    reply = running(ask(ada_client, "/image Two foxes"))
    assert reply.picture.state == "running"
    article = shown(ada_client, reply)
    assert article.element.get("data-state") == "running"
    page = page_of(ada_client, reply)
    assert "Stop" in page.composer_buttons
    stream = Stream(ada_client, reply)
    assert press(ada_client, reply, "stop", headers=HTMX).status_code == 200
    assert stream.to_the_end().is_done
    reply = ended(reply)
    assert (reply.state, reply.content) == (State.STOPPED, "")
    assert reply.finished_at
    assert ada.pictures.get().state == "stopped"
    assert UsageRecord.objects.get().outcome == "stopped"
    assert shown(ada_client, reply).buttons.get("Try again")


def test_what_the_gallery_cancels_or_deletes_has_stopped_here_too(ada_client, ada, demo, media):
    demo.fault = "image-silent"
    for action, fields in (("{pk}/cancel/", {}), ("delete/", {"picture": "{pk}"})):
        reply = running(ask(ada_client, "/image Two foxes"))
        pk = reply.picture_id
        fields = {name: value.format(pk=pk) for name, value in fields.items()}
        assert post(ada_client, f"/gallery/{action.format(pk=pk)}", **fields).status_code == 303
        assert ended(reply).state == State.STOPPED


def test_deleting_the_conversation_stops_its_picture(ada_client, ada, demo, media):
    demo.fault = "image-silent"
    reply = running(ask(ada_client, "/image Two foxes"))
    post(ada_client, f"/chat/{reply.conversation_id}/delete/")
    assert ended(reply).state == State.STOPPED
    assert ada.pictures.get().state == "stopped"


def test_trying_again_makes_another_version_and_pays_once(ada_client, ada, demo, media):
    demo.fault = "image-silent"
    reply = running(ask(ada_client, "/image Two foxes"))
    wait_until(lambda: image_calls(demo))
    press(ada_client, reply, "stop")
    demo.clear()
    assert press(ada_client, reply, "again").status_code == 303
    second = running(newest(reply.conversation))
    wait_until(lambda: image_calls(demo))
    refused = press(ada_client, reply, "again")
    assert refused.status_code == 409
    assert len(image_calls(demo)) == 1
    assert ada.pictures.count() == 2
    press(ada_client, second, "stop")
    demo.fault = None
    press(ada_client, second, "again", other_model="parlor-demo-mini")
    third = ended(newest(reply.conversation))
    assert (third.state, third.parent, third.picture.words) == ("done", reply.parent, "Two foxes")
    article = shown(ada_client, third)
    assert "3 of 3" in article.text
    assert "With another model" not in article.text


def test_a_form_that_is_sent_twice_makes_one_picture(ada_client, ada, demo, media):
    key = str(uuid.uuid4())
    assert {say(ada_client, "/image Foxes", key=key).status_code for _ in range(2)} == {303}
    ended(Message.objects.filter(role="assistant").latest("pk"))
    assert ada.pictures.count() == 1
    assert len(image_calls(demo)) == 1


def test_what_the_gallery_tries_again_appears_in_the_conversation(ada_client, ada, demo, media):
    demo.fault = "image-moderation"
    reply = answered(ada_client, "/image Two foxes")
    demo.fault = None
    post(ada_client, f"/gallery/{reply.picture_id}/retry/", tries=1)
    wait_until(lambda: Message.objects.get(pk=reply.pk).state == State.DONE)
    article = shown(ada_client, reply)
    assert len(images_in(article)) == 1
    assert not article.note


def test_a_picture_whose_maker_is_gone_is_interrupted(ada_client, ada, demo, media):
    conversation = make_conversation(ada, "/image Two foxes")
    dead = {"state": "running", "run_id": uuid.uuid4()}
    past = timezone.now() - timedelta(minutes=1)
    picture = make_picture(ada, "Two foxes", lease_until=past, **dead)
    reply = make_reply(conversation, state="running", picture=picture, lease_until=past)
    recovery.sweep()
    reply.refresh_from_db()
    assert reply.state == State.RUNNING
    job.pictures.recover()
    reply.refresh_from_db()
    assert (reply.state, reply.error) == (State.INTERRUPTED, "restarted")
    article = shown(ada_client, reply)
    assert article.note == "The server was restarted while this picture was being made."
    assert "Try again" in article.buttons


def test_looking_at_it_is_enough_to_end_what_was_abandoned(ada_client, ada, demo, media):
    conversation = make_conversation(ada, "/image Two foxes")
    past = timezone.now() - timedelta(minutes=1)
    picture = make_picture(ada, state="running", run_id=uuid.uuid4(), lease_until=past)
    reply = make_reply(conversation, state="running", picture=picture, lease_until=lease())
    assert shown(ada_client, reply).element.get("data-state") == "interrupted"


def test_where_the_queue_is_full_it_can_be_tried_again(ada_client, ada, demo, media, new_pool):
    new_pool(threads=1, queue_limit=1)
    demo.fault = "image-silent"
    first = running(ask(ada_client, "/image One"))
    second = ask(ada_client, "/image Two")
    third = ended(ask(ada_client, "/image Three"))
    for each in first, second:
        press(ada_client, each, "stop")
    assert (third.state, third.error) == (State.ERROR, "busy")
    assert "Too many pictures are being made." in shown(ada_client, third).note


def test_limits_hold_for_pictures_in_the_chat(ada_client, ada, demo, media, settings, noon):
    settings.IMAGES_PER_DAY = 1
    reply = answered(ada_client, "/image One")
    refused = say(ada_client, "/image Two", reply.conversation)
    assert refused.status_code == 429
    page = Page(refused)
    assert "as many pictures as you may in a day" in page.alerts[0]
    assert page.typed == "/image Two"
    assert ada.pictures.count() == 1
    assert reply.conversation.messages.count() == 2
    assert press(ada_client, reply, "again").status_code == 429
    assert answered(ada_client, "A message", reply.conversation).state == State.DONE


def test_pictures_count_among_the_messages_of_a_minute(ada_client, ada, demo, media, settings):
    settings.CHAT_MESSAGES_PER_MINUTE = 1
    answered(ada_client, "/image One")
    assert say(ada_client, "/image Two").status_code == 429
    assert say(ada_client, "A message").status_code == 429
    assert ada.pictures.count() == 1


def test_the_pdf_holds_the_picture(ada_client, demo, media):
    reply = answered(ada_client, "/image Two foxes")
    response = ada_client.get(f"/chat/{reply.conversation_id}/export/pdf/")
    assert response.status_code == 200
    pages = PdfReader(BytesIO(response.content)).pages
    (image,) = [each for page in pages for each in page.images]
    assert Image.open(io.BytesIO(image.data)).size == (1024, 1024)


def test_other_exports_name_the_file_that_the_archive_holds_once(ada_client, ada, demo, media):
    reply = answered(ada_client, "/image Two foxes")
    name = f"pictures/{reply.picture_id}-picture.png"
    exports = f"/chat/{reply.conversation_id}/export"
    for form in ("text", "markdown"):
        text = Pieces(ada_client.get(f"{exports}/{form}/")).rest()
        assert f"[picture: Two foxes]\n\n[file: {name}]" in text.replace(
            "    ", ""
        )  # Text is indented.
    exported = json.loads(Pieces(ada_client.get(f"{exports}/json/")).rest())
    assert exported["messages"][1]["picture"] == name
    post(ada_client, "/chat/export/")
    transfer = ended_transfer(ada)
    file = Pieces(ada_client.get(f"/chat/transfers/{transfer.pk}/file/"))
    archive = zipfile.ZipFile(BytesIO(file.rest_of_bytes()))
    assert archive.namelist().count(name) == 1
    assert len([each for each in archive.namelist() if each.endswith(".png")]) == 1
    assert archive.read(name) == (media / str(reply.picture.result)).read_bytes()


def test_who_has_the_link_of_the_conversation_sees_its_picture(
    ada_client, ada, demo, media, client
):
    reply = answered(ada_client, "/image Two foxes")
    other = answered(ada_client, "/image Not shared")
    share = sharing.share(reply.conversation, reply)
    client.logout()
    address = f"/chat/shared/{sharing.token_of(share)}/"
    (image,) = Page(client.get(address)).all("img")
    assert image.get("src") == f"{address}pictures/{reply.pk}/"
    response = client.get(image.get("src"))
    assert response["Content-Type"] == "image/png"
    assert response.content == (media / str(reply.picture.result)).read_bytes()
    assert client.get(f"{address}pictures/{other.pk}/").status_code == 404
    assert client.get(f"{address}pictures/{reply.parent_id}/").status_code == 404
    assert client.get(f"/gallery/{reply.picture_id}/file/").status_code == 302
    sharing.revoke(share)
    assert client.get(image.get("src")).status_code == 404


def test_a_deleted_picture_leaves_its_words(ada_client, ada, demo, media):
    reply = answered(ada_client, "/image Two foxes")
    share = sharing.share(reply.conversation, reply)
    post(ada_client, "/gallery/delete/", picture=reply.picture_id)
    article = shown(ada_client, reply)
    assert not images_in(article)
    assert "[picture: Two foxes]" in article.shown
    token = sharing.token_of(share)
    assert ada_client.get(f"/chat/shared/{token}/pictures/{reply.pk}/").status_code == 404
    Picture.with_trash.all().delete()
    assert "[picture: Two foxes]" in shown(ada_client, reply).shown


def test_a_fork_has_the_picture_too(ada_client, ada, demo, media):
    reply = answered(ada_client, "/image Two foxes")
    copy = newest(forking.fork(reply))
    assert copy.picture == reply.picture
    assert len(images_in(shown(ada_client, copy))) == 1


def test_a_picture_is_never_what_a_person_said(ada):
    conversation = make_conversation(ada, "Look")
    with pytest.raises(IntegrityError), transaction.atomic():
        conversation.messages.update(picture=make_picture(ada))


def test_an_attached_picture_is_converted(ada_client, ada, demo, media):
    conversation = make_conversation(ada, "Look")
    attachment = make_attachment(conversation.messages.get(), "lake.png", png())
    article = shown(ada_client, conversation.messages.get())
    address = links(article.element)["Convert in Ghibli style"]
    page = Page(ada_client.get(address))
    assert next(image.get("alt") for image in page.all("img")) == "lake.png"
    response = post(ada_client, address, words="In the rain", key=page.key)
    picture = ada.pictures.get()
    assert response["Location"] == f"/gallery/{picture.pk}/follow/"
    wait_until(lambda: ada.pictures.get().state == "done")
    assert (picture.kind, picture.original_name) == ("convert", "lake.png")
    assert image_calls(demo)[-1].path == "/v1/images/edits"
    assert post(ada_client, address, words="In the rain", key=page.key).status_code == 303
    assert ada.pictures.count() == 1
    (media / str(attachment.file)).unlink()
    lost = post(ada_client, address, key=str(uuid.uuid4()))
    assert lost.status_code == 422
    assert "no longer there" in Page(lost).alerts[0]


def test_documents_are_not_converted(ada_client, ada, media):
    conversation = make_conversation(ada, "Look")
    document = make_attachment(conversation.messages.get(), "notes.txt", b"Notes")
    assert ada_client.get(f"/chat/attachments/{document.pk}/convert/").status_code == 404


def test_a_picture_of_the_gallery_is_talked_about(ada_client, ada, demo, media):
    picture = make_picture(ada, "Two foxes")
    page = Page(ada_client.get(f"/gallery/{picture.pk}/"))
    assert page.buttons["Talk about this picture"] == f"/chat/pictures/{picture.pk}/talk/"
    response = post(ada_client, f"/chat/pictures/{picture.pk}/talk/")
    assert response["Location"] == "/chat/new/"
    page = Page(ada_client.get("/chat/new/"))
    (waiting,) = [field.get("value") for field in page.all("input[@name='attachment']")]
    assert "Two foxes.png" in page.text
    reply = say(ada_client, "What is it?", attachment=waiting)
    assert reply.status_code == 303
    asked = ended(Message.objects.filter(role="assistant").latest("pk")).parent
    assert [file.name for file in asked.attachments.all()] == ["Two foxes.png"]
    sent = demo.records[-1].body["messages"][-1]["content"]
    assert [part["type"] for part in sent] == ["text", "image_url"]


def test_only_a_finished_picture_is_talked_about(ada_client, ada, media):
    picture = make_picture(ada, state="error")
    assert post(ada_client, f"/chat/pictures/{picture.pk}/talk/").status_code == 404


def test_no_more_pictures_wait_than_a_message_can_have(ada_client, ada, media, settings):
    settings.CHAT_ATTACHMENTS = 1
    address = f"/chat/pictures/{make_picture(ada).pk}/talk/"
    post(ada_client, address)
    post(ada_client, address)
    assert ada.attachments.count() == 1
    assert "A message can have 1 file." in Page(ada_client.get("/chat/new/")).text


def test_while_it_is_made_the_page_says_so(ada_client, demo, media):
    demo.fault = "image-silent"
    reply = running(ask(ada_client, "/image Two foxes"))
    assert "The picture is being made …" in shown(ada_client, reply).shown
    press(ada_client, reply, "stop")
