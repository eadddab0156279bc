"""Which models are on offer, and which one answers."""

import pytest

from apps.catalog import listing as model_listing
from apps.chat.models import Conversation, Message
from apps.chat.replies import writer
from tests.chat.talk import (
    HTMX,
    answered,
    ask,
    ended,
    newest,
    page_of,
    post,
    press,
    say,
    settled,
    shown,
)
from tests.factories import make_conversation, make_reply
from tests.live_server import wait_until
from tests.page import Page, words

pytestmark = pytest.mark.any_database


def picker(page):
    """Return the names that the page offers, and the chosen one."""
    options = page.all("select[@id='model']")[0].findall("option")
    chosen = [words(option) for option in options if option.get("selected") is not None]
    return [words(option) for option in options], chosen


def other_models(client, reply):
    """Map the models of the reply's menu to where their buttons send their form."""
    return {
        button.get("value"): form.get("action")
        for form in shown(client, reply).element.iter("form")
        for button in form.iter("button")
        if button.get("name") == "other_model"
    }


def asked(demo):
    """Return the models that were asked for a reply."""
    return [request["model"] for request in demo.requests if request["body"]]


def test_the_composer_offers_the_models_of_the_settings(ada_client, settings):
    settings.CHAT_MODELS, settings.CHAT_DEFAULT_MODEL = ["b", "a"], "a"
    for path in "/chat/", "/chat/new/":
        assert picker(Page(ada_client.get(path))) == (["a", "b"], ["a"])


def test_the_chosen_model_answers_and_stays_chosen(ada_client, demo):
    response = say(ada_client, "Hello", model="parlor-demo-mini")
    assert response.status_code == 303
    reply = ended(newest(Conversation.objects.get()))
    assert reply.model == "parlor-demo-mini"
    assert "parlor-demo-mini" in shown(ada_client, reply).text
    assert picker(page_of(ada_client, reply))[1] == ["parlor-demo-mini"]
    answered(ada_client, "And on", reply.conversation)
    say(ada_client, "And another", reply.conversation, model="parlor-demo")
    ended(newest(reply.conversation))
    assert asked(demo) == ["parlor-demo-mini", "parlor-demo-mini", "parlor-demo"]


def test_the_composer_that_htmx_puts_back_keeps_the_choice(ada_client, demo):
    for arguments in [], [Conversation.objects.latest]:
        conversations = [make("pk") for make in arguments]
        response = say(ada_client, "Hello", *conversations, model="parlor-demo-mini", headers=HTMX)
        if address := response.get("HX-Redirect"):
            response = ada_client.get(address)
        assert picker(Page(response))[1] == ["parlor-demo-mini"]
        ended(Message.objects.latest("pk"))


def test_a_reply_that_was_left_waiting_is_written_by_the_model_chosen_then(ada, demo):
    """As after a restart, when another one has been chosen meanwhile."""
    conversation = make_conversation(ada, "Question")
    Conversation.objects.update(model="parlor-demo-thinking")
    reply = make_reply(conversation, state="queued", model="parlor-demo-mini")
    writer.generate_reply(reply.pk)
    assert ended(reply).model == "parlor-demo-mini"
    assert asked(demo) == ["parlor-demo-mini"]


def test_a_reply_has_its_model_from_the_start(ada_client, demo):
    demo.fault = "silent"
    say(ada_client, "Hello", model="parlor-demo-mini")
    assert Message.objects.get(role="assistant").model == "parlor-demo-mini"


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("model", ["gpt-9000", "x" * 5000, "<b>", "a\x00b"])
def test_a_model_that_is_not_on_offer_is_refused_and_the_text_stays(
    ada_client, ada, demo, headers, is_new, model
):
    conversations = [] if is_new else [make_conversation(ada, "Question")]
    before = Message.objects.count()
    response = say(ada_client, "My words", *conversations, model=model, headers=headers)
    page = Page(response)
    assert response.status_code == 422
    assert page.alerts
    assert page.typed == "My words"
    assert picker(page)[1] == ["parlor-demo"]
    assert Message.objects.count() == before
    assert Conversation.objects.count() == len(conversations)


