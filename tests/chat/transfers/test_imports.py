"""Bringing conversations along: files of Parlor, ChatGPT and Claude, and hostile ones."""

import io
import json
import uuid
import zipfile
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.chat.conversations.organize import tag
from apps.chat.models import Conversation, Message
from apps.chat.transfers.imports import json_splitter, reader
from apps.chat.transfers.imports import services as imports
from apps.chat.transfers.imports.values import Unreadable
from apps.chat.transfers.progress import TransferFailed
from apps.core.files.deletion import delete_with_files
from tests.chat.talk import Pieces, ended_transfer, newest
from tests.factories import make_attachment, make_conversation, make_message, make_reply
from tests.page import Page


@pytest.fixture(autouse=True)
def _media(media):
    pass


def upload(client, content, name="conversations.json"):
    if not isinstance(content, bytes):
        content = json.dumps(content).encode()
    return client.post("/chat/import/", {"file": SimpleUploadedFile(name, content)})


def bring(client, user, content, name="conversations.json"):
    """Import the file; return the ended transfer."""
    response = upload(client, content, name)
    assert response.status_code == 303, response.content.decode()
    return ended_transfer(user)


def page_of(client, transfer):
    return Page(client.get(f"/chat/transfers/{transfer.pk}/")).text


def archive(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return buffer.getvalue()


def export(client, conversation):
    return Pieces(client.get(f"/chat/{conversation.pk}/export/json/")).rest()


def shown(conversation):
    """Return the shown branch, as role and words."""
    found, message = [], conversation.tip
    while message:
        found.append((message.role, message.content))
        message = message.parent
    return found[::-1]


@pytest.fixture
def conversation(ada):
    """A tree of versions, with all that a row can say."""
    conversation = make_conversation(ada, "First?", title="Tides  &  «ebb» 中文")
    question = newest(conversation)
    make_reply(
        conversation,
        "A part\n\n```\n",
        model="old-model",
        state="error",
        error="cut",
        prompt_tokens=0,
        completion_tokens=7,
        tokens_estimated=True,
        finished_at=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        retry_at=datetime(2026, 1, 2, 3, 5, tzinfo=UTC),
    )
    conversation.tip = question
    make_reply(conversation, "Whole 👩‍👩‍👧", model="new", reasoning="Hmm", refused=True)
    make_message(conversation, "Second?")
    make_reply(conversation, "", state="stopped")
    conversation.tip = conversation.messages.get(content="Second?")
    conversation.draft = "Not sent  yet"
    conversation.named_by_person = conversation.is_pinned = conversation.is_archived = True
    conversation.model, conversation.temperature, conversation.max_tokens = "new", 0.25, 900
    conversation.system_prompt = "Speak of the sea.\nBriefly."
    conversation.save()
    tag(conversation, ["Sea", "ödland"])
    return conversation


def test_export_import_export_gives_the_same(ada_client, bob_client, bob, conversation):
    first = export(ada_client, conversation)
    transfer = bring(bob_client, bob, first.encode(), "Tides.json")
    assert transfer.state == "done"
    assert "1 conversation was imported." in page_of(bob_client, transfer)
    theirs = bob.conversations.get()
    assert export(bob_client, theirs) == first
    assert json.loads(first)["messages"][1]["prompt_tokens"] == 0
    assert Conversation.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", ["x"]),
        ("temperature", 7),
        ("temperature", -1),
        ("temperature", float("nan")),
        ("temperature", True),
        ("max_tokens", 0),
        ("max_tokens", 2**40),
        ("max_tokens", "9"),
        ("system_prompt", {"a": 1}),
        ("is_pinned", "yes"),
        ("tags", "sea"),
        ("tags", [1, None, "", " "]),
    ],
)
def test_a_setting_that_cannot_be_is_left_out(ada_client, ada, bob_client, bob, name, value):
    file = json.loads(export(ada_client, make_conversation(ada, "Hello?")))
    assert bring(bob_client, bob, {**file, name: value}).state == "done"
    theirs = json.loads(export(bob_client, bob.conversations.get()))
    assert name not in theirs


def test_tags_come_together_whatever_their_case(ada_client, ada, bob_client, bob):
    tag(make_conversation(bob), ["sea"])
    file = json.loads(export(ada_client, make_conversation(ada, "Hello?")))
    bring(bob_client, bob, {**file, "tags": ["Sea", "SEA", "ship"]})
    assert sorted(bob.tags.values_list("name", flat=True)) == ["sea", "ship"]


