"""A scripted HTTP server on loopback: it sends exactly the bytes given, and notes what it gets."""

import json
import socket
import struct
import threading
from contextlib import suppress

PATIENCE = 20  # Seconds after which a test that would hang fails instead.


class Request:
    def __init__(self, head, body):
        self.line, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.split(":", 1) for line in lines if line)
        self.headers = {name.lower(): value.strip() for name, value in pairs}
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)


class Upstream:
    """Answer the first request with the first script, and so on; the last one serves for ever.

    A script is bytes, a step, or a list of both. A step is called with the connection's Client.
    """

    def __init__(self, *scripts, tls=None):
        self.scripts = scripts
        self.requests = []
        self.hung_up = threading.Event()  # A client has left while it was being answered.
        self.over = threading.Event()  # The test has ended.
        self.connections = 0
        self._tls = tls
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=1024)
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._socket.getsockname()[1]}/v1"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.over.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection):
        with suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            client = Client(self, connection)
            while client.keep and (request := client.read_request()):
                with self._lock:
                    number = len(self.requests)
                    self.requests.append(request)
                client.keep, client.request = False, request
                client.play(self.scripts[min(number, len(self.scripts) - 1)])


class Client:
    """One connection, as the server sees it."""

    def __init__(self, upstream, connection):
        self.upstream = upstream
        self.connection = connection
        self.keep = True
        self._got = b""

    def read_request(self):
        while b"\r\n\r\n" not in self._got:
            if not self._receive():
                return None
        head, _, self._got = self._got.partition(b"\r\n\r\n")
        request = Request(head, b"")
        length = int(request.headers.get("content-length", 0))
        while len(self._got) < length and self._receive():
            pass
        request.body, self._got = self._got[:length], self._got[length:]
        return request

    def _receive(self):
        data = self.connection.recv(65536)
        self._got += data
        return bool(data)

    def play(self, script):
        try:
            for step in script if isinstance(script, list) else [script]:
                self.send(step) if isinstance(step, bytes) else step(self)
        except OSError:
            self.upstream.hung_up.set()

    def send(self, data):
        self.connection.sendall(data)


def hang(client):
    """Say nothing until the client leaves."""
    with suppress(ConnectionResetError):
        while client.connection.recv(65536):
            pass
    client.upstream.hung_up.set()


def reset(client):
    """Break the connection off."""
    client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.connection.close()


def keep(client):
    """Wait for another request on the same connection."""
    client.keep = True


def until(event):
    """Go on when the test says so."""
    return lambda client: event.wait(PATIENCE)


def endlessly(data, seconds=0.0):
    """Send the same again and again until the client leaves."""

    def step(client):
        while not client.upstream.over.wait(seconds):
            client.send(data)

    return step


def after(clock, seconds):
    """Let so many seconds pass on the clock of the limits."""
    return lambda client: clock.forward(seconds)


def every_second(clock, *data):
    """Send the same for 40 seconds of the clock of the limits, then a good end."""

    def step(client):
        for _ in range(40):
            client.send(b"".join(data))
            clock.forward(1)
        client.send(STOP + DONE)
        hang(client)

    return step


def bytewise(data):
    """Send one byte a segment."""
    return lambda client: [client.send(data[at : at + 1]) for at in range(len(data))]


def head(status="200 OK", kind="text/event-stream", **headers):
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


def error(status, body, **headers):
    """Return a whole error answer; the body is JSON unless it is bytes."""
    kind = "text/html" if isinstance(body, bytes) else "application/json"
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return head(f"{status} Oops", kind, Content_Length=len(data), **headers) + data


def openai_error(status, code, message="x", **headers):
    return error(status, {"error": {"code": code, "message": message}}, **headers)


def data(chunk):
    return b"data: " + (chunk if isinstance(chunk, bytes) else json.dumps(chunk).encode()) + b"\n\n"


def delta(finish=None, **fields):
    return data({"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]})


def part(text):
    return delta(content=text)


DONE = b"data: [DONE]\n\n"
STOP = delta("stop")


def reply(*texts):
    """Return the body of a good answer, head and all."""
    return head() + b"".join(map(part, texts)) + STOP + DONE
