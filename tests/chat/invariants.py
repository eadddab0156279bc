"""What holds however a reply has ended: the invariants I1 to I10 of the reliability matrix."""

import re

from apps.chat.models import Message, UsageRecord
from apps.chat.replies import runs, writer
from apps.chat.replies.streaming import follow
from apps.markdown.stream import render_markdown
from tests.chat.talk import answered, page_of, settled, shown
from tests.page import parse, visible_words

# What must not reach a page or a row of a person: keys, the service's own words, our insides.
SECRETS = re.compile(
    r"sk-test|sk-abc|Bearer|req_demo|nginx|502 Bad|Traceback|/apps/|127\.0\.0\.1|api_key"
    r"|onerror|SELECT |Sign in|x1b|quota\.|litellm|8192"
)


def check_all(client, demo, reply, asked="First"):
    """Check a reply that has ended, to the only message of its conversation."""
    check_rows(reply, asked)
    if reply.error:
        check_no_secret(client, reply)
    check_same_text(client, reply)
    check_nothing_is_held(reply)
    check_next_message(client, demo, reply, asked)


def check_rows(reply, asked):
    """I1, I2, I3, I6: the message and one final reply are stored, the call is booked once."""
    messages = reply.conversation.messages.order_by("pk")
    assert [message.role for message in messages] == ["user", "assistant"]
    assert messages[0].content == asked
    assert not messages[1].is_in_progress
    assert UsageRecord.objects.filter(message=reply).count() == 1


def check_no_secret(client, reply):
    """I7"""
    texts = [value for value in row_of(reply).values() if isinstance(value, str)]
    assert not SECRETS.search(" ".join([page_of(client, reply).text, *texts]))


def check_same_text(client, reply):
    """I9: the row is what the page shows, and what is downloaded."""
    rendered = parse(render_markdown(reply.content)) if reply.content.strip() else parse("")
    assert shown(client, reply).shown == _without_stand_ins(reply, visible_words(rendered))
    response = client.get(f"/chat/messages/{reply.pk}/text/")
    assert response.content.decode() == reply.content


def _without_stand_ins(reply, words):
    """Return the words without those in whose place the page has a picture."""
    for file in reply.attachments.all():
        words = words.replace(file.stand_in, "")
    return " ".join(words.split())


def check_nothing_is_held(reply):
    """I10"""
    settled()
    assert reply.pk not in runs._writing
    assert reply.pk not in writer._queued
    assert follow.channel_of(reply) is None


def check_next_message(client, demo, reply, asked="First"):
    """I5, I8: it works at once; its history has neither errors nor empty answers."""
    before = row_of(reply)
    demo.fault = "finish-with-text"  # None, and a short answer.
    following = answered(client, "Second", reply.conversation)
    assert following.state == "done"
    sent = demo.requests[-1]["body"]["messages"]
    if reply.content.strip():
        assert [message["role"] for message in sent] == ["user", "assistant", "user"]
        assert sent[1]["content"] == reply.content
    else:
        assert sent == [{"role": "user", "content": f"{asked}\n\nSecond"}]
    assert row_of(reply) == before


def row_of(reply):
    return Message.objects.filter(pk=reply.pk).values().get()