def test_everything_of_an_account_can_be_brought_to_another(ada_client, ada, bob_client, bob):
    for number in range(3):
        make_conversation(ada, f"Question {number}", f"Answer {number}", title=f"Title {number}")
    ada_client.post("/chat/export/")
    made = ended_transfer(ada)
    file = Pieces(ada_client.get(f"/chat/transfers/{made.pk}/file/")).rest_of_bytes()
    transfer = bring(bob_client, bob, file, "parlor.zip")
    assert "3 conversations were imported." in page_of(bob_client, transfer)
    theirs = bob.conversations.order_by("pk")
    for mine, brought in zip(ada.conversations.order_by("pk"), theirs, strict=True):
        assert export(ada_client, mine) == export(bob_client, brought)


def test_what_is_here_already_is_not_imported_again(ada_client, ada, conversation):
    file = export(ada_client, conversation).encode()
    transfer = bring(ada_client, ada, file)
    assert "1 was here already." in page_of(ada_client, transfer)
    conversation.delete()
    assert "1 conversation was imported." in page_of(ada_client, bring(ada_client, ada, file))
    assert "1 was here already." in page_of(ada_client, bring(ada_client, ada, file))
    assert ada.conversations.count() == 1


def node(name, parent, role="user", parts=("Words",), time=1.0, **message):
    content = {"content_type": "text", "parts": list(parts)}
    author = {"role": role}
    fields = {"author": author, "content": content, "create_time": time, **message}
    return {"id": name, "parent": parent, "children": [], "message": fields}


def chatgpt(*nodes, **fields):
    mapping = {each["id"]: each for each in nodes}
    return {"title": "From ChatGPT", "id": "c-1", "mapping": mapping, **fields}


def test_a_file_of_chatgpt(ada_client, ada):
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"}
    code = {"content_type": "code", "text": "search('tides')"}
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "S", "content": "Thinking"}]}
    cited = "The moon\ue200cite\ue202turn0search0\ue201."
    data = chatgpt(
        {"id": "root", "message": None, "parent": None, "children": ["s"]},
        node("s", "root", "system", [""]),
        node("q", "s", "user", [picture, "Why tides?"], 1_700_000_000.5),
        node("c", "q", "assistant", time=2, content=code, recipient="web"),
        node("t", "c", "tool", ["Found pages"], 3),
        node("h", "t", "assistant", time=3, content=thoughts),
        node("a2", "q", "assistant", ["Later version"], 1_700_000_900),
        node("a1", "h", "assistant", [cited], 1_700_000_100, metadata={"model_slug": "gpt-5"}),
        node("q2", "a1", "user", ["And?"], 1_700_000_200),
        current_node="q2",
        create_time=1_700_000_000,
        update_time=1_700_000_500,
    )
    other = chatgpt(node("q", None), id="c-2", title=None)
    transfer = bring(
        ada_client, ada, archive(**{"conversations.json": [data, other], "user.json": {}})
    )
    assert "2 conversations were imported." in page_of(ada_client, transfer)
    brought = ada.conversations.get(title="From ChatGPT")
    assert shown(brought) == [
        ("user", "[Picture]\n\nWhy tides?"),
        ("assistant", "The moon."),
        ("user", "And?"),
    ]
    reply = brought.tip.parent
    assert reply.model == "gpt-5"
    assert reply.reasoning == "```\nsearch('tides')\n```\n\nFound pages\n\nS\n\nThinking"
    assert reply.timestamp == datetime.fromtimestamp(1_700_000_100, UTC)
    assert brought.updated_at == datetime.fromtimestamp(1_700_000_500, UTC)
    assert reply.parent.children.count() == 2
    assert ada.conversations.get(title="Words")
    again = bring(ada_client, ada, [data])
    assert "1 was here already." in page_of(ada_client, again)


