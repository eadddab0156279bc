"""Whatever form is sent when the session is over: nothing is done, and no word of it is lost."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from apps.chat.models import Conversation, Summary
from apps.core import form_recovery
from tests.chat.talk import HTMX, post
from tests.chat.views.test_access import rows  # noqa: F401
from tests.factories import PASSWORD, make_user
from tests.page import Page

pytestmark = [pytest.mark.any_engine, pytest.mark.any_database]

WORDS = "Words that took an hour"
# The field in which one types, of each form that has one; None: a button, or a form that only asks.
FIELDS = {
    "new_conversation": "message",
    "send_message": "message",
    "edit_message": "message",
    "open_edit": "message",
    "keep_draft": "message",
    "keep_new_draft": "message",
    "stop_reply": "message",
    "answer_again": "message",
    "continue_reply": "message",
    "show_version": "message",
    "fork": "message",
    "summarise": "message",
    "pin_conversation": "message",
    "unpin_conversation": "message",
    "archive_conversation": "message",
    "unarchive_conversation": "message",
    "insert_prompt": "message",
    "remove_attachment": "message",
    "chat_preferences": "system_prompt",
    "conversation_options": "system_prompt",
    "conversation_summary": "text",
    "prompts": "text",
    "edit_prompt": "text",
    "rename_conversation": "title",
    "tag_conversation": "new",
    "profile": "display_name",
    "account_email": "email",
    "gallery": "words",
    "again_picture": "words",
    "use_picture": "words",
    "convert_attachment": "words",
    "describe_picture": "alt",
}
BUTTONS = [
    "choose_model",
    "choose_new_model",
    "act_on_pictures",
    "rebuild_summary",
    "restore_conversation",
    "erase_conversation",
    "delete_conversation",
    "export_pdf",
    "share_conversation",
    "revoke_share",
    "retry_transfer",
    "stop_transfer",
    "delete_prompt",
    "talk_about_picture",
    "cancel_picture",
    "retry_picture",
    "favourite_picture",
    "unfavourite_picture",
    "share_picture",
    "unshare_picture",
    "delete_pictures",
    "restore_pictures",
    "erase_pictures",
    "delete_account",
    "empty_trash",
    "export_account",
    "import_conversations",
    "dismiss_announcement",
    "logout",
    "account_logout",
    "account_change_password",
    "account_set_password",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_generate_recovery_codes",
]
# Whoever is not logged in is right there.
STRANGERS = [
    "login",
    "account_login",
    "register",
    "account_signup",
    "account_reset_password",
    "account_reset_password_from_key",
    "account_confirm_email",
    "mfa_authenticate",
]
# These ask for the log-in before they look at the method.
READ_ONLY = ["mfa_index", "mfa_view_recovery_codes", "mfa_download_recovery_codes"]
READ_ONLY += ["style_example"]
NOT_OURS = {"admin"}


def patterns(resolver=None, prefix=""):
    """Yield the names and routes of the addresses of this site."""
    for each in (resolver or get_resolver()).url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield each.name, route
        elif each.app_name not in NOT_OURS:
            yield from patterns(each, route)


def path_of(name, rows):  # noqa: F811
    from tests.chat.views.test_access import TABLE, address

    if name in TABLE:
        return address(name, rows)
    return "/" + next(route for each, route in patterns() if each == name)


@pytest.fixture
def gone(ada):
    """A browser whose session of Ada's is over."""
    client = Client()
    client.force_login(ada)
    client.get("/chat/new/")
    del client.cookies["sessionid"]
    return client


def log_in(client, location, username="ada"):
    target = parse_qs(urlsplit(location).query)["next"][0]
    form = {"username": username, "password": PASSWORD, "next": target}
    return client.post("/users/login/", form, follow=True)


def values(response):
    """Return what stands in the fields of the page."""
    page = Page(response)
    texts = ["".join(each.itertext()).strip() for each in page.all("textarea")]
    return texts + [each.get("value", "") for each in page.all("input")]


def test_every_form_of_the_site_is_in_these_tables(client, rows):  # noqa: F811
    known = {*FIELDS, *BUTTONS, *STRANGERS, *READ_ONLY}
    for name, route in patterns():
        if name in known or name is None or "<str" in route or "(?P" in route:
            continue
        response = client.post(path_of(name, rows) if "<int" in route else "/" + route)
        assert response.status_code in (401, 405), f"{name} takes a form, and is in no table"


def typed_into(name):
    return f"{WORDS}@example.org".replace(" ", "") if FIELDS[name] == "email" else WORDS


