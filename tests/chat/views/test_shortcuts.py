"""The keys: a page that lists them, and every one that it lists is on the pages."""

import re

import pytest

from tests.chat.talk import HTMX, ask
from tests.factories import make_conversation
from tests.page import Page

pytestmark = pytest.mark.any_database


def access_keys(page):
    return {each.get("accesskey") for each in page.all("*[@accesskey]")}


def test_the_page_lists_the_access_keys_of_the_pages(ada_client, demo):
    demo.fault = "silent"
    reply = ask(ada_client)
    page = Page(ada_client.get(f"/chat/{reply.conversation_id}/"))
    listed = Page(ada_client.get("/chat/keys/")).all("table[@aria-labelledby='keys-access']")[0]
    assert access_keys(page) == {"".join(each.itertext()).lower() for each in listed.iter("kbd")}


@pytest.mark.parametrize("path", ["/chat/", "/chat/new/", "/chat/1/"])
def test_they_can_be_switched_off(ada_client, ada, path):
    conversation = make_conversation(ada, "Question", "Answer")
    path = path.replace("1", str(conversation.pk))
    ada.shortcuts = False
    ada.save()
    page = Page(ada_client.get(path))
    assert access_keys(page) == set()
    triggers = [each.get("hx-trigger") for each in page.all("*[@hx-trigger]")]
    assert not [trigger for trigger in triggers if "from:body" in trigger]
    assert "Write a message" in page.links
    keys = Page(ada_client.get("/chat/keys/"))
    assert "Access keys" not in keys.text
    assert "switched off" in keys.text


def test_skip_links_lead_to_parts_of_the_page(ada_client, ada):
    conversation = make_conversation(ada, "Question", "Answer")
    page = Page(ada_client.get(f"/chat/{conversation.pk}/"))
    skips = [each.get("href") for each in page.all("a") if "skip-link" in each.get("class", "")]
    parts = {href for href in skips if href.startswith("#")}
    assert parts == {"#main", "#message", "#log", "#conversations"}
    assert all(page.named(href[1:]) is not None for href in parts)


@pytest.mark.parametrize(
    ("to", "place"), [("message", "#message"), ("new", "/chat/new/"), ("keys", "/chat/keys/")]
)
def test_a_key_leads_htmx_to_its_place(ada_client, to, place):
    assert ada_client.get(f"/chat/go/?to={to}", headers=HTMX)["HX-Redirect"] == place


@pytest.mark.parametrize("to", ["", "?to=", "?to=//example.org/", "?to=message"])
def test_by_hand_the_address_leads_to_the_list_of_keys(ada_client, to):
    assert ada_client.get(f"/chat/go/{to}")["Location"] == "/chat/keys/"


def test_what_enter_does_is_told_as_it_was_chosen(ada_client, ada):
    table = "table[@aria-labelledby='keys-composer']"

    def rows():
        element = Page(ada_client.get("/chat/keys/")).all(table)[0]
        return re.sub(r"\s+", " ", "".join(element.itertext()))

    assert "Shift EnterMake a new line" in rows()
    ada.enter_sends = False
    ada.save()
    assert "Ctrl EnterSend the message" in rows()