def test_a_file_of_claude(ada_client, ada):
    data = {
        "uuid": "5b0f3f4e-0000-4000-8000-000000000001",
        "name": "From Claude",
        "created_at": "2025-05-05T10:00:00.123456Z",
        "updated_at": "2025-05-05T11:00:00Z",
        "chat_messages": [
            {
                "uuid": "m1",
                "text": "old form",
                "content": [{"type": "text", "text": "Read this"}],
                "sender": "human",
                "created_at": "2025-05-05T10:00:01Z",
                "attachments": [{"file_name": "a.txt", "extracted_content": "Its text"}],
                "files": [{"file_name": "b.png"}],
            },
            {
                "uuid": "m2",
                "parent_message_uuid": "m1",
                "content": [
                    {"type": "thinking", "thinking": "Hmm"},
                    {"type": "tool_use", "name": "x", "input": {}},
                    {"type": "text", "text": "I have read it."},
                ],
                "sender": "assistant",
                "created_at": "2025-05-05T10:00:09Z",
            },
            {"uuid": "m3", "text": "Thanks", "sender": "human", "created_at": None},
            {"uuid": "m4", "parent_message_uuid": "m1", "text": "Again", "sender": "assistant"},
        ],
    }
    bring(ada_client, ada, archive(**{"conversations.json": [data], "projects.json": []}))
    brought = ada.conversations.get(title="From Claude")
    assert brought.created_at.isoformat() == "2025-05-05T10:00:00.123456+00:00"
    assert shown(brought) == [
        ("user", "Read this\n\n[File: a.txt]\n\nIts text\n\n[File: b.png]"),
        ("assistant", "Again"),
    ]
    assert brought.messages.get(content="I have read it.").reasoning == "Hmm"
    thanks = brought.messages.get(content="Thanks")
    assert thanks.parent.content == "I have read it."
    assert thanks.timestamp == thanks.parent.timestamp


def test_an_imported_conversation_goes_on(ada_client, ada, demo):
    from tests.chat.talk import answered

    bring(ada_client, ada, [chatgpt(node("q", None), node("a", "q", "assistant", ["Reply"]))])
    conversation = ada.conversations.get()
    reply = answered(ada_client, "And on?", conversation)
    assert reply.state == "done"
    sent = [each["content"] for each in demo.requests[-1]["body"]["messages"]]
    assert sent == ["Words", "Reply", "And on?"]


def parlor(**fields):
    message = {
        "parent": None,
        "role": "user",
        "content": "Good",
        "timestamp": "2026-01-01T00:00:00Z",
    }
    data = {"format": "parlor-conversation", "version": 1, "id": str(uuid.uuid4())}
    return {**data, "title": "A title", "messages": [message], "tip": 0, **fields}


def message(parent=None, **fields):
    return {"parent": parent, "role": "user", "content": "Words", **fields}


def test_odd_parts_are_left_out_and_named(ada_client, ada):
    good = parlor(title="Good one")
    odd = parlor(
        title="Odd one",
        messages=[
            message(content="Kept"),
            message(5, content="Before its parent"),
            message(1, content="After what was left out"),
            message(0, role="system"),
            message(0, role=["list"]),
            message(True),
            message(-1),
            message(10**30),
            "no message",
            message(0, content="Kept, too", role="assistant", state="running", error="<b>"),
        ],
        tip=99,
    )
    parts = [
        good,
        7,
        "text",
        None,
        {"a": 1},
        parlor(version=2),
        parlor(id="x"),
        odd,
        parlor(messages=[]),
    ]
    transfer = bring(ada_client, ada, parts)
    page = page_of(ada_client, transfer)
    assert "2 conversations were imported." in page
    assert "Odd one: 8 messages could not be read and were left out." in page
    assert "It is no conversation in a form that Parlor knows." in page
    assert "It was made by a newer Parlor." in page
    assert "A title: It has no messages." in page
    brought = ada.conversations.get(title="Odd one")
    assert shown(brought) == [("user", "Kept"), ("assistant", "Kept, too")]
    assert brought.tip.state == "interrupted"
    assert brought.tip.error == ""


def test_a_tree_that_goes_in_a_circle_ends(ada_client, ada):
    nodes = [node("a", "b"), node("b", "a"), node("c", "c"), node("q", "gone", parts=["Good"])]
    transfer = bring(ada_client, ada, [chatgpt(*nodes, current_node="a")])
    assert "3 messages could not be read" in page_of(ada_client, transfer)
    assert shown(ada.conversations.get()) == [("user", "Good")]


@pytest.mark.row("O-040", "O-042")
def test_text_that_no_database_holds_is_cleaned(ada_client, ada):
    """In every field."""
    dirty = r'"a\u0000b\ud800c\ud83d\ude00\r\nd\u001be"'
    text = json.dumps(parlor(title="T", messages=[message(content="X", timestamp="T")], draft="X"))
    bring(ada_client, ada, text.replace('"X"', dirty).replace('"T"', dirty).encode())
    brought = ada.conversations.get()
    assert brought.tip.content == "ab\ufffdc😀\nde"
    assert brought.draft == brought.tip.content
    assert brought.title == "ab\ufffdc😀 de"


