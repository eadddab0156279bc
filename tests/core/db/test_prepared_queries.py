"""Prepared queries answer as querysets do, and their SQL is made once."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import CharField, DateTimeField, F, TextField, UUIDField
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from apps.chat.models import Message
from apps.core.db.prepared_queries import MOST_SHAPES, Parameter, PreparedQuery, PreparedUpdate
from tests.factories import make_conversation


@pytest.fixture
def conversation(ada):
    return make_conversation(ada, "One", "Two", "Three")


def counted(build):
    """Return a function that does the same, and a list that grows with each call."""
    calls = []

    def building(*shape):
        calls.append(shape)
        return build(*shape)

    return building, calls


def by_text():
    rows = Message.objects.filter(content=Parameter("text", TextField()))
    return rows.select_related("conversation__user")


def newest(limit):
    return Message.objects.order_by("-pk").values_list("content", flat=True)[:limit]


def since():
    rows = Message.objects.filter(timestamp__gt=Parameter("moment", DateTimeField()))
    return rows.order_by("pk").values("role", text=F("content"))


def test_each_call_has_its_own_values(conversation, django_assert_num_queries):
    build, calls = counted(by_text)
    prepared = PreparedQuery(build)
    for text in ("One", "Three", "One"):
        with django_assert_num_queries(1):
            (message,) = prepared(text=text)
            assert message.conversation.user.username == "ada"
        assert message == Message.objects.get(content=text)
        assert message.timestamp == Message.objects.get(content=text).timestamp
    assert prepared(text="Nothing") == []
    assert len(calls) == 1


def test_moments_are_given_as_the_database_has_them(conversation):
    prepared = PreparedQuery(since)
    now = timezone.now()
    rows = prepared(moment=now - timedelta(minutes=1))
    assert rows[0] == {"role": "user", "text": "One"}
    assert len(rows) == 3
    assert prepared(moment=now + timedelta(minutes=1)) == []


def test_what_the_function_is_given_makes_other_sql(conversation):
    build, calls = counted(newest)
    prepared = PreparedQuery(build)
    assert prepared(1) == ["Three"]
    assert prepared(2) == ["Three", "Two"]
    assert prepared(1) == ["Three"]
    assert calls == [(1,), (2,)]


def test_few_shapes_are_remembered(conversation):
    build, calls = counted(newest)
    prepared = PreparedQuery(build)
    for limit in range(1, MOST_SHAPES + 2):
        prepared(limit)
    prepared(MOST_SHAPES + 1)
    prepared(1)
    assert len(calls) == MOST_SHAPES + 2


def by_id():
    return Message.objects.filter(pk=Parameter("pk"))


@pytest.mark.parametrize("pk", [0, -(2**63), 2**63 - 1, 2**63, -(10**30), 10**100])
def test_no_row_has_an_id_that_no_row_can_have(conversation, pk):
    assert PreparedQuery(by_id)(pk=pk) == []


def test_a_value_that_is_missing_is_an_error(conversation):
    with pytest.raises(KeyError, match="text"):
        PreparedQuery(by_text)()


@pytest.mark.parametrize("text", ["'; DROP TABLE chat_message; --", "%s", "%", "\\", "“ü”"])
def test_a_value_is_never_sql(conversation, text):
    conversation.messages.filter(content="Two").update(content=text)
    (message,) = PreparedQuery(by_text)(text=text)
    assert message.content == text


def keyed(*names):
    rows = Message.objects.filter(content=Parameter("text", TextField()))
    given = {name: Parameter(name, Message._meta.get_field(name)) for name in names}
    return rows, {**given, "attempts": F("attempts") + 1}


def test_an_update_changes_the_rows_and_counts_them(conversation, django_assert_num_queries):
    build, calls = counted(keyed)
    prepared = PreparedUpdate(build)
    key = uuid.uuid4()
    with django_assert_num_queries(1):
        assert prepared("key", "left_out", text="Two", key=key, left_out=[1, 2]) == 1
    assert prepared("key", "left_out", text="Nothing", key=key, left_out=[]) == 0
    assert prepared("model", text="Three", model="m") == 1
    second = Message.objects.get(content="Two")
    assert (second.key, second.left_out, second.attempts) == (key, [1, 2], 2)
    assert Message.objects.get(content="Three").model == "m"
    assert Message.objects.get(content="One").attempts == 1
    assert calls == [("key", "left_out"), ("model",)]


def test_an_update_that_fails_ends_its_transaction(conversation):
    """As one of Django's does: what follows in it would be half of a change."""
    prepared = PreparedUpdate(keyed)
    key = uuid.uuid4()
    prepared("key", text="One", key=key)

    def twice():
        with transaction.atomic():
            with pytest.raises(IntegrityError):
                prepared("key", text="Two", key=key)
            Message.objects.count()

    with pytest.raises(TransactionManagementError):
        twice()


@pytest.mark.parametrize("field", [CharField(), UUIDField(), None])
def test_parameters_are_hashable_and_equal_as_expressions_are(field):
    assert Parameter("a", field) in {Parameter("a", field)}
    assert Parameter("a", field) != Parameter("b", field)
