"""What views need of the server is theirs to say, whatever the address looks like."""

import pytest

from apps.server.admission import view_needs
from apps.server.admission.view_needs import PAGE
from apps.server.request_threads import makers, passwords, uploads

HASHING = ["/users/login/", "/users/register/", "/users/reauthenticate/"]
HASHING += ["/users/password/change/", "/users/password/set/", "/users/password/reset/1-a-b/"]
HASHING += ["/chat/account/delete/", "/admin/login/"]


@pytest.mark.row("O-150")
@pytest.mark.parametrize("path", ["/x/stream/", "/stop/", "/healthz/healthz/", "/a/export/pdf/"])
def test_where_nothing_is_nothing_is_needed(path):
    assert view_needs.find(path) == (None, None)


@pytest.mark.row("O-150")
@pytest.mark.parametrize(
    "path", ["/chat/messages/1/stream/", "/chat/messages/1/stop/", "/healthz/", "/readyz/"]
)
def test_what_a_reply_or_a_probe_depends_on_goes_first(path):
    assert view_needs.find(path)[1].is_urgent


@pytest.mark.row("O-150")
@pytest.mark.parametrize("path", HASHING)
def test_passwords_are_hashed_apart(path):
    assert view_needs.find(path)[1].writes_in is passwords


@pytest.mark.row("O-154")
def test_files_and_pdfs_have_threads_of_their_own():
    taking = ["/chat/new/", "/chat/1/send/", "/chat/messages/1/edit/", "/chat/import/", "/gallery/"]
    assert all(view_needs.find(path)[1].takes_files for path in taking)
    assert view_needs.find("/chat/1/export/pdf/")[1].reads_in is makers
    assert uploads is not makers


def test_all_else_is_a_page_or_a_form():
    assert view_needs.find("/chat/")[1] is PAGE
