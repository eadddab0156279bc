"""A reply is written in one process and shown by another: with Redis, without, and in between."""

import json
import re
import time
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from apps.chat.models import Message
from apps.chat.replies.streaming import redis_relay
from apps.chat.views import live
from scripts.demo_openai.faults import FAULTS
from scripts.demo_openai.faults.acts import Fault
from tests.browser.speaker import FAULT, Speaker
from tests.chat.talk import EventParser, Stream, ask
from tests.factories import make_conversation, make_reply
from tests.live_server import ParlorServer, Person, read_rest, read_until
from tests.page import Page, parse, visible_words
from tests.redis_server import LoadingRedis, RedisServer
from tests.waiting import PATIENCE, assert_quick, seconds_of, wait_until

MARKDOWN = (
    "Some *words*,\n\n- a list\n- with `code`\n\n```python\nprint(1)\n```\n\nand **more**.\n\n"
)
WITHOUT_REDIS = pytest.mark.threads("Workers get their work from Redis: see O-119.")
SETTINGS = {"CHAT_MESSAGES_PER_MINUTE": 1000, "CHAT_REPLIES_AT_ONCE": 0}


class Pair:
    """Two servers on one database; so what the first writes, another process shows."""

    def __init__(self, stack, folder, redis_url=""):
        for name in "writer", "reader":
            (folder / name).mkdir()
        settings = SETTINGS | {"REDIS_URL": redis_url}
        writer = ParlorServer(folder / "writer", pace=0.02, **settings)
        self.writer = stack.enter_context(writer)
        reader = ParlorServer(folder / "reader", beside=writer, **settings)
        self.reader = stack.enter_context(reader)
        self.person = self.writer.person()  # The cookies of one port are those of the other.

    def ask(self, text="Hello"):
        """Ask the writer; return the page that stays open and the id of the reply."""
        growing = self.person.ask(text)
        sql = "SELECT MAX(id) FROM chat_message WHERE role = 'assistant'"
        return growing, self.writer.query(sql)[0][0]

    def row(self, reply):
        sql = "SELECT state, content FROM chat_message WHERE id = ?"
        return self.writer.query(sql, reply)[0]

    def shown(self, reply):
        """Return what the page of the conversation shows of the reply."""
        sql = "SELECT conversation_id FROM chat_message WHERE id = ?"
        page = Page(self.person.get(f"/chat/{self.writer.query(sql, reply)[0][0]}/"))
        articles = {each.element.get("id"): each for each in page.messages}
        return articles[f"message-{reply}"].shown

    def stop(self, reply):
        """Press Stop in the process that shows the reply."""
        self.person.get("/chat/")
        self.person.post(f"{self.reader.url}/chat/messages/{reply}/stop/")


class ServedStream(Stream):
    """The events of a reply, from a server."""

    def __init__(self, pair, server, reply, last_event_id=None, attempt=None):
        headers = {"HX_Request": "true", "Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last_Event_ID"] = last_event_id
        path = f"{server.url}/chat/messages/{reply}/stream/"
        if attempt is not None:
            path += f"?attempt={attempt}"
        self.response = pair.person.open(path, **headers)
        self.events = []
        self.longest_silence = 0.0
        self._parser = EventParser()

    def read(self):
        started = time.monotonic()
        piece = self.response.read1(65536)
        self.longest_silence = max(self.longest_silence, time.monotonic() - started)
        self.events += self._parser.feed(piece)
        return bool(piece)

    def close(self):
        self.response.close()


@pytest.fixture(scope="module")
def redis():
    with RedisServer() as redis:
        yield redis


@pytest.fixture(scope="module")
def with_redis(redis, tmp_path_factory):
    with ExitStack() as stack:
        yield Pair(stack, tmp_path_factory.mktemp("redis"), redis.url)


@pytest.fixture(scope="module")
def without_redis(tmp_path_factory):
    with ExitStack() as stack:
        yield Pair(stack, tmp_path_factory.mktemp("rows"))


