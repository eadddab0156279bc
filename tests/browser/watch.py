"""What a browser complains about, and whom it talks to, while a test drives it."""

import re
from urllib.parse import urlsplit

# Chromium's remark on a fragment whose `autofocus` came when the focus was somewhere already.
REMARK = re.compile("^info: Autofocus processing was blocked")


class Watch:
    """Collect whatever should not have happened in a browser context."""

    def __init__(self, url):
        self.host = urlsplit(url).netloc
        self.notes = []
        self._expected = []

    def expect(self, *patterns):
        """Take notes that match for what the test brings about."""
        self._expected += [re.compile(pattern) for pattern in patterns]

    def follow(self, context, scripts):
        # Policy violations are console messages.
        context.on("console", lambda message: self._note(f"{message.type}: {message.text}"))
        context.on("weberror", lambda error: self._note(f"error: {error.error}"))
        context.on("request", lambda request: self._see_request(request, scripts))
        context.on("requestfailed", self._see_failure)
        context.on("response", self._see_response)

    def surprises(self):
        return [
            note for note in self.notes if not any(each.search(note) for each in self._expected)
        ]

    def _note(self, text):
        if not REMARK.match(text):
            self.notes.append(text)

    def _see_request(self, request, scripts):
        if urlsplit(request.url).netloc != self.host and not request.url.startswith("data:"):
            self._note(f"another host: {request.url}")
        if request.resource_type == "script":
            if not scripts:
                self._note(f"a script where scripts are off: {request.url}")
            elif not urlsplit(request.url).path.startswith("/static/vendor/"):
                self._note(f"a script that is not htmx's: {request.url}")

    def _see_failure(self, request):
        # A page that has seen the end of a reply, or is left, gives up what it still reads: its
        # stream, its icon. What it sends must arrive; but for a draft, which a newer one replaces.
        closed = request.failure == "net::ERR_ABORTED"
        is_reading = request.method == "GET" or request.url.endswith("/draft/")
        if not (closed and is_reading):
            self._note(f"failed: {request.method} {request.url} {request.failure}")

    def _see_response(self, response):
        if response.status >= 400:
            self._note(f"status {response.status}: {response.request.method} {response.url}")
