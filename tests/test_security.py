"""What holds on every address, found by walking the URL configuration, the admin's included."""

import re
import socket

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from apps.chat.models import Message
from apps.jobs.thread_pool import FairPool
from apps.users.models import User
from tests.factories import make_conversation, make_user
from tests.live_server import ParlorServer

pytestmark = pytest.mark.any_database


def callbacks(resolver=None, prefix=""):
    """Yield the route and the view of every address."""
    for each in (resolver or get_resolver()).url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield route, each.callback
        else:
            yield from callbacks(each, route)


VIEWS = dict(callbacks())


def filled(route):
    """Return an address of the route."""
    route = re.sub(r"\(\?P<(\w+)>[^)]*\)|<(\w+:)?(\w+)>", "1", route)
    return "/" + re.sub(r"\\Z|[\^$?]", "", route).replace("\\", "")


EXTRA = {
    **dict.fromkeys(("is_staff", "is_superuser", "pk", "id", "user", "user_id", "tip"), "1"),
    "is_active": "0",
    "role": "system",
    "state": "running",
    "tokens": "0",
    "tip_id": "1",
    "content": "Not mine",
    "password": "x",
    "groups": "1",
    "user_permissions": "1",
    "email": "not an address",
    "username": "root",
    "date_joined": "2020-01-01",
}
POWERS = ("username", "password", "is_staff", "is_superuser", "is_active", "email", "date_joined")
IS_ADMINS = {route: route.startswith("admin/") for route in VIEWS}


@pytest.fixture
def person(db):
    return make_user("ada", is_superuser=True, is_staff=True)


def no_view(view):
    return f"{view.__module__}.{view.__qualname__}"


def test_no_address_takes_forms_without_their_token():
    exempt = {no_view(view) for view in VIEWS.values() if getattr(view, "csrf_exempt", False)}
    assert exempt == set()


