"""What happens where a process has no open files left, and how often the log says so."""

import io
import logging
import resource
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from apps.core.monitoring import log_brake
from apps.core.monitoring.log_formatter import AddContext, LineFormatter
from apps.server import open_files
from tests.attacks.open_files import silent_connections
from tests.live_server import read_until
from tests.waiting import ROOT, wait_until

STREAMS = 30
FREE = 12  # Connections that the limit leaves to streams.


def worker_of(server):
    pid = server.process.pid
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def limit_open_files(server, limit):
    resource.prlimit(worker_of(server), resource.RLIMIT_NOFILE, (limit, limit))


@pytest.mark.row("O-174")
@pytest.mark.any_engine
def test_streams_end_before_open_files_do_and_the_log_has_a_line(server):
    ada = server.person("ada")
    server.demo.fault = "stall"
    read_until(ada.ask("While this is answered"), "parts.")
    ((reply,),) = server.query("SELECT id FROM chat_message WHERE role = 'assistant'")
    limit_open_files(server, open_files.SPARE + FREE)
    with ExitStack() as stack:
        statuses = []
        for _ in range(STREAMS):
            stream = stack.enter_context(closing(ada.open(f"/chat/messages/{reply}/stream/")))
            statuses.append(stream.status)
        refused = statuses.index(503)
        assert 0 < refused <= FREE
        assert set(statuses[:refused]) == {200}
        assert "Too many pages are open" in stream.read().decode()
        assert ada.get("/chat/")
        assert ada.status == 200
    wait_until(lambda: opens(ada, reply) == 200)

    with silent_connections(server.url, open_files.SPARE + FREE):
        wait_until(lambda: "no more files can be opened" in server.log.read_text())
    wait_until(server.is_up)
    log = server.log.read_text()
    assert log.count("no more files can be opened") == 1
    assert log.count("too many pages are open") == 1
    assert "out of system resource" not in log


def opens(person, reply):
    with closing(person.open(f"/chat/messages/{reply}/stream/")) as stream:
        return stream.status


def test_the_limit_is_raised_as_far_as_it_may_be():
    code = (
        "import resource; from site_config import open_files; open_files.raise_limit();"
        "print(*resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    command = ["prlimit", "--nofile=64:512", sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "512 512"


@pytest.fixture
def log():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter("%(levelname)s %(message)s"))
    handler.addFilter(AddContext())
    handler.addFilter(log_brake.Brake())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    logger.lines = lambda: stream.getvalue().splitlines()
    return logger


@pytest.mark.row("O-174")
@pytest.mark.any_engine
def test_a_line_that_repeats_has_a_brake(log):
    for number in range(12_000):
        log.warning(f"disk {number} is full")
    assert len(log.lines()) == log_brake.MOST + 3
    assert log.lines()[-1] == ("WARNING disk 9999 is full (for the 10,000th time within a minute)")
    log.warning("something else")
    log.info("a request")
    assert log.lines()[-2:] == ["WARNING something else", "INFO a request"]


def test_a_line_that_repeats_is_heard_again_after_a_minute(log, monkeypatch):
    def again():
        log.error("again")

    for _ in range(log_brake.MOST + 1):
        again()
    monkeypatch.setattr(log_brake, "WINDOW", 0.0)
    again()
    assert len(log.lines()) == log_brake.MOST + 1
