"""A picture in the text of a reply takes its place when the reply has ended, and fits the page."""

import base64

import pytest
from playwright.sync_api import expect

from scripts.demo_openai.faults import FAULTS
from scripts.demo_openai.faults.acts import Fault
from scripts.demo_openai.faults.service_replies import answering
from scripts.demo_openai.faults.service_replies.chunks import Answer, delta, part, said
from tests.uploads import png

CHART = f"data:image/png;base64,{base64.b64encode(png((1600, 900))).decode()}"
TEXT = f"Here it is:\n\n![chart of sales]({CHART})\n\n| a | b |\n|---|---|\n| ![c]({CHART}) | 2 |\n"


def cited(url, title):
    citation = {"type": "url_citation", "url_citation": {"url": url, "title": title}}
    return delta(annotations=[citation])


@pytest.fixture
def drawing(demo, monkeypatch):
    """Let the model answer with a picture, in a table too, and with two sources."""
    events = [
        part("So. "),
        cited("https://example.org/a-long-address", "A page about the sales of the last year"),
        cited("https://example.com/", ""),
        *said(TEXT, 1_000),
    ]
    fault = Fault("", answering(Answer("", events)))
    monkeypatch.setitem(FAULTS, "drawing", fault)
    demo.fault = "drawing"


@pytest.mark.parametrize("width", [360, 1280])
def test_pictures_and_sources_fit_the_page(open_context, shared_server, person, drawing, width):
    page = open_context(person, viewport={"width": width, "height": 800}).new_page()
    page.goto(f"{shared_server.url}/chat/new/")
    page.get_by_label("Message", exact=True).fill("Draw it")
    page.get_by_role("button", name="Send").click()
    reply = page.get_by_role("article").last
    picture = reply.get_by_role("img", name="chart of sales")
    expect(picture).to_be_visible()
    box = picture.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert round(box["width"] / box["height"], 1) == 1.8
    expect(reply.get_by_role("img")).to_have_count(2)
    links = reply.get_by_role("region", name="Sources").get_by_role("link")
    expect(links).to_have_text(["A page about the sales of the last year", "example.com"])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