def test_a_refused_message_keeps_the_chosen_model(ada_client, demo):
    page = Page(say(ada_client, " ", model="parlor-demo-mini"))
    assert picker(page)[1] == ["parlor-demo-mini"]


def test_a_persons_model_answers_in_new_chats(ada_client, ada, demo):
    ada.chat_model = "parlor-demo-mini"
    ada.save(update_fields=["chat_model"])
    assert picker(Page(ada_client.get("/chat/new/")))[1] == ["parlor-demo-mini"]
    assert answered(ada_client).model == "parlor-demo-mini"


def test_a_model_that_the_site_has_withdrawn_is_not_asked(ada_client, ada, demo, settings):
    conversation = make_conversation(ada, "Question", "Answer")
    Conversation.objects.update(model="gpt-expensive")
    ada.chat_model = "gpt-expensive"
    ada.save(update_fields=["chat_model"])
    reply = answered(ada_client, "Hello", conversation)
    assert reply.model == "parlor-demo"
    assert "gpt-expensive" not in picker(page_of(ada_client, reply))[0]


def test_regenerate_with_another_model_is_for_one_version(ada_client, demo):
    first = answered(ada_client, "Question")
    buttons = other_models(ada_client, first)
    assert set(buttons) == {"parlor-demo-mini", "parlor-demo-thinking"}
    response = post(ada_client, buttons["parlor-demo-mini"], other_model="parlor-demo-mini")
    assert response.status_code == 303
    second = ended(newest(first.conversation))
    assert (second.parent, second.model) == (first.parent, "parlor-demo-mini")
    page = page_of(ada_client, first)
    assert "2 of 2" in page.messages[-1].text
    assert picker(page)[1] == ["parlor-demo"]


def test_the_menu_comes_with_a_reply_that_has_just_ended(ada_client, demo):
    reply = answered(ada_client)
    response = ada_client.get(f"/chat/messages/{reply.pk}/", headers=HTMX)
    assert "With another model" in Page(response).text


def test_only_the_newest_reply_has_the_menu(ada_client, ada):
    """Fifty replies with fifty models each would make a page of half a megabyte."""
    conversation = make_conversation(ada, "One", "Two", "Three", "Four")
    menus = [
        m
        for m in page_of(ada_client, newest(conversation)).messages
        if "With another model" in m.text
    ]
    assert [menu.shown for menu in menus] == ["Four"]


def test_regenerate_takes_the_model_that_the_composer_shows(ada_client, demo):
    first = answered(ada_client, "Question")
    press(ada_client, first, "again", model="parlor-demo-mini")
    second = ended(newest(first.conversation))
    assert second.model == "parlor-demo-mini"
    assert picker(page_of(ada_client, first))[1] == ["parlor-demo-mini"]


@pytest.mark.parametrize("headers", [None, HTMX])
def test_another_model_that_is_not_on_offer_is_refused(ada_client, demo, headers):
    first = answered(ada_client)
    response = press(ada_client, first, "again", other_model="gpt-9000", headers=headers)
    assert response.status_code == 422
    assert Page(response).all("section[@class='error-page']")
    assert newest(first.conversation) == first


def test_a_reply_is_continued_by_its_own_model(ada_client, demo):
    demo.fault = "length"
    first = answered(ada_client)
    press(ada_client, first, "again", other_model="parlor-demo-mini")
    second = ended(newest(first.conversation))
    demo.fault = None
    press(ada_client, second, "continue")
    assert ended(newest(first.conversation)).model == "parlor-demo-mini"


@pytest.mark.row("O-003")
def test_a_model_that_is_gone_is_replaced_by_choosing_another(ada_client, demo, settings):
    settings.CHAT_MODELS = ["parlor-demo", "gpt-gone"]
    say(ada_client, "Hello", model="gpt-gone")
    failed = ended(newest(Conversation.objects.get()))
    article = shown(ada_client, failed)
    assert failed.error == "model"
    assert "“gpt-gone” is not available. Choose another one." in article.note
    assert "Choose model" in article.text
    assert Conversation.objects.get().model == "gpt-gone"
    press(ada_client, failed, "again", model="gpt-gone", other_model="parlor-demo")
    assert ended(newest(failed.conversation)).state == "done"
    assert picker(page_of(ada_client, failed))[1] == ["parlor-demo"]
    assert answered(ada_client, "Further", failed.conversation).model == "parlor-demo"


