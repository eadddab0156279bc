"""How a test talks: by the forms and the streams that a browser would use."""

import asyncio
import codecs
import time
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.chat.models import Message
from tests import engine
from tests.live_server import PATIENCE, wait_until
from tests.page import Page, parse, visible_words

HTMX = {"HX-Request": "true"}


def say(client, text="Hello", conversation=None, /, **fields):
    """Send a message, to a new conversation if none is given; return the response."""
    htmx = fields.pop("headers", {})
    path = f"/chat/{conversation.pk}/send/" if conversation else "/chat/new/"
    return post(client, path, headers=htmx, message=text, **{"key": str(uuid.uuid4()), **fields})


def post(client, path, /, headers=None, **fields):
    """Post the fields as a browser does; the test client would take the form for an upload."""
    kind = "application/x-www-form-urlencoded"
    return client.post(path, urlencode(fields), content_type=kind, headers=headers)


def ask(client, text="Hello", conversation=None):
    """Send a message; return the reply, which is on its way."""
    response = say(client, text, conversation)
    assert response.status_code == 303, response.content.decode()
    return Message.objects.filter(role="assistant").latest("pk")


def press(client, message, action, /, headers=None, **fields):
    """Press a button of the message: stop, again, continue or show."""
    return post(client, f"/chat/messages/{message.pk}/{action}/", headers=headers, **fields)


def newest(conversation):
    return conversation.messages.latest("pk")


def ended(reply):
    """Wait until the reply has ended, and return its row."""

    def final():
        row = Message.objects.get(pk=reply.pk)
        return None if row.is_in_progress else row

    return wait_until(final, describe=lambda: vars(Message.objects.get(pk=reply.pk)))


def ended_transfer(user):
    """Wait until the person's newest export or import has ended, and return its row."""

    def final():
        row = user.transfers.first()
        return None if row.is_in_progress else row

    return wait_until(final, describe=lambda: vars(user.transfers.first()))


def answered(client, text="Hello", conversation=None):
    """Send a message and return the row of the ended reply."""
    return ended(ask(client, text, conversation))


def settled():
    """Wait until nothing runs in the background: no reply, and nothing that followed from one."""
    wait_until(engine.is_idle)


def page_of(client, message):
    """Open the conversation of the message."""
    response = client.get(f"/chat/{message.conversation_id}/")
    assert response.status_code == 200
    return Page(response)


def shown(client, message):
    """Return the message as the page of its conversation shows it."""
    articles = page_of(client, message).messages
    return next(each for each in articles if each.element.get("id") == f"message-{message.pk}")


@dataclass
class Event:
    name: str
    data: str
    id: str


class EventParser:
    """Read server-sent events as the HTML standard says (section 9.2.6), and nothing else."""

    def __init__(self):
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._name = self._id = ""
        self._data = []

    def feed(self, data):
        self._text += self._decoder.decode(data)
        lines = self._text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._text = lines.pop()
        return [event for line in lines if (event := self._take(line))]

    def _take(self, line):
        if not line:
            return self._dispatch()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field == "id":
            self._id = value
        else:
            assert field == "", f"No field of an event stream: {field}"
        return None

    def _dispatch(self):
        event = Event(self._name or "message", "\n".join(self._data), self._id)
        has_data, self._data, self._name = bool(self._data), [], ""
        return event if has_data else None


class Pieces:
    """A response that is still being written, read piece by piece in this process."""

    def __init__(self, response):
        assert response.status_code == 200, response.status_code
        self.response = response
        self._loop = asyncio.new_event_loop()
        self._iterator = aiter(response.streaming_content)
        self._deadline = time.monotonic() + PATIENCE

    def read(self):
        """Return the next piece, or None at the end."""
        assert time.monotonic() < self._deadline, "It never ended"
        piece = asyncio.wait_for(anext(self._iterator, None), PATIENCE)
        return self._loop.run_until_complete(piece)

    def read_until(self, words):
        read = b""
        while words.encode() not in read:
            piece = self.read()
            assert piece is not None, f"It ended without {words!r}: {read.decode()}"
            read += piece
        return read.decode()

    def rest(self):
        return self.rest_of_bytes().decode()

    def rest_of_bytes(self):
        return b"".join(iter(self.read, None))

    def close(self):
        """Leave, as a browser does that closes the tab."""
        self._loop.run_until_complete(self._iterator.aclose())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()


def follow_page(client, reply, **headers):
    """Open the page that grows with the reply, which must not have ended."""
    return Pieces(client.get(f"/chat/{reply.conversation_id}/follow/", headers=headers))


class Stream:
    """The events of a reply, as htmx reads them."""

    def __init__(self, client, reply, after=None, last_event_id=None):
        headers = {**HTMX, "Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        query = {} if after is None else {"after": after}
        path = f"/chat/messages/{reply.pk}/stream/"
        self.response = client.get(path, query, headers=headers)
        self.events = []
        self._pieces = Pieces(self.response)
        self._parser = EventParser()

    def read(self):
        """Take what comes next; tell whether there was more."""
        piece = self._pieces.read()
        if piece is None:
            return False
        self.events += self._parser.feed(piece)
        return True

    def until(self, test):
        """Read until the test of this stream holds."""
        while not test(self):
            assert self.read(), f"It ended early: {self.events}"
        return self

    def until_shown(self, words):
        return self.until(lambda stream: words in stream.shown)

    def to_the_end(self):
        while self.read():
            pass
        return self

    def close(self):
        self._pieces.close()

    @property
    def html(self):
        return "".join(event.data for event in self.events if event.name == "message")

    @property
    def shown(self):
        return visible_words(parse(self.html))

    @property
    def position(self):
        """The id of the last event that had one, as the browser would send it back."""
        return next((event.id for event in reversed(self.events) if event.id), "")

    @property
    def is_done(self):
        return bool(self.events) and self.events[-1].name == "done"


def send(client, *files, text="Look", conversation=None, headers=None, **fields):
    """Send a message with files, as (name, bytes), the way a browser's form does."""
    path = f"/chat/{conversation.pk}/send/" if conversation else "/chat/new/"
    chosen = [SimpleUploadedFile(name, data) for name, data in files]
    form = {"message": text, "key": str(uuid.uuid4()), "files": chosen, **fields}
    return client.post(path, form, headers=headers)


def answered_with(client, *files, **fields):
    """Send a message with files; return the row of the ended reply."""
    response = send(client, *files, **fields)
    assert response.status_code == 303, Page(response).alerts
    return ended(Message.objects.filter(role="assistant").latest("pk"))
