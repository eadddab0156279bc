"""How the service does today, for those who run it."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.chat.talk import answered, settled
from tests.factories import make_conversation, make_reply, make_user
from tests.page import Page, words

BUDGET = "The AI service says that its budget is used up"


def figures(client):
    rows = Page(client.get("/admin/")).all("div[@id='today']//tr")
    return {words(row[0]): words(row[1]) for row in rows}


def test_the_first_page_of_the_admin_has_todays_figures(admin_client, ada_client, bob_client, demo):
    first = answered(ada_client)
    answered(ada_client, "Again", first.conversation)
    demo.fault = "quota"
    answered(bob_client)
    settled()
    today = figures(admin_client)
    assert (today["People active"], today["Messages"]) == ("2", "3")
    assert today["Replies"] == "Complete: 2Failed: 1"
    assert today["Errors"] == "quota: 1"
    assert today["Calls"] == "3"
    assert int(today["Tokens"]) > 0
    assert today["Cost"] == "no price"
    assert today["In progress"] == "0 replies being written, 0 waiting"
    assert BUDGET in Page(admin_client.get("/admin/")).text


def test_a_day_without_anything_has_figures_too(admin_client, db):
    assert figures(admin_client)["Replies"] == "0"


def test_a_busy_day_takes_no_more_queries(admin_client, ada):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            admin_client.get("/admin/")
        return len(captured)

    queries()
    few = queries()
    for number in range(20):
        conversation = make_conversation(make_user(f"person-{number}"), "Question")
        make_reply(conversation, state="error", error="cut" if number % 2 else "empty")
    assert queries() == few


def test_figures_are_for_those_who_may_see_the_account(client, ada):
    ada.is_staff = True
    ada.save()
    client.force_login(ada)
    assert figures(client) == {}
    ada.user_permissions.add(Permission.objects.get(codename="view_usagerecord"))
    assert figures(client)["Messages"] == "0"


@pytest.mark.row("O-006")
@pytest.mark.parametrize("path", ["/", "/chat/", "/users/profile/"])
def test_staff_are_told_that_the_budget_is_used_up_and_when_it_is_not(
    ada_client, admin_client, demo, path
):
    demo.fault = "quota"
    reply = answered(ada_client)
    assert BUDGET in Page(admin_client.get(path)).text
    assert BUDGET not in Page(ada_client.get(path)).text
    demo.fault = None
    answered(ada_client, "Now?", reply.conversation)
    assert BUDGET not in Page(admin_client.get(path)).text
