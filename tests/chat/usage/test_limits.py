"""What one person may have, and how a refusal says when there is more."""

import re
import threading
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test import Client

from apps.chat.models import Allowance, Message, UsageRecord
from apps.chat.usage import records
from apps.gateway.client import Usage
from tests.chat.talk import HTMX, answered, ask, ended, press, say
from tests.factories import make_conversation, make_reply
from tests.live_server import wait_until
from tests.page import Page, words


def spend(user, tokens, model="m"):
    records.record(
        user_id=user.pk,
        purpose="summary",
        model=model,
        usage=Usage(tokens, 0),
        estimated=(0, 0),
        seconds=1,
        first_seconds=None,
        outcome="done",
    )


def refused(response, words, status=429):
    """Check that the answer is a refusal in these words, that nothing was stored, and return it."""
    assert response.status_code == status
    page = Page(response)
    assert any(words in alert for alert in page.alerts), page.alerts
    assert int(response["Retry-After"]) > 0
    return page


# Tokens a day.


@pytest.mark.row("O-093")
def test_a_used_up_budget_is_told_before_anything_is_sent(ada_client, ada, demo, settings, noon):
    settings.CHAT_TOKENS_PER_DAY = 10_000
    spend(ada, 9_900)
    before = Message.objects.count()
    page = refused(
        say(ada_client, "More, please"),
        "Your budget has only 100 tokens left, too little for this."
        " It is available again tomorrow at 00:00.",
    )
    assert page.typed == "More, please"
    assert page.links["Your limits"] == "/chat/limits/"
    assert Message.objects.count() == before
    assert demo.requests == []
    assert UsageRecord.objects.count() == 1


def test_the_day_ends_at_midnight_where_the_site_is(ada_client, ada, demo, settings, noon):
    ada.time_zone = "Asia/Tokyo"
    ada.save()
    settings.CHAT_TOKENS_PER_DAY = 1_000
    spend(ada, 1_000)
    response = say(ada_client)
    refused(response, "Your budget is used up. It is available again tomorrow at 09:00.")
    assert response["Retry-After"] == str(12 * 3600)
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        ada.time_zone = zone
        ada.save()
        assert say(ada_client).status_code == 429
    UsageRecord.objects.update(created_at=datetime(2026, 11, 22, 23, 59, tzinfo=UTC))
    assert say(ada_client).status_code == 303


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize("action", ["again", "continue"])
def test_new_versions_are_refused_too(ada_client, ada, demo, settings, noon, action, headers):
    settings.CHAT_TOKENS_PER_DAY = 1_000
    spend(ada, 1_000)
    reply = make_reply(make_conversation(ada, "Question"), "Answer")
    response = press(ada_client, reply, action, headers=headers)
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    page = Page(response)
    assert "Your budget is used up" in words(page.all("section[@class='error-page']")[0])
    assert page.links["Your limits"] == "/chat/limits/"
    assert reply.conversation.messages.count() == 2
    assert demo.requests == []


def test_replies_in_progress_count_before_they_are_written(ada_client, ada, demo, settings):
    settings.CHAT_TOKENS_PER_DAY = 3 * records.EXPECTED_REPLY_TOKENS + 100
    demo.fault = "silent"
    answers = [say(ada_client, f"Question {number}").status_code for number in range(10)]
    assert answers == [303] * 3 + [429] * 7
    press(ada_client, Message.objects.filter(role="assistant").first(), "stop")
    assert say(ada_client, "There is room again").status_code == 303


def test_what_was_said_before_counts_again(ada_client, ada, demo, settings):
    """The whole conversation is sent with each message."""
    settings.CHAT_TOKENS_PER_DAY = 1_000
    counts = {"prompt_tokens": 400, "completion_tokens": 200}
    conversation = make_conversation(ada, "Question")
    make_reply(conversation, "Answer", **counts)
    refused(say(ada_client, "Next", conversation), "Your budget has only 1,000 tokens left")
    assert say(ada_client, "In a new conversation").status_code == 303


def test_two_at_the_same_moment_do_not_both_get_the_last_reply(ada, demo, settings):
    settings.CHAT_REPLIES_AT_ONCE = 1
    demo.fault = "silent"
    clients, statuses, start = [Client(), Client()], [], threading.Barrier(2)

    def send(client):
        start.wait()
        try:
            statuses.append(say(client).status_code)
        finally:
            connection.close()

    for client in clients:
        client.force_login(ada)
    threads = [threading.Thread(target=send, args=[client]) for client in clients]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(statuses) == [303, 429]


# Money a month.


