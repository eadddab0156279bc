"""What one may have, what a reply took, and what staff announce."""

import re
from itertools import count

import pytest
from playwright.sync_api import expect

numbers = count(1)


@pytest.fixture
def limit(shared_server, person):
    """Return a function that limits the person."""

    def limit(**limits):
        names = ", ".join(limits)
        values = ", ".join(str(value) for value in limits.values())
        shared_server.query(
            f"INSERT INTO chat_allowance (user_id, {names})"
            f" SELECT id, {values} FROM users_user WHERE username = ?",
            person.name,
        )

    return limit


@pytest.fixture
def announce(shared_server):
    """Return a function that announces a text; it is gone after the test."""
    name = f"staff-{next(numbers)}"
    staff = shared_server.person(name)
    shared_server.query(
        "UPDATE users_user SET is_staff = 1, is_superuser = 1 WHERE username = ?", name
    )
    made = []

    def announce(text):
        staff.get("/admin/users/announcement/add/")
        start = {"starts_at_0": "2026-01-01", "starts_at_1": "00:00:00"}
        staff.post(staff.url, {"text": text, "level": "info", "is_active": "on", **start})
        made.append(shared_server.query("SELECT MAX(id) FROM users_announcement")[0][0])

    yield announce
    for pk in made:
        staff.get(f"/admin/users/announcement/{pk}/delete/")
        staff.post(staff.url, {"post": "yes"})


@pytest.mark.row("O-093")
def test_a_message_over_the_budget_stays_in_the_composer(reader, limit, watch, contents):
    watch.expect("429")
    limit(tokens_per_day=100)
    reader.open("/chat/new/")
    reader.tab_to("textbox", "Message")
    reader.type("More, please")
    reader.send()
    expect(reader.alert.filter(has_text="It is available again tomorrow at 00:00.")).to_be_visible()
    expect(reader.message).to_have_value("More, please")
    assert contents() == []
    reader.use("link", "Your limits")
    expect(reader.control("heading", "Your limits")).to_be_visible()
    expect(reader.page.get_by_text("100 of 100 left")).to_be_visible()


def test_another_version_over_the_budget_is_refused_in_words(reader, limit, speaker, watch):
    watch.expect("429")
    reader.open("/chat/new/")
    reader.ask("Once, please.")
    speaker.end("Once.")
    reader.expect_state("done")
    limit(tokens_per_day=100)
    reader.use("button", "Regenerate")
    expect(reader.page.get_by_text("It is available again tomorrow")).to_be_visible()
    assert len(speaker.demo.requests) == 1


def test_what_a_conversation_took_is_found_from_it(reader, speaker):
    reader.open("/chat/new/")
    reader.ask("Count, please.")
    speaker.end("One. Two.")
    reader.expect_state("done")
    expect(reader.reply.get_by_text(re.compile(r"\d tokens"))).to_be_visible()
    reader.open_actions()
    reader.use("link", "Usage")
    expect(reader.control("heading", "Usage")).to_be_visible()
    expect(reader.control("link", "Count, please.")).to_be_visible()


def test_an_announcement_is_put_away(reader, announce):
    announce("We move on Friday.")
    reader.open("/chat/")
    banner = reader.page.get_by_role("complementary", name="Announcement")
    expect(banner).to_contain_text("We move on Friday.")
    reader.use("button", "Dismiss")
    expect(banner).to_have_count(0)
    if reader.scripts:
        expect(reader.focused).to_contain_text("put away")
    reader.open("/users/profile/")
    expect(reader.control("heading", "Profile")).to_be_visible()
    expect(banner).to_have_count(0)
