"""What is deleted can come back for a while, and is then gone with everything."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.chat.conversations import trash
from apps.chat.models import Conversation, Message, Tag
from apps.core.files import deletion
from apps.jobs import scheduler
from apps.users.models import User
from tests.chat.talk import HTMX, ask, ended, post, say
from tests.factories import PASSWORD, make_conversation
from tests.live_server import wait_until
from tests.page import Page


@pytest.fixture
def deleted(ada_client, ada):
    """A conversation that was deleted a moment ago."""
    conversation = make_conversation(ada, "Question", "Answer", title="Precious")
    ada_client.post(f"/chat/{conversation.pk}/delete/")
    return conversation


def of(days):
    return timezone.now() - timedelta(days=days)


def titles(page):
    return [title for title in ("Precious", "Another") if title in page.text]


def test_the_page_after_a_deletion_offers_to_restore(ada_client, ada):
    conversation = make_conversation(ada, "Question", "Answer", title="Precious")
    response = ada_client.post(f"/chat/{conversation.pk}/delete/")
    assert response.status_code == 303
    page = Page(ada_client.get(response["Location"]))
    assert "“Precious” is in the trash." in page.text
    form = next(form for form in page.all("form") if form.get("action").endswith("/restore/"))
    response = ada_client.post(form.get("action"))
    assert response["Location"] == f"/chat/{conversation.pk}/"
    assert [message.text[-8:] for message in Page(ada_client.get(response["Location"])).messages]
    assert conversation.messages.count() == 2
    assert "Precious" in Page(ada_client.get("/chat/")).text
    assert "is in the trash" not in Page(ada_client.get(f"/chat/?deleted={conversation.pk}")).text


def test_only_ones_own_deletion_is_offered(bob_client, deleted):
    page = Page(bob_client.get(f"/chat/?deleted={deleted.pk}"))
    assert "Precious" not in page.text
    assert "Restore" not in page.buttons


def test_what_is_in_the_trash_is_nowhere_else(ada_client, deleted):
    """Each address that takes the id of a conversation or of a message, and the lists."""
    answer = deleted.messages.latest("pk")
    elsewhere = {"restore_conversation", "erase_conversation"}
    from tests.chat.views.test_access import TABLE

    for name, (kind, _get, _post) in TABLE.items():
        if name in elsewhere:
            continue
        path = reverse(name, args=[answer.pk if kind == "reply" else deleted.pk])
        for headers in ({}, HTMX):
            assert ada_client.get(path, headers=headers).status_code in (404, 405), name
            response = post(ada_client, path, headers=headers, message="Hello", title="New")
            assert response.status_code in (404, 405), name
    for path in ("/chat/", "/chat/archive/", "/chat/new/", "/chat/search/?q=precious"):
        assert "Precious" not in Page(ada_client.get(path)).text


def test_what_is_not_in_the_trash_cannot_be_deleted_for_good(ada_client, ada):
    conversation = make_conversation(ada)
    for name in ("restore", "erase"):
        assert ada_client.post(f"/chat/{conversation.pk}/{name}/").status_code == 404
    assert Conversation.objects.exists()


def test_the_trash_lists_what_can_be_restored(ada_client, ada, bob, deleted, settings):
    make_conversation(bob, title="Another", deleted_at=of(days=1))
    make_conversation(ada, title="Too late", deleted_at=of(days=settings.TRASH_DAYS + 1))
    page = Page(ada_client.get("/chat/trash/"))
    assert titles(page) == ["Precious"]
    assert "Too late" not in page.text
    assert "restored for 30 days" in page.text
    assert {"Restore", "Delete for good", "Empty the trash"} <= page.buttons.keys()


def test_an_archived_conversation_comes_back_into_the_archive(ada_client, ada):
    conversation = make_conversation(ada, is_archived=True, title="Precious")
    ada_client.post(f"/chat/{conversation.pk}/delete/")
    ada_client.post(f"/chat/{conversation.pk}/restore/")
    assert "Precious" in Page(ada_client.get("/chat/archive/")).text


def test_one_can_be_deleted_for_good(ada_client, ada, deleted):
    other = make_conversation(ada, "Another question", title="Another", deleted_at=of(days=1))
    page = Page(ada_client.get(f"/chat/{deleted.pk}/erase/"))
    assert "cannot be restored" in page.text
    assert page.links["Keep it"] == "/chat/trash/"
    response = ada_client.post(f"/chat/{deleted.pk}/erase/")
    assert titles(Page(ada_client.get(response["Location"]))) == ["Another"]
    assert ada_client.post(f"/chat/{deleted.pk}/restore/").status_code == 404
    wait_until(lambda: list(Conversation.with_trash.all()) == [other])
    assert Message.objects.count() == 1


def test_emptying_the_trash_asks_and_empties_only_ones_own(ada_client, ada, bob, deleted):
    make_conversation(ada, deleted_at=of(days=2))
    live = make_conversation(ada, "Live")
    theirs = make_conversation(bob, "Theirs", deleted_at=of(days=2))
    page = Page(ada_client.get("/chat/trash/empty/"))
    assert "2 conversations are deleted for good." in page.text
    assert Conversation.with_trash.count() == 4
    response = ada_client.post("/chat/trash/empty/")
    assert "The trash is empty." in Page(ada_client.get(response["Location"])).text
    wait_until(lambda: set(Conversation.with_trash.all()) == {live, theirs})
    assert Message.objects.count() == 2


def test_the_command_removes_what_is_due(ada, settings):
    settings.TRASH_DAYS = 7
    make_conversation(ada, "Question", "Answer", deleted_at=of(days=8))
    fresh = make_conversation(ada, "Question", deleted_at=of(days=6))
    live = make_conversation(ada, "Question")
    call_command("empty_trash", verbosity=0)
    assert set(Conversation.with_trash.all()) == {fresh, live}
    assert Message.objects.count() == 2


def test_what_is_restored_in_the_last_moment_stays(ada, settings, monkeypatch):
    make_conversation(ada, "Question", deleted_at=of(days=settings.TRASH_DAYS + 1))
    remove = deletion.delete_with_files

    def restore_first(rows):
        Conversation.with_trash.update(deleted_at=None)
        remove(rows)

    monkeypatch.setattr(deletion, "delete_with_files", restore_first)
    trash.remove_due()
    assert Conversation.objects.count() == 1


def test_a_server_removes_what_is_due(ada, demo, settings):
    make_conversation(ada, "Question", deleted_at=of(days=settings.TRASH_DAYS + 1))
    assert trash.remove_due in scheduler.default.tasks()
    trash.remove_due()
    assert not Conversation.with_trash.exists()


def test_a_reply_in_the_queue_is_stopped_with_its_conversation(ada_client, demo, new_pool):
    new_pool(threads=1)
    demo.fault = "silent"
    first, second = ask(ada_client), ask(ada_client)
    demo.wait_for(lambda requests: requests)
    ada_client.post(f"/chat/{second.conversation_id}/delete/")
    assert ended(second).state == "stopped"
    ada_client.post(f"/chat/{first.conversation_id}/delete/")
    assert ended(first).state == "stopped"


def test_a_restored_conversation_goes_on(ada_client, demo, deleted):
    ada_client.post(f"/chat/{deleted.pk}/restore/")
    assert say(ada_client, "And now?", deleted).status_code == 303
    assert ended(deleted.messages.latest("pk")).state == "done"


def test_the_trash_takes_the_same_queries_for_any_number(ada_client, ada):
    counts = []
    for _ in range(2):
        for number in range(12):
            make_conversation(ada, "Question", title=f"Number {number}", deleted_at=of(days=1))
        with CaptureQueriesContext(connection) as queries:
            ada_client.get("/chat/trash/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


# The account.


def test_deleting_the_account_needs_the_password(ada_client, ada):
    make_conversation(ada, "Question")
    for password in ("", "wrong"):
        response = ada_client.post("/chat/account/delete/", {"password": password})
        assert response.status_code == 422
        assert Page(response).alerts
    assert User.objects.filter(pk=ada.pk).exists()
    assert Message.objects.exists()


def test_the_password_cannot_be_guessed_here(ada_client, ada):
    cache.clear()
    statuses = {
        ada_client.post("/chat/account/delete/", {"password": f"guess {number}"}).status_code
        for number in range(11)
    }
    assert 429 in statuses
    assert User.objects.filter(pk=ada.pk).exists()


def test_a_deleted_account_leaves_nothing(ada_client, ada, bob):
    conversation = make_conversation(ada, "Question", "Answer")
    make_conversation(ada, "Old", deleted_at=of(days=1))
    Tag.objects.create(user=ada, name="work").conversations.add(conversation)
    theirs = make_conversation(bob, "Theirs")
    other = Client()
    other.force_login(ada)
    response = ada_client.post("/chat/account/delete/", {"password": PASSWORD})
    assert response.status_code == 303
    page = Page(ada_client.get(response["Location"]))
    assert "Your account is deleted" in page.text
    assert "Log in" in page.links
    assert other.get("/chat/").status_code == 302
    assert list(User.objects.all()) == [bob]
    assert list(Conversation.with_trash.all()) == [theirs]
    assert Message.objects.count() == 1
    assert not Tag.objects.exists()


def test_staff_can_delete_what_is_in_the_trash_and_people(admin_client, ada, demo):
    conversation = make_conversation(ada, "Question", title="Old", deleted_at=of(days=1))
    assert "Old" in admin_client.get("/admin/chat/conversation/").content.decode()
    admin_client.post(f"/admin/chat/conversation/{conversation.pk}/delete/", {"post": "yes"})
    assert not Conversation.with_trash.exists()
    make_conversation(ada, "Question")
    admin_client.post(f"/admin/users/user/{ada.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(pk=ada.pk).exists()
    assert not Message.objects.exists()


def test_the_profile_leads_to_the_trash_and_to_the_end(ada_client):
    links = Page(ada_client.get("/users/profile/")).links
    assert links["Trash"] == "/chat/trash/"
    assert links["Delete the account"] == "/chat/account/delete/"
