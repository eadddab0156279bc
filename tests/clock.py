"""The clock by which the gateway gives up a call, put forward by the test: no limit is waited for.

A limit of the test is long, so that no busy machine passes it; the test passes it in an instant.
"""

import time
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from apps.gateway import call
from tests.live_server import wait_until


class Clock:
    def __init__(self):
        self._ahead = 0.0  # Seconds.
        self._looks = 0  # How often the deadlines have been looked at.

    def monotonic(self):
        return time.monotonic() + self._ahead

    def sleep(self, seconds):
        """Only whoever looks at the deadlines sleeps by this clock, before each look."""
        self._looks += 1
        time.sleep(seconds / 50)

    def forward(self, seconds):
        """Put the clock forward, and wait until the deadlines have been looked at since."""
        self._ahead += seconds
        enough = self._looks + 2
        wait_until(lambda: self._looks >= enough)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(call, "time", clock)
    return clock


@pytest.fixture
def noon(monkeypatch):
    """Let it be noon, so that neither the day nor the month ends while the test runs."""
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: noon)
