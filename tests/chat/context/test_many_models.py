"""Any number of models can be found and chosen, with and without scripts."""

import uuid

import pytest
from django.utils import timezone

from apps.catalog import listing
from apps.chat.models import Conversation, Draft, Message
from tests.chat.talk import HTMX, ended, newest, page_of, post, press, say, settled
from tests.factories import make_conversation, make_reply
from tests.page import Page, words

pytestmark = pytest.mark.any_database


def catalogue(settings, count):
    """Let the service list so many models, the newest last."""
    settings.CHAT_MODELS, settings.CHAT_DEFAULT_MODEL = [], ""
    listed = [
        {"name": f"vendor/model-{number:04}", "created": 1_600_000_000 + number}
        for number in range(count)
    ]
    key = listing.service_key()
    now = timezone.now()
    defaults = {"listed": listed, "listed_at": now, "asked_at": now}
    listing.Listing.objects.update_or_create(service=key, defaults=defaults)
    listing.look()


@pytest.fixture(autouse=True)
def _settled(demo):
    yield
    settled()


@pytest.fixture
def many(ada_client, settings):
    catalogue(settings, 3000)


def options(page, name="model"):
    return [words(option) for option in page.named(name).iter("option")]


def buttons(page, name):
    """Map the models among the buttons of this name to where their form goes."""
    return {
        button.get("value"): form.get("action")
        for form in page.all("form")
        for button in form.iter("button")
        if button.get("name") == name and form.get("method") == "post"
    }


def found(client, **query):
    return Page(client.get("/chat/models/", query))


def pages_with_pickers(ada):
    conversation = make_conversation(ada, "Question", "Answer")
    make_reply(conversation, "Answer", model="vendor/model-0001")
    return [
        f"/chat/{conversation.pk}/",
        "/chat/new/",
        "/chat/",
        "/chat/preferences/",
        f"/chat/{conversation.pk}/options/",
    ]


@pytest.mark.row("O-125")
def test_the_weight_of_a_page_does_not_grow_with_the_list(ada_client, ada, settings):
    paths = pages_with_pickers(ada)
    weights = {}
    for count in 10, 300, 3000:
        catalogue(settings, count)
        weights[count] = {path: len(ada_client.get(path).content) for path in paths}
    for path in paths:
        assert abs(weights[3000][path] - weights[300][path]) < 200
        assert weights[3000][path] < weights[10][path] + 4_000


@pytest.mark.row("O-125")
def test_no_page_names_a_model_many_times(ada_client, ada, many):
    for path in pages_with_pickers(ada):
        html = ada_client.get(path).content.decode()
        assert html.count("vendor/model-") < 60, path


def test_few_models_are_a_plain_list(ada_client, settings):
    catalogue(settings, 20)
    page = Page(ada_client.get("/chat/new/"))
    assert len(options(page)) == 20
    assert "All models" not in page.buttons
    assert not Page(ada_client.get("/chat/preferences/")).named("find-model")


@pytest.mark.parametrize("number", [0, 299, 300, 1234, 2999])
@pytest.mark.row("O-125")
def test_each_model_is_found_and_chosen_without_scripts(ada_client, ada, many, number):
    """From the composer of a conversation, and back to it with what was typed."""
    name = f"vendor/model-{number:04}"
    conversation = make_conversation(ada, "Question", "Answer")
    page = page_of(ada_client, newest(conversation))
    assert page.composer_buttons["All models"] == f"/chat/{conversation.pk}/send/"
    response = say(ada_client, "Half a sent", conversation, find_model="1")
    assert response["Location"] == f"/chat/models/?conversation={conversation.pk}"
    page = found(ada_client, conversation=conversation.pk, q=f"model {number:04}")
    action = buttons(page, "model")[name]
    response = post(ada_client, action, model=name)
    assert response["Location"] == f"/chat/{conversation.pk}/"
    page = page_of(ada_client, newest(conversation))
    assert page.typed == "Half a sent"
    assert options(page)[0] == name
    assert conversation.messages.count() == 2


