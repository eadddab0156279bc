"""What no longer fits is summarised; a person reads, corrects and rebuilds the summary."""

import uuid
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from apps.chat.models import Message, Summary
from apps.chat.summaries import completions, job
from apps.chat.summaries import services as summaries
from apps.jobs import thread_pool
from tests.chat.talk import HTMX, answered, ended, newest, page_of, post, press, settled
from tests.factories import make_attachment, make_conversation, make_message, make_reply
from tests.live_server import PATIENCE, wait_until
from tests.page import Page, words

CONTEXT = 1_200  # Tokens; a quarter of it is for the reply.
FACT = "Please remember that the ship is called Margarethe."


@pytest.fixture
def model(demo, settings):
    """The demo model that answers in a few words, and its small context."""
    settings.CHAT_CONTEXT_TOKENS = CONTEXT
    settings.CHAT_DEFAULT_MODEL = "parlor-demo-mini"
    return demo


@pytest.fixture
def long(ada):
    """A conversation of about four times the context, its fact in its first message."""
    conversation = make_conversation(ada)
    make_message(conversation, f"We are planning a voyage. {FACT} Do you see?")
    make_reply(conversation, "Yes. " + "I see. " * 20, model="parlor-demo-mini")
    for number in range(24):
        make_message(conversation, f"Question {number}. " + "What about the sails? " * 10)
        make_reply(conversation, f"Answer {number}. " + "They are white. " * 15)
    return conversation


