"""What Sentry is sent: the error and what it belongs to, and nothing that was said."""

import gzip
import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli
import pytest
import sentry_sdk

from apps.core.monitoring import sentry
from apps.server import log_context

SAID = "what a person has said"


@pytest.fixture
def received(settings):
    """Return the envelopes that a Sentry on loopback gets."""
    envelopes = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            unpack = {"br": brotli.decompress, "gzip": gzip.decompress}
            packing = self.headers.get("Content-Encoding")
            envelopes.append(unpack[packing](body).decode() if packing else body.decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SENTRY_DSN = f"http://key@127.0.0.1:{server.server_port}/1"
    sentry.start()
    yield envelopes
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)
    server.shutdown()
    server.server_close()


def test_an_error_is_sent_with_what_it_belongs_to_alone(received, settings):
    logger = logging.getLogger("parlor.test")
    said = SAID
    logger.info("quiet")
    with log_context.bound(request="a1b2c3", reply=7):
        try:
            raise ValueError(f"with {settings.SECRET_KEY}")
        except ValueError:
            logger.exception("it failed")
    assert said
    sentry_sdk.flush(20)
    (envelope,) = received
    event = json.loads(envelope.splitlines()[-1])
    assert event["tags"]["request"] == "a1b2c3"
    assert event["tags"]["reply"] == "7"
    assert event["exception"]["values"][0]["type"] == "ValueError"
    assert settings.SECRET_KEY not in envelope
    assert SAID not in envelope