def test_numbers_and_times_that_no_database_holds_are_left_out(ada_client, ada):
    reply = message(
        0,
        role="assistant",
        prompt_tokens=10**18,
        completion_tokens=-1,
        finished_at=1e300,
        retry_at="0001-01-01T00:00:00+23:59",
        model="m" * 1000,
        timestamp=float("nan"),
    )
    data = parlor(
        messages=[message(timestamp=10**30), reply], created_at="9999-99-99", title="t" * 999, tip=1
    )
    bring(ada_client, ada, [data])
    brought = ada.conversations.get()
    assert len(brought.title) == 200
    row = brought.tip
    assert (row.prompt_tokens, row.completion_tokens, row.finished_at) == (None, None, None)
    assert len(row.model) == 200


DAMAGED = bytearray(archive(**{"conversations.json": [{"a": "words" * 50}]}))
DAMAGED[60] ^= 255

BAD_FILES = {
    "no JSON": (b"Hello", "The file is neither JSON nor a ZIP file."),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "The file is neither JSON nor a ZIP file."),
    "half of it": (b'[{"title": "a', "The file ends in the middle."),
    "no conversation": (b"[]", "There is no conversation in this file."),
    "half a ZIP": (archive(**{"conversations.json": [{}]})[:-30], "The ZIP file is damaged"),
    "no ZIP": (b"PK\x03\x04" + bytes(1000), "The ZIP file is damaged"),
    "another ZIP": (archive(**{"a.txt": b"Hi"}), "There is no conversation in this file."),
    "a wrong sum": (bytes(DAMAGED), "The ZIP file is damaged"),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_file_that_is_none_is_refused_in_words(ada_client, ada, what):
    content, sentence = BAD_FILES[what]
    transfer = bring(ada_client, ada, content, "../../etc/<b>.zip")
    assert transfer.state == "failed"
    page = page_of(ada_client, transfer)
    assert sentence in page
    assert not ada.conversations.exists()


def test_what_came_before_the_damage_is_kept(ada_client, ada):
    text = json.dumps([parlor(title="Whole"), parlor(title="Cut")])
    transfer = bring(ada_client, ada, text[:-60].encode())
    page = page_of(ada_client, transfer)
    assert "1 conversation was imported." in page
    assert "The file ends in the middle." in page
    assert ada.conversations.get().title == "Whole"


def test_what_is_too_deep_or_too_large_harms_no_other(ada_client, ada, monkeypatch):
    monkeypatch.setattr(json_splitter, "LONGEST", 5_000)
    monkeypatch.setattr(json_splitter, "MOST_PARTS", 500)
    good = json.dumps(parlor(title="Good"))
    deep = '{"mapping": ' + '{"a": ' * 450 + "1" + "}" * 450 + "}"
    wide = '{"mapping": [' + "[]," * 600 + "1]}"
    large = json.dumps(parlor(draft="x" * 6_000))
    number = '{"mapping": ' + "9" * 4_900 + "}"
    for each in (deep, wide, large, number):
        bring(ada_client, ada, f"[{each}, {good}]".encode())
        assert ada.conversations.get().title == "Good"
        ada.conversations.all().delete()
    monkeypatch.setattr(json_splitter, "LONGEST", 10**9)
    monkeypatch.setattr(json_splitter, "MOST_PARTS", 10**9)
    abyss = "[" * 100_000 + "]" * 100_000
    transfer = bring(ada_client, ada, f'[{{"mapping": {abyss}}}, {good}]'.encode())
    assert "It cannot be read, or is too large." in page_of(ada_client, transfer)
    assert ada.conversations.get().title == "Good"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(ada_client, ada, settings):
    settings.IMPORT_MAX_UNPACKED_BYTES = 1_000_000
    bomb = archive(**{"conversations.json": b"[" + b" " * 2_000_000 + b"]"})
    assert len(bomb) < 5_000
    transfer = bring(ada_client, ada, bomb)
    assert "Unpacked, the file is larger than this server takes." in page_of(ada_client, transfer)


def test_a_zip_file_with_a_huge_list_of_files_is_refused(ada_client, ada, monkeypatch):
    monkeypatch.setattr(reader, "LARGEST_LISTING", 1_000)
    many = archive(**{f"{number}.txt": b"" for number in range(100)})
    assert bring(ada_client, ada, many).error == "unpacked_too_large"


