"""Who may do what: every address with an id, for its owner, for a stranger, and for nobody.

The table has to name every such address; one that is new and not in it fails the tests.
"""

import re
from contextlib import contextmanager
from itertools import product

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.cache import cache, caches
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from apps.chat.conversations import sharing
from apps.chat.models import Conversation, Message
from apps.users.models import User
from tests.chat.talk import HTMX, Pieces, newest, post, say
from tests.factories import (
    make_attachment,
    make_conversation,
    make_message,
    make_picture,
    make_reply,
    make_user,
)
from tests.page import Page

pytestmark = [pytest.mark.any_engine, pytest.mark.any_database]

# Which row the id is of, and what its owner gets for GET and for POST.
TABLE = {
    "conversation": ("conversation", 200, 405),
    "follow_conversation": ("conversation", 200, 405),
    "send_message": ("conversation", 405, 303),
    "conversation_options": ("conversation", 200, 303),
    "choose_model": ("conversation", 405, 422),
    "delete_conversation": ("conversation", 200, 303),
    "conversation_title": ("conversation", 302, 405),
    "conversation_summary": ("conversation", 200, 422),
    "summarise": ("conversation", 405, 303),
    "rebuild_summary": ("conversation", 405, 303),
    "rename_conversation": ("conversation", 200, 422),
    "tag_conversation": ("conversation", 200, 303),
    "pin_conversation": ("conversation", 405, 303),
    "unpin_conversation": ("conversation", 405, 303),
    "archive_conversation": ("conversation", 405, 303),
    "unarchive_conversation": ("conversation", 405, 303),
    "restore_conversation": ("deleted", 405, 303),
    "erase_conversation": ("deleted", 200, 303),
    "export_text": ("conversation", 200, 405),
    "export_markdown": ("conversation", 200, 405),
    "export_json": ("conversation", 200, 405),
    "export_pdf": ("conversation", 200, 303),
    "share_conversation": ("conversation", 200, 303),
    "revoke_share": ("share", 405, 303),
    "transfer": ("transfer", 200, 405),
    "transfer_file": ("transfer", 200, 405),
    "retry_transfer": ("transfer", 405, 303),
    "stop_transfer": ("transfer", 405, 303),
    "message_text": ("reply", 200, 405),
    "message": ("reply", 302, 405),
    "stream_reply": ("reply", 200, 405),
    "stop_reply": ("reply", 405, 303),
    "answer_again": ("reply", 405, 303),
    "continue_reply": ("reply", 405, 303),
    "show_version": ("reply", 405, 303),
    "edit_prompt": ("prompt", 200, 422),
    "insert_prompt": ("prompt", 405, 303),
    "delete_prompt": ("prompt", 200, 303),
    "keep_draft": ("conversation", 405, 204),
    "open_edit": ("question", 405, 303),
    "edit_message": ("question", 200, 303),
    "fork": ("reply", 405, 303),
    "attachment": ("attachment", 200, 405),
    "attachment_thumbnail": ("attachment", 200, 405),
    "attachment_text": ("document", 200, 405),
    "remove_attachment": ("waiting", 405, 303),
    "convert_attachment": ("attachment", 200, 422),
    "talk_about_picture": ("picture", 405, 303),
    "picture": ("picture", 200, 405),
    "follow_picture": ("picture", 302, 405),
    "picture_progress": ("picture", 302, 405),
    "picture_card": ("picture", 302, 405),
    "picture_file": ("picture", 200, 405),
    "picture_original": ("picture", 200, 405),
    "picture_thumbnail": ("picture", 200, 405),
    "cancel_picture": ("picture", 405, 303),
    "retry_picture": ("picture", 405, 303),
    "again_picture": ("picture", 200, 422),
    "use_picture": ("picture", 200, 422),
    "describe_picture": ("picture", 405, 303),
    "favourite_picture": ("picture", 405, 303),
    "unfavourite_picture": ("picture", 405, 303),
    "share_picture": ("picture", 405, 303),
    "unshare_picture": ("picture", 405, 303),
}
STREAMS = {"chat/messages/<int:pk>/stream/"}  # They are looked at in test_stream.py.
# What stands in these addresses is a secret; what it leads to is for whoever has it.
SECRETS = {"account_confirm_email", "account_reset_password_from_key", "shared_conversation"}
SECRETS |= {
    "shared_picture",
    "shared_picture_file",
    "shared_message_picture",
    "shared_reply_picture",
}
# See tests/users/test_announcements.py, tests/ghibli_converter/test_gallery.py.
EVERYBODYS = {"dismiss_announcement", "style_example"}
NOBODYS_ID = 987_654_321
EXTRA = {
    "is_staff": "1",
    "is_superuser": "1",
    "is_active": "0",
    "role": "system",
    "state": "running",
    "content": "Not mine",
    "error": "cut",
    "tokens": "0",
    "completion_tokens": "0",
    "pk": "1",
    "id": "1",
    "title": "Not a title",
    "run_id": "00000000-0000-0000-0000-000000000000",
}
ITS_OWN = {("rename_conversation", "title")}


