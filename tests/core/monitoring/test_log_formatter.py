"""Nothing that others wrote can pass for a line of the log, and no secret is in it."""

import io
import logging

import pytest
from django.conf import settings as site_settings
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from apps.core.monitoring.log_formatter import LineFormatter

FORGED = "x\n2026-01-01 00:00:00,000 INFO parlor.requests GET /admin/ 200\r\x1b[2Jy\u2028z\x85"


@pytest.fixture
def log():
    """A logger whose lines are written as the server's are."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter("%(levelname)s %(message)s"))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    logger.lines = lambda: stream.getvalue().split("\n")[:-1]
    return logger


def test_the_server_writes_its_lines_so():
    assert site_settings.LOGGING["formatters"]["line"]["()"].endswith("LineFormatter")


def test_one_event_is_one_line(log):
    log.error("name=%s", FORGED)
    (line,) = log.lines()
    assert line.startswith("ERROR name=x\\n2026-01-01")
    assert line.isprintable()


def test_a_traceback_is_indented(log):
    try:
        raise ValueError(FORGED)
    except ValueError:
        log.exception("failed")
    first, *rest = log.lines()
    assert first == "ERROR failed"
    assert rest
    assert all(line.startswith("  ") for line in rest)
    assert all(line.isprintable() for line in rest)


def test_no_secret_is_in_it(log, settings):
    settings.OPENAI_API_KEY = "sk-a-long-secret-key"
    try:
        raise ValueError("Incorrect API key: sk-a-long-secret-key")
    except ValueError:
        log.exception("key=%s salt=%s", settings.OPENAI_API_KEY, settings.SECRET_KEY)
    text = "\n".join(log.lines())
    assert settings.OPENAI_API_KEY not in text
    assert settings.SECRET_KEY not in text


@given(st.text())
@examples(max_examples=100)
def test_any_text_is_one_line(text):
    record = logging.LogRecord("test", logging.INFO, "", 0, "%s", (text,), None)
    line = LineFormatter("%(message)s").format(record)
    assert len(line.splitlines()) <= 1
    line.encode()
