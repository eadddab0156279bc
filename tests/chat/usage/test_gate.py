"""Not one call leaves that is forbidden, or that nobody has budget for."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from apps.chat.models import (
    Conversation,
    Message,
    RateLimitEntry,
    Reservation,
    UsageOfDeleted,
    UsageRecord,
)
from apps.chat.usage import records
from apps.gateway.client import Usage
from apps.ghibli_converter.models import Picture
from apps.jobs import scheduler
from tests.attacks import spending
from tests.chat.talk import answered, ended, post, press, say, settled
from tests.factories import (
    make_conversation,
    make_message,
    make_picture,
    make_reply,
    make_user,
)
from tests.live_server import ParlorServer, wait_until
from tests.page import Page

FORBIDDEN = "dear-model"


@pytest.fixture
def long(ada):
    """A conversation that came by import, of more than the context, by a model not on offer."""
    conversation = make_conversation(ada, model=FORBIDDEN)
    for number in range(10):
        make_message(conversation, f"Question {number}. " + "What about the sails? " * 40)
        make_reply(conversation, f"Answer {number}. " + "They are white. " * 50, model=FORBIDDEN)
    return conversation


def spend(user, tokens, model="parlor-demo", **fields):
    fields = {"purpose": "summary", "seconds": 1, "first_seconds": None, **fields}
    counted = {"usage": Usage(tokens, 0), "estimated": (0, 0), "outcome": "done"}
    records.record(user_id=user.pk, model=model, **counted, **fields)


def asked(demo):
    return [request["body"]["model"] for request in demo.requests if request["body"]]


@pytest.mark.row("O-144")
@pytest.mark.parametrize(
    "path",
    [
        "/chat/{chat}/summary/make/",
        "/chat/{chat}/summary/rebuild/",
        "/chat/messages/{reply}/again/",
        "/chat/messages/{reply}/continue/",
        "/chat/{chat}/send/",
    ],
)
def test_a_model_that_an_import_names_is_never_called(ada_client, ada, demo, settings, long, path):
    settings.CHAT_CONTEXT_TOKENS = 2_000
    settings.CHAT_TITLE_MODEL = "parlor-demo-mini"
    path = path.format(chat=long.pk, reply=long.tip_id)
    key = "5f0c1f8e-0000-4000-8000-000000000001"
    assert post(ada_client, path, message="Go on.", key=key).status_code == 303
    settled()
    wait_until(lambda: asked(demo))
    settled()
    assert set(asked(demo)) <= {"parlor-demo", "parlor-demo-mini"}
    assert not Reservation.objects.exists()


@pytest.mark.row("O-144")
def test_a_model_that_is_forbidden_while_its_reply_waits_is_not_called(
    ada_client, demo, settings, new_pool
):
    new_pool(threads=1)
    demo.fault = "silent"
    first = say(ada_client, "First")
    say(ada_client, "Second", model="parlor-demo-mini")
    wait_until(lambda: asked(demo))
    settings.CHAT_MODELS = ["parlor-demo"]
    one, two = Message.objects.filter(role="assistant").order_by("pk")
    press(ada_client, one, "stop")
    assert ended(two).error == "model"
    assert (first.status_code, asked(demo)) == (303, ["parlor-demo"])


@pytest.mark.row("O-144")
def test_a_budget_that_is_gone_when_the_turn_comes_is_told_in_the_reply(
    ada_client, ada, demo, settings, new_pool
):
    settings.CHAT_TOKENS_PER_DAY = 5_000
    new_pool(threads=1)
    demo.fault = "silent"
    say(ada_client, "First")
    say(ada_client, "Second")
    wait_until(lambda: asked(demo))
    spend(ada, 5_000)
    one, two = Message.objects.filter(role="assistant").order_by("pk")
    press(ada_client, one, "stop")
    reply = ended(two)
    assert (reply.state, reply.error) == ("error", "budget")
    assert reply.retry_at > timezone.now()
    assert len(asked(demo)) == 1


@pytest.mark.row("O-144")
@pytest.mark.parametrize("setting", ["CHAT_COST_PER_MONTH", "SITE_COST_PER_DAY"])
def test_a_model_without_a_price_is_refused_where_money_is_limited(
    ada_client, demo, settings, setting
):
    settings.CHAT_PRICES, settings.IMAGE_PRICES = ["parlor-demo=1/2"], []
    settings.IMAGE_MODEL = "parlor-demo-image"
    setattr(settings, setting, Decimal(100))
    response = say(ada_client, "Keep me", model="parlor-demo-mini")
    assert (response.status_code, Page(response).typed) == (422, "Keep me")
    assert "has no price" in Page(response).alerts[0]
    assert say(ada_client, "/image a lighthouse").status_code == 422
    assert not Message.objects.exists()
    assert not Picture.objects.exists()
    settings.CHAT_PRICES, settings.IMAGE_PRICES = ["*-mini=3/4", "*=9/9"], ["*=0.5"]
    assert say(ada_client, "Keep me", model="parlor-demo-mini").status_code == 303
    assert ended(Message.objects.latest("pk")).state == "done"
    assert UsageRecord.objects.get().cost > 0


@pytest.mark.row("O-144")
def test_titles_and_summaries_stop_with_the_budget(ada_client, ada, demo, settings, long):
    settings.CHAT_CONTEXT_TOKENS = 2_000
    settings.CHAT_TOKENS_PER_DAY = 3_500
    post(ada_client, f"/chat/{long.pk}/summary/make/")
    settled()
    summary = long.summaries.get()
    assert (summary.state, summary.error) == ("failed", "budget")
    assert 0 < len(asked(demo)) <= 3
    assert not Reservation.objects.exists()


@pytest.mark.row("O-144")
def test_the_steps_of_one_action_are_bounded(ada_client, ada, demo, settings):
    settings.CHAT_CONTEXT_TOKENS = 1_200
    conversation = make_conversation(ada)
    make_message(conversation, "word " * 60_000)
    make_reply(conversation, "I see.")
    post(ada_client, f"/chat/{conversation.pk}/summary/make/")
    settled()
    assert conversation.summaries.get().state == "ready"
    assert 1 < len(asked(demo)) <= 32


@pytest.mark.row("O-145")
@pytest.mark.parametrize("path", ["/chat/new/", "/chat/{chat}/summary/make/", "picture"])
def test_the_pace_is_kept_though_conversations_are_erased(
    ada_client, ada, demo, settings, long, path
):
    settings.CHAT_MESSAGES_PER_MINUTE = 2
    for _ in range(2):
        assert answered(ada_client).state == "done"
    Conversation.objects.exclude(pk=long.pk).delete()
    fields = {"message": "Hello", "key": "5f0c1f8e-0000-4000-8000-000000000001"}
    if path == "picture":
        response = say(ada_client, "/image a lighthouse")
    else:
        response = post(ada_client, path.format(chat=long.pk), **fields)
    assert response.status_code == 429
    assert int(response["Retry-After"]) <= 60
    RateLimitEntry.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    assert say(ada_client).status_code == 303


@pytest.mark.row("O-145")
def test_pictures_count_among_the_calls_at_once(ada_client, ada, demo, settings, media):
    settings.CHAT_REPLIES_AT_ONCE, settings.IMAGE_MODEL = 1, "parlor-demo-image"
    picture = make_picture(ada, state="queued", lease_until=timezone.now() + timedelta(minutes=1))
    assert say(ada_client).status_code == 429
    assert say(ada_client, "/image another").status_code == 429
    Picture.objects.filter(pk=picture.pk).update(state="done")
    assert say(ada_client).status_code == 303


# Of all together.


@pytest.mark.row("O-146")
@pytest.mark.parametrize(
    ("setting", "limit"),
    [
        ("SITE_TOKENS_PER_DAY", 10_000),
        ("SITE_TOKENS_PER_MONTH", 10_000),
        ("SITE_COST_PER_DAY", Decimal("0.01")),
        ("SITE_COST_PER_MONTH", Decimal("0.01")),
    ],
)
def test_all_people_have_a_limit_together_staff_too(
    ada_client, ada, bob, bob_client, demo, settings, noon, setting, limit, caplog
):
    setattr(settings, setting, limit)
    settings.CHAT_PRICES = ["*=1/1"]
    ada.is_staff = True
    ada.save()
    spend(bob, 7_900)
    assert "% of a limit" not in Page(ada_client.get("/")).text
    spend(bob, 300)
    assert "82 % of a limit" in Page(ada_client.get("/")).text
    assert "% of a limit" not in Page(bob_client.get("/")).text
    spend(bob, 1_790)
    bob.delete()
    assert UsageOfDeleted.objects.get().prompt_tokens == 9_990
    response = say(ada_client, "Keep me")
    assert response.status_code == 429
    page = Page(response)
    assert "The budget of all people here is used up" in page.alerts[0]
    assert page.typed == "Keep me"
    assert f"{setting}: 99 % used" in caplog.text
    assert asked(demo) == []


@pytest.mark.row("O-146")
def test_many_people_at_the_same_moment_do_not_pass_the_sites_limit(demo, ada, settings):
    settings.SITE_TOKENS_PER_DAY = 3 * records.EXPECTED_REPLY_TOKENS + 100
    demo.fault = "silent"
    clients, statuses, start = [Client() for _ in range(6)], [], threading.Barrier(6)

    def send(client):
        from django.db import connection

        start.wait()
        try:
            statuses.append(say(client).status_code)
        finally:
            connection.close()

    for number, client in enumerate(clients):
        client.force_login(make_user(f"person-{number}"))
    threads = [threading.Thread(target=send, args=[client]) for client in clients]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(statuses) == [303] * 3 + [429] * 3


@pytest.mark.row("O-146")
def test_who_deletes_the_account_during_a_reply_gives_nothing_back(ada_client, ada, demo):
    demo.fault = "silent"
    say(ada_client)
    wait_until(lambda: asked(demo))
    fields = {"username": "ada", "password": "korrekt-pferd-77"}
    assert post(ada_client, "/chat/account/delete/", **fields).status_code in (302, 303)
    assert UsageOfDeleted.objects.get().prompt_tokens > 0


def test_what_counts_no_more_is_removed(ada):
    hours = timezone.now() - timedelta(hours=2)
    RateLimitEntry.objects.create(user=ada, created_at=hours)
    Reservation.objects.create(user=ada, model="m", prompt_tokens=1, expires_at=hours)
    for task in scheduler.default.tasks():
        if task.__module__ in ("apps.chat.usage.limits", "apps.chat.usage.gate"):
            task()
    assert not RateLimitEntry.objects.exists()
    assert not Reservation.objects.exists()


@pytest.mark.row("O-144")
@pytest.mark.row("O-145")
def test_a_spender_gets_no_more_than_the_budget(tmp_path):
    """The attack by hand: imports, summaries, versions, erasing, other time zones."""
    limits = {"CHAT_COST_PER_MONTH": "0.03", "CHAT_PRICES": "parlor-demo=1/1"}
    limits |= {"CHAT_MODELS": "parlor-demo", "IMAGE_PRICES": "*=0.01"}
    with ParlorServer(tmp_path, CHAT_CONTEXT_TOKENS=4_000, **limits) as server:
        other = server.person("other")
        answers = spending.attack(server.url, FORBIDDEN)
        bodies = [each["body"] for each in server.demo.requests if each["body"]]
        assert {body["model"] for body in bodies if "messages" in body} <= {"parlor-demo"}
        [[cost]] = server.query(
            "SELECT sum(cost) FROM chat_usagerecord r JOIN users_user u ON u.id = r.user_id"
            " WHERE u.username <> 'other'"
        )
        assert float(cost or 0) <= 0.03 + 0.004  # One call may be longer than expected.
        assert sum(count for (_, status), count in answers.items() if status == 429) > 0
        with other.ask("Am I served?") as reply:
            assert reply.status == 200
