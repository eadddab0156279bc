import re
import zoneinfo

import pytest

from apps.users.models import User

pytestmark = pytest.mark.any_database

WISHES = {
    "display_name": "  Ada \n Lovelace ",
    "time_zone": "Europe/Berlin",
    "language": "de",
    "enter_sends": "False",
    "theme": "dark",
}


def test_a_stranger_is_asked_to_log_in(client):
    assert client.get("/users/profile/")["Location"].startswith("/users/login/")
    assert client.post("/users/profile/", WISHES)["Location"].startswith("/users/login/")


def test_saved_wishes_take_effect_on_the_page_that_says_so(as_ada, ada):
    html = as_ada.post("/users/profile/", WISHES, follow=True).content.decode()

    ada.refresh_from_db()
    assert ada.display_name == "Ada Lovelace"
    assert ada.get_short_name() == "Ada Lovelace"
    assert (ada.time_zone, ada.language, ada.theme) == ("Europe/Berlin", "de", "dark")
    assert not ada.enter_sends
    assert 'lang="de"' in html
    assert 'data-theme="dark"' in html
    assert "alert--success" in html


def test_the_page_shows_what_was_chosen(as_ada, ada):
    User.objects.update(**WISHES | {"enter_sends": False})

    html = as_ada.get("/users/profile/").content.decode()

    assert '<option value="Europe/Berlin" selected>Berlin</option>' in html
    assert '<option value="de" selected>Deutsch</option>' in html
    assert re.search(r'<input[^>]*value="dark"[^>]*checked', html)
    assert re.search(r'<input[^>]*value="False"[^>]*checked', html)


def test_wishes_can_be_taken_back(as_ada, ada):
    as_ada.post("/users/profile/", WISHES)
    none = {"time_zone": "", "language": "", "enter_sends": "True", "theme": "system"}

    html = as_ada.post("/users/profile/", none, follow=True).content.decode()

    ada.refresh_from_db()
    assert (ada.display_name, ada.time_zone, ada.language) == ("", "", "")
    assert ada.enter_sends
    assert 'lang="en"' in html


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Europe/Atlantis"),
        ("time_zone", "../../etc/passwd"),
        ("language", "xx"),
        ("enter_sends", "maybe"),
        ("theme", ""),
        ("display_name", "x" * 101),
    ],
)
def test_what_cannot_be_is_refused(as_ada, ada, field, value):
    response = as_ada.post("/users/profile/", WISHES | {field: value})

    assert response.status_code == 422
    assert f'href="#id_{field}"' in response.content.decode()
    ada.refresh_from_db()
    assert ada.display_name == ""


def test_only_wishes_can_be_saved(as_ada, ada):
    as_ada.post(
        "/users/profile/", WISHES | {"is_staff": "on", "username": "root", "email": "x@y.z"}
    )

    ada.refresh_from_db()
    assert (ada.username, ada.email, ada.is_staff) == ("ada", "ada@example.org", False)


@pytest.mark.parametrize("name", ["UTC", "Pacific/Auckland", "America/Argentina/Ushuaia"])
def test_zones_of_all_regions_can_be_chosen(as_ada, ada, name):
    assert as_ada.post("/users/profile/", WISHES | {"time_zone": name}).status_code == 303
    ada.refresh_from_db()
    assert zoneinfo.ZoneInfo(ada.time_zone).key == name


def test_a_zone_outside_the_regions_stays_chosen(as_ada):
    User.objects.update(time_zone="Etc/GMT+3")

    html = as_ada.get("/users/profile/").content.decode()

    assert '<option value="Etc/GMT+3" selected>' in html


def test_the_short_address_leads_to_the_profile(client):
    assert client.get("/users/")["Location"] == "/users/profile/"
