"""What steers the model: a conversation's options, a person's preferences, system prompts."""

import pytest
from django.db import IntegrityError, transaction

from apps.chat.models import Conversation
from apps.users.models import User
from tests.chat.talk import answered, newest, post
from tests.factories import make_conversation
from tests.page import Page, words

pytestmark = pytest.mark.any_database

ALL = {
    "model": "parlor-demo-mini",
    "temperature": "0.7",
    "max_tokens": "500",
    "system_prompt": "Speak like a pirate.",
}


@pytest.fixture
def conversation(ada):
    return make_conversation(ada, "Question", "Answer")


def options(conversation):
    return f"/chat/{conversation.pk}/options/"


def save(client, conversation, **fields):
    return post(client, options(conversation), **fields)


def sent(demo):
    """Return the body of the last request for a reply."""
    return demo.requests[-1]["body"]


def told(page):
    """Map who tells the model something to what it is told."""
    boxes = page.all("div[@class='card__text']")
    return dict(
        zip(map(words, page.all("h3")), ["".join(b.itertext()) for b in boxes], strict=True)
    )


def values(page):
    fields = {each.get("name"): each.get("value") for each in page.all("input")}
    fields["system_prompt"] = words(page.all("textarea")[0])
    return fields


def test_options_are_sent_with_the_next_message(ada_client, demo, conversation):
    response = save(ada_client, conversation, **ALL)
    assert (response.status_code, response["Location"]) == (303, options(conversation))
    answered(ada_client, "Ahoy", conversation)
    body = sent(demo)
    assert (body["model"], body["temperature"], body["max_tokens"]) == (
        "parlor-demo-mini",
        0.7,
        500,
    )
    assert body["messages"][0] == {"role": "system", "content": "Speak like a pirate."}


def test_nothing_is_sent_of_options_that_are_not_set(ada_client, demo, conversation):
    save(ada_client, conversation, **ALL)
    save(ada_client, conversation)
    answered(ada_client, "Hello", conversation)
    assert not {"temperature", "max_tokens", "max_completion_tokens"} & set(sent(demo))
    assert [message["role"] for message in sent(demo)["messages"]] == ["user", "assistant", "user"]
    assert sent(demo)["model"] == "parlor-demo"


def test_the_page_shows_what_was_chosen(ada_client, conversation):
    save(ada_client, conversation, **ALL)
    page = Page(ada_client.get(options(conversation)))
    assert values(page)["temperature"] == "0.7"
    assert values(page)["max_tokens"] == "500"
    assert values(page)["system_prompt"] == "Speak like a pirate."
    assert page.links["A conversation"] == f"/chat/{conversation.pk}/"
    assert Page(ada_client.get(f"/chat/{conversation.pk}/")).links["Options"] == options(
        conversation
    )


def test_zero_is_a_temperature(ada_client, demo, conversation):
    save(ada_client, conversation, temperature="0")
    answered(ada_client, "Hello", conversation)
    assert sent(demo)["temperature"] == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", "gpt-9000"),
        ("temperature", "2.1"),
        ("temperature", "-0.1"),
        ("temperature", "nan"),
        ("temperature", "warm"),
        ("max_tokens", "0"),
        ("max_tokens", "-5"),
        ("max_tokens", "1000001"),
        ("max_tokens", "9" * 30),
        ("system_prompt", "x" * 10_001),
    ],
)
def test_what_cannot_be_is_refused_and_stays_in_the_form(ada_client, conversation, field, value):
    response = save(ada_client, conversation, **{**ALL, field: value})
    page = Page(response)
    assert response.status_code == 422
    assert f"#id_{field}" in page.links.values()
    if field != "model":
        assert values(page)[field] == value
    row = Conversation.objects.get()
    assert (row.model, row.temperature, row.max_tokens, row.system_prompt) == ("", None, None, "")


def test_a_prompt_that_is_too_long_says_by_how_much(ada_client, conversation):
    response = save(ada_client, conversation, system_prompt="é" * 11_500)
    assert "This text is too long by 1,500 characters." in Page(response).text