def test_the_admin_takes_no_form_without_its_token(person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    for route in (route for route in VIEWS if IS_ADMINS[route]):
        assert client.post(filled(route), EXTRA).status_code == 403, route


def check_headers(response):
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert re.search("no-store|no-cache", response["Cache-Control"])
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not {"Server", "X-Powered-By", "Access-Control-Allow-Origin"} & set(response.headers)
    for name, cookie in response.cookies.items():
        if cookie.value:  # Else it is deleted.
            assert name in ("sessionid", "csrftoken", "messages", "last_person")
            assert cookie["httponly"], name
            assert cookie["samesite"] == "Lax", name
            assert cookie["path"] == "/", name
            assert not cookie["domain"], name


@pytest.mark.parametrize("route", VIEWS)
def test_every_answer_is_guarded_and_no_field_that_a_form_lacks_is_taken(db, route):
    """O-110 for forms without an id, too: GET and POST, of nobody and of somebody."""
    ada, root = make_user("ada"), make_user("boss", is_superuser=True, is_staff=True)
    conversation = make_conversation(root, "Not Ada's")
    before = list(User.objects.order_by("pk").values_list(*POWERS))
    for person in [None, root if IS_ADMINS[route] else ada]:
        for method in "get", "post":
            client = Client()
            if person:
                client.force_login(person)
            fields = EXTRA if person != root else {}
            response = getattr(client, method)(filled(route), fields)
            assert response.status_code < 500
            check_headers(response)
    assert list(User.objects.order_by("pk").values_list(*POWERS)) == before
    assert list(conversation.messages.values_list("content", flat=True)) == ["Not Ada's"]
    assert not Message.objects.filter(content="Not mine").exists()


@pytest.fixture(scope="module")
def https_server(tmp_path_factory):
    with ParlorServer(tmp_path_factory.mktemp("https"), HTTPS="true") as server:
        yield server


def ask(server, *lines):
    """Send these lines as a request; return the head of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return answer.partition(b"\r\n\r\n")[0].decode("latin-1")


def test_over_https_cookies_are_for_this_host_and_the_way_is_kept(https_server):
    """Browsers take the name only with Secure, from this very host, for all of it."""
    host, way = "Host: 127.0.0.1", "X-Forwarded-Proto: https"
    head = ask(https_server, "GET /users/login/ HTTP/1.1", host, way)
    assert " 200 " in head
    (cookie,) = re.findall("(?i)set-cookie: (.*)", head)
    assert cookie.startswith("__Host-csrftoken=")
    for word in "Secure", "HttpOnly", "Path=/", "SameSite=Lax":
        assert word in cookie
    assert "Domain" not in cookie
    assert re.search("(?i)strict-transport-security: max-age=31536000", head)
    assert "https://127.0.0.1/users/login/" in ask(https_server, "GET /users/login/ HTTP/1.1", host)


@pytest.mark.parametrize(
    "lines",
    [
        ["GET /chat/ HTTP/1.1", "Host: evil.example"],
        ["GET /chat/ HTTP/1.1", "Host: 127.0.0.1\x1b[2J"],
        ["GET /chat/ HTTP/1.1", "Host: 127.0.0.1:99999999"],
        ["GET / HTTP/1.1", "Host: 127.0.0.1", "X: a\nb: 2026-01-01 forged"],
        ["GET /%0d%0aSet-Cookie:%20a=b HTTP/1.1", "Host: 127.0.0.1"],
        ["GET /chat/?a=%0a2026-01-01%20forged HTTP/1.1", "Host: 127.0.0.1", "Cookie: a=\x0b\x1c"],
        ["GET /\x85\x9b HTTP/1.1", "Host: 127.0.0.1"],
        ["POST /chat/new/ HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 5", "Content-Length: 6"],
        ["POST / HTTP/1.1", "Host: 127.0.0.1", "Transfer-Encoding: chunked", "Content-Length: 6"],
        ["POST / HTTP/1.1", "Host: 127.0.0.1", "Transfer-Encoding: \x0bchunked"],
        ["GET / HTTP/1.1", "Host: a", "Host: 127.0.0.1"],
        ["BREW / HTTP/9.9", "Host: 127.0.0.1"],
        ["\x16\x03\x01 / HTTP/1.1"],
        ["GET http://evil.example/users/login/ HTTP/1.1", "Host: 127.0.0.1"],
        ["GET /users/login/ HTTP/1.1", "Host: 127.0.0.1", "X-Forwarded-Host: evil.example"],
    ],
    ids=range(15),
)
def test_no_request_is_answered_with_more_than_a_refusal_or_forges_a_line(https_server, lines):
    head = ask(https_server, *lines, "X-Forwarded-Proto: https")
    status = head.partition(" ")[2][:3]
    assert status in ("", "200", "302", "400", "404", "405", "501", "505"), head
    assert "evil.example" not in head
    assert "Set-Cookie: a=b" not in head
    log = https_server.log.read_text()
    assert all(line.isprintable() for line in log.split("\n"))
    assert not re.search("^2026-01-01", log, re.MULTILINE)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain", "htmx"])
def test_an_error_page_tells_nothing_of_the_inside(client, db, settings, monkeypatch, headers):
    secret = "sk-a-long-secret-key"

    def fail(*args):
        database = settings.DATABASES["default"]["NAME"]
        raise RuntimeError(f"{secret} {settings.SECRET_KEY} {database} SELECT 1 in {__file__}")

    settings.OPENAI_API_KEY = secret
    monkeypatch.setattr(FairPool, "is_open", property(fail))
    client.raise_request_exception = False
    response = client.get("/readyz/?secret=1", headers=headers)
    page = response.content.decode()
    assert response.status_code == 500
    assert "error-page" in page
    for word in (
        secret,
        settings.SECRET_KEY,
        "SELECT",
        "Traceback",
        "RuntimeError",
        __file__,
        "apps",
    ):
        assert word not in page
    check_headers(response)
