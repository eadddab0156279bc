"""The whole site below a path of another, with FORCE_SCRIPT_NAME."""

import re
import urllib.request

import pytest

from tests.live_server import ParlorServer, Person, read_rest
from tests.page import Page
from tests.waiting import PATIENCE

LINKS = r'\s(?:href|action|src|hx-get|hx-post|hx-delete|hx-push-url)="([^"#?]+)[^"]*"'


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("below")
    with ParlorServer(folder, pace=0.01, FORCE_SCRIPT_NAME="/parlor") as server:
        yield server


def assert_below(html):
    links = set(re.findall(LINKS, html)) - {"true", "false"}
    assert links
    assert {link for link in links if not link.startswith("/parlor/")} == set()
    return links


@pytest.mark.row("O-167")
def test_everything_is_below_the_path(server):
    ada = Person(server)
    ada.get("/parlor/chat/")
    assert ada.url.startswith(f"{server.url}/parlor/users/login/?next=/parlor/chat/")
    ada.get("/parlor/users/register/")
    links = assert_below(ada.page)
    (style,) = [link for link in links if link.endswith(".css")]
    assert "{" in ada.get(style)
    ada.get("/parlor/users/register/")
    ada.post(ada.url, {"username": "ada", "password1": "korrekt-pferd-77"})
    with ada.ask("Hello?", "/parlor/chat/new/") as growing:
        html = read_rest(growing)
    assert Page(html).messages[-1].state == "done"
    assert_below(html)
    for path in "chat/", "gallery/", "users/profile/":
        assert_below(ada.get(f"/parlor/{path}"))
        assert ada.status == 200


@pytest.mark.row("O-167")
@pytest.mark.any_engine
def test_nothing_but_the_probes_is_beside_it(server):
    for path, status in ("/healthz/", 200), ("/parlor/readyz/", 200), ("/chat/", 404), ("/", 404):
        ada = Person(server)
        ada.get(path)
        assert ada.status == status, path
    with urllib.request.urlopen(f"{server.url}/parlor/healthz/", timeout=PATIENCE) as response:
        assert response.status == 200
