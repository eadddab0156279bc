"""Whatever form is sent when the session is over: nothing is done, and no word of it is lost."""

import uuid
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
from tests.chat.views.test_access import attempt, no_answers, rows  # noqa: F401
from tests.factories import PASSWORD, make_user
from tests.page import Page

pytestmark = [pytest.mark.any_engine, pytest.mark.any_database]

WORDS = "Words that took an hour"
MODEL = "another-model"
COMPOSER = {"message": WORDS, "model": MODEL}
PICTURE = {"words": WORDS, "size": "landscape"}
# What one types and chooses in each form that has something to type.
FORMS = {
    "new_conversation": COMPOSER,
    "send_message": COMPOSER,
    "edit_message": {"message": WORDS},
    "open_edit": COMPOSER,
    "keep_draft": COMPOSER,
    "keep_new_draft": COMPOSER,
    "stop_reply": COMPOSER,
    "answer_again": COMPOSER,
    "continue_reply": COMPOSER,
    "show_version": COMPOSER,
    "fork": COMPOSER,
    "summarise": COMPOSER,
    "pin_conversation": COMPOSER,
    "unpin_conversation": COMPOSER,
    "archive_conversation": COMPOSER,
    "unarchive_conversation": COMPOSER,
    "insert_prompt": COMPOSER,
    "remove_attachment": COMPOSER,
    "chat_preferences": {"system_prompt": WORDS, "chat_model": MODEL},
    "conversation_options": {
        "system_prompt": WORDS,
        "model": MODEL,
        "temperature": "0.5",
        "max_tokens": "77",
    },
    "conversation_summary": {"text": WORDS},
    "prompts": {"name": "A name", "text": WORDS},
    "edit_prompt": {"name": "Another name", "text": WORDS},
    "rename_conversation": {"title": WORDS},
    "tag_conversation": {"new": WORDS},
    "profile": {
        "display_name": WORDS,
        "theme": "dark",
        "enter_sends": "False",
        "language": "en",
        "time_zone": "Europe/Berlin",
    },
    "account_email": {"email": "words-that-took-an-hour@example.org"},
    "gallery": PICTURE,
    "again_picture": PICTURE,
    "use_picture": PICTURE,
    "convert_attachment": PICTURE,
    "describe_picture": {"alt": WORDS},
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


@pytest.fixture
def summary(rows):  # noqa: F811
    conversation = rows["conversation"]
    first = conversation.messages.first()
    return Summary.objects.create(
        conversation=conversation, up_to=first, text="A summary", state="done"
    )


def log_in(client, location, username="ada"):
    target = parse_qs(urlsplit(location).query)["next"][0]
    form = {"username": username, "password": PASSWORD, "next": target}
    return client.post("/users/login/", form, follow=True)


def values(response):
    """Return what stands in the fields of the page, and what is chosen in them."""
    page = Page(response)
    texts = ["".join(each.itertext()).strip() for each in page.all("textarea")]
    chosen = [each for each in page.all("option") if "selected" in each.attrib]
    for each in page.all("input"):
        if each.get("type") not in ("radio", "checkbox") or "checked" in each.attrib:
            chosen.append(each)
    return texts + [each.get("value", "") for each in chosen]


def end_session(client, ada, how):
    if how == "over":
        del client.cookies["sessionid"]
    else:
        ada.set_password(PASSWORD)  # With another salt, which ends every session.
        ada.save(update_fields=["password"])


def way_back(response):
    """Return the address of the log-in to which a form without a session leads."""
    assert response.status_code in (302, 401)
    location = response.get("Location") or response.get("HX-Redirect")
    return location or Page(response).links["Log in"]


def test_every_form_of_the_site_is_in_these_tables(client, rows):  # noqa: F811
    known = {*FORMS, *BUTTONS, *STRANGERS, *READ_ONLY}
    for name, route in patterns():
        if name in known or name is None or "<str" in route or "(?P" in route:
            continue
        response = client.post(path_of(name, rows) if "<int" in route else "/" + route)
        assert response.status_code in (401, 405), f"{name} takes a form, and is in no table"


@pytest.mark.row("O-128")
@pytest.mark.parametrize("headers", [None, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize("how", ["over", "password changed elsewhere"])
def test_a_form_is_filled_in_after_the_log_in_until_it_is_sent(
    ada,
    rows,  # noqa: F811
    summary,
    no_answers,  # noqa: F811
    attempt,  # noqa: F811
    settings,
    how,
    headers,
):
    settings.CHAT_MODELS = ["a-model", MODEL]
    for name, form in FORMS.items():
        with attempt(name):
            client = Client()
            client.force_login(ada)
            client.get("/chat/new/")
            end_session(client, ada, how)
            hidden = {"summary": summary.pk} if name == "conversation_summary" else {}
            sent = {**form, **hidden, "key": str(uuid.uuid4())}
            page = log_in(client, way_back(post(client, path_of(name, rows), headers, **sent)))
            assert page.status_code == 200
            assert set(form.values()) <= set(values(page))
            client.get("/")
            back = client.get(page.request["PATH_INFO"])
            assert set(form.values()) <= set(values(back))
            if post(client, path_of(name, rows), headers, **sent).status_code < 400:
                assert client.session["kept_forms"] == []


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


def test_another_form_that_is_sent_meanwhile_drops_nothing(gone, rows):  # noqa: F811
    path = f"/chat/{rows['conversation'].pk}/"
    log_in(gone, post(gone, f"{path}send/", message=WORDS)["Location"])
    assert post(gone, f"{path}pin/").status_code == 303
    assert WORDS in values(gone.get(path))


@pytest.mark.row("O-153")
def test_drafts_of_a_page_without_a_session_do_not_use_up_what_may_be_kept(gone):
    for number in range(30):
        post(gone, "/chat/new/draft/", headers=HTMX, message=WORDS[:number])
    assert WORDS in values(log_in(gone, post(gone, "/chat/new/", message=WORDS)["Location"]))


def test_people_behind_one_address_are_kept_their_forms_each(db):
    for number in range(12):
        client = Client()
        client.force_login(make_user(f"person-{number}"))
        client.get("/chat/new/")
        del client.cookies["sessionid"]
        assert post(client, "/chat/preferences/", system_prompt=WORDS).status_code == 302
        assert client.session["kept_forms"]


@pytest.mark.parametrize("headers", [None, HTMX], ids=["plain", "htmx"])
def test_what_cannot_be_kept_stays_in_sight(gone, headers):
    text = "x" * form_recovery.MOST_BYTES
    response = post(gone, "/chat/preferences/", headers, system_prompt=text)
    assert response.status_code == 401
    page = Page(response)
    assert page.links["Log in"] == "/users/login/?next=/chat/preferences/"
    assert headers or text in values(response)  # htmx leaves the page as it is.


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


@pytest.mark.parametrize("name", ["conversation_options", "edit_prompt", "answer_again", "fork"])
def test_a_form_for_what_was_deleted_meanwhile_shows_what_was_typed(
    ada_client,
    rows,  # noqa: F811
    name,
):
    path = path_of(name, rows)
    Conversation.objects.all().delete()
    rows["prompt"].delete()
    response = post(ada_client, path, **FORMS[name])
    assert response.status_code == 404
    assert set(FORMS[name].values()) <= set(values(response))


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
