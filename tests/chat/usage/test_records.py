"""I6: every call is booked, once, with what it took and what it cost."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.chat.context import builder
from apps.chat.models import Message, UsageRecord
from apps.chat.replies import recovery, runs
from apps.chat.replies.queue import MOST_ATTEMPTS
from apps.chat.usage import pricing, records
from apps.gateway.client import Usage
from tests.chat.talk import Stream, answered, ask, ended, page_of, post, press, shown
from tests.factories import make_conversation, make_reply
from tests.live_server import wait_until
from tests.page import Page
from tests.upstream import DONE, STOP, Upstream, hang, head, part, until

THREE = "Here are three parts."


@pytest.fixture(autouse=True)
def _prices(settings):
    settings.CHAT_PRICES = ["parlor-demo=2/10"]
    settings.IMAGE_PRICES = ["painter=0.04"]


def book(user, *, tokens=(100, 50), at=None, **fields):
    fields = {"purpose": "reply", "model": "parlor-demo", "outcome": "done", **fields}
    records.record(
        user_id=user.pk,
        usage=Usage(*tokens),
        estimated=(0, 0),
        seconds=1.0,
        first_seconds=0.5,
        **fields,
    )
    record = UsageRecord.objects.latest("pk")
    if at:
        UsageRecord.objects.filter(pk=record.pk).update(created_at=at)
    return record


def rename(table, name):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {name}")


# How a call is booked.


def test_a_reply_is_booked_with_what_the_service_counted(ada_client, ada, demo):
    reply = answered(ada_client)
    record = UsageRecord.objects.get()
    assert (record.user, record.conversation, record.message) == (ada, reply.conversation, reply)
    assert (record.purpose, record.model, record.outcome) == ("reply", "parlor-demo", "done")
    assert record.prompt_tokens == reply.prompt_tokens > 0
    assert record.completion_tokens == reply.completion_tokens > 0
    assert not record.estimated
    assert record.cost == Decimal(2 * reply.prompt_tokens + 10 * reply.completion_tokens) / 10**6
    assert 0 < record.first_seconds <= record.seconds


def test_what_the_service_does_not_count_is_estimated(ada_client, demo):
    demo.fault = "no-usage"
    reply = answered(ada_client, "Hello")
    record = UsageRecord.objects.get()
    assert record.estimated
    assert record.prompt_tokens == reply.prompt_estimate
    assert record.completion_tokens == builder.estimate_tokens(reply.content)


@pytest.mark.parametrize("fault", ["500", "401", "quota"])
def test_a_service_that_refuses_has_used_nothing(ada_client, demo, fault):
    demo.fault = fault
    reply = answered(ada_client)
    record = UsageRecord.objects.get()
    assert record.outcome == reply.error
    assert (record.prompt_tokens, record.completion_tokens, record.cost) == (0, 0, 0)


def test_a_reply_that_was_cut_is_booked_for_what_arrived(ada_client, demo):
    demo.fault = "cut"
    reply = answered(ada_client)
    record = UsageRecord.objects.get()
    assert (record.outcome, record.estimated) == ("cut", True)
    assert record.completion_tokens == builder.estimate_tokens(reply.content)


def test_a_stopped_reply_is_booked_once_with_its_prompt(ada_client, demo):
    demo.fault = "stall"
    reply = ask(ada_client)
    Stream(ada_client, reply).until_shown(THREE).close()
    press(ada_client, reply, "stop")
    press(ada_client, reply, "stop")
    wait_until(lambda: reply.pk not in runs._writing)
    record = UsageRecord.objects.get()
    assert (record.outcome, record.estimated) == ("stopped", True)
    assert record.prompt_tokens > 0
    assert record.completion_tokens == builder.estimate_tokens(THREE)
    assert record.first_seconds is not None


def test_stop_from_another_process_books_what_the_row_tells(ada_client, ada):
    conversation = make_conversation(ada, "Question")
    reply = make_reply(conversation, "Half", state="running", prompt_tokens=70, model="elsewhere")
    press(ada_client, reply, "stop")
    record = UsageRecord.objects.get()
    assert (record.prompt_tokens, record.completion_tokens, record.cost) == (70, 2, None)


def test_what_never_left_the_queue_is_not_booked(ada_client, demo, new_pool):
    new_pool(threads=1, queue_limit=1)
    demo.fault = "silent"
    first = ask(ada_client)
    demo.wait_for(lambda requests: requests)
    queued, too_many = ask(ada_client), ask(ada_client)
    assert ended(too_many).error == "busy"
    press(ada_client, queued, "stop")
    assert not UsageRecord.objects.exists()
    press(ada_client, first, "stop")
    assert UsageRecord.objects.get().message == first


@pytest.mark.row("O-073")
def test_a_reply_of_a_killed_process_is_booked_by_who_finds_it(ada_client, ada):
    conversation = make_conversation(ada, "Question")
    past = Now() - timedelta(seconds=1)
    fields = {"lease_until": past, "prompt_tokens": 9, "model": "m", "attempts": MOST_ATTEMPTS}
    reply = make_reply(conversation, "Half an", state="running", **fields)
    recovery.sweep()
    page_of(ada_client, reply)
    recovery.sweep()
    record = UsageRecord.objects.get()
    assert (record.outcome, record.prompt_tokens, record.completion_tokens) == ("restarted", 9, 2)


@pytest.mark.threads("A worker hands over what it cannot end: tests/chat/replies/test_workers.py.")
def test_draining_books_what_it_interrupts(ada_client, demo, settings, new_pool):
    settings.CHAT_DRAIN_SECONDS = 0.01
    new_pool()
    demo.fault = "stall"
    reply = ask(ada_client)
    Stream(ada_client, reply).until_shown(THREE).close()
    recovery.drain()
    wait_until(lambda: reply.pk not in runs._writing)
    assert UsageRecord.objects.get().outcome == "restarted"


def test_a_race_of_stop_and_end_is_booked_once(ada_client, ada, settings):
    with Upstream([head(), part("All "), part("of it"), STOP, DONE]) as upstream:
        settings.OPENAI_BASE_URL, settings.CHAT_DEFAULT_MODEL = upstream.url, "m"
        conversation = make_conversation(ada)
        for _ in range(30):
            reply = ask(ada_client, "Race", conversation)
            press(ada_client, reply, "stop")
            ended(reply)
            wait_until(lambda pk=reply.pk: pk not in runs._writing)
    booked = UsageRecord.objects.values_list("message", flat=True)
    assert len(booked) == len(set(booked))
    done = Message.objects.filter(state="done", role="assistant")
    assert set(done.values_list("pk", flat=True)) <= set(booked)


def test_a_result_is_booked_with_its_row_or_not_at_all(ada_client, settings, monkeypatch):
    """The database goes away when a reply ends: the keeper tries again, and books once."""
    with Upstream([head(), part("One"), until(go := threading.Event()), STOP]) as upstream:
        settings.OPENAI_BASE_URL, settings.CHAT_DEFAULT_MODEL = upstream.url, "m"
        reply = ask(ada_client)
        Stream(ada_client, reply).until_shown("One").close()
        rename("chat_usagerecord", "away")
        try:
            go.set()
            wait_until(lambda: runs._writing[reply.pk].result)
            assert Message.objects.get(pk=reply.pk).state == "running"
        finally:
            rename("away", "chat_usagerecord")
        assert ended(reply).state == "done"
    assert UsageRecord.objects.count() == 1


def test_deleting_a_conversation_does_not_undo_what_it_cost(ada_client, ada, settings):
    with Upstream([head(), part("One"), hang]) as upstream:
        settings.OPENAI_BASE_URL, settings.CHAT_DEFAULT_MODEL = upstream.url, "m"
        reply = ask(ada_client)
        Stream(ada_client, reply).until_shown("One").close()
        post(ada_client, f"/chat/{reply.conversation_id}/delete/")
        post(ada_client, f"/chat/{reply.conversation_id}/erase/")
        wait_until(lambda: reply.pk not in runs._writing)
        wait_until(lambda: not Message.objects.exists())
    record = UsageRecord.objects.get()
    assert (record.user, record.conversation, record.message) == (ada, None, None)


def test_nothing_is_left_of_a_person_who_is_deleted(ada_client, ada, demo):
    answered(ada_client)
    ada.delete()
    assert not UsageRecord.objects.exists()


def test_a_reply_costs_one_statement_more(ada_client, ada):
    reply = make_reply(make_conversation(ada, "Question"), state="running")
    with CaptureQueriesContext(connection) as queries:
        book(ada, message_id=reply.pk, conversation_id=reply.conversation_id)
    assert len([query for query in queries if query["sql"].startswith("INSERT")]) == 1
    assert len(queries) == 2  # The other is the test's own.


def test_pictures_have_prices_of_their_own(ada):
    assert book(ada, purpose="picture", model="painter").cost == Decimal("0.04")
    assert book(ada, purpose="picture", model="painter", outcome="policy").cost == 0
    assert book(ada, purpose="picture", model="unknown").cost is None


@pytest.mark.parametrize("row", ["m", "m=", "m=1", "m=1/x", "m=1/2/3", "m=-1/2", "m=NaN/1"])
def test_a_price_that_is_none_is_told_at_the_start(settings, row):
    settings.CHAT_PRICES = [row]
    assert [error.id for error in pricing.check_prices()] == ["chat.E001"]


def test_old_records_are_removed(ada, settings, capsys):
    settings.USAGE_RETENTION_DAYS = 40
    book(ada, at=timezone.now() - timedelta(days=41))
    kept = book(ada, at=timezone.now() - timedelta(days=39))
    call_command("prune_usage")
    assert capsys.readouterr().out == "1 usage records removed.\n"
    assert UsageRecord.objects.get() == kept


# Where it is shown.


def test_a_reply_shows_what_it_took(ada_client, ada, settings):
    settings.CHAT_PRICES = ["m=2/10"]
    conversation = make_conversation(ada, "Question")
    counts = {"prompt_tokens": 1200, "completion_tokens": 34, "model": "m"}
    reply = make_reply(conversation, "Answer", **counts)
    assert "1,234 tokens, $0.0027" in shown(ada_client, reply).text
    Message.objects.filter(pk=reply.pk).update(tokens_estimated=True, model="free")
    text = shown(ada_client, reply).text
    assert "about 1,234 tokens" in text
    assert "$" not in text


def test_the_page_shows_days_in_the_persons_time_zone(ada_client, ada, monkeypatch):
    """23:30 UTC is the next day in Prague, there the first of a month."""
    ada.time_zone = "Europe/Prague"
    ada.save()
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 6, 3, 12, tzinfo=UTC))
    book(ada, tokens=(1000, 0), at=datetime(2026, 5, 31, 23, 30, tzinfo=UTC))
    book(ada, tokens=(20, 3), at=datetime(2026, 6, 3, 11, tzinfo=UTC))
    rows = tables(ada_client.get("/chat/usage/"))
    assert rows["Days"] == [
        ["Wed 3", "1", "23", "<$0.0001"],
        ["Tue 2", "0", "0", ""],
        ["Mon 1", "1", "1,000", "$0.0020"],
    ]
    assert rows["Months"] == [["June 2026", "2", "1,023", "$0.0021"]]
    assert len(tables(ada_client.get("/chat/usage/?month=2026-05"))["Days"]) == 31


def test_the_page_shows_models_and_purposes(ada_client, ada, bob):
    book(ada, tokens=(10, 5))
    book(ada, tokens=(100, 5), model="free", purpose="title")
    book(bob, model="secret")
    response = ada_client.get("/chat/usage/")
    rows = tables(response)
    assert rows["Models"] == [
        ["free", "1", "105", "no price"],
        ["parlor-demo", "1", "15", "<$0.0001"],
    ]
    assert [row[0] for row in rows["Purposes"]] == ["Titles", "Replies"]
    assert "secret" not in Page(response).text


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "x", "9999-12", "2026-1\x00"])
def test_a_month_that_is_none_is_this_one(ada_client, ada, month):
    book(ada)
    rows = tables(ada_client.get("/chat/usage/", {"month": month}))
    assert sum(int(row[1]) for row in rows["Days"]) == 1


def test_a_conversation_has_an_account_of_its_own(ada_client, bob_client, ada, demo):
    reply = answered(ada_client, "What I asked")
    book(ada, tokens=(5000, 0))
    address = page_of(ada_client, reply).links["Usage"]
    page = Page(ada_client.get(address))
    total = reply.prompt_tokens + reply.completion_tokens
    assert f"Tokens{total} sent{reply.prompt_tokens}" in page.text
    assert "What I asked" in page.links
    assert bob_client.get(address).status_code == 404
    assert ada_client.get("/chat/usage/?conversation=x").status_code == 404


def test_many_calls_take_no_more_queries(ada_client, ada, django_assert_num_queries):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert ada_client.get("/chat/usage/").status_code == 200
        return len(captured)

    book(ada)
    few = queries()
    for number in range(40):
        at = timezone.now() - timedelta(days=9 * number)
        book(ada, model=f"model-{number}", at=at)
    assert queries() == few


def tables(response):
    """Map the name of each table to the words in its rows; the chart has none."""
    page = Page(response)
    found = {}
    for table in page.all("table"):
        name = "".join(page.named(table.get("aria-labelledby")).itertext())
        rows = [[" ".join("".join(cell.itertext()).split()) for cell in row] for row in table[1]]
        found[name] = [row[:1] + row[2:] for row in rows]
    return found
