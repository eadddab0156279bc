"""What the model is sent: the conversation, as much of it as fits, and nothing that is ours."""

import pytest

from apps.chat.context.builder import build_context, estimate_tokens
from apps.chat.models import Message
from tests.chat.talk import answered, newest, press
from tests.factories import make_conversation, make_message, make_reply


def all_sent(demo):
    """Return what was sent for replies; summaries are another matter."""
    sent = [request["body"]["messages"] for request in demo.requests]
    return [messages for messages in sent if not messages[0]["content"].startswith("You summarise")]


def sent(demo):
    return all_sent(demo)[-1]


def contents(demo):
    return [message["content"] for message in sent(demo)]


@pytest.fixture
def conversation(ada):
    return make_conversation(ada)


def test_the_conversation_is_sent_in_its_order(ada_client, ada, demo):
    conversation = make_conversation(ada, "One", "Two", "Three", "Four")
    answered(ada_client, "Five", conversation)
    assert contents(demo) == ["One", "Two", "Three", "Four", "Five"]
    assert [message["role"] for message in sent(demo)] == ["user", "assistant"] * 2 + ["user"]


def test_the_system_prompt_comes_first(ada_client, demo, settings):
    settings.CHAT_SYSTEM_PROMPT = "Be kind."
    answered(ada_client, "Hello")
    assert sent(demo)[0] == {"role": "system", "content": "Be kind."}
    assert contents(demo) == ["Be kind.", "Hello"]


def test_nothing_of_another_conversation_is_sent(ada_client, ada, bob, demo):
    make_conversation(ada, "Elsewhere")
    make_conversation(bob, "Secret")
    answered(ada_client, "Hello")
    assert contents(demo) == ["Hello"]


@pytest.mark.parametrize("state", ["error", "stopped", "interrupted"])
def test_a_reply_without_words_is_left_out(ada_client, conversation, demo, state):
    """I8: its question and the next one become one, for roles have to alternate."""
    make_message(conversation, "First")
    make_reply(conversation, "", state=state)
    answered(ada_client, "Second", conversation)
    assert sent(demo) == [{"role": "user", "content": "First\n\nSecond"}]


@pytest.mark.row("O-036")
def test_a_reply_of_white_space_is_left_out(ada_client, conversation, demo):
    make_message(conversation, "First")
    make_reply(conversation, " \n", state="error", error="empty")
    answered(ada_client, "Second", conversation)
    assert contents(demo) == ["First\n\nSecond"]


def test_a_reply_that_was_cut_is_sent_as_far_as_it_got(ada_client, conversation, demo):
    make_message(conversation, "First")
    make_reply(conversation, "Half an", state="error", error="cut")
    answered(ada_client, "Second", conversation)
    assert contents(demo) == ["First", "Half an", "Second"]


def test_errors_are_never_sent_as_if_the_model_had_said_them(ada_client, demo):
    demo.fault = "500"
    failed = answered(ada_client, "First")
    demo.fault = None
    answered(ada_client, "Second", failed.conversation)
    assert not [text for text in contents(demo) if "AI service" in text]


@pytest.mark.row("O-038")
def test_reasoning_is_not_sent_back(ada_client, conversation, demo):
    make_message(conversation, "First")
    make_reply(conversation, "Answer", reasoning="A long thought")
    answered(ada_client, "Second", conversation)
    assert contents(demo) == ["First", "Answer", "Second"]
    assert "thought" not in str(demo.requests[-1]["body"])


@pytest.mark.row("O-007")
def test_the_oldest_messages_are_left_out_when_there_is_no_room(
    ada_client, conversation, demo, settings
):
    settings.CHAT_CONTEXT_TOKENS = 540  # A quarter of it is for the reply.
    for number in range(10):
        make_message(conversation, f"Question {number} " + "x" * 200)
        make_reply(conversation, f"Answer {number} " + "x" * 200)
    answered(ada_client, "The last one", conversation)
    numbers = [text[:10] for text in contents(demo)]
    assert numbers == ["Question 8", "Answer 8 x", "Question 9", "Answer 9 x", "The last o"] or (
        numbers == ["Question 7", "Answer 7 x", *numbers[2:]]
    )
    assert sum(map(estimate_tokens, contents(demo))) <= 405
    assert conversation.messages.count() == 22  # Nothing of it is deleted.


def test_what_is_sent_begins_with_a_question(ada_client, conversation, demo, settings):
    settings.CHAT_CONTEXT_TOKENS = 80
    make_message(conversation, "A question that is far too long. " * 100)
    make_reply(conversation, "Short")
    answered(ada_client, "Next", conversation)
    assert contents(demo) == ["Next"]


def test_the_last_question_is_sent_however_long_it_is(ada_client, demo, settings):
    settings.CHAT_CONTEXT_TOKENS = 10
    answered(ada_client, "word " * 1000)
    assert contents(demo) == ["word " * 1000]


def test_a_limit_for_the_reply_is_sent_and_kept_free(ada_client, demo, settings):
    settings.CHAT_MAX_OUTPUT_TOKENS = 3
    reply = answered(ada_client, "Hello there, how are you?")
    body = demo.requests[-1]["body"]
    assert 3 in (body.get("max_tokens"), body.get("max_completion_tokens"))
    assert (reply.state, reply.error) == ("done", "length")


