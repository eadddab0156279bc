"""Figures for Prometheus: the only import of its client. Nothing is counted unless they are wanted.

With several processes each writes into files of PROMETHEUS_MULTIPROC_DIR (site_config/gunicorn.py),
and whichever is asked adds them up. What is looked up when it is asked for comes from on_scrape().
"""

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from prometheus_client.registry import CollectorRegistry

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
MOST_MODELS = 100  # Names that get figures of their own; strangers may have chosen them.
QUICK = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # Seconds.
FIRST = (0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 90)
WHOLE = (1, 2, 5, 10, 20, 40, 60, 120, 300, 600)

Values = Iterable[tuple[tuple[str, ...], float]]  # Labels and value.
Lookup = tuple[str, str, tuple[str, ...], Callable[[], Values]]

_lookups: dict[str, Lookup] = {}  # By name: of the installation, whichever process is asked,
_own: dict[str, Lookup] = {}  # and of each process, to be added up.
_models: set[str] = set()


def is_wanted() -> bool:
    return bool(settings.METRICS_TOKEN or settings.METRICS_ADDRESSES)


def on_scrape(name: str, text: str, labels: tuple[str, ...], read: Callable[[], Values]) -> None:
    """Have a figure of the whole installation looked up whenever the figures are read."""
    _lookups[name] = name, text, labels, read


def of_process(name: str, text: str, labels: tuple[str, ...], read: Callable[[], Values]) -> None:
    """Have a figure of this process noted by note_own(), and added to those of the others."""
    _own[name] = name, text, labels, read


def count_request(view: str, method: str, status: int, seconds: float) -> None:
    if is_wanted():
        _counted().requests.labels(view, method, str(status)).inc()
        _counted().request_seconds.observe(seconds)


def count_reply(state: str, code: str, seconds: float, first: float | None = None) -> None:
    """Count a reply that has ended; `first` are the seconds until its first word."""
    if is_wanted():
        _counted().replies.labels(state, code or "-").inc()
        _counted().reply_seconds.observe(seconds)
        if first is not None:
            _counted().first_word.observe(first)


def count_call(
    purpose: str, model: str, outcome: str, tokens: tuple[int, int], cost: float | None
) -> None:
    """Count a call of the service: tokens of prompt and answer, and the cost, if it has a price."""
    if not is_wanted():
        return
    counted, name = _counted(), _bounded(model)
    counted.calls.labels(purpose, name, outcome).inc()
    for kind, count in zip(("prompt", "completion"), tokens, strict=True):
        counted.tokens.labels(purpose, name, kind).inc(count)
    if cost:
        counted.cost.labels(purpose, name).inc(cost)


def note_own() -> None:
    """Note the figures of this process; the keeper does so, for whichever process is asked."""
    if is_wanted():
        for name, _text, _labels, read in _own.values():
            for values, value in read():
                gauge = _counted().gauges[name]
                (gauge.labels(*values) if values else gauge).set(value)


def exposition() -> bytes:
    """Return all figures in Prometheus' text format."""
    from prometheus_client import CollectorRegistry, generate_latest, multiprocess

    note_own()
    if not os.environ.get(FOLDER):
        return generate_latest(_counted().registry) + generate_latest(_looked_up())
    merged = CollectorRegistry()
    multiprocess.MultiProcessCollector(merged)  # type: ignore[no-untyped-call]
    return generate_latest(merged) + generate_latest(_looked_up())


class _Counted:
    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry = registry = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Any:
            return Counter(f"parlor_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, buckets: tuple[float, ...]) -> Any:
            return Histogram(f"parlor_{name}", text, buckets=buckets, registry=registry)

        self.requests = counter("requests", "Requests answered.", "view", "method", "status")
        self.request_seconds = histogram("request_seconds", "Until the answer began.", QUICK)
        self.replies = counter("replies", "Replies that have ended.", "state", "code")
        self.reply_seconds = histogram("reply_seconds", "Until a reply has ended.", WHOLE)
        self.first_word = histogram("first_word_seconds", "Until its first word.", FIRST)
        self.calls = counter("calls", "Calls of the AI service.", "purpose", "model", "outcome")
        self.tokens = counter("tokens", "Tokens of them.", "purpose", "model", "kind")
        self.cost = counter("cost", "What they cost, by the price tables.", "purpose", "model")
        self.gauges = {
            name: Gauge(name, text, labels, registry=registry, multiprocess_mode="livesum")
            for name, text, labels, _read in _own.values()
        }


@cache
def _counted() -> _Counted:
    return _Counted()


def _looked_up() -> "CollectorRegistry":
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import GaugeMetricFamily
    from prometheus_client.registry import Collector

    class Looking(Collector):
        def collect(self) -> Iterator[GaugeMetricFamily]:
            for name, text, labels, read in _lookups.values():
                family = GaugeMetricFamily(name, text, labels=labels)
                for values, value in read():
                    family.add_metric(values, value)
                yield family

    registry = CollectorRegistry()
    registry.register(Looking())
    return registry


def _bounded(model: str) -> str:
    if model not in _models and len(_models) >= MOST_MODELS:
        return "other"
    _models.add(model)
    return model