def test_a_file_that_is_too_large_is_refused_in_the_form(ada_client, ada, settings):
    settings.IMPORT_MAX_BYTES = 1_000
    response = upload(ada_client, b"[" + b" " * 1_000)
    assert response.status_code == 422
    assert "The file is larger than 1000 bytes." in Page(response).alerts[0].replace("\xa0", " ")
    assert upload(ada_client, b"").status_code == 422
    assert ada_client.post("/chat/import/").status_code == 422
    assert not ada.transfers.exists()


def test_a_conversation_is_imported_whole_or_not(ada_client, ada, monkeypatch):
    def broken(conversation, read):
        if read.title == "Second":
            raise ZeroDivisionError
        original(conversation, read)

    original = imports._store_messages
    monkeypatch.setattr(imports, "_store_messages", broken)
    parts = [parlor(title="First"), parlor(title="Second"), parlor(title="Third")]
    transfer = bring(ada_client, ada, parts)
    assert (transfer.state, transfer.error) == ("failed", "broken")
    assert [each.title for each in ada.conversations.all()] == ["First"]
    monkeypatch.undo()
    assert "Try again" in page_of(ada_client, transfer)
    ada_client.post(f"/chat/transfers/{transfer.pk}/again/")
    page = page_of(ada_client, ended_transfer(ada))
    assert "2 conversations were imported." in page
    assert "1 was here already." in page


def test_the_file_is_removed_when_all_of_it_is_imported(ada_client, ada, media):
    bring(ada_client, ada, [parlor()])
    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_a_conversation_of_10_000_messages(ada_client, ada):
    messages = [message(n - 1 if n else None, content=f"Message {n}") for n in range(10_000)]
    transfer = bring(ada_client, ada, [parlor(messages=messages, tip=9_999)])
    assert transfer.state == "done"
    conversation = ada.conversations.get()
    assert conversation.messages.count() == 10_000
    assert conversation.tip.content == "Message 9999"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=3), children, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=60)
@given(st.lists(st.dictionaries(st.text(max_size=5), json_values, max_size=4)), st.integers(1, 40))
def test_any_cut_of_a_file_gives_the_same_parts(objects, size):
    text = json.dumps(objects, ensure_ascii=False, indent=1)
    splitter = json_splitter.Splitter()
    parts = []
    for start in range(0, len(text), size):
        parts += splitter.feed(text[start : start + size])
    splitter.finish()
    assert [json.dumps(json.loads(part)) for part in parts] == [
        json.dumps(each) for each in objects
    ]


KEYS = "mapping message author role content parts parent chat_messages messages tip title state"
values = st.recursive(
    json_values | st.sampled_from(["user", "assistant", "tool", "text", "a", "b", 0, 1, 2]),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(st.sampled_from([*KEYS.split(), "a", "b"]), children, max_size=5)
    ),
    max_leaves=25,
)


@pytest.mark.parametrize(
    "base",
    [
        {"format": "parlor-conversation", "version": 1, "id": str(uuid.uuid4())},
        {"id": "1"},
        {"uuid": "1"},
    ],
    ids=["parlor", "chatgpt", "claude"],
)
@settings(max_examples=60)
@given(
    mapping=st.dictionaries(st.sampled_from(["a", "b", "c"]), values),
    items=st.lists(values),
    more=values,
)
def test_no_file_makes_the_reading_fail(base, mapping, items, more):
    data = {
        **base,
        "mapping": mapping,
        "chat_messages": items,
        "messages": items,
        "title": more,
        "tip": more,
        "create_time": more,
        "current_node": more,
    }
    if "uuid" in base:
        del data["mapping"]
    try:
        read = imports.read(data)
    except (Unreadable, TransferFailed):
        return
    for number, parent in enumerate(read.parents):
        assert parent is None or 0 <= parent < number
    for each in read.messages:
        assert isinstance(each, Message)
        each.content.encode()


def test_files_that_went_with_a_message_are_named(ada_client, ada, media):
    conversation = make_conversation(ada, "Look at this")
    make_attachment(newest(conversation), "photo.png")
    exported = Pieces(ada_client.get(f"/chat/{conversation.pk}/export/json/")).rest().encode()
    delete_with_files(ada.conversations.all())
    bring(ada_client, ada, exported)
    assert newest(ada.conversations.get()).content == "Look at this\n\n[file: photo.png]"
