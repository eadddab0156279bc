"""What Prometheus reads, and who else may."""

import re
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.chat.talk import answered, settled
from tests.live_server import ParlorServer

TOKEN = "a token for the tests"


@pytest.fixture
def token(settings):
    settings.METRICS_TOKEN = TOKEN
    return {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def figures(client, token):
    """Return a function that reads a figure: the sum of all with these labels."""

    def figure(name, **labels):
        text = client.get("/metrics/", headers=token).content.decode()
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    return figure


@pytest.mark.row("O-173")
@pytest.mark.threads("With workers they count in the workers' processes.")
def test_a_reply_is_in_all_figures_that_it_belongs_to(ada_client, demo, figures, settings):
    settings.CHAT_PRICES = ["parlor-demo=2/10"]
    names = {
        "parlor_replies_total": {"state": "error", "code": "cut"},
        "parlor_reply_seconds_count": {},
        "parlor_first_word_seconds_count": {},
        "parlor_calls_total": {"purpose": "reply", "model": "parlor-demo"},
        "parlor_tokens_total": {"kind": "prompt"},
        "parlor_cost_total": {"model": "parlor-demo"},
        "parlor_requests_total": {"view": "new_conversation", "method": "POST", "status": "303"},
        "parlor_request_seconds_count": {},
    }
    before = {name: figures(name, **labels) for name, labels in names.items()}
    demo.fault = "cut"
    answered(ada_client)
    settled()
    for name, labels in names.items():
        assert figures(name, **labels) > before[name], name
    assert figures("parlor_replies_total", state="error", code="cut") == (
        before["parlor_replies_total"] + 1
    )
    assert figures("parlor_database_up") == 1
    assert figures("parlor_database_seconds") > 0
    assert figures("parlor_replies_in_progress") == 0
    assert figures("parlor_open_streams") == 0


@pytest.mark.row("O-173")
@pytest.mark.any_engine
def test_the_figures_are_for_those_that_are_named(client, db, settings, token):
    assert client.get("/metrics/", headers=token).status_code == 200
    assert client.get("/metrics/").status_code == 403
    assert client.get("/metrics/", headers={"Authorization": "Bearer no"}).status_code == 403
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics/", headers=token).status_code == 404
    assert client.get("/metrics/", headers={"Authorization": "Bearer "}).status_code == 404
    settings.METRICS_ADDRESSES = ["10.0.0.0/8", "::1"]
    assert client.get("/metrics/", REMOTE_ADDR="10.1.2.3").status_code == 200
    assert client.get("/metrics/", REMOTE_ADDR="::1").status_code == 200
    assert client.get("/metrics/", REMOTE_ADDR="192.0.2.1").status_code == 403
    assert client.get("/metrics/", headers={"Authorization": "Bearer "}).status_code == 403


def test_a_proxy_that_may_read_does_not_read_for_others(client, db, settings):
    settings.METRICS_ADDRESSES = ["127.0.0.1"]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    through = client.get("/metrics/", headers={"X-Forwarded-For": "192.0.2.1"})
    assert through.status_code == 403


def test_processes_are_added_up(tmp_path):
    """Whichever process is asked."""
    with ParlorServer(tmp_path, WEB_CONCURRENCY=2, METRICS_ADDRESSES="127.0.0.1") as server:
        for _ in range(20):
            urllib.request.urlopen(f"{server.url}/healthz/").close()
        text = urllib.request.urlopen(f"{server.url}/metrics/").read().decode()
    (count,) = re.findall(r'^parlor_requests_total\{.*view="healthz".*\} (\S+)', text, re.M)
    assert float(count) >= 20
    assert re.search(r"^parlor_database_up 1", text, re.M)
