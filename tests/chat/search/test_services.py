"""What a person finds again by its words."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.chat.models import Conversation, Message
from apps.chat.search import services as search
from tests.chat.talk import HTMX, Stream, answered, ask, ended, press
from tests.factories import make_conversation, make_message, make_reply
from tests.live_server import wait_until
from tests.page import Page, words


class Found:
    """The results of a search, as the page shows them."""

    def __init__(self, client, query, **fields):
        self.response = client.get("/chat/search/", {"q": query, **fields})
        assert self.response.status_code == 200
        self.page = Page(self.response)
        self.main = self.page.named("found")
        self.links = {link.get("href"): words(link) for link in self.main.iter("a")}
        self.marks = [words(mark) for mark in self.main.iter("mark")]
        self.text = words(self.main)

    @property
    def is_empty(self):
        return not self.main.findall(".//li")


def test_a_message_is_found_by_its_words_and_linked(ada_client, ada):
    conversation = make_conversation(ada, "How do tides work?", "The moon pulls.", title="Sea")
    found = Found(ada_client, "tides")
    question = conversation.messages.first()
    assert found.links == {f"/chat/messages/{question.pk}/": "Sea"}
    assert found.marks == ["tides"]
    assert "How do tides work?" in found.text
    assert ada_client.get(f"/chat/messages/{question.pk}/").status_code == 302


def test_a_title_is_found(ada_client, ada):
    conversation = make_conversation(ada, title="Planning Lisbon")
    found = Found(ada_client, "lisbon")
    assert found.links == {f"/chat/{conversation.pk}/": "Planning Lisbon"}
    assert found.marks == ["Lisbon"]


def test_all_words_have_to_be_there_and_their_beginnings_do(ada_client, ada):
    make_conversation(ada, "Moon and tides", "Only the moon")
    assert Found(ada_client, "moo tide").marks == ["Moon", "tides"]
    assert len(Found(ada_client, "moon").links) == 2
    assert Found(ada_client, "oon").is_empty
    assert "Nothing was found for “moon landing”." in Found(ada_client, "moon landing").text


def test_quotation_marks_find_words_that_follow_each_other(ada_client, ada):
    make_conversation(ada, "the old red house", "a house, old and red")
    assert len(Found(ada_client, "old red").links) == 2
    assert Found(ada_client, '"old red"').marks == ["old red"]


@pytest.mark.parametrize(
    ("text", "query", "mark"),
    [
        ("Příliš žluťoučký kůň pěl", "zlutoucky kun", "žluťoučký"),
        ("Prilis zlutoucky kun", "Žluťoučký", "zlutoucky"),
        ("مرحبًا بالعالم، كيف الحال؟", "مرحبا", "مرحبًا"),
        ("آپ کیسے ہیں", "کیسے", "کیسے"),
        ("我们在北京学习人工智能。", "北京", "北京"),
        ("我们在北京学习人工智能。", "智能", "智能"),
        ("東京でラーメンを食べました", "ラーメン", "ラーメン"),
        ("한국어 문서를 검색합니다", "문서", "문서를"),
        ("ภาษาไทยไม่มีช่องว่าง", "ไทย", "ไทย"),
        ("हिन्दी में लिखा हुआ", "हिन्दी", "हिन्दी"),
        ("Привет, Мир", "мир", "Мир"),
        ("ΟΔΟΣ και οδός", "οδός", "ΟΔΟΣ"),
        ("Die Straße ist lang", "straße", "Straße"),
        ("Party 🎉 tonight", "🎉", "🎉"),
        ("see generation.py, line 3", "generation.py", "generation.py"),
        ("don't panic", "don't", "don't"),
        ("Ｆｕｌｌ width", "full", "Ｆｕｌｌ"),
    ],
)
def test_any_script_is_found(ada_client, ada, text, query, mark):
    make_conversation(ada, text)
    assert mark in Found(ada_client, query).marks


def test_characters_of_a_script_without_spaces_have_to_follow_each_other(ada_client, ada):
    make_conversation(ada, "京北")
    assert Found(ada_client, "北京").is_empty


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   \n\t ",
        '"',
        "\"\"\" ''' ``",
        "'; DROP TABLE chat_message; --",
        "moon AND OR NOT NEAR(",
        "moon* ^moon -moon +moon (moon {moon} [moon]",
        "a & | ! <-> :* \\",
        "content:moon words:moon",
        "%_%",
        "\x00moon\x00",
        "\ud800",
        "x" * 10_000,
        "moon " * 2_000,
        "北" * 10_000,
        "́̂̃",
        "<script>alert(1)</script>",
    ],
    ids=range(17),
)
def test_no_query_is_an_error(ada_client, ada, query):
    make_conversation(ada, "the moon and nothing else " + "北" * 300)
    query = query.encode("utf-8", "surrogatepass")
    for field in ("q", "before"):
        response = ada_client.get("/chat/search/", {"q": "moon", field: query})
        assert response.status_code == 200
        assert "<script>alert" not in response.content.decode()


def test_nobody_finds_what_belongs_to_others(ada_client, bob_client, ada, bob):
    make_conversation(ada, "moon of Ada", title="moon")
    make_conversation(bob, "nothing")
    assert Found(bob_client, "moon").is_empty
    assert Found(bob_client, f"{ada.pk}xmoon").is_empty
    assert len(Found(ada_client, "moon").links) == 2


def test_the_trash_is_not_searched_and_the_archive_is(ada_client, ada):
    conversation = make_conversation(ada, "moon", title="moon too", is_archived=True)
    assert len(Found(ada_client, "moon").links) == 2
    ada_client.post(f"/chat/{conversation.pk}/delete/")
    assert Found(ada_client, "moon").is_empty
    ada_client.post(f"/chat/{conversation.pk}/restore/")
    assert len(Found(ada_client, "moon").links) == 2


def test_what_is_deleted_for_good_leaves_no_words(ada_client, ada):
    conversation = make_conversation(ada, "moon", "sun", title="stars")
    conversation.delete()
    for kind in ("message", "conversation"):
        assert entries(kind, f"{ada.pk}x") == 0


def entries(kind, beginning):
    """Count the entries of the index, past all filters."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sql = f"SELECT count(*) FROM chat_{kind}_words WHERE words @@ %s::tsquery"
            cursor.execute(sql, [f"'{beginning}':*"])
        else:
            table = f"chat_{kind}_words"
            cursor.execute(
                f"SELECT count(*) FROM {table} WHERE {table} MATCH %s", [beginning + "*"]
            )
        return cursor.fetchone()[0]


