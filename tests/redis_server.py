"""A Redis of the tests' own: Debian's server on a free port of this machine, in memory alone."""

import shutil
import signal
import socket
import subprocess
import threading
from contextlib import suppress

from tests.waiting import PATIENCE, free_port, wait_until

SILENT = "--logfile", "/dev/null", "--save", ""
LOADING = b"-LOADING Redis is loading the dataset in memory\r\n"


class RedisServer:
    def __init__(self):
        self.port = free_port()
        self.address = f"redis://127.0.0.1:{self.port}"
        self.url = f"{self.address}/0"
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.stop()

    def start(self):
        program = shutil.which("redis-server")
        assert program, "These tests need Redis: apt install redis-server"
        options = f"--port {self.port} --bind 127.0.0.1 --databases 1000 --appendonly no"
        self.process = subprocess.Popen([program, *options.split(), *SILENT])
        wait_until(self.is_up)

    def stop(self):
        self.process.kill()
        self.process.wait()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def is_up(self):
        assert self.process.poll() is None, "Redis has ended"
        with suppress(OSError):
            return self.ask("PING") == b"+PONG\r\n"

    def ask(self, command):
        """Send a command on a connection of its own, and return the first of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            connection.sendall(command.encode() + b"\r\n")
            return connection.recv(65536)

    def fill_up(self):
        """Take nothing more, and answer questions still."""
        assert self.ask("CONFIG SET maxmemory 1") == b"+OK\r\n"

    def make_room(self):
        assert self.ask("CONFIG SET maxmemory 0") == b"+OK\r\n"


class LoadingRedis:
    """Answer as a Redis does that has been started and reads its file."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._socket.getsockname()[1]}/0"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error):
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._refuse, args=[connection], daemon=True).start()

    def _refuse(self, connection):
        with suppress(OSError), connection:
            while data := connection.recv(65536):  # Commands begin with *, and hold none here.
                connection.sendall(LOADING * data.count(b"*"))