def test_a_model_is_chosen_for_a_new_chat_without_scripts(ada_client, ada, many):
    response = say(ada_client, "Half a sent", find_model="1")
    assert response["Location"] == "/chat/models/?"
    assert not Message.objects.exists()
    page = found(ada_client, q="0300")
    action = buttons(page, "model")["vendor/model-0300"]
    response = post(ada_client, action, model="vendor/model-0300")
    page = Page(ada_client.get(response["Location"]))
    assert page.typed == "Half a sent"
    chosen = [o.get("value") for o in page.named("model").iter("option") if "selected" in o.attrib]
    assert chosen == ["vendor/model-0300"]
    assert Draft.objects.get().text == "Half a sent"
    say(ada_client, "Whole", model="vendor/model-0300")
    assert ended(newest(Conversation.objects.get())).model == "vendor/model-0300"


def test_a_reply_is_written_by_a_model_that_was_found(ada_client, ada, many):
    conversation = make_conversation(ada, "Question", "Answer")
    reply = newest(conversation)
    page = page_of(ada_client, reply)
    assert 1 < len(buttons(page, "other_model")) <= 8
    search = [form for form in page.all("form") if form.find(".//input[@name='reply']") is not None]
    assert search[0].get("action") == "/chat/models/"
    page = found(ada_client, reply=reply.pk, q="1234")
    action = buttons(page, "other_model")["vendor/model-1234"]
    response = press(ada_client, reply, "again", other_model="vendor/model-1234")
    assert action == f"/chat/messages/{reply.pk}/again/"
    assert response.status_code == 303
    assert ended(newest(conversation)).model == "vendor/model-1234"


def test_htmx_finds_as_one_types_and_swaps_the_choice(ada_client, ada, many):
    conversation = make_conversation(ada, "Question", "Answer")
    query = {"conversation": conversation.pk}
    finder = Page(ada_client.get("/chat/models/", {**query, "open": ""}, headers=HTMX))
    assert finder.named("find-model") is not None
    assert finder.named("models-found") is not None
    part = Page(ada_client.get("/chat/models/", {**query, "q": "0300"}, headers=HTMX))
    assert list(buttons(part, "model")) == ["vendor/model-0300"]
    assert part.named("find-model") is None
    action = buttons(part, "model")["vendor/model-0300"]
    chosen = Page(post(ada_client, action, headers=HTMX, model="vendor/model-0300"))
    assert options(chosen)[0] == "vendor/model-0300"
    assert chosen.named("model-finder") is not None
    conversation.refresh_from_db()
    assert conversation.model == "vendor/model-0300"


def test_htmx_chooses_for_a_new_chat(ada_client, many):
    part = Page(ada_client.get("/chat/models/", {"q": "0300"}, headers=HTMX))
    action = buttons(part, "model")["vendor/model-0300"]
    chosen = Page(post(ada_client, action, headers=HTMX, model="vendor/model-0300"))
    assert options(chosen)[0] == "vendor/model-0300"


def test_all_pages_of_what_is_found_hold_every_model_once(ada_client, settings):
    catalogue(settings, 60)
    names, number = [], 1
    while True:
        page = found(ada_client, page=number)
        names += buttons(page, "model")
        if "More models" not in page.links:
            break
        number += 1
    assert sorted(names) == [f"vendor/model-{n:04}" for n in range(60)]
    assert "60 models" in page.text


@pytest.mark.parametrize("page", ["0", "-1", "99999999999", "x", ""])
def test_a_page_that_cannot_be_is_none_that_fails(ada_client, many, page):
    assert ada_client.get("/chat/models/", {"page": page}).status_code in (200, 404)


def test_what_is_in_use_comes_first(ada_client, ada, many):
    make_conversation(ada, "Question", "Answer")
    Conversation.objects.update(model="vendor/model-0077")
    ada.chat_model = "vendor/model-0500"
    ada.save()
    first = list(buttons(found(ada_client, q="vendor"), "model"))[:2]
    assert first == ["vendor/model-0500", "vendor/model-0077"]
    assert options(Page(ada_client.get("/chat/new/")))[:2] == first


@pytest.mark.parametrize(
    ("query", "name"),
    [("MODEL 0042", "vendor/model-0042"), ("model0042", "vendor/model-0042"),
     ("0042 vendor", "vendor/model-0042"), ("vendor/model-0042", "vendor/model-0042")],
)  # fmt: skip
def test_names_are_found_by_their_parts(ada_client, many, query, name):
    assert list(buttons(found(ada_client, q=query), "model")) == [name]