def test_a_reply_is_found_when_it_has_ended(ada_client, ada, demo, monkeypatch):
    """And what is saved of it before does not cost an entry each second."""
    demo.fault = "stall"
    reply = ask(ada_client, "Hello")
    Stream(ada_client, reply).until_shown("parts.")
    wait_until(lambda: Message.objects.get(pk=reply.pk).content)
    assert Found(ada_client, "three parts").is_empty
    assert entries("message", f"{ada.pk}xthree") == 0
    press(ada_client, reply, "stop")
    assert ended(reply).content
    assert Found(ada_client, "three parts").marks == ["three", "parts"]


def test_a_reply_that_is_done_is_found_at_once(ada_client, demo):
    reply = answered(ada_client, "Hello")
    assert f"/chat/messages/{reply.pk}/" in Found(ada_client, "demo model").links


def test_a_text_that_changes_is_found_by_its_new_words(ada_client, ada):
    conversation = make_conversation(ada, "moon", title="first")
    conversation.messages.update(content="sun")
    Conversation.objects.update(title="second")
    assert Found(ada_client, "moon").is_empty
    assert Found(ada_client, "first").is_empty
    assert Found(ada_client, "sun").marks == ["sun"]
    assert Found(ada_client, "second").marks == ["second"]


def test_a_conversation_that_is_given_to_somebody_else_is_found_by_them(
    ada_client, bob_client, ada, bob
):
    make_conversation(ada, "moon", title="stars")
    Conversation.objects.update(user=bob)
    assert Found(ada_client, "moon").is_empty
    assert Found(bob_client, "moon").marks == ["moon"]
    assert Found(bob_client, "stars").marks == ["stars"]
    assert entries("message", f"{ada.pk}xmoon") == 0


def test_the_index_can_be_made_anew(ada_client, ada):
    make_conversation(ada, "moon", title="stars")
    call_command("index_messages")
    assert Found(ada_client, "moon").marks == ["moon"]
    assert Found(ada_client, "stars").marks == ["stars"]
    assert entries("message", f"{ada.pk}x") == 1


def test_the_index_outlives_migrations(ada_client, ada):
    """SQLite makes a table anew to change it; the triggers are put up again."""
    search.before_migrations("default", ["a migration"])
    search.after_migrations("default")
    make_conversation(ada, "moon")
    assert Found(ada_client, "moon").marks == ["moon"]


def test_the_newest_come_first_and_a_page_at_a_time(ada_client, ada):
    conversation = make_conversation(ada)
    numbers = [make_message(conversation, f"moon {number}").pk for number in range(45)]
    found, seen = Found(ada_client, "moon"), []
    while True:
        page = [href for href in found.links if "messages" in href]
        assert len(page) <= 20
        seen += page
        more = {text: href for href, text in found.links.items()}.get("Older")
        if not more:
            break
        found = Found(ada_client, "moon", before=more.rpartition("=")[2])
    assert seen == [f"/chat/messages/{pk}/" for pk in reversed(numbers)]
    assert "Newest" in found.links.values()


def test_an_excerpt_shows_the_place_and_no_signs_of_markdown(ada_client, ada):
    text = "word " * 500 + "## Here **the moon** rises `now`. " + "word " * 500
    make_reply(make_conversation(ada), text)
    found = Found(ada_client, "moon")
    assert "Here the moon rises now." in found.text
    assert len(found.text) < 400


def test_htmx_gets_only_what_was_found(ada_client, ada):
    make_conversation(ada, "moon")
    response = ada_client.get("/chat/search/", {"q": "moon"}, headers=HTMX)
    assert "<html" not in response.content.decode()
    assert "HX-Request" in response["Vary"]
    assert Page(response).named("found") is not None


def test_every_page_of_the_chat_has_the_search(ada_client, ada):
    conversation = make_conversation(ada, "moon")
    for path in ("/chat/", "/chat/new/", f"/chat/{conversation.pk}/", "/chat/search/?q=moon"):
        forms = Page(ada_client.get(path)).all("form[@role='search']")
        assert [form.get("action") for form in forms] == ["/chat/search/"]


def test_a_search_takes_the_same_queries_for_any_number(ada_client, ada):
    counts = []
    for _ in range(2):
        for number in range(12):
            make_conversation(ada, "moon", "moon", title=f"moon {number}")
        with CaptureQueriesContext(connection) as queries:
            Found(ada_client, "moon")
        counts.append(len(queries))
    assert counts[0] == counts[1]