@pytest.fixture(params=["with_redis", pytest.param("without_redis", marks=WITHOUT_REDIS)])
def pair(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def speak(monkeypatch):
    """Return a function that lets the test speak for the model of a pair."""
    spoken = []

    def begin(pair):
        speaker = Speaker(pair.writer.demo)
        fault = Fault("says what a test says", speaker.answer)
        monkeypatch.setitem(FAULTS, FAULT, fault)
        speaker.demo.clear()
        speaker.demo.fault = FAULT
        spoken.append(speaker)
        return speaker

    yield begin
    for speaker in spoken:
        speaker.demo.fault = None


def logged(server):
    return server.log.read_text()


def ready(server):
    with urllib.request.urlopen(f"{server.url}/readyz/", timeout=PATIENCE) as response:
        return response.status, json.load(response).get("redis")


def wait_until_ready(pair):
    wait_until(lambda: ready(pair.reader) == ready(pair.writer) == (200, "ok"))


# Following.


def test_another_process_shows_the_same(pair, speak):
    speaker = speak(pair)
    growing, reply = pair.ask()
    here = ServedStream(pair, pair.writer, reply)
    there = ServedStream(pair, pair.reader, reply)
    speaker.say("First words,\n\n")
    there.until_shown("First words,")
    assert pair.row(reply)[0] == "running"
    speaker.say(MARKDOWN)
    there.until_shown("more")
    speaker.end("The end.")
    there.to_the_end()
    assert there.is_done
    assert there.shown == here.to_the_end().shown == pair.shown(reply)
    assert Page(read_rest(growing)).messages[-1].shown == there.shown


@pytest.mark.row("O-061")
def test_a_reader_may_change_the_process_at_every_word(pair, speak):
    """I9: by Last-Event-ID, nothing comes twice, and nothing is missing."""
    speaker = speak(pair)
    growing, reply = pair.ask()
    html, position = "", None
    for number, words in enumerate(re.findall(r"\S+\s+", MARKDOWN)):
        server = pair.reader if number % 2 else pair.writer
        stream = ServedStream(pair, server, reply, position)
        speaker.say(words)
        stream.until(lambda stream: stream.position)
        html, position = html + stream.html, stream.position
        stream.close()
    speaker.end("The end.")
    rest = ServedStream(pair, pair.reader, reply, position).to_the_end()
    growing.close()
    assert visible_words(parse(html + rest.html)) == pair.shown(reply)
    assert int(rest.position) == len(MARKDOWN + "The end.")


@pytest.mark.row("O-132")
def test_text_that_was_thought_is_taken_back_in_another_process(pair, speak):
    speaker = speak(pair)
    growing, reply = pair.ask()
    there = ServedStream(pair, pair.reader, reply)
    speaker.say("Let me think.\n")
    there.until_shown("Let me think.")
    speaker.say("</think>\n\nThe answer ")
    assert there.to_the_end().is_done  # The page asks for the message again.
    again = ServedStream(pair, pair.reader, reply, attempt=2).until_shown("The answer")
    speaker.end("is 42.")
    assert again.to_the_end().shown == pair.shown(reply) == "The answer is 42."
    assert Page(read_rest(growing)).messages[-1].shown == "The answer is 42."


def test_a_page_without_scripts_grows_in_another_process(pair, speak):
    speaker = speak(pair)
    growing, _ = pair.ask()
    page = pair.person.open(growing.url.replace(pair.writer.url, pair.reader.url))
    speaker.say("First words, ")
    html = read_until(page, "First words,")
    speaker.end("and the end.")
    html += read_rest(page)
    assert Page(html).messages[-1].shown == "First words, and the end."
    assert Page(html).messages[-1].state == "done"


@pytest.mark.row("O-038")
def test_what_is_waited_for_is_told_in_another_process(with_redis, monkeypatch):
    demo = with_redis.writer.demo
    monkeypatch.setattr(demo, "scale", 1)
    demo.fault = "reasoning"
    growing, reply = with_redis.ask()
    stream = ServedStream(with_redis, with_redis.reader, reply).until_shown("Thinking")
    with_redis.stop(reply)
    assert stream.to_the_end().is_done
    growing.close()


def test_a_row_tells_that_the_model_thinks(ada_client, ada, monkeypatch):
    monkeypatch.setattr(live, "NOTE_SECONDS", 0.1)
    conversation = make_conversation(ada, "Question")
    reply = make_reply(conversation, state="running", reasoning="Hm")
    stream = Stream(ada_client, reply).until_shown("Thinking")
    Message.objects.filter(pk=reply.pk).update(content="So.", state="done")
    assert stream.to_the_end().shown == "So."


def test_the_end_of_one_attempt_is_not_that_of_the_next(ada_client, ada):
    """The process that had to let the reply go says so late."""
    conversation = make_conversation(ada, "Question")
    reply = make_reply(conversation, "Some words", state="running", attempts=2)
    stream = Stream(ada_client, reply).until_shown("Some words")
    redis_relay._relay._answer(ended=reply.pk, attempt=1)
    Message.objects.filter(pk=reply.pk).update(content="Some words more", state="done")
    assert stream.to_the_end().shown == "Some words more"


# Stopping.


@pytest.mark.row("O-062")
def test_stop_in_another_process_keeps_every_word_that_arrived(with_redis, speak):
    """Also what no row has yet, if the other is as quick as one that is not overloaded."""

    def characters_lost():
        speaker = speak(with_redis)
        growing, reply = with_redis.ask()
        said = ""
        for words in "One ", "two ", "three ", "four.":
            speaker.say(words)
            read_until(growing, words)
            said += words
        with_redis.stop(reply)
        state, text = with_redis.row(reply)
        assert state == "stopped"
        assert said.startswith(text)
        speaker.wait_for_hang_up()
        assert "Stopped" in read_rest(growing)
        return len(said) - len(text)

    assert_quick(characters_lost, 1, times=3)


@WITHOUT_REDIS
@pytest.mark.row("O-062")
def test_stop_in_another_process_needs_no_redis(without_redis, speak):
    """Whoever writes looks at its rows every second."""
    speaker = speak(without_redis)
    growing, reply = without_redis.ask()
    speaker.say("One, two.")
    wait_until(lambda: without_redis.row(reply) == ("running", "One, two."))
    without_redis.stop(reply)
    assert without_redis.row(reply) == ("stopped", "One, two.")
    speaker.wait_for_hang_up()
    assert "Stopped" in read_rest(growing)


def test_stop_in_another_process_ends_what_waits_in_the_queue(ada_client, demo, new_pool):
    """The page that waits for it here must not wait for its turn."""
    new_pool(threads=1)
    demo.fault = "stall"
    first, second = ask(ada_client), ask(ada_client)
    stream = Stream(ada_client, second)
    Message.objects.filter(pk=second.pk).update(state="stopped")
    assert stream.to_the_end().is_done
    assert Message.objects.get(pk=first.pk).is_in_progress


# Redis goes away, and comes back.


@pytest.mark.row("O-114", "O-115")
def test_replies_go_on_without_redis_and_with_it_again(with_redis, redis):
    """Five replies, each followed in another process."""
    demo = with_redis.writer.demo
    demo.fault, demo.pace = None, 0.1
    pages, replies = zip(*[with_redis.ask("900 words, please") for _ in range(5)], strict=True)
    streams = [ServedStream(with_redis, with_redis.reader, reply) for reply in replies]
    for stream in streams:
        stream.until(lambda stream: stream.position)

    def longest_silence_without_redis():
        redis.stop()
        follow_for(streams, seconds=4)
        wait_until(lambda: ready(with_redis.reader) == (200, "unreachable"))
        redis.start()
        wait_until_ready(with_redis)
        return max(stream.longest_silence for stream in streams)

    assert_quick(longest_silence_without_redis, 2.5, times=3)
    demo.pace = 0.0
    for stream, reply in zip(streams, replies, strict=True):
        assert stream.to_the_end().is_done
        state, text = with_redis.row(reply)
        assert (state, int(stream.position)) == ("done", len(text))
        assert stream.shown == with_redis.shown(reply)
    for page in pages:
        page.close()


def follow_for(streams, seconds):
    """Read the streams in turn; one that is read late has not been silent."""
    deadline = time.monotonic() + seconds
    for stream in streams:
        stream.longest_silence = 0.0
    while time.monotonic() < deadline:
        for stream in streams:
            assert stream.read()


@pytest.mark.row("O-117")
def test_a_full_redis_is_like_none(with_redis, redis, speak):
    """It answers what it is asked, and takes nothing."""
    speaker = speak(with_redis)
    growing, reply = with_redis.ask()
    stream = ServedStream(with_redis, with_redis.reader, reply)
    speaker.say("Before, ")
    stream.until_shown("Before,")
    words = iter(["meanwhile", "again", "thrice"])

    def seconds_to_another_process():
        redis.fill_up()
        word = next(words)
        speaker.say(f"{word} ")
        seconds = seconds_of(lambda: stream.until_shown(word))
        redis.make_room()
        wait_until_ready(with_redis)
        return seconds

    assert_quick(seconds_to_another_process, 2.5, times=3)
    speaker.end("and after.")
    stream.to_the_end()
    assert stream.shown.startswith("Before, meanwhile ")
    assert stream.shown.endswith(" and after.")
    assert stream.shown == with_redis.shown(reply)
    growing.close()


@pytest.fixture(params=["down", "loading"])
def away(request):
    """The address of a Redis that is not there, or not yet."""
    if request.param == "down":
        yield RedisServer().url
    else:
        with LoadingRedis() as redis:
            yield redis.url


@WITHOUT_REDIS
@pytest.mark.row("O-116", "O-117")
def test_a_server_starts_and_works_without_its_redis(away, tmp_path, speak):
    """It says so in the log and to the balancer; pages and log-ins are as ever."""
    with ExitStack() as stack:
        pair = Pair(stack, tmp_path, away)
        assert "Redis is away" in logged(pair.writer)
        assert "Redis is away" in logged(pair.reader)
        assert ready(pair.writer) == ready(pair.reader) == (200, "unreachable")
        speaker = speak(pair)
        growing, reply = pair.ask()
        stream = ServedStream(pair, pair.reader, reply)
        speaker.say("First words, ")
        stream.until_shown("First words,")
        speaker.end("and the end.")
        assert stream.to_the_end().shown == "First words, and the end."
        growing.close()
        assert log_ins_until_refused(pair.writer, pair.reader) == 5
        assert "Traceback" not in logged(pair.writer) + logged(pair.reader)


# Limits, and what counts once.


def log_ins_until_refused(*servers, name="ada"):
    """Try wrong passwords, on the servers in turn; return how many were looked at."""
    stranger = Person(servers[0])
    for number in range(10):
        server = servers[number % len(servers)]
        page = f"{server.url}/users/login/"
        stranger.get(page)  # Both under one name, as behind a proxy.
        stranger.post(page, {"username": name, "password": "wrong"}, Host="127.0.0.1")
        if stranger.status == 429:
            return number
        assert stranger.status == 422
    return None


def test_log_ins_that_fail_are_counted_for_all_processes(with_redis):
    assert log_ins_until_refused(with_redis.writer, with_redis.reader) == 5


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    """One server of four processes, whichever answers, without Redis."""
    settings = SETTINGS | {"WEB_CONCURRENCY": 4, "CHAT_MESSAGES_PER_MINUTE": 5}
    with ParlorServer(tmp_path_factory.mktemp("four"), **settings) as server:
        yield server


@WITHOUT_REDIS
def test_log_ins_that_fail_are_counted_in_rows_where_there_is_no_redis(four):
    four.person("grace")
    assert log_ins_until_refused(four, name="grace") == 5


def post_at_once(person, forms):
    """Send all forms to the server at the same time; return how it answered."""
    person.get("/chat/new/")
    token = {"csrfmiddlewaretoken": person.field("csrfmiddlewaretoken")}

    def post(form):
        with person.open("/chat/new/", token | form, HX_Request="true") as response:
            return response.status

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(post, forms))


def test_the_limit_of_messages_holds_for_all_processes(four):
    forms = [{"message": f"Message {n}", "key": uuid.uuid4()} for n in range(12)]
    answers = post_at_once(four.person("henry"), forms)
    assert (answers.count(200), answers.count(429)) == (5, 7)


@pytest.mark.row("O-055")
def test_a_form_counts_once_whichever_process_gets_it(four):
    """I2"""
    form = {"message": "Only once", "key": uuid.uuid4()}
    assert set(post_at_once(four.person("ida"), [form] * 8)) == {200}
    sql = "SELECT COUNT(*) FROM chat_message WHERE content = 'Only once'"
    assert four.query(sql) == [(1,)]