def patterns(resolver=None, prefix=""):
    """Yield the name and the route of every address, those of the admin aside."""
    for each in (resolver or get_resolver()).url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield each.name, route
        elif each.namespace != "admin":
            yield from patterns(each, route)


def takes_an_id(route):
    return "<" in route


@pytest.fixture
def ada(db):
    """A person whose rows no thread has to see, for no reply is written here."""
    return make_user("ada")


@pytest.fixture
def rows(ada, tmp_path, settings):
    """One row of each kind, by the words of the table."""
    settings.MEDIA_ROOT = tmp_path
    conversation = make_conversation(ada, "Ada's question", title="Ada's title")
    reply = make_reply(conversation, "The answer to Ada")
    question = conversation.messages.first()
    prompt = ada.prompts.create(name="Ada's prompt", text="Speak like a pirate.")
    deleted = make_conversation(ada, title="Ada's mistake", deleted_at=timezone.now())
    share = sharing.share(conversation, reply)
    file = ContentFile(b"Ada's export", "ada.zip")
    transfer = ada.transfers.create(
        kind="account", state="done", file=file, name="ada.zip", finished_at=timezone.now()
    )
    return {
        "conversation": conversation,
        "question": question,
        "reply": reply,
        "prompt": prompt,
        "deleted": deleted,
        "share": share,
        "transfer": transfer,
        "attachment": make_attachment(reply.parent, "Ada's picture.png"),
        "document": make_attachment(reply.parent, "Ada's notes.txt", b"Ada's words"),
        "waiting": make_attachment(conversation, "Ada's next.txt", b"Ada's next words"),
        "picture": make_picture(ada, "Ada's lake"),
    }


@pytest.fixture
def no_answers(demo):
    demo.fault = "silent"


def address(name, rows, pk=None):
    return reverse(name, args=[pk or rows[TABLE[name][0]].pk])


def everything(*but):
    """Return all rows of all tables."""
    models = [model for model in apps.get_models() if model not in but]
    return {model: list(model._base_manager.order_by("pk").values()) for model in models}


def without_tokens(response):
    """Return a page without what differs from request to request."""
    html = response.content.decode()
    return re.sub(r'(nonce|name="csrfmiddlewaretoken" value|content)="[^"]*"', "", html)


METHODS = ("get", "post")
# A stream lets go of the connection, and with it of what is not committed: it has its own tests.
PAGES = [name for name in TABLE if name != "stream_reply"]


@pytest.fixture
def attempt(subtests):
    """Return a context for one case, which is named when it fails; what it does is undone."""

    @contextmanager
    def attempt(*about):
        with subtests.test(" ".join(map(str, about))), transaction.atomic():
            yield
            transaction.set_rollback(True)
        cache.clear()
        caches["local"].clear()

    return attempt


def request(client, method, path, **headers):
    if method == "get":
        return client.get(path, headers=headers)
    return post(client, path, headers=headers, message="Hello")


def is_allowed(name, method):
    return TABLE[name][1 if method == "get" else 2] != 405


@pytest.mark.row("O-107")
def test_every_address_with_an_id_is_in_the_table():
    assert {name for name, route in patterns() if takes_an_id(route)} - SECRETS - EVERYBODYS == set(
        TABLE
    )