def test_names_of_models_are_shown_as_text(ada_client, ada, settings):
    settings.CHAT_MODELS = ['<script>"&', "other"]
    conversation = make_conversation(ada, "Question")
    make_reply(conversation, "Answer", model="<script>")
    page = page_of(ada_client, newest(conversation))
    assert picker(page)[0] == ['<script>"&', "other"]
    assert not [script for script in page.all("script") if not script.get("src")]


# What the service lists.


@pytest.fixture
def listing(demo, settings):
    """The demo model, whose list of models nobody has asked for yet."""
    settings.CHAT_MODELS = []
    yield demo
    settled()


def was_asked(demo):
    return sum(request["path"] == "/v1/models" for request in demo.requests)


def all_offered(client):
    return picker(Page(client.get("/chat/new/")))[0]


LISTED = ["parlor-demo", "parlor-demo-mini", "parlor-demo-thinking"]


def test_what_the_service_lists_is_offered_as_soon_as_it_is_known(ada_client, listing):
    assert all_offered(ada_client)[0] == "parlor-demo"
    wait_until(lambda: all_offered(ada_client) == LISTED)
    assert was_asked(listing) == 1


@pytest.mark.parametrize(
    "fault", ["models-html", "models-empty", "models-401", "models-null", "models-silent"]
)
def test_a_list_that_does_not_come_holds_nobody_up(ada_client, listing, fault, monkeypatch):
    monkeypatch.setattr("apps.gateway.client.MODEL_LIST_SECONDS", 0.5)
    listing.fault = fault
    assert all_offered(ada_client) == ["parlor-demo"]
    assert answered(ada_client).state == "done"
    assert all_offered(ada_client) == ["parlor-demo"]
    assert was_asked(listing) <= 1


@pytest.mark.parametrize("fault", ["models-401", "models-empty"])
def test_an_old_list_stays_until_there_is_a_new_one(ada_client, listing, fault, monkeypatch):
    monkeypatch.setattr(model_listing, "FRESH_SECONDS", 0)
    model_listing.fetch()
    listing.fault = fault
    model_listing.refresh()
    assert was_asked(listing) == 2
    assert all_offered(ada_client) == LISTED


def test_a_list_is_asked_for_again_after_a_while(ada_client, listing, monkeypatch):
    monkeypatch.setattr(model_listing, "FRESH_SECONDS", 0)
    monkeypatch.setattr(model_listing, "LOOK_SECONDS", 0)
    all_offered(ada_client)
    all_offered(ada_client)
    listing.wait_for(lambda requests: was_asked(listing) >= 2)


def test_a_list_that_failed_is_asked_for_again_soon(ada_client, listing, monkeypatch):
    monkeypatch.setattr(model_listing, "RETRY_SECONDS", 0)
    monkeypatch.setattr(model_listing, "LOOK_SECONDS", 0)
    listing.fault = "models-401"
    all_offered(ada_client)
    wait_until(lambda: was_asked(listing))
    settled()
    listing.fault = None
    wait_until(lambda: all_offered(ada_client) == LISTED)


@pytest.mark.row("O-124")
def test_the_next_process_finds_the_list_and_asks_nobody(ada_client, listing):
    model_listing.fetch()
    model_listing.forget()  # As a process that has just begun.
    assert all_offered(ada_client) == LISTED
    settled()
    assert was_asked(listing) == 1


def test_of_many_processes_one_asks(listing, ada):
    for _ in range(3):
        model_listing.forget()
        model_listing.refresh()
    assert was_asked(listing) == 1
    assert model_listing.remembered().chat == LISTED


