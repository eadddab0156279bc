"""What staff tell everybody: on every page, until it is over or put away."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.users import announcements
from apps.users.models import Announcement
from tests.factories import make_user
from tests.page import Page

pytestmark = pytest.mark.any_database

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _unheard():
    announcements.forget()
    yield
    announcements.forget()


@pytest.fixture
def announce(admin_client):
    """Return a function that announces a text as staff do."""

    def make(text, **fields):
        form = {"text": text, "level": "info", "is_active": "on", "starts_at_0": "2026-01-01"}
        response = admin_client.post(
            "/admin/users/announcement/add/", {**form, "starts_at_1": "00:00", **fields}
        )
        assert response.status_code == 302, response.context["errors"]
        return Announcement.objects.latest("pk")

    return make


def announced(client, path="/"):
    page = Page(client.get(path))
    return [
        " ".join("".join(each.find("p").itertext()).split())
        for each in page.all("aside[@aria-label='Announcement']")
    ]


def test_everybody_who_is_logged_in_is_told_on_every_page(announce, as_ada):
    assert announced(as_ada) == []
    announce("We move on Friday.")
    for path in "/", "/chat/", "/chat/new/", "/gallery/", "/users/profile/":
        assert announced(as_ada, path) == ["We move on Friday."]
    assert announced(Client()) == []


def test_a_request_that_is_refused_before_the_log_in_has_its_page(announce, as_ada):
    announce("Hello")
    response = as_ada.get("/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert "Hello" not in Page(response).text


def test_a_text_is_only_text_with_its_links(announce, as_ada):
    announce("<b>See</b> https://example.org/plan")
    html = as_ada.get("/").content.decode()
    assert "&lt;b&gt;See" in html
    assert '<a href="https://example.org/plan" rel="nofollow">' in html


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_person_puts_it_away_for_good_and_nobody_else(announce, as_ada, ada, headers):
    first = announce("First")
    announce("Second")
    path = f"/announcements/{first.pk}/dismiss/"
    response = as_ada.post(path, {"next": "/chat/?page=1"}, headers=headers)
    if headers:
        assert response.status_code == 200
        assert "put away" in Page(response).text
    else:
        assert (response.status_code, response["Location"]) == (303, "/chat/?page=1")
    other_device, other_person = Client(), Client()
    other_device.force_login(ada)
    other_person.force_login(make_user("bob"))
    assert announced(other_device) == ["Second"]
    assert announced(other_person) == ["Second", "First"]


def test_after_it_is_put_away_one_is_sent_nowhere_else(announce, as_ada):
    path = f"/announcements/{announce('Hello').pk}/dismiss/"
    for elsewhere in "https://example.org/", "//example.org", "":
        assert as_ada.post(path, {"next": elsewhere})["Location"] == "/"


def test_only_people_put_away_and_only_what_there_is(announce, as_ada, client):
    announcement = announce("Hello")
    path = f"/announcements/{announcement.pk}/dismiss/"
    assert as_ada.get(path).status_code == 405
    assert as_ada.post("/announcements/987654321/dismiss/").status_code == 404
    assert Client().post(path)["Location"].startswith("/users/login/")


def test_it_is_shown_from_its_start_to_its_end(announce, as_ada, monkeypatch):
    end = {"ends_at_0": "2026-11-24", "ends_at_1": "00:00"}
    announce("Tomorrow", starts_at_0="2026-11-23", starts_at_1="13:00", **end)
    seen = []
    for hours in (0, 1, 11, 12):
        monkeypatch.setattr(timezone, "now", lambda now=NOW + timedelta(hours=hours): now)
        seen.append(announced(as_ada))
    assert seen == [[], ["Tomorrow"], ["Tomorrow"], []]


def test_an_end_before_the_start_is_refused(admin_client):
    form = {"text": "x", "level": "info", "starts_at_0": "2026-01-02", "starts_at_1": "00:00"}
    end = {"ends_at_0": "2026-01-01", "ends_at_1": "00:00"}
    response = admin_client.post("/admin/users/announcement/add/", {**form, **end})
    assert "It has to end after it starts." in response.content.decode()


def test_a_change_is_seen_at_once(announce, admin_client, as_ada):
    announcement = announce("Hello")
    assert announced(as_ada) == ["Hello"]
    admin_client.post(f"/admin/users/announcement/{announcement.pk}/delete/", {"post": "yes"})
    assert announced(as_ada) == []


def test_announcements_cost_a_page_no_query(announce, as_ada, monkeypatch):
    """But the first in half a minute."""
    monkeypatch.setattr(announcements, "MEMORY_SECONDS", math.inf)
    for number in range(3):
        announce(f"Number {number}")
    assert [queries(as_ada) for _ in range(3)] == [1, 0, 0]
    assert len(announced(as_ada)) == 3
    monkeypatch.setattr(announcements, "MEMORY_SECONDS", 0)
    assert queries(as_ada) == 1


def queries(client):
    """Open a page; return how many queries have asked for announcements."""
    table = Announcement._meta.db_table
    with CaptureQueriesContext(connection) as captured:
        client.get("/")
    return len([query for query in captured if table in query["sql"]])


def test_what_was_put_away_and_is_gone_is_forgotten(announce, as_ada, ada):
    old, new = announce("Old"), announce("New")
    as_ada.post(f"/announcements/{old.pk}/dismiss/")
    old.delete()
    as_ada.post(f"/announcements/{new.pk}/dismiss/")
    ada.refresh_from_db()
    assert ada.dismissed_announcements == [new.pk]