def test_the_owner_may(ada_client, rows, no_answers, attempt):
    for name, method in product(PAGES, METHODS):
        with attempt(name, method):
            response = request(ada_client, method, address(name, rows))
            assert response.status_code == TABLE[name][1 if method == "get" else 2]


@pytest.mark.row("O-107")
def test_a_stranger_may_not(bob_client, rows, attempt):
    """The answer is the one for an id that nobody has."""
    before = everything(Session)
    for name in TABLE:
        with attempt(name):
            for method, headers in product(METHODS, ({}, HTMX)):
                response = request(bob_client, method, address(name, rows), **headers)
                nobodys = request(bob_client, method, address(name, rows, NOBODYS_ID), **headers)
                assert response.status_code == (404 if is_allowed(name, method) else 405)
                assert "Ada" not in without_tokens(response)  # A token may spell it.
                assert without_tokens(response) == without_tokens(nobodys)
            assert everything(Session) == before


@pytest.mark.row("O-107")
def test_a_stranger_cannot_tell_by_the_time_that_there_is_something(bob_client, rows, attempt):
    """The database is asked the same for it as for an id that nobody has."""
    for name, method in product(TABLE, METHODS):
        with attempt(name, method):
            asked = []
            for pk in None, NOBODYS_ID:
                bob_client.get("/nowhere/")  # What is remembered from page to page, some seconds.
                with CaptureQueriesContext(connection) as queries:
                    request(bob_client, method, address(name, rows, pk))
                sql = [re.sub(r"\d+", "n", query["sql"]) for query in queries]
                asked.append([each for each in sql if "SAVEPOINT" not in each])
            assert asked[0] == asked[1]


@pytest.mark.row("O-108")
def test_nobody_is_sent_to_the_login(rows, attempt):
    before = everything(Session)
    for name in TABLE:
        with attempt(name):
            for method in METHODS:
                path = address(name, rows)
                response = request(Client(), method, path)
                if not is_allowed(name, method):
                    assert response.status_code == 405
                elif name == "stream_reply":
                    assert response.status_code == 401
                elif method == "get":
                    assert response["Location"] == f"/users/login/?next={path}"
                else:  # To its page: see tests/core/test_form_recovery.py.
                    assert response["Location"].startswith("/users/login/?next=/")
            assert everything(Session) == before


@pytest.mark.row("O-108")
def test_an_open_page_is_told_that_nobody_is_logged_in(rows, attempt):
    """What is typed in it must not be swept away: a form is led through the log-in."""
    before = everything(Session)
    for name in PAGES:
        with attempt(name):
            for method in METHODS:
                response = request(Client(), method, address(name, rows), **HTMX)
                check_that_nobody_is_told(response, name, method)
            assert everything(Session) == before


def check_that_nobody_is_told(response, name, method):
    if not is_allowed(name, method):
        assert response.status_code == 405
        return
    assert response.status_code == 401
    if "HX-Redirect" in response:  # A form, which waits behind the log-in.
        assert method == "post"
        assert response["HX-Redirect"].startswith("/users/login/?next=/")
    else:
        assert Page(response).all("section[@class='error-page']")
        assert "Log in" in Page(response).links


def test_the_owner_may_read_the_stream(ada_client, rows):
    stream = address("stream_reply", rows)
    assert request(ada_client, "post", stream).status_code == 405
    assert "event: done" in Pieces(request(ada_client, "get", stream)).rest()


@pytest.mark.row("O-108")
def test_a_stream_ends_where_nobody_is_logged_in(client, rows):
    response = request(client, "get", address("stream_reply", rows), **HTMX)
    assert Pieces(response).rest() == "event: done\ndata:\n\n"
    assert request(client, "post", address("stream_reply", rows), **HTMX).status_code == 405


def test_an_id_that_nobody_has_is_not_found(ada_client, rows, attempt):
    for name, pk in product(TABLE, [0, NOBODYS_ID, 2**63, 10**30, int("9" * 200)]):
        with attempt(name, pk):
            path = address(name, rows, 1).replace("/1/", f"/{pk}/")
            assert request(ada_client, "get", path).status_code in (404, 405)
            assert request(ada_client, "post", path).status_code in (404, 405)