@pytest.mark.row("O-124")
@pytest.mark.parametrize("model", ["parlor-demo-mini", "gpt-9000"])
def test_while_the_list_is_unknown_nobody_is_refused(ada_client, ada, listing, model):
    """After each start, and for as long as the service does not list its models."""
    listing.fault = "models-silent" if model == "parlor-demo-mini" else "models-401"
    response = say(ada_client, "My words", model=model)
    assert response.status_code == 303
    reply = newest(Conversation.objects.get())
    assert ended(reply).model == model
    post(ada_client, "/chat/preferences/", chat_model=model)
    ada.refresh_from_db()
    assert ada.chat_model == model


@pytest.mark.parametrize("model", ["a\x00b", "x" * 201, "a\u2028b"])
def test_what_is_no_name_is_refused_even_then(ada_client, listing, model):
    listing.fault = "models-401"
    assert say(ada_client, "My words", model=model).status_code == 422


@pytest.mark.row("O-124")
def test_a_model_that_another_process_has_offered_is_not_refused(ada_client, listing):
    """This one's memory is older than the row."""
    model_listing.fetch()
    row = model_listing.Listing.objects.get()
    row.listed = [*row.listed, {"name": "brand-new"}]
    row.save()
    assert say(ada_client, "Hello", model="brand-new").status_code == 303
    ended(Message.objects.latest("pk"))
    assert say(ada_client, "Hello", model="gpt-9000").status_code == 422


def test_the_newest_general_model_answers_where_none_is_set(ada_client, listing, settings):
    settings.CHAT_DEFAULT_MODEL = ""
    assert all_offered(ada_client)
    reply = ended(ask(ada_client))
    assert (reply.state, reply.model) == ("done", "parlor-demo")


def test_a_model_that_is_no_longer_listed_stays_chosen_until_it_is_changed(
    ada_client, ada, listing
):
    model_listing.fetch()
    conversation = make_conversation(ada, "Question", "Answer")
    Conversation.objects.update(model="gpt-gone")
    page = page_of(ada_client, newest(conversation))
    assert picker(page) == (["gpt-gone", *LISTED], ["gpt-gone"])
    say(ada_client, "Hello", conversation, model="gpt-gone")
    assert ended(newest(conversation)).error == "model"


# What was learned from an answer.


def test_a_model_that_cannot_chat_is_no_longer_offered_by_any_process(ada_client, listing):
    model_listing.fetch()
    row = model_listing.Listing.objects.get()
    row.listed = [*row.listed, {"name": "gpt-gone"}]
    row.save()
    model_listing.look()
    assert "gpt-gone" in all_offered(ada_client)
    say(ada_client, "Hello", model="gpt-gone")
    failed = ended(newest(Conversation.objects.get()))
    assert failed.error == "model"
    assert "gpt-gone" not in all_offered(ada_client)
    model_listing.forget()
    assert "gpt-gone" not in all_offered(ada_client)
    assert picker(page_of(ada_client, failed))[1] == ["gpt-gone"]  # Nobody changed it in silence.


def test_it_is_offered_again_after_a_while(ada_client, listing, monkeypatch):
    monkeypatch.setattr(model_listing, "UNFIT_SECONDS", 0)
    model_listing.fetch()
    model_listing.note_unfit("parlor-demo-mini", model_listing.Purpose.CHAT)
    assert all_offered(ada_client) == LISTED


def test_what_the_settings_name_is_always_offered(ada_client, demo, settings):
    settings.CHAT_MODELS = ["parlor-demo", "gpt-gone"]
    say(ada_client, "Hello", model="gpt-gone")
    assert ended(Message.objects.latest("pk")).error == "model"
    assert all_offered(ada_client) == ["parlor-demo", "gpt-gone"]


def test_where_all_have_proved_unfit_all_are_offered(ada_client, listing, settings):
    """As of a server that had loaded none: it is the person's turn to look."""
    settings.CHAT_DEFAULT_MODEL = ""
    model_listing.fetch()
    for name in LISTED:
        model_listing.note_unfit(name, model_listing.Purpose.CHAT)
    assert all_offered(ada_client) == LISTED
