import pytest

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
