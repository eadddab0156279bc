"""What messages to workers are called: a broker may hold those of another version."""

import pytest

from apps.jobs import celery, registry

NAMES = (
    "apps.chat.turns.write_next",
    "apps.chat.summarising.roll",
    "apps.chat.summarising.make",
    "apps.chat.titles.write_title",
    "apps.chat.transfers.run",
    "apps.ghibli_converter.making.make_picture",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_task_keeps_the_name_that_messages_know_it_by(name):
    assert callable(registry.task_named(name))


def test_a_message_of_another_version_ends_with_a_line_in_the_log(caplog):
    celery.run("apps.chat.of_another_version", [1])
    assert "no task is named apps.chat.of_another_version" in caplog.text