@pytest.mark.row("O-128")
@pytest.mark.parametrize("headers", [None, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize("name", FIELDS)
def test_the_words_are_in_the_form_after_the_log_in(gone, rows, name, headers):  # noqa: F811
    if name == "conversation_summary":
        conversation = Conversation.objects.get(pk=int(path_of(name, rows).split("/")[2]))
        first = conversation.messages.first()
        Summary.objects.create(
            conversation=conversation, up_to=first, text="A summary", state="done"
        )
    text = typed_into(name)
    field = {FIELDS[name]: text}
    response = post(gone, path_of(name, rows), headers=headers, **field)
    assert response.status_code in (302, 401)
    location = response.get("Location") or response.get("HX-Redirect")
    if location is None:  # The page stays open; this is where its button leads.
        log_in(gone, "?next=/")
        location = f"?next={kept_for(gone)}"
        page = gone.get(parse_qs(urlsplit(location).query)["next"][0], follow=True)
    else:
        page = log_in(gone, location)
    assert page.status_code == 200
    assert text in values(page)


def kept_for(client):
    (form,) = client.session["kept_forms"]
    return form["path"]


@pytest.mark.parametrize("name", BUTTONS)
def test_a_button_leads_back_to_a_page(gone, rows, name):  # noqa: F811
    route = next(route for each, route in patterns() if each == name)
    if name == "dismiss_announcement":
        route = "announcements/1/dismiss/"
    path = path_of(name, rows) if "<int" in route else "/" + route
    response = post(gone, path)
    if "logout" in name:
        return
    assert response.status_code == 302
    page = log_in(gone, response["Location"])
    assert page.status_code == 200
    assert page.request["REQUEST_METHOD"] == "GET"


def test_words_are_given_back_once(gone):
    response = post(gone, "/chat/preferences/", system_prompt=WORDS)
    assert WORDS in values(log_in(gone, response["Location"]))
    assert WORDS not in values(gone.get("/chat/preferences/"))


def test_nobody_else_sees_the_words(gone):
    make_user("bob")
    response = post(gone, "/chat/preferences/", system_prompt=WORDS)
    assert WORDS not in values(log_in(gone, response["Location"], "bob"))


def test_a_box_that_was_cleared_stays_clear(gone, ada):
    form = {"display_name": WORDS, "enter_sends": "False", "theme": "dark"}
    page = Page(log_in(gone, post(gone, "/users/profile/", **form)["Location"]))
    (box,) = page.all("input[@name='shortcuts']")
    assert box.get("checked") is None
    chosen = [each for each in page.all("input[@name='theme']") if "checked" in each.attrib]
    assert [each.get("value") for each in chosen] == ["dark"]
    ada.refresh_from_db()
    assert ada.display_name == ""


def test_no_password_and_no_code_is_kept(gone):
    post(gone, "/users/password/change/", oldpassword="geheim-1", password1="geheim-2")
    post(gone, "/users/mfa/totp/activate/", code="123456")
    post(gone, "/chat/preferences/", system_prompt=WORDS, csrfmiddlewaretoken="geheim-3")
    (form,) = gone.session["kept_forms"]
    assert form["fields"] == {"system_prompt": [WORDS]}


def test_what_is_kept_is_bounded(client, db):
    for number in range(form_recovery.MOST_FORMS + 2):
        post(client, f"/chat/{number + 1}/options/", system_prompt=WORDS)
    assert len(client.session["kept_forms"]) == form_recovery.MOST_FORMS
    post(client, "/chat/preferences/", system_prompt="x" * form_recovery.MOST_BYTES)
    assert "/chat/preferences/" not in [form["path"] for form in client.session["kept_forms"]]


@pytest.mark.row("O-153")
def test_strangers_do_not_fill_the_database(db):
    """What an address has kept is few forms of few bytes, for an hour."""
    words = "".join(map(chr, range(0x1F300, 0x1F300 + 1000)))
    for _ in range(12):
        post(Client(), "/chat/preferences/", system_prompt=words * 100)
    sessions = list(Session.objects.all())
    assert len(sessions) == 10
    assert all(len(each.session_data) < form_recovery.MOST_BYTES for each in sessions)
    in_an_hour = timezone.now() + timedelta(hours=1)
    assert all(each.expire_date <= in_an_hour for each in sessions)


@pytest.mark.row("O-153")
def test_names_of_fields_count_as_what_is_kept(db):
    client = Client()
    post(client, "/chat/preferences/", **{"x" * form_recovery.MOST_BYTES: "y"})
    assert "kept_forms" not in client.session


def test_whoever_logs_in_stays_logged_in_for_longer(gone):
    """The session that kept the words becomes theirs."""
    log_in(gone, post(gone, "/chat/preferences/", system_prompt=WORDS)["Location"])
    session = Session.objects.get(session_key=gone.session.session_key)
    assert session.expire_date > timezone.now() + timedelta(days=1)


@pytest.mark.parametrize("status", [403, 413, 500])
def test_a_page_that_says_why_not_shows_all_that_was_typed(
    ada,
    settings,
    monkeypatch,
    status,
    rows,  # noqa: F811
):
    client = Client(enforce_csrf_checks=status == 403, raise_request_exception=False)
    client.force_login(ada)
    if status == 413:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    if status == 500:
        monkeypatch.setattr("apps.chat.forms.options.SavedPromptForm.is_valid", lambda self: 1 / 0)
    text = "A text. " * 20
    response = post(client, "/chat/prompts/", name="A name", text=text)
    assert response.status_code == status
    shown = values(response)
    assert "A name" in shown
    assert text.strip() in shown
