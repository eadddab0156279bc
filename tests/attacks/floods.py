"""Floods: one address or person that wants all threads.

python -m tests.attacks.floods http://127.0.0.1:8000 [urgent | passwords | uploads | bodies …]
"""

import socket
import sys
import urllib.parse

from tests.attacks.crowd import Client, attack, report

URGENT = ("/nowhere/stream/", "/chat/messages/1/stream/", "/healthz/", "/x/stop/")
WRONG = {"login": "nobody", "password": "wrong-horse-77"}


def urgent(url, connections=40):
    """Ask for addresses that look as if a reply depended on them."""
    paths = [URGENT[number % len(URGENT)] for number in range(connections)]
    return [lambda path=path: Client(url).get(path).status for path in paths]


def passwords(url, connections=8):
    """Try wrong passwords: each is hashed, which is meant to be slow."""
    return [Guesser(url) for _ in range(connections)]


class Guesser:
    def __init__(self, url):
        self.client = Client(url)
        self.client.get("/users/login/")

    def __call__(self):
        if "csrfmiddlewaretoken" not in self.client.page:  # It was told that it tried too often.
            self.client.get("/users/login/")
        return self.client.post("/users/login/", WRONG).status


def uploads(url, connections=6):
    """Attach PDFs of 51 kB that take as long to read as any file may."""
    client = Client(url).register()
    return [Uploader(client.cookies, url) for _ in range(connections)]


class Uploader:
    def __init__(self, cookies, url):
        self.client = Client(url)
        self.client.cookies = dict(cookies)
        self.client.get("/chat/new/")

    def __call__(self):
        fields = {"key": self.client.field("key"), "message": ""}
        return self.client.upload("/chat/new/", fields, [("slow.pdf", slow_pdf())]).status


def slow_pdf(size=51_000):
    """Return a PDF whose one page draws text in one long stream of tiny operators."""
    import zlib

    content = zlib.compress(b"BT /F1 12 Tf " + b"(a) Tj [(b) -1 (c)] TJ T* " * 1_500_000 + b"ET", 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[" + b"3 0 R " * 200 + b"]/Count 200>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n" % len(content) + content + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    file = b"%PDF-1.4\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj" % number + each + b"endobj\n"
    start = len(file)
    file += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(
        b"%010d 00000 n \n" % at for at in places
    )
    file += b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start
    return file.ljust(size, b"\n")


def bodies(url, connections=20):
    """Send three megabytes to addresses that want none of them."""
    body = b"message=" + b"x" * 3_000_000
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    paths = ["/chat/new/", "/nowhere/", "/users/login/"]
    return [
        lambda path=path: Client(url).request("POST", path, body, **form).status
        for path in (paths[number % 3] for number in range(connections))
    ]


def hold(url, count, path="/users/login/"):
    """Begin so many requests of which the rest never comes; return their connections."""
    parts = urllib.parse.urlsplit(url)
    head = f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 100\r\n\r\nx"
    sockets = []
    for _ in range(count):
        sockets.append(socket.create_connection((parts.hostname, parts.port)))
        sockets[-1].sendall(head.encode())
    return sockets


FLOODS = {"urgent": urgent, "passwords": passwords, "uploads": uploads, "bodies": bodies}

if __name__ == "__main__":
    for name in sys.argv[2:] or FLOODS:
        report(sys.argv[1], name, FLOODS[name])

__all__ = ["FLOODS", "attack", "hold"]
