"""CHAT_ENGINE=celery: what web processes take in, workers write, on whichever machine."""

import re
import uuid
from contextlib import ExitStack

import pytest

from scripts.demo_openai.faults import FAULTS
from scripts.demo_openai.faults.acts import Fault
from tests.browser.speaker import FAULT, Speaker
from tests.chat.replies.test_processes import ServedStream, logged, ready
from tests.live_server import ParlorServer, read_rest, read_until, wait_until
from tests.page import Page
from tests.redis_server import RedisServer
from tests.worker import Worker

pytestmark = pytest.mark.any_engine  # It starts workers of its own.

SETTINGS = {
    "CHAT_ENGINE": "celery",
    "CHAT_DRAIN_SECONDS": 0.5,
    "CHAT_MESSAGES_PER_MINUTE": 1000,
    "CHAT_REPLIES_AT_ONCE": 0,
    "CHAT_TITLE_MODEL": "parlor-demo",
}


class Site:
    """A server that writes nothing itself, the Redis that it hands replies to, and workers."""

    def __init__(self, stack, folder):
        self.redis = stack.enter_context(RedisServer())
        settings = SETTINGS | {"REDIS_URL": self.redis.url}
        self.server = stack.enter_context(ParlorServer(folder, pace=0.02, **settings))
        self.workers = []
        self.person = self.server.person()
        stack.callback(self.kill_workers)

    def work(self, queue="replies", threads=4):
        log = self.server.folder / f"worker-{len(self.workers)}.log"
        worker = Worker(self.server, log, queue, "--concurrency", str(threads))
        self.workers.append(worker)
        return worker

    def kill_workers(self):
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.kill()

    def ask(self, text="Hello", person=None):
        """Return the page that stays open and the id of the reply."""
        growing = (person or self.person).ask(text)
        return growing, self.query("SELECT MAX(id) FROM chat_message WHERE role = 'assistant'")

    def query(self, sql, *parameters):
        return self.server.query(sql, *parameters)[0][0]

    def state(self, reply):
        return self.query("SELECT state FROM chat_message WHERE id = ?", reply)

    def text(self, reply):
        return self.query("SELECT content FROM chat_message WHERE id = ?", reply)

    def end_lease(self, reply):
        """Let the time pass that the others wait for who does not stir any more."""
        sql = "UPDATE chat_message SET lease_until = '2000-01-01 00:00:00' WHERE id = ?"
        self.server.query(sql, reply)

    def ended(self, reply):
        wait_until(lambda: self.state(reply) == "done", describe=self.describe)
        return self.text(reply)

    def describe(self):
        sql = "SELECT id, state, error, attempts, lease_until, content FROM chat_message"
        logs = "".join(each.log.read_text() for each in self.workers) + logged(self.server)
        return f"{self.server.query(sql)}\n{logs}"


@pytest.fixture
def site(tmp_path):
    with ExitStack() as stack:
        yield Site(stack, tmp_path)


@pytest.fixture
def speaker(site, monkeypatch):
    """The test speaks for the model."""
    speaker = Speaker(site.server.demo)
    fault = Fault("says what a test says", speaker.answer)
    monkeypatch.setitem(FAULTS, FAULT, fault)
    speaker.demo.fault = FAULT
    yield speaker
    speaker.demo.fault = None


def test_a_worker_writes_and_the_web_shows_it_as_it_is_written(site, speaker):
    assert '"workers": "none"' in site.person.get("/readyz/")
    site.work()
    wait_until(lambda: '"workers": "ok"' in site.person.get("/readyz/"))
    growing, reply = site.ask()
    stream = ServedStream(site, site.server, reply)
    speaker.say("First words, ")
    stream.until_shown("First words,")
    page = read_until(growing, "First words,")
    speaker.end("and the end.")
    assert stream.to_the_end().shown == "First words, and the end."
    assert Page(page + read_rest(growing)).messages[-1].state == "done"
    assert site.ended(reply) == "First words, and the end."


@pytest.mark.row("O-118")
def test_the_reply_of_a_worker_that_dies_is_begun_afresh(site, speaker):
    """By another, once, in the sight of whoever follows it, with scripts and without."""
    first = site.work()
    growing, reply = site.ask()
    stream = ServedStream(site, site.server, reply)
    speaker.say("Old words, ")
    stream.until_shown("Old words,")
    page = read_until(growing, "Old words,")
    wait_until(lambda: site.text(reply))
    site.work()
    first.kill()
    speaker.wait_for_hang_up()
    site.end_lease(reply)
    speaker.say("New words, ")

    assert stream.to_the_end().is_done  # So htmx fetches the message,
    html = site.person.get(f"/chat/messages/{reply}/", HX_Request="true")
    address = re.search(r'hx-sse:connect="([^"]*)"', html)[1]
    assert "attempt=2" in address  # which goes on with the other text.
    again = ServedStream(site, site.server, reply, attempt=2).until_shown("New words,")
    late = ServedStream(site, site.server, reply, last_event_id=5, attempt=1)
    assert not late.to_the_end().position  # A page of the old text learns that it is over.
    page += read_until(growing, "New words,")

    speaker.end("and the end.")
    assert again.to_the_end().shown == "New words, and the end."
    assert site.ended(reply) == "New words, and the end."
    growing_articles = Page(page + read_rest(growing)).messages
    assert [each.shown for each in growing_articles[-3:]] == [
        "Old words,",
        "New words, and the end.",
        "New words, and the end.",
    ]  # Style sheets hide all but the last.
    rows = "SELECT COUNT(*) FROM chat_message WHERE role = 'assistant' AND attempts = 2"
    assert site.query(rows) == 1
    calls = "SELECT COUNT(*) FROM chat_usagerecord WHERE outcome IN ('restarted', 'done')"
    assert site.query(calls) == 2  # Each costs.