@pytest.mark.parametrize(
    "query", ["nothing of that kind", "<script>alert(1)</script>", "\x00", "%"]
)
def test_what_is_not_there_is_not_found(ada_client, many, query):
    response = ada_client.get("/chat/models/", {"q": query})
    assert response.status_code == 200
    assert "alert(1)</script>" not in response.content.decode()


def test_a_name_that_others_begin_with_comes_before_them(ada_client, settings):
    settings.CHAT_MODELS = ["x", *(f"x-{number:02}" for number in range(60))]
    assert next(iter(buttons(found(ada_client, q="x"), "model"))) == "x"


# Forms.


@pytest.mark.parametrize("form", ["preferences", "options"])
def test_in_a_form_a_model_is_found_and_nothing_typed_is_lost(ada_client, ada, many, form):
    conversation = make_conversation(ada, "Question", "Answer")
    path = f"/chat/{conversation.pk}/options/" if form == "options" else "/chat/preferences/"
    name = "model" if form == "options" else "chat_model"
    typed = {"system_prompt": "I am Ada.", "temperature": "warm"}
    response = post(ada_client, path, **typed, find="1234", find_model="1")
    page = Page(response)
    assert response.status_code == 200
    assert options(page, f"id_{name}")[1] == "vendor/model-1234"
    assert "One model was found for “1234”" in page.text
    assert words(page.all("textarea[@name='system_prompt']")[0]) == "I am Ada."
    ada.refresh_from_db()
    assert ada.system_prompt == ""
    assert not page.alerts
    response = post(ada_client, path, system_prompt="I am Ada.", **{name: "vendor/model-1234"})
    assert response.status_code == 303
    page = Page(ada_client.get(path))
    chosen = [words(o) for o in page.all("option") if o.get("selected") is not None]
    assert "vendor/model-1234" in chosen


def test_in_a_form_the_choice_made_before_a_search_stays(ada_client, many):
    fields = {"chat_model": "vendor/model-0007", "find": "1234", "find_model": "1"}
    page = Page(post(ada_client, "/chat/preferences/", **fields))
    chosen = [words(o) for o in page.all("option") if o.get("selected") is not None]
    assert chosen == ["vendor/model-0007"]


def test_enter_in_another_field_saves(ada_client, ada, many):
    """It presses the first button, which is that of the search."""
    post(ada_client, "/chat/preferences/", system_prompt="I am Ada.", find="", find_model="1")
    ada.refresh_from_db()
    assert ada.system_prompt == "I am Ada."


def test_htmx_puts_what_is_found_into_the_list_of_a_form(ada_client, many):
    query = {"find": "1234", "chat_model": "vendor/model-0007"}
    page = Page(ada_client.get("/chat/models/options/", query, headers=HTMX))
    listed = [words(o) for o in page.all("option")]
    assert listed[0] == "The usual one: vendor/model-2999"
    assert listed[1] == "vendor/model-1234"
    selected = [words(o) for o in page.all("option") if o.get("selected") is not None]
    assert selected == ["vendor/model-0007"]


# Others.


def test_a_stranger_finds_nothing_of_others(ada, bob_client, many):
    conversation = make_conversation(ada, "Question", "Answer")
    pk, reply = conversation.pk, newest(conversation)
    assert bob_client.get(f"/chat/models/?conversation={pk}").status_code == 404
    assert bob_client.get(f"/chat/models/?reply={reply.pk}").status_code == 404
    assert post(bob_client, f"/chat/{pk}/model/", model="vendor/model-0001").status_code == 404
    conversation.refresh_from_db()
    assert conversation.model == ""


def test_nobody_is_led_to_the_log_in(client, ada, many):
    client.logout()
    for path in "/chat/models/", "/chat/models/options/":
        assert client.get(path).status_code == 302
    assert post(client, "/chat/new/model/", model="vendor/model-0001").status_code == 302


def test_a_model_that_is_not_on_offer_cannot_be_chosen(ada_client, ada, many):
    conversation = make_conversation(ada, "Question", "Answer")
    for path in f"/chat/{conversation.pk}/model/", "/chat/new/model/":
        assert post(ada_client, path, model="gpt-9000").status_code == 422
        assert ada_client.get(path).status_code == 405


def test_a_form_that_is_sent_twice_is_led_to_the_search_twice(ada_client, many):
    key = str(uuid.uuid4())
    for _ in range(2):
        assert say(ada_client, "Words", find_model="1", key=key).status_code == 303
