"""Lists of the admin, filtered by the person whose rows they show."""

import pytest

from apps.users.admin import filters
from tests.factories import make_conversation, make_user
from tests.page import Page

LIST = "/admin/chat/conversation/"
LISTS = [
    (LIST, "user"),
    ("/admin/chat/message/", "conversation__user"),
    ("/admin/chat/attachment/", "user"),
    ("/admin/chat/transfer/", "user"),
    ("/admin/chat/usagerecord/", "user"),
    ("/admin/ghibli_converter/picture/", "user"),
]


def titles(page):
    return [link for link in page.links if link.startswith("Chat of ")]


@pytest.fixture
def people(db):
    """More people than the filter shows, each with a conversation, and one with none."""
    names = [f"person-{number:02}" for number in range(filters.MOST_SHOWN + 5)]
    for name in names:
        make_conversation(make_user(name), title=f"Chat of {name}")
    make_user("nobody")
    return names


def test_few_people_are_chosen_from_a_list(admin_client):
    for name in ("ada", "bob"):
        make_conversation(make_user(name), title=f"Chat of {name}")
    make_user("carl")
    page = Page(admin_client.get(LIST))
    assert "ada" in page.links
    assert "carl" not in page.links
    assert page.all("input[@name='user__search']") == []
    assert titles(Page(admin_client.get(LIST + page.links["ada"]))) == ["Chat of ada"]


def test_many_people_are_found_by_name(admin_client, people):
    page = Page(admin_client.get(LIST))
    assert people[-1] not in page.links
    assert "There are more" in page.text
    found = Page(admin_client.get(LIST, {"user__search": "PERSON 24", "o": "1"}))
    assert [name for name in people if name in found.links] == ["person-24"]
    assert "user__search" in found.links["person-24"]
    chosen = Page(admin_client.get(LIST + found.links["person-24"]))
    assert titles(chosen) == ["Chat of person-24"]


def test_a_name_nobody_has_is_said_and_filters_nothing(admin_client, people):
    page = Page(admin_client.get(LIST, {"user__search": "zoe"}))
    assert "Nobody of that name has any." in page.text
    assert len(titles(page)) == len(people)


def test_who_is_chosen_stays_in_the_list(admin_client, people):
    last = make_conversation(make_user("zoe"), title="Chat of zoe")
    page = Page(admin_client.get(LIST, {"user__id__exact": last.user_id}))
    assert titles(page) == ["Chat of zoe"]
    assert "zoe" in page.links


@pytest.mark.parametrize(("path", "field"), LISTS)
def test_each_list_can_be_filtered_by_person(admin_client, ada, path, field):
    for parameters in ({f"{field}__id__exact": ada.pk}, {f"{field}__search": "a\0'%"}):
        assert admin_client.get(path, parameters).status_code == 200


@pytest.mark.parametrize("value", ["", "x", "1,x", "9" * 30])
def test_a_value_that_is_no_person_is_no_error(admin_client, people, value):
    response = admin_client.get(LIST, {"user__id__exact": value})
    assert response.status_code in (200, 302)