def tokens_of(body):
    """Count as the demo model does."""
    return 3 + sum(4 + len(each["content"]) // 4 + 1 for each in body["messages"])


def bodies(model):
    return [request["body"] for request in model.requests if request["body"]]


def asks_for_a_summary(body):
    return body["messages"][0]["content"].startswith("You summarise")


def replies_asked(model):
    return [body for body in bodies(model) if not asks_for_a_summary(body)]


def summaries_asked(model):
    return [body for body in bodies(model) if asks_for_a_summary(body)]


def said(client, text, conversation):
    reply = answered(client, text, conversation)
    settled()
    return reply


def path_of(conversation, action=""):
    return f"/chat/{conversation.pk}/summary/{action}"


def made(client, conversation, action="make/"):
    """Press Summarise or Rebuild, and return the summary when it is made."""
    response = post(client, path_of(conversation, action))
    assert response["Location"] == path_of(conversation)
    settled()
    return conversation.summaries.with_text().latest("up_to_id")


# By itself.


def test_a_conversation_goes_on_and_on_and_nothing_that_was_agreed_is_lost(ada_client, ada, model):
    conversation = make_conversation(ada)
    make_message(conversation, f"We are planning a voyage. {FACT}")
    make_reply(conversation, "Aye.")
    for number in range(40):
        said(ada_client, f"Question {number}. " + "What about the sails? " * 12, conversation)
    assert sum(len(message.content) for message in conversation.messages.all()) > 4 * 4 * CONTEXT
    assert all("Margarethe" in str(body) for body in bodies(model))
    assert all(tokens_of(body) <= CONTEXT * 3 // 4 for body in bodies(model))
    assert Message.objects.exclude(state="done").count() == 0
    last = replies_asked(model)[-1]["messages"]
    assert [message["role"] for message in last[:2]] == ["system", "user"]
    assert len(last) < 20
    assert len(summaries_asked(model)) < 20  # Not one for each reply.
    summary = conversation.summaries.latest("up_to_id")
    assert (summary.state, summary.model, summary.error) == ("ready", "parlor-demo-mini", "")


def test_a_conversation_that_fits_has_no_summary(ada_client, ada, model):
    conversation = make_conversation(ada, "One", "Two")
    said(ada_client, "Three", conversation)
    assert not Summary.objects.exists()
    assert "The model no longer sees" not in page_of(ada_client, newest(conversation)).text


def test_a_long_conversation_that_came_from_elsewhere_is_taken_up_step_by_step(
    ada_client, long, model, monkeypatch
):
    monkeypatch.setattr(job, "MOST_STEPS", 2)
    said(ada_client, "Go on.", long)
    assert len(summaries_asked(model)) == 2
    first = Summary.objects.get()
    page = page_of(ada_client, newest(long))
    assert "The newest part of what is above is not in it yet." in page.text
    for _ in range(5):
        said(ada_client, "Go on.", long)
    assert Summary.objects.latest("up_to_id").up_to_id > first.up_to_id
    assert all(tokens_of(body) <= CONTEXT * 3 // 4 for body in bodies(model))
    assert "Margarethe" in str(bodies(model)[-1])


def test_a_message_too_long_for_one_call_is_folded_in_parts(ada_client, ada, model):
    conversation = make_conversation(ada)
    make_message(conversation, "語" * 4_000 + f"\n{FACT}\n" + "x" * 12_000)
    make_reply(conversation, "So it is.", model="parlor-demo-mini")
    summary = made(ada_client, conversation)
    assert len(summaries_asked(model)) > 5
    assert all(tokens_of(body) <= CONTEXT for body in bodies(model))
    assert "Margarethe" in summary.text


def test_files_fill_the_context_and_are_summarised_by_name(ada_client, ada, model, media):
    conversation = make_conversation(ada)
    for number in range(3):
        question = make_message(conversation, f"What is in {number}?")
        make_attachment(question, f"notes-{number}.txt", b"Words of it. " * 100)
        make_reply(conversation, "Words.")
    reply = said(ada_client, "And now?", conversation)
    assert "notes-1.txt" in summaries_asked(model)[0]["messages"][1]["content"]
    last = replies_asked(model)[-1]
    assert tokens_of(last) <= CONTEXT
    left_out = set(Message.objects.get(pk=reply.pk).left_out)
    sent = ada.attachments.filter(message__gte=reply.first_seen or 0)
    assert left_out < {file.pk for file in sent} or not left_out


def test_a_branch_has_the_summary_of_what_it_shares(ada_client, long, model):
    early = long.messages.filter(role="assistant")[3]
    late = newest(long)
    whole = made(ada_client, long)
    press(ada_client, early, "again")  # Another version: the branch ends there.
    other = ended(newest(long))
    long.refresh_from_db()
    assert summaries.summarised(long).summary is None
    assert "There is no summary yet." in Page(ada_client.get(path_of(long))).text
    press(ada_client, early, "show")
    long.refresh_from_db()
    assert (long.tip, summaries.summarised(long).summary) == (late, whole)
    assert other.parent == early.parent


# What fails.


def test_a_summary_that_fails_harms_no_reply_and_is_not_tried_for_ever(ada_client, long, model):
    """It is tried at the next occasion, three times in a row, and then again after an hour."""
    reply = said(ada_client, "Go on.", long)
    Summary.objects.all().delete()
    model.fault = "401"
    for _ in range(6):
        job.roll(reply.pk, CONTEXT * 3 // 4)
    failed = Summary.objects.get()
    assert (failed.state, failed.error, failed.tries) == ("failed", "credentials", 3)
    assert ended(reply).state == "done"
    model.fault = None
    Summary.objects.update(updated_at=timezone.now() - timedelta(hours=2))
    said(ada_client, "And on.", long)
    failed.refresh_from_db()
    assert (failed.state, failed.error, failed.tries) == ("ready", "", 0)


def test_a_failure_is_said_and_can_be_tried_again(ada_client, ada, model):
    conversation = make_conversation(ada, "One", "Two")
    model.fault = "quota"
    post(ada_client, path_of(conversation, "make/"))
    settled()
    page = Page(ada_client.get(path_of(conversation)))
    assert "The summary could not be made. The budget for the AI service is used up." in page.text
    assert "Try again" in page.buttons
    model.fault = None
    assert made(ada_client, conversation).state == "ready"


def test_a_killed_process_leaves_nothing_stuck(ada_client, ada, model):
    """Whoever looks first sees that its maker is gone."""
    conversation = make_conversation(ada, "One", "Two")
    conversation.summaries.create(
        up_to=newest(conversation), run_id=uuid.uuid4(), lease_until=Now() - timedelta(seconds=1)
    )
    page = Page(ada_client.get(path_of(conversation)))
    assert "The summary could not be made. The server was restarted" in page.text
    assert made(ada_client, conversation).state == "ready"
    assert conversation.summaries.count() == 1


def test_what_is_being_made_keeps_its_lease(ada_client, ada, model, settings):
    settings.CHAT_HEARTBEAT_SECONDS = 0
    conversation = make_conversation(ada, "One", "Two")
    model.fault = "silent"
    post(ada_client, path_of(conversation, "make/"))
    first = conversation.summaries.get().lease_until
    wait_until(lambda: conversation.summaries.get().lease_until > first)


def test_the_end_of_the_process_ends_what_is_being_made(ada_client, ada, model, monkeypatch):
    monkeypatch.setattr(thread_pool, "_side_pool", thread_pool.FairPool(2, 10))
    monkeypatch.setattr(completions, "STOP_SECONDS", PATIENCE)
    conversation = make_conversation(ada, "One", "Two")
    model.fault = "silent"
    post(ada_client, path_of(conversation, "make/"))
    model.wait_for(lambda requests: requests)
    completions.cancel_all()
    summary = conversation.summaries.get()
    assert (summary.state, summary.error) == ("failed", "restarted")


def test_a_part_that_the_service_finds_too_long_is_halved(ada_client, ada, model):
    conversation = make_conversation(ada, f"{FACT} " + "x" * 600, "y" * 600)
    model.fault = "context-once"  # It refuses a question until it comes in another form.
    post(ada_client, path_of(conversation, "make/"))
    settled()
    assert conversation.summaries.get().error == "context"
    sizes = [len(body["messages"][1]["content"]) for body in bodies(model)]
    assert len(sizes) == 2
    assert sizes[1] < sizes[0] * 0.7


# On request.


def test_a_summary_is_made_on_request(ada_client, ada, model):
    conversation = make_conversation(ada, FACT, "I shall.")
    summary = made(ada_client, conversation)
    assert summary.up_to == newest(conversation)
    assert "Margarethe" in summary.text
    page = Page(ada_client.get(path_of(conversation)))
    assert "covers the whole conversation" in page.text
    made(ada_client, conversation)
    assert len(model.requests) == 1  # There is nothing to add.


def test_the_page_says_that_a_summary_is_being_made(ada_client, ada, model):
    conversation = make_conversation(ada, "One", "Two")
    model.fault = "silent"
    post(ada_client, path_of(conversation, "make/"))
    page = Page(ada_client.get(path_of(conversation)))
    assert "A summary is being made …" in page.text
    assert page.links["Look again"] == path_of(conversation)
    fragment = ada_client.get(path_of(conversation), headers=HTMX)
    assert Page(fragment).named("summary-state").get("hx-trigger") == "every 2s"
    post(ada_client, path_of(conversation, "make/"))
    assert conversation.summaries.count() == 1


def test_summarise_keeps_what_stands_in_the_composer(ada_client, ada, model):
    conversation = make_conversation(ada, "One", "Two")
    response = post(ada_client, path_of(conversation, "make/"), headers=HTMX, message="Typed")
    assert response["HX-Redirect"] == path_of(conversation)
    conversation.refresh_from_db()
    assert conversation.draft == "Typed"


def test_an_empty_conversation_has_nothing_to_summarise(ada_client, ada, model):
    conversation = make_conversation(ada)
    assert post(ada_client, path_of(conversation, "make/")).status_code == 303
    assert not Summary.objects.exists()


def test_a_summary_is_rebuilt_from_the_messages(ada_client, ada, model):
    conversation = make_conversation(ada, FACT, "I shall.")
    summary = made(ada_client, conversation)
    correct(ada_client, summary, "All wrong")
    rebuilt = made(ada_client, conversation, "rebuild/")
    assert (rebuilt.pk, rebuilt.corrected) == (summary.pk, False)
    assert "Margarethe" in rebuilt.text
    assert "All wrong" not in str(model.requests[-1]["body"])


# In the transcript.


def correct(client, summary, text, **headers):
    path = path_of(summary.conversation)
    return post(client, path, headers=headers or None, text=text, summary=summary.pk)


def test_a_line_shows_from_where_on_the_model_sees(ada_client, long, model):
    said(ada_client, "Go on.", long)
    said(ada_client, "And on.", long)
    page = page_of(ada_client, newest(long))
    line = page.named("context-window")
    summary = Summary.objects.latest("up_to_id")
    assert "The model no longer sees what is above; it has this summary instead" in words(line)
    assert "Margarethe" in words(line)
    assert summary.text in "".join(line.itertext())
    following = following_article(page, line)
    first = next(m for m in model.requests[-1]["body"]["messages"] if m["role"] == "user")
    seen = Message.objects.get(pk=int(following.get("id").removeprefix("message-")))
    assert first["content"] == seen.content


def following_article(page, line):
    siblings = list(page.named("messages"))
    return siblings[siblings.index(line) + 1]


def test_without_a_summary_the_line_says_no_more_than_is_true(ada_client, long, model):
    model.fault = "401"
    reply = make_reply(long, "Seen", prompt_estimate=900, first_seen=long.messages.all()[40].pk)
    page = page_of(ada_client, reply)
    assert words(page.named("context-window")) == "The model no longer sees what is above."


def test_the_line_stands_on_the_page_that_has_its_place(ada_client, long, model, settings):
    settings.CHAT_PAGE_SIZE = 10
    said(ada_client, "Go on.", long)
    page = page_of(ada_client, newest(long))
    earlier = Page(ada_client.get(page.links["Earlier messages"]))
    assert page.named("context-window") is None
    assert following_article(earlier, earlier.named("context-window")) is not None


def test_the_line_comes_with_the_end_of_a_reply(ada_client, long, model):
    reply = said(ada_client, "Go on.", long)
    page = Page(ada_client.get(f"/chat/messages/{reply.pk}/", headers=HTMX))
    assert page.named("context-window") is not None
    assert f"#message-{reply.first_seen}" in str(
        [each.get("hx-swap-oob") for each in page.all("div[@hx-swap-oob]")]
    )


# Corrected by the person.


def test_a_correction_is_what_the_model_gets(ada_client, long, model):
    said(ada_client, "Go on.", long)
    summary = Summary.objects.latest("up_to_id")
    response = correct(ada_client, summary, "The ship is called Wilhelmine.")
    assert response["Location"] == path_of(long)
    said(ada_client, "And on.", long)
    assert "Wilhelmine" in replies_asked(model)[-1]["messages"][0]["content"]
    page = Page(ada_client.get(path_of(long)))
    assert "Corrected by you" in page.text


def test_htmx_gets_the_corrected_summary_in_place(ada_client, ada, model):
    summary = made(ada_client, make_conversation(ada, "One", "Two"))
    page = Page(correct(ada_client, summary, "Better", **HTMX))
    assert page.named("summary") is not None
    assert "Saved." in page.text


@pytest.mark.parametrize("text", ["", "x" * 6_001])
def test_a_correction_that_is_refused_is_still_there(ada_client, ada, model, text):
    summary = made(ada_client, make_conversation(ada, "One", "Two"))
    response = correct(ada_client, summary, text)
    assert response.status_code == 422
    assert Page(response).alerts
    assert text in response.content.decode()
    assert Summary.objects.get().text == summary.text


def test_a_correction_of_another_summary_is_not_saved_but_kept(ada_client, ada, model):
    conversation = make_conversation(ada, "One", "Two")
    old = made(ada_client, conversation)
    make_message(conversation, "Three")
    new = made(ada_client, conversation)
    response = correct(ada_client, old, "Meant for the old one")
    assert response.status_code == 422
    assert "Another summary has been made meanwhile." in response.content.decode()
    assert "Meant for the old one" in response.content.decode()
    assert Page(response).all("input[@name='summary']")[0].get("value") == str(new.pk)
    assert not Summary.objects.filter(corrected=True).exists()


def test_a_correction_wins_over_one_that_is_being_made(ada_client, ada, model):
    conversation = make_conversation(ada, "One", "Two")
    summary = made(ada_client, conversation)
    model.fault = "silent"
    post(ada_client, path_of(conversation, "rebuild/"))
    correct(ada_client, summary, "Mine")
    summary.refresh_from_db()
    assert (summary.text, summary.state, summary.corrected) == ("Mine", "ready", True)


def test_a_long_correction_does_not_burst_the_limit(ada_client, long, model):
    said(ada_client, "Go on.", long)
    correct(ada_client, Summary.objects.latest("up_to_id"), "remember this. " * 390)
    for _ in range(3):
        said(ada_client, "And on.", long)
    assert all(tokens_of(body) <= CONTEXT * 3 // 4 for body in bodies(model))
