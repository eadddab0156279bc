"""A hoarder: fills the disk with text, by files that pack well and by copies of copies.

By hand: python -m tests.attacks.hoarding http://127.0.0.1:8000
"""

import io
import json
import re
import sys
import uuid
import zipfile
from collections import Counter
from types import SimpleNamespace

from tests.attacks.spending import Spender, seconds
from tests.live_server import Person
from tests.waiting import wait_until

BATCH = 100  # Conversations in one file, so that none unpacks to more than is taken.
ENDED = re.compile('data-state="(done|failed|interrupted)"')


def conversations(chats, chars):
    """Return so many conversations, of two messages each, that pack into nearly nothing."""
    return json.dumps(
        [
            {
                "format": "parlor-conversation",
                "version": 1,
                "id": str(uuid.uuid4()),
                "title": f"Hoard {number}",
                "messages": [
                    {"parent": None, "role": "user", "content": "a" * chars},
                    {"parent": 0, "role": "assistant", "content": "b" * chars, "state": "done"},
                ],
            }
            for number in range(chats)
        ]
    )


def packed(text):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", text)
    return file.getvalue()


def attack(url, chats=20, chars=50_000, forks=40):
    """Import and copy as much as can be; return how often each answer was given."""
    hoarder, answers = Spender(SimpleNamespace(url=url)), Counter()
    hoarder.register(f"hoarder-{uuid.uuid4().hex[:8]}")
    for start in range(0, chats, BATCH):
        batch = conversations(min(BATCH, chats - start), chars)
        hoarder.send_file("/chat/import/", "c.zip", packed(batch))
        answers["import", hoarder.status] += 1
        transfer = hoarder.url
        wait_until(lambda page=transfer: ENDED.search(hoarder.get(page)))
    wait_until(lambda: "Hoard " in hoarder.get("/chat/"))
    chat = re.search(r'href="(/chat/\d+/)"[^>]*>\s*Hoard', hoarder.page)[1]
    for _ in range(forks):
        hoarder.get(chat)
        reply = re.findall(r'id="message-(\d+)"', hoarder.page)[-1]
        hoarder.post(f"/chat/messages/{reply}/fork/")
        answers["fork", hoarder.status] += 1
    return answers


def main():
    url = sys.argv[1]
    other = Person(SimpleNamespace(url=url))
    other.register(f"other-{uuid.uuid4().hex[:8]}")
    print("page, quiet:", seconds(lambda: other.get("/chat/")))
    for (name, status), count in sorted(attack(url, chats=1000).items()):
        print(f"{name:18} {status} {count}")
    print("page, attacked:", seconds(lambda: other.get("/chat/")))


if __name__ == "__main__":
    main()
