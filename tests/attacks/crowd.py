"""Somebody who uses Parlor while others attack it: what the scripts beside this measure with."""

import contextlib
import http.client
import multiprocessing
import re
import statistics
import threading
import time
import urllib.parse
import uuid
from http.cookies import SimpleCookie

PASSWORD = "korrekt-pferd-77"
PATIENCE = 120  # Seconds.
BYTES = "application/octet-stream"
FORM = "application/x-www-form-urlencoded"


class Client:
    """A plain client with cookies, a new connection for each request."""

    def __init__(self, url):
        self.host = urllib.parse.urlsplit(url).netloc
        self.cookies = {}
        self.page = ""

    def request(self, method, path, body=None, until=None, **headers):
        """Send it and read the answer: all of it, or up to these bytes of a page that grows."""
        connection = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        with contextlib.closing(connection):
            headers = {name.replace("_", "-"): value for name, value in headers.items()}
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            for value in response.headers.get_all("Set-Cookie") or ():
                self.cookies |= {name: each.value for name, each in SimpleCookie(value).items()}
            page = response.read() if until is None else b""
            while until and until not in page and (piece := response.read1(65536)):
                page += piece
            self.page = page.decode(errors="replace")
            return response

    def get(self, path, until=None, **headers):
        return self.request("GET", path, until=until, **headers)

    def post(self, path, fields, **headers):
        fields = {"csrfmiddlewaretoken": self.field("csrfmiddlewaretoken"), **fields}
        body = urllib.parse.urlencode(fields)
        return self.request("POST", path, body, Content_Type=FORM, **headers)

    def upload(self, path, fields, files):
        """Post a form with files: pairs of a name and bytes."""
        fields = {"csrfmiddlewaretoken": self.field("csrfmiddlewaretoken"), **fields}
        body, kind = multipart(fields, files)
        return self.request("POST", path, body, Content_Type=kind)

    def field(self, name):
        return re.search(rf'name="{name}" value="([^"]*)"', self.page)[1]

    def register(self):
        self.get("/users/register/")
        name = f"p{uuid.uuid4().hex[:12]}"
        self.post("/users/register/", {"username": name, "password1": PASSWORD})
        return self


def multipart(fields, files):
    boundary = uuid.uuid4().hex
    parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts += [
        f'name="files"; filename="{name}"\r\nContent-Type: {BYTES}\r\n\r\n'.encode() + data
        for name, data in files
    ]
    head = f"--{boundary}\r\nContent-Disposition: form-data; ".encode()
    body = b"".join(head + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


class Person(Client):
    """Somebody who opens pages, sends messages and stops replies, and looks at the clock."""

    def look(self):
        assert self.get("/chat/").status == 200

    def send(self):
        self.get("/chat/new/")
        key = self.field("key")
        started = time.monotonic()
        response = self.post("/chat/new/", {"key": key, "message": "300 words"}, HX_Request="true")
        self.sent = time.monotonic() - started
        assert response.status in (200, 303), response.status
        address = response.headers.get("HX-Redirect") or response.headers["Location"]
        return urllib.parse.urlsplit(address).path

    def stop(self, path):
        self.get(path, until=b"/stop/")
        reply = re.search(r"/chat/messages/\d+/stop/", self.page)
        started = time.monotonic()
        assert self.post(reply[0], {}).status == 303
        return time.monotonic() - started

    def times(self, rounds):
        """Return the longest and the median seconds for a page, a send and a stop."""
        seen = {"page": [], "send": [], "stop": []}
        for _ in range(rounds):
            started = time.monotonic()
            self.look()
            seen["page"].append(time.monotonic() - started)
            path = self.send()
            seen["send"].append(self.sent)
            seen["stop"].append(self.stop(path))
        return {name: (statistics.median(each), max(each)) for name, each in seen.items()}


@contextlib.contextmanager
def attack(*strikes):
    """Let each of the functions be called again and again in a thread of its own."""
    over = threading.Event()
    counts = {}

    def go_on(strike):
        while not over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                status = strike()
                counts[status] = counts.get(status, 0) + 1

    threads = [threading.Thread(target=go_on, args=[each], daemon=True) for each in strikes]
    for thread in threads:
        thread.start()
    try:
        yield counts
    finally:
        over.set()
        for thread in threads:
            thread.join(PATIENCE)


def _attack_until(over, make, url, counts):
    with attack(*make(url)) as answers:
        over.wait()
    counts.put(answers)


def report(url, name, make, rounds=5):
    """Print what a person waits for, quiet and under attack, which comes from another process."""
    person = Person(url).register()
    quiet = person.times(rounds)
    context = multiprocessing.get_context("spawn")
    over, answers = context.Event(), context.Queue()
    attacker = context.Process(target=_attack_until, args=(over, make, url, answers))
    attacker.start()
    time.sleep(10)
    under = person.times(rounds)
    over.set()
    counts = answers.get()
    attacker.join()
    for what, (median, most) in quiet.items():
        figures = [1000 * seconds for seconds in (median, most, *under[what])]
        print(name, what, "quiet {:.0f} (most {:.0f}), attacked {:.0f} ({:.0f})".format(*figures))
    print(f"{name} answers to the attack: {counts}")
