"""Models that are switched off: not offered, not asked in silence, and told to staff in time."""

import logging
import time
from datetime import UTC, datetime

import pytest
from django.utils.formats import date_format

from apps.catalog import listing
from apps.chat.models import Conversation
from tests.chat.talk import answered, ended, newest, page_of, post, press, say, settled, shown
from tests.factories import make_conversation
from tests.page import Page, words

DAY = 86_400
OLD, ENDING = "parlor-demo-mini", "parlor-demo-thinking"  # By the demo's fault "models-ending".


@pytest.fixture
def ending(demo, settings):
    """A service that has said which models end, and when."""
    settings.CHAT_MODELS = []
    demo.fault = "models-ending"
    listing.fetch()
    demo.fault = None
    yield demo
    settled()


def offered(client):
    return [words(option) for option in Page(client.get("/chat/new/")).named("model")]


def told(client):
    """Map the models that staff are told of to when they end and what uses them."""
    rows = Page(client.get("/admin/")).all("div[@id='endings']//tr")
    return {words(row[0]): (words(row[1]), words(row[2])) for row in rows[1:]}


@pytest.mark.row("O-123")
def test_what_has_ended_is_not_offered(ada_client, ending):
    assert offered(ada_client) == ["parlor-demo", ENDING]
    assert say(ada_client, "My words", model=OLD).status_code == 422
    assert post(ada_client, "/chat/preferences/", chat_model=OLD).status_code == 422
    assert OLD not in Page(ada_client.get("/chat/models/")).text


@pytest.mark.row("O-123")
@pytest.mark.parametrize("models", [[], ["parlor-demo", OLD]])
def test_a_conversation_that_chose_it_is_told_so(ada_client, ada, ending, settings, models):
    settings.CHAT_MODELS = models
    conversation = make_conversation(ada, "Question", "Answer")
    Conversation.objects.update(model=OLD)
    page = page_of(ada_client, newest(conversation))
    chosen = [words(o) for o in page.named("model") if o.get("selected") is not None]
    assert chosen == [f"{OLD} (switched off)"]
    before = len(ending.requests)
    say(ada_client, "And on?", conversation, model=OLD)
    failed = ended(newest(conversation))
    assert (failed.error, failed.model) == ("model", OLD)
    assert len(ending.requests) == before  # Nobody was asked in vain.
    article = shown(ada_client, failed)
    assert f"“{OLD}” is not available. Choose another one." in article.note
    assert "Choose model" in article.text
    press(ada_client, failed, "again", other_model="parlor-demo")
    assert ended(newest(conversation)).state == "done"
    assert answered(ada_client, "Further", conversation).model == "parlor-demo"


@pytest.mark.row("O-123")
@pytest.mark.parametrize("names", [[], [OLD, "parlor-demo"]])
def test_it_is_nobodys_usual_model(ada_client, ada, ending, settings, names):
    settings.CHAT_DEFAULT_MODEL, settings.CHAT_MODELS = OLD, names
    ada.chat_model = OLD
    ada.save(update_fields=["chat_model"])
    page = Page(ada_client.get("/chat/new/"))
    assert [words(o) for o in page.named("model") if o.get("selected") is not None] == [
        "parlor-demo"
    ]
    assert answered(ada_client).model == "parlor-demo"


@pytest.mark.row("O-123")
def test_staff_are_told_what_ends_and_what_uses_it(admin_client, ada, ending, settings):
    for _ in range(2):
        make_conversation(ada, "Question", "Answer")
    Conversation.objects.update(model=OLD)
    ada.chat_model = ENDING
    ada.save(update_fields=["chat_model"])
    settings.CHAT_MODELS, settings.CHAT_TITLE_MODEL = ["parlor-demo", ENDING], OLD
    settings.IMAGE_MODEL = ENDING
    table = told(admin_client)
    assert list(table) == [OLD, ENDING]
    when, uses = table[OLD]
    assert when.startswith("since ")
    assert uses == "CHAT_TITLE_MODEL, 2 conversations"
    when, uses = table[ENDING]
    moment = listing.remembered().ends[ENDING]
    assert when == date_format(datetime.fromtimestamp(moment, UTC), "DATE_FORMAT")
    assert uses == "CHAT_MODELS, IMAGE_MODEL, the usual model of 1 person"


def test_what_nothing_uses_is_told_while_it_can_be_chosen(admin_client, ada, ending):
    assert told(admin_client) == {ENDING: (told(admin_client)[ENDING][0], "–")}


def test_the_model_that_is_used_without_a_setting_counts_as_used(admin_client, ending, settings):
    settings.CHAT_DEFAULT_MODEL = ""
    row = listing.Listing.objects.get()
    soon = time.time() + DAY
    row.listed = [{**fields, "ends_at": soon} for fields in row.listed]
    row.save()
    assert told(admin_client)["parlor-demo"][1] == "CHAT_DEFAULT_MODEL"
    assert told(admin_client)["parlor-demo-image"][1] == "IMAGE_MODEL"


def test_without_an_end_nothing_is_told(admin_client, demo):
    listing.fetch()
    assert told(admin_client) == {}
    assert Page(admin_client.get("/admin/")).named("endings") is None


def test_what_ends_in_a_year_is_not_told_yet(admin_client, ending):
    row = listing.Listing.objects.get()
    row.listed = [{"name": "a", "ends_at": time.time() + 91 * DAY}]
    row.save()
    assert told(admin_client) == {}


@pytest.mark.row("O-123")
def test_the_log_is_told_once(ada, ending, caplog):
    make_conversation(ada, "Question", "Answer")
    Conversation.objects.update(model=ENDING)
    ending.fault = "models-ending"
    with caplog.at_level(logging.WARNING, "apps.chat.context.model_retirement"):
        for _ in range(3):
            listing.fetch()
            listing.forget()
    lines = [each.getMessage() for each in caplog.records if "model_retirement" in each.name]
    assert len(lines) == 1
    assert f"the model {ENDING} is switched off on 20" in lines[0]
    assert lines[0].endswith("used by: 1 conversation")
