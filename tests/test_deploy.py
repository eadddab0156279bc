"""The files of scripts/deploy, as the programs that will read them read them."""

import json
import re
import socket
import ssl
import urllib.request

import pytest

from site_config import gunicorn
from tests.live_server import ParlorServer
from tests.nginx import NAME, Nginx, exchange, find, run
from tests.waiting import PATIENCE, ROOT

README = (ROOT / "README.md").read_text()
UNIT = (ROOT / "scripts/deploy/parlor.service").read_text()
BACKUP = (ROOT / "scripts/deploy/parlor-backup.service").read_text()
TIMER = (ROOT / "scripts/deploy/parlor-backup.timer").read_text()
WORKER = (ROOT / "scripts/deploy/parlor-worker@.service").read_text()
SOCKET = (ROOT / "scripts/deploy/parlor.socket").read_text()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("parlor.service", UNIT),
        ("parlor-worker@replies.service", WORKER),
        ("parlor-backup.service", BACKUP),
        ("parlor-backup.timer", TIMER),
    ],
)
def test_systemd_understands_every_line_of_the_units(tmp_path, name, text):
    if not (systemd_analyze := find("systemd-analyze")):
        return
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to("/bin/true")
    (tmp_path / "scripts").symlink_to(ROOT / "scripts")
    (tmp_path / "parlor.env").touch()
    for each, words in {"parlor.service": UNIT, "parlor.socket": SOCKET, name: text}.items():
        words = words.replace("/opt/parlor", str(tmp_path))
        (tmp_path / each).write_text(words.replace("/etc/parlor.env", f"{tmp_path}/parlor.env"))
    unit = tmp_path / name
    checked = run(systemd_analyze, "verify", "--man=no", unit)
    assert checked.returncode == 0, checked.stdout
    assert name not in checked.stdout  # An unknown key is only a warning.


def test_systemd_waits_until_gunicorn_has_given_up_waiting():
    timeouts = re.findall(r"^TimeoutStopSec=(\d+)s$", UNIT + WORKER, re.MULTILINE)
    longest_drain = 30  # .env.example says so.
    assert gunicorn.graceful_timeout - gunicorn.env.CHAT_DRAIN_SECONDS == 15
    assert len(timeouts) == 2
    assert all(int(timeout) > longest_drain + 15 + 10 for timeout in timeouts)


def test_nginx_understands_the_site(tmp_path):
    nginx = Nginx(tmp_path)
    if not nginx.is_installed:
        return
    checked = run(*nginx.command, "-t", "-q")
    assert checked.returncode == 0, checked.stdout
    assert "[warn]" not in checked.stdout or "deprecated" in checked.stdout, checked.stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deployed")
    settings = {"ALLOWED_HOSTS": NAME, "HTTPS": "true", "TRUSTED_PROXIES": 1}
    with ParlorServer(folder, **settings) as server:
        yield server


@pytest.fixture(scope="module")
def nginx(server, tmp_path_factory):
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), server.port)
    if not nginx.is_installed:
        pytest.skip("nginx is not installed")
    with nginx.running():
        yield nginx


@pytest.mark.row("O-167")
@pytest.mark.any_engine
def test_the_probe_of_the_readme_is_answered_before_there_is_a_name(server):
    """The server starts in a step before nginx does, and a probe knows it by its address."""
    (command,) = re.findall(r"^curl -i (http://127.0.0.1:8000/\S+)$", README, re.MULTILINE)
    with urllib.request.urlopen(command.replace("8000", str(server.port))) as response:
        assert response.status == 200
        assert json.load(response)["database"] == "ok"


@pytest.mark.row("O-167")
@pytest.mark.any_engine
def test_another_host_is_one_quiet_line(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        said = exchange(connection, "GET /chat/ HTTP/1.1", "Host: evil.example")
    assert said.startswith("HTTP/1.1 400")
    (line,) = [line for line in server.log.read_text().splitlines() if "evil.example" in line]
    assert " INFO " in line
    assert "host='evil.example' is not in ALLOWED_HOSTS 400" in line


@pytest.mark.row("O-167")
@pytest.mark.any_engine
def test_nginx_passes_nothing_on_that_is_for_another_name(server, nginx):
    with pytest.raises(ssl.SSLError):
        nginx.ask("GET /chat/ HTTP/1.1", "Host: other.example", name="other.example")
    assert nginx.ask_plainly("GET /chat/ HTTP/1.1", "Host: other.example") == ""
    assert "other.example" not in server.log.read_text()


@pytest.mark.row("O-167")
@pytest.mark.any_engine
def test_a_form_is_taken_on_another_port_than_443(nginx):
    host = f"{NAME}:{nginx.tls_port}"
    page = nginx.ask("GET /users/login/ HTTP/1.1", f"Host: {host}")
    cookie = re.search(r"(?i)set-cookie: (\S+?);", page)[1]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    body = f"csrfmiddlewaretoken={token}&login=ada&password=wrong"
    said = nginx.ask(
        *("POST /users/login/ HTTP/1.1", f"Host: {host}", f"Cookie: {cookie}"),
        *(f"Origin: https://{host}", f"Referer: https://{host}/users/login/"),
        *("Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"),
        body=body,
    )
    assert said.startswith("HTTP/1.1 422"), said[:300]


@pytest.mark.row("O-167")
@pytest.mark.any_engine
def test_what_is_far_too_large_is_refused_in_our_words(nginx):
    said = nginx.ask(
        *("POST /chat/new/ HTTP/1.1", f"Host: {NAME}", "Content-Length: 999999999"),
        "Content-Type: multipart/form-data; boundary=x",
    )
    assert said.startswith("HTTP/1.1 413")
    assert 'class="error-page"' in said
    for sentence in re.findall(r'translate "(.*?)"', (ROOT / "templates/413.html").read_text()):
        assert sentence in said