def test_money_is_counted_over_the_month(ada_client, ada, demo, settings, noon):
    settings.CHAT_PRICES = ["parlor-demo=1/1"]
    settings.CHAT_COST_PER_MONTH = Decimal("2.50")
    spend(ada, 2_499_900, model="parlor-demo")
    UsageRecord.objects.update(created_at=datetime(2026, 11, 1, 0, 1, tzinfo=UTC))
    response = say(ada_client)
    refused(response, "Your budget has only $0.0001 left")
    refused(response, "It is available again on December 1 at 00:00.")
    UsageRecord.objects.update(created_at=datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
    assert say(ada_client).status_code == 303


# Replies at once.


def test_so_many_replies_at_once(ada_client, bob_client, demo, settings):
    settings.CHAT_REPLIES_AT_ONCE = 2
    demo.fault = "silent"
    first = ask(ada_client)
    ask(ada_client)
    page = refused(say(ada_client, "Third", headers=HTMX), "as may be at once")
    assert page.typed == "Third"
    assert say(bob_client).status_code == 303
    press(ada_client, first, "stop")
    assert say(ada_client, "Third").status_code == 303


# For whom.


def test_staff_are_spared_unless_the_settings_say_otherwise(ada_client, ada, demo, settings):
    settings.CHAT_TOKENS_PER_DAY = 1
    ada.is_staff = True
    ada.save()
    assert answered(ada_client).state == "done"
    assert "You are staff" in Page(ada_client.get("/chat/limits/")).text
    settings.LIMITS_SPARE_STAFF = False
    assert say(ada_client).status_code == 429


def test_the_most_generous_group_counts_and_the_person_before_it(ada_client, ada, demo, settings):
    settings.CHAT_TOKENS_PER_DAY = 1
    for name, tokens in {"few": 5, "many": 100_000, "silent": None}.items():
        group = Group.objects.create(name=name)
        group.user_set.add(ada)
        Allowance.objects.create(group=group, tokens_per_day=tokens)
    Allowance.objects.create(group=Group.objects.create(name="others"), tokens_per_day=0)
    assert "100,000 of 100,000 left" in Page(ada_client.get("/chat/limits/")).text
    own = Allowance.objects.create(user=ada, tokens_per_day=10)
    assert say(ada_client).status_code == 429
    own.tokens_per_day = 0
    own.save()
    assert answered(ada_client).state == "done"


def test_an_allowance_is_either_of_a_person_or_of_a_group(admin_client, ada):
    group = Group.objects.create(name="many")
    for fields in {}, {"user": ada, "group": group}:
        with pytest.raises(IntegrityError), transaction.atomic():
            Allowance.objects.create(**fields)
    response = admin_client.post("/admin/chat/allowance/add/", {"tokens_per_day": "5"})
    assert "Choose either a user or a group." in response.content.decode()


def test_another_persons_use_is_not_counted(ada_client, ada, bob, demo, settings):
    settings.CHAT_TOKENS_PER_DAY = 1_000
    spend(bob, 1_000)
    assert say(ada_client).status_code == 303


# The page.


def test_the_page_tells_what_is_left(ada_client, ada, settings, noon):
    settings.CHAT_MESSAGES_PER_MINUTE = 30
    settings.CHAT_TOKENS_PER_DAY = 10_000
    settings.CHAT_COST_PER_MONTH = Decimal("2.50")
    settings.CHAT_PRICES = ["m=100/0"]
    spend(ada, 2_500)
    text = Page(ada_client.get("/chat/limits/")).text
    assert re.search(r"Messages a minute\s*30 of 30 left", text)
    assert re.search(r"Replies at once\s*no limit", text)
    assert re.search(r"Tokens a day\s*7,500 of 10,000 left\s*All of it .* tomorrow at 00:00", text)
    assert re.search(r"Money a month\s*\$2.25 of \$2.50 left\s*All of it .* on December 1", text)


def test_the_profile_leads_to_both_pages(ada_client):
    links = Page(ada_client.get("/users/profile/")).links
    assert (links["Usage"], links["Your limits"]) == ("/chat/usage/", "/chat/limits/")


def test_a_refused_message_can_be_sent_once_there_is_room(ada_client, ada, demo, settings, noon):
    """Its key is still unused."""
    settings.CHAT_TOKENS_PER_DAY = 1_000
    spend(ada, 1_000)
    page = refused(say(ada_client, "Keep me"), "used up")
    UsageRecord.objects.all().delete()
    response = say(ada_client, page.typed, key=page.key)
    assert response.status_code == 303
    wait_until(lambda: demo.requests)
    assert ended(Message.objects.latest("pk")).state == "done"
