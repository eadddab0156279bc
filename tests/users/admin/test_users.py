import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from apps.users.models import User
from tests.factories import PASSWORD


@pytest.fixture
def boss(client):
    user = User.objects.create_superuser("boss", "boss@example.org", PASSWORD)
    client.force_login(user)
    return user


def test_the_admin_has_no_log_in_of_its_own(client):
    for path in ("/admin/", "/admin/login/"):
        response = client.get(path, follow=True)
        assert response.redirect_chain[-1][0].startswith("/users/login/?next=")
    response = client.post("/admin/login/", {"username": "boss", "password": "guess"})
    assert response["Location"].startswith("/users/login/")


def test_people_who_are_no_staff_are_refused(as_ada):
    assert as_ada.get("/admin/", follow=True).status_code == 403


def test_people_are_found_by_name_and_address(client, boss, ada):
    for words in ("ada", "ada@example"):
        page = client.get("/admin/users/user/", {"q": words}).content.decode()
        assert "ada@example.org" in page
        assert "boss@example.org" not in page


def test_the_list_costs_the_same_for_many(client, boss, django_assert_num_queries):
    def queries():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            client.get("/admin/users/user/")
        return len(captured)

    few = queries()
    for n in range(5):
        User.objects.create_user(f"user{n}")

    assert queries() == few


def test_a_person_can_be_changed(client, boss, ada):
    assert client.get(f"/admin/users/user/{ada.pk}/change/").status_code == 200
    assert client.get("/admin/users/user/add/").status_code == 200


def act(client, action, *people):
    fields = {"action": action, "_selected_action": [person.pk for person in people]}
    return client.post("/admin/users/user/", fields, follow=True).content.decode()


def test_a_locked_account_is_out_at_once_and_its_sessions_are_over(client, boss, ada):
    hers, others = Client(), Client()
    hers.force_login(ada)
    others.force_login(User.objects.create_user("ben"))
    assert "1 account was locked." in act(client, "lock", ada)
    assert hers.get("/chat/").status_code == 302
    assert others.get("/chat/").status_code == 200
    assert "1 account was unlocked." in act(client, "unlock", ada)
    assert hers.get("/chat/").status_code == 302  # She has to log in again,
    response = hers.post("/users/login/", {"username": "ada", "password": PASSWORD})
    assert response["Location"] == "/chat/"  # and can.
    words = LogEntry.objects.order_by("pk").values_list("object_repr", "change_message")
    assert list(words) == [("ada", "Locked."), ("ada", "Unlocked.")]


def test_nobody_locks_themselves_out(client, boss):
    assert "0 accounts were locked." in act(client, "lock", boss)
    assert client.get("/admin/").status_code == 200


def test_locking_takes_the_permission_to_change_accounts(client, ada):
    helper = User.objects.create_user("helper", password=PASSWORD, is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="view_user"))
    client.force_login(helper)
    act(client, "lock", ada)
    ada.refresh_from_db()
    assert ada.is_active