@pytest.mark.row("O-073", "O-118")
def test_a_reply_that_dies_twice_is_left_to_the_person(site, speaker):
    """It may be the reply that kills them."""
    growing, reply = site.ask()
    for attempt in 1, 2:
        worker = site.work()
        speaker.say(f"Words {attempt}")
        wait_until(lambda words=f"Words {attempt}": site.text(reply) == words)
        worker.kill()
        speaker.wait_for_hang_up()
        site.end_lease(reply)
    wait_until(lambda: site.state(reply) == "interrupted", describe=site.describe)
    assert site.text(reply) == "Words 2"
    growing.close()


@pytest.mark.row("O-074")
def test_a_worker_that_is_told_to_stop_hands_over_what_it_cannot_end(site, speaker):
    worker = site.work()
    growing, reply = site.ask()
    speaker.say("Old words")
    wait_until(lambda: site.text(reply) == "Old words")
    worker.terminate()
    speaker.wait_for_hang_up()
    assert (site.state(reply), site.text(reply)) == ("queued", "")
    site.work()
    speaker.end("New words")
    assert site.ended(reply) == "New words"
    growing.close()


@pytest.mark.row("O-116", "O-119")
def test_a_message_waits_for_a_broker_that_is_down(site):
    """With SQLite and without a worker, too; the server has started without it."""
    site.redis.stop()
    site.server.kill()
    site.server.start()
    assert ready(site.server) == (200, "unreachable")
    growing, reply = site.ask("Is anybody there?")
    assert site.state(reply) == "queued"
    site.work()
    site.redis.start()
    assert site.ended(reply)
    growing.close()


def test_what_a_broker_has_lost_is_handed_out_again(site):
    growing, reply = site.ask()
    assert site.redis.ask("FLUSHALL") == b"+OK\r\n"
    site.end_lease(reply)
    site.work()
    assert site.ended(reply)
    growing.close()


@pytest.mark.row("O-089", "O-090", "O-091")
def test_turns_are_fair_and_the_queue_has_an_end(site, speaker):
    """Whatever the number of processes."""
    site.work(threads=1)
    pages = [site.ask(f"Ada {n}") for n in range(3)]
    bob = site.server.person("bob")
    pages.append(site.ask("Bob", bob))
    replies = [reply for _, reply in pages]
    wait_until(lambda: site.state(replies[0]) == "running")
    assert [site.state(reply) for reply in replies[1:]] == ["queued"] * 3
    note = ServedStream(site, site.server, replies[2])
    note.until(lambda stream: "1 reply is ahead" in stream.html)
    note.close()
    site.work(threads=1)
    wait_until(lambda: site.state(replies[3]) == "running", describe=site.describe)
    assert site.state(replies[1]) == "queued"
    for page, _ in pages:
        page.close()


def test_exports_and_titles_are_made_by_workers(site):
    site.work()
    site.work(queue="transfers")
    site.ended(site.ask()[1])
    site.person.get("/users/profile/")
    site.person.post("/chat/export/")
    state = "SELECT MAX(state) FROM chat_transfer"
    wait_until(lambda: site.query(state) == "done", describe=site.describe)
    log = site.workers[1].log
    wait_until(lambda: "transfer 1 done" in log.read_text(), describe=site.describe)
    titles = "SELECT COUNT(*) FROM chat_usagerecord WHERE purpose = 'title'"
    wait_until(lambda: site.query(titles) == 1)


@pytest.mark.row("O-114", "O-115")
def test_a_worker_writes_on_while_its_broker_is_away(site, speaker):
    """The web reads its rows meanwhile; afterwards it takes work as before."""
    site.work()
    growing, reply = site.ask()
    stream = ServedStream(site, site.server, reply)
    speaker.say("Before, ")
    stream.until_shown("Before,")
    site.redis.stop()
    speaker.say("meanwhile ")
    stream.until_shown("meanwhile")
    site.redis.start()
    speaker.end("and after.")
    assert stream.to_the_end().shown == "Before, meanwhile and after."
    again, reply = site.ask()
    wait_until(lambda: site.state(reply) == "running", describe=site.describe)
    speaker.end("The next.")
    assert site.ended(reply) == "The next."
    for page in growing, again:
        page.close()


def test_pictures_are_made_by_workers(site):
    site.work()
    site.person.get("/gallery/")
    form = {"kind": "create", "words": "A lighthouse", "key": str(uuid.uuid4())}
    site.person.post("/gallery/", form)
    state = "SELECT MAX(state) FROM ghibli_converter_picture"
    wait_until(lambda: site.query(state) == "done", describe=site.describe)
    log = site.workers[0].log
    wait_until(lambda: "picture 1 done" in log.read_text(), describe=site.describe)
