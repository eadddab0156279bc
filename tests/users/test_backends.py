"""Who is logged in, by a session."""

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.models import Session

from apps.users.backends import AuthenticationBackend
from apps.users.login import sessions
from tests.factories import make_user


def is_logged_in(client):
    return client.get("/users/profile/").status_code == 200


def test_a_session_leads_to_its_person(as_ada):
    bob = make_user("bob")
    assert is_logged_in(as_ada)
    assert AuthenticationBackend().get_user(bob.pk) == bob
    assert AuthenticationBackend().get_user(bob.pk + 1000) is None


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another"}])
def test_who_is_shut_out_is_so_at_once(as_ada, ada, change):
    assert is_logged_in(as_ada)
    type(ada).objects.filter(pk=ada.pk).update(**change)
    assert not is_logged_in(as_ada)


def test_a_person_who_is_gone_is_nobody(as_ada, ada):
    ada.delete()
    assert not is_logged_in(as_ada)


def test_a_session_of_before_the_upgrade_goes_on(as_ada):
    session = as_ada.session
    session[BACKEND_SESSION_KEY] = sessions.EARLIER_BACKEND
    session.save()
    assert Session.objects.get().get_decoded()[BACKEND_SESSION_KEY] == sessions.EARLIER_BACKEND
    assert is_logged_in(as_ada)