@pytest.mark.parametrize("fields", [{"temperature": 2.5}, {"temperature": -1}, {"max_tokens": 0}])
def test_the_database_forbids_options_that_cannot_be(conversation, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Conversation.objects.update(**fields)


def test_the_longest_reply_is_never_longer_than_the_sites(ada_client, demo, conversation, settings):
    save(ada_client, conversation, max_tokens="500")
    settings.CHAT_MAX_OUTPUT_TOKENS = 300
    answered(ada_client, "Hello", conversation)
    assert sent(demo)["max_tokens"] == 300
    assert save(ada_client, conversation, max_tokens="301").status_code == 422
    save(ada_client, conversation, max_tokens="200")
    answered(ada_client, "Hello", conversation)
    assert sent(demo)["max_tokens"] == 200


@pytest.mark.row("O-008")
@pytest.mark.parametrize("fault", ["temperature", "max-tokens"])
def test_what_a_model_refuses_is_left_out_from_then_on(ada_client, demo, conversation, fault):
    save(ada_client, conversation, **ALL)
    demo.fault = fault
    assert answered(ada_client, "Hello", conversation).state == "done"
    count = len(demo.requests)
    assert answered(ada_client, "And on", conversation).state == "done"
    assert len(demo.requests) == count + 1


# System prompts.


def test_what_the_model_is_told_comes_from_the_site_the_person_and_the_conversation(
    ada_client, ada, demo, conversation, settings
):
    settings.CHAT_SYSTEM_PROMPT = "You work for a school."
    post(ada_client, "/chat/preferences/", system_prompt="I am Ada.\r\nI like maths.")
    save(ada_client, conversation, system_prompt="<b>Speak</b> like a pirate.")
    answered(ada_client, "Hello", conversation)
    page = Page(ada_client.get(options(conversation)))
    assert told(page) == {
        "From this site": "You work for a school.",
        "From your preferences": "I am Ada.\nI like maths.",
        "From this conversation": "<b>Speak</b> like a pirate.",
    }
    assert sent(demo)["messages"][0] == {
        "role": "system",
        "content": "\n\n".join(told(page).values()),
    }


def test_where_nothing_is_told_the_page_says_so(ada_client, conversation):
    page = Page(ada_client.get(options(conversation)))
    assert "Nothing but the messages." in page.text


def test_a_persons_system_prompt_is_in_all_their_chats_and_in_no_others(
    ada_client, bob_client, demo
):
    post(ada_client, "/chat/preferences/", system_prompt="I am Ada.")
    answered(ada_client, "Hello")
    assert sent(demo)["messages"][0]["content"] == "I am Ada."
    answered(bob_client, "Hello")
    assert [message["role"] for message in sent(demo)["messages"]] == ["user"]


# Preferences.


def test_preferences_are_shown_and_can_be_taken_back(ada_client, ada):
    post(ada_client, "/chat/preferences/", chat_model="parlor-demo-mini", system_prompt="I am Ada.")
    page = Page(ada_client.get("/chat/preferences/"))
    assert [words(o) for o in page.all("option") if o.get("selected") is not None] == [
        "parlor-demo-mini"
    ]
    assert words(page.all("textarea")[0]) == "I am Ada."
    post(ada_client, "/chat/preferences/")
    ada.refresh_from_db()
    assert (ada.chat_model, ada.system_prompt) == ("", "")


@pytest.mark.parametrize(
    "fields", [{"chat_model": "gpt-9000"}, {"system_prompt": "x" * 10_001}, {"chat_model": "\x00"}]
)
def test_preferences_that_cannot_be_are_refused(ada_client, ada, fields):
    response = post(ada_client, "/chat/preferences/", **fields)
    assert response.status_code == 422
    assert Page(response).alerts
    ada.refresh_from_db()
    assert (ada.chat_model, ada.system_prompt) == ("", "")


def test_preferences_change_nothing_else(ada_client, ada):
    before = User.objects.values().get()
    post(ada_client, "/chat/preferences/", is_staff="1", username="root", theme="dark")
    assert User.objects.values().get() == before


def test_preferences_are_linked_from_the_profile(ada_client):
    links = Page(ada_client.get("/users/profile/")).links
    assert links["Chat preferences"] == "/chat/preferences/"
    assert links["Saved prompts"] == "/chat/prompts/"


def test_nobody_has_no_preferences(client):
    for path in "/chat/preferences/", "/chat/prompts/":
        assert client.get(path)["Location"] == f"/users/login/?next={path}"
        assert post(client, path, system_prompt="x", name="x", text="x").status_code == 302


def test_an_option_of_a_conversation_is_for_it_alone(ada_client, ada, demo, conversation):
    save(ada_client, conversation, **ALL)
    other = make_conversation(ada, "Other", "Answer")
    answered(ada_client, "Hello", other)
    assert "temperature" not in sent(demo)
    assert newest(other).model == "parlor-demo"
