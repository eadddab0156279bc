"""A spender: makes calls by every way there is, erases what tells of them, and changes the clock.

By hand: python -m tests.attacks.spending http://127.0.0.1:8000 FORBIDDEN-MODEL
"""

import json
import re
import sys
import time
import urllib.request
import uuid
from collections import Counter
from types import SimpleNamespace

from tests.live_server import Person
from tests.waiting import PATIENCE, wait_until

ZONES = ("Pacific/Kiritimati", "Etc/GMT+12", "Asia/Tokyo", "America/New_York")


def conversation_of(model, turns=60, chars=400):
    """Return a file whose replies name the model, longer than its context."""
    messages = []
    for number in range(2 * turns):
        message = {"parent": number - 1 if number else None, "content": f"{number} " * chars}
        if number % 2:
            messages.append({**message, "role": "assistant", "state": "done", "model": model})
        else:
            messages.append({**message, "role": "user"})
    head = {"format": "parlor-conversation", "version": 1, "id": str(uuid.uuid4())}
    return json.dumps({**head, "title": "Brought along", "model": model, "messages": messages})


def import_file(person, text):
    """Import the file; return the number of the newest conversation that there is then."""
    person.send_file("/chat/import/", "c.json", text.encode())
    wait_until(lambda: "Brought along" in person.get("/chat/"))
    return int(re.search(r'href="/chat/(\d+)/"[^>]*>\s*Brought along', person.page)[1])


class Spender(Person):
    """A plain client that sends files, too."""

    def send_file(self, path, name, data):
        self.get(path)
        token, border = self.field("csrfmiddlewaretoken"), uuid.uuid4().hex
        parts = (("csrfmiddlewaretoken", "", token.encode()), ("file", name, data))
        body = b"".join(_part(border, *part) for part in parts) + f"--{border}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={border}"}
        request = urllib.request.Request(self.server.url + path, body, kind)
        with self.opener.open(request, timeout=PATIENCE) as response:
            self.page, self.url, self.status = response.read().decode(), response.url, 200


def _part(border, field, name, data):
    name = f'; filename="{name}"' if name else ""
    head = f'--{border}\r\nContent-Disposition: form-data; name="{field}"{name}\r\n\r\n'
    return head.encode() + data + b"\r\n"


def attack(url, model, rounds=3):
    """Spend as much as can be spent; return how often each answer was given to each action."""
    spender, answers = Spender(SimpleNamespace(url=url)), Counter()
    spender.register(f"spender-{uuid.uuid4().hex[:8]}")

    def press(name, path, **fields):
        spender.get("/chat/new/")
        spender.post(path, fields)
        answers[name, spender.status] += 1

    for number in range(rounds):
        conversation = import_file(spender, conversation_of(model))
        for action in ("summary/make/", "summary/rebuild/"):
            press(action, f"/chat/{conversation}/{action}")
        spender.get(f"/chat/{conversation}/")
        reply = re.findall(r'id="message-(\d+)"', spender.page)[-1]
        for action in ("again", "continue", "fork"):
            press(action, f"/chat/messages/{reply}/{action}/")
        press("send", "/chat/new/", message="Hello", key=str(uuid.uuid4()), model=model)
        press("picture", "/chat/new/", message="/image a lighthouse", key=str(uuid.uuid4()))
        zone = ZONES[number % len(ZONES)]
        profile = {"enter_sends": "True", "theme": "system", "time_zone": zone}
        press("zone", "/users/profile/", **profile)
        press("delete", f"/chat/{conversation}/delete/")
        press("erase", f"/chat/{conversation}/erase/")
    return answers


def seconds(action):
    started = time.monotonic()
    action()
    return f"{time.monotonic() - started:.2f} s"


def main():
    url, model = sys.argv[1:3]
    other = Person(SimpleNamespace(url=url))
    other.register(f"other-{uuid.uuid4().hex[:8]}")
    print("page, quiet:", seconds(lambda: other.get("/chat/")))
    for (name, status), count in sorted(attack(url, model).items()):
        print(f"{name:18} {status} {count}")
    print("page, attacked:", seconds(lambda: other.get("/chat/")))


if __name__ == "__main__":
    main()