def test_a_continuation_sends_what_there_is_and_asks_for_more(ada_client, conversation, demo):
    make_message(conversation, "First")
    begun = make_reply(conversation, "Half an", error="length")
    press(ada_client, begun, "continue")
    demo.wait_for(lambda requests: requests)
    assert contents(demo)[:2] == ["First", "Half an"]
    assert [message["role"] for message in sent(demo)] == ["user", "assistant", "user"]
    assert "Go on" in contents(demo)[2]
    assert newest(conversation).parent == begun.parent


def test_the_key_goes_to_the_service_and_nothing_else_of_ours(ada_client, ada, demo):
    answered(ada_client, "Hello")
    request = demo.requests[-1]
    assert request["authorization"]
    assert set(request["body"]) <= {"model", "messages", "stream", "stream_options"}
    assert ada.username not in str(request["body"])


@pytest.mark.parametrize("text", ["", "a", "word " * 1000, "語" * 1000, "😀"])
def test_the_estimate_grows_with_the_text(text):
    assert estimate_tokens(text) == len(text.encode()) // 4 + 1


# How much fits.


def test_a_model_of_known_size_gets_as_much_as_it_takes(ada_client, conversation, demo, settings):
    settings.CHAT_CONTEXT_TOKENS = 80
    settings.CHAT_MODEL_CONTEXT = {"parlor-demo": 4_000}
    make_message(conversation, "First " + "x" * 1_000)
    make_reply(conversation, "Answer")
    answered(ada_client, "Second", conversation)
    assert len(contents(demo)) == 3


def test_what_the_model_reported_before_corrects_the_estimate(
    ada_client, conversation, demo, settings
):
    """The service counts twice as many tokens, so half as much is sent."""
    settings.CHAT_CONTEXT_TOKENS = 1_600
    for number in range(20):
        make_message(conversation, f"Question {number} " + "x" * 200)
        make_reply(conversation, f"Answer {number}")
    once = answered(ada_client, "Before", conversation)
    assert 0.9 < once.prompt_tokens / once.prompt_estimate < 1.1
    doubled = 2 * once.prompt_estimate
    Message.objects.filter(pk=once.pk).update(prompt_tokens=doubled)
    again = answered(ada_client, "After", conversation)
    assert again.prompt_estimate < 0.6 * once.prompt_estimate


def test_a_row_knows_the_first_message_that_the_model_saw(ada_client, conversation, demo, settings):
    settings.CHAT_CONTEXT_TOKENS = 540
    answered(ada_client, "Question " + "x" * 900, conversation)
    assert newest(conversation).first_seen is None
    answered(ada_client, "Another " + "x" * 900, conversation)
    assert newest(conversation).first_seen == newest(conversation).parent_id


def test_of_ten_thousand_messages_only_what_fits_is_read(
    ada_client, ada, demo, settings, django_assert_max_num_queries
):
    settings.CHAT_CONTEXT_TOKENS = 2_000
    conversation = make_conversation(ada, "Question")
    first = newest(conversation).pk
    rows = [
        Message(
            pk=pk,
            conversation=conversation,
            parent_id=pk - 1,
            role="user" if (pk - first) % 2 == 0 else "assistant",
            content="x" * 200,
        )
        for pk in range(first + 1, first + 10_000)
    ]
    Message.objects.bulk_create(rows, batch_size=500)
    tip = Message.objects.get(pk=first + 9_999)
    reply = Message(conversation=conversation, parent_id=tip.pk, model="parlor-demo")
    with django_assert_max_num_queries(3) as queries:
        made = build_context(reply)
    assert made.first_seen > tip.pk - 50
    assert len(queries) < 4


# When it does not fit after all.


def test_fewer_messages_are_sent_once_if_they_did_not_fit(ada_client, conversation, demo, settings):
    settings.CHAT_CONTEXT_TOKENS = 8_000
    for number in range(10):
        make_message(conversation, f"Question {number} " + "x" * 2_000)
        make_reply(conversation, f"Answer {number} " + "x" * 2_000)
    demo.fault = "context-once"
    reply = answered(ada_client, "Next", conversation)
    first, second = all_sent(demo)
    assert reply.state == "done"
    assert len(second) < len(first)
    assert second == first[-len(second) :]
    assert second[0]["role"] == "user"
    assert reply.first_seen is not None


def test_it_is_not_tried_a_third_time(ada_client, conversation, demo, settings):
    settings.CHAT_CONTEXT_TOKENS = 8_000
    for _ in range(5):
        make_message(conversation, "Question " + "x" * 2_000)
        make_reply(conversation, "Answer " + "x" * 2_000)
    demo.fault = "context"
    reply = answered(ada_client, "Next", conversation)
    assert (reply.state, reply.error) == ("error", "context")
    assert len(all_sent(demo)) == 2


def test_a_question_that_is_too_long_alone_is_sent_once(ada_client, demo):
    demo.fault = "context"
    assert answered(ada_client, "Too long").error == "context"
    assert len(all_sent(demo)) == 1
