"""A restart and a reload, as systemd does them, while people ask all the time."""

import http.client
import os
import signal
import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.live_server import ParlorServer
from tests.waiting import PATIENCE, ROOT, wait_until

PEOPLE = 4
LISTEN_FD = 3  # sd_listen_fds(3)


class SocketServer(ParlorServer):
    """A server that is given its socket, which is there without it, too."""

    def __init__(self, folder, **environment):
        super().__init__(folder, LISTEN_FDS=1, **environment)
        self.socket = socket.create_server(("127.0.0.1", self.port))

    def launch(self, command, **options):
        def pass_socket():
            os.dup2(self.socket.fileno(), LISTEN_FD)
            os.set_inheritable(LISTEN_FD, True)

        command = ["sh", "-c", 'LISTEN_PID=$$ exec "$0" "$@"', *command]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.env,
            start_new_session=True,
            close_fds=False,
            preexec_fn=pass_socket,
            **options,
        )

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)

    def workers(self):
        """Return the processes that serve."""
        number = self.process.pid
        return set(Path(f"/proc/{number}/task/{number}/children").read_text().split())


class Visitors:
    """So many at once, each with one connection after the other; all answers are kept."""

    def __init__(self, port):
        self.port = port
        self.answers = []
        self._is_over = threading.Event()

    @contextmanager
    def coming(self):
        with ThreadPoolExecutor(PEOPLE) as pool:
            for _ in range(PEOPLE):
                pool.submit(self._come)
            try:
                yield self
            finally:
                self._is_over.set()

    def _come(self):
        while not self._is_over.is_set():
            self.answers.append(self._ask())

    def _ask(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", "/users/login/", headers={"Connection": "close"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return repr(error)
        finally:
            connection.close()

    def wait_for_more(self):
        seen = len(self.answers)
        wait_until(lambda: len(self.answers) > seen + 5 * PEOPLE)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with SocketServer(tmp_path_factory.mktemp("restarts"), CHAT_DRAIN_SECONDS=0.5) as server:
        yield server


@pytest.mark.row("O-167")
@pytest.mark.any_engine
def test_a_restart_loses_no_request(server):
    with Visitors(server.port).coming() as visitors:
        visitors.wait_for_more()
        server.stop()
        server.start()
        visitors.wait_for_more()
    assert set(visitors.answers) == {200}


@pytest.mark.row("O-167")
@pytest.mark.any_engine
def test_a_reload_loses_no_request_and_brings_new_processes(server):
    old = server.workers()
    with Visitors(server.port).coming() as visitors:
        visitors.wait_for_more()
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: server.workers() and not server.workers() & old)
        visitors.wait_for_more()
    assert set(visitors.answers) == {200}
