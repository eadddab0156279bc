"""Parlor as it is served: gunicorn in a process of its own, the demo model in a thread of ours."""

import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager

from scripts.demo_openai import DemoServer
from tests import engine
from tests.databases import make_database, template
from tests.waiting import PATIENCE, ROOT, free_port, wait_until
from tests.worker import Worker


class ParlorServer:
    shared = None  # The folder that the processes of this run share: databases.template().
    _static = None  # The static files, which the first server of this process collects.

    def __init__(self, folder, pace=0.005, beside=None, **environment):
        """Share the database and the model of the server that this one is to be beside."""
        self.folder = folder
        self.beside = beside
        self.database = beside.database if beside else make_database(folder)
        self.log = folder / "log"
        self.static = folder / "static"
        self.demo = beside.demo if beside else DemoServer(pace=pace, scale=0.01)
        self.environment = (beside.environment if beside else engine.settings()) | environment
        self.has_worker = engine.IS_CELERY and not beside and "CHAT_ENGINE" not in environment
        self.worker = self.process = None
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        if not self.beside:
            self.demo.start()
            self.prepare()
        self.static = ParlorServer._static
        self.start()
        return self

    def prepare(self):
        """Make a database, and the static files unless another server has."""
        self.database.copy_of(template(ParlorServer.shared))
        if ParlorServer._static is None:
            ParlorServer._static = self.collected()

    def collected(self):
        """Return the folder of the static files: scripts/test may have collected them already."""
        if folder := os.environ.get("TEST_STATIC_ROOT"):
            return folder
        self.manage("collectstatic", "--noinput", "-v0")
        return self.static

    def __exit__(self, *error):
        if self.process.poll() is None:
            self.kill()
        if not self.beside:
            self.demo.stop()
            self.database.drop()

    @property
    def env(self):
        return {
            **os.environ,
            "SECRET_KEY": "test-" * 12,
            "DATABASE_URL": self.database.url,
            "STATIC_ROOT": str(self.static),
            "MEDIA_ROOT": str(self.folder / "media"),
            "PORT": str(self.port),
            "OPENAI_BASE_URL": self.demo.base_url,
            "OPENAI_API_KEY": "sk-test-0123456789",
            "CHAT_DEFAULT_MODEL": "parlor-demo",
            "CHAT_MODELS": "parlor-demo,parlor-demo-mini,parlor-demo-thinking,gpt-gone",
            **{name: str(value) for name, value in self.environment.items()},
        }

    def manage(self, *arguments, **environment):
        command = [sys.executable, "manage.py", *arguments]
        environment = {**self.env, **environment}
        subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=PATIENCE * 4)

    def start(self):
        command = [sys.executable, "-m", "gunicorn", "-c", "site_config/gunicorn.py"]
        command.append("site_config.asgi:application")
        with self.log.open("a") as log:
            self.process = self.launch(command, stdout=log, stderr=log)
        if self.has_worker:
            self.worker = Worker(self, self.log, "replies,transfers")
        wait_until(self.is_up, describe=self.log.read_text)
        if self.has_worker:
            wait_until(self.worker.is_ready, describe=self.log.read_text)

    def launch(self, command, **options):
        return subprocess.Popen(command, cwd=ROOT, env=self.env, start_new_session=True, **options)

    def is_up(self):
        assert self.process.poll() is None, f"The server has ended: {self.log.read_text()}"
        try:
            return urllib.request.urlopen(f"{self.url}/healthz/", timeout=PATIENCE).status == 200
        except OSError:
            return False

    def kill(self):
        """End all processes at once, as a crash would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        if self.has_worker:
            self.worker.kill()

    def terminate(self):
        """Ask the server to stop; return the seconds that it took."""
        with self.terminating():
            pass
        return self.seconds_to_stop

    @contextmanager
    def terminating(self):
        """Ask the server to stop, and let the test do something meanwhile."""
        started = time.monotonic()
        self.process.terminate()
        yield
        if self.has_worker:
            self.worker.terminate()
        self.process.wait(PATIENCE * 2)
        self.seconds_to_stop = time.monotonic() - started

    def query(self, sql, *parameters):
        """Return the rows that a query of the server's database gives."""
        return self.database.query(sql, *parameters)

    def person(self, name="ada"):
        """Return a browser without scripts, logged in as a person who is new."""
        person = Person(self)
        person.register(name)
        return person


class Person:
    """A plain HTTP client that fills in the forms of the pages it gets."""

    def __init__(self, server):
        self.server = server
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.url = self.page = ""
        self.status = None

    def open(self, path, data=None, **headers):
        """Open the page, or post the fields; return the open response, unread."""
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(urllib.parse.urljoin(self.server.url, path), body, headers)
        try:
            response = self.opener.open(request, timeout=PATIENCE)
        except urllib.error.HTTPError as error:
            response = error
        self.url, self.status = response.url, response.status
        return response

    def get(self, path, **headers):
        with self.open(path, **headers) as response:
            self.page = response.read().decode()
        return self.page

    def post(self, path, data=None, **headers):
        """Post with the token of the page that is open."""
        fields = {"csrfmiddlewaretoken": self.field("csrfmiddlewaretoken"), **(data or {})}
        with self.open(path, fields, **headers) as response:
            self.page = response.read().decode()
        return self.page

    def field(self, name):
        match = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        assert match, f"The page {self.url} has no field {name}"
        return match[1]

    def register(self, name, password="korrekt-pferd-77"):
        self.get("/users/register/")
        self.post("/users/register/", {"username": name, "password1": password})

    def ask(self, text, path="/chat/new/"):
        """Send the message by the composer of the page; return the response, still growing."""
        self.get(path)
        action = re.search(r'id="composer"[^>]* action="([^"]*)"', self.page)[1]
        token, key = self.field("csrfmiddlewaretoken"), self.field("key")
        return self.open(action, {"csrfmiddlewaretoken": token, "key": key, "message": text})


def read_until(response, words):
    """Read from a growing response until the words have arrived; return what was read."""
    read, deadline = b"", time.monotonic() + PATIENCE
    while words.encode() not in read:
        piece = response.read1(65536)
        assert piece, f"It ended without {words!r}: {read.decode()}"
        assert time.monotonic() < deadline, f"Only this came: {read.decode()}"
        read += piece
    return read.decode()


def read_rest(response):
    """Read a growing response to its end."""
    read, deadline = b"", time.monotonic() + PATIENCE
    while piece := response.read1(65536):
        assert time.monotonic() < deadline, f"It never ended: {read.decode()}"
        read += piece
    return read.decode()