def filled(route):
    route = re.sub(r"<(int:)?(\w+_)?pk>", "1", route)
    route = re.sub(r"<[^>]*>", "x", re.sub(r"\(\?P<\w+>[^)]*\)", "x", route))
    return "/" + route.replace("^", "").replace("$", "")


def test_a_post_without_its_token_is_refused(ada, rows, attempt):
    """And the page that says so is ours, so that htmx can show it as an alert."""
    clients = [Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)]
    clients[0].force_login(ada)
    before = everything(Session)
    for route in sorted({route for _, route in patterns()}):
        with attempt(route):
            for each in clients:
                response = each.post(filled(route), {"message": "Hello"})
                assert response.status_code == 403
                assert Page(response).all("section[@class='error-page']")
            assert everything(Session) == before


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(ada_client, rows, method, attempt):
    """GET and HEAD on every address: no row is made, changed or deleted."""
    before = everything(Session)
    for route in sorted({route for _, route in patterns()} - STREAMS):
        with attempt(route):
            ids = {1, *(row.pk for row in rows.values())} if "<int:pk>" in route else {1}
            for path in {filled(route).replace("1", str(pk)) for pk in ids}:
                assert getattr(ada_client, method)(path).status_code < 500
            assert everything(Session) == before


@pytest.mark.row("O-110")
def test_what_else_is_in_a_form_is_ignored(ada_client, ada, bob, rows, no_answers, attempt):
    theirs = make_conversation(bob, "Bob's question", "Bob's answer")
    extra = {**EXTRA, "user": bob.pk, "conversation": theirs.pk, "parent": newest(theirs).pk}
    people = list(User.objects.order_by("pk").values())
    for name in TABLE:
        with attempt(name):
            fields = {key: extra[key] for key in extra if (name, key) not in ITS_OWN}
            post(ada_client, address(name, rows), message="Hello", **fields)
            assert list(User.objects.order_by("pk").values()) == people
            assert theirs.messages.count() == 2
            assert not Conversation.objects.filter(title="Not a title").exists()
            assert not Message.objects.filter(content="Not mine").exists()
            for message in Message.objects.exclude(conversation=theirs):
                assert message.conversation.user == ada
                assert message.role in ("user", "assistant")
                assert message.role == "assistant" or message.state == "done"


@pytest.mark.row("O-109")
def test_a_message_cannot_be_put_elsewhere(ada, ada_client, bob, bob_client, rows, demo):
    """Neither into the conversation of another person nor below a message of theirs."""
    own = make_conversation(bob)
    theirs = everything(Session)[Message]
    extra = {"conversation": rows["conversation"].pk, "parent": rows["reply"].pk, "tip": 1}
    say(bob_client, "Mine", own, **extra)
    reply = newest(own)
    assert [message.conversation for message in (reply, reply.parent)] == [own, own]
    assert reply.parent.parent is None
    assert [row for row in everything()[Message] if row["conversation_id"] != own.pk] == theirs


@pytest.mark.row("O-110")
def test_a_new_conversation_belongs_to_who_made_it(ada_client, ada, bob, demo):
    say(ada_client, "Hello", user=bob.pk, user_id=bob.pk, title="Not a title")
    conversation = Conversation.objects.get()
    assert (conversation.user, conversation.title) == (ada, "Hello")


def test_the_list_has_only_ones_own(bob_client, rows):
    page = Page(bob_client.get("/chat/"))
    assert "Ada's title" not in page.text


def test_only_staff_sees_the_admin(ada_client, rows):
    for path in "", "chat/message/", f"chat/message/{rows['reply'].pk}/change/":
        assert ada_client.get(f"/admin/{path}").status_code == 302


def test_names_of_others_are_no_secret_to_be_guessed(ada_client, bob, rows):
    """A message can be sent to one's own conversations only, whoever asks."""
    theirs = make_conversation(bob, "Question")
    make_message(theirs, "Answer", role="assistant")
    assert say(ada_client, "Hello", theirs).status_code == 404
    assert theirs.messages.count() == 2
    assert make_user("carla").conversations.count() == 0
