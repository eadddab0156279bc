"""How long sessions are kept."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from apps.users.login import sessions


def test_only_those_that_are_over_are_removed(as_ada):
    over = timezone.now() - timedelta(seconds=1)
    Session.objects.create(session_key="over", session_data="", expire_date=over)
    sessions.prune()
    assert Session.objects.get().session_key == as_ada.session.session_key
